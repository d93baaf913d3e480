//! Which tags and texts is this page made of? The tokenizer of the HTML standard (section 13.2.5) in front of
//! html5ever's tree builder.
//!
//! In: decoded text. Out: html5ever's tokens, to its [`TokenSink`]; texts and attribute values are slices of the page
//! wherever nothing in them had to be decoded. Never: parse errors, or a look back: every byte is read a small fixed
//! number of times. [`attributes`] says what is read of one tag.

mod attributes;
mod declarations;
mod doctype;
mod names;
mod raw;
mod references;

use std::cell::RefCell;
use std::rc::Rc;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, State as Html5State};
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName};
use memchr::memchr3;

use self::names::Names;

/// What the text that follows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Text, tags and character references.
    Data,
    /// All that is left is text.
    Plaintext,
    /// Text up to the end tag that fits; with references only in RCDATA.
    Raw(RawKind),
    /// Text up to `]]>`.
    Cdata,
}

/// A page being read.
#[derive(Debug)]
pub(crate) struct Tokenizer<'p, S> {
    sink: S,
    /// The page with its line breaks made `\n`; what is emitted shares its memory.
    page: &'p StrTendril,
    text: &'p str,
    bytes: &'p [u8],
    /// What is read next.
    at: usize,
    state: State,
    /// Start of the text that is not emitted yet.
    run: usize,
    /// Decoded text before that.
    decoded: String,
    /// Name of the start tag read last: only its end tag ends raw text.
    last_start: Option<LocalName>,
    names: Names,
    /// An empty list for the next tag's attributes: the sink may hand back those that it has emptied.
    spare: Rc<RefCell<Vec<Attribute>>>,
}

/// The page as the tokenizer reads it: `\r\n` and `\r` are `\n`.
pub(crate) fn page(html: &str) -> StrTendril {
    let Some(first) = memchr::memchr(b'\r', html.as_bytes()) else { return StrTendril::from_slice(html) };
    let mut out = StrTendril::with_capacity(u32::try_from(html.len()).unwrap_or_default());
    let (mut rest, mut found) = (html, Some(first));
    while let Some(at) = found {
        out.push_slice(&rest[..at]);
        out.push_slice("\n");
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
        found = memchr::memchr(b'\r', rest.as_bytes());
    }
    out.push_slice(rest);
    out
}

impl<'p, S: TokenSink> Tokenizer<'p, S> {
    pub(crate) fn new(page: &'p StrTendril, sink: S) -> Self {
        let (names, decoded, spare) = (Names::new(), String::new(), Rc::default());
        Self { sink, page, text: page, bytes: page.as_bytes(), at: 0, state: State::Data, run: 0, decoded, last_start: None, names, spare }
    }

    /// Takes the lists for attributes from there.
    pub(crate) fn with_lists(self, spare: Rc<RefCell<Vec<Attribute>>>) -> Self {
        Self { spare, ..self }
    }

    /// Starts elsewhere than in data, as after a start tag of that name.
    pub(crate) fn starting_in(mut self, state: Html5State, last_start: Option<&str>) -> Self {
        self.state = match state {
            Html5State::Plaintext => State::Plaintext,
            Html5State::RawData(kind) => State::Raw(kind),
            Html5State::CdataSection => State::Cdata,
            _ => State::Data,
        };
        self.last_start = last_start.map(LocalName::from);
        self
    }

    /// Reads the page to its end and gives the sink back.
    pub(crate) fn run(mut self) -> S {
        while self.at < self.bytes.len() {
            match self.state {
                State::Data => self.data(),
                State::Plaintext => self.plaintext(),
                State::Raw(kind) => self.raw(kind),
                State::Cdata => self.cdata(),
            }
        }
        self.emit(Token::EOFToken);
        self.sink.end();
        self.sink
    }

    fn data(&mut self) {
        self.run = self.at;
        while self.state == State::Data {
            let Some(found) = memchr3(b'<', b'&', 0, &self.bytes[self.at..]) else {
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
                self.tag(TagKind::StartTag, start + 1);
            }
            (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => {
                self.flush(start);
                self.tag(TagKind::EndTag, start + 2);
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

    /// A tag whose name starts at `name`. One that the page ends in is dropped.
    fn tag(&mut self, kind: TagKind, name: usize) {
        let Some(tag) = self.read_tag(kind, name) else {
            self.at = self.bytes.len();
            return;
        };
        if kind == TagKind::StartTag {
            self.last_start = Some(tag.name.clone());
        }
        self.state = match self.sink.process_token(Token::TagToken(tag), LINE) {
            TokenSinkResult::Plaintext => State::Plaintext,
            TokenSinkResult::RawData(kind) => State::Raw(kind),
            // A page's scripts are not run, and its characters are decoded already.
            TokenSinkResult::Continue | TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) => State::Data,
        };
    }

    /// Text up to the end tag of `last_start`.
    fn raw(&mut self, kind: RawKind) {
        let end = match &self.last_start {
            Some(name) => raw::end(self.bytes, self.at, kind, name),
            None => None,
        };
        let stop = end.unwrap_or(self.bytes.len());
        if kind == RawKind::Rcdata {
            self.rcdata(stop);
        } else {
            self.text_without_null(stop);
        }
        self.at = stop;
        if end.is_some() {
            self.state = State::Data;
            self.tag(TagKind::EndTag, stop + 2);
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
        self.state = State::Data;
    }

    /// A U+0000 that the tree builder has to judge.
    fn null(&mut self) {
        self.flush(self.at);
        self.emit(Token::NullCharacterToken);
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
        self.decoded.push_str(&self.text[self.run..self.at]);
        self.decoded.push_str(text);
        (self.at, self.run) = (end, end);
    }

    /// Emits the text before `end`.
    fn flush(&mut self, end: usize) {
        if !self.decoded.is_empty() {
            self.decoded.push_str(&self.text[self.run..end]);
            let text = StrTendril::from_slice(&self.decoded);
            self.decoded.clear();
            self.emit(Token::CharacterTokens(text));
        } else if self.run < end {
            self.emit(Token::CharacterTokens(self.slice(self.run, end)));
        }
        self.run = end;
    }

    /// Hands a token on that changes nothing in how the tokenizer reads.
    fn emit(&self, token: Token) {
        let _nothing_to_do = self.sink.process_token(token, LINE);
    }

    /// A part of the page, without a copy unless it is very short.
    fn slice(&self, start: usize, end: usize) -> StrTendril {
        if end - start <= INLINE {
            return StrTendril::from_slice(&self.text[start..end]);
        }
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.page.subtendril(offset(start), offset(end - start))
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }
}

/// Bytes that a tendril holds in itself.
const INLINE: usize = 8;
/// Lines are not counted.
const LINE: u64 = 1;

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b' ')
}
