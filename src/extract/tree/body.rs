//! The rules in the body.

use super::super::arena::Arena;
use super::super::names::{Name, known};
use super::super::source::{Namespace, Piece, Span};
use super::super::tokenizer::{Raw, Reading, StartTag};
use super::Step::{Again, Done};
use super::stack::class::{BUTTON, HEADING, LIST, SCOPE, SPECIAL};
use super::{Builder, Mode, Step};

impl Builder<'_> {
    pub(super) fn text_in_body(&mut self, text: Piece) {
        self.reopen_formatting();
        self.note_text(text);
        self.insert_text(text);
    }

    pub(super) fn start_in_body(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::DIV
            | known::P
            | known::UL
            | known::SECTION
            | known::ARTICLE
            | known::ADDRESS
            | known::ASIDE
            | known::BLOCKQUOTE
            | known::CENTER
            | known::DETAILS
            | known::DIALOG
            | known::DIR
            | known::DL
            | known::FIELDSET
            | known::FIGCAPTION
            | known::FIGURE
            | known::FOOTER
            | known::HEADER
            | known::HGROUP
            | known::MAIN
            | known::MENU
            | known::NAV
            | known::OL
            | known::SEARCH
            | known::SUMMARY => {
                self.close_paragraph();
                self.open(tag);
            }
            known::A => {
                self.close_link();
                self.reopen_formatting();
                self.open_formatting(tag);
            }
            known::B
            | known::BIG
            | known::CODE
            | known::EM
            | known::FONT
            | known::I
            | known::S
            | known::SMALL
            | known::STRIKE
            | known::STRONG
            | known::TT
            | known::U => {
                self.reopen_formatting();
                self.open_formatting(tag);
            }
            known::LI | known::DD | known::DT => self.start_item(tag),
            known::AREA | known::BR | known::EMBED | known::IMG | known::KEYGEN | known::WBR => self.start_void(tag),
            known::IMAGE => self.start_void(StartTag { name: known::IMG, ..tag }),
            known::PARAM | known::SOURCE | known::TRACK => _ = self.insert_void(tag),
            known::BASE
            | known::BASEFONT
            | known::BGSOUND
            | known::LINK
            | known::META
            | known::NOFRAMES
            | known::SCRIPT
            | known::STYLE
            | known::TEMPLATE
            | known::TITLE => return self.start_in_head(tag),
            known::H1 | known::H2 | known::H3 | known::H4 | known::H5 | known::H6 => {
                self.close_paragraph();
                if self.stack.current().is(HEADING) {
                    self.stack.pop();
                }
                self.open(tag);
            }
            known::PRE | known::LISTING => {
                self.close_paragraph();
                self.open(tag);
                self.ignore_newline = true;
                self.frameset_ok = false;
            }
            known::FORM => self.start_form(tag),
            known::BUTTON => {
                if self.stack.has_in(SCOPE, known::BUTTON) {
                    self.stack.imply_ends();
                    self.stack.pop_to(known::BUTTON);
                }
                self.open_in_line(tag);
                self.frameset_ok = false;
            }
            known::INPUT => self.start_input(tag),
            known::HR => {
                self.close_paragraph();
                if self.stack.has_in(SCOPE, known::SELECT) {
                    self.stack.imply_ends();
                }
                self.insert_void(tag);
                self.frameset_ok = false;
            }
            known::SELECT if self.stack.has_in(SCOPE, known::SELECT) => self.stack.pop_to(known::SELECT),
            known::SELECT => {
                self.open_in_line(tag);
                self.frameset_ok = false;
            }
            known::OPTION | known::OPTGROUP => {
                if self.stack.has_in(SCOPE, known::SELECT) {
                    if tag.name == known::OPTION { self.stack.imply_ends_but(known::OPTGROUP) } else { self.stack.imply_ends() }
                } else if self.stack.current().is_html(known::OPTION) {
                    self.stack.pop();
                }
                self.open_in_line(tag);
            }
            known::RB | known::RTC => {
                if self.stack.has_in(SCOPE, known::RUBY) {
                    self.stack.imply_ends();
                }
                self.open(tag);
            }
            known::RP | known::RT => {
                if self.stack.has_in(SCOPE, known::RUBY) {
                    self.stack.imply_ends_but(known::RTC);
                }
                self.open(tag);
            }
            known::NOBR => {
                self.reopen_formatting();
                if self.stack.has_in(SCOPE, known::NOBR) {
                    self.close_formatting(known::NOBR);
                    self.reopen_formatting();
                }
                self.open_formatting(tag);
            }
            known::APPLET | known::MARQUEE | known::OBJECT => {
                self.open_in_line(tag);
                self.formatting.mark();
                self.frameset_ok = false;
            }
            known::TABLE => {
                if !self.quirks {
                    self.close_paragraph();
                }
                self.open(tag);
                self.frameset_ok = false;
                self.mode = Mode::InTable;
            }
            known::TEXTAREA => {
                self.ignore_newline = true;
                self.frameset_ok = false;
                return self.open_raw(tag, Raw::Rcdata);
            }
            known::XMP => {
                self.close_paragraph();
                self.reopen_formatting();
                self.frameset_ok = false;
                return self.open_raw(tag, Raw::Rawtext);
            }
            known::IFRAME => {
                self.frameset_ok = false;
                return self.open_raw(tag, Raw::Rawtext);
            }
            known::NOEMBED => return self.open_raw(tag, Raw::Rawtext),
            known::PLAINTEXT => {
                self.close_paragraph();
                self.open(tag);
                self.reading = Reading::Plaintext;
            }
            known::SVG => {
                self.reopen_formatting();
                self.enter_foreign(tag, Namespace::Svg);
            }
            known::MATH => {
                self.reopen_formatting();
                self.enter_foreign(tag, Namespace::MathMl);
            }
            known::HTML => {
                if !self.stack.has(known::TEMPLATE) {
                    self.arena.add_attributes(&mut self.source, self.stack[0].id, tag.attributes);
                }
            }
            known::BODY => {
                if let Some(body) = self.body_element().filter(|_| !self.stack.has(known::TEMPLATE)) {
                    self.frameset_ok = false;
                    self.arena.add_attributes(&mut self.source, body, tag.attributes);
                }
            }
            known::FRAMESET => {
                if let Some(body) = self.body_element().filter(|_| self.frameset_ok) {
                    Arena::detach(&mut self.arena.nodes, body);
                    self.stack.truncate(1);
                    self.open(tag);
                    self.mode = Mode::InFrameset;
                }
            }
            known::CAPTION
            | known::COL
            | known::COLGROUP
            | known::FRAME
            | known::HEAD
            | known::TBODY
            | known::TD
            | known::TFOOT
            | known::TH
            | known::THEAD
            | known::TR => {}
            _ => self.open_in_line(tag),
        }
        Done
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

    fn start_input(&mut self, tag: StartTag) {
        if self.stack.has_in(SCOPE, known::SELECT) {
            self.stack.pop_to(known::SELECT);
        }
        self.reopen_formatting();
        self.insert_void(tag);
        if !self.is_hidden_input(tag) {
            self.frameset_ok = false;
        }
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
        let inner = self.stack.iter().rev().filter(|open| open.is(SPECIAL)).find(|open| {
            is_such(open.name) || !matches!(open.name, known::ADDRESS | known::DIV | known::P)
        });
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
            known::DIV
            | known::UL
            | known::SECTION
            | known::ARTICLE
            | known::ADDRESS
            | known::ASIDE
            | known::BLOCKQUOTE
            | known::BUTTON
            | known::CENTER
            | known::DETAILS
            | known::DIALOG
            | known::DIR
            | known::DL
            | known::FIELDSET
            | known::FIGCAPTION
            | known::FIGURE
            | known::FOOTER
            | known::HEADER
            | known::HGROUP
            | known::LISTING
            | known::MAIN
            | known::MENU
            | known::NAV
            | known::OL
            | known::PRE
            | known::SEARCH
            | known::SELECT
            | known::SUMMARY => _ = self.close(name),
            known::A
            | known::B
            | known::BIG
            | known::CODE
            | known::EM
            | known::FONT
            | known::I
            | known::NOBR
            | known::S
            | known::SMALL
            | known::STRIKE
            | known::STRONG
            | known::TT
            | known::U => self.close_formatting(name),
            known::P => {
                if !self.stack.has_in(SCOPE | BUTTON, known::P) {
                    self.open_implied(known::P);
                }
                self.end_paragraph();
            }
            known::LI | known::DD | known::DT => {
                let scope = if name == known::LI { SCOPE | LIST } else { SCOPE };
                if self.stack.has_in(scope, name) {
                    self.stack.imply_ends_but(name);
                    self.stack.pop_to(name);
                }
            }
            known::H1 | known::H2 | known::H3 | known::H4 | known::H5 | known::H6 => {
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
