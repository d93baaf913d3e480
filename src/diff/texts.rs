//! What changed in a text?
//!
//! In: the paragraphs of two bodies, or two texts. Out: which paragraphs are gone, new, moved or reworded, and which words
//! changed inside one. The work is bounded whatever the texts are like. Never: an edit that depends on time.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};
use xxhash_rust::xxh3::xxh3_64;

use crate::text;

/// Share of the words that two texts must have in common to be one text, reworded.
const REWORDED: f64 = 0.5;
/// Comparisons up to which counterparts are looked for among what is gone and what is new.
const MAX_COMPARISONS: usize = 40_000;
/// Words of context around an edit.
const CONTEXT: usize = 3;

/// Words that changed in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Edit {
    /// Up to [`CONTEXT`] words before it.
    #[serde(skip)]
    pub(super) before: String,
    /// What stood there.
    pub(super) old: String,
    /// What stands there.
    pub(super) new: String,
    /// Up to [`CONTEXT`] words behind it.
    #[serde(skip)]
    pub(super) after: String,
}

/// A text that was reworded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Reworded {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) words: Vec<Edit>,
}

impl Reworded {
    pub(super) fn new(old: &str, new: &str) -> Self {
        Self { old: old.to_owned(), new: new.to_owned(), words: edits(old, new) }
    }
}

/// Words with the space behind them; characters, where a script has no spaces.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if text::is_unspaced(c) {
            out.extend([&text[start..at], &text[at..end]].into_iter().filter(|word| !word.is_empty()));
            start = end;
        } else if c.is_whitespace() {
            out.push(&text[start..end]);
            start = end;
        }
    }
    out.extend(Some(&text[start..]).filter(|word| !word.is_empty()));
    out
}

/// What changed from one text to the other, in order.
pub(super) fn edits(old: &str, new: &str) -> Vec<Edit> {
    let (from, to) = (words(old), words(new));
    // The last word has no space behind it, and that is no change.
    let bare = |words: &[&str]| words.iter().map(|word| xxh3_64(word.trim_end().as_bytes())).collect::<Vec<_>>();
    let mut out: Vec<Edit> = Vec::new();
    for (tag, before, after) in capture_diff_slices(Algorithm::Myers, &bare(&from), &bare(&to)).iter().map(similar::DiffOp::as_tag_tuple) {
        if tag == DiffTag::Equal {
            continue;
        }
        let joined = |range: std::ops::Range<usize>, words: &[&str]| words[range].concat().trim().to_owned();
        out.push(Edit {
            before: joined(after.start.saturating_sub(CONTEXT)..after.start, &to),
            old: joined(before, &from),
            new: joined(after.clone(), &to),
            after: joined(after.end..(after.end + CONTEXT).min(to.len()), &to),
        });
    }
    out
}

/// Which share of the words of two texts is in both.
fn alike(a: &[String], b: &[String]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0u32);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
        }
    }
    f64::from(2 * both) / f64::from(u32::try_from(a.len() + b.len()).unwrap_or(u32::MAX).max(1))
}

/// Pairs of a text that is gone and a new one that is the same, reworded; each text in one pair at most. The likest new one
/// is taken, of equals the first.
pub(super) fn reworded(gone: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if gone.len().saturating_mul(new.len()) > MAX_COMPARISONS {
        return Vec::new();
    }
    let sorted = |text: &&str| {
        let mut words = text::words(text);
        words.sort_unstable();
        words
    };
    let candidates: Vec<Vec<String>> = new.iter().map(sorted).collect();
    let mut taken = vec![false; new.len()];
    let mut pairs = Vec::new();
    for (from, text) in gone.iter().enumerate() {
        let own = sorted(text);
        let mut best: Option<(f64, usize)> = None;
        for (to, words) in candidates.iter().enumerate().filter(|(to, _)| !taken[*to]) {
            let share = alike(&own, words);
            if share >= REWORDED && best.is_none_or(|(most, _)| share > most) {
                best = Some((share, to));
            }
        }
        if let Some((_, to)) = best {
            taken[to] = true;
            pairs.push((from, to));
        }
    }
    pairs
}

/// How two lists of paragraphs differ, by index in the old and the new one.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    pub(super) gone: Vec<usize>,
    pub(super) new: Vec<usize>,
    pub(super) moved: Vec<(usize, usize)>,
    pub(super) reworded: Vec<(usize, usize)>,
    /// Those that stand in both.
    pub(super) kept: Vec<(usize, usize)>,
}

/// Finds out what became of each paragraph.
pub(super) fn align(old: &[&str], new: &[&str]) -> Alignment {
    let keys = |texts: &[&str]| texts.iter().map(|text| xxh3_64(text.as_bytes())).collect::<Vec<u64>>();
    let (from, to) = (keys(old), keys(new));
    let mut alignment = Alignment::default();
    for (tag, before, after) in capture_diff_slices(Algorithm::Myers, &from, &to).iter().map(similar::DiffOp::as_tag_tuple) {
        if tag == DiffTag::Equal {
            alignment.kept.extend(before.zip(after));
            continue;
        }
        let (gone, put_in): (Vec<usize>, Vec<usize>) = (before.clone().collect(), after.clone().collect());
        let pairs = reworded(&old[before], &new[after]);
        alignment.reworded.extend(pairs.iter().map(|(a, b)| (gone[*a], put_in[*b])));
        alignment.gone.extend(gone.iter().enumerate().filter(|(a, _)| pairs.iter().all(|(x, _)| x != a)).map(|(_, at)| *at));
        alignment.new.extend(put_in.iter().enumerate().filter(|(b, _)| pairs.iter().all(|(_, y)| y != b)).map(|(_, at)| *at));
    }
    alignment.find_moved(&from, &to);
    alignment
}

impl Alignment {
    /// What is gone in one place and new in another has moved.
    fn find_moved(&mut self, from: &[u64], to: &[u64]) {
        let mut put_in: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        self.new.iter().rev().for_each(|at| put_in.entry(to[*at]).or_default().push(*at));
        let moved = &mut self.moved;
        self.gone.retain(|at| match put_in.get_mut(&from[*at]).and_then(Vec::pop) {
            Some(new) => {
                moved.push((*at, new));
                false
            }
            None => true,
        });
        let taken: FxHashSet<usize> = moved.iter().map(|(_, new)| *new).collect();
        self.new.retain(|at| !taken.contains(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_that_changed_are_told_with_what_stands_around() {
        let got = edits("The bridge will close on Monday for a year.", "The bridge will reopen on Monday for two years, the mayor said.");
        let told: Vec<(&str, &str, &str)> = got.iter().map(|e| (e.before.as_str(), e.old.as_str(), e.new.as_str())).collect();
        assert_eq!(told, [("The bridge will", "close", "reopen"), ("on Monday for", "a year.", "two years, the mayor said.")]);
        assert_eq!(edits("橋は月曜日に閉まる。", "橋は火曜日に閉まる。").len(), 1);
        assert!(edits("Same words", "Same words ").is_empty());
    }

    #[test]
    fn paragraphs_go_come_move_and_change() {
        let old = ["first one", "the mayor opened the bridge on a cold day", "sign up here", "a tail that moves"];
        let new = ["a tail that moves", "first one", "the mayor opened the bridge on a warm day", "quite another thing"];
        let found = align(&old, &new);
        assert_eq!((found.kept, found.moved, found.reworded), (vec![(0, 1)], vec![(3, 0)], vec![(1, 2)]));
        assert_eq!((found.gone, found.new), (vec![2], vec![3]));
    }

    proptest! {
        #[test]
        fn every_paragraph_is_told_once(old in proptest::collection::vec("[ab]{1,2}( [ab]){0,3}", 0..12), new in proptest::collection::vec("[ab]{1,2}( [ab]){0,3}", 0..12)) {
            let (old, new): (Vec<&str>, Vec<&str>) = (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            let found = align(&old, &new);
            let pairs = [&found.kept[..], &found.moved, &found.reworded].concat();
            let mut from: Vec<usize> = pairs.iter().map(|p| p.0).chain(found.gone).collect();
            let mut to: Vec<usize> = pairs.iter().map(|p| p.1).chain(found.new).collect();
            from.sort_unstable();
            to.sort_unstable();
            prop_assert!(from.into_iter().eq(0..old.len()) && to.into_iter().eq(0..new.len()));
            prop_assert!(found.kept.iter().chain(&found.moved).all(|(a, b)| old[*a] == new[*b]));
        }
    }
}
