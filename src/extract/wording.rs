//! The words and comparison keys of a page's segments, taken from each text once.
//!
//! In: segments. Out: a hash for each word, see [`text::word_hashes`], and each text's [`text::comparison_key`].
//! All of them stand in two buffers for the whole page.

use super::blocks::Segment;
use crate::text;

/// See the module.
#[derive(Debug)]
pub(crate) struct Wording {
    keys: String,
    words: Vec<u64>,
    /// Where each segment's key and words end.
    ends: Vec<(usize, usize)>,
}

impl Wording {
    pub(crate) fn new(segments: &[Segment]) -> Self {
        let mut wording = Self { keys: String::new(), words: Vec::new(), ends: Vec::with_capacity(segments.len()) };
        for segment in segments {
            text::push_comparison_key(&segment.text, &mut wording.keys);
            text::word_hashes(&segment.text, &mut wording.words);
            wording.ends.push((wording.keys.len(), wording.words.len()));
        }
        wording
    }

    fn ends_before(&self, at: usize) -> (usize, usize) {
        at.checked_sub(1).map_or((0, 0), |before| self.ends[before])
    }

    /// The comparison key of a segment.
    pub(crate) fn key(&self, at: usize) -> &str {
        &self.keys[self.ends_before(at).0..self.ends[at].0]
    }

    /// The words of a segment.
    pub(crate) fn words(&self, at: usize) -> &[u64] {
        &self.words[self.ends_before(at).1..self.ends[at].1]
    }
}
