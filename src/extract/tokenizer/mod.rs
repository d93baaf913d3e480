//! Which tags and texts is this page made of? The tokenizer of the HTML standard (section 13.2.5).
//!
//! In: decoded text. Out: tokens, to a [`Sink`]; texts and attribute values are parts of the page wherever nothing in them
//! had to be decoded: line ends in these are as the page has them, `\r\n` and `\r` among them ([`source::lines`]). Never: parse errors, or a look back: every byte is read a small fixed number of times.
//! [`attributes`] says what is read of one tag.

mod attributes;
mod declarations;
mod doctype;
mod raw;
mod references;

use memchr::memchr3;

use super::names::Name;
use super::source::{self, Piece, Source, Span};
use crate::eights::{self, EIGHT};

/// What the text that follows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// Text, tags and character references.
    #[default]
    Data,
    /// All that is left is text.
    Plaintext,
    /// Text up to the end tag that fits.
    Raw(Raw),
    /// Text up to `]]>`.
    Cdata,
}

/// Text in which no tag starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raw {
    /// With character references: a title's.
    Rcdata,
    /// Without: a style's.
    Rawtext,
    /// A script's.
    Script,
}

/// A start tag; its attributes are the last ones of the [`Source`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct StartTag {
    pub(crate) name: Name,
    pub(crate) attributes: Span,
    pub(crate) self_closing: bool,
}

/// What a doctype declares.
#[derive(Debug, Default)]
pub(crate) struct Doctype {
    pub(crate) name: Option<String>,
    pub(crate) public_id: Option<String>,
    pub(crate) system_id: Option<String>,
    pub(crate) force_quirks: bool,
}

/// Takes the tokens of a page.
pub(crate) trait Sink<'p> {
    /// The page, and what was read of it.
    fn source(&mut self) -> &mut Source<'p>;

    /// A start tag; says how what follows is read.
    fn start_tag(&mut self, tag: StartTag) -> Reading;

    fn end_tag(&mut self, name: Name);

    /// Some text, never empty; more of it may follow.
    fn text(&mut self, text: Piece);

    /// A U+0000 in text that isn't raw.
    fn null(&mut self);

    /// A comment as it stands.
    fn comment(&mut self, _text: &str) {}

    fn doctype(&mut self, doctype: Doctype);

    /// The page has ended.
    fn end(&mut self);

    /// Whether a `<![CDATA[` is one here: in SVG and `MathML`.
    fn is_foreign(&self) -> bool;
}

/// A page being read.
#[derive(Debug)]
pub(crate) struct Tokenizer<'p, S> {
    sink: S,
    text: &'p str,
    bytes: &'p [u8],
    /// What is read next.
    at: usize,
    state: Reading,
    /// Start of the text that is not emitted yet.
    run: usize,
    /// Where the decoded text before that starts, if there is some.
    decoded: Option<usize>,
    /// Name of the start tag read last: only its end tag ends raw text.
    last_start: Option<Name>,
}

impl<'p, S: Sink<'p>> Tokenizer<'p, S> {
    pub(crate) fn new(mut sink: S) -> Self {
        let text = sink.source().page;
        Self { sink, text, bytes: text.as_bytes(), at: 0, state: Reading::Data, run: 0, decoded: None, last_start: None }
    }

    /// Starts elsewhere than in data, as after a start tag of that name.
    pub(crate) fn starting_in(mut self, state: Reading, last_start: Option<&str>) -> Self {
        self.state = state;
        self.last_start = last_start.map(|name| self.sink.source().names.get(name));
        self
    }

    /// Reads the page to its end and gives the sink back.
    pub(crate) fn run(mut self) -> S {
        while self.at < self.bytes.len() {
            match self.state {
                Reading::Data => self.data(),
                Reading::Plaintext => self.plaintext(),
                Reading::Raw(kind) => self.raw(kind),
                Reading::Cdata => self.cdata(),
            }
        }
        self.sink.end();
        self.sink
    }

    fn data(&mut self) {
        self.run = self.at;
        while self.state == Reading::Data {
            let Some(found) = special(b'<', &self.bytes[self.at..]) else {
                self.at = self.bytes.len();
                break;
            };
            self.at += found;
            match self.bytes[self.at] {
                b'<' => self.less_than(),
                b'&' => self.reference(self.bytes.len()),
                _ => self.null(),
            }
        }
        self.flush(self.at);
    }

    /// The states behind a `<` in data: what it opens, or nothing but text.
    fn less_than(&mut self) {
        let start = self.at;
        match (self.byte(start + 1), self.byte(start + 2)) {
            (Some(b'a'..=b'z' | b'A'..=b'Z'), _) => {
                self.flush(start);
                self.start_tag(start + 1);
            }
            (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => {
                self.flush(start);
                self.end_tag(start + 2);
            }
            (Some(b'/'), Some(b'>')) => {
                self.flush(start);
                self.at = start + 3;
            }
            (Some(b'/'), None) => {
                self.at = self.bytes.len();
                return;
            }
            (Some(b'/'), _) => {
                self.flush(start);
                self.bogus_comment(start + 2);
            }
            (Some(b'!'), _) => {
                self.flush(start);
                self.declaration(start + 2);
            }
            (Some(b'?'), _) => {
                self.flush(start);
                self.bogus_comment(start + 1);
            }
            _ => {
                self.at = start + 1;
                return;
            }
        }
        self.run = self.at;
    }

    /// A start tag whose name starts at `name`. One that the page ends in is dropped.
    fn start_tag(&mut self, name: usize) {
        match self.read_start_tag(name) {
            Some(tag) => {
                self.last_start = Some(tag.name);
                self.state = self.sink.start_tag(tag);
            }
            None => self.at = self.bytes.len(),
        }
    }

    /// The same for an end tag.
    fn end_tag(&mut self, name: usize) {
        match self.read_end_tag(name) {
            Some(name) => self.sink.end_tag(name),
            None => self.at = self.bytes.len(),
        }
    }

    /// Text up to the end tag of `last_start`.
    fn raw(&mut self, kind: Raw) {
        let end = match self.last_start {
            Some(name) => raw::end(self.bytes, self.at, kind, self.sink.source().names.text(name)),
            None => None,
        };
        let stop = end.unwrap_or(self.bytes.len());
        if kind == Raw::Rcdata {
            self.rcdata(stop);
        } else {
            self.text_without_null(stop);
        }
        self.at = stop;
        if end.is_some() {
            self.state = Reading::Data;
            self.end_tag(stop + 2);
        }
    }

    fn rcdata(&mut self, stop: usize) {
        self.run = self.at;
        while let Some(found) = memchr::memchr2(b'&', 0, &self.bytes[self.at..stop]) {
            self.at += found;
            if self.bytes[self.at] == b'&' {
                self.reference(stop);
            } else {
                self.replace(self.at + 1, "\u{fffd}");
            }
        }
        self.flush(stop);
    }

    fn plaintext(&mut self) {
        let stop = self.bytes.len();
        self.text_without_null(stop);
        self.at = stop;
    }

    /// Text in which U+0000 becomes U+FFFD and nothing else is special.
    fn text_without_null(&mut self, stop: usize) {
        self.run = self.at;
        while let Some(found) = memchr::memchr(0, &self.bytes[self.at..stop]) {
            self.at += found;
            self.replace(self.at + 1, "\u{fffd}");
        }
        self.flush(stop);
    }

    fn cdata(&mut self) {
        let end = memchr::memmem::find(&self.bytes[self.at..], b"]]>").map(|found| self.at + found);
        let stop = end.unwrap_or(self.bytes.len());
        self.run = self.at;
        while let Some(found) = memchr::memchr(0, &self.bytes[self.at..stop]) {
            self.at += found;
            self.null();
        }
        self.flush(stop);
        self.at = end.map_or(stop, |end| end + 3);
        self.state = Reading::Data;
    }

    /// A U+0000 that the tree builder has to judge.
    fn null(&mut self) {
        self.flush(self.at);
        self.sink.null();
        self.at += 1;
        self.run = self.at;
    }

    /// An `&` in text that ends at `stop`.
    fn reference(&mut self, stop: usize) {
        match references::read(&self.bytes[self.at + 1..stop], false) {
            Some((decoded, length)) => self.replace(self.at + 1 + length, &decoded),
            None => self.at += 1,
        }
    }

    /// Puts `text` in the place of what stands from here to `end`.
    fn replace(&mut self, end: usize, text: &str) {
        let decoded = &mut self.sink.source().decoded;
        self.decoded.get_or_insert(decoded.len());
        decoded.push_str(&source::lines(&self.text[self.run..self.at]));
        decoded.push_str(text);
        (self.at, self.run) = (end, end);
    }

    /// Emits the text before `end`.
    fn flush(&mut self, end: usize) {
        if let Some(start) = self.decoded.take() {
            let source = self.sink.source();
            source.decoded.push_str(&source::lines(&self.text[self.run..end]));
            let piece = source.decoded_from(start);
            self.sink.text(piece);
        } else if self.run < end {
            self.sink.text(Piece::of_page(self.run, end));
        }
        self.run = end;
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }
}

/// Bytes that are looked at by eights: most texts and values end among them.
const NEAR: usize = 32;

/// Where one of a byte, `&` and U+0000 stands for the first time.
fn special(byte: u8, bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(NEAR)];
    for (at, eight) in near.as_chunks().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let found = eights::equal(eight, byte) | eights::equal(eight, b'&') | eights::equal(eight, 0);
        if found > 0 {
            return Some(at * EIGHT + eights::first(found));
        }
    }
    let read = near.len() / EIGHT * EIGHT;
    Some(read + memchr3(byte, b'&', 0, &bytes[read..])?)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c' | b' ')
}
