//! The page as a tree in one vector, with `u32` ids.
//!
//! In: decoded text. Out: a [`Dom`] whose nodes are read by index, so that every later table (text
//! lengths, scores) is a plain vector beside it; texts and values are parts of the page, its line ends as they are. Nothing here recurses,
//! dropping included.

use std::borrow::Cow;

use super::arena::{Arena, Element, Kind, NONE, Node};
use super::names::{Name, Names, known, role};
use super::shapes::Words;
use super::source::{Kept, Namespace, Piece};
use super::tag::Tag;
use super::tokenizer::Tokenizer;
use super::tree::{Builder, Built};

pub(crate) use super::arena::NodeId;

/// A parsed page.
#[derive(Debug)]
pub(crate) struct Dom<'p> {
    page: &'p str,
    /// Texts and values in which something had to be decoded.
    decoded: String,
    names: Names,
    /// The attributes of all elements, those of one beside each other.
    attributes: Vec<Kept>,
    nodes: Vec<Node>,
    /// Texts that were put together.
    grown: Vec<String>,
    /// The nodes of the tree in page order, the document left out.
    order: Vec<NodeId>,
    /// The elements among them.
    elements: Vec<NodeId>,
    /// The words of its elements' shapes.
    words: Words,
}

/// An attribute of an element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'d> {
    pub(crate) name: Name,
    pub(crate) namespace: Namespace,
    pub(crate) value: &'d str,
}

impl<'p> Dom<'p> {
    /// Parses a page.
    pub(crate) fn parse(html: &'p str) -> Self {
        let page = html.strip_prefix('\u{feff}').unwrap_or(html);
        let Built { decoded, names, attributes, nodes, grown, words } = Tokenizer::new(Builder::new(page)).run().finish();
        let (order, elements) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
        let mut dom = Self { page, decoded, names, attributes, nodes, grown, order, elements, words };
        dom.put_in_order();
        dom
    }
}

impl Dom<'_> {
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

    fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.nodes[id as usize].kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element's tag; [`Tag::None`] for every other node.
    pub(crate) fn tag(&self, id: NodeId) -> Tag {
        self.element(id).map_or(Tag::None, |element| element.tag)
    }

    pub(crate) fn is_element(&self, id: NodeId) -> bool {
        self.element(id).is_some()
    }

    /// The number of the element's shape, below [`shapes`](Self::shapes): one number for all elements that are alike in
    /// name and words, whatever [`treat_as`](Self::treat_as) made of them.
    pub(crate) fn shape(&self, id: NodeId) -> Option<usize> {
        self.element(id).map(|element| element.shape as usize)
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
        self.element(id).map_or("", |element| self.names.text(element.name))
    }

    /// The element's namespace; that of no name for every other node.
    pub(crate) fn namespace(&self, id: NodeId) -> Namespace {
        self.element(id).map_or(Namespace::None, |element| element.namespace)
    }

    /// The node as it is kept: one place in memory for each.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The letters of a name.
    pub(crate) fn letters(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// A text node's text.
    pub(crate) fn text_of(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id as usize].kind {
            Kind::Text(piece) => Some(piece.of(self.page, &self.decoded)),
            Kind::Grown(at) => Some(&self.grown[*at as usize]),
            _ => None,
        }
    }

    /// An attribute's value.
    pub(crate) fn attr(&self, id: NodeId, name: Name) -> Option<&str> {
        let found = self.kept(id).iter().find(|attribute| attribute.name == name)?;
        Some(found.value.of(self.page, &self.decoded))
    }

    /// Whether an element has an attribute of a [`role`].
    pub(crate) fn has_role(&self, id: NodeId, role: u8) -> bool {
        self.nodes[id as usize].roles & role > 0
    }

    /// Whether `rel` says that an element leads to something of that relation.
    pub(crate) fn has_relation(&self, id: NodeId, relation: &str) -> bool {
        self.has_role(id, role::RELATES) && self.attr(id, known::REL).is_some_and(|rel| names_relation(rel, relation))
    }

    /// A part of the page as the standard has it.
    pub(crate) fn standard_text(&self, piece: Piece) -> Cow<'_, str> {
        piece.standard_text(self.page, &self.decoded)
    }

    /// The attributes of an element, in page order, as they are kept.
    pub(crate) fn kept(&self, id: NodeId) -> &[Kept] {
        self.element(id).map_or(&[], |element| element.attributes.of(&self.attributes))
    }

    /// All attributes of an element, in page order.
    pub(crate) fn attributes(&self, id: NodeId) -> impl ExactSizeIterator<Item = Attribute<'_>> {
        self.kept(id).iter().map(|&Kept { name, namespace, value }| Attribute {
            name,
            namespace,
            value: value.of(self.page, &self.decoded),
        })
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
            Arena::detach(&mut self.nodes, id);
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
        if let Kind::Element(element) = &mut self.nodes[id as usize].kind {
            element.tag = as_tag;
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

/// Whether the words of a `rel` name a relation.
fn names_relation(rel: &str, relation: &str) -> bool {
    rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(relation))
}

fn link(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::super::tree::MAX_DEPTH;
    use super::*;

    #[test]
    fn text_and_attributes() {
        let dom = Dom::parse("<p class=a>One <b>two</b><p>three<noscript><img src=x></noscript>");
        let paragraphs: Vec<_> = dom.elements(Tag::P).collect();
        assert_eq!(paragraphs.len(), 2);
        assert_eq!(dom.text(paragraphs[0], 100), "One two");
        assert_eq!(dom.attr(paragraphs[0], known::CLASS), Some("a"));
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
        let html = format!("<p><b>first</b><p>second{html}<script>x</script>last");
        let dom = Dom::parse(&html);
        assert!(dom.len() < 500_000);
        assert!(dom.elements(Tag::P).count() > 100);
        let text = dom.text(Dom::ROOT, html.len());
        assert!(text.contains("w19999 ") && text.ends_with("last"));
    }

    #[test]
    fn unclosed_paragraphs_are_siblings() {
        let html = "<p>x".repeat(2000);
        let dom = Dom::parse(&html);
        assert_eq!(dom.elements(Tag::P).count(), 2000);
    }
}
