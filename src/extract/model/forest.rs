//! Gradient-boosted trees, evaluated for eight rows at a time: the eight walks through a tree depend on nothing
//! but their own rows, so the processor takes them side by side and no branch is guessed wrong.
//!
//! In: rows of numbers. Out: a probability a row. Never: another result than that of one row after the other.

use super::Reader;

/// Numbers a row holds at most.
pub(super) const WIDTH: usize = 160;
/// Numbers that a model sees of a segment; what it has no feature for is never read.
pub(super) type Row = [f32; WIDTH];

/// Rows that go through a tree together.
const LANES: usize = 8;
/// Splits and leaves of one tree.
const SLOTS: usize = 64;
/// Trees between two looks at whether the rest can still matter.
const STRIDE: usize = 10;
/// Log-odds that rounding can't make up for.
const MARGIN: f32 = 0.01;

/// A split goes left where the feature is at most the value. A leaf has its weight as value and leads to itself.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    value: f32,
    feature: u8,
    left: u8,
    right: u8,
}

/// Splits first, the root before all, then leaves.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: [Node; SLOTS],
    splits: u8,
}

impl Tree {
    fn node(&self, at: u8) -> Node {
        self.nodes[usize::from(at) % SLOTS]
    }

    fn add_leaves(&self, rows: &[&Row; LANES], sums: &mut [f32; LANES]) {
        let mut at = [0u8; LANES];
        loop {
            for (at, row) in at.iter_mut().zip(rows) {
                let node = self.node(*at);
                let goes_left = row[usize::from(node.feature) % WIDTH] <= node.value;
                *at = if goes_left { node.left } else { node.right };
            }
            if at.iter().all(|at| *at >= self.splits) {
                break;
            }
        }
        for (at, sum) in at.iter().zip(sums) {
            *sum += self.node(*at).value;
        }
    }

    fn largest_leaf(&self) -> f32 {
        self.nodes[usize::from(self.splits)..].iter().map(|leaf| leaf.value).fold(f32::NEG_INFINITY, f32::max)
    }
}

/// The trees of a model.
#[derive(Debug)]
pub(super) struct Forest {
    trees: Vec<Tree>,
    /// The most that the trees from each on can add.
    rest: Vec<f32>,
}

impl Forest {
    pub(super) fn new(trees: Vec<Tree>) -> Self {
        let mut rest = vec![0.0; trees.len()];
        let mut sum = 0.0;
        for (rest, tree) in rest.iter_mut().zip(&trees).rev() {
            sum += tree.largest_leaf();
            *rest = sum;
        }
        Self { trees, rest }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.trees.len()
    }

    /// The probability of each row. One under `least` may be given larger than it is, but not as `least` or more.
    pub(super) fn probabilities(&self, rows: &[Row], least: f32) -> Vec<f32> {
        let least = (least / (1.0 - least)).ln() - MARGIN;
        let mut out = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(LANES) {
            // The last row stands in for those that are missing.
            let lanes = std::array::from_fn(|lane| &chunk[lane.min(chunk.len() - 1)]);
            let sums = self.sums(&lanes, least);
            out.extend(sums[..chunk.len()].iter().map(|sum| 1.0 / (1.0 + (-sum).exp())));
        }
        out
    }

    fn sums(&self, rows: &[&Row; LANES], least: f32) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        for (trees, rest) in self.trees.chunks(STRIDE).zip(self.rest.iter().step_by(STRIDE)) {
            let bounds = sums.map(|sum| sum + rest);
            if bounds.iter().all(|bound| *bound < least) {
                return bounds;
            }
            for tree in trees {
                tree.add_leaves(rows, &mut sums);
            }
        }
        sums
    }
}

/// Reads a tree over rows of a width.
pub(super) fn tree(input: &mut Reader<'_>, width: usize) -> Option<Tree> {
    let (splits, leaves) = (input.u8()?, input.u8()?);
    let all = usize::from(splits) + usize::from(leaves);
    if leaves == 0 || all > SLOTS {
        return None;
    }
    let mut tree = Tree { nodes: [Node { value: f32::NEG_INFINITY, ..Node::default() }; SLOTS], splits };
    // In the file a negative child is the complement of a leaf's number.
    let child = |child: i8| {
        let leaf = !child;
        if child < 0 {
            (leaf.unsigned_abs() < leaves).then(|| splits + leaf.unsigned_abs())
        } else {
            (child.unsigned_abs() < splits).then_some(child.unsigned_abs())
        }
    };
    for node in &mut tree.nodes[..usize::from(splits)] {
        let (feature, value) = (input.u8()?, input.f32()?);
        *node = Node { value, feature, left: child(input.i8()?)?, right: child(input.i8()?)? };
        if usize::from(feature) >= width {
            return None;
        }
    }
    for at in splits..splits + leaves {
        tree.nodes[usize::from(at)] = Node { value: input.f32()?, feature: 0, left: at, right: at };
    }
    Some(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree that goes right where feature 1 is over 0.5, then left where feature 2 is at most 3.
    fn small() -> Tree {
        let mut bytes = vec![2u8, 3];
        for (feature, value, left, right) in [(1u8, 0.5f32, !0i8, 1i8), (2, 3.0, !1, !2)] {
            bytes.push(feature);
            bytes.extend(value.to_le_bytes());
            bytes.extend([left.cast_unsigned(), right.cast_unsigned()]);
        }
        bytes.extend([-1.0f32, 0.25, 4.0].iter().flat_map(|v| v.to_le_bytes()));
        tree(&mut Reader(&bytes), 3).unwrap()
    }

    #[test]
    fn every_row_finds_its_leaf() {
        let row = |a: f32, b: f32| std::array::from_fn(|at| [0.0, a, b].get(at).copied().unwrap_or_default());
        let rows: Vec<Row> = (0..11).map(|at| row(f32::from(at % 2u8), f32::from(at))).collect();
        let leaf = |row: &Row| {
            if row[1] <= 0.5 {
                -1.0f32
            } else if row[2] <= 3.0 {
                0.25
            } else {
                4.0
            }
        };
        let forest = Forest::new(vec![small(), small()]);
        let expected: Vec<f32> = rows.iter().map(|row| 1.0 / (1.0 + (-leaf(row) * 2.0).exp())).collect();
        assert_eq!(forest.probabilities(&rows, 0.0), expected);
    }

    #[test]
    fn what_is_unlikely_is_so_by_the_bound_too() {
        let forest = Forest::new((0..40).map(|_| small()).collect());
        let rows = [[0.0; WIDTH]];
        assert!(forest.probabilities(&rows, 0.999)[0] < 0.999);
    }
}
