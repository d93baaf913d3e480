//! What is measured of each segment: numbers for the block model.
//!
//! In: the tree, its segments with their words, and its declarations. Out: a row of [`COUNT`] numbers a segment, in
//! the order of [`NAMES`]. The measures are those of the literature: text and link density (Boilerpipe, CETR),
//! container scores (Readability), context windows (web2text), repeated templates.

mod around;
mod marks;
mod own;
mod page;
mod place;
mod shingles;

use std::sync::LazyLock;

use super::blocks::Segment;
use super::dom::Dom;
use super::layout::Layout;
use super::tag::Tag;
pub(crate) use around::{STACKED, around_body, image_beside};
pub(crate) use page::Page;
use page::Signatures;

macro_rules! features {
    (outline: $($first:ident),*; rest: $($name:ident),* $(,)?) => {
        /// Names of the features, in the order of a row; training reads them.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($first)),*, $(stringify!($name)),*];
        /// How many of them, the first of a row, the outline has: what the layout tells without a look at the text.
        pub(crate) const OUTLINE: usize = [$(stringify!($first)),*].len();
        #[derive(Debug, Clone, Default)]
        pub(crate) struct Row { $($first: f32),*, $($name: f32),* }
        impl Row {
            /// The measures of the outline.
            pub(crate) fn outline(&self) -> [f32; OUTLINE] { [$(self.$first),*] }
            /// All measures.
            pub(crate) fn numbers(&self) -> [f32; COUNT] { [$(self.$first),*, $(self.$name),*] }
        }
    };
}

/// Number of features a segment.
pub(crate) const COUNT: usize = NAMES.len();

features! {
    outline:
    words, chars, link_density, links, bold, italic, hidden, kind, level, word_length,
    is_p, is_li, is_div, is_td, is_figcaption, is_quote, parent_tag, in_nav, in_footer, in_header, in_aside, in_form, in_figure,
    in_list, in_table, in_article, in_main, in_button, in_link, depth, images_before, siblings, sibling_paragraphs, images_near,
    score_1, score_2, score_3, share_1, share_2, share_3, share_4, in_half, in_most, below_half, below_most, half_share,
    position, after_title, title_distance, page_segments, page_good, declared_article, good_before, good_gap_before, good_gap_after,
    links_2, links_5, links_12, words_2, words_5, good_5,
    previous_words, previous_links, previous_same, previous_heading, next_words, next_links, next_same, next_heading, images_next;
    rest:
    ending, commas, digits, upper, copyright, separators, at_sign, opens_bracket, quotes, colon_end, ellipsis_end,
    sig1_count, sig1_good, sig1_words, sig1_links, sig3_count, sig3_good, sig3_words, sig3_links,
    title_overlap, title_equal, description_cover, body_cover, repeats, like_alt,
    credit_mark, only_credit, by_word, has_date, image_beside, parent_words, bare_figure,
    controls_1, controls_2, controls_3, linked_1, linked_2, linked_3, linked_headings_2, linked_headings_3,
    title_up, title_down, title_article, first_headings, heading_gap,
    twin_level, twins, twin_words, twin_links, twin_images, twin_good,
}

/// Class words around a segment: of the inline elements and block around the text, its parent, its
/// grandparent, and everything further out.
pub(crate) const LEVELS: usize = 4;

/// The outline of the segments of the given numbers, which ascend: each with its number.
pub(crate) fn outline(page: &Page, of: Vec<usize>) -> Vec<(usize, Row)> {
    let mut rows: Vec<(usize, Row)> = of.into_iter().map(|at| (at, page.outline(at))).collect();
    page.context(&mut rows);
    rows
}

/// Measures all the rest of the segments of which the outline is given.
pub(crate) fn measure(page: &Page, rows: &mut [(usize, Row)]) {
    let signatures = Signatures::new(page);
    for (at, row) in &mut *rows {
        page.detail(*at, row);
        signatures.measure(*at, row);
    }
    page.places(rows);
}

/// Segments between a menu and the nearest running text.
const MENU_DISTANCE: usize = 2;
/// Words of a menu's entry.
const MAX_MENU_WORDS: u32 = 12;

/// The segments that may be of an article: not the entries of menus, which are links of a few words with nothing beside
/// them, no headings or paragraphs, outside the article's element and with no running text near. They are more than a
/// third of all segments of the pack, and one in two hundred of them is text. `train.py` leaves them out as well.
pub(crate) fn likely(dom: &Dom, segments: &[Segment], layout: &Layout) -> Vec<usize> {
    let mut near = vec![false; segments.len()];
    for (at, _) in segments.iter().enumerate().filter(|(_, s)| is_good(s)) {
        near[at.saturating_sub(MENU_DISTANCE)..(at + MENU_DISTANCE + 1).min(segments.len())].fill(true);
    }
    let is_entry = |s: &Segment| {
        s.link_chars >= s.chars && s.words <= MAX_MENU_WORDS && s.level.is_none() && dom.tag(s.container) != Tag::P && {
            let inside = layout.inside(s.container);
            !inside.article && !inside.main
        }
    };
    (0..segments.len()).filter(|&at| near[at] || !is_entry(&segments[at])).collect()
}

/// Whole numbers whose logarithm is at hand.
const LOGS: usize = 512;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is not the same number afterwards is not taken")]
fn log(n: f32) -> f32 {
    static TABLE: LazyLock<[f32; LOGS]> = LazyLock::new(|| std::array::from_fn(|n| (1.0 + float(n)).ln()));
    let n = n.max(0.0);
    match TABLE.get(n as usize) {
        Some(known) if float(n as usize).to_bits() == n.to_bits() => *known,
        _ => (1.0 + n).ln(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a page are small, and features are approximate")]
fn float(n: usize) -> f32 {
    n as f32
}

pub(super) fn ratio(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { float(part as usize) / float(whole as usize) }
}

fn flag(on: bool) -> f32 {
    f32::from(u8::from(on))
}

/// Words of a segment, with scripts that are written without spaces scaled to the words of others.
pub(crate) fn weight(segment: &Segment) -> f32 {
    let words = float(segment.words as usize);
    if segment.words > 0 && segment.chars / segment.words.max(1) < 2 { words * 0.6 } else { words }
}

/// Running text by length and link density alone.
pub(crate) fn is_good(segment: &Segment) -> bool {
    weight(segment) >= 10.0 && segment.link_chars * 3 < segment.chars
}
