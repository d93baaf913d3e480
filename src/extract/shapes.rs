//! Which elements of a page are alike in their name and in the attributes that words are read from, and which words are these?
//!
//! In: each element's name and attributes, as it is made. Out: a number, the same for all elements that are alike, and the words of
//! each: those of `class`, `id`, `itemprop`, `role` and a few `data-` names, split at case and punctuation. So what depends on these
//! words alone is found out once for all of them.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::names::{Name, known};
use super::source::{Source, Span};
use crate::text::fold;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    numbers: FxHashMap<u64, u32>,
    words: Words,
}

/// The words of all shapes, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Words {
    text: String,
    /// Where each word ends in the text.
    ends: Vec<u32>,
    /// Where the words of each shape end among all.
    shapes: Vec<u32>,
}

/// Words taken of one shape.
const MAX_WORDS: usize = 24;
/// Letters of the longest word.
const MAX_WORD: usize = 20;
/// Characters of one attribute that are read.
const MAX_VALUE_CHARS: usize = 300;

impl Shapes {
    /// The number of an element's shape; numbers ascend from 0.
    pub(crate) fn number(&mut self, source: &Source<'_>, name: Name, attributes: Span) -> u32 {
        let mut key = name.number();
        for value in with_words(source, attributes) {
            key = fold(key, xxh3_64(value.as_bytes()));
        }
        *self.numbers.entry(key).or_insert_with(|| self.words.push(source, name, attributes))
    }

    /// The words of all shapes.
    pub(crate) fn into_words(self) -> Words {
        self.words
    }
}

impl Words {
    /// How many shapes there are.
    pub(crate) fn shapes(&self) -> usize {
        self.shapes.len()
    }

    /// The words of a shape; the first is its tag's name with a `<` before it.
    pub(crate) fn of(&self, shape: usize) -> impl Iterator<Item = &str> {
        let before = |ends: &[u32], at: usize| at.checked_sub(1).map_or(0, |before| ends[before] as usize);
        let words = before(&self.shapes, shape)..self.shapes[shape] as usize;
        words.map(move |word| &self.text[before(&self.ends, word)..self.ends[word] as usize])
    }

    /// Adds a shape; gives its number.
    fn push(&mut self, source: &Source<'_>, name: Name, attributes: Span) -> u32 {
        let number = index(self.shapes.len());
        self.text.push('<');
        self.text.push_str(source.names.text(name));
        self.ends.push(index(self.text.len()));
        let mut left = MAX_WORDS;
        for value in with_words(source, attributes) {
            let long = value.len() > MAX_VALUE_CHARS;
            let end = if long { value.char_indices().nth(MAX_VALUE_CHARS).map(|(end, _)| end) } else { None };
            self.push_value(&value[..end.unwrap_or(value.len())], &mut left);
        }
        self.shapes.push(index(self.ends.len()));
        number
    }

    /// Adds the words of an attribute's value, as long as some are left to be taken.
    fn push_value(&mut self, value: &str, left: &mut usize) {
        let (mut start, mut before) = (0, 0);
        for (at, byte) in value.bytes().chain(std::iter::once(b' ')).enumerate() {
            let letter = LETTERS[usize::from(byte)];
            let goes_on = letter == SMALL || letter == CAPITAL && before != SMALL;
            before = letter;
            if goes_on {
                continue;
            }
            if (2..=MAX_WORD).contains(&(at - start)) {
                if *left == 0 {
                    return;
                }
                *left -= 1;
                let before = self.text.len();
                self.text.push_str(&value[start..at]);
                self.text[before..].make_ascii_lowercase();
                self.ends.push(index(self.text.len()));
            }
            start = at + usize::from(letter == 0);
        }
    }
}

const CAPITAL: u8 = 1;
const SMALL: u8 = 2;
/// What letter an ASCII byte is; 0 for all others.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphabetic() {
            letters[byte as usize] = if byte.is_ascii_lowercase() { SMALL } else { CAPITAL };
        }
        byte += 1;
    }
    letters
};

/// A page's words are no longer than the page.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The values from which words are read.
fn with_words<'s>(source: &'s Source<'_>, attributes: Span) -> impl Iterator<Item = &'s str> {
    let read = attributes.of(&source.attributes).iter().filter(|attribute| {
        matches!(
            attribute.name,
            known::CLASS
                | known::ID
                | known::ITEMPROP
                | known::ROLE
                | known::ARIA_LABEL
                | known::DATA_TESTID
                | known::DATA_COMPONENT
                | known::DATA_TYPE
        )
    });
    read.map(|attribute| source.text(attribute.value))
}
