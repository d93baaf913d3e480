//! Tables beside the tree: what stands inside each element and what each element stands in.
//!
//! In: the tree and its segments. Out: a [`Layout`], one entry a node, filled in two passes over the page
//! (children before parents, then parents before children). Container scores follow Readability: a good
//! paragraph counts whole for its parent, half for its grandparent, a third for the one above.

use xxhash_rust::xxh3::xxh3_64;

use super::blocks::Segment;
use super::class_words::Memo;
use super::dom::{Dom, NodeId};
use super::features::{is_good, ratio, weight};
use super::names::known;
use super::tag::Tag;
use crate::text;

/// What is known of an element from the inside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inner {
    /// Words of good segments inside.
    pub(crate) good: f32,
    /// Words of all segments inside.
    pub(crate) words: f32,
    /// Words inside links.
    pub(crate) linked: f32,
    /// Headings inside that are links.
    pub(crate) linked_headings: u32,
    /// Fields and buttons of forms inside.
    pub(crate) controls: u32,
    /// Readability-like score.
    pub(crate) score: f32,
    /// Pictures inside.
    pub(crate) images: u32,
    /// Child elements.
    pub(crate) children: u32,
    /// Child paragraphs.
    pub(crate) paragraphs: u32,
}

/// What an element stands in.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the elements around a node")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Inside {
    pub(crate) depth: u16,
    pub(crate) nav: bool,
    pub(crate) footer: bool,
    pub(crate) header: bool,
    pub(crate) aside: bool,
    pub(crate) form: bool,
    pub(crate) figure: bool,
    pub(crate) list: bool,
    pub(crate) table: bool,
    pub(crate) article: bool,
    pub(crate) main: bool,
    pub(crate) button: bool,
    pub(crate) link: bool,
    /// Inside the deepest element that holds half of the good text.
    pub(crate) in_half: bool,
    /// Inside the deepest element that holds four fifths of it.
    pub(crate) in_most: bool,
}

/// The tables of a page.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) nodes: Vec<Inner>,
    class_hashes: Memo<u64>,
    around: Vec<Inside>,
    pub(crate) total_good: f32,
    pub(crate) best_score: f32,
    /// The deepest element with half of the good text, and its depth.
    pub(crate) half: NodeId,
    pub(crate) half_depth: u16,
    pub(crate) most_depth: u16,
}

impl Layout {
    pub(crate) fn new(dom: &Dom, segments: &[Segment]) -> Self {
        let mut nodes = vec![Inner::default(); dom.len()];
        for segment in segments {
            let node = &mut nodes[segment.container as usize];
            let linked = ratio(segment.link_chars, segment.chars);
            node.words += weight(segment);
            node.linked += weight(segment) * linked;
            node.linked_headings += u32::from(segment.level.is_some() && linked > 0.5);
        }
        for segment in segments.iter().filter(|s| is_good(s)) {
            nodes[segment.container as usize].good += weight(segment);
            add_scores(dom, &mut nodes, segment);
        }
        for &id in dom.all_elements().iter().rev() {
            if dom.tag(id) == Tag::Img {
                nodes[id as usize].images += 1;
            }
            if matches!(dom.tag(id), Tag::Input | Tag::Button | Tag::Select | Tag::Textarea) {
                nodes[id as usize].controls += 1;
            }
            let Inner { good, images, words, linked, linked_headings, controls, .. } = nodes[id as usize];
            if let Some(parent) = dom.parent(id) {
                let outer = &mut nodes[parent as usize];
                outer.good += good;
                outer.images += images;
                outer.words += words;
                outer.linked += linked;
                outer.linked_headings += linked_headings;
                outer.controls += controls;
                outer.children += 1;
                outer.paragraphs += u32::from(dom.tag(id) == Tag::P);
            }
        }
        let total_good = nodes[Dom::ROOT as usize].good;
        let best_score = nodes.iter().map(|n| n.score).fold(0.0, f32::max);
        let half = deepest(dom, &nodes, total_good * 0.5);
        let most = deepest(dom, &nodes, total_good * 0.8);
        let mut around = vec![Inside::default(); dom.len()];
        around[Dom::ROOT as usize] = Inside { depth: 1, in_half: half == Dom::ROOT, in_most: most == Dom::ROOT, ..Inside::default() };
        for &id in dom.all_elements() {
            let mut inside = dom.parent(id).map_or_else(Inside::default, |p| around[p as usize]);
            inside.depth = inside.depth.saturating_add(1);
            mark(&mut inside, dom.tag(id));
            inside.in_half |= id == half;
            inside.in_most |= id == most;
            around[id as usize] = inside;
        }
        let depth = |id: NodeId| around[id as usize].depth;
        Self { half_depth: depth(half), most_depth: depth(most), class_hashes: Memo::new(dom), nodes, around, total_good, best_score, half }
    }

    /// What an element stands in, itself included.
    pub(crate) fn inside(&self, id: NodeId) -> Inside {
        self.around[id as usize]
    }

    /// A hash of an element's tag and class, digits left out.
    pub(crate) fn signature(&self, dom: &Dom, id: NodeId) -> u64 {
        text::fold(self.class_hashes.get(dom, id, || class_hash(dom, id)), dom.tag(id) as u64)
    }
}

fn add_scores(dom: &Dom, nodes: &mut [Inner], segment: &Segment) {
    let text = segment.text.as_str();
    let mut commas = text.bytes().filter(|byte| *byte == b',').count();
    if !text.is_ascii() {
        let wide = |at: &usize| ["，", "、", "،"].iter().any(|comma| text.as_bytes()[*at..].starts_with(comma.as_bytes()));
        commas += memchr::memchr3_iter(0xef, 0xe3, 0xd8, text.as_bytes()).filter(wide).count();
    }
    let commas = commas.min(20);
    #[expect(clippy::cast_precision_loss, reason = "scores are approximate")]
    let score = 1.0 + commas as f32 + (segment.text.len() as f32 / 100.0).min(3.0);
    let mut at = segment.container;
    for divisor in [1.0, 2.0, 3.0] {
        let Some(parent) = dom.parent(at) else { return };
        nodes[parent as usize].score += score / divisor;
        at = parent;
    }
}

/// The deepest element that holds at least `least` good words.
fn deepest(dom: &Dom, nodes: &[Inner], least: f32) -> NodeId {
    let mut at = Dom::ROOT;
    loop {
        let mut child = dom.first_child(at);
        while let Some(id) = child {
            if nodes[id as usize].good >= least && least > 0.0 {
                break;
            }
            child = dom.next_sibling(id);
        }
        match child {
            Some(id) => at = id,
            None => return at,
        }
    }
}

fn mark(inside: &mut Inside, tag: Tag) {
    match tag {
        Tag::Nav => inside.nav = true,
        Tag::Footer => inside.footer = true,
        Tag::Header => inside.header = true,
        Tag::Aside => inside.aside = true,
        Tag::Form => inside.form = true,
        Tag::Figure => inside.figure = true,
        Tag::Ul | Tag::Ol | Tag::Menu => inside.list = true,
        Tag::Table => inside.table = true,
        Tag::Article => inside.article = true,
        Tag::Main => inside.main = true,
        Tag::Button => inside.button = true,
        Tag::A => inside.link = true,
        _ => {}
    }
}

/// Bytes of a class that are read for its element's signature.
const MAX_CLASS_BYTES: usize = 200;

fn class_hash(dom: &Dom, id: NodeId) -> u64 {
    let class = dom.attr(id, known::CLASS).unwrap_or_default().as_bytes();
    let class = &class[..class.len().min(MAX_CLASS_BYTES)];
    let (mut plain, mut length) = ([0; MAX_CLASS_BYTES], 0);
    for byte in class {
        plain[length] = *byte;
        length += usize::from(!byte.is_ascii_digit());
    }
    xxh3_64(&plain[..length])
}
