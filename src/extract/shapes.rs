//! Which elements of a page are alike in their name and in the attributes that words are read from, and which words are these?
//!
//! In: each element's name and attributes, as it is made. Out: a number, the same for all elements that are alike, and the words of
//! each: those of `class`, `id`, `itemprop`, `role` and a few `data-` names, split at case and punctuation. So what depends on these
//! words alone is found out once for all of them.

use rustc_hash::{FxBuildHasher, FxHashMap};
use xxhash_rust::xxh3::xxh3_64;

use super::names::{Name, role};
use super::source::{Kept, Source, Span};
use crate::eights::{self, EIGHT};
use crate::text::fold;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    numbers: FxHashMap<u64, u32>,
    /// Their words, one after the other: ASCII letters and the names of tags. Behind [`end`](Self::end) is room.
    letters: Vec<u8>,
    end: usize,
    /// Where each word ends in the letters.
    ends: Vec<u32>,
    /// Where the words of each shape end among all.
    groups: Vec<u32>,
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

/// Roughly what a page has of them.
const BYTES_A_SHAPE: usize = 512;

impl Shapes {
    /// For a page of so many bytes.
    pub(crate) fn new(page_length: usize) -> Self {
        let count = page_length / BYTES_A_SHAPE;
        Self {
            numbers: FxHashMap::with_capacity_and_hasher(count, FxBuildHasher),
            letters: Vec::with_capacity(count * 32),
            ends: Vec::with_capacity(count * 5),
            ..Self::default()
        }
    }

    /// The number of an element's shape, and the roles of its attributes; numbers ascend from 0.
    pub(crate) fn number(&mut self, source: &Source<'_>, name: Name, attributes: Span) -> (u32, u8) {
        let (mut key, mut roles) = (name.number(), 0);
        for attribute in attributes.of(&source.attributes) {
            let own = attribute.name.roles();
            roles |= own;
            if own & role::WORDS > 0 {
                key = fold(key, attribute.name.number() ^ xxh3_64(source.text(attribute.value).as_bytes()));
            }
        }
        if let Some(number) = self.numbers.get(&key) {
            return (*number, roles);
        }
        let number = self.push(source, name, attributes);
        self.numbers.insert(key, number);
        (number, roles)
    }

    /// The words of all shapes.
    pub(crate) fn into_words(mut self) -> Words {
        self.letters.truncate(self.end);
        Words { text: String::from_utf8(self.letters).unwrap_or_default(), ends: self.ends, shapes: self.groups }
    }

    /// Adds a shape; gives its number.
    fn push(&mut self, source: &Source<'_>, name: Name, attributes: Span) -> u32 {
        let number = index(self.groups.len());
        let name = source.names.text(name);
        self.letters.truncate(self.end);
        self.letters.push(b'<');
        self.letters.extend_from_slice(name.as_bytes());
        self.end = self.letters.len();
        self.ends.push(index(self.end));
        let mut left = MAX_WORDS;
        for attribute in with_words(source, attributes) {
            let value = source.text(attribute.value);
            let long = value.len() > MAX_VALUE_CHARS;
            let end = if long { value.char_indices().nth(MAX_VALUE_CHARS).map(|(end, _)| end) } else { None };
            self.push_value(&value[..end.unwrap_or(value.len())], &mut left);
        }
        self.groups.push(index(self.ends.len()));
        number
    }

    /// Adds the words of an attribute's value, as long as some are left to be taken.
    fn push_value(&mut self, value: &str, left: &mut usize) {
        let bytes = value.as_bytes();
        self.letters.resize(self.end + bytes.len() + EIGHT + 1, 0);
        let (mut start, mut end, mut at) = (self.end, self.end, 0);
        // Whether the last letter is a small one: a capital behind it begins a word.
        let mut is_small = false;
        while at <= bytes.len() {
            let eight = eights::load(bytes, at);
            let letters = eights::letters(eight);
            let count = eights::leading(letters);
            let until_capital = eights::first(eights::capitals(eight)).min(count);
            self.letters[end..end + EIGHT].copy_from_slice(&eights::small(eight).to_le_bytes());
            is_small |= until_capital > 0;
            let (mut word_ends, mut taken) = (count < EIGHT, count);
            if until_capital < count {
                // Letter by letter from the first capital on.
                word_ends = is_small;
                taken = if is_small { until_capital } else { until_capital + 1 };
                is_small = false;
            }
            (at, end) = (at + taken, end + taken);
            if word_ends {
                if !(2..=MAX_WORD).contains(&(end - start)) {
                    end = start;
                } else if *left == 0 {
                    break;
                } else {
                    *left -= 1;
                    self.ends.push(index(end));
                    start = end;
                }
            }
            if until_capital == count && count < EIGHT {
                at += eights::gap(letters, count);
                is_small = false;
            }
        }
        self.end = start;
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
}

/// A page's words are no longer than the page.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The attributes from which words are read.
fn with_words<'s>(source: &'s Source<'_>, attributes: Span) -> impl Iterator<Item = &'s Kept> {
    attributes.of(&source.attributes).iter().filter(|attribute| attribute.name.roles() & role::WORDS > 0)
}
