//! What is measured of each segment: numbers for the block model, and class words.
//!
//! In: the tree, its segments and its declarations. Out: a row of [`COUNT`] numbers a segment, in the order of
//! [`NAMES`], and the class words around it. The measures are those of the literature: text and link density
//! (Boilerpipe, CETR), container scores (Readability), context windows (web2text), repeated templates.

use std::collections::HashMap;

use super::blocks::Segment;
use super::byline;
use super::credit;
use super::dates;
use super::dom::{Dom, NodeId};
use super::layout::Layout;
use super::metadata::Metadata;
use super::tag::Tag;
use crate::article::BlockKind;
use crate::text;

macro_rules! features {
    ($($name:ident),* $(,)?) => {
        /// Names of the features, in the order of a row; training reads them.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];
        #[derive(Debug, Clone, Default)]
        struct Row { $($name: f32),* }
        impl Row {
            fn into_array(self) -> [f32; COUNT] { [$(self.$name),*] }
        }
    };
}

/// Number of features a segment.
pub(crate) const COUNT: usize = NAMES.len();

features! {
    words, chars, link_density, links, bold, italic, ending, commas, digits, upper, hidden, kind, level, word_length,
    copyright, separators, at_sign, opens_bracket, quotes, colon_end, ellipsis_end,
    is_p, is_li, is_div, is_td, is_figcaption, is_quote, parent_tag, in_nav, in_footer, in_header, in_aside, in_form, in_figure,
    in_list, in_table, in_article, in_main, in_button, in_link, depth, siblings, sibling_paragraphs,
    score_1, score_2, score_3, share_1, share_2, share_3, share_4, in_half, in_most, below_half, below_most, half_share,
    sig1_count, sig1_good, sig1_words, sig1_links, sig3_count, sig3_good, sig3_words, sig3_links,
    position, after_title, title_distance, good_before, good_gap_before, good_gap_after,
    links_2, links_5, links_12, words_2, words_5, good_5,
    previous_words, previous_links, previous_same, previous_heading, next_words, next_links, next_same, next_heading,
    title_overlap, title_equal, description_cover, body_cover, repeats, images_before, images_near, images_next, like_alt, page_good, page_segments,
    credit_mark, only_credit, by_word, has_date, image_beside, parent_words, bare_figure,
}

/// Class words around a segment: of the inline elements and block around the text, its parent, its
/// grandparent, and everything further out.
pub(crate) const LEVELS: usize = 4;

/// The measures of a page.
#[derive(Debug)]
pub(crate) struct Features {
    /// A row a segment.
    pub(crate) rows: Vec<[f32; COUNT]>,
}

/// Measures every segment.
pub(crate) fn measure(dom: &Dom, segments: &[Segment], layout: &Layout, metadata: &Metadata) -> Features {
    let page = PageMeasures::new(dom, segments, layout, metadata);
    let mut rows: Vec<Row> = segments.iter().enumerate().map(|(at, segment)| page.own(at, segment)).collect();
    page.context(&mut rows);
    Features { rows: rows.into_iter().map(Row::into_array).collect() }
}

struct PageMeasures<'a> {
    dom: &'a Dom,
    segments: &'a [Segment],
    layout: &'a Layout,
    near: Vec<Signature>,
    far: Vec<Signature>,
    title: Vec<String>,
    title_at: Option<usize>,
    description: std::collections::HashSet<u64>,
    article_body: std::collections::HashSet<u64>,
    alternatives: std::collections::HashSet<u64>,
    repeats: HashMap<u64, u32>,
    page_good: f32,
}

/// What the segments of one template place have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Signature {
    count: f32,
    good: f32,
    words: f32,
    links: f32,
}

fn log(n: f32) -> f32 {
    (1.0 + n.max(0.0)).ln()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a page are small, and features are approximate")]
fn float(n: usize) -> f32 {
    n as f32
}

fn ratio(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { float(part as usize) / float(whole as usize) }
}

fn flag(on: bool) -> f32 {
    f32::from(u8::from(on))
}

fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// Hashes of the runs of four words of a text; of shorter texts, of the whole.
pub(crate) fn shingles(words: &[String]) -> impl Iterator<Item = u64> {
    let size = words.len().clamp(1, 4);
    words.windows(size).map(|w| hash(&w.join(" ")))
}

/// Share of a text's shingles that stand in the set.
pub(crate) fn coverage(words: &[String], set: &std::collections::HashSet<u64>) -> f32 {
    let (mut found, mut all) = (0, 0);
    for shingle in shingles(words) {
        all += 1;
        found += u32::from(set.contains(&shingle));
    }
    ratio(found, all)
}

impl<'a> PageMeasures<'a> {
    fn new(dom: &'a Dom, segments: &'a [Segment], layout: &'a Layout, metadata: &Metadata) -> Self {
        let signatures = |levels| signatures(dom, segments, layout, levels);
        let title = metadata.json_ld.article_text("headline").or_else(|| metadata.first(&["og:title", "twitter:title"]).map(str::to_owned));
        let title = text::words(&title.or_else(|| metadata.title.clone()).unwrap_or_default());
        let description = metadata.first(&["description", "og:description"]).map(text::words).unwrap_or_default();
        let article_body = metadata.json_ld.article_text("articleBody").map(|b| text::words(&b)).unwrap_or_default();
        let mut repeats = HashMap::new();
        for segment in segments {
            *repeats.entry(hash(&segment.text)).or_insert(0) += 1;
        }
        let alternatives =
            dom.elements(Tag::Img).filter_map(|id| dom.attr(id, "alt")).map(|alt| hash(&text::comparison_key(alt))).collect();
        let title_at = title_position(segments, &title);
        Self {
            dom,
            segments,
            layout,
            near: signatures(1),
            far: signatures(3),
            title,
            title_at,
            description: shingles(&description).collect(),
            article_body: if article_body.len() < 20 { std::collections::HashSet::new() } else { shingles(&article_body).collect() },
            alternatives,
            repeats,
            page_good: log(layout.total_good),
        }
    }

    /// What can be said of a segment alone.
    fn own(&self, at: usize, segment: &Segment) -> Row {
        let mut row = Row::default();
        self.text_measures(segment, &mut row);
        self.marks(segment, &mut row);
        self.structure(segment, &mut row);
        self.scores(segment, &mut row);
        let (near, far) = (self.near[at], self.far[at]);
        let total = self.layout.total_good.max(1.0);
        (row.sig1_count, row.sig1_good, row.sig1_words, row.sig1_links) =
            (log(near.count), near.good / total, log(near.words / near.count), near.links / near.count);
        (row.sig3_count, row.sig3_good, row.sig3_words, row.sig3_links) =
            (log(far.count), far.good / total, log(far.words / far.count), far.links / far.count);
        let count = float(self.segments.len());
        row.position = float(at) / count;
        row.page_segments = log(count);
        row.page_good = self.page_good;
        if let Some(title_at) = self.title_at {
            row.after_title = match at.cmp(&title_at) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
            row.title_distance = log(float(at.abs_diff(title_at)));
        } else {
            (row.after_title, row.title_distance) = (-1.0, -1.0);
        }
        row
    }

    fn text_measures(&self, segment: &Segment, row: &mut Row) {
        let text = segment.text.as_str();
        row.words = log(weight(segment));
        row.chars = log(float(segment.chars as usize));
        row.link_density = ratio(segment.link_chars, segment.chars);
        row.links = log(float(segment.links as usize));
        row.bold = ratio(segment.bold_chars, segment.chars);
        row.italic = ratio(segment.italic_chars, segment.chars);
        row.ending = ending(text);
        row.hidden = flag(segment.hidden);
        row.kind = kind_number(segment.kind);
        row.level = f32::from(segment.level.unwrap_or(0));
        row.word_length = ratio(segment.chars, segment.words.max(1));
        let (mut commas, mut digits, mut upper, mut letters) = (0, 0, 0, 0);
        for c in text.chars() {
            commas += u32::from(matches!(c, ',' | '，' | '、' | '،'));
            digits += u32::from(c.is_ascii_digit());
            upper += u32::from(c.is_uppercase());
            letters += u32::from(c.is_alphabetic());
            row.copyright = row.copyright.max(flag(c == '©'));
            row.at_sign = row.at_sign.max(flag(c == '@'));
            row.separators += flag(matches!(c, '|' | '/' | '›' | '»' | '·' | '•'));
            row.quotes = row.quotes.max(flag(matches!(c, '"' | '“' | '„' | '«' | '」' | '”')));
        }
        row.commas = ratio(commas, segment.words.max(1));
        row.digits = ratio(digits, segment.chars);
        row.upper = ratio(upper, letters);
        row.opens_bracket = flag(text.starts_with(['(', '[', '（', '【']));
        row.colon_end = flag(text.ends_with([':', '：']));
        row.ellipsis_end = flag(text.ends_with('…') || text.ends_with("..."));
        let words = text::words(text);
        if !self.title.is_empty() {
            let common = words.iter().filter(|w| self.title.contains(w)).count();
            row.title_overlap = float(common) / float(words.len().max(1));
            row.title_equal = float(common) / float(words.len().max(self.title.len()).max(1));
        }
        row.description_cover = coverage(&words, &self.description);
        row.body_cover = if self.article_body.is_empty() { -1.0 } else { coverage(&words, &self.article_body) };
        row.repeats = float(self.repeats.get(&hash(text)).map_or(1, |n| *n as usize)).min(8.0);
        row.like_alt = flag(segment.words >= 2 && self.alternatives.contains(&hash(&text::comparison_key(text))));
    }

    /// Marks of captions, credits, bylines and dates.
    fn marks(&self, segment: &Segment, row: &mut Row) {
        let text = segment.text.as_str();
        if segment.chars <= 800 {
            row.credit_mark = flag(credit::is_marked(text));
            row.only_credit = flag(credit::whole(text).is_some());
        }
        if segment.chars <= 120 {
            row.by_word = flag(byline::strip_by(text).is_some());
            row.has_date = flag(dates::parse(text).is_some());
        }
        row.image_beside = image_beside(self.dom, self.layout, segment.container);
        if let Some(parent) = self.dom.parent(segment.container) {
            row.parent_words = log(self.layout.nodes[parent as usize].words - weight(segment));
        }
        let inside = self.layout.inside(segment.container);
        row.bare_figure = flag(inside.figure && !inside.link && !inside.aside && !inside.nav);
    }

    fn structure(&self, segment: &Segment, row: &mut Row) {
        let container = segment.container;
        let tag = self.dom.tag(container);
        row.is_p = flag(tag == Tag::P);
        row.is_li = flag(tag == Tag::Li);
        row.is_div = flag(tag == Tag::Div);
        row.is_td = flag(matches!(tag, Tag::Td | Tag::Th | Tag::Tr));
        row.is_figcaption = flag(tag == Tag::Figcaption);
        row.is_quote = flag(tag == Tag::Blockquote);
        let inside = self.layout.inside(container);
        row.in_nav = flag(inside.nav);
        row.in_footer = flag(inside.footer);
        row.in_header = flag(inside.header);
        row.in_aside = flag(inside.aside);
        row.in_form = flag(inside.form);
        row.in_figure = flag(inside.figure);
        row.in_list = flag(inside.list);
        row.in_table = flag(inside.table);
        row.in_article = flag(inside.article);
        row.in_main = flag(inside.main);
        row.in_button = flag(inside.button);
        row.in_link = flag(inside.link);
        row.depth = float(usize::from(inside.depth));
        row.images_before = float(segment.images_before as usize).min(5.0);
        if let Some(parent) = self.dom.parent(container) {
            row.parent_tag = f32::from(self.dom.tag(parent) as u8);
            let table = &self.layout.nodes[parent as usize];
            row.siblings = log(float(table.children as usize));
            row.sibling_paragraphs = log(float(table.paragraphs as usize));
            row.images_near = float(self.layout.nodes[parent as usize].images as usize).min(5.0);
        }
    }

    /// Container scores in the manner of Readability, relative to the page's best.
    fn scores(&self, segment: &Segment, row: &mut Row) {
        let best = self.layout.best_score.max(1.0);
        let total = self.layout.total_good.max(1.0);
        let mut at = Some(segment.container);
        let mut share = [0.0; 4];
        let mut score = [0.0; 4];
        for level in 0..4 {
            at = at.and_then(|id| self.dom.parent(id));
            let Some(id) = at else { break };
            let node = &self.layout.nodes[id as usize];
            share[level] = node.good / total;
            score[level] = node.score / best;
        }
        [row.share_1, row.share_2, row.share_3, row.share_4] = share;
        [row.score_1, row.score_2, row.score_3, _] = score;
        let inside = self.layout.inside(segment.container);
        let below = |depth: u16| float(usize::from(inside.depth.saturating_sub(depth)));
        row.in_half = flag(inside.in_half);
        row.in_most = flag(inside.in_most);
        row.below_half = if inside.in_half { below(self.layout.half_depth) } else { -1.0 };
        row.below_most = if inside.in_most { below(self.layout.most_depth) } else { -1.0 };
        row.half_share = self.layout.nodes[self.layout.half as usize].good / total;
    }

    /// What the neighbours say.
    fn context(&self, rows: &mut [Row]) {
        let n = self.segments.len();
        let mut link = vec![0.0f64; n + 1];
        let mut chars = vec![0.0f64; n + 1];
        let mut words = vec![0.0f64; n + 1];
        let mut good = vec![0.0f64; n + 1];
        for (at, s) in self.segments.iter().enumerate() {
            link[at + 1] = link[at] + f64::from(s.link_chars);
            chars[at + 1] = chars[at] + f64::from(s.chars);
            words[at + 1] = words[at] + f64::from(weight(s));
            good[at + 1] = good[at] + if is_good(s) { f64::from(weight(s)) } else { 0.0 };
        }
        let window = |at: usize, reach: usize| (at.saturating_sub(reach), (at + reach + 1).min(n));
        #[expect(clippy::cast_possible_truncation, reason = "features are approximate")]
        let mean = |sums: &[f64], (from, to): (usize, usize), by: f64| ((sums[to] - sums[from]) / by.max(1.0)) as f32;
        let total = good[n];
        let mut last_good = None;
        for (at, row) in rows.iter_mut().enumerate() {
            let reach = [2, 5, 12].map(|r| window(at, r));
            [row.links_2, row.links_5, row.links_12] = reach.map(|w| mean(&link, w, chars[w.1] - chars[w.0]));
            row.words_2 = log(mean(&words, reach[0], float(reach[0].1 - reach[0].0).into()));
            row.words_5 = log(mean(&words, reach[1], float(reach[1].1 - reach[1].0).into()));
            row.good_5 = log(mean(&good, reach[1], 1.0));
            row.good_before = mean(&good, (0, at), total);
            row.good_gap_before = last_good.map_or(9.0, |g: usize| log(float(at - g)));
            if self.is_main_good(at) {
                last_good = Some(at);
            }
        }
        let mut next_good = None;
        for at in (0..n).rev() {
            rows[at].good_gap_after = next_good.map_or(9.0, |g: usize| log(float(g - at)));
            if self.is_main_good(at) {
                next_good = Some(at);
            }
        }
        for (at, row) in rows.iter_mut().enumerate() {
            if at > 0 {
                let other = &self.segments[at - 1];
                (row.previous_words, row.previous_links) = (log(weight(other)), ratio(other.link_chars, other.chars));
                row.previous_same = self.likeness(at, at - 1);
                row.previous_heading = flag(other.kind == BlockKind::Heading);
            }
            if let Some(other) = self.segments.get(at + 1) {
                (row.next_words, row.next_links) = (log(weight(other)), ratio(other.link_chars, other.chars));
                row.next_same = self.likeness(at, at + 1);
                row.next_heading = flag(other.kind == BlockKind::Heading);
                row.images_next = float(other.images_before as usize).min(5.0);
            }
        }
    }

    fn is_main_good(&self, at: usize) -> bool {
        is_good(&self.segments[at]) && self.layout.inside(self.segments[at].container).in_half
    }

    /// 2 for the same container, 1 for the same parent with the same tag.
    fn likeness(&self, a: usize, b: usize) -> f32 {
        let (a, b) = (self.segments[a].container, self.segments[b].container);
        if a == b { 2.0 } else { flag(self.dom.parent(a) == self.dom.parent(b) && self.dom.tag(a) == self.dom.tag(b)) }
    }
}

/// 3 for a picture in the element before or after the block, 2 one level up, 1 two levels up.
pub(crate) fn image_beside(dom: &Dom, layout: &Layout, container: NodeId) -> f32 {
    let mut at = container;
    for near in [3.0, 2.0, 1.0] {
        let previous = std::iter::successors(dom.previous_sibling(at), |&s| dom.previous_sibling(s)).find(|&s| dom.is_element(s));
        let next = std::iter::successors(dom.next_sibling(at), |&s| dom.next_sibling(s)).find(|&s| dom.is_element(s));
        let picture = |id: NodeId| layout.nodes[id as usize].images > 0 && layout.nodes[id as usize].words < 30.0;
        if previous.is_some_and(picture) || next.is_some_and(picture) {
            return near;
        }
        match dom.parent(at) {
            Some(parent) => at = parent,
            None => return 0.0,
        }
    }
    0.0
}

/// Number of [`around_body`]'s measures.
pub(crate) const STACKED: usize = 7;

/// What the body model's probabilities say around each segment: its own, the best of three before and after,
/// the mean of seventeen, the share of the body before it, and the distances to the body before and after.
/// `train.py` makes the same of out-of-fold probabilities.
pub(crate) fn around_body(body: &[f32]) -> Vec<[f32; STACKED]> {
    let n = body.len();
    let inside: Vec<usize> = (0..n).filter(|&i| body[i] > 0.5).collect();
    let best = |range: std::ops::Range<usize>| body[range].iter().copied().fold(0.0, f32::max);
    (0..n)
        .map(|i| {
            let window = &body[i.saturating_sub(8)..(i + 9).min(n)];
            let before = inside.partition_point(|&j| j < i);
            let after = inside.partition_point(|&j| j <= i);
            [
                body[i],
                best(i.saturating_sub(3)..i),
                best(i + 1..(i + 4).min(n)),
                window.iter().sum::<f32>() / float(window.len()),
                float(before) / float(inside.len().max(1)),
                if before > 0 { log(float(i - inside[before - 1])) } else { 9.0 },
                inside.get(after).map_or(9.0, |&j| log(float(j - i))),
            ]
        })
        .collect()
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

fn kind_number(kind: BlockKind) -> f32 {
    match kind {
        BlockKind::Paragraph => 0.0,
        BlockKind::Heading => 1.0,
        BlockKind::Quote => 2.0,
        BlockKind::ListItem => 3.0,
        BlockKind::Table => 4.0,
        BlockKind::Code => 5.0,
    }
}

/// 2 for the end of a sentence, 1 for other punctuation, 0 for none.
fn ending(text: &str) -> f32 {
    let mut end = text.trim_end_matches(['"', '”', '»', '\'', '’', ')', '」', '』', '）', '“']);
    if end.is_empty() {
        end = text;
    }
    match end.chars().next_back() {
        Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '։' | '۔') => 2.0,
        Some(c) if c.is_alphanumeric() => 0.0,
        _ => 1.0,
    }
}

/// Where the headline stands: the heading most like the title, else any short segment equal to it.
fn title_position(segments: &[Segment], title: &[String]) -> Option<usize> {
    if title.is_empty() {
        return segments.iter().position(|s| s.level == Some(1));
    }
    let mut best = (0.0f32, None);
    for (at, segment) in segments.iter().enumerate() {
        if segment.words > 60 {
            continue;
        }
        let words = text::words(&segment.text);
        let common = words.iter().filter(|w| title.contains(w)).count();
        let mut score = float(common) / float(words.len().max(title.len()).max(1));
        score += match segment.level {
            Some(1) => 0.3,
            Some(2) => 0.05,
            _ => 0.0,
        };
        if score > best.0 + 0.001 {
            best = (score, Some(at));
        }
    }
    if best.0 >= 0.5 { best.1 } else { None }
}

/// What the segments that share a path of `levels` elements have in common.
fn signatures(dom: &Dom, segments: &[Segment], layout: &Layout, levels: usize) -> Vec<Signature> {
    let keys: Vec<u64> = segments.iter().map(|s| path_key(dom, layout, s.container, levels)).collect();
    let mut table: HashMap<u64, Signature> = HashMap::new();
    for (key, segment) in keys.iter().zip(segments) {
        let entry = table.entry(*key).or_default();
        entry.count += 1.0;
        entry.words += weight(segment);
        entry.links += ratio(segment.link_chars, segment.chars);
        if is_good(segment) {
            entry.good += weight(segment);
        }
    }
    keys.iter().map(|key| table[key]).collect()
}

fn path_key(dom: &Dom, layout: &Layout, container: NodeId, levels: usize) -> u64 {
    let mut key = 0u64;
    let mut at = Some(container);
    for _ in 0..levels {
        let Some(id) = at else { break };
        key = key.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ layout.nodes[id as usize].signature;
        at = dom.parent(id);
    }
    key
}
