//! What is measured of a segment by itself: its text, its marks, the elements around it, their scores.

use std::cmp::Ordering;

use super::super::blocks::Segment;
use super::super::byline;
use super::super::credit;
use super::super::dates;
use super::super::tag::Tag;
use super::marks::Marks;
use super::page::Page;
use super::shingles::Shingles;
use super::{Row, flag, float, image_beside, log, ratio, weight};
use crate::article::BlockKind;

impl Page<'_> {
    /// What the layout tells of a segment alone.
    pub(super) fn outline(&self, at: usize) -> Row {
        let segment = &self.segments[at];
        let mut row = Row {
            words: log(weight(segment)),
            chars: log(float(segment.chars as usize)),
            link_density: ratio(segment.link_chars, segment.chars),
            links: log(float(segment.links as usize)),
            bold: ratio(segment.bold_chars, segment.chars),
            italic: ratio(segment.italic_chars, segment.chars),
            hidden: flag(segment.hidden),
            kind: kind_number(segment.kind),
            level: f32::from(segment.level.unwrap_or(0)),
            word_length: ratio(segment.chars, segment.words.max(1)),
            ..Row::default()
        };
        self.structure(segment, &mut row);
        self.scores(segment, &mut row);
        let count = float(self.segments.len());
        row.position = float(at) / count;
        row.page_segments = log(count);
        row.page_good = self.good;
        row.declared_article = flag(self.declared_article);
        if let Some(title_at) = self.title_at {
            row.after_title = match at.cmp(&title_at) {
                Ordering::Greater => 1.0,
                Ordering::Equal => 0.5,
                Ordering::Less => 0.0,
            };
            row.title_distance = log(float(at.abs_diff(title_at)));
        } else {
            (row.after_title, row.title_distance) = (-1.0, -1.0);
        }
        row
    }

    /// What its text says, and what is close around it.
    pub(super) fn detail(&self, at: usize, row: &mut Row) {
        let segment = &self.segments[at];
        let text = segment.text.as_str();
        row.ending = ending(text);
        let marks = Marks::count(text);
        (row.copyright, row.at_sign, row.quotes) = (flag(marks.copyright > 0), flag(marks.at > 0), flag(marks.quotes > 0));
        row.separators = float(marks.separators as usize);
        row.commas = ratio(marks.commas, segment.words.max(1));
        row.digits = ratio(marks.digits, segment.chars);
        row.upper = ratio(marks.upper, marks.letters);
        row.opens_bracket = flag(text.starts_with(['(', '[', '（', '【']));
        row.colon_end = flag(text.ends_with([':', '：']));
        row.ellipsis_end = flag(text.ends_with('…') || text.ends_with("..."));
        self.words(at, segment, row);
        self.marks(segment, row);
    }

    /// What the first words have in common with what the page declares.
    fn words(&self, at: usize, segment: &Segment, row: &mut Row) {
        let words = self.wording.words(at);
        if self.title.count > 0 {
            let common = self.title.common(words);
            row.title_overlap = float(common) / float(words.len().max(1));
            row.title_equal = float(common) / float((segment.words as usize).max(self.title.count).max(1));
        }
        let covered = |set: &Shingles, empty: f32| if set.is_empty() { empty } else { set.coverage(words) };
        row.description_cover = covered(&self.description, 0.0);
        row.body_cover = covered(&self.article_body, -1.0);
        row.repeats = float(segment.copies as usize).min(8.0);
        row.like_alt = flag(segment.words >= 2 && self.alternatives.find(&segment.text).is_some());
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
