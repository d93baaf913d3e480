//! The rules in tables, and in templates, which may hold parts of them.

use super::super::names::{Name, known};
use super::super::source::Piece;
use super::super::tokenizer::StartTag;
use super::Step::{Again, Done};
use super::stack::class::{BODY_CONTEXT, CELL, OF_HEAD, OF_TABLE, ROW_CONTEXT, TABLE_PART, TABLE_SCOPE};
use super::stack::is;
use super::{Builder, Mode, Step};

impl Builder<'_> {
    /// Does something by the rules of the body; what that puts into the table itself goes before it.
    fn fostering<T>(&mut self, rule: impl FnOnce(&mut Self) -> T) -> T {
        self.fostering = true;
        let out = rule(self);
        self.fostering = false;
        out
    }

    pub(super) fn text_in_table(&mut self, text: Piece) {
        if self.stack.current().is(TABLE_PART) {
            self.original = self.mode;
            self.mode = Mode::InTableText;
            self.table_text.push(text);
        } else {
            self.fostering(|own| own.text_in_body(text));
        }
    }

    /// Text in a table is known whole: white space stays there.
    pub(super) fn end_table_text(&mut self) -> Step {
        let pending = std::mem::take(&mut self.table_text);
        let belongs = pending.iter().all(|&text| self.source.text(text).bytes().all(|byte| byte.is_ascii_whitespace()));
        for text in pending {
            if belongs {
                self.insert_text(text);
            } else {
                self.fostering(|own| own.text_in_body(text));
            }
        }
        self.mode = self.original;
        Again
    }

    /// Closes what is open up to an element of a class.
    fn back_to(&mut self, class: u32) {
        self.stack.pop_while(|open| !open.is(class));
    }

    pub(super) fn start_in_table(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::CAPTION => {
                self.back_to(TABLE_SCOPE);
                self.formatting.mark();
                self.open(tag);
                self.mode = Mode::InCaption;
                Done
            }
            known::COLGROUP => {
                self.back_to(TABLE_SCOPE);
                self.open(tag);
                self.mode = Mode::InColumnGroup;
                Done
            }
            known::COL => {
                self.back_to(TABLE_SCOPE);
                self.open_implied(known::COLGROUP);
                self.mode = Mode::InColumnGroup;
                Again
            }
            known::TBODY | known::TFOOT | known::THEAD => {
                self.back_to(TABLE_SCOPE);
                self.open(tag);
                self.mode = Mode::InTableBody;
                Done
            }
            known::TD | known::TH | known::TR => {
                self.back_to(TABLE_SCOPE);
                self.open_implied(known::TBODY);
                self.mode = Mode::InTableBody;
                Again
            }
            known::TABLE => {
                if self.end_table() {
                    Again
                } else {
                    Done
                }
            }
            known::STYLE | known::SCRIPT | known::TEMPLATE => self.start_in_head(tag),
            known::INPUT if self.is_hidden_input(tag) => {
                self.insert_void(tag);
                Done
            }
            known::FORM => {
                if self.form.is_none() && !self.stack.has(known::TEMPLATE) {
                    self.form = Some(self.insert_void(tag));
                }
                Done
            }
            _ => self.fostering(|own| own.start_in_body(tag)),
        }
    }

    fn end_table(&mut self) -> bool {
        let found = self.stack.has_in(TABLE_SCOPE, known::TABLE);
        if found {
            self.stack.pop_to(known::TABLE);
            self.reset_mode();
        }
        found
    }

    pub(super) fn end_in_table(&mut self, name: Name) -> Step {
        match name {
            known::TABLE => {
                self.end_table();
                Done
            }
            known::BODY | known::HTML => Done,
            name if is(name, OF_TABLE) => Done,
            known::TEMPLATE => self.end_in_head(name),
            _ => self.fostering(|own| own.end_in_body(name)),
        }
    }

    pub(super) fn start_in_caption(&mut self, tag: StartTag) -> Step {
        match tag.name {
            name if is(name, OF_TABLE) => self.end_caption(),
            _ => self.start_in_body(tag),
        }
    }

    pub(super) fn end_in_caption(&mut self, name: Name) -> Step {
        match name {
            known::TABLE => self.end_caption(),
            known::CAPTION => {
                self.end_caption();
                Done
            }
            known::BODY | known::HTML => Done,
            name if is(name, OF_TABLE) => Done,
            _ => self.end_in_body(name),
        }
    }

    /// Closes the caption; the token is the table's.
    fn end_caption(&mut self) -> Step {
        if !self.stack.has_in(TABLE_SCOPE, known::CAPTION) {
            return Done;
        }
        self.stack.imply_ends();
        self.stack.pop_to(known::CAPTION);
        self.formatting.clear_to_marker();
        self.mode = Mode::InTable;
        Again
    }

    pub(super) fn start_in_column_group(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::HTML => self.start_in_body(tag),
            known::COL => {
                self.insert_void(tag);
                Done
            }
            known::TEMPLATE => self.start_in_head(tag),
            _ => self.leave_column_group(),
        }
    }

    pub(super) fn end_in_column_group(&mut self, name: Name) -> Step {
        match name {
            known::COLGROUP => {
                self.leave_column_group();
                Done
            }
            known::COL => Done,
            known::TEMPLATE => self.end_in_head(name),
            _ => self.leave_column_group(),
        }
    }

    pub(super) fn leave_column_group(&mut self) -> Step {
        if !self.stack.current().is_html(known::COLGROUP) {
            return Done;
        }
        self.stack.pop();
        self.mode = Mode::InTable;
        Again
    }

    pub(super) fn start_in_table_body(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::TR => {
                self.back_to(BODY_CONTEXT);
                self.open(tag);
                self.mode = Mode::InRow;
                Done
            }
            known::TD | known::TH => {
                self.back_to(BODY_CONTEXT);
                self.open_implied(known::TR);
                self.mode = Mode::InRow;
                Again
            }
            known::CAPTION | known::COL | known::COLGROUP | known::TBODY | known::TFOOT | known::THEAD => self.leave_table_body(),
            _ => self.start_in_table(tag),
        }
    }

    pub(super) fn end_in_table_body(&mut self, name: Name) -> Step {
        match name {
            known::TBODY | known::TFOOT | known::THEAD => {
                if self.stack.has_in(TABLE_SCOPE, name) {
                    self.back_to(BODY_CONTEXT);
                    self.stack.pop();
                    self.mode = Mode::InTable;
                }
                Done
            }
            known::TABLE => self.leave_table_body(),
            known::BODY | known::CAPTION | known::COL | known::COLGROUP | known::HTML | known::TD | known::TH | known::TR => Done,
            _ => self.end_in_table(name),
        }
    }

    fn leave_table_body(&mut self) -> Step {
        let outer = |name| matches!(name, known::TABLE | known::TBODY | known::TFOOT);
        if !self.stack.has_such_in(TABLE_SCOPE, |open| outer(open.name) && open.is(TABLE_PART)) {
            return Done;
        }
        self.back_to(BODY_CONTEXT);
        self.stack.pop();
        self.mode = Mode::InTable;
        Again
    }

    pub(super) fn start_in_row(&mut self, tag: StartTag) -> Step {
        match tag.name {
            known::TD | known::TH => {
                self.back_to(ROW_CONTEXT);
                self.open(tag);
                self.mode = Mode::InCell;
                self.formatting.mark();
                Done
            }
            known::CAPTION | known::COL | known::COLGROUP | known::TBODY | known::TFOOT | known::THEAD | known::TR => self.leave_row(),
            _ => self.start_in_table(tag),
        }
    }

    pub(super) fn end_in_row(&mut self, name: Name) -> Step {
        match name {
            known::TR => {
                self.leave_row();
                Done
            }
            known::TABLE => self.leave_row(),
            known::TBODY | known::TFOOT | known::THEAD if self.stack.has_in(TABLE_SCOPE, name) => self.leave_row(),
            known::TBODY
            | known::TFOOT
            | known::THEAD
            | known::BODY
            | known::CAPTION
            | known::COL
            | known::COLGROUP
            | known::HTML
            | known::TD
            | known::TH => Done,
            _ => self.end_in_table(name),
        }
    }

    fn leave_row(&mut self) -> Step {
        if !self.stack.has_in(TABLE_SCOPE, known::TR) {
            return Done;
        }
        self.back_to(ROW_CONTEXT);
        self.stack.pop();
        self.mode = Mode::InTableBody;
        Again
    }

    pub(super) fn start_in_cell(&mut self, tag: StartTag) -> Step {
        match tag.name {
            name if is(name, OF_TABLE) => {
                if self.stack.has_such_in(TABLE_SCOPE, |open| open.is(CELL)) {
                    self.leave_cell()
                } else {
                    Done
                }
            }
            _ => self.start_in_body(tag),
        }
    }

    pub(super) fn end_in_cell(&mut self, name: Name) -> Step {
        match name {
            known::TD | known::TH => {
                if self.stack.has_in(TABLE_SCOPE, name) {
                    self.stack.imply_ends();
                    self.stack.pop_to(name);
                    self.formatting.clear_to_marker();
                    self.mode = Mode::InRow;
                }
                Done
            }
            known::BODY | known::CAPTION | known::COL | known::COLGROUP | known::HTML => Done,
            known::TABLE | known::TBODY | known::TFOOT | known::THEAD | known::TR => {
                if self.stack.has_in(TABLE_SCOPE, name) {
                    self.leave_cell()
                } else {
                    Done
                }
            }
            _ => self.end_in_body(name),
        }
    }

    fn leave_cell(&mut self) -> Step {
        self.stack.imply_ends();
        self.stack.pop_to_class(CELL);
        self.formatting.clear_to_marker();
        self.mode = Mode::InRow;
        Again
    }

    pub(super) fn start_in_template(&mut self, tag: StartTag) -> Step {
        let mode = match tag.name {
            name if is(name, OF_HEAD) => return self.start_in_head(tag),
            known::CAPTION | known::COLGROUP | known::TBODY | known::TFOOT | known::THEAD => Mode::InTable,
            known::COL => Mode::InColumnGroup,
            known::TR => Mode::InTableBody,
            known::TD | known::TH => Mode::InRow,
            _ => Mode::InBody,
        };
        self.templates.pop();
        self.templates.push(mode);
        self.mode = mode;
        Again
    }
}
