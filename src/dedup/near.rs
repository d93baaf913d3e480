//! Which articles are near copies of each other?
//!
//! In: the text of an article. Out: a [`Fingerprint`], to be kept and compared. Likeness is the Jaccard similarity of
//! the sets of word 5-grams (characters, where a script has no word spaces), as in Broder, "On the resemblance and
//! containment of documents" (1997). One edit in ten words breaks half of the 5-grams, so a text edited here and there
//! is known by its single words instead, see [`Fingerprint::is_copy`]. Candidates come from [`minhash`] over word
//! 3-grams: 48 bands of 4 rows find 99 of 100 pairs of which every tenth word differs (similarity of 3-grams 0.57), all
//! but one in a million of those of 0.8, and two articles on one matter (0.05) once in three thousand. Every candidate is
//! then compared, so a band in common is never enough. The same form with other numbers or names is no copy ([`facts`]).

use xxhash_rust::xxh3::xxh3_64;

use super::facts::{agree, common};
use super::minhash::{bands, low, splitmix};
use crate::text::{WordKind, each_word_kind};

/// Words in a shingle that is compared.
const SHINGLE: usize = 5;
/// Words in a shingle by which candidates are found.
const CANDIDATE_SHINGLE: usize = 3;
/// Words from which on a text can be told from others.
const MIN_WORDS: usize = 40;
/// Share of the shorter text's 5-grams that an edited copy keeps at least: one edit in ten words, spread as evenly as can
/// be, leaves half of them. An article that quotes a third of another has a third of them.
const MIN_KEPT_SHINGLES: f64 = 0.42;

/// What is kept of a text for comparison. Its bytes may be stored: they never change between versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Hashes of the shingles, sorted, each once.
    shingles: Vec<u32>,
    /// Hashes of the words, sorted, as often as they stand there; so the next two.
    words: Vec<u32>,
    /// Hashes of the words with digits.
    numbers: Vec<u32>,
    /// Hashes of the words with a capital inside a sentence.
    names: Vec<u32>,
    /// Hashes of the signature's bands; empty when read back from bytes.
    bands: Vec<u64>,
}

/// The words of a text, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Words {
    hashes: Vec<u64>,
    kinds: Vec<WordKind>,
}

impl Words {
    /// Takes in a paragraph.
    pub(crate) fn push(&mut self, text: &str) {
        each_word_kind(text, |word, kind| {
            self.hashes.push(xxh3_64(word));
            self.kinds.push(kind);
        });
    }

    /// A hash for each.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }
}

impl Fingerprint {
    /// The fingerprint of a text; `None` when it is too short to tell.
    #[must_use]
    pub fn of(body: &str) -> Option<Self> {
        let mut words = Words::default();
        words.push(body);
        Self::of_words(&words)
    }

    /// The same of a text that is known by its words.
    pub(crate) fn of_words(Words { hashes, kinds }: &Words) -> Option<Self> {
        if hashes.len() < MIN_WORDS {
            return None;
        }
        let bands = bands(hashes.windows(CANDIDATE_SHINGLE).map(shingle));
        let mut shingles = sorted(hashes.windows(SHINGLE).map(|w| low(shingle(w))).collect());
        shingles.dedup();
        let words = sorted(hashes.iter().map(|h| low(*h)).collect());
        let of_kind = |wanted| sorted(hashes.iter().zip(kinds).filter(|(_, kind)| **kind == wanted).map(|(hash, _)| low(*hash)).collect());
        Some(Self { shingles, words, numbers: of_kind(WordKind::Number), names: of_kind(WordKind::Name), bands })
    }

    /// Number of words.
    pub(crate) fn word_count(&self) -> usize {
        self.words.len()
    }

    /// The bands: two texts that are much alike have one in common.
    #[must_use]
    pub fn bands(&self) -> &[u64] {
        &self.bands
    }

    /// Jaccard similarity of the shingles, 0–1.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let common = common(&self.shingles, &other.shingles);
        share(common, self.shingles.len() + other.shingles.len() - common)
    }

    /// Whether the other is a near copy: alike enough, or one text edited here and there; and not the same form with other
    /// numbers or names.
    ///
    /// Edited here and there means: of the shorter text's words as many are in the other as two texts of one length and of
    /// this similarity have in common, the lengths differ no more than the similarity lets them, and of the 5-grams in
    /// a row enough are left for one in ten words edited.
    #[must_use]
    pub fn is_copy(&self, other: &Self, similarity: f64) -> bool {
        self.is_edited(other, similarity, 1)
    }

    /// Whether the two can be copies of one text that both were edited from: twice the differences of
    /// [`Fingerprint::is_copy`] are borne. For texts only of which is known that copies lead from one to the other.
    pub(super) fn is_sibling(&self, other: &Self, similarity: f64) -> bool {
        self.is_edited(other, similarity, 2)
    }

    fn is_edited(&self, other: &Self, similarity: f64, edits: i32) -> bool {
        let (short, long) = (self.words.len().min(other.words.len()), self.words.len().max(other.words.len()));
        let least = self.shingles.len().min(other.shingles.len());
        let alike = |share: f64, bound: f64| share >= bound.powi(edits);
        let shared = common(&self.shingles, &other.shingles);
        let same = alike(share(shared, self.shingles.len() + other.shingles.len() - shared), similarity);
        let edited = || {
            alike(share(short, long), similarity)
                && alike(share(shared, least), MIN_KEPT_SHINGLES)
                && alike(share(common(&self.words, &other.words), short), 2.0 * similarity / (1.0 + similarity))
        };
        (same || edited()) && agree(&self.numbers, &other.numbers, edits) && agree(&self.names, &other.names, edits)
    }

    /// Bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let lists = [&self.shingles, &self.words, &self.numbers, &self.names];
        let counts = lists.map(|list| u32::try_from(list.len()).unwrap_or(u32::MAX));
        let mut bytes = Vec::with_capacity(4 * (counts.len() + lists.iter().map(|list| list.len()).sum::<usize>()));
        counts.iter().chain(lists.into_iter().flatten()).for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
        bytes
    }

    /// Reads stored bytes; `None` when they are damaged.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, []) = bytes.as_chunks::<4>() else { return None };
        let numbers: Vec<u32> = words.iter().map(|w| u32::from_le_bytes(*w)).collect();
        let (counts, mut rest) = numbers.split_at_checked(4)?;
        let mut lists = counts.iter().map(|count| {
            let (list, after) = rest.split_at_checked(usize::try_from(*count).ok()?)?;
            rest = after;
            Some(list.to_vec())
        });
        let print =
            Self { shingles: lists.next()??, words: lists.next()??, numbers: lists.next()??, names: lists.next()??, bands: Vec::new() };
        drop(lists);
        rest.is_empty().then_some(print)
    }
}

/// Steps of [`Outline::length_step`] in a factor of *e*.
const LENGTH_STEPS: f64 = 16.0;

/// What finds the candidates among very many texts, where the whole [`Fingerprint`] is not needed yet.
#[derive(Debug)]
pub(super) struct Outline {
    /// The bands of its [`Fingerprint`].
    pub(super) bands: Vec<u64>,
    /// How many words it has, on a scale where a step is about 6 %: copies are a few steps apart.
    pub(super) length_step: u8,
    /// A hash of all its numbers: equal in copies that nobody edited.
    pub(super) numbers: u32,
}

impl Outline {
    /// The outline of a text; `None` when it has no fingerprint.
    pub(super) fn of(body: &str) -> Option<Self> {
        let (mut hashes, mut numbers) = (Vec::with_capacity(body.len() / 5), 0u32);
        each_word_kind(body, |word, kind| {
            let hash = xxh3_64(word);
            hashes.push(hash);
            // A sum: the order of paragraphs does not count.
            if kind == WordKind::Number {
                numbers = numbers.wrapping_add(low(hash));
            }
        });
        if hashes.len() < MIN_WORDS {
            return None;
        }
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a scale of 0–255")]
        let length_step = ((hashes.len() as f64).ln() * LENGTH_STEPS) as u8;
        Some(Self { bands: bands(hashes.windows(CANDIDATE_SHINGLE).map(shingle)), length_step, numbers })
    }
}

/// Whether two texts of these lengths can be copies at all.
pub(super) fn lengths_fit(a: u8, b: u8, similarity: f64) -> bool {
    // A cut or a dateline more is within a step; Jaccard counts shingles, each once, so there is some room.
    f64::from(a.abs_diff(b)) <= (1.0 / similarity.max(0.01)).ln() * LENGTH_STEPS + 2.0
}

/// The hash of words in a row.
pub(super) fn shingle(words: &[u64]) -> u64 {
    splitmix(words.iter().fold(0, |hash: u64, word| hash.rotate_left(13).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ word))
}

fn sorted(mut list: Vec<u32>) -> Vec<u32> {
    list.sort_unstable();
    list
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let share = if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    share
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
    fn the_same_form_with_other_names_is_no_copy() {
        let profile = |name: &str, town: &str| {
            let filler = text_of(4).join(" ");
            format!("{filler} so {name} of {town} met {name} in {town}, and {town} met {name} at the inn of {town} with {name} and {town}")
        };
        let of = |name, town| Fingerprint::of(&profile(name, town)).unwrap();
        assert!(of("Ruiz", "Aberwick").similarity(&of("Weller", "Norton")) > 0.8);
        assert!(!of("Ruiz", "Aberwick").is_copy(&of("Weller", "Norton"), 0.8));
        assert!(of("Ruiz", "Aberwick").is_copy(&of("Ruiz", "Aberwick"), 1.0));
    }

    #[test]
    fn one_edit_in_ten_words_is_a_copy_and_a_third_quoted_is_none() {
        let (original, other) = (text_of(5), text_of(6));
        let mut edited = original.clone();
        (0..edited.len()).step_by(10).for_each(|at| edited[at] = format!("new{}", "x".repeat(at)));
        let quoting = [&other[..200], &original[..100]].concat();
        let of = |words: &[String]| Fingerprint::of(&words.join(" ")).unwrap();
        assert!(of(&original).similarity(&of(&edited)) < 0.4);
        assert!(of(&original).is_copy(&of(&edited), 0.8));
        assert!(!of(&original).is_copy(&of(&edited), 0.95));
        assert!(!of(&original).is_copy(&of(&quoting), 0.8));
        let mut edited_else = original.clone();
        (1..edited_else.len()).step_by(10).for_each(|at| edited_else[at] = format!("else{}", "x".repeat(at)));
        assert!(!of(&edited).is_copy(&of(&edited_else), 0.8));
        assert!(of(&edited).is_sibling(&of(&edited_else), 0.8));
        assert!(!of(&original).is_sibling(&of(&quoting), 0.8));
    }

    #[test]
    fn an_outline_is_of_the_fingerprint() {
        let words = text_of(5);
        let of = |words: &[String]| Outline::of(&words.join(" ")).unwrap();
        assert_eq!(of(&words).bands, Fingerprint::of(&words.join(" ")).unwrap().bands());
        assert!(lengths_fit(of(&words).length_step, of(&words[..270]).length_step, 0.8));
        assert!(!lengths_fit(of(&words).length_step, of(&words[..100]).length_step, 0.8));
        assert!(Outline::of("Too short to tell.").is_none());
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
