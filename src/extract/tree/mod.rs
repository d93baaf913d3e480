//! Where does each tag and text of the page belong? The tree construction of the HTML standard (section 13.2.6), without
//! scripting: what stands in `<noscript>` (lazy pictures) is read as elements.
//!
//! In: tokens. Out: the nodes of an [`Arena`]. This file holds the builder and which insertion mode gets a token; the rules
//! of the modes are in [`head`], [`body`], [`table`] and [`after`], those of SVG and `MathML` in [`foreign`], those for tags that
//! are nested wrongly in [`formatting`]. Where html5ever differs from the standard the rules are html5ever's: its trees are
//! what tests compare with. Comments and doctypes are no nodes.
//!
//! Depth is capped at [`limits::MAX_DEPTH`] as in browsers: deeper tags are ignored and their text stays. So is what a page with
//! more elements than any news page has beyond the cap on them.

mod after;
mod body;
mod foreign;
mod formatting;
mod head;
mod limits;
mod quirks;
mod stack;
mod table;

use super::arena::{Arena, NONE, Node, NodeId, Place};
use super::names::{Name, Names, known};
use super::shapes::Words;
use super::source::{Kept, Namespace, Piece, Source, Span};
use super::tokenizer::{Doctype, Raw, Reading, Sink, StartTag};

use self::formatting::Formatting;
use self::limits::Limits;
use self::stack::{Open, Stack, class};

#[cfg(test)]
pub(crate) use self::limits::MAX_DEPTH;

/// The insertion modes of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    InHeadNoscript,
    AfterHead,
    InBody,
    Text,
    InTable,
    InTableText,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    InFrameset,
    AfterFrameset,
    AfterAfterBody,
    AfterAfterFrameset,
}

/// What a rule did with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    /// The token is another mode's, which is set.
    Again,
}

use Step::{Again, Done};

/// See the module.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the standard")]
pub(crate) struct Builder<'p> {
    source: Source<'p>,
    arena: Arena,
    stack: Stack,
    formatting: Formatting,
    limits: Limits,
    mode: Mode,
    /// The mode to go back to from text.
    original: Mode,
    /// The modes of the open `<template>`s.
    templates: Vec<Mode>,
    /// Text in a table, until it is known whether it belongs there.
    table_text: Vec<Piece>,
    head: Option<NodeId>,
    form: Option<NodeId>,
    /// What stands for U+0000 in SVG and `MathML`.
    replacement: Option<Piece>,
    /// How the tokenizer reads on.
    reading: Reading,
    quirks: bool,
    /// Whether a `<frameset>` may still take the body's place.
    frameset_ok: bool,
    /// Whether a line break that comes next is none.
    ignore_newline: bool,
    /// Whether what doesn't belong into a table goes before it.
    fostering: bool,
}

/// What is left of the builder when the page is read.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) decoded: String,
    pub(crate) names: Names,
    pub(crate) attributes: Vec<Kept>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) grown: Vec<String>,
    pub(crate) words: Words,
}

impl<'p> Builder<'p> {
    pub(crate) fn new(page: &'p str) -> Self {
        Self {
            source: Source::new(page),
            arena: Arena::new(page.len()),
            stack: Stack::new(),
            formatting: Formatting::default(),
            limits: Limits::new(page.len()),
            mode: Mode::Initial,
            original: Mode::InBody,
            templates: Vec::new(),
            table_text: Vec::new(),
            head: None,
            form: None,
            replacement: None,
            reading: Reading::Data,
            quirks: false,
            frameset_ok: true,
            ignore_newline: false,
            fostering: false,
        }
    }

    /// The page's nodes and all that they refer to.
    pub(crate) fn finish(mut self) -> Built {
        let words = self.arena.take_words();
        let Source { decoded, names, attributes, .. } = self.source;
        Built { decoded, names, attributes, nodes: self.arena.nodes, grown: self.arena.grown, words }
    }

    /// A start tag by the rules of a mode.
    fn start_in(&mut self, mode: Mode, tag: StartTag) -> Step {
        match mode {
            Mode::InBody => self.start_in_body(tag),
            Mode::InTable => self.start_in_table(tag),
            Mode::InTableBody => self.start_in_table_body(tag),
            Mode::InRow => self.start_in_row(tag),
            Mode::InCell => self.start_in_cell(tag),
            Mode::InCaption => self.start_in_caption(tag),
            Mode::InColumnGroup => self.start_in_column_group(tag),
            Mode::InTableText => self.end_table_text(),
            Mode::InHead => self.start_in_head(tag),
            Mode::InHeadNoscript => self.start_in_head_noscript(tag),
            Mode::Initial => self.leave_initial(),
            Mode::BeforeHtml => self.start_before_html(tag),
            Mode::BeforeHead => self.start_before_head(tag),
            Mode::AfterHead => self.start_after_head(tag),
            Mode::InTemplate => self.start_in_template(tag),
            Mode::AfterBody | Mode::AfterAfterBody => self.start_after_body(tag),
            Mode::InFrameset => self.start_in_frameset(tag),
            Mode::AfterFrameset | Mode::AfterAfterFrameset => self.start_after_frameset(tag),
            // No tag starts in raw text.
            Mode::Text => Done,
        }
    }

    /// An end tag by the rules of a mode.
    fn end_in(&mut self, mode: Mode, name: Name) -> Step {
        match mode {
            Mode::InBody => self.end_in_body(name),
            Mode::Text => {
                self.stack.pop();
                self.mode = self.original;
                Done
            }
            Mode::InTable => self.end_in_table(name),
            Mode::InTableBody => self.end_in_table_body(name),
            Mode::InRow => self.end_in_row(name),
            Mode::InCell => self.end_in_cell(name),
            Mode::InCaption => self.end_in_caption(name),
            Mode::InColumnGroup => self.end_in_column_group(name),
            Mode::InTableText => self.end_table_text(),
            Mode::InHead => self.end_in_head(name),
            Mode::InHeadNoscript => self.end_in_head_noscript(name),
            Mode::Initial => self.leave_initial(),
            Mode::BeforeHtml | Mode::BeforeHead if !is_head_end(name) => Done,
            Mode::BeforeHtml => self.leave_before_html(),
            Mode::BeforeHead => self.leave_before_head(),
            Mode::AfterHead => self.end_after_head(name),
            Mode::InTemplate => {
                if name == known::TEMPLATE {
                    self.end_in_head(name)
                } else {
                    Done
                }
            }
            Mode::AfterBody => self.end_after_body(name),
            Mode::InFrameset => self.end_in_frameset(name),
            Mode::AfterFrameset => {
                if name == known::HTML {
                    self.mode = Mode::AfterAfterFrameset;
                }
                Done
            }
            Mode::AfterAfterBody => self.leave(mode),
            Mode::AfterAfterFrameset => Done,
        }
    }

    /// A token that is another mode's, which may be all that this one has for it.
    fn leave(&mut self, mode: Mode) -> Step {
        match mode {
            Mode::Initial => self.leave_initial(),
            Mode::BeforeHtml => self.leave_before_html(),
            Mode::BeforeHead => self.leave_before_head(),
            Mode::InHead => self.leave_head(),
            Mode::InHeadNoscript => self.leave_head_noscript(),
            Mode::AfterHead => self.leave_after_head(),
            Mode::InColumnGroup => self.leave_column_group(),
            Mode::AfterBody | Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                Again
            }
            _ => Done,
        }
    }

    fn end_of_page(&mut self, mode: Mode) -> Step {
        match mode {
            Mode::Text => {
                self.stack.pop();
                self.mode = self.original;
                Again
            }
            Mode::InTableText => self.end_table_text(),
            Mode::InBody
            | Mode::InTable
            | Mode::InTableBody
            | Mode::InRow
            | Mode::InCell
            | Mode::InCaption
            | Mode::InColumnGroup
            | Mode::InTemplate => {
                if !self.stack.has(known::TEMPLATE) {
                    return Done;
                }
                self.close_template();
                Again
            }
            Mode::AfterBody | Mode::AfterAfterBody => Done,
            _ => self.leave(mode),
        }
    }

    /// A text by the rules of the present mode; gives what is left of it for the next.
    fn text_in_mode(&mut self, text: Piece) -> Option<Piece> {
        match self.mode {
            _ if self.is_foreign_text() => {
                self.note_text(text);
                self.insert_text(text);
                None
            }
            Mode::InBody | Mode::InCell | Mode::InCaption | Mode::InTemplate => {
                self.text_in_body(text);
                None
            }
            Mode::Text => {
                self.insert_text(text);
                None
            }
            Mode::InTable | Mode::InTableBody | Mode::InRow => {
                self.text_in_table(text);
                None
            }
            Mode::InTableText => {
                self.table_text.push(text);
                None
            }
            _ => {
                let bytes = self.source.text(text).bytes();
                let space = bytes.take_while(u8::is_ascii_whitespace).count();
                if space == 0 { self.word_outside_body(text) } else { self.space_outside_body(text, space) }
            }
        }
    }

    /// White space at a text's start, where that is not body text.
    fn space_outside_body(&mut self, text: Piece, space: usize) -> Option<Piece> {
        let (space, rest) = (text.first(space), text.without(space));
        match self.mode {
            Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead => {}
            Mode::AfterBody | Mode::AfterAfterBody | Mode::AfterAfterFrameset => self.text_in_body(space),
            _ => self.insert_text(space),
        }
        Some(rest).filter(|rest| !rest.is_empty())
    }

    /// Other text at its start.
    fn word_outside_body(&mut self, text: Piece) -> Option<Piece> {
        if self.leave(self.mode) == Again {
            return Some(text);
        }
        // What stands between framesets is dropped.
        let word = self.source.text(text).bytes().take_while(|byte| !byte.is_ascii_whitespace()).count();
        Some(text.without(word)).filter(|rest| !rest.is_empty())
    }

    /// Text that is more than white space makes the page one without frames.
    fn note_text(&mut self, text: Piece) {
        if self.frameset_ok && self.source.text(text).bytes().any(|byte| !byte.is_ascii_whitespace()) {
            self.frameset_ok = false;
        }
    }

    /// The standard's "reset the insertion mode appropriately".
    fn reset_mode(&mut self) {
        let mut modes = self.stack.iter().enumerate().rev().filter(|(_, open)| open.namespace == Namespace::Html);
        let found = modes.find_map(|(at, open)| match open.name {
            known::TD | known::TH if at > 0 => Some(Mode::InCell),
            known::TR => Some(Mode::InRow),
            known::TBODY | known::THEAD | known::TFOOT => Some(Mode::InTableBody),
            known::CAPTION => Some(Mode::InCaption),
            known::COLGROUP => Some(Mode::InColumnGroup),
            known::TABLE => Some(Mode::InTable),
            known::TEMPLATE => self.templates.last().copied(),
            known::HEAD if at > 0 => Some(Mode::InHead),
            known::BODY => Some(Mode::InBody),
            known::FRAMESET => Some(Mode::InFrameset),
            known::HTML if self.head.is_none() => Some(Mode::BeforeHead),
            known::HTML => Some(Mode::AfterHead),
            _ => None,
        });
        self.mode = found.unwrap_or(Mode::InBody);
    }

    /// Where something is put (the standard's "appropriate place"): into `target`, or before the table that it is part of.
    fn place(&self, target: Open) -> Place {
        if !(self.fostering && target.is(class::TABLE_PART)) {
            return Place::last_in(target.id);
        }
        let found = self.stack.iter().enumerate().rev().find(|(_, open)| open.is_html(known::TEMPLATE) || open.is_html(known::TABLE));
        match found {
            Some((_, open)) if open.name == known::TEMPLATE => Place::last_in(open.id),
            Some((at, table)) => match self.arena.nodes[table.id as usize].parent {
                NONE => Place::last_in(self.stack[at - 1].id),
                parent => Place { parent, next: table.id },
            },
            None => Place::last_in(self.stack[0].id),
        }
    }

    fn insert_text(&mut self, text: Piece) {
        let place = self.place(self.stack.current());
        self.arena.insert_text(&self.source, place, text);
    }

    /// Makes an element and puts it where it belongs.
    fn insert_element(&mut self, namespace: Namespace, name: Name, attributes: Span) -> NodeId {
        let place = self.place(self.stack.current());
        let id = self.arena.create(&self.source, namespace, name, attributes);
        self.arena.insert(place, id);
        id
    }

    /// The same, and opens it.
    fn open_element(&mut self, namespace: Namespace, name: Name, attributes: Span) -> NodeId {
        let id = self.insert_element(namespace, name, attributes);
        self.stack.push(id, namespace, name);
        id
    }

    /// Opens the element of a tag.
    fn open(&mut self, tag: StartTag) -> NodeId {
        self.open_element(Namespace::Html, tag.name, tag.attributes)
    }

    /// Puts in the element of a tag that nothing stands in.
    fn insert_void(&mut self, tag: StartTag) -> NodeId {
        self.insert_element(Namespace::Html, tag.name, tag.attributes)
    }

    /// Opens an element that the page leaves out.
    fn open_implied(&mut self, name: Name) -> NodeId {
        self.open_element(Namespace::Html, name, Span::default())
    }

    /// Opens an element that holds nothing but text.
    fn open_raw(&mut self, tag: StartTag, raw: Raw) -> Step {
        self.open(tag);
        self.original = self.mode;
        self.mode = Mode::Text;
        self.reading = Reading::Raw(raw);
        Done
    }
}

/// End tags before which head and body begin.
fn is_head_end(name: Name) -> bool {
    matches!(name, known::HEAD | known::BODY | known::HTML | known::BR)
}

impl<'p> Sink<'p> for Builder<'p> {
    fn source(&mut self) -> &mut Source<'p> {
        &mut self.source
    }

    fn start_tag(&mut self, tag: StartTag) -> Reading {
        if !self.lets_start(tag) {
            self.source.attributes.truncate(tag.attributes.start as usize);
            return Reading::Data;
        }
        self.ignore_newline = false;
        loop {
            let step = if self.is_foreign_start(tag.name) { self.start_in_foreign(tag) } else { self.start_in(self.mode, tag) };
            if step == Done {
                return std::mem::take(&mut self.reading);
            }
        }
    }

    fn end_tag(&mut self, name: Name) {
        if !self.lets_end(name) {
            return;
        }
        self.ignore_newline = false;
        while if self.is_foreign() { self.end_in_foreign(name) } else { self.end_in(self.mode, name) } == Again {}
    }

    fn text(&mut self, text: Piece) {
        let skipped = if std::mem::take(&mut self.ignore_newline) { text.line_end(self.source.page, &self.source.decoded) } else { 0 };
        let mut left = Some(text.without(skipped)).filter(|text| !text.is_empty());
        while let Some(text) = left {
            left = self.text_in_mode(text);
        }
    }

    fn null(&mut self) {
        self.ignore_newline = false;
        if self.is_foreign_text() {
            let replacement = *self.replacement.get_or_insert_with(|| self.source.decode("\u{fffd}"));
            self.insert_text(replacement);
        } else {
            while self.leave(self.mode) == Again {}
        }
    }

    fn doctype(&mut self, doctype: Doctype) {
        self.ignore_newline = false;
        if self.mode == Mode::Initial {
            self.quirks = quirks::are_meant(&doctype);
            self.mode = Mode::BeforeHtml;
        }
    }

    fn end(&mut self) {
        while self.end_of_page(self.mode) == Again {}
    }

    fn is_foreign(&self) -> bool {
        self.stack.last().is_some_and(|open| open.namespace != Namespace::Html)
    }
}
