//! What tests and benches see of how a page is read: its tokens, and its tree written out.

use std::fmt::Write as _;

use super::arena::Kind;
use super::dom::Dom;
use super::names::{Name, Names, known};
use super::source::{Piece, Source, lines};
use super::tag::Tag;
use super::tokenizer::{Doctype, Sink, StartTag, Tokenizer};
pub use super::tokenizer::{Raw, Reading};

/// A token; runs of text are one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the HTML standard names them")]
pub enum Token {
    Text(String),
    Start { name: String, attributes: Vec<(String, String)>, self_closing: bool },
    End(String),
    Comment(String),
    Doctype { name: Option<String>, public: Option<String>, system: Option<String>, correct: bool },
}

/// Collects tokens. With `switches` it leads the tokenizer as a tree builder would: raw text in the elements that hold
/// it, CDATA sections inside `<svg>`.
struct Collector<'p> {
    source: Source<'p>,
    tokens: Vec<Token>,
    switches: bool,
    svg: usize,
    ended: bool,
}

impl Collector<'_> {
    fn push_text(&mut self, text: &str) {
        match self.tokens.last_mut() {
            Some(Token::Text(before)) => before.push_str(text),
            _ => self.tokens.push(Token::Text(text.to_owned())),
        }
    }

    fn name(&self, name: Name) -> String {
        self.source.names.text(name).to_owned()
    }
}

impl<'p> Sink<'p> for Collector<'p> {
    fn source(&mut self) -> &mut Source<'p> {
        &mut self.source
    }

    fn start_tag(&mut self, tag: StartTag) -> Reading {
        let attributes = tag.attributes.of(&self.source.attributes).iter();
        let attributes = attributes.map(|a| (self.name(a.name), self.source.standard_text(a.value).into_owned())).collect();
        self.tokens.push(Token::Start { name: self.name(tag.name), attributes, self_closing: tag.self_closing });
        self.svg += usize::from(tag.name == known::SVG);
        match tag.name {
            _ if !self.switches => Reading::Data,
            known::SCRIPT => Reading::Raw(Raw::Script),
            known::STYLE | known::XMP => Reading::Raw(Raw::Rawtext),
            known::TITLE | known::TEXTAREA => Reading::Raw(Raw::Rcdata),
            known::PLAINTEXT => Reading::Plaintext,
            _ => Reading::Data,
        }
    }

    fn end_tag(&mut self, name: Name) {
        self.svg = self.svg.saturating_sub(usize::from(name == known::SVG));
        self.tokens.push(Token::End(self.name(name)));
    }

    fn text(&mut self, text: Piece) {
        assert!(!text.is_empty(), "a text without text");
        let text = self.source.standard_text(text).into_owned();
        self.push_text(&text);
    }

    fn null(&mut self) {
        self.push_text("\0");
    }

    fn comment(&mut self, text: &str) {
        self.tokens.push(Token::Comment(lines(text).replace('\0', "\u{fffd}")));
    }

    fn doctype(&mut self, doctype: Doctype) {
        let Doctype { name, public_id, system_id, force_quirks } = doctype;
        let [public, system] = [public_id, system_id].map(|id| id.map(|id| lines(&id).into_owned()));
        self.tokens.push(Token::Doctype { name, public, system, correct: !force_quirks });
    }

    fn end(&mut self) {
        assert!(!self.ended, "a second end");
        self.ended = true;
    }

    fn is_foreign(&self) -> bool {
        self.switches && self.svg > 0
    }
}

/// The tokens of a text, read from that state on and as after a start tag `last_start`.
pub fn tokens(text: &str, state: Reading, last_start: Option<&str>, switches: bool) -> Vec<Token> {
    let sink = Collector { source: Source::new(text), tokens: Vec::new(), switches, svg: 0, ended: false };
    let sink = Tokenizer::new(sink).starting_in(state, last_start).run();
    assert!(sink.ended, "no end");
    sink.tokens
}

/// The tree of a page, a node a line.
pub fn tree(html: &str) -> String {
    written(&Dom::parse(html))
}

/// Nodes of a page's tree: what a bench runs.
pub fn nodes(html: &str) -> usize {
    Dom::parse(html).len()
}

/// Whether an HTML element of that name starts and ends a block of text: white space around it is no node.
pub fn is_block(name: &str) -> bool {
    Tag::of(Names::new().get(name)).is_block()
}

fn written(dom: &Dom<'_>) -> String {
    let (mut out, mut depth) = (String::new(), 0);
    let mut at = dom.first_child(Dom::ROOT);
    while let Some(id) = at {
        write_node(&mut out, dom, id, depth);
        (at, depth) = match dom.first_child(id) {
            Some(child) => (Some(child), depth + 1),
            None => next_outside(dom, id, depth),
        };
    }
    out
}

fn next_outside(dom: &Dom<'_>, mut id: u32, mut depth: usize) -> (Option<u32>, usize) {
    loop {
        if let Some(next) = dom.next_sibling(id) {
            return (Some(next), depth);
        }
        match dom.parent(id) {
            Some(parent) if parent != Dom::ROOT => (id, depth) = (parent, depth - 1),
            _ => return (None, depth),
        }
    }
}

fn write_node(out: &mut String, dom: &Dom<'_>, id: u32, depth: usize) {
    let _ = write!(out, "{depth} ");
    let text = match dom.node(id).kind {
        Kind::Text(piece) => Some(dom.standard_text(piece)),
        _ => dom.text_of(id).map(Into::into),
    };
    if let Some(text) = text {
        let _ = writeln!(out, "{text:?}");
        return;
    }
    let _ = write!(out, "{}:{}", dom.namespace(id).url(), dom.name(id));
    for attribute in dom.kept(id) {
        let value = dom.standard_text(attribute.value);
        let _ = write!(out, " {}:{}={value:?}", attribute.namespace.url(), dom.letters(attribute.name));
    }
    out.push('\n');
}
