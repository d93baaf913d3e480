//! The phrases of `boilerplate.toml`, read once.

use std::sync::OnceLock;

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
    pub(crate) _language: String,
    pub(crate) kind: NoteKind,
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    #[serde(default)]
    pub(crate) starts: Vec<String>,
    #[serde(rename = "fixtures")]
    pub(crate) _fixtures: Vec<String>,
}

/// One rule for blocks that are not the article's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Furniture {
    #[serde(rename = "language")]
    pub(crate) _language: String,
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
    #[serde(rename = "fixtures")]
    pub(crate) _fixtures: Vec<String>,
}

/// The phrases that ship with the program.
pub(crate) fn phrases() -> &'static Phrases {
    static PHRASES: OnceLock<Phrases> = OnceLock::new();
    PHRASES.get_or_init(|| {
        toml::from_str(include_str!("boilerplate.toml")).expect("boilerplate.toml ships with the program; a unit test reads it")
    })
}

/// Lower case, plain quotes, outer brackets and dashes off: the form in which phrases are compared.
pub(crate) fn plain(text: &str) -> String {
    let lower: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
            '“' | '”' | '„' => '"',
            '\u{a0}' => ' ',
            other => other,
        })
        .collect();
    lower
        .trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '*' | '>' | '»' | '▶' | '►' | '→' | '–' | '—' | '-' | '•' | '|')
        })
        .to_owned()
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
}
