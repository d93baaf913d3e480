//! The words of a segment's text as the model knows them: hashes of single words and of pairs.
//!
//! Which word says what is learned (`train/`): "subscribe", "read more", "cookies". Only the first words of a text are there.

use super::super::wording::MAX_WORDS;
use crate::text;

/// Hashes of one text at most.
pub(crate) const MAX_HASHES: usize = 2 * MAX_WORDS;

/// Calls `found` with a hash for each word and each pair of neighbours.
pub(crate) fn each(words: &[u64], mut found: impl FnMut(u32)) {
    for word in words {
        found(short(*word));
    }
    for pair in words.windows(2) {
        found(short(text::fold(pair[0], pair[1])));
    }
}

fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}
