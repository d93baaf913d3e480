//! The first words of a page's segments, taken from each text once.
//!
//! In: one text after the other. Out: a hash for each of its first words, see [`text::word_hashes`]. All of them stand in one buffer
//! for the whole page.

use crate::text;

/// Words of one text that are looked at: what it is shows at its beginning.
pub(crate) const MAX_WORDS: usize = 24;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    words: Vec<u64>,
    /// Where each segment's words end.
    ends: Vec<usize>,
}

impl Wording {
    /// Takes the next segment's text in; says how many words it has, as [`text::word_count`] does.
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        let count = text::push_words(text, MAX_WORDS, &mut self.words);
        self.ends.push(self.words.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The first words of a segment.
    pub(crate) fn words(&self, at: usize) -> &[u64] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start..self.ends[at]]
    }
}
