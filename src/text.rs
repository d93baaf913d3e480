//! Text primitives: what every field of a record goes through, and how text is counted and compared.
//!
//! In: any `str` of a page. Out: NFC text, white space collapsed, without control, bidi and invisible
//! characters and without terminal escapes. Never: a look at the page's structure.

mod words;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::eights::{self, EIGHT};
pub(crate) use words::{WordKind, each_word_kind, fold, push_words, word_hashes, words_up_to};
pub use words::{word_count, words};

/// Cleans one line of text: NFC, white space collapsed to single spaces, trimmed, and everything
/// that does not print taken out. Cleaning twice is cleaning once.
///
/// ```
/// assert_eq!(copydesk::text::clean("  A\u{a0}\u{200b}head\u{1b}[31mline\n"), "A headline");
/// ```
#[must_use]
pub fn clean(raw: &str) -> String {
    // The gaps around it are most of what is to be collapsed.
    let raw = raw.trim_matches(|c: char| matches!(c, '\t'..='\r' | ' '));
    if is_plain(raw) {
        return raw.to_owned();
    }
    let (stripped, composed) = collapse(raw);
    if composed || is_nfc_quick(stripped.chars()) == IsNormalized::Yes {
        return stripped;
    }
    // Composition can only join characters, but a singleton may become a space-like one: collapse again.
    let composed: String = stripped.nfc().collect();
    if is_plain(&composed) { composed } else { collapse(&composed).0 }
}

/// Whether `clean` would leave the text as it is, decided on ASCII alone (the common case).
fn is_plain(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    // Without an early end the compiler takes many bytes at a time.
    let odd = |byte: u8, next: u8| u8::from(!matches!(next, 0x20..=0x7e)) | (u8::from(byte == b' ') & u8::from(next == b' '));
    let is_odd = bytes.iter().zip(bytes.iter().skip(1)).fold(0, |any, (byte, next)| any | odd(*byte, *next));
    is_odd == 0 && bytes.first().is_none_or(|first| matches!(first, 0x21..=0x7e)) && !raw.ends_with(' ')
}

/// White space collapsed, what does not print removed; and whether every character is surely one that NFC keeps.
fn collapse(raw: &str) -> (String, bool) {
    let mut out = String::with_capacity(raw.len());
    let (mut gap, mut composed) = (false, true);
    let (mut barren, mut marks) = (usize::MAX, 0);
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let plain = plain_length(rest.as_bytes());
        if plain > 0 {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            (gap, marks) = (false, 0);
            out.push_str(&rest[..plain]);
            rest = &rest[plain..];
            continue;
        }
        if is_plainly_printed(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            (gap, marks) = (false, 0);
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let width = match c {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => escape_length(rest, &mut barren),
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
            marks = if is_mark(c) { marks + 1 } else { 0 };
            if marks > MAX_MARKS {
                continue;
            }
            composed &= stands_alone(c);
            out.push(c);
        }
    }
    (out, composed)
}

/// Bytes at the start of a text that stay as they are: printed ASCII, and single spaces between it.
fn plain_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    loop {
        while let Some(eight) = bytes[length..].first_chunk()
            && eights::is_plain(u64::from_le_bytes(*eight))
        {
            length += EIGHT;
        }
        length += bytes[length..].iter().take_while(|byte| matches!(byte, 0x21..=0x7e)).count();
        match bytes[length..] {
            [b' ', 0x21..=0x7e, ..] if length > 0 => length += 1,
            _ => return length,
        }
    }
}

/// Characters of the common ranges that composition (NFC) leaves as they are, whatever stands beside them.
fn stands_alone(c: char) -> bool {
    is_common_mark(c)
        || matches!(c as u32, 0..=0x2ff | 0x400..=0x482 | 0x2122 | 0x3001..=0x3029 | 0x3041..=0x3096 | 0x30a1..=0x30fa
        | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff01..=0xff5e)
}

/// Combining marks kept on one character: Unicode's stream-safe text has 30.
const MAX_MARKS: usize = 30;

/// Letters and marks that are met most and that [`stands_alone`] names, too: no white space, and nothing to look up.
fn is_plainly_printed(c: char) -> bool {
    matches!(c as u32, 0xc0..=0x2c1 | 0x400..=0x481 | 0x2010..=0x2027 | 0x3041..=0x3096 | 0x30a1..=0x30fa | 0x4e00..=0x9fff
        | 0xac00..=0xd7a3)
}

/// Marks of no script in particular, which can be stacked at will.
fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x300..=0x36f | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

/// White space in the sense of a record: Unicode's, NEL and the line and paragraph separators among it.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Number of characters that are not white space.
pub(crate) fn printed_count(text: &str) -> usize {
    let bytes = text.as_bytes();
    // Bytes with which a character begins. White space is as `is_space` has it; zeros stand in for what is missing behind the end.
    let begun: usize = (0..bytes.len()).step_by(EIGHT).map(|at| eights::printed(eights::load(bytes, at))).sum();
    let begun = begun - (bytes.len().next_multiple_of(EIGHT) - bytes.len());
    if text.is_ascii() {
        return begun;
    }
    let begins_wide_space = |at: &usize| {
        matches!(
            &bytes[*at..],
            [0xc2, 0x85 | 0xa0, ..]
                | [0xe1, 0x9a, 0x80, ..]
                | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
                | [0xe2, 0x81, 0x9f, ..]
                | [0xe3, 0x80, 0x80, ..]
        )
    };
    begun - (0..bytes.len()).filter(|at| matches!(bytes[*at], 0xc2 | 0xe1..=0xe3)).filter(begins_wide_space).count()
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
/// OSC and the other strings up to BEL or ST, and two-character escapes). No string ends before the last `barren` bytes
/// of the text: what was searched in vain is not searched again.
fn escape_length(rest: &str, barren: &mut usize) -> usize {
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
    if introducer == '[' {
        for (at, c) in chars.take_while(|(at, _)| at - start <= MAX_ESCAPE) {
            match c {
                '\u{20}'..='\u{3f}' => {}
                '\u{40}'..='\u{7e}' => return at + c.len_utf8(),
                _ => return at,
            }
        }
        return start;
    }
    let from = rest.len().saturating_sub(*barren).max(start);
    for (at, c) in rest[from..].char_indices().map(|(at, c)| (from + at, c)) {
        if at - start > MAX_ESCAPE {
            *barren = rest.len() - at;
            return start;
        }
        match c {
            '\u{7}' | '\u{9c}' => return at + c.len_utf8(),
            '\u{1b}' => return if rest[at + 1..].starts_with('\\') { at + 2 } else { at },
            _ => {}
        }
    }
    *barren = 0;
    start
}

/// Text without a language's word spaces is counted by characters: ideographs, kana, Thai, Lao, Khmer, Burmese.
#[must_use]
pub fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0x0e00..=0x0eff | 0x1780..=0x17ff | 0x1000..=0x109f | 0x20000..=0x3ffff)
}

/// The small letter or digit that an ASCII byte is; 0 for all others.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            letters[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

/// Whether a character outside ASCII is of a word, as `char::is_alphanumeric` has it, which looks most of them up in a table.
fn is_letter(c: char) -> bool {
    is_common_letter(c) || !is_common_mark(c) && c.is_alphanumeric()
}

/// Whether a character outside ASCII is a letter, as `char::is_alphabetic` has it.
pub(crate) fn is_alphabetic(c: char) -> bool {
    is_common_letter(c) || !is_common_mark(c) && c.is_alphabetic()
}

/// Letters of the scripts that are met most.
fn is_common_letter(c: char) -> bool {
    matches!(c as u32, 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0x2c1 | 0x400..=0x481 | 0x48a..=0x52f | 0x5d0..=0x5ea | 0x620..=0x64a)
}

/// Quotes, dashes and the like, which are no letters.
fn is_common_mark(c: char) -> bool {
    matches!(c as u32, 0x2010..=0x2027 | 0x2030..=0x205e | 0x20ac | 0xfffd)
}

/// Letters of a text that are compared where it holds compatibility forms, of which one may stand for eighteen letters.
const MAX_COMPARED: usize = 200_000;

/// The form in which two texts are compared: compatibility forms folded, lower case, letters and
/// digits only. Quotes, dashes, white space and punctuation don't count, nor what stands behind the first 200,000
/// letters of a text with compatibility forms.
#[must_use]
pub fn comparison_key(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    loop {
        let plain = if rest.is_ascii() { rest.len() } else { rest.bytes().take_while(u8::is_ascii).count() };
        push_letters(&rest.as_bytes()[..plain], &mut out);
        rest = &rest[plain..];
        let Some(c) = rest.chars().next() else { return out };
        if !folds_alone(c) {
            return folded(text).collect();
        }
        if is_letter(c) {
            out.extend(c.to_lowercase());
        }
        rest = &rest[c.len_utf8()..];
    }
}

/// The letters and digits of a run of ASCII, as [`LETTERS`] has them.
fn push_letters(bytes: &[u8], out: &mut String) {
    let mut some = [0; 64];
    for bytes in bytes.chunks(some.len()) {
        let mut count = 0;
        for byte in bytes {
            some[count] = LETTERS[usize::from(*byte)];
            count += usize::from(some[count] > 0);
        }
        out.push_str(std::str::from_utf8(&some[..count]).unwrap_or_default());
    }
}

/// The [`comparison_key`] of any text, letter by letter.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(MAX_COMPARED)
}

/// The first eight bytes of a text's [`comparison_key`] as one number, zeros behind a shorter one: texts with other heads have
/// other keys.
pub(crate) fn key_head(text: &str) -> u64 {
    let mut head = KeyHead::default();
    let mut chars = text.chars();
    while let Some(c) = if head.length < EIGHT { chars.next() } else { None } {
        if c.is_ascii() {
            let letter = LETTERS[c as usize];
            if letter > 0 {
                head.push(letter);
            }
        } else if !folds_alone(c) {
            return KeyHead::of(folded(text));
        } else if is_letter(c) {
            head.extend(c.to_lowercase());
        }
    }
    // What follows may join the last letter.
    if chars.next().is_some_and(|next| !next.is_ascii() && !folds_alone(next)) { KeyHead::of(folded(text)) } else { head.bytes }
}

/// The [`key_head`] of texts that have this [`comparison_key`].
pub(crate) fn head_of_key(key: &str) -> u64 {
    eights::load(key.as_bytes(), 0)
}

/// See [`key_head`].
#[derive(Debug, Default)]
struct KeyHead {
    bytes: u64,
    length: usize,
}

impl KeyHead {
    fn of(chars: impl Iterator<Item = char>) -> u64 {
        let mut head = Self::default();
        head.extend(chars.take(EIGHT));
        head.bytes
    }

    fn extend(&mut self, chars: impl Iterator<Item = char>) {
        for c in chars {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| self.push(byte));
        }
    }

    /// Adds a byte, if there is room for it.
    fn push(&mut self, byte: u8) {
        if self.length < EIGHT {
            self.bytes |= u64::from(byte) << (8 * self.length);
            self.length += 1;
        }
    }
}

/// Whether a text has this [`comparison_key`]; the first other letter settles it.
pub(crate) fn has_comparison_key(text: &str, key: &str) -> bool {
    let alone = |c: char| c.is_ascii() || folds_alone(c);
    let (mut rest, mut chars) = (key.chars(), text.chars().peekable());
    while let Some(c) = chars.next() {
        // What follows may join this letter.
        if !alone(c) || chars.peek().is_some_and(|next| !alone(*next)) {
            return folded(text).eq(key.chars());
        }
        if c.is_alphanumeric() && !c.to_lowercase().all(|c| rest.next() == Some(c)) {
            return false;
        }
    }
    rest.next().is_none()
}

/// Characters of the common ranges that compatibility forms (NFKC) leave as they are, whatever stands beside them,
/// and punctuation that they turn into other punctuation.
fn folds_alone(c: char) -> bool {
    matches!(c as u32, 0xc0..=0x131 | 0x134..=0x13e | 0x141..=0x148 | 0x14a..=0x17e | 0x400..=0x482 | 0xa0 | 0xa7 | 0xa9 | 0xab | 0xad
        | 0xae | 0xb0 | 0xb7 | 0xbb | 0xbf | 0x2010..=0x2016 | 0x2018..=0x2027 | 0x2030..=0x203d
        | 0x203f..=0x205e | 0x20ac | 0x3001..=0x3003 | 0x3005..=0x3029 | 0x3041..=0x3096 | 0x30a1..=0x30fa
        | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff01 | 0xff08 | 0xff09 | 0xff0c | 0xff0e | 0xff1a | 0xff1b | 0xff1f | 0xfffd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::is_nfkc_quick;

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
    fn the_common_ranges_are_known_right() {
        for c in '\u{80}'..=char::MAX {
            assert_eq!((is_letter(c), is_alphabetic(c)), (c.is_alphanumeric(), c.is_alphabetic()), "{c:?}");
            assert_eq!(printed_count(&format!("a {c}b")), 2 + usize::from(!is_space(c)), "{c:?}");
        }
        for c in ('\u{80}'..=char::MAX).filter(|c| stands_alone(*c)) {
            assert_eq!((is_nfc_quick([c].into_iter()), canonical_combining_class(c)), (IsNormalized::Yes, 0), "{c:?}");
        }
        for c in ('\u{80}'..=char::MAX).filter(|c| folds_alone(*c)) {
            let folded: Vec<char> = [c].into_iter().nfkc().collect();
            let stays = is_nfkc_quick([c].into_iter()) == IsNormalized::Yes && canonical_combining_class(c) == 0;
            assert!(!is_unspaced(c) || c.is_alphanumeric() && c.to_lowercase().eq([c]), "{c:?}");
            let punctuation = !c.is_alphanumeric() && folded.iter().all(|f| !f.is_alphanumeric() && canonical_combining_class(*f) == 0);
            assert!(stays || punctuation, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn keys_are_the_folded_letters(raw in "(\\PC|[a-zA-Z0-9 äéß“”’…\u{a0}\u{300}-\u{310}ﬁ①Å가각ᆨｶﾞ・、。]){0,40}") {
            let folded: String = raw.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
            prop_assert!(has_comparison_key(&raw, &folded));
            let longer = folded.clone() + "x";
            prop_assert!(!has_comparison_key(&raw, &longer));
            prop_assert_eq!(comparison_key(&raw), folded.as_str());
            let mut head = folded.into_bytes();
            head.resize(8, 0);
            prop_assert_eq!(key_head(&raw).to_le_bytes().to_vec(), head);
        }

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
