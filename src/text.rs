//! Text primitives: what every field of a record goes through, and how text is counted and compared.
//!
//! In: any `str` of a page. Out: NFC text, white space collapsed, without control, bidi and invisible
//! characters and without terminal escapes. Never: a look at the page's structure.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Cleans one line of text: NFC, white space collapsed to single spaces, trimmed, and everything
/// that does not print taken out. Cleaning twice is cleaning once.
///
/// ```
/// assert_eq!(copydesk::text::clean("  A\u{a0}\u{200b}head\u{1b}[31mline\n"), "A headline");
/// ```
#[must_use]
pub fn clean(raw: &str) -> String {
    if is_plain(raw) {
        return raw.to_owned();
    }
    let stripped = collapse(raw);
    if is_nfc_quick(stripped.chars()) == IsNormalized::Yes {
        return stripped;
    }
    // Composition can only join characters, but a singleton may become a space-like one: collapse again.
    let composed: String = stripped.nfc().collect();
    if is_plain(&composed) { composed } else { collapse(&composed) }
}

/// Whether `clean` would leave the text as it is, decided on ASCII alone (the common case).
fn is_plain(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut space = true;
    for &byte in bytes {
        match byte {
            b' ' if space => return false,
            b' ' => space = true,
            0x21..=0x7e => space = false,
            _ => return false,
        }
    }
    !space || bytes.is_empty()
}

/// White space collapsed, what does not print removed.
fn collapse(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut gap = false;
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let width = match c {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => escape_length(rest),
            _ => c.len_utf8(),
        };
        rest = &rest[width..];
        if is_space(c) {
            gap = true;
        } else if !is_unprinted(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// White space in the sense of a record: Unicode's, NEL and the line and paragraph separators among it.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Characters that print nothing: controls, bidi controls and invisible ones. The joiners ZWNJ and
/// ZWJ shape Persian, Indic scripts and emoji, and stay.
fn is_unprinted(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Longest escape sequence that is looked for, in bytes; longer ones lose their introducer only.
const MAX_ESCAPE: usize = 4096;

/// Length in bytes of the terminal escape at the start of `rest` (ECMA-48: CSI with parameters,
/// OSC and the other strings up to BEL or ST, and two-character escapes).
fn escape_length(rest: &str) -> usize {
    let mut chars = rest.char_indices();
    let Some((_, first)) = chars.next() else { return 0 };
    let introducer = match first {
        '\u{9b}' => '[',
        '\u{9d}' | '\u{90}' => ']',
        _ => match chars.next() {
            Some((_, c @ ('[' | ']' | 'P' | 'X' | '^' | '_'))) => c,
            Some((at, c)) if ('\u{20}'..='\u{7e}').contains(&c) && !c.is_alphanumeric() && c != ' ' && c != '<' => {
                return at + c.len_utf8();
            }
            _ => return first.len_utf8(),
        },
    };
    let start = chars.offset();
    for (at, c) in chars {
        if at - start > MAX_ESCAPE {
            break;
        }
        if introducer == '[' {
            match c {
                '\u{20}'..='\u{3f}' => {}
                '\u{40}'..='\u{7e}' => return at + c.len_utf8(),
                _ => return at,
            }
        } else if c == '\u{7}' || c == '\u{9c}' {
            return at + c.len_utf8();
        } else if c == '\u{1b}' {
            return if rest[at + 1..].starts_with('\\') { at + 2 } else { at };
        }
    }
    start
}

/// Text without a language's word spaces is counted by characters: ideographs, kana, Thai, Lao, Khmer, Burmese.
#[must_use]
pub fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0x0e00..=0x0eff | 0x1780..=0x17ff | 0x1000..=0x109f | 0x20000..=0x3ffff)
}

/// Number of words: runs of letters and digits; of scripts without word spaces, each character.
#[must_use]
pub fn word_count(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in text.chars() {
        if is_unspaced(c) {
            count += 1;
            inside = false;
        } else if c.is_alphanumeric() {
            count += usize::from(!inside);
            inside = true;
        } else if c != '\'' && c != '\u{2019}' {
            inside = false;
        }
    }
    count
}

/// The words of a text, lower-cased, as [`word_count`] counts them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if is_unspaced(c) {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
            out.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if c != '\'' && c != '\u{2019}' && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// The form in which two texts are compared: compatibility forms folded, lower case, letters and
/// digits only. Quotes, dashes, white space and punctuation don't count.
#[must_use]
pub fn comparison_key(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_of_every_kind_collapses() {
        assert_eq!(clean("\u{85}a\u{2028}b\u{a0}\t\r\nc\u{3000}"), "a b c");
    }

    #[test]
    fn terminal_escapes_go_whole() {
        assert_eq!(clean("a\u{1b}[1;31mred\u{1b}[0m"), "ared");
        assert_eq!(clean("a\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\b"), "alinkb");
        assert_eq!(clean("a\u{9b}31mb"), "ab");
        assert_eq!(clean("price \u{1b} 5"), "price 5");
    }

    #[test]
    fn joiners_stay_and_bidi_controls_go() {
        assert_eq!(clean("می\u{200c}خواهم\u{200f}\u{202b}"), "می\u{200c}خواهم");
    }

    #[test]
    fn composed_form() {
        assert_eq!(clean("Cafe\u{301}"), "Café");
    }

    #[test]
    fn words_of_unspaced_scripts_are_characters() {
        assert_eq!(word_count("东京 and the city’s 12.5"), 7);
        assert_eq!(words("Don't STOP 东京"), ["dont", "stop", "东", "京"]);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(raw in "(\\PC|[\u{0}-\u{a0}\u{1b}\u{9b}\\[\\]m;\u{200b}-\u{2029}\u{300}-\u{310}]){0,60}") {
            let once = clean(&raw);
            prop_assert_eq!(clean(&once), once);
        }

        #[test]
        fn plain_words_survive(list in proptest::collection::vec("[a-z]{1,8}", 0..20)) {
            prop_assert_eq!(clean(&list.join(" \n")), list.join(" "));
        }
    }
}
