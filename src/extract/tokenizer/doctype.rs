//! Which doctype does the page declare? Name, public and system identifier, and whether it forces quirks.

use memchr::memchr2;

use super::super::names::lower_into;
use super::{Doctype, Sink, Tokenizer, is_space};

/// How the reading of a part ended.
enum Next {
    /// The part was read; the doctype goes on here.
    At(usize),
    /// The doctype ended; the page goes on here.
    Ended(usize),
}

impl<'p, S: Sink<'p>> Tokenizer<'p, S> {
    /// Reads a doctype from behind its keyword on.
    pub(super) fn doctype(&mut self, start: usize) {
        let mut doctype = Doctype::default();
        self.at = match self.doctype_name(&mut doctype, start) {
            Next::At(at) => self.doctype_ids(&mut doctype, at),
            Next::Ended(at) => at,
        };
        self.sink.doctype(doctype);
    }

    fn doctype_name(&self, doctype: &mut Doctype, from: usize) -> Next {
        let start = match self.doctype_space(from) {
            Next::At(at) => at,
            ended @ Next::Ended(_) => {
                doctype.force_quirks = true;
                return ended;
            }
        };
        let length = self.bytes[start..].iter().take_while(|&&b| !is_space(b) && b != b'>').count();
        let mut name = String::new();
        lower_into(&mut name, &self.text[start..start + length]);
        doctype.name = Some(name);
        self.part_end(doctype, start + length)
    }

    /// Over white space; the doctype goes on, or has ended. The page's end forces quirks.
    fn part_end(&self, doctype: &mut Doctype, from: usize) -> Next {
        let next = self.doctype_space(from);
        doctype.force_quirks |= matches!(next, Next::Ended(at) if self.bytes[at - 1] != b'>');
        next
    }

    fn doctype_space(&self, from: usize) -> Next {
        let at = from + self.bytes[from..].iter().take_while(|&&b| is_space(b)).count();
        match self.byte(at) {
            Some(b'>') => Next::Ended(at + 1),
            Some(_) => Next::At(at),
            None => Next::Ended(at),
        }
    }

    /// Reads what stands behind the name; gives where the page goes on.
    fn doctype_ids(&self, doctype: &mut Doctype, at: usize) -> usize {
        let keyword = self.bytes.get(at..at + 6).unwrap_or_default();
        let public = keyword.eq_ignore_ascii_case(b"public");
        if !public && !keyword.eq_ignore_ascii_case(b"system") {
            doctype.force_quirks = true;
            return self.bogus_doctype(at);
        }
        let mut at = at + 6;
        if public {
            match self.identifier(&mut doctype.force_quirks, at) {
                (id, Next::At(after)) => (doctype.public_id, at) = (id, after),
                (id, Next::Ended(after)) => {
                    doctype.public_id = id;
                    return after;
                }
            }
            match self.part_end(doctype, at) {
                Next::At(after) => at = after,
                Next::Ended(after) => return after,
            }
        }
        let (id, next) = self.identifier(&mut doctype.force_quirks, at);
        doctype.system_id = id;
        match next {
            Next::Ended(after) => after,
            Next::At(at) => match self.part_end(doctype, at) {
                Next::At(at) => self.bogus_doctype(at),
                Next::Ended(after) => after,
            },
        }
    }

    /// A quoted identifier, white space before it allowed. All that is not one forces quirks.
    fn identifier(&self, quirks: &mut bool, from: usize) -> (Option<String>, Next) {
        let at = match self.doctype_space(from) {
            Next::At(at) => at,
            ended @ Next::Ended(_) => {
                *quirks = true;
                return (None, ended);
            }
        };
        let quote = self.bytes[at];
        if quote != b'"' && quote != b'\'' {
            *quirks = true;
            return (None, Next::Ended(self.bogus_doctype(at)));
        }
        let start = at + 1;
        let found = memchr2(quote, b'>', &self.bytes[start..]);
        let end = found.map_or(self.bytes.len(), |found| start + found);
        let id = Some(self.text[start..end].replace('\0', "\u{fffd}"));
        match self.byte(end) {
            Some(byte) if byte == quote => (id, Next::At(end + 1)),
            byte => {
                *quirks = true;
                (id, Next::Ended(end + usize::from(byte.is_some())))
            }
        }
    }

    /// Over the rest of a doctype that makes no sense.
    fn bogus_doctype(&self, from: usize) -> usize {
        memchr::memchr(b'>', &self.bytes[from..]).map_or(self.bytes.len(), |found| from + found + 1)
    }
}
