//! The page as a tree in one vector: html5ever's tree builder on an arena of our own, with `u32` ids.
//!
//! In: decoded text. Out: a [`Dom`] whose nodes are read by index, so that every later table (text
//! lengths, scores) is a plain vector beside it. Depth is capped at [`MAX_DEPTH`] as in browsers: deeper
//! tags are ignored and their text stays. Nothing here recurses, dropping included.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag as TagToken, TagKind, Token, TokenSink, TokenSinkResult, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, TokenizerResult, local_name, ns};

use super::shapes::{Shapes, Words};
use super::tag::Tag;
use super::tokenizer::{self, Tokenizer};

/// Open elements allowed at once; browsers cap at the same number.
pub(crate) const MAX_DEPTH: u32 = 512;
/// Elements and attributes that may be made beyond those of the page's tags: so many, and one more for so many bytes.
const SPARE_ELEMENTS: usize = 20_000;
const BYTES_A_SPARE_ELEMENT: usize = 2;
/// Elements and attributes of a page; tags behind them are ignored, their text stays.
const MAX_MADE: usize = 350_000;
/// Attributes that an element may have when those of a further `<html>` or `<body>` tag are added.
const MAX_MERGED: usize = 128;

/// Index of a node in its [`Dom`].
pub(crate) type NodeId = u32;
const NONE: u32 = u32::MAX;
/// Roughly what a page has of them.
const BYTES_A_NODE: usize = 40;
const BYTES_AN_ATTRIBUTE: usize = 100;
/// More attributes than that are reserved for no page.
const MAX_RESERVED: usize = 16_384;

/// A parsed page.
#[derive(Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
    /// The attributes of all elements, those of one beside each other.
    attributes: Vec<Attribute>,
    /// The nodes of the tree in page order, the document left out.
    order: Vec<NodeId>,
    /// The elements among them.
    elements: Vec<NodeId>,
    /// The words of its elements' shapes.
    words: Words,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    previous: u32,
    next: u32,
    first: u32,
    last: u32,
    /// Elements around it, the document counted as one.
    depth: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Element { tag: Tag, shape: u32, name: QualName, attributes: Span },
    Text(StrTendril),
    Other,
}

/// A part of [`Dom::attributes`].
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(self, attributes: &[Attribute]) -> &[Attribute] {
        &attributes[self.start as usize..self.end as usize]
    }
}

impl Dom {
    /// Parses a page.
    pub(crate) fn parse(html: &str) -> Self {
        let page = tokenizer::page(html.strip_prefix('\u{feff}').unwrap_or(html));
        let guard = Guard::new(html.len());
        let spare = guard.builder.sink.spare.clone();
        Tokenizer::new(&page, guard).with_lists(spare).run().builder.sink.finish()
    }

    /// The same with html5ever's tokenizer, for tests to compare with.
    pub(crate) fn parse_by_html5ever(html: &str) -> Self {
        let tokenizer = html5ever::tokenizer::Tokenizer::new(Guard::new(html.len()), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(html));
        // It stops at each script and at a <meta charset>: read on.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.end();
        tokenizer.sink.builder.sink.finish()
    }

    /// Number of nodes; ids are below it.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The document node.
    pub(crate) const ROOT: NodeId = 0;

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        link(self.nodes[id as usize].parent)
    }

    pub(crate) fn first_child(&self, id: NodeId) -> Option<NodeId> {
        link(self.nodes[id as usize].first)
    }

    pub(crate) fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        link(self.nodes[id as usize].next)
    }

    pub(crate) fn previous_sibling(&self, id: NodeId) -> Option<NodeId> {
        link(self.nodes[id as usize].previous)
    }

    /// The element's tag; [`Tag::None`] for every other node.
    pub(crate) fn tag(&self, id: NodeId) -> Tag {
        match &self.nodes[id as usize].kind {
            Kind::Element { tag, .. } => *tag,
            _ => Tag::None,
        }
    }

    pub(crate) fn is_element(&self, id: NodeId) -> bool {
        matches!(self.nodes[id as usize].kind, Kind::Element { .. })
    }

    /// The number of the element's shape, below [`shapes`](Self::shapes): one number for all elements that are alike in
    /// name and words, whatever [`treat_as`](Self::treat_as) made of them.
    pub(crate) fn shape(&self, id: NodeId) -> Option<usize> {
        match &self.nodes[id as usize].kind {
            Kind::Element { shape, .. } => Some(*shape as usize),
            _ => None,
        }
    }

    /// How many shapes the page's elements have.
    pub(crate) fn shapes(&self) -> usize {
        self.words.shapes()
    }

    /// The words in an element's attributes, its tag's name with a `<` before it first.
    pub(crate) fn words(&self, id: NodeId) -> impl Iterator<Item = &str> {
        self.shape(id).into_iter().flat_map(|shape| self.words.of(shape))
    }

    /// The element's local name, or an empty string.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        match &self.nodes[id as usize].kind {
            Kind::Element { name, .. } => &name.local,
            _ => "",
        }
    }

    /// The element's name with its namespace.
    ///
    /// # Panics
    /// On a node that is no element.
    pub(crate) fn qualified_name(&self, id: NodeId) -> &QualName {
        match &self.nodes[id as usize].kind {
            Kind::Element { name, .. } => name,
            _ => unreachable!("node {id} is no element"),
        }
    }

    /// A text node's text.
    pub(crate) fn text_of(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id as usize].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An attribute's value.
    pub(crate) fn attr(&self, id: NodeId, name: &LocalName) -> Option<&str> {
        self.attributes(id).iter().find_map(|attribute| (attribute.name.local == *name).then_some(&*attribute.value))
    }

    /// The value of an attribute that no standard names.
    pub(crate) fn attr_named(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attributes(id).iter().find_map(|attribute| (*attribute.name.local == *name).then_some(&*attribute.value))
    }

    /// Whether `rel` says that an element leads to something of that relation.
    pub(crate) fn has_relation(&self, id: NodeId, relation: &str) -> bool {
        self.attr(id, &local_name!("rel")).is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(relation)))
    }

    /// All attributes of an element, in page order.
    pub(crate) fn attributes(&self, id: NodeId) -> &[Attribute] {
        match &self.nodes[id as usize].kind {
            Kind::Element { attributes, .. } => attributes.of(&self.attributes),
            _ => &[],
        }
    }

    fn new(nodes: Vec<Node>, attributes: Vec<Attribute>, words: Words) -> Self {
        let (order, elements) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
        let mut dom = Self { nodes, attributes, order, elements, words };
        dom.put_in_order();
        dom
    }

    fn put_in_order(&mut self) {
        self.order.clear();
        self.elements.clear();
        let mut at = self.first_child(Self::ROOT);
        while let Some(id) = at {
            self.order.push(id);
            if self.is_element(id) {
                self.elements.push(id);
            }
            at = self.next_in(id, Self::ROOT);
        }
    }

    /// Takes nodes, and all that is in them, out of the tree; they can still be read by their ids.
    pub(crate) fn remove(&mut self, ids: &[NodeId]) {
        for &id in ids {
            Sink::detach(&mut self.nodes, id);
        }
        if !ids.is_empty() {
            self.put_in_order();
        }
    }

    /// All nodes of the tree in page order, the document left out.
    pub(crate) fn in_order(&self) -> &[NodeId] {
        &self.order
    }

    /// The elements of the tree in page order.
    pub(crate) fn all_elements(&self) -> &[NodeId] {
        &self.elements
    }

    /// Makes an element count as one of another tag.
    pub(crate) fn treat_as(&mut self, id: NodeId, as_tag: Tag) {
        if let Kind::Element { tag, .. } = &mut self.nodes[id as usize].kind {
            *tag = as_tag;
        }
    }

    /// The node after `id` in page order inside `root`, its children first.
    pub(crate) fn next_in(&self, id: NodeId, root: NodeId) -> Option<NodeId> {
        self.first_child(id).or_else(|| self.next_outside(id, root))
    }

    /// The node after `id` and everything inside it, in page order inside `root`.
    pub(crate) fn next_outside(&self, id: NodeId, root: NodeId) -> Option<NodeId> {
        let mut at = id;
        while at != root {
            if let Some(next) = self.next_sibling(at) {
                return Some(next);
            }
            at = self.parent(at)?;
        }
        None
    }

    /// Everything inside `root` in page order, `root` left out.
    pub(crate) fn descendants(&self, root: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.first_child(root), move |&at| self.next_in(at, root))
    }

    /// The elements around a node, from the inside out, itself left out.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |&at| self.parent(at)).filter(|&at| at != Self::ROOT)
    }

    /// All elements of a tag, in page order.
    pub(crate) fn elements(&self, tag: Tag) -> impl Iterator<Item = NodeId> {
        self.elements.iter().copied().filter(move |&id| self.tag(id) == tag)
    }

    /// The raw text inside an element, at most `limit` bytes of it, muted elements left out.
    pub(crate) fn text(&self, root: NodeId, limit: usize) -> String {
        let mut out = String::new();
        let mut at = self.first_child(root);
        while let Some(id) = at {
            if let Some(text) = self.text_of(id) {
                out.push_str(text);
            } else if self.tag(id).breaks_line() {
                out.push(' ');
            }
            if out.len() > limit {
                break;
            }
            at = if self.tag(id).is_muted() { self.next_outside(id, root) } else { self.next_in(id, root) };
        }
        out
    }
}

fn link(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(id)
}

impl Node {
    fn new(kind: Kind) -> Self {
        Self { parent: NONE, previous: NONE, next: NONE, first: NONE, last: NONE, depth: 0, kind }
    }

    fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Element { tag, .. } if tag.is_block())
    }
}

/// Stands before the tree builder and lets no tag deeper than [`MAX_DEPTH`] through: html5ever's time is
/// quadratic in open elements.
struct Guard {
    builder: TreeBuilder<NodeId, Sink>,
    /// Names of the tags held back and still open, with their counts.
    ignored: RefCell<std::collections::HashMap<LocalName, u32>>,
    /// Elements and attributes of the tags let through.
    asked: Cell<usize>,
    /// How many more may be made than were asked for.
    spare: usize,
    /// The depth when it was last asked for, and what had been made by then.
    known_depth: Cell<(u32, usize)>,
}

impl Guard {
    fn new(page_length: usize) -> Self {
        let mut nodes = Vec::with_capacity(page_length / BYTES_A_NODE + 1);
        nodes.push(Node::new(Kind::Other));
        let sink = Sink {
            nodes: RefCell::new(nodes),
            attributes: RefCell::new(Vec::with_capacity((page_length / BYTES_AN_ATTRIBUTE).min(MAX_RESERVED))),
            spare: Rc::default(),
            shapes: RefCell::default(),
            current: Cell::new(Dom::ROOT),
            made: Cell::new(0),
        };
        // Scripting is off so that what stands in <noscript> (lazy pictures) is read as elements.
        let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..TreeBuilderOpts::default() };
        let spare = SPARE_ELEMENTS + page_length / BYTES_A_SPARE_ELEMENT;
        let builder = TreeBuilder::new(sink, options);
        Self { builder, ignored: RefCell::default(), asked: Cell::new(0), spare, known_depth: Cell::default() }
    }

    /// Depth of the innermost open element. The stack itself is private to html5ever, which tells of it by
    /// asking the sink for the current node's name.
    fn depth(&self) -> u32 {
        let sink = &self.builder.sink;
        self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        sink.nodes.borrow()[sink.current.get() as usize].depth
    }

    /// Whether [`MAX_DEPTH`] elements are open. With fewer made since the depth was last asked for than are missing to it,
    /// there can't be.
    fn is_deep(&self) -> bool {
        let made = self.builder.sink.made.get();
        let (depth, made_then) = self.known_depth.get();
        if depth as usize + (made - made_then) < MAX_DEPTH as usize {
            return false;
        }
        let depth = self.depth();
        self.known_depth.set((depth, made));
        depth >= MAX_DEPTH
    }

    fn lets_through(&self, tag: &TagToken) -> bool {
        match tag.kind {
            TagKind::StartTag => {
                let overgrown = self.is_overgrown();
                let deep = self.is_deep();
                let known = if deep || overgrown { Tag::of(&tag.name) } else { Tag::None };
                // Void elements make nothing deeper, but they, too, make a page longer.
                if known == Tag::None || (known.is_void() && !self.is_full()) || known.switches_tokenizer() {
                    self.asked.set(self.asked.get() + 1 + tag.attrs.len());
                    return true;
                }
                *self.ignored.borrow_mut().entry(tag.name.clone()).or_default() += 1;
                false
            }
            TagKind::EndTag if self.is_overgrown() => Tag::of(&tag.name).switches_tokenizer(),
            TagKind::EndTag if self.ignored.borrow().is_empty() => true,
            TagKind::EndTag => match self.ignored.borrow_mut().get_mut(&tag.name) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            },
        }
    }

    /// Whether the page has more elements than any news page, or the standard has made far more than it has tags: each
    /// formatting element that is left open is made again in every paragraph, and hundreds of them may be open.
    fn is_overgrown(&self) -> bool {
        self.is_full() || self.builder.sink.made.get() > self.asked.get() + self.spare
    }

    fn is_full(&self) -> bool {
        self.builder.sink.made.get() > MAX_MADE
    }
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<NodeId> {
        let token = match token {
            Token::TagToken(tag) if !self.lets_through(&tag) => return TokenSinkResult::Continue,
            Token::CommentToken(_) => return TokenSinkResult::Continue,
            other => other,
        };
        self.builder.process_token(token, line_number)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Builds the arena while html5ever decides where each node goes.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    attributes: RefCell<Vec<Attribute>>,
    /// The list in which the last element's attributes came, for the next.
    spare: Rc<RefCell<Vec<Attribute>>>,
    shapes: RefCell<Shapes>,
    /// The node whose name html5ever asked for last.
    current: Cell<NodeId>,
    /// Elements and attributes made.
    made: Cell<usize>,
}

impl Sink {
    fn push(&self, kind: Kind) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node::new(kind));
        index(nodes.len() - 1)
    }

    fn detach(nodes: &mut [Node], id: NodeId) {
        let Node { parent, previous, next, .. } = nodes[id as usize];
        if let Some(previous) = link(previous) {
            nodes[previous as usize].next = next;
        } else if let Some(parent) = link(parent) {
            nodes[parent as usize].first = next;
        }
        if let Some(next) = link(next) {
            nodes[next as usize].previous = previous;
        } else if let Some(parent) = link(parent) {
            nodes[parent as usize].last = previous;
        }
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// Puts `id` before `sibling`, or last in `parent` when there is none.
    fn attach(nodes: &mut [Node], parent: NodeId, sibling: u32, id: NodeId) {
        if nodes[id as usize].parent != NONE {
            Self::detach(nodes, id);
        }
        let previous = link(sibling).map_or(nodes[parent as usize].last, |s| nodes[s as usize].previous);
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next) = (parent, previous, sibling);
        match link(previous) {
            Some(previous) => nodes[previous as usize].next = id,
            None => nodes[parent as usize].first = id,
        }
        match link(sibling) {
            Some(sibling) => nodes[sibling as usize].previous = id,
            None => nodes[parent as usize].last = id,
        }
    }

    fn insert(&self, parent: NodeId, sibling: u32, child: NodeOrText<NodeId>) {
        let id = match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(mut text) => {
                let mut nodes = self.nodes.borrow_mut();
                let before = link(sibling).map_or(nodes[parent as usize].last, |s| nodes[s as usize].previous);
                if let Some(Node { kind: Kind::Text(old), .. }) = link(before).map(|b| &mut nodes[b as usize]) {
                    old.push_tendril(&text);
                    return;
                }
                // White space between blocks would be a third of all nodes, and is no text of either.
                if nodes[link(before).unwrap_or(parent) as usize].is_block() {
                    let printed = text.bytes().position(|byte| !byte.is_ascii_whitespace());
                    match printed.map(u32::try_from) {
                        Some(Ok(gap)) => text.pop_front(gap),
                        _ => return,
                    }
                }
                drop(nodes);
                self.push(Kind::Text(text))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        Self::attach(&mut nodes, parent, sibling, id);
        nodes[id as usize].depth = nodes[parent as usize].depth + 1;
    }

    /// Keeps attributes behind all others.
    fn keep(&self, mut attributes: Vec<Attribute>) -> Span {
        let mut all = self.attributes.borrow_mut();
        let start = index(all.len());
        all.append(&mut attributes);
        self.spare.replace(attributes);
        Span { start, end: index(all.len()) }
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a page is limited to far fewer than 2^32 nodes")
}

/// What html5ever reads as the name of a node that is no element.
static NO_NAME: QualName = QualName { prefix: None, ns: ns!(), local: local_name!("") };

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Dom;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Dom {
        Dom::new(self.nodes.into_inner(), self.attributes.into_inner(), self.shapes.into_inner().into_words())
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        Dom::ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.current.set(*target);
        Ref::map(self.nodes.borrow(), |nodes| match &nodes[*target as usize].kind {
            Kind::Element { name, .. } => name,
            _ => &NO_NAME,
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> NodeId {
        let tag = if name.ns == ns!(html) { Tag::of(&name.local) } else { Tag::foreign(&name.local) };
        self.made.set(self.made.get() + 1 + attributes.len());
        let shape = self.shapes.borrow_mut().number(&name.local, &attributes);
        let attributes = self.keep(attributes);
        self.push(Kind::Element { tag, shape, name, attributes })
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.push(Kind::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.push(Kind::Other)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.insert(*parent, NONE, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        let attached = self.nodes.borrow()[*element as usize].parent != NONE;
        if attached { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What stands in `<template>` is kept as its child and muted by tag.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, a: &NodeId, b: &NodeId) -> bool {
        a == b
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let parent = self.nodes.borrow()[*sibling as usize].parent;
        if let Some(parent) = link(parent) {
            self.insert(parent, *sibling, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &NodeId, new: Vec<Attribute>) {
        if let Kind::Element { attributes, name, shape, .. } = &mut self.nodes.borrow_mut()[*target as usize].kind {
            let mut merged = attributes.of(&self.attributes.borrow()).to_vec();
            let known = merged.len();
            for attribute in new {
                if merged.len() < MAX_MERGED && !merged.iter().any(|a| a.name == attribute.name) {
                    merged.push(attribute);
                }
            }
            if merged.len() > known {
                *shape = self.shapes.borrow_mut().number(&name.local, &merged);
                *attributes = self.keep(merged);
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        Self::detach(&mut self.nodes.borrow_mut(), *target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        while let Some(child) = link(nodes[*node as usize].first) {
            Self::attach(&mut nodes, *new_parent, NONE, child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes() {
        let dom = Dom::parse("<p class=a>One <b>two</b><p>three<noscript><img src=x></noscript>");
        let paragraphs: Vec<_> = dom.elements(Tag::P).collect();
        assert_eq!(paragraphs.len(), 2);
        assert_eq!(dom.text(paragraphs[0], 100), "One two");
        assert_eq!(dom.attr(paragraphs[0], &local_name!("class")), Some("a"));
        assert_eq!(dom.elements(Tag::Img).count(), 1);
    }

    #[test]
    fn depth_is_capped_and_text_stays() {
        let html = format!("{}deep{}<p>after", "<div>".repeat(20_000), "</div>".repeat(20_000));
        let dom = Dom::parse(&html);
        let deep = dom.descendants(Dom::ROOT).find(|&id| dom.text_of(id) == Some("deep")).unwrap();
        assert!(dom.ancestors(deep).count() <= MAX_DEPTH as usize);
        let after = dom.elements(Tag::P).next().unwrap();
        assert_eq!(dom.ancestors(after).count(), 2);
    }

    #[test]
    fn formatting_left_open_ends_in_text() {
        let part = |n: usize| ["<p><b id=", &n.to_string(), ">w", &n.to_string(), " "].concat();
        let html: String = (0..20_000).map(part).collect();
        let dom = Dom::parse(&format!("<p><b>first</b><p>second{html}<script>x</script>last"));
        assert!(dom.len() < 500_000);
        assert!(dom.elements(Tag::P).count() > 100);
        let text = dom.text(Dom::ROOT, html.len());
        assert!(text.contains("w19999 ") && text.ends_with("last"));
    }

    #[test]
    fn unclosed_paragraphs_are_siblings() {
        let dom = Dom::parse(&"<p>x".repeat(2000));
        assert_eq!(dom.elements(Tag::P).count(), 2000);
    }
}
