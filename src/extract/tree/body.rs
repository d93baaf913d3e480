//! The rules in the body.

use super::super::arena::Arena;
use super::super::names::{Name, known};
use super::super::source::{Namespace, Piece, Span};
use super::super::tokenizer::{Raw, Reading, StartTag};
use super::Step::{Again, Done};
use super::stack::class::{BUTTON, FORMATTING, HEADING, LIST, OF_HEAD, OF_TABLE, PLAIN_BLOCK, SCOPE, SPECIAL};
use super::stack::is;
use super::{Builder, Mode, Step};

impl Builder<'_> {
    pub(super) fn text_in_body(&mut self, text: Piece) {
        self.reopen_formatting();
        self.note_text(text);
        self.insert_text(text);
    }

    pub(super) fn start_in_body(&mut self, tag: StartTag) -> Step {
        match tag.name {
            name if is(name, PLAIN_BLOCK) => {
                self.close_paragraph();
                self.open(tag);
            }
            known::A => {
                self.close_link();
                self.reopen_formatting();
                self.open_formatting(tag);
            }
            known::NOBR => {
                self.reopen_formatting();
                if self.stack.has_in(SCOPE, known::NOBR) {
                    self.close_formatting(known::NOBR);
                    self.reopen_formatting();
                }
                self.open_formatting(tag);
            }
            name if is(name, FORMATTING) => {
                self.reopen_formatting();
                self.open_formatting(tag);
            }
            name if is(name, OF_HEAD) => return self.start_in_head(tag),
            name if is(name, OF_TABLE) => {}
            name if is(name, HEADING) => {
                self.close_paragraph();
                if self.stack.current().is(HEADING) {
                    self.stack.pop();
                }
                self.open(tag);
            }
            known::LI | known::DD | known::DT => self.start_item(tag),
            known::AREA | known::BR | known::EMBED | known::IMG | known::KEYGEN | known::WBR => self.start_void(tag),
            known::IMAGE => self.start_void(StartTag { name: known::IMG, ..tag }),
            known::PARAM | known::SOURCE | known::TRACK => _ = self.insert_void(tag),
            known::TABLE => {
                if !self.quirks {
                    self.close_paragraph();
                }
                self.open(tag);
                self.frameset_ok = false;
                self.mode = Mode::InTable;
            }
            known::SVG | known::MATH => {
                self.reopen_formatting();
                self.enter_foreign(tag, if tag.name == known::SVG { Namespace::Svg } else { Namespace::MathMl });
            }
            known::HTML | known::BODY | known::FRAMESET => self.start_again(tag),
            known::FRAME | known::HEAD => {}
            known::PRE | known::LISTING | known::TEXTAREA | known::XMP | known::IFRAME | known::NOEMBED | known::PLAINTEXT => {
                self.start_raw_in_body(tag);
            }
            known::FORM | known::BUTTON | known::INPUT | known::SELECT | known::OPTION | known::OPTGROUP | known::HR => {
                self.start_control(tag);
            }
            known::RB | known::RTC | known::RP | known::RT => {
                if self.stack.has_in(SCOPE, known::RUBY) {
                    match tag.name {
                        known::RP | known::RT => self.stack.imply_ends_but(known::RTC),
                        _ => self.stack.imply_ends(),
                    }
                }
                self.open(tag);
            }
            known::APPLET | known::MARQUEE | known::OBJECT => {
                self.open_in_line(tag);
                self.formatting.mark();
                self.frameset_ok = false;
            }
            _ => self.open_in_line(tag),
        }
        Done
    }

    /// Tags whose text is read in a way of its own.
    fn start_raw_in_body(&mut self, tag: StartTag) {
        if !matches!(tag.name, known::TEXTAREA | known::IFRAME | known::NOEMBED) {
            self.close_paragraph();
        }
        if tag.name == known::XMP {
            self.reopen_formatting();
        }
        if !matches!(tag.name, known::NOEMBED | known::PLAINTEXT) {
            self.frameset_ok = false;
        }
        self.ignore_newline = matches!(tag.name, known::PRE | known::LISTING | known::TEXTAREA);
        match tag.name {
            known::PRE | known::LISTING => _ = self.open(tag),
            known::PLAINTEXT => {
                self.open(tag);
                self.reading = Reading::Plaintext;
            }
            known::TEXTAREA => _ = self.open_raw(tag, Raw::Rcdata),
            _ => _ = self.open_raw(tag, Raw::Rawtext),
        }
    }

    /// Forms, and what stands in them.
    fn start_control(&mut self, tag: StartTag) {
        let in_select = self.stack.has_in(SCOPE, known::SELECT);
        match tag.name {
            known::FORM => self.start_form(tag),
            known::BUTTON => {
                if self.stack.has_in(SCOPE, known::BUTTON) {
                    self.stack.imply_ends();
                    self.stack.pop_to(known::BUTTON);
                }
                self.open_in_line(tag);
                self.frameset_ok = false;
            }
            known::INPUT => {
                if in_select {
                    self.stack.pop_to(known::SELECT);
                }
                self.reopen_formatting();
                self.insert_void(tag);
                self.frameset_ok &= self.is_hidden_input(tag);
            }
            known::HR => {
                self.close_paragraph();
                if in_select {
                    self.stack.imply_ends();
                }
                self.insert_void(tag);
                self.frameset_ok = false;
            }
            known::SELECT if in_select => self.stack.pop_to(known::SELECT),
            known::SELECT => {
                self.open_in_line(tag);
                self.frameset_ok = false;
            }
            _ => {
                match (in_select, tag.name) {
                    (true, known::OPTION) => self.stack.imply_ends_but(known::OPTGROUP),
                    (true, _) => self.stack.imply_ends(),
                    (false, _) if self.stack.current().is_html(known::OPTION) => self.stack.pop(),
                    (false, _) => {}
                }
                self.open_in_line(tag);
            }
        }
    }

    /// Tags that a page should have once, ahead of the body.
    fn start_again(&mut self, tag: StartTag) {
        let in_template = self.stack.has(known::TEMPLATE);
        match (tag.name, self.body_element()) {
            (known::HTML, _) if !in_template => self.arena.add_attributes(&mut self.source, self.stack[0].id, tag.attributes),
            (known::BODY, Some(body)) if !in_template => {
                self.frameset_ok = false;
                self.arena.add_attributes(&mut self.source, body, tag.attributes);
            }
            (known::FRAMESET, Some(body)) if self.frameset_ok => {
                Arena::detach(&mut self.arena.nodes, body);
                self.stack.truncate(1);
                self.open(tag);
                self.mode = Mode::InFrameset;
            }
            _ => {}
        }
    }

    /// Opens an element in the formatting that is open around it.
    fn open_in_line(&mut self, tag: StartTag) {
        self.reopen_formatting();
        self.open(tag);
    }

    fn start_void(&mut self, tag: StartTag) {
        self.reopen_formatting();
        self.insert_void(tag);
        self.frameset_ok = false;
    }

    pub(super) fn is_hidden_input(&self, tag: StartTag) -> bool {
        self.source.value(tag.attributes, known::TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
    }

    fn start_form(&mut self, tag: StartTag) {
        let in_template = self.stack.has(known::TEMPLATE);
        if self.form.is_none() || in_template {
            self.close_paragraph();
            let id = self.open(tag);
            if !in_template {
                self.form = Some(id);
            }
        }
    }

    fn start_item(&mut self, tag: StartTag) {
        self.frameset_ok = false;
        let is_such = |name: Name| if tag.name == known::LI { name == known::LI } else { matches!(name, known::DD | known::DT) };
        let inner = self
            .stack
            .iter()
            .rev()
            .filter(|open| open.is(SPECIAL))
            .find(|open| is_such(open.name) || !matches!(open.name, known::ADDRESS | known::DIV | known::P));
        if let Some(open) = inner.copied().filter(|open| is_such(open.name)) {
            self.stack.imply_ends_but(open.name);
            self.stack.pop_to(open.name);
        }
        self.close_paragraph();
        self.open(tag);
    }

    /// The body, where it is open: the element in the root.
    fn body_element(&self) -> Option<u32> {
        (self.stack.len() > 1 && self.stack[1].is_html(known::BODY)).then(|| self.stack[1].id)
    }

    /// Closes an open `<p>`.
    pub(super) fn close_paragraph(&mut self) {
        if self.stack.has_in(SCOPE | BUTTON, known::P) {
            self.end_paragraph();
        }
    }

    fn end_paragraph(&mut self) {
        self.stack.imply_ends_but(known::P);
        self.stack.pop_to(known::P);
    }

    pub(super) fn end_in_body(&mut self, name: Name) -> Step {
        match name {
            known::P => {
                if !self.stack.has_in(SCOPE | BUTTON, known::P) {
                    self.open_implied(known::P);
                }
                self.end_paragraph();
            }
            name if is(name, FORMATTING) => self.close_formatting(name),
            name if is(name, PLAIN_BLOCK) => _ = self.close(name),
            known::BUTTON | known::LISTING | known::PRE | known::SELECT => _ = self.close(name),
            known::LI | known::DD | known::DT => {
                let scope = if name == known::LI { SCOPE | LIST } else { SCOPE };
                if self.stack.has_in(scope, name) {
                    self.stack.imply_ends_but(name);
                    self.stack.pop_to(name);
                }
            }
            name if is(name, HEADING) => {
                if self.stack.has_such_in(SCOPE, |open| open.is(HEADING)) {
                    self.stack.imply_ends();
                    self.stack.pop_to_class(HEADING);
                }
            }
            known::TEMPLATE => return self.end_in_head(name),
            known::BODY | known::HTML if self.stack.has_in(SCOPE, known::BODY) => {
                self.mode = Mode::AfterBody;
                return if name == known::HTML { Again } else { Done };
            }
            known::BODY | known::HTML => {}
            known::FORM => self.end_form(),
            known::APPLET | known::MARQUEE | known::OBJECT => {
                if self.close(name) {
                    self.formatting.clear_to_marker();
                }
            }
            known::BR => self.start_void(StartTag { name, attributes: Span::default(), self_closing: false }),
            _ => self.end_other(name),
        }
        Done
    }

    /// Closes an element that is in scope, with all that is open in it.
    fn close(&mut self, name: Name) -> bool {
        let found = self.stack.has_in(SCOPE, name);
        if found {
            self.stack.imply_ends();
            self.stack.pop_to(name);
        }
        found
    }

    fn end_form(&mut self) {
        if self.stack.has(known::TEMPLATE) {
            self.close(known::FORM);
            return;
        }
        let Some(form) = self.form.take() else { return };
        if self.stack.has_such_in(SCOPE, |open| open.id == form) {
            self.stack.imply_ends();
            self.stack.remove_element(form);
        }
    }

    /// Any other end tag: of an element that no special one is open in.
    pub(super) fn end_other(&mut self, name: Name) {
        let inner = self.stack.iter().rposition(|open| open.is_html(name) || open.is(SPECIAL));
        if let Some(at) = inner.filter(|&at| self.stack[at].is_html(name)) {
            self.stack.imply_ends_but(name);
            self.stack.truncate(at);
        }
    }
}
