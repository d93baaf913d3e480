//! The words and comparison keys of a page's segments, taken from each text once.
//!
//! In: one text after the other. Out: a hash for each word, see [`text::word_hashes`], and each text's
//! [`text::comparison_key`]. All of them stand in two buffers for the whole page.

use crate::text;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    keys: Vec<u8>,
    words: Vec<u64>,
    /// Where each segment's key and words end.
    ends: Vec<(usize, usize)>,
}

impl Wording {
    /// Takes the next segment's text in; says how many words it has, as [`text::word_count`] does.
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        let before = self.words.len();
        text::push_wording(text, &mut self.keys, &mut self.words);
        self.ends.push((self.keys.len(), self.words.len()));
        u32::try_from(self.words.len() - before).unwrap_or(u32::MAX)
    }

    fn ends_before(&self, at: usize) -> (usize, usize) {
        at.checked_sub(1).map_or((0, 0), |before| self.ends[before])
    }

    /// The comparison key of a segment.
    pub(crate) fn key(&self, at: usize) -> &str {
        std::str::from_utf8(self.key_bytes(at)).unwrap_or_default()
    }

    /// The same as bytes.
    pub(crate) fn key_bytes(&self, at: usize) -> &[u8] {
        &self.keys[self.ends_before(at).0..self.ends[at].0]
    }

    /// The words of a segment.
    pub(crate) fn words(&self, at: usize) -> &[u64] {
        &self.words[self.ends_before(at).1..self.ends[at].1]
    }
}
