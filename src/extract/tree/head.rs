//! The rules up to the body: before `<html>`, in and behind `<head>`.

use super::super::dom::Dom;
use super::super::names::{Name, known};
use super::super::source::{Namespace, Span};
use super::super::tokenizer::{Raw, StartTag};
use super::Step::{Again, Done};
use super::stack::class::{IMPLIED, IMPLIED_PART, OF_HEAD};
use super::stack::is;
use super::{Builder, Mode, Place, Step, is_head_end};

impl Builder<'_> {
    pub(super) fn leave_initial(&mut self) -> Step {
        self.quirks = true;
        self.mode = Mode::BeforeHtml;
        Again
    }

    fn make_root(&mut self, attributes: Span) {
        let id = self.arena.create(&self.source, Namespace::Html, known::HTML, attributes);
        self.stack.push(id, Namespace::Html, known::HTML);
        self.arena.insert(Place::last_in(Dom::ROOT), id);
        self.mode = Mode::BeforeHead;
    }

    pub(super) fn start_before_html(&mut self, tag: StartTag) -> Step {
        if tag.name == known::HTML {
            self.make_root(tag.attributes);
            return Done;
        }
        self.leave_before_html()
    }

    pub(super) fn leave_before_html(&mut self) -> Step {
        self.make_root(Span::default());
        Again
    }

    pub(super) fn start_before_head(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => self.start_in_body(tag),
            known::HEAD => {
                self.head = Some(self.open(tag));
                self.mode = Mode::InHead;
                Done
            }
            _ => self.leave_before_head(),
        }
    }

    pub(super) fn leave_before_head(&mut self) -> Step {
        self.head = Some(self.open_implied(known::HEAD));
        self.mode = Mode::InHead;
        Again
    }

    pub(super) fn start_in_head(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => return self.start_in_body(tag),
            known::BASE | known::BASEFONT | known::BGSOUND | known::LINK | known::META => _ = self.insert_void(tag),
            known::TITLE => return self.open_raw(tag, Raw::Rcdata),
            known::NOFRAMES | known::STYLE => return self.open_raw(tag, Raw::Rawtext),
            known::SCRIPT => return self.open_raw(tag, Raw::Script),
            known::NOSCRIPT => {
                self.open(tag);
                self.mode = Mode::InHeadNoscript;
            }
            known::TEMPLATE => {
                self.formatting.mark();
                self.frameset_ok = false;
                self.mode = Mode::InTemplate;
                self.templates.push(Mode::InTemplate);
                self.open(tag);
            }
            known::HEAD => {}
            _ => return self.leave_head(),
        }
        Done
    }

    pub(super) fn end_in_head(&mut self, name: Name) -> Step {
        match name {
            known::HEAD => {
                self.leave_head();
            }
            known::BODY | known::HTML | known::BR => return self.leave_head(),
            known::TEMPLATE if self.stack.has(known::TEMPLATE) => {
                self.stack.pop_while(|open| open.is(IMPLIED | IMPLIED_PART));
                self.close_template();
            }
            _ => {}
        }
        Done
    }

    pub(super) fn close_template(&mut self) {
        self.stack.pop_to(known::TEMPLATE);
        self.formatting.clear_to_marker();
        self.templates.pop();
        self.reset_mode();
    }

    pub(super) fn leave_head(&mut self) -> Step {
        self.stack.pop();
        self.mode = Mode::AfterHead;
        Again
    }

    pub(super) fn start_in_head_noscript(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => self.start_in_body(tag),
            known::BASEFONT | known::BGSOUND | known::LINK | known::META | known::NOFRAMES | known::STYLE => self.start_in_head(tag),
            known::HEAD | known::NOSCRIPT => Done,
            _ => self.leave_head_noscript(),
        }
    }

    pub(super) fn end_in_head_noscript(&mut self, name: Name) -> Step {
        match name {
            known::NOSCRIPT => {
                self.leave_head_noscript();
                Done
            }
            known::BR => self.leave_head_noscript(),
            _ => Done,
        }
    }

    pub(super) fn leave_head_noscript(&mut self) -> Step {
        self.stack.pop();
        self.mode = Mode::InHead;
        Again
    }

    pub(super) fn start_after_head(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => self.start_in_body(tag),
            known::BODY => {
                self.open(tag);
                self.frameset_ok = false;
                self.mode = Mode::InBody;
                Done
            }
            known::FRAMESET => {
                self.open(tag);
                self.mode = Mode::InFrameset;
                Done
            }
            name if is(name, OF_HEAD) => {
                // They belong into the head, which is open once more for them.
                let Some(head) = self.head else { return Done };
                self.stack.push(head, Namespace::Html, known::HEAD);
                let step = self.start_in_head(tag);
                self.stack.remove_element(head);
                step
            }
            known::HEAD => Done,
            _ => self.leave_after_head(),
        }
    }

    pub(super) fn end_after_head(&mut self, name: Name) -> Step {
        match name {
            known::TEMPLATE => self.end_in_head(name),
            known::HEAD => Done,
            name if is_head_end(name) => self.leave_after_head(),
            _ => Done,
        }
    }

    pub(super) fn leave_after_head(&mut self) -> Step {
        self.open_implied(known::BODY);
        self.mode = Mode::InBody;
        Again
    }
}
