//! The words of a text: counted, hashed, and told apart.
//!
//! In: a text. Out: its words, lower-cased: runs of letters and digits, over apostrophes; of scripts without word spaces, each
//! character.

use std::sync::LazyLock;

use super::{LETTERS, is_letter, is_unspaced};
use crate::eights::{self, EIGHT};

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
    let mut words = Vec::new();
    push_words(text, usize::MAX, &mut words);
    words
}

/// Appends a hash for each of the first words of a text, `most` at most; says how many words it has, as [`word_count`] does.
pub(crate) fn push_words(text: &str, most: usize, words: &mut Vec<u64>) -> usize {
    let mut taker = Taker { text, words, left: most, count: 0, word: Vec::new() };
    // Where the run begins that is not ended, and whether it has more than ASCII letters and digits.
    let (mut begun, mut is_odd) = (None, false);
    for block in (0..text.len()).step_by(BLOCK) {
        // Where each run stands is found for 64 bytes at once: so no word has to wait for the one before it.
        let (plain, odd) = run_bits(text.as_bytes(), block);
        if odd == 0 && !is_odd && taker.left == 0 {
            // Nothing but their number is asked for, and each run is a word.
            taker.count += (!plain & (plain << 1 | u64::from(begun.is_some()))).count_ones() as usize;
            let last = plain.leading_ones() as usize;
            begun = begun.filter(|_| last == BLOCK).or((last > 0).then_some(block + BLOCK - last));
            continue;
        }
        let inside = plain | odd;
        // A run begins or ends where the bits change.
        let mut bounds = inside ^ (inside << 1 | u64::from(begun.is_some()));
        while bounds > 0 {
            let at = bounds.trailing_zeros();
            bounds &= bounds - 1;
            let place = block + at as usize;
            begun = match begun {
                None => Some(place),
                Some(from) => {
                    is_odd |= (odd & ((1 << at) - 1)) >> from.saturating_sub(block) > 0;
                    taker.take(from, place, is_odd);
                    is_odd = false;
                    None
                }
            };
        }
        is_odd |= begun.is_some_and(|from| odd >> from.saturating_sub(block) > 0);
    }
    if let Some(from) = begun {
        taker.take(from, text.len(), is_odd);
    }
    taker.count
}

/// Bytes of which the runs are found together.
const BLOCK: usize = u64::BITS as usize;

/// A bit for each of the bytes from `at` on that is an ASCII letter or digit, and for each that may be of a word with others: an
/// apostrophe, or outside ASCII.
fn run_bits(bytes: &[u8], at: usize) -> (u64, u64) {
    (at..bytes.len().min(at + BLOCK)).step_by(EIGHT).rev().fold((0, 0), |(plain, odd), at| {
        let eight = eights::load(bytes, at);
        let own = (eights::letters(eight) | eights::digits(eight), eights::equal(eight, b'\'') | eights::beyond_ascii(eight));
        (plain << EIGHT | eights::bits(own.0), odd << EIGHT | eights::bits(own.1))
    })
}

/// Takes the words of a text, run by run.
struct Taker<'a> {
    text: &'a str,
    words: &'a mut Vec<u64>,
    /// How many hashes are still wanted.
    left: usize,
    count: usize,
    /// The letters of a word that is put together.
    word: Vec<u8>,
}

impl Taker<'_> {
    /// Takes the run from one place to another.
    fn take(&mut self, from: usize, to: usize, is_odd: bool) {
        if is_odd {
            self.take_odd(from, to);
            return;
        }
        self.count += 1;
        if self.left > 0 {
            self.left -= 1;
            self.words.push(hash_plain(self.text.as_bytes(), from, to));
        }
    }

    /// Takes a run that holds apostrophes or characters outside ASCII: these may be letters, or end a word.
    fn take_odd(&mut self, from: usize, to: usize) {
        let run = &self.text[from..to];
        if self.left == 0 {
            self.count += word_count(run);
            return;
        }
        let lower = &**LOWER;
        for c in run.chars() {
            if c.is_ascii() {
                if c != '\'' {
                    self.word.push(LETTERS[c as usize & 0x7f]);
                }
                continue;
            }
            match lower.get(c as usize) {
                Some(0) => self.end_word(),
                Some(&small) if small != UNKNOWN => {
                    let [low, high] = small.to_le_bytes();
                    self.word.extend([0xc0 | high << 2 | low >> 6, 0x80 | low & 0x3f]);
                }
                _ => self.take_rare(c),
            }
        }
        self.end_word();
    }

    /// Takes a character that [`LOWER`] doesn't have.
    fn take_rare(&mut self, c: char) {
        if is_unspaced(c) {
            self.end_word();
            self.word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            self.end_word();
        } else if is_letter(c) {
            c.to_lowercase().for_each(|c| self.word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
        } else if c != '\u{2019}' {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        self.count += 1;
        if self.left > 0 {
            self.left -= 1;
            self.words.push(hash(&self.word));
        }
        self.word.clear();
    }
}

/// The small letter or digit of each character of two bytes (UTF-8) that is common; 0 for those that are of no word, [`UNKNOWN`] where its
/// small form is another's length.
static LOWER: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let small = |c: char| {
        let mut small = c.to_lowercase();
        let one = small.next().filter(|small| (0x80..0x800).contains(&(*small as u32))).filter(|_| small.next().is_none());
        one.and_then(|one| u16::try_from(u32::from(one)).ok()).unwrap_or(UNKNOWN)
    };
    let entry = |c: char| if is_letter(c) { small(c) } else { 0 };
    ('\0'..'\u{530}').map(|c| if c.is_ascii() { UNKNOWN } else { entry(c) }).collect()
});
const UNKNOWN: u16 = u16::MAX;

/// The [`hash`] of a word of ASCII letters and digits, in small.
fn hash_plain(bytes: &[u8], from: usize, to: usize) -> u64 {
    let length = to - from;
    let own = |at: usize| eights::small(eights::load(bytes, at)) & (u64::MAX >> (u64::BITS as usize - 8 * (to - at).min(EIGHT)));
    (from..to).step_by(EIGHT).fold(length as u64, |hash, at| fold(hash, own(at)))
}

fn hash(word: &[u8]) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_unspaced_scripts_are_characters() {
        assert_eq!(word_count("东京 and the city’s 12.5"), 7);
        assert_eq!(words("Don't STOP 东京"), ["dont", "stop", "东", "京"]);
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
        fn words_are_counted_as_they_are_split(raw in "(\\PC|[a-zA-Z'’ 东éÉİжЖß—\n]|[a-z]{1,90}){0,200}", most in 0..40usize) {
            let list: Vec<u64> = words(&raw).iter().map(|word| hash(word.as_bytes())).collect();
            let mut hashes = vec![7];
            let count = push_words(&raw, most, &mut hashes);
            prop_assert_eq!(&hashes[1..], &list[..list.len().min(most)]);
            prop_assert_eq!((count, word_count(&raw)), (list.len(), list.len()));
            prop_assert_eq!(word_hashes(&raw), list);
        }
    }
}
