//! Gradient-boosted trees, evaluated split by split for sixteen rows at a time (`QuickScorer`: Lucchese et al., SIGIR 2015,
//! and its vectorised form, SIGIR 2016): each tree of a row is a set of the leaves it may still end in, and each split
//! that the row fails takes the leaves to its left away. The splits of a feature are in ascending order, so that those
//! that all sixteen rows pass are never looked at, and no branch is guessed wrong. The loops over sixteen numbers are compiled
//! for each kind of vector unit, and run on the best that the machine has.
//!
//! In: rows of numbers. Out: a probability a row. Never: another result than that of one row after the other.

use super::Reader;

/// Numbers a row holds at most.
pub(super) const WIDTH: usize = 160;
/// Numbers that a model sees of a segment, each by its [`rank`]; what it has no feature for is never read.
pub(super) type Row = [i32; WIDTH];

/// Rows that go through the trees together.
const LANES: usize = 16;
/// A number for each of the rows that go together.
type Lanes = [f32; LANES];
/// Trees between two looks at whether the rest can still matter; `train.py` has its exits at multiples of it.
const STAGE: usize = 32;
/// Log-odds that rounding can't make up for.
const MARGIN: f32 = 0.01;
/// Leaves of one tree.
const MAX_LEAVES: usize = 32;

/// One split: a row whose feature is over the value can end in none of the leaves to the left.
#[derive(Debug, Clone, Copy)]
struct Split {
    /// As [`rank`] has it.
    value: i32,
    /// A bit for each leaf that is not to the left.
    kept: i32,
    /// Number of the tree in its stage.
    tree: u8,
    feature: u8,
}

/// A tree as it is read.
#[derive(Debug)]
struct Tree {
    /// The numbers of their trees are 0.
    splits: Vec<Split>,
    leaves: Vec<f32>,
}

/// Trees that are evaluated in one go.
#[derive(Debug, Default)]
struct Stage {
    /// By feature, then by value.
    splits: Vec<Split>,
    /// The features that are asked for, and where the splits of each end.
    features: Vec<(u8, usize)>,
    /// The leaves of each tree.
    leaves: Vec<[f32; MAX_LEAVES]>,
    /// The most that the trees after it can add.
    rest: f32,
    exit: Exit,
}

/// Rows with so little after some trees are never likely after all (measured on pages of unseen domains): they leave.
#[derive(Debug, Clone, Copy)]
struct Exit {
    /// Log-odds below which a row leaves.
    below: f32,
    /// What the other trees add to such a row on average.
    add: f32,
}

impl Default for Exit {
    /// None leaves.
    fn default() -> Self {
        Self { below: f32::NEG_INFINITY, add: 0.0 }
    }
}

impl Stage {
    fn new(trees: &[Tree]) -> Self {
        let mut stage = Self::default();
        for (number, tree) in (0u8..).zip(trees) {
            stage.splits.extend(tree.splits.iter().map(|split| Split { tree: number, ..*split }));
            let mut leaves = [0.0; MAX_LEAVES];
            leaves[..tree.leaves.len()].copy_from_slice(&tree.leaves);
            stage.leaves.push(leaves);
        }
        stage.splits.sort_by(|a, b| a.feature.cmp(&b.feature).then(a.value.cmp(&b.value)));
        let ends = stage.splits.chunk_by(|a, b| a.feature == b.feature).scan(0, |end, splits| {
            *end += splits.len();
            Some((splits[0].feature, *end))
        });
        stage.features = ends.collect();
        stage
    }

    /// Whether rows may leave after it that ask for so much.
    fn lets_leave(&self, least: f32) -> bool {
        self.exit.below > f32::NEG_INFINITY || least > f32::NEG_INFINITY
    }

    /// Adds the leaves in which the rows end.
    #[expect(clippy::inline_always, reason = "it is compiled for the machine's vector unit only where it is inlined")]
    #[expect(clippy::needless_range_loop, reason = "so are the calls that an iterator makes, which the compiler does not always inline")]
    #[inline(always)]
    fn add(&self, group: &Group, sums: &mut Lanes) {
        let mut open = [[-1i32; LANES]; STAGE];
        let mut start = 0;
        for &(feature, end) in &self.features {
            let feature = usize::from(feature) % WIDTH;
            let (values, most) = (&group.columns[feature], group.most[feature]);
            for split in &self.splits[start..end] {
                if split.value >= most {
                    break;
                }
                let open = &mut open[usize::from(split.tree) % STAGE];
                // Without a choice in it, or the compiler makes a branch for each of them.
                let mut narrowed = *open;
                for lane in 0..LANES {
                    narrowed[lane] &= split.kept | -i32::from(values[lane] <= split.value);
                }
                *open = narrowed;
            }
            start = end;
        }
        for tree in 0..self.leaves.len().min(STAGE) {
            for lane in 0..LANES {
                sums[lane] += self.leaves[tree][open[tree][lane].trailing_zeros() as usize % MAX_LEAVES];
            }
        }
    }
}

/// The rows that go together, feature by feature.
struct Group {
    columns: [[i32; LANES]; WIDTH],
    /// The largest of each column.
    most: [i32; WIDTH],
}

impl Group {
    #[expect(clippy::inline_always, clippy::needless_range_loop, reason = "as above")]
    #[inline(always)]
    fn fill(&mut self, features: &[u8], rows: [&Row; LANES]) {
        // Row by row, as they stand in memory.
        for lane in 0..LANES {
            for feature in features {
                let feature = usize::from(*feature) % WIDTH;
                self.columns[feature][lane] = rows[lane][feature];
            }
        }
        for feature in features {
            let feature = usize::from(*feature) % WIDTH;
            self.most[feature] = self.columns[feature].into_iter().fold(i32::MIN, i32::max);
        }
    }
}

/// A whole number for each number, in the same order.
pub(super) fn rank(value: f32) -> i32 {
    // Both zeros are one.
    let bits = (value + 0.0).to_bits().cast_signed();
    // Among negative numbers more bits are less.
    bits ^ ((bits >> 31) & i32::MAX)
}

/// The trees of a model.
#[derive(Debug)]
pub(super) struct Forest {
    stages: Vec<Stage>,
    /// The features that any of them asks for.
    features: Vec<u8>,
}

impl Forest {
    fn new(trees: &[Tree]) -> Self {
        let mut stages: Vec<_> = trees.chunks(STAGE).map(Stage::new).collect();
        let mut rest = 0.0;
        for (stage, trees) in stages.iter_mut().zip(trees.chunks(STAGE)).rev() {
            stage.rest = rest;
            rest += trees.iter().map(Tree::largest_leaf).sum::<f32>();
        }
        let mut features: Vec<u8> = stages.iter().flat_map(|stage| &stage.features).map(|(feature, _)| *feature).collect();
        features.sort_unstable();
        features.dedup();
        Self { stages, features }
    }

    /// Lets rows leave after some trees; `None` where those are no whole stages.
    fn set_exit(&mut self, trees: usize, exit: Exit) -> Option<()> {
        let stage = (trees / STAGE).checked_sub(1).filter(|_| trees.is_multiple_of(STAGE))?;
        self.stages.get_mut(stage)?.exit = exit;
        Some(())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.stages.iter().map(|stage| stage.leaves.len()).sum()
    }

    /// The probability of each row. One under `least` may be given larger than it is, but not as `least` or more.
    pub(super) fn probabilities(&self, rows: &[Row], least: f32) -> Vec<f32> {
        let sums = self.log_odds(rows, (least / (1.0 - least)).ln() - MARGIN);
        sums.into_iter().map(|sum| 1.0 / (1.0 + (-sum).exp())).collect()
    }

    /// The log-odds of each row. Those under `least` may be given larger than they are, but not as `least` or more.
    pub(super) fn log_odds(&self, rows: &[Row], least: f32) -> Vec<f32> {
        pulp::Arch::new().dispatch(Evaluation { forest: self, rows, least })
    }

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn sums(&self, rows: &[Row], least: f32) -> Vec<f32> {
        let mut sums = vec![0.0; rows.len()];
        let mut open: Vec<usize> = (0..rows.len()).collect();
        let mut together = Group { columns: [[0; LANES]; WIDTH], most: [0; WIDTH] };
        let mut later = self.stages.as_slice();
        while !later.is_empty() && !open.is_empty() {
            let count = later.iter().position(|stage| stage.lets_leave(least)).map_or(later.len(), |last| last + 1);
            let (now, rest) = later.split_at(count);
            later = rest;
            for group in open.chunks(LANES) {
                // The last row stands in for those that are missing.
                let at: [usize; LANES] = std::array::from_fn(|lane| group[lane.min(group.len() - 1)]);
                together.fill(&self.features, at.map(|at| &rows[at]));
                let mut added = at.map(|at| sums[at]);
                for stage in now {
                    stage.add(&together, &mut added);
                }
                group.iter().zip(added).for_each(|(at, sum)| sums[*at] = sum);
            }
            let Some(last) = now.last() else { break };
            open.retain(|at| {
                let (sum, Exit { below, add }) = (sums[*at], last.exit);
                if sum < below {
                    sums[*at] = sum + add;
                } else if sum + last.rest < least {
                    sums[*at] = sum + last.rest;
                } else {
                    return true;
                }
                false
            });
        }
        sums
    }
}

/// What is compiled for each vector unit.
struct Evaluation<'a> {
    forest: &'a Forest,
    rows: &'a [Row],
    least: f32,
}

impl pulp::NullaryFnOnce for Evaluation<'_> {
    type Output = Vec<f32>;

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn call(self) -> Vec<f32> {
        self.forest.sums(self.rows, self.least)
    }
}

impl Tree {
    fn largest_leaf(&self) -> f32 {
        self.leaves.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

/// Reads a model's trees over rows of a width, and where rows leave.
pub(super) fn read(input: &mut Reader<'_>, width: usize) -> Option<Forest> {
    let trees = (0..input.u16()?).map(|_| tree(input, width)).collect::<Option<Vec<_>>>()?;
    let mut forest = Forest::new(&trees);
    for _ in 0..input.u8()? {
        let trees = usize::from(input.u16()?);
        forest.set_exit(trees, Exit { below: input.f32()?, add: input.f32()? })?;
    }
    Some(forest)
}

/// Reads a tree over rows of a width.
fn tree(input: &mut Reader<'_>, width: usize) -> Option<Tree> {
    let (splits, leaves) = (input.u8()?, input.u8()?);
    if leaves == 0 || usize::from(leaves) > MAX_LEAVES || splits != leaves - 1 {
        return None;
    }
    let read = |input: &mut Reader<'_>| Some((input.u8()?, input.f32()?, input.i8()?, input.i8()?));
    let nodes = (0..splits).map(|_| read(input)).collect::<Option<Vec<_>>>()?;
    let mut tree = Tree { splits: Vec::new(), leaves: Vec::new() };
    // A split stands before what hangs on it, and leaves are numbered from the left: the leaves under a split's left
    // child end where those of its right child begin.
    let mut first = vec![0u8; nodes.len()];
    for at in (0..nodes.len()).rev() {
        let (feature, value, left, right) = nodes[at];
        // A negative child is the complement of a leaf's number.
        let first_leaf = |child: i8| {
            if child < 0 {
                (!child).unsigned_abs().lt(&leaves).then(|| (!child).unsigned_abs())
            } else {
                first.get(at + 1..)?.get(usize::from(child.unsigned_abs()).checked_sub(at + 1)?).copied()
            }
        };
        let (from, to) = (first_leaf(left)?, first_leaf(right)?);
        if usize::from(feature) >= width || from >= to {
            return None;
        }
        first[at] = from;
        let gone = (u32::MAX >> (32 - (to - from))) << from;
        tree.splits.push(Split { value: rank(value), kept: (!gone).cast_signed(), tree: 0, feature });
    }
    tree.leaves = (0..leaves).map(|_| input.f32()).collect::<Option<_>>()?;
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
        let row = |a: f32, b: f32| std::array::from_fn(|at| rank([0.0, a, b].get(at).copied().unwrap_or_default()));
        let rows: Vec<Row> = (0..11).map(|at| row(f32::from(at % 2u8), f32::from(at))).collect();
        let leaf = |row: &Row| {
            if row[1] <= rank(0.5) {
                -1.0f32
            } else if row[2] <= rank(3.0) {
                0.25
            } else {
                4.0
            }
        };
        let forest = Forest::new(&[small(), small()]);
        let expected: Vec<f32> = rows.iter().map(|row| 1.0 / (1.0 + (-leaf(row) * 2.0).exp())).collect();
        assert_eq!(forest.probabilities(&rows, 0.0), expected);
    }

    #[test]
    fn what_is_unlikely_is_so_by_the_bound_too() {
        let forest = Forest::new(&(0..90).map(|_| small()).collect::<Vec<_>>());
        let rows = [[rank(0.0); WIDTH]];
        assert!(forest.probabilities(&rows, 0.999)[0] < 0.999);
    }

    #[test]
    fn unlikely_rows_leave_early() {
        let mut forest = Forest::new(&(0..90).map(|_| small()).collect::<Vec<_>>());
        assert!(forest.set_exit(STAGE + 1, Exit::default()).is_none() && forest.set_exit(0, Exit::default()).is_none());
        forest.set_exit(STAGE, Exit { below: -30.0, add: 32.0 }).unwrap();
        let rows = [[rank(0.0); WIDTH], [rank(1.0); WIDTH]];
        assert_eq!(forest.probabilities(&rows, 0.0), [0.5, 1.0]);
    }
}
