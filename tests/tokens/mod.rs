//! Tokens as tests compare them: runs of text joined, no parse errors.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::states::{RawKind, State};
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Text(String),
    Start { name: String, attributes: Vec<(String, String)>, self_closing: bool },
    End(String),
    Comment(String),
    Doctype { name: Option<String>, public: Option<String>, system: Option<String>, correct: bool },
}

/// Collects tokens. With `switches` it leads the tokenizer as a tree builder would: raw text in the elements that hold
/// it, CDATA sections inside `<svg>`.
#[derive(Default)]
pub struct Collector {
    pub seen: RefCell<Vec<Seen>>,
    pub switches: bool,
    svg: Cell<usize>,
    ended: Cell<bool>,
}

impl Collector {
    pub fn new(switches: bool) -> Self {
        Self { switches, ..Self::default() }
    }

    fn text(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut seen = self.seen.borrow_mut();
        match seen.last_mut() {
            Some(Seen::Text(before)) => before.push_str(text),
            _ => seen.push(Seen::Text(text.to_owned())),
        }
    }

    fn switch(&self, name: &str, kind: TagKind) -> TokenSinkResult<()> {
        if !self.switches {
            return TokenSinkResult::Continue;
        }
        match (name, kind) {
            ("svg", TagKind::StartTag) => self.svg.set(self.svg.get() + 1),
            ("svg", TagKind::EndTag) => self.svg.set(self.svg.get().saturating_sub(1)),
            ("script", TagKind::StartTag) => return TokenSinkResult::RawData(RawKind::ScriptData),
            ("script", TagKind::EndTag) => return TokenSinkResult::Script(()),
            ("style" | "xmp", TagKind::StartTag) => return TokenSinkResult::RawData(RawKind::Rawtext),
            ("title" | "textarea", TagKind::StartTag) => return TokenSinkResult::RawData(RawKind::Rcdata),
            ("plaintext", TagKind::StartTag) => return TokenSinkResult::Plaintext,
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        assert!(!self.ended.get(), "a token after the end");
        let push = |token| self.seen.borrow_mut().push(token);
        match token {
            Token::CharacterTokens(text) => self.text(&text),
            Token::NullCharacterToken => self.text("\0"),
            Token::CommentToken(text) => push(Seen::Comment(text.to_string())),
            Token::DoctypeToken(doctype) => push(Seen::Doctype {
                name: doctype.name.map(|n| n.to_string()),
                public: doctype.public_id.map(|n| n.to_string()),
                system: doctype.system_id.map(|n| n.to_string()),
                correct: !doctype.force_quirks,
            }),
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                let result = self.switch(&name, tag.kind);
                let attributes = tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                push(match tag.kind {
                    TagKind::StartTag => Seen::Start { name, attributes, self_closing: tag.self_closing },
                    TagKind::EndTag => Seen::End(name),
                });
                return result;
            }
            Token::EOFToken => self.ended.set(true),
            Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.svg.get() > 0
    }
}

/// The tokens of the own tokenizer.
pub fn own(text: &str, state: State, last_start: Option<&str>, switches: bool) -> Vec<Seen> {
    let sink = copydesk::extract::probe::tokenize(text, state, last_start, Collector::new(switches));
    assert!(sink.ended.get(), "no end");
    sink.seen.into_inner()
}

/// The tokens of html5ever's.
pub fn reference(text: &str, state: State, last_start: Option<&str>, switches: bool) -> Vec<Seen> {
    let options = TokenizerOpts {
        discard_bom: false,
        initial_state: Some(state),
        last_start_tag_name: last_start.map(str::to_owned),
        ..TokenizerOpts::default()
    };
    let tokenizer = Tokenizer::new(Collector::new(switches), options);
    let input = BufferQueue::default();
    input.push_back(html5ever::tendril::StrTendril::from(text));
    while !matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.seen.into_inner()
}
