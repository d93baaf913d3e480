//! What tests see of how a page is read: the tokens, and the tree written out, by the own tokenizer and by html5ever's.

use std::fmt::Write as _;

use html5ever::tokenizer::TokenSink;
use html5ever::tokenizer::states::State;

use super::dom::Dom;
use super::tokenizer::{self, Tokenizer};

/// Runs the own tokenizer over a text, from `state` on and as after a start tag `last_start`; gives the sink back.
pub fn tokenize<S: TokenSink>(text: &str, state: State, last_start: Option<&str>, sink: S) -> S {
    Tokenizer::new(&tokenizer::page(text), sink).starting_in(state, last_start).run()
}

/// The tree of a page, a node a line.
pub fn tree(html: &str) -> String {
    written(&Dom::parse(html))
}

/// The tree that html5ever's tokenizer leads to.
pub fn reference_tree(html: &str) -> String {
    written(&Dom::parse_by_html5ever(html))
}

/// Nodes of a page's tree: what a bench runs.
pub fn nodes(html: &str) -> usize {
    Dom::parse(html).len()
}

/// The same by html5ever's tokenizer.
pub fn reference_nodes(html: &str) -> usize {
    Dom::parse_by_html5ever(html).len()
}

fn written(dom: &Dom) -> String {
    let (mut out, mut depth) = (String::new(), 0);
    let mut at = dom.first_child(Dom::ROOT);
    while let Some(id) = at {
        write_node(&mut out, dom, id, depth);
        (at, depth) = match dom.first_child(id) {
            Some(child) => (Some(child), depth + 1),
            None => next_outside(dom, id, depth),
        };
    }
    out
}

fn next_outside(dom: &Dom, mut id: u32, mut depth: usize) -> (Option<u32>, usize) {
    loop {
        if let Some(next) = dom.next_sibling(id) {
            return (Some(next), depth);
        }
        match dom.parent(id) {
            Some(parent) if parent != Dom::ROOT => (id, depth) = (parent, depth - 1),
            _ => return (None, depth),
        }
    }
}

fn write_node(out: &mut String, dom: &Dom, id: u32, depth: usize) {
    let _ = write!(out, "{depth} ");
    if let Some(text) = dom.text_of(id) {
        let _ = writeln!(out, "{text:?}");
    } else if dom.is_element(id) {
        let name = dom.qualified_name(id);
        let _ = write!(out, "{}:{}", name.ns, name.local);
        for attribute in dom.attributes(id) {
            let _ = write!(out, " {}:{}={:?}", attribute.name.ns, attribute.name.local, &*attribute.value);
        }
        out.push('\n');
    } else {
        out.push_str("other\n");
    }
}
