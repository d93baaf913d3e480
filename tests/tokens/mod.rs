//! Tokens as tests compare them: runs of text joined, no parse errors.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use copydesk::extract::probe::Token as Seen;

/// Collects html5ever's tokens, and leads its tokenizer as a tree builder would: raw text in the elements that hold it,
/// CDATA sections inside `<svg>`.
#[derive(Default)]
struct Collector {
    seen: RefCell<Vec<Seen>>,
    svg: Cell<usize>,
    ended: Cell<bool>,
}

impl Collector {
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

/// The tokens of html5ever's tokenizer.
pub fn reference(text: &str) -> Vec<Seen> {
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Collector::default(), options);
    let input = BufferQueue::default();
    input.push_back(html5ever::tendril::StrTendril::from(text));
    while !matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.seen.into_inner()
}
