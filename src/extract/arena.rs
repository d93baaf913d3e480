//! The nodes of a page in one vector, with `u32` ids, while the tree builder decides where each goes.

use super::names::Name;
use super::shapes::{Shapes, Words};
use super::source::{Namespace, Piece, Source, Span, index};
use super::tag::Tag;

/// Index of a node.
pub(crate) type NodeId = u32;
/// No node.
pub(crate) const NONE: u32 = u32::MAX;
/// Roughly what a page has of them.
const BYTES_A_NODE: usize = 40;
/// Attributes that an element may have when those of a further `<html>` or `<body>` tag are added.
const MAX_MERGED: usize = 128;

/// A node and its place in the tree.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: u32,
    pub(crate) previous: u32,
    pub(crate) next: u32,
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// Elements around it, the document counted as one.
    depth: u16,
    /// What its attributes say, see [`role`](super::names::role).
    pub(crate) roles: u8,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Element(Element),
    /// A text that is one piece.
    Text(Piece),
    /// A text that was put together: its place among [`Arena::grown`].
    Grown(u32),
    Document,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Element {
    pub(crate) tag: Tag,
    pub(crate) namespace: Namespace,
    pub(crate) name: Name,
    pub(crate) shape: u32,
    pub(crate) attributes: Span,
}

impl Node {
    fn new(kind: Kind) -> Self {
        Self { parent: NONE, previous: NONE, next: NONE, first: NONE, last: NONE, depth: 0, roles: 0, kind }
    }

    fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Element(Element { tag, .. }) if tag.is_block())
    }
}

/// Where a node is put: before `next` in `parent`, or last in it when there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) parent: NodeId,
    pub(crate) next: u32,
}

impl Place {
    pub(crate) fn last_in(parent: NodeId) -> Self {
        Self { parent, next: NONE }
    }
}

/// See the module. The first node is the document.
#[derive(Debug)]
pub(crate) struct Arena {
    pub(crate) nodes: Vec<Node>,
    pub(crate) grown: Vec<String>,
    shapes: Shapes,
    /// Elements made, and their attributes.
    pub(crate) made: usize,
}

impl Arena {
    pub(crate) fn new(page_length: usize) -> Self {
        let mut nodes = Vec::with_capacity(page_length / BYTES_A_NODE + 1);
        nodes.push(Node::new(Kind::Document));
        Self { nodes, grown: Vec::new(), shapes: Shapes::new(page_length), made: 0 }
    }

    /// The words of all shapes.
    pub(crate) fn take_words(&mut self) -> Words {
        std::mem::take(&mut self.shapes).into_words()
    }

    pub(crate) fn depth(&self, id: NodeId) -> u16 {
        self.nodes[id as usize].depth
    }

    fn push(&mut self, kind: Kind) -> NodeId {
        self.nodes.push(Node::new(kind));
        index(self.nodes.len() - 1)
    }

    /// Makes an element that stands nowhere yet.
    pub(crate) fn create(&mut self, source: &Source<'_>, namespace: Namespace, name: Name, attributes: Span) -> NodeId {
        let tag = if namespace == Namespace::Html { Tag::of(name) } else { Tag::foreign(name) };
        self.made += 1 + attributes.len();
        let (shape, roles) = self.shapes.number(source, name, attributes);
        let id = self.push(Kind::Element(Element { tag, namespace, name, shape, attributes }));
        self.nodes[id as usize].roles = roles;
        id
    }

    /// Gives an element those of further attributes whose names it doesn't have.
    pub(crate) fn add_attributes(&mut self, source: &mut Source<'_>, id: NodeId, more: Span) {
        let Node { kind: Kind::Element(element), roles, .. } = &mut self.nodes[id as usize] else { return };
        let mut merged = element.attributes.of(&source.attributes).to_vec();
        let known = merged.len();
        for attribute in more.of(&source.attributes) {
            if merged.len() < MAX_MERGED && !merged.iter().any(|a| a.name == attribute.name && a.namespace == attribute.namespace) {
                merged.push(*attribute);
            }
        }
        if merged.len() > known {
            let start = index(source.attributes.len());
            source.attributes.append(&mut merged);
            element.attributes = Span { start, end: index(source.attributes.len()) };
            (element.shape, *roles) = self.shapes.number(source, element.name, element.attributes);
        }
    }

    /// Takes a node, and all that is in it, out of the tree.
    pub(crate) fn detach(nodes: &mut [Node], id: NodeId) {
        let Node { parent, previous, next, .. } = nodes[id as usize];
        if previous != NONE {
            nodes[previous as usize].next = next;
        } else if parent != NONE {
            nodes[parent as usize].first = next;
        }
        if next != NONE {
            nodes[next as usize].previous = previous;
        } else if parent != NONE {
            nodes[parent as usize].last = previous;
        }
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// Puts a node somewhere, out of where it was.
    pub(crate) fn insert(&mut self, place: Place, id: NodeId) {
        if self.nodes[id as usize].parent != NONE {
            Self::detach(&mut self.nodes, id);
        }
        self.attach(place, id);
        self.nodes[id as usize].depth = self.nodes[place.parent as usize].depth.saturating_add(1);
    }

    fn attach(&mut self, Place { parent, next }: Place, id: NodeId) {
        let previous = self.before(Place { parent, next });
        let node = &mut self.nodes[id as usize];
        (node.parent, node.previous, node.next) = (parent, previous, next);
        let nodes = &mut self.nodes;
        if previous == NONE {
            nodes[parent as usize].first = id;
        } else {
            nodes[previous as usize].next = id;
        }
        if next == NONE {
            nodes[parent as usize].last = id;
        } else {
            nodes[next as usize].previous = id;
        }
    }

    /// The node before a place.
    fn before(&self, Place { parent, next }: Place) -> u32 {
        if next == NONE { self.nodes[parent as usize].last } else { self.nodes[next as usize].previous }
    }

    /// Puts a text somewhere: to the end of one that stands before it, or as a node of its own.
    pub(crate) fn insert_text(&mut self, source: &Source<'_>, place: Place, piece: Piece) {
        let before = self.before(place);
        if before != NONE && self.grow(source, before, piece) {
            return;
        }
        let mut piece = piece;
        // White space between blocks would be a third of all nodes, and is no text of either.
        if self.nodes[if before == NONE { place.parent } else { before } as usize].is_block() {
            let Some(gap) = source.text(piece).bytes().position(|byte| !byte.is_ascii_whitespace()) else { return };
            piece = piece.without(gap);
        }
        let id = self.push(Kind::Text(piece));
        self.insert(place, id);
    }

    /// Puts a text to the end of a node, if that is one.
    fn grow(&mut self, source: &Source<'_>, id: NodeId, more: Piece) -> bool {
        match &mut self.nodes[id as usize].kind {
            Kind::Text(piece) => {
                if let Some(joined) = piece.and(more) {
                    *piece = joined;
                } else {
                    let text = [source.standard_text(*piece), source.standard_text(more)].concat();
                    self.nodes[id as usize].kind = Kind::Grown(index(self.grown.len()));
                    self.grown.push(text);
                }
            }
            Kind::Grown(at) => self.grown[*at as usize].push_str(&source.standard_text(more)),
            _ => return false,
        }
        true
    }

    /// Gives all that is in a node to another, behind what that has.
    pub(crate) fn move_children(&mut self, from: NodeId, to: NodeId) {
        loop {
            let child = self.nodes[from as usize].first;
            if child == NONE {
                return;
            }
            Self::detach(&mut self.nodes, child);
            self.attach(Place::last_in(to), child);
        }
    }
}
