//! The rules for formatting elements: `<b>`, `<a>` and such stay in force where a block ends within them, and are made again in
//! the next one.

use super::super::arena::{Arena, NodeId, Place};
use super::super::names::{Name, known};
use super::super::source::{Namespace, Source, Span};
use super::super::tokenizer::StartTag;
use super::Builder;
use super::stack::class::{SCOPE, SPECIAL};
use super::stack::{Open, Stack};

/// Alike elements that are kept in force.
const MAX_ALIKE: usize = 3;
/// Rounds of the standard's "adoption agency", and formatting elements that a round keeps.
const ROUNDS: usize = 8;
const MAX_KEPT: usize = 3;

/// A formatting element and the tag that it is made of.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: NodeId,
    name: Name,
    attributes: Span,
}

/// The standard's "list of active formatting elements"; nothing stands for a marker.
#[derive(Debug, Default)]
pub(super) struct Formatting {
    list: Vec<Option<Entry>>,
}

impl Formatting {
    /// What is in force so far has no force in what opens now.
    pub(super) fn mark(&mut self) {
        self.list.push(None);
    }

    pub(super) fn clear_to_marker(&mut self) {
        while self.list.pop().flatten().is_some() {}
    }

    fn position(&self, id: NodeId) -> Option<usize> {
        self.list.iter().position(|entry| entry.is_some_and(|entry| entry.id == id))
    }

    fn remove(&mut self, id: NodeId) {
        if let Some(at) = self.position(id) {
            self.list.remove(at);
        }
    }

    /// Those in force, the last first, with their positions.
    fn in_force(&self) -> impl Iterator<Item = (usize, Entry)> {
        self.list.iter().enumerate().rev().map_while(|(at, entry)| Some((at, (*entry)?)))
    }

    /// Where the entries start that are to be made again.
    fn first_closed(&self, stack: &Stack) -> usize {
        let open = |entry: &Option<Entry>| entry.is_none_or(|entry| stack.position(entry.id).is_some());
        self.list.iter().rposition(open).map_or(0, |at| at + 1)
    }
}

/// Whether two tags have equal attributes, in any order.
fn alike(source: &Source<'_>, a: Span, b: Span) -> bool {
    let (a, b) = (a.of(&source.attributes), b.of(&source.attributes));
    a.len() == b.len()
        && a.iter().enumerate().all(|(at, own)| {
            let other = if b[at].name == own.name { Some(&b[at]) } else { b.iter().find(|other| other.name == own.name) };
            other.is_some_and(|other| source.text(other.value) == source.text(own.value))
        })
}

impl Builder<'_> {
    /// Opens a formatting element.
    pub(super) fn open_formatting(&mut self, tag: StartTag) {
        let like = |entry: &Entry| entry.name == tag.name && alike(&self.source, entry.attributes, tag.attributes);
        let (mut count, mut first) = (0, 0);
        for (at, _) in self.formatting.in_force().filter(|(_, entry)| like(entry)) {
            (count, first) = (count + 1, at);
        }
        if count >= MAX_ALIKE {
            self.formatting.list.remove(first);
        }
        let id = self.open(tag);
        self.formatting.list.push(Some(Entry { id, name: tag.name, attributes: tag.attributes }));
    }

    /// Makes those in force again that were closed (the standard's "reconstruct the active formatting elements").
    pub(super) fn reopen_formatting(&mut self) {
        for at in self.formatting.first_closed(&self.stack)..self.formatting.list.len() {
            if let Some(Entry { name, attributes, .. }) = self.formatting.list[at] {
                let id = self.open_element(Namespace::Html, name, attributes);
                self.formatting.list[at] = Some(Entry { id, name, attributes });
            }
        }
    }

    /// Closes a link before another opens: there is none in a link.
    pub(super) fn close_link(&mut self) {
        let link = self.formatting.in_force().find(|(_, entry)| entry.name == known::A);
        if let Some((_, link)) = link {
            self.close_formatting(known::A);
            self.formatting.remove(link.id);
            self.stack.remove_element(link.id);
        }
    }

    /// An end tag of a formatting element (the standard's "adoption agency algorithm").
    pub(super) fn close_formatting(&mut self, name: Name) {
        let current = self.stack.current();
        if current.is_html(name) && self.formatting.position(current.id).is_none() {
            self.stack.pop();
            return;
        }
        for _ in 0..ROUNDS {
            let Some((in_list, entry)) = self.formatting.in_force().find(|(_, entry)| entry.name == name) else {
                self.end_other(name);
                return;
            };
            let Some(on_stack) = self.stack.position(entry.id) else {
                self.formatting.list.remove(in_list);
                return;
            };
            if !self.stack.has_such_in(SCOPE, |open| open.id == entry.id) {
                return;
            }
            let Some(block_at) = (on_stack..self.stack.len()).find(|&at| self.stack[at].is(SPECIAL)) else {
                self.stack.truncate(on_stack);
                self.formatting.list.remove(in_list);
                return;
            };
            self.adopt(entry, on_stack, block_at);
        }
    }

    /// A block is open in a formatting element that ends: moves it out, and makes the element again in it.
    fn adopt(&mut self, entry: Entry, on_stack: usize, block_at: usize) {
        let block = self.stack[block_at];
        // Where the element's successor stands in the list: in its place, or behind that one.
        let mut behind = None;
        let mut last = block.id;
        for (round, at) in (on_stack + 1..block_at).rev().enumerate() {
            let id = self.stack[at].id;
            let Some(in_list) = self.formatting.position(id) else {
                self.stack.remove(at);
                continue;
            };
            if round >= MAX_KEPT {
                self.formatting.list.remove(in_list);
                self.stack.remove(at);
                continue;
            }
            let Some(Entry { name, attributes, .. }) = self.formatting.list[in_list] else { continue };
            let new = self.arena.create(&self.source, Namespace::Html, name, attributes);
            self.stack.replace(at, Open::new(new, Namespace::Html, name));
            self.formatting.list[in_list] = Some(Entry { id: new, name, attributes });
            if last == block.id {
                behind = Some(new);
            }
            self.arena.insert(Place::last_in(new), last);
            last = new;
        }
        Arena::detach(&mut self.arena.nodes, last);
        let place = self.place(self.stack[on_stack - 1]);
        self.arena.insert(place, last);

        let new = self.arena.create(&self.source, Namespace::Html, entry.name, entry.attributes);
        self.arena.move_children(block.id, new);
        self.arena.insert(Place::last_in(block.id), new);
        let successor = Some(Entry { id: new, ..entry });
        match behind.and_then(|id| self.formatting.position(id)) {
            Some(at) => {
                self.formatting.list.insert(at + 1, successor);
                self.formatting.remove(entry.id);
            }
            None => {
                if let Some(at) = self.formatting.position(entry.id) {
                    self.formatting.list[at] = successor;
                }
            }
        }
        self.stack.remove_element(entry.id);
        if let Some(at) = self.stack.position(block.id) {
            self.stack.insert(at + 1, Open::new(new, Namespace::Html, entry.name));
        }
    }
}
