//! The rules behind the body, and those of pages of frames.

use super::super::names::{Name, known};
use super::super::tokenizer::StartTag;
use super::Step::Done;
use super::{Builder, Mode, Step};

impl Builder<'_> {
    pub(super) fn start_after_body(&mut self, tag: StartTag) -> Step {
        if tag.name == known::HTML {
            return self.start_in_body(tag);
        }
        self.leave(self.mode)
    }

    pub(super) fn end_after_body(&mut self, name: Name) -> Step {
        if name == known::HTML {
            self.mode = Mode::AfterAfterBody;
            return Done;
        }
        self.leave(self.mode)
    }

    pub(super) fn start_in_frameset(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => return self.start_in_body(tag),
            known::FRAMESET => _ = self.open(tag),
            known::FRAME => _ = self.insert_void(tag),
            known::NOFRAMES => return self.start_in_head(tag),
            _ => {}
        }
        Done
    }

    pub(super) fn end_in_frameset(&mut self, name: Name) -> Step {
        if name == known::FRAMESET && self.stack.len() > 1 {
            self.stack.pop();
            if !self.stack.current().is_html(known::FRAMESET) {
                self.mode = Mode::AfterFrameset;
            }
        }
        Done
    }

    pub(super) fn start_after_frameset(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => self.start_in_body(tag),
            known::NOFRAMES => self.start_in_head(tag),
            _ => Done,
        }
    }
}
