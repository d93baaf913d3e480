//! The tree that html5ever makes of a page, written out as `probe::tree` does: what that is compared with. Comments are
//! left out before they reach html5ever, and white space around blocks as the page's texts come in.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test uses a part of it")]

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;

use copydesk::extract::probe;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, QualName, TokenizerResult, local_name, ns};

/// The tree of a page, a node a line.
pub fn tree(html: &str) -> String {
    let options = TreeBuilderOpts { scripting_enabled: false, drop_doctype: true, ..TreeBuilderOpts::default() };
    let sink = NoComments(TreeBuilder::new(Sink::default(), options));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // It stops at each script and at a <meta charset>: read on.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.0.sink.finish()
}

struct NoComments(TreeBuilder<usize, Sink>);

impl TokenSink for NoComments {
    type Handle = usize;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<usize> {
        if matches!(token, Token::CommentToken(_)) { TokenSinkResult::Continue } else { self.0.process_token(token, line) }
    }

    fn end(&self) {
        self.0.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

enum Kind {
    Document,
    Element(QualName, Vec<Attribute>),
    Text(String),
}

struct Node {
    parent: Option<usize>,
    children: Vec<usize>,
    kind: Kind,
}

struct Sink {
    nodes: RefCell<Vec<Node>>,
    /// Which names are those of blocks, as asked before.
    blocks: RefCell<HashMap<String, bool>>,
}

impl Default for Sink {
    fn default() -> Self {
        let document = Node { parent: None, children: Vec::new(), kind: Kind::Document };
        Self { nodes: RefCell::new(vec![document]), blocks: RefCell::default() }
    }
}

impl Sink {
    fn push(&self, kind: Kind) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { parent: None, children: Vec::new(), kind });
        nodes.len() - 1
    }

    fn detach(&self, id: usize) {
        let nodes = &mut *self.nodes.borrow_mut();
        if let Some(parent) = nodes[id].parent.take() {
            nodes[parent].children.retain(|&child| child != id);
        }
    }

    fn is_block(&self, id: usize) -> bool {
        match &self.nodes.borrow()[id].kind {
            Kind::Element(name, _) if name.ns == ns!(html) => {
                *self.blocks.borrow_mut().entry(name.local.to_string()).or_insert_with_key(|name| probe::is_block(name))
            }
            _ => false,
        }
    }

    /// Puts a child before the one at `at`, or last.
    fn insert(&self, parent: usize, next: Option<usize>, child: NodeOrText<usize>) {
        let id = match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(text) => {
                let before = {
                    let nodes = self.nodes.borrow();
                    let children = &nodes[parent].children;
                    let at = next.map_or(children.len(), |next| children.iter().position(|&child| child == next).unwrap());
                    at.checked_sub(1).map(|at| children[at])
                };
                if let Some(before) = before
                    && let Kind::Text(old) = &mut self.nodes.borrow_mut()[before].kind
                {
                    old.push_str(&text);
                    return;
                }
                let text = if self.is_block(before.unwrap_or(parent)) { text.trim_ascii_start() } else { &*text };
                if text.is_empty() {
                    return;
                }
                self.push(Kind::Text(text.to_owned()))
            }
        };
        self.detach(id);
        let nodes = &mut *self.nodes.borrow_mut();
        let children = &mut nodes[parent].children;
        let at = next.map_or(children.len(), |next| children.iter().position(|&child| child == next).unwrap());
        children.insert(at, id);
        nodes[id].parent = Some(parent);
    }
}

/// What html5ever reads as the name of a node that is no element.
static NO_NAME: QualName = QualName { prefix: None, ns: ns!(), local: local_name!("") };

impl TreeSink for Sink {
    type Handle = usize;
    type Output = String;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> String {
        let nodes = self.nodes.into_inner();
        let mut out = String::new();
        let mut open: Vec<(usize, usize)> = nodes[0].children.iter().rev().map(|&child| (child, 0)).collect();
        while let Some((id, depth)) = open.pop() {
            let _ = write!(out, "{depth} ");
            match &nodes[id].kind {
                Kind::Text(text) => _ = write!(out, "{text:?}"),
                Kind::Element(name, attributes) => {
                    let _ = write!(out, "{}:{}", name.ns, name.local);
                    for attribute in attributes {
                        let _ = write!(out, " {}:{}={:?}", attribute.name.ns, attribute.name.local, &*attribute.value);
                    }
                }
                Kind::Document => {}
            }
            out.push('\n');
            open.extend(nodes[id].children.iter().rev().map(|&child| (child, depth + 1)));
        }
        out
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        Ref::map(self.nodes.borrow(), |nodes| match &nodes[*target].kind {
            Kind::Element(name, _) => name,
            _ => &NO_NAME,
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> usize {
        self.push(Kind::Element(name, attributes))
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        unreachable!("comments are left out")
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        unreachable!("HTML has none")
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.insert(*parent, None, child);
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        let attached = self.nodes.borrow()[*element].parent.is_some();
        if attached { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What stands in `<template>` is its child.
    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, a: &usize, b: &usize) -> bool {
        a == b
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let parent = self.nodes.borrow()[*sibling].parent;
        if let Some(parent) = parent {
            self.insert(parent, Some(*sibling), child);
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, new: Vec<Attribute>) {
        if let Kind::Element(_, attributes) = &mut self.nodes.borrow_mut()[*target].kind {
            for attribute in new {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let children = std::mem::take(&mut self.nodes.borrow_mut()[*node].children);
        let nodes = &mut *self.nodes.borrow_mut();
        for &child in &children {
            nodes[child].parent = Some(*new_parent);
        }
        nodes[*new_parent].children.extend(children);
    }
}
