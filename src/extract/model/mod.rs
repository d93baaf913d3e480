//! The block model: three sets of gradient-boosted trees (body, caption, standfirst) over the measures of
//! `features.rs` and learned odds of class words.
//!
//! In: a segment's row and class words. Out: probabilities. The parameters are `blocks.bin`, written by
//! `train/train.py` and read once; evaluation is table look-ups, bit-stable on every machine.

use std::sync::OnceLock;

use super::blocks::Segment;
use super::class_words;
use super::dom::Dom;
use super::features;
use super::features::{COUNT, Features, LEVELS, STACKED};

static BLOB: &[u8] = include_bytes!("blocks.bin");

/// Probabilities of a segment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scores {
    pub(crate) body: f32,
    pub(crate) caption: f32,
    pub(crate) standfirst: f32,
}

#[derive(Debug)]
struct Model {
    /// Which of minimum, mean and maximum of the odds the trees see.
    kinds: Kinds,
    /// Hash of level and word, and the word's log-odds; sorted by hash.
    odds: Vec<(u32, f32)>,
    trees: Vec<Tree>,
}

#[derive(Debug, Clone, Copy)]
struct Kinds {
    min: bool,
    mean: bool,
    max: bool,
}

#[derive(Debug)]
struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<f32>,
}

/// Goes left where the feature is at most the threshold; a negative child is the complement of a leaf's index.
#[derive(Debug)]
struct Node {
    feature: u8,
    threshold: f32,
    left: i8,
    right: i8,
}

impl Tree {
    fn value(&self, row: &[f32]) -> f32 {
        let mut at: i8 = if self.nodes.is_empty() { !0 } else { 0 };
        while let Ok(index) = usize::try_from(at) {
            let node = &self.nodes[index];
            at = if row[usize::from(node.feature)] <= node.threshold { node.left } else { node.right };
        }
        self.leaves[usize::from((!at).unsigned_abs())]
    }
}

impl Model {
    fn probability(&self, row: &[f32]) -> f32 {
        let sum: f32 = self.trees.iter().map(|tree| tree.value(row)).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    fn odds_of(&self, hash: u32) -> Option<f32> {
        self.odds.binary_search_by_key(&hash, |(h, _)| *h).ok().map(|at| self.odds[at].1)
    }
}

/// Scores every segment.
pub(crate) fn score(dom: &Dom, segments: &[Segment], features: &Features) -> Vec<Scores> {
    let [body, caption, standfirst] = models();
    let words: Vec<Vec<(usize, u32)>> = segments
        .iter()
        .map(|segment| {
            let mut hashes = Vec::new();
            class_words::each(dom, segment, |level, word| hashes.push((level, hash(level, word))));
            hashes
        })
        .collect();
    let mut row = Vec::with_capacity(COUNT + STACKED + 3 * LEVELS);
    let mut probability = |model: &Model, at: usize, stacked: &[f32]| {
        row.clear();
        row.extend_from_slice(&features.rows[at]);
        row.extend_from_slice(stacked);
        append_odds(model, &words[at], &mut row);
        model.probability(&row)
    };
    let in_body: Vec<f32> = (0..segments.len()).map(|at| probability(body, at, &[])).collect();
    let around = features::around_body(&in_body);
    (0..segments.len())
        .map(|at| Scores {
            body: in_body[at],
            caption: probability(caption, at, &around[at]),
            standfirst: probability(standfirst, at, &around[at]),
        })
        .collect()
}

fn append_odds(model: &Model, hashes: &[(usize, u32)], row: &mut Vec<f32>) {
    for level in 0..LEVELS {
        let (mut min, mut max, mut sum, mut count) = (f32::INFINITY, f32::NEG_INFINITY, 0.0, 0.0f32);
        for (_, hash) in hashes.iter().filter(|(l, _)| *l == level) {
            if let Some(odds) = model.odds_of(*hash) {
                (min, max) = (min.min(odds), max.max(odds));
                (sum, count) = (sum + odds, count + 1.0);
            }
        }
        if count < 1.0 {
            (min, max, count) = (0.0, 0.0, 1.0);
        }
        let kinds = model.kinds;
        row.extend([(kinds.min, min), (kinds.mean, sum / count), (kinds.max, max)].iter().filter(|(on, _)| *on).map(|(_, v)| *v));
    }
}

/// FNV-1a over the level's digit and the word, as in `train.py`.
fn hash(level: usize, word: &str) -> u32 {
    let digit = b'0' + u8::try_from(level).unwrap_or(0);
    std::iter::once(digit).chain(word.bytes()).fold(0x811c_9dc5, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

fn models() -> &'static [Model; 3] {
    static MODELS: OnceLock<[Model; 3]> = OnceLock::new();
    MODELS.get_or_init(|| parse(BLOB).expect("blocks.bin is written by train.py for these features; a unit test reads it"))
}

/// Reads the parameters; `None` when they are damaged or for other features.
fn parse(blob: &[u8]) -> Option<[Model; 3]> {
    let mut input = Reader(blob.strip_prefix(b"CDBM\x01")?);
    if usize::from(input.u16()?) != COUNT || input.u8()? != 3 {
        return None;
    }
    let models = [model(&mut input, COUNT)?, model(&mut input, COUNT + STACKED)?, model(&mut input, COUNT + STACKED)?];
    input.0.is_empty().then_some(models)
}

fn model(input: &mut Reader<'_>, measures: usize) -> Option<Model> {
    let bits = input.u8()?;
    let kinds = Kinds { min: bits & 1 > 0, mean: bits & 2 > 0, max: bits & 4 > 0 };
    let count = u32::from_le_bytes(input.take()?);
    let odds = (0..count)
        .map(|_| Some((u32::from_le_bytes(input.take()?), f32::from(i16::from_le_bytes(input.take()?)) / 1000.0)))
        .collect::<Option<_>>()?;
    let width = measures + LEVELS * bits.count_ones() as usize;
    let trees = (0..input.u16()?).map(|_| tree(input, width)).collect::<Option<_>>()?;
    Some(Model { kinds, odds, trees })
}

fn tree(input: &mut Reader<'_>, width: usize) -> Option<Tree> {
    let (nodes, leaves) = (input.u8()?, input.u8()?);
    let inside = |child: i8| if child < 0 { (!child).unsigned_abs() < leaves } else { child.unsigned_abs() < nodes };
    let nodes = (0..nodes)
        .map(|_| {
            let node = Node { feature: input.u8()?, threshold: input.f32()?, left: input.i8()?, right: input.i8()? };
            (usize::from(node.feature) < width && inside(node.left) && inside(node.right)).then_some(node)
        })
        .collect::<Option<_>>()?;
    let leaves = (0..leaves).map(|_| input.f32()).collect::<Option<_>>()?;
    Some(Tree { nodes, leaves })
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
    fn u8(&mut self) -> Option<u8> {
        Some(self.take::<1>()?[0])
    }
    fn i8(&mut self) -> Option<i8> {
        Some(i8::from_le_bytes(self.take()?))
    }
    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take()?))
    }
    fn f32(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_fit_the_features() {
        let models = parse(BLOB).unwrap();
        assert!(models.iter().all(|m| m.trees.len() >= 30 && m.odds.len() > 20));
        assert!(BLOB.len() < 2 << 20);
    }

    #[test]
    fn damage_is_noticed() {
        assert!(parse(&BLOB[..BLOB.len() - 1]).is_none());
        assert!(parse(b"CDBM\x01\x01\x00\x03").is_none());
    }
}
