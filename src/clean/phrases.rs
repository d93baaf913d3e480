//! The phrases of `boilerplate.toml`, read once.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Deserialize;

use crate::article::NoteKind;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phrases {
    pub(crate) note: Vec<NotePhrases>,
    pub(crate) furniture: Vec<Furniture>,
}

/// Labels and openings of notes of one kind in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotePhrases {
    #[serde(rename = "language")]
    _language: String,
    pub(crate) kind: NoteKind,
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    #[serde(default)]
    pub(crate) starts: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the unit test below reads it"))]
    fixtures: Vec<String>,
}

/// One rule for blocks that are not the article's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Furniture {
    #[serde(rename = "language")]
    _language: String,
    pub(crate) rule: String,
    #[serde(default)]
    pub(crate) starts: Vec<String>,
    #[serde(default)]
    pub(crate) whole: Vec<String>,
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    /// Longest block that the rule may take, in words.
    pub(crate) max_words: usize,
    /// Only among the body's last blocks.
    #[serde(default)]
    pub(crate) tail: bool,
    /// Both `starts` and `contains` must hold.
    #[serde(default)]
    pub(crate) both: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "the unit test below reads it"))]
    fixtures: Vec<String>,
}

impl Furniture {
    /// Whether a phrase anywhere in a block is enough for it.
    fn takes_by_inner(&self) -> bool {
        !self.both && !self.contains.is_empty()
    }
}

/// The phrases that ship with the program.
pub(crate) fn phrases() -> &'static Phrases {
    static PHRASES: OnceLock<Phrases> = OnceLock::new();
    PHRASES.get_or_init(|| {
        toml::from_str(include_str!("boilerplate.toml")).expect("boilerplate.toml ships with the program; a unit test reads it")
    })
}

/// Characters of a phrase's beginning.
const HEAD: usize = 6;

/// How phrases begin, and those that may stand anywhere: most blocks begin like none of them, and need no closer look.
#[derive(Debug)]
pub(crate) struct Openings {
    notes: Heads,
    furniture: Heads,
    /// What takes a block wherever it stands in it, ASCII letters in either case.
    inner: AhoCorasick,
    /// Longest block, in words, that one of these takes.
    inner_words: usize,
}

/// The openings of the phrases that ship with the program.
pub(crate) fn openings() -> &'static Openings {
    static OPENINGS: OnceLock<Openings> = OnceLock::new();
    OPENINGS.get_or_init(|| {
        let inner = || phrases().furniture.iter().filter(|f| f.takes_by_inner());
        Openings {
            notes: Heads::new(phrases().note.iter().flat_map(|n| n.labels.iter().chain(&n.starts))),
            furniture: Heads::new(phrases().furniture.iter().flat_map(|f| f.starts.iter().chain(&f.whole))),
            // Twice as fast as the automaton that is taken by itself for so many.
            inner: AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::DFA))
                .ascii_case_insensitive(true)
                .build(inner().flat_map(|f| &f.contains))
                .expect("they are far fewer than it takes"),
            inner_words: inner().map(|f| f.max_words).max().unwrap_or(0),
        }
    })
}

/// The beginnings of some phrases.
#[derive(Debug)]
struct Heads {
    /// In order; none begins with another.
    sorted: Vec<String>,
    /// A bit for each two bytes with which any begins.
    pairs: Vec<u64>,
}

/// Where the bit for two bytes stands.
fn pair_bit(first: u8, second: u8) -> (usize, u64) {
    let pair = u16::from_be_bytes([first, second]);
    (usize::from(pair / 64), 1 << (pair % 64))
}

impl Heads {
    fn new<'a>(phrases: impl Iterator<Item = &'a String>) -> Self {
        let mut sorted: Vec<String> = phrases.map(|phrase| phrase.chars().take(HEAD).collect()).collect();
        sorted.sort_unstable();
        // What begins with a head that begins with another begins with that one, too.
        sorted.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
        let mut pairs = vec![0; usize::from(u16::MAX / 64) + 1];
        for head in &sorted {
            let seconds = match head.as_bytes() {
                [_, second, ..] => *second..=*second,
                _ => 0..=u8::MAX,
            };
            for (at, bit) in seconds.map(|second| pair_bit(head.bytes().next().unwrap_or_default(), second)) {
                pairs[at] |= bit;
            }
        }
        Self { sorted, pairs }
    }

    /// Whether any begins as these characters do.
    fn any_begins(&self, text: impl Iterator<Item = char>) -> bool {
        let (mut bytes, mut length) = ([0; HEAD * char::MAX_LEN_UTF8], 0);
        for c in text.take(HEAD) {
            length += c.encode_utf8(&mut bytes[length..]).len();
        }
        let (at, bit) = pair_bit(bytes[0], bytes[1]);
        self.pairs[at] & bit > 0 && {
            let text = &bytes[..length];
            // It can only be the last one that stands before the text.
            let before = self.sorted.partition_point(|head| head.as_bytes() <= text);
            before.checked_sub(1).is_some_and(|last| text.starts_with(self.sorted[last].as_bytes()))
        }
    }
}

impl Openings {
    /// Whether a text may be a note.
    pub(crate) fn of_note(&self, text: &str) -> bool {
        self.notes.any_begins(plain_chars(text).skip_while(|c| is_outer(*c)))
    }

    /// Whether a text of so many words may be furniture.
    pub(crate) fn of_furniture(&self, text: &str, words: usize) -> bool {
        words <= self.inner_words && self.inner.is_match(text)
            || self.furniture.any_begins(plain_chars(text).skip_while(|c| is_outer(*c)))
            || self.furniture.any_begins(text.chars().flat_map(char::to_lowercase))
    }
}

/// Lower case, plain quotes, outer brackets and dashes off: the form in which phrases are compared.
pub(crate) fn plain(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    lower.extend(plain_chars(text));
    lower.trim_matches(is_outer).to_owned()
}

fn plain_chars(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|c| match c {
        '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
        '“' | '”' | '„' => '"',
        '\u{a0}' => ' ',
        other => other,
    })
}

/// What may stand around a phrase.
fn is_outer(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '*' | '>' | '»' | '▶' | '►' | '→' | '–' | '—' | '-' | '•' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_phrases_are_plain() {
        for list in phrases().note.iter().map(|n| [&n.labels, &n.starts]).chain(phrases().furniture.iter().map(|f| [&f.starts, &f.whole])) {
            for phrase in list.into_iter().flatten().filter(|p| !p.contains(['（', '(', '’', '[', '<'])) {
                assert!(plain(phrase).starts_with(phrase.trim_end_matches(['-', ' '])), "{phrase}");
            }
        }
    }

    #[test]
    fn what_begins_like_a_phrase_is_looked_at() {
        for phrase in phrases().note.iter().flat_map(|n| n.labels.iter().chain(&n.starts)) {
            assert!(openings().of_note(&format!("– [{}: …", phrase.to_uppercase())) || plain(phrase) != *phrase, "{phrase}");
        }
        for phrase in phrases().furniture.iter().flat_map(|f| f.starts.iter().chain(&f.whole)) {
            assert!(openings().of_furniture(&format!("{phrase} …"), 80), "{phrase}");
        }
        for phrase in phrases().furniture.iter().filter(|f| f.takes_by_inner()).flat_map(|f| &f.contains) {
            // Letters outside ASCII have no case.
            assert!(phrase.chars().all(|c| c.is_ascii() && !"'\"".contains(c) || !c.is_ascii() && !c.is_lowercase()), "{phrase}");
            assert!(openings().of_furniture(&format!("Ana. {}", phrase.to_uppercase()), 8), "{phrase}");
        }
        assert!(!openings().of_note("The harbour council met on Monday."));
        assert!(!openings().of_furniture("The harbour council met on Monday.", 80));
    }

    /// The text of a fixture, lower-cased with plain quotes, and its host.
    fn fixture(slug: &str) -> (String, String) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(slug);
        let bytes = std::fs::read(folder.join("page.html")).or_else(|_| std::fs::read(folder.join("page.txt"))).unwrap();
        let meta: toml::Table = std::fs::read_to_string(folder.join("meta.toml")).unwrap().parse().unwrap();
        let value = |key: &str| meta.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let text = crate::decode::decode(&bytes, Some(&value("content_type")), None).text;
        let host = url::Url::parse(&value("url")).map_or_else(|_| slug.to_owned(), |u| u.host_str().unwrap_or_default().to_owned());
        (text.to_lowercase().replace('’', "'").replace("&nbsp;", " ").replace("&copy;", "©"), host)
    }

    #[test]
    fn every_rule_stands_on_two_publishers() {
        let mut publishers: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> = std::collections::BTreeMap::new();
        let notes = phrases().note.iter().map(|n| (format!("{:?}", n.kind), [&n.labels[..], &n.starts].concat(), &n.fixtures));
        let furniture = phrases().furniture.iter().map(|f| (f.rule.clone(), [&f.starts[..], &f.whole, &f.contains].concat(), &f.fixtures));
        for (rule, list, fixtures) in notes.chain(furniture) {
            let hosts = publishers.entry(rule.clone()).or_default();
            for slug in fixtures {
                let (text, host) = fixture(slug);
                assert!(list.iter().any(|phrase| text.contains(phrase.as_str())), "{rule}: nothing of {list:?} in {slug}");
                hosts.insert(host);
            }
        }
        for (rule, hosts) in publishers {
            assert!(hosts.len() >= 2, "{rule}: {hosts:?}");
        }
    }
}
