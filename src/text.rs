//! Text primitives: what every field of a record goes through, and how text is counted and compared.
//!
//! In: any `str` of a page. Out: NFC text, white space collapsed, without control, bidi and invisible
//! characters and without terminal escapes. Never: a look at the page's structure.

use crate::eights::{self, EIGHT};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

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

/// What an ASCII byte does outside a word and inside: [`INSIDE`] where a word goes on behind it, [`BEGINS`] where one begins.
const STEPS: [[u8; 256]; 2] = {
    let mut steps = [[0; 256]; 2];
    let mut byte = 0;
    while byte < 256 {
        if LETTERS[byte] > 0 {
            (steps[0][byte], steps[1][byte]) = (INSIDE | BEGINS, INSIDE);
        }
        byte += 1;
    }
    steps[1][b'\'' as usize] = INSIDE;
    steps
};
const INSIDE: u8 = 1;
const BEGINS: u8 = 2;

/// Number of words: runs of letters and digits; of scripts without word spaces, each character.
#[must_use]
pub fn word_count(text: &str) -> usize {
    words_up_to(text, usize::MAX)
}

/// The same, but no more than so many are counted.
pub(crate) fn words_up_to(text: &str, most: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut state, mut at) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at)
        && count < most
    {
        if byte.is_ascii() {
            state = STEPS[usize::from(state & INSIDE)][usize::from(byte)];
            count += usize::from(state / BEGINS);
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if is_unspaced(c) {
            count += 1;
            state = 0;
        } else if is_letter(c) {
            count += usize::from(state & INSIDE == 0);
            state = INSIDE;
        } else if c != '\u{2019}' {
            state = 0;
        }
    }
    count
}

/// The words of a text, lower-cased, as [`word_count`] counts them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    each_word(text, |word| out.push(word.to_owned()));
    out
}

/// A hash for each of a text's [`words`]: equal for equal words, on every machine.
pub(crate) fn word_hashes(text: &str) -> Vec<u64> {
    let (mut key, mut words) = (Vec::new(), Vec::new());
    push_wording(text, &mut key, &mut words);
    words
}

fn word_hash(word: &[u8]) -> u64 {
    let (parts, last) = word.as_chunks();
    let hash = parts.iter().fold(word.len() as u64, |hash, part| fold(hash, u64::from_le_bytes(*part)));
    if last.is_empty() { hash } else { fold(hash, last.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))) }
}

/// A hash and one thing more: the hash of both, in this order.
pub(crate) fn fold(hash: u64, more: u64) -> u64 {
    let mixed = (hash.rotate_left(23) ^ more).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}

fn each_word(text: &str, mut found: impl FnMut(&str)) {
    let mut word = String::with_capacity(32);
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            found(word);
            word.clear();
        }
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_ascii() {
            if c != '\'' {
                end(&mut word);
            }
        } else if is_unspaced(c) {
            end(&mut word);
            word.push(c);
            end(&mut word);
        } else if is_letter(c) {
            word.extend(c.to_lowercase());
        } else if c != '\u{2019}' {
            end(&mut word);
        }
    }
    end(&mut word);
}

/// What a word is in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordKind {
    /// A word like others.
    Plain,
    /// It has a digit.
    Number,
    /// It has a capital where its place asks for none: mostly a name. Scripts without case have none.
    Name,
}

/// Letters of a word after which a full stop ends a sentence rather than an abbreviation.
const MIN_LETTERS_BEFORE_STOP: usize = 4;

/// The [`words`] of a text, as bytes, each with what it is.
pub(crate) fn each_word_kind(text: &str, mut found: impl FnMut(&[u8], WordKind)) {
    let mut word: Vec<u8> = Vec::with_capacity(32);
    let (mut digit, mut capital, mut opens, mut letters) = (false, false, true, 0usize);
    let mut end = |word: &mut Vec<u8>, digit: &mut bool, capital: bool, opens: &mut bool, letters: &mut usize| {
        if word.is_empty() {
            return;
        }
        let kind = match (*digit, capital && !*opens && *letters > 1) {
            (true, _) => WordKind::Number,
            (false, true) => WordKind::Name,
            (false, false) => WordKind::Plain,
        };
        found(word, kind);
        word.clear();
        (*digit, *opens) = (false, false);
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let letter = LETTERS[usize::from(byte)];
        if letter > 0 {
            if word.is_empty() {
                (capital, letters) = (byte.is_ascii_uppercase(), 0);
            }
            letters += 1;
            digit |= byte.is_ascii_digit();
            word.push(letter);
            at += 1;
            continue;
        }
        let c = if byte.is_ascii() { Some(char::from(byte)) } else { text[at..].chars().next() };
        let Some(c) = c else { break };
        at += c.len_utf8();
        if !c.is_ascii() && is_letter(c) && !is_unspaced(c) {
            if word.is_empty() {
                (capital, letters) = (c.is_uppercase(), 0);
            }
            letters += 1;
            digit |= c.is_numeric();
            c.to_lowercase().for_each(|c| word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
        } else if !matches!(c, '\'' | '\u{2019}') {
            end(&mut word, &mut digit, capital, &mut opens, &mut letters);
            match c {
                '.' => opens |= letters >= MIN_LETTERS_BEFORE_STOP,
                '!' | '?' | ':' | '\n' | '"' | '\u{201c}' | '\u{201e}' | '\u{ab}' | '…' => opens = true,
                _ if !c.is_ascii() && is_unspaced(c) => {
                    word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    (capital, letters) = (false, 1);
                    end(&mut word, &mut digit, false, &mut opens, &mut letters);
                }
                _ => {}
            }
        }
    }
    end(&mut word, &mut digit, capital, &mut opens, &mut letters);
}

/// Appends the bytes of a text's [`comparison_key`] and the hashes of its words: mostly, the key is the words, one after
/// the other.
pub(crate) fn push_wording(text: &str, key: &mut Vec<u8>, words: &mut Vec<u64>) {
    let ends = (key.len(), words.len());
    let (mut start, mut at) = (key.len(), 0);
    loop {
        let rest = &text.as_bytes()[at..];
        let ascii = if rest.is_ascii() { rest.len() } else { rest.iter().take_while(|byte| byte.is_ascii()).count() };
        start = push_ascii_wording(&rest[..ascii], start, key, words);
        at += ascii;
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if !folds_alone(c) {
            key.truncate(ends.0);
            words.truncate(ends.1);
            key.extend_from_slice(comparison_key(text).as_bytes());
            each_word(text, |word| words.push(word_hash(word.as_bytes())));
            return;
        }
        if is_letter(c) && !is_unspaced(c) {
            c.to_lowercase().for_each(|c| key.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
            continue;
        }
        if c != '\u{2019}' && start < key.len() {
            words.push(word_hash(&key[start..]));
            start = key.len();
        }
        if is_unspaced(c) {
            key.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            words.push(word_hash(&key[start..]));
            start = key.len();
        }
    }
    if start < key.len() {
        words.push(word_hash(&key[start..]));
    }
}

/// The same for a run of ASCII; the word that it may go on begins at `start` in the key. Gives where its last begins, which may go on.
fn push_ascii_wording(bytes: &[u8], start: usize, key: &mut Vec<u8>, words: &mut Vec<u64>) -> usize {
    let end = key.len();
    // Room behind each word, so that eight bytes can be written and read wherever one ends.
    key.resize(end + bytes.len() + EIGHT, 0);
    let mut run = AsciiWording { bytes, key, words, start, end };
    if bytes.first().is_some_and(|first| !first.is_ascii_alphanumeric() && *first != b'\'') {
        run.end_word();
    }
    // Where each word stands is found for 64 bytes at once: so no word has to wait for the one before it.
    let mut begun = None;
    for block in (0..bytes.len()).step_by(BLOCK) {
        let inside = word_bits(bytes, block);
        // A word begins or ends where the bits change.
        let mut bounds = inside ^ (inside << 1 | u64::from(begun.is_some()));
        while bounds > 0 {
            let at = bounds.trailing_zeros();
            bounds &= bounds - 1;
            let place = block + at as usize;
            begun = match begun {
                None => Some(place),
                Some(from) => {
                    run.push(from, place);
                    None
                }
            };
        }
    }
    if let Some(from) = begun {
        run.push(from, bytes.len());
    }
    let (start, end) = (run.start, run.end);
    key.truncate(end);
    start
}

/// Bytes of which the words are found together.
const BLOCK: usize = u64::BITS as usize;

/// A bit for each of the bytes from `at` on that stands in a word or may join two parts of one.
fn word_bits(bytes: &[u8], at: usize) -> u64 {
    (at..bytes.len().min(at + BLOCK)).step_by(EIGHT).rev().fold(0, |bits, at| {
        let eight = eights::load(bytes, at);
        bits << EIGHT | eights::bits(eights::letters(eight) | eights::digits(eight) | eights::equal(eight, b'\''))
    })
}

/// A run of ASCII whose words are taken.
struct AsciiWording<'a> {
    bytes: &'a [u8],
    key: &'a mut Vec<u8>,
    words: &'a mut Vec<u64>,
    /// Where in the key the word that is not ended begins, and where the key ends.
    start: usize,
    end: usize,
}

impl AsciiWording<'_> {
    /// Takes what stands from one place to another: letters, digits and apostrophes. It ends a word but at the end of the run.
    fn push(&mut self, from: usize, to: usize) {
        let begins_here = self.start == self.end;
        let mut at = from;
        while at < to {
            let eight = eights::load(self.bytes, at);
            let (small, own) = (eights::small(eight), (to - at).min(EIGHT));
            let letters = eights::first(eights::equal(eight, b'\'')).min(own);
            self.key[self.end..self.end + EIGHT].copy_from_slice(&small.to_le_bytes());
            self.end += letters;
            if begins_here && letters == to - from && to < self.bytes.len() {
                // Most words: eight letters at most, with no apostrophe.
                self.words.push(fold(letters as u64, small & (u64::MAX >> (u64::BITS as usize - 8 * letters))));
                self.start = self.end;
                return;
            }
            // Over an apostrophe.
            at += letters + usize::from(letters < own);
        }
        if to < self.bytes.len() {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        if self.start < self.end {
            self.words.push(hash_before_others(&self.key[self.start..], self.end - self.start));
            self.start = self.end;
        }
    }
}

/// The [`word_hash`] of the first `length` of some bytes, behind which at least eight others stand.
fn hash_before_others(bytes: &[u8], length: usize) -> u64 {
    let (parts, _) = bytes[..length.next_multiple_of(size_of::<u64>())].as_chunks();
    let mut left = length;
    parts.iter().fold(length as u64, |hash, part| {
        let own = left.min(size_of::<u64>());
        left -= own;
        fold(hash, u64::from_le_bytes(*part) & (u64::MAX >> (u64::BITS as usize - 8 * own)))
    })
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
    fn words_of_unspaced_scripts_are_characters() {
        assert_eq!(word_count("东京 and the city’s 12.5"), 7);
        assert_eq!(words("Don't STOP 东京"), ["dont", "stop", "东", "京"]);
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

    #[test]
    fn word_hashes_tell_words_apart() {
        let mut hashes = word_hashes("Don't stop, dont STOP 东京 İstanbul i̇stanbul a b ab ba");
        assert_eq!(hashes.len(), words("Don't stop, dont STOP 东京 İstanbul i̇stanbul a b ab ba").len());
        assert_eq!(hashes[..2], hashes[2..4]);
        hashes.sort_unstable();
        hashes.dedup();
        assert!(hashes.len() >= 10);
    }

    #[test]
    fn numbers_and_names_are_told_by_their_place() {
        let mut kinds = Vec::new();
        let text = "The mayor of Aberwick, Mr. Cole, spent 12.5 million. She said: “We paid.” It closed. 东京 3";
        each_word_kind(text, |word, kind| kinds.push((String::from_utf8(word.to_vec()).unwrap(), kind)));
        let of = |kind| kinds.iter().filter(|(_, k)| *k == kind).map(|(w, _)| w.as_str()).collect::<Vec<_>>();
        assert_eq!(of(WordKind::Name), ["aberwick", "mr", "cole"]);
        assert_eq!(of(WordKind::Number), ["12", "5", "3"]);
    }

    proptest! {
        #[test]
        fn words_with_their_kinds_are_the_words(raw in "(\\PC|[a-zA-Z0-9'’. 东é]){0,200}") {
            let mut list = Vec::new();
            each_word_kind(&raw, |word, _| list.push(String::from_utf8(word.to_vec()).unwrap()));
            prop_assert_eq!(list, words(&raw));
        }

        #[test]
        fn keys_are_the_folded_letters(raw in "(\\PC|[a-zA-Z0-9 äéß“”’…\u{a0}\u{300}-\u{310}ﬁ①Å가각ᆨｶﾞ・、。]){0,40}") {
            let folded: String = raw.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
            prop_assert!(has_comparison_key(&raw, &folded));
            let longer = folded.clone() + "x";
            prop_assert!(!has_comparison_key(&raw, &longer));
            prop_assert_eq!(comparison_key(&raw), folded);
        }

        #[test]
        fn words_are_counted_as_they_are_split(raw in "(\\PC|[a-z'’ 东é]){0,200}") {
            let list = words(&raw);
            let (mut key, mut hashes) = (Vec::new(), Vec::new());
            push_wording(&raw, &mut key, &mut hashes);
            prop_assert_eq!(String::from_utf8(key).unwrap(), comparison_key(&raw));
            prop_assert_eq!(hashes, list.iter().map(|w| word_hash(w.as_bytes())).collect::<Vec<_>>());
            prop_assert_eq!(list.len(), word_count(&raw));
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
