//! Which articles are near copies of each other?
//!
//! In: the text of an article. Out: a [`Fingerprint`], to be kept and compared. Likeness is the Jaccard similarity of
//! the sets of word 5-grams (characters, where a script has no word spaces), as in Broder, "On the resemblance and
//! containment of documents" (1997). Candidates come from `MinHash` with banding (Leskovec, Rajaraman, Ullman,
//! "Mining of Massive Datasets", 3.4): 32 bands of 4 rows find a pair of similarity 0.8 with probability above 0.9999
//! and one of 0.3 in a quarter of cases; the similarity of every candidate is then counted, so a band in common is
//! never enough. Reports by formula with other numbers are no copies.

use xxhash_rust::xxh3::xxh3_64;

use crate::text;

/// Words in a shingle.
const SHINGLE: usize = 5;
/// Bands of the `MinHash` signature.
const BANDS: usize = 32;
/// Rows of a band.
const ROWS: usize = 4;
/// Words from which on a text can be told from others.
const MIN_WORDS: usize = 40;
/// Numbers from which on they weigh, and the share of them that two copies have in common at least.
const MIN_NUMBERS: usize = 4;
const MIN_COMMON_NUMBERS: f64 = 0.6;

/// What is kept of a text for comparison. Its bytes may be stored: they never change between versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Hashes of the shingles, sorted, each once.
    shingles: Vec<u32>,
    /// Hashes of the numbers, sorted, as often as they stand there.
    numbers: Vec<u32>,
    /// Hashes of the signature's bands; empty when read back from bytes.
    bands: Vec<u64>,
}

impl Fingerprint {
    /// The fingerprint of a text; `None` when it is too short to tell.
    #[must_use]
    pub fn of(body: &str) -> Option<Self> {
        let words = text::words(body);
        if words.len() < MIN_WORDS {
            return None;
        }
        let hashes: Vec<u64> = words.windows(SHINGLE).map(|w| xxh3_64(w.join("\u{1f}").as_bytes())).collect();
        let numbers = words.iter().filter(|w| w.bytes().any(|b| b.is_ascii_digit())).map(|w| low(xxh3_64(w.as_bytes()))).collect();
        let mut shingles: Vec<u32> = hashes.iter().map(|h| low(*h)).collect();
        shingles.sort_unstable();
        shingles.dedup();
        Some(Self { shingles, numbers: sorted(numbers), bands: bands(&hashes) })
    }

    /// The bands: two texts that are much alike have one in common.
    #[must_use]
    pub fn bands(&self) -> &[u64] {
        &self.bands
    }

    /// Jaccard similarity of the shingles, 0–1.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        share(&self.shingles, &other.shingles)
    }

    /// Whether the other is a near copy: alike enough, and not the same formula with other numbers.
    #[must_use]
    pub fn is_copy(&self, other: &Self, similarity: f64) -> bool {
        let few = self.numbers.len() < MIN_NUMBERS || other.numbers.len() < MIN_NUMBERS;
        self.similarity(other) >= similarity && (few || share(&self.numbers, &other.numbers) >= MIN_COMMON_NUMBERS)
    }

    /// Bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u32::try_from(self.shingles.len()).unwrap_or(u32::MAX);
        std::iter::once(&count).chain(&self.shingles).chain(&self.numbers).flat_map(|n| n.to_le_bytes()).collect()
    }

    /// Reads stored bytes; `None` when they are damaged.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, []) = bytes.as_chunks::<4>() else { return None };
        let mut words = words.iter().map(|w| u32::from_le_bytes(*w));
        let count = usize::try_from(words.next()?).ok()?;
        let shingles: Vec<u32> = words.by_ref().take(count).collect();
        (shingles.len() == count).then(|| Self { shingles, numbers: words.collect(), bands: Vec::new() })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
fn low(hash: u64) -> u32 {
    hash as u32
}

fn sorted(mut list: Vec<u32>) -> Vec<u32> {
    list.sort_unstable();
    list
}

/// Size of the intersection of two sorted lists over the size of their union.
fn share(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    let union = a.len() + b.len() - common;
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let share = if union == 0 { 1.0 } else { common as f64 / union as f64 };
    share
}

/// `MinHash` by multiplication with odd constants, banded.
fn bands(hashes: &[u64]) -> Vec<u64> {
    let mut minima = [u64::MAX; BANDS * ROWS];
    let factors: Vec<u64> = (1..=minima.len() as u64).map(|n| splitmix(n) | 1).collect();
    for hash in hashes {
        for (minimum, factor) in minima.iter_mut().zip(&factors) {
            let mixed = hash.wrapping_mul(*factor).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *minimum = mixed.min(*minimum);
        }
    }
    let bytes = |rows: &[u64]| rows.iter().flat_map(|r| r.to_le_bytes()).collect::<Vec<u8>>();
    minima.chunks(ROWS).zip(0u64..).map(|(rows, band)| xxh3_64(&bytes(rows)) ^ splitmix(band)).collect()
}

/// Vigna's `SplitMix64`: constants from a count.
fn splitmix(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(seed: u64) -> Vec<String> {
        (0..300u64)
            .map(|n| {
                let v = splitmix(seed * 1_000 + n) % 20_000;
                std::iter::successors(Some(v), |v| (*v > 25).then_some(v / 26))
                    .map(|v| char::from(b'a' + u8::try_from(v % 26).unwrap()))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn copies_and_other_texts() {
        let original = text_of(1);
        let mut edited = original.clone();
        for at in [20, 150, 260] {
            edited[at] = "edited".to_owned();
        }
        edited.splice(0..0, ["AGENCY".to_owned(), "March".to_owned()]);
        let (a, b, c) = (
            Fingerprint::of(&original.join(" ")).unwrap(),
            Fingerprint::of(&edited.join(" ")).unwrap(),
            Fingerprint::of(&text_of(2).join(" ")).unwrap(),
        );
        assert!(a.is_copy(&b, 0.8), "{}", a.similarity(&b));
        assert!(a.bands().iter().any(|band| b.bands().contains(band)));
        assert!(!a.is_copy(&c, 0.1));
    }

    #[test]
    fn the_same_formula_with_other_numbers_is_no_copy() {
        let report = |day: usize| {
            let filler = text_of(3).join(" ");
            format!(
                "{filler} The index closed at 1{day}{day}4 points, copper at {day}12, tin at 77{day}, wheat at 3{day}1 and oil at {day}{day}."
            )
        };
        let (a, b) = (Fingerprint::of(&report(1)).unwrap(), Fingerprint::of(&report(7)).unwrap());
        assert!(a.similarity(&b) > 0.8);
        assert!(!a.is_copy(&b, 0.8));
    }

    #[test]
    fn short_texts_have_none() {
        assert_eq!(Fingerprint::of("Too short to tell."), None);
    }

    proptest! {
        #[test]
        fn stored_and_read_back(seed in 0u64..1000) {
            let print = Fingerprint::of(&text_of(seed).join(" ")).unwrap();
            let back = Fingerprint::from_bytes(&print.to_bytes()).unwrap();
            prop_assert!((print.similarity(&back) - 1.0).abs() < 1e-9);
            prop_assert!(print.is_copy(&back, 1.0));
        }

        #[test]
        fn damaged_bytes_are_noticed_or_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Fingerprint::from_bytes(&bytes);
        }
    }
}
