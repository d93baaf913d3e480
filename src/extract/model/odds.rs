//! Learned odds of class words, and what the words around a segment say by them.
//!
//! In: the tree, and the table of the parameters. Out: the minimum, sum and maximum of the odds at each distance, for
//! each model. The words of an element are read once, however many segments stand in it and whatever elements are like it.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::super::blocks::Segment;
use super::super::class_words;
use super::super::dom::{Dom, NodeId};
use super::super::features::LEVELS;
use super::MODELS;
use crate::text;

/// Log-odds of a word for each model; NaN where a model does not know it.
type Odds = [f32; MODELS];

/// The odds of all words that any model knows, by hash of level and word.
#[derive(Debug)]
pub(super) struct OddsTable {
    /// Hashes in open addressing.
    keys: Vec<u32>,
    odds: Vec<Odds>,
}

/// No word has this hash: [`OddsTable::new`] makes sure of it.
const EMPTY: u32 = 0;

impl OddsTable {
    /// A table of model, hash and odds; `None` where a hash is [`EMPTY`].
    pub(super) fn new(known: &[(usize, u32, f32)]) -> Option<Self> {
        let size = (known.len() * 3 / 2 + 1).next_power_of_two();
        let mut table = Self { keys: vec![EMPTY; size], odds: vec![[f32::NAN; MODELS]; size] };
        for &(model, hash, odds) in known {
            if hash == EMPTY {
                return None;
            }
            let at = table.place(hash);
            table.keys[at] = hash;
            table.odds[at][model] = odds;
        }
        Some(table)
    }

    /// Where a hash stands, or would.
    fn place(&self, hash: u32) -> usize {
        let mask = self.keys.len() - 1;
        let mut at = hash as usize & mask;
        while self.keys[at] != hash && self.keys[at] != EMPTY {
            at = (at + 1) & mask;
        }
        at
    }

    fn get(&self, hash: u32) -> Option<Odds> {
        let at = self.place(hash);
        (self.keys[at] != EMPTY).then(|| self.odds[at])
    }
}

/// What the words of one distance say to one model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    min: f32,
    max: f32,
    sum: f32,
    count: f32,
}

const NOTHING: Said = Said { min: f32::INFINITY, max: f32::NEG_INFINITY, sum: 0.0, count: 0.0 };

impl Said {
    fn add(&mut self, odds: f32) {
        if !odds.is_nan() {
            (self.min, self.max) = (self.min.min(odds), self.max.max(odds));
            (self.sum, self.count) = (self.sum + odds, self.count + 1.0);
        }
    }
}

/// Which of minimum, mean and maximum of the odds a model's trees see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    min: bool,
    mean: bool,
    max: bool,
}

impl Kinds {
    pub(super) fn of_bits(bits: u8) -> Self {
        Self { min: bits & 1 > 0, mean: bits & 2 > 0, max: bits & 4 > 0 }
    }

    pub(super) fn count(self) -> usize {
        usize::from(self.min) + usize::from(self.mean) + usize::from(self.max)
    }

    /// Writes them into a row, level by level.
    pub(super) fn write(self, said: &[Said; LEVELS], row: &mut [f32]) {
        let mut out = row.iter_mut();
        for &said in said {
            let said = if said.count < 1.0 { Said { min: 0.0, max: 0.0, sum: 0.0, count: 1.0 } } else { said };
            for (on, value) in [(self.min, said.min), (self.mean, said.sum / said.count), (self.max, said.max)] {
                if on && let Some(out) = out.next() {
                    *out = value;
                }
            }
        }
    }
}

/// The odds of a page's words, looked up once for all elements that have the same.
pub(super) struct PageOdds<'a> {
    dom: &'a Dom,
    table: &'a OddsTable,
    /// Odds of one element's words after another's.
    found: Vec<Odds>,
    /// Where the odds of an element at a distance stand; by a hash of the distance and of what the words come from.
    known: FxHashMap<u64, Span>,
    /// The same by node and distance, [`UNREAD`] for most.
    spans: Vec<[Span; LEVELS]>,
}

/// Start and end.
type Span = (u32, u32);
const UNREAD: Span = (u32::MAX, 0);

impl<'a> PageOdds<'a> {
    pub(super) fn new(dom: &'a Dom, table: &'a OddsTable) -> Self {
        Self { dom, table, found: Vec::new(), known: FxHashMap::default(), spans: vec![[UNREAD; LEVELS]; dom.len()] }
    }

    /// What is said around a segment, by model and distance.
    pub(super) fn around(&mut self, segment: &Segment) -> [[Said; LEVELS]; MODELS] {
        let mut said = [[NOTHING; LEVELS]; MODELS];
        for (level, id) in class_words::elements(self.dom, segment) {
            let (start, end) = self.of_element(id, level);
            for odds in &self.found[start as usize..end as usize] {
                for (said, odds) in said.iter_mut().zip(odds) {
                    said[level].add(*odds);
                }
            }
        }
        said
    }

    fn of_element(&mut self, id: NodeId, level: usize) -> Span {
        let span = self.spans[id as usize][level];
        if span != UNREAD {
            return span;
        }
        let key = text::fold(origin(self.dom, id), level as u64);
        let Self { dom, table, found, known, .. } = self;
        let span = *known.entry(key).or_insert_with(|| {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let start = place(found.len());
            class_words::of_element(dom, id, |word| found.extend(table.get(hash(level, word))));
            (start, place(found.len()))
        });
        self.spans[id as usize][level] = span;
        span
    }
}

/// A hash of all that an element's words are made of.
fn origin(dom: &Dom, id: NodeId) -> u64 {
    let mut key = xxh3_64(dom.name(id).as_bytes());
    for (_, value) in dom.attributes(id).filter(|(name, _)| class_words::has_words(name)) {
        key = text::fold(key, xxh3_64(value.as_bytes()));
    }
    key
}

/// FNV-1a over the level's digit and the word, as in `train.py`.
fn hash(level: usize, word: &str) -> u32 {
    let digit = b'0' + u8::try_from(level).unwrap_or(0);
    std::iter::once(digit).chain(word.bytes()).fold(0x811c_9dc5, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::segments;

    #[test]
    fn words_are_found_at_their_distance() {
        let known = [(0, hash(0, "story"), 1.0), (1, hash(0, "story"), -2.0), (0, hash(1, "box"), 0.5), (2, hash(1, "box"), 0.25)];
        let table = OddsTable::new(&known).unwrap();
        assert!(table.get(hash(2, "box")).is_none());
        let dom = Dom::parse("<div class='box box'><p class=story>text</p><p>more</p></div>");
        let list = segments(&dom).0;
        let mut odds = PageOdds::new(&dom, &table);
        let row = |said: &[Said; LEVELS]| {
            let mut row = [0.0; 2 * LEVELS];
            Kinds::of_bits(2 | 4).write(said, &mut row);
            row.map(|v| v.to_string()).join(" ")
        };
        let said = odds.around(&list[0]).map(|said| row(&said));
        assert_eq!(said, ["1 1 0.5 0.5 0 0 0 0", "-2 -2 0 0 0 0 0 0", "0 0 0.25 0.25 0 0 0 0"]);
        assert_eq!(row(&odds.around(&list[1])[0]), "0 0 0.5 0.5 0 0 0 0");
    }
}
