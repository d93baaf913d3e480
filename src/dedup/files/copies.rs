//! Which records are near copies of which?
//!
//! In: the fingerprint of every record, one after the other. Out: for each copy, the record that it copies. First the bands
//! are sorted on the disk and give pairs that may be copies; then the fingerprints of those few are kept, and the pairs are
//! compared. Copies of copies come together, and in each group the earliest published leads, else the first seen; every
//! other member is compared with the leader itself before it is marked, so that no chain of small steps makes a copy of
//! what is none; two that were both edited from a third may differ twice as much. Revisions of one article are no copies of each other; the same record twice is. Memory: some bytes a
//! record. Never: a mark on a band alone.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::bits::Bits;
use super::line::Record;
use super::shelf::Kept;
use super::spill::Spill;
use crate::dedup::minhash::low;
use crate::dedup::near::{Fingerprint, Outline, lengths_fit};
use crate::dedup::published::instant;
use crate::error::Result;

/// Neighbours in a band that a record is paired with, besides the band's first.
const NEIGHBOURS: usize = 2;
/// Leaders of a group that a member is compared with.
const MAX_LEADERS: usize = 64;

/// What finds the candidates.
#[derive(Debug)]
pub(super) struct Bands<'a> {
    folder: &'a Path,
    entries: Spill<'a>,
    repeats: Spill<'a>,
    records: u32,
}

/// What is taken from a record for [`Bands`].
#[derive(Debug)]
pub(super) struct Traits {
    identity: u64,
    content: u64,
    /// Its bands, and what keeps those apart that cannot be copies: length and numbers.
    print: Option<(Vec<u64>, u32)>,
}

impl Traits {
    pub(super) fn of(record: &Record<'_>, body: &str) -> Self {
        let print = Outline::of(body).map(|outline| {
            // Records with the same numbers stand side by side in a band that many share.
            (outline.bands, u32::from(outline.length_step) << 24 | outline.numbers >> 8)
        });
        Self { identity: record.identity(), content: record.content(), print }
    }
}

impl<'a> Bands<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, entries: Spill::of_hashes(folder), repeats: Spill::of_hashes(folder), records: 0 }
    }

    pub(super) fn add(&mut self, record: u32, traits: &Traits) -> Result<()> {
        self.records = record + 1;
        self.repeats.push(u128::from(traits.identity) << 64 | u128::from(low(traits.content)) << 32 | u128::from(record))?;
        if let Some((bands, apart)) = &traits.print {
            for band in bands {
                self.entries.push(u128::from(*band) << 64 | u128::from(*apart) << 32 | u128::from(record))?;
            }
        }
        Ok(())
    }

    /// The pairs that may be copies.
    pub(super) fn candidates(self, similarity: f64) -> Result<Candidates<'a>> {
        let mut wanted = Bits::default();
        let mut originals = FxHashMap::default();
        self.repeats.each_part(|part| {
            for group in part.chunk_by(|a, b| a >> 32 == b >> 32).filter(|group| group.len() > 1) {
                wanted.put(lower(group[0]));
                originals.extend(group[1..].iter().map(|repeat| (lower(*repeat), lower(group[0]))));
            }
            Ok(())
        })?;
        let mut pairs = Spill::new(self.folder, u64::from(self.records));
        self.entries.each_part(|part| {
            for group in part.chunk_by(|a, b| a >> 64 == b >> 64).filter(|group| group.len() > 1) {
                let members: Vec<u128> = group.iter().filter(|entry| !originals.contains_key(&lower(**entry))).copied().collect();
                for (at, entry) in members.iter().enumerate().skip(1) {
                    let near = &members[at.saturating_sub(NEIGHBOURS).max(1)..at];
                    for other in members[..1].iter().chain(near) {
                        let length = |entry: u128| u8::try_from(entry >> 56 & 0xff).unwrap_or(u8::MAX);
                        if lengths_fit(length(*entry), length(*other), similarity) {
                            let (a, b) = (lower(*entry).min(lower(*other)), lower(*entry).max(lower(*other)));
                            wanted.put(a);
                            wanted.put(b);
                            pairs.push(u128::from(a) << 96 | u128::from(b) << 64)?;
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(Candidates { pairs, originals, wanted, similarity })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest part of an entry")]
fn lower(entry: u128) -> u32 {
    entry as u32
}

/// Pairs that may be copies, and the records whose particulars settle it.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    pairs: Spill<'a>,
    /// Repeats with the record that they repeat.
    originals: FxHashMap<u32, u32>,
    /// Records that are to be looked at closely.
    pub(super) wanted: Bits,
    similarity: f64,
}

/// What settles whether a record is a copy.
#[derive(Debug)]
struct Particulars {
    identity: u64,
    published: Option<i64>,
    id: String,
    print: Option<Fingerprint>,
}

/// The particulars of a record as bytes, to be kept for [`Candidates::settle`].
pub(super) fn particulars(record: &Record<'_>, body: &str) -> Vec<u8> {
    let id = record.id();
    let print = Fingerprint::of(body).map(|print| print.to_bytes()).unwrap_or_default();
    // No instant is the first one: it stands for none.
    let published = instant(record.published.as_deref()).unwrap_or(i64::MIN);
    let length = u32::try_from(id.len()).unwrap_or(u32::MAX);
    [&record.identity().to_le_bytes()[..], &published.to_le_bytes(), &length.to_le_bytes(), id.as_bytes(), &print].concat()
}

impl Particulars {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (identity, rest) = bytes.split_first_chunk()?;
        let (published, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (id, print) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        Some(Self {
            identity: u64::from_le_bytes(*identity),
            published: Some(i64::from_le_bytes(*published)).filter(|at| *at != i64::MIN),
            id: String::from_utf8_lossy(id).into_owned(),
            print: Fingerprint::from_bytes(print),
        })
    }

    /// Whether the two are copies; revisions of one article are not.
    fn is_copy(&self, other: &Self, similarity: f64) -> bool {
        self.identity != other.identity && self.print.as_ref().zip(other.print.as_ref()).is_some_and(|(a, b)| a.is_copy(b, similarity))
    }

    /// Whether the two can be copies of a third.
    fn is_sibling(&self, other: &Self, similarity: f64) -> bool {
        self.identity != other.identity && self.print.as_ref().zip(other.print.as_ref()).is_some_and(|(a, b)| a.is_sibling(b, similarity))
    }
}

/// Copies, each with the `id`, as JSON, of the record that it copies.
#[derive(Debug, Default)]
pub(super) struct Copies {
    of: FxHashMap<u32, u32>,
    ids: FxHashMap<u32, String>,
}

impl Copies {
    /// The `id` of the record that this one copies.
    pub(super) fn original(&self, record: u32) -> Option<&str> {
        self.ids.get(self.of.get(&record)?).map(String::as_str)
    }
}

impl Candidates<'_> {
    /// Compares the pairs, and finds the leader of each group.
    pub(super) fn settle(self, mut kept: Kept<'_>) -> Result<Copies> {
        let Self { pairs, originals, similarity, .. } = self;
        let mut groups = Groups::default();
        let mut last: Option<(u32, Particulars)> = None;
        let mut previous = None;
        pairs.each_part(|part| {
            for pair in part {
                let (a, b) = (lower(pair >> 96), lower(pair >> 64));
                if previous.replace(*pair) == Some(*pair) || groups.root(a) == groups.root(b) {
                    continue;
                }
                if last.as_ref().is_none_or(|(record, _)| *record != a) {
                    last = kept.get(a)?.and_then(|bytes| Some((a, Particulars::read(&bytes)?)));
                }
                let other = kept.get(b)?.and_then(|bytes| Particulars::read(&bytes));
                if last.as_ref().zip(other.as_ref()).is_some_and(|((_, a), b)| a.is_copy(b, similarity)) {
                    groups.join(a, b);
                }
            }
            Ok(())
        })?;
        let mut copies = Copies::default();
        for members in groups.into_lists() {
            copies.lead(&members, &mut kept, similarity)?;
        }
        copies.add_repeats(originals, &mut kept)?;
        Ok(copies)
    }
}

impl Copies {
    /// Marks the members of a group that copy an earlier one.
    fn lead(&mut self, members: &[u32], kept: &mut Kept<'_>, similarity: f64) -> Result<()> {
        let mut order = Vec::with_capacity(members.len());
        for record in members {
            let published = kept.get(*record)?.and_then(|bytes| Particulars::read(&bytes)?.published);
            // Dated ones come first.
            order.push((Reverse(published.is_some()), published, *record));
        }
        order.sort_unstable();
        let mut leaders: Vec<(u32, Particulars)> = Vec::new();
        for (_, _, record) in order {
            let Some(own) = kept.get(record)?.and_then(|bytes| Particulars::read(&bytes)) else { continue };
            let copied = leaders.iter().find(|(_, earlier)| earlier.is_copy(&own, similarity));
            if let Some((leader, earlier)) = copied.or_else(|| leaders.iter().find(|(_, earlier)| earlier.is_sibling(&own, similarity))) {
                self.of.insert(record, *leader);
                self.ids.entry(*leader).or_insert_with(|| earlier.id.clone());
            } else if leaders.len() < MAX_LEADERS {
                leaders.push((record, own));
            }
        }
        Ok(())
    }

    /// A repeat copies what its original copies, or else the original.
    fn add_repeats(&mut self, originals: FxHashMap<u32, u32>, kept: &mut Kept<'_>) -> Result<()> {
        let mut repeats: Vec<(u32, u32)> = originals.into_iter().collect();
        repeats.sort_unstable();
        for (repeat, original) in repeats {
            let leader = self.of.get(&original).copied().unwrap_or(original);
            if let Entry::Vacant(place) = self.ids.entry(leader) {
                let Some(own) = kept.get(leader)?.and_then(|bytes| Particulars::read(&bytes)) else { continue };
                place.insert(own.id);
            }
            self.of.insert(repeat, leader);
        }
        Ok(())
    }
}

/// Records that belong together: a forest of parents (union-find), over those records only that have company.
#[derive(Debug, Default)]
struct Groups(FxHashMap<u32, u32>);

impl Groups {
    fn root(&mut self, record: u32) -> u32 {
        let mut root = record;
        while let Some(parent) = self.0.get(&root).copied().filter(|parent| *parent != root) {
            root = parent;
        }
        let mut at = record;
        while at != root {
            at = self.0.insert(at, root).unwrap_or(root);
        }
        root
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, second) = (a.min(b), a.max(b));
        self.0.insert(second, first);
        self.0.insert(first, first);
    }

    /// The groups in the order of their first records, members in order.
    fn into_lists(mut self) -> Vec<Vec<u32>> {
        let mut members: Vec<u32> = self.0.keys().copied().collect();
        members.sort_unstable();
        let mut lists: Vec<(u32, u32)> = members.into_iter().map(|record| (self.root(record), record)).collect();
        lists.sort_unstable();
        lists.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|(_, record)| *record).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_are_what_pairs_connect(pairs in proptest::collection::vec((0u32..30, 0u32..30), 0..40)) {
            let mut groups = Groups::default();
            let mut slow: Vec<u32> = (0..30).collect();
            for (a, b) in &pairs {
                groups.join(*a, *b);
                let (from, to) = (slow[*a as usize], slow[*b as usize]);
                slow.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
            let lists = groups.into_lists();
            prop_assert!(lists.windows(2).all(|pair| pair[0][0] < pair[1][0]));
            for list in &lists {
                let group = slow[list[0] as usize];
                let expected: Vec<u32> = (0..30).filter(|n| slow[*n as usize] == group).collect();
                prop_assert_eq!(list, &expected);
            }
        }
    }
}
