//! Gradient-boosted trees, evaluated split by split for sixteen rows at a time (`QuickScorer`: Lucchese et al., SIGIR 2015,
//! and its vectorised form, SIGIR 2016): each tree of a row is a set of the leaves it may still end in, and each split
//! that the row fails takes the leaves to its left away. The splits of a feature are in ascending order, so that those
//! that all sixteen rows pass are never looked at, and no branch is guessed wrong. The loops over sixteen numbers are compiled
//! for each kind of vector unit, and run on the best that the machine has.
//!
//! In: a table of numbers, a row for each that is judged. Out: a probability a row. Never: another result than that of one row
//! after the other.

use super::Reader;

/// Rows that go through the trees together.
const LANES: usize = 16;
/// A number for each of the rows that go together.
type Lanes = [f32; LANES];
/// Trees that are evaluated in one go at most.
const STAGE: usize = 128;
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

/// After some trees most rows are so unlikely or so likely that the other trees change no answer (measured on pages of unseen
/// domains): these leave.
#[derive(Debug, Clone, Copy)]
struct Exit {
    /// Log-odds below which a row leaves, and what the other trees add to such a row on average.
    below: (f32, f32),
    /// Log-odds from which on a row leaves, and what they add to such a one.
    from: (f32, f32),
}

impl Default for Exit {
    /// None leaves.
    fn default() -> Self {
        Self { below: (f32::NEG_INFINITY, 0.0), from: (f32::INFINITY, 0.0) }
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

    /// The log-odds of a row that need no other trees, where those so far come to `sum`. Under `least` it may be more than it is, but
    /// not as much as that.
    fn settled(&self, sum: f32, least: f32) -> Option<f32> {
        let Exit { below, from } = self.exit;
        if sum < below.0 {
            Some(sum + below.1)
        } else if sum >= from.0 {
            Some(sum + from.1)
        } else {
            Some(sum + self.rest).filter(|most| *most < least)
        }
    }

    /// Adds the leaves in which the rows end.
    #[expect(clippy::inline_always, reason = "it is compiled for the machine's vector unit only where it is inlined")]
    #[expect(clippy::needless_range_loop, reason = "so are the calls that an iterator makes, which the compiler does not always inline")]
    #[inline(always)]
    fn add(&self, group: Group, open: &mut Open, sums: &mut Lanes) {
        let trees = self.leaves.len().min(STAGE);
        for tree in 0..trees {
            open[tree] = [-1; LANES];
        }
        let mut start = 0;
        for &(feature, end) in &self.features {
            let (values, most) = (&group.columns[usize::from(feature)], group.most[usize::from(feature)]);
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
        for tree in 0..trees {
            for lane in 0..LANES {
                sums[lane] += self.leaves[tree][open[tree][lane].trailing_zeros() as usize % MAX_LEAVES];
            }
        }
    }
}

/// The leaves of each tree that each of the rows may still end in, a bit each.
type Open = [[i32; LANES]; STAGE];

/// Rows of numbers, [`LANES`] of them together and those feature by feature: a split is held against sixteen numbers at once.
#[derive(Debug)]
pub(super) struct Table {
    rows: usize,
    width: usize,
    /// The [`rank`]s of each group of rows, by feature; of rows that are missing in the last, 0.
    columns: Vec<[i32; LANES]>,
    /// The largest of each.
    most: Vec<i32>,
}

/// Some rows of a [`Table`].
#[derive(Debug, Clone, Copy)]
struct Group<'a> {
    columns: &'a [[i32; LANES]],
    most: &'a [i32],
}

impl Table {
    /// Of so many rows of so many numbers.
    pub(super) fn new(rows: usize, width: usize) -> Self {
        let columns = rows.div_ceil(LANES) * width;
        Self { rows, width, columns: vec![[0; LANES]; columns], most: vec![0; columns] }
    }

    /// Writes a row's numbers, those from a feature on.
    pub(super) fn write(&mut self, row: usize, feature: usize, numbers: impl IntoIterator<Item = f32>) {
        let (start, lane) = (row / LANES * self.width, row % LANES);
        let columns = &mut self.columns[start..start + self.width][feature..];
        for (column, number) in columns.iter_mut().zip(numbers) {
            column[lane] = rank(number);
        }
    }

    /// Takes in what was written, of some features.
    pub(super) fn close(&mut self, features: std::ops::Range<usize>) {
        for (columns, most) in self.columns.chunks(self.width).zip(self.most.chunks_mut(self.width)) {
            for (column, most) in columns[features.clone()].iter().zip(&mut most[features.clone()]) {
                *most = column.iter().fold(i32::MIN, |most, number| most.max(*number));
            }
        }
    }

    /// Some of its rows: so many, those of which it is said that they are.
    fn pick(&self, which: impl Iterator<Item = bool>, count: usize) -> Self {
        let mut out = Self::new(count, self.width);
        for (to, (from, _)) in which.enumerate().filter(|(_, picked)| *picked).enumerate() {
            let own = &self.columns[from / LANES * self.width..][..self.width];
            let others = &mut out.columns[to / LANES * self.width..][..self.width];
            others.iter_mut().zip(own).for_each(|(other, own)| other[to % LANES] = own[from % LANES]);
        }
        out.close(0..self.width);
        out
    }

    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.columns.chunks(self.width).zip(self.most.chunks(self.width)).map(|(columns, most)| Group { columns, most })
    }
}

/// A whole number for each number, in the same order.
fn rank(value: f32) -> i32 {
    // Both zeros are one.
    let bits = (value + 0.0).to_bits().cast_signed();
    // Among negative numbers more bits are less.
    bits ^ ((bits >> 31) & i32::MAX)
}

/// The trees of a model.
#[derive(Debug)]
pub(super) struct Forest {
    stages: Vec<Stage>,
}

impl Forest {
    /// Of trees, and after how many of them rows may leave, in ascending order; `None` where there are too many between two of those.
    fn new(trees: &[Tree], exits: &[(usize, Exit)]) -> Option<Self> {
        let mut stages = Vec::new();
        let mut start = 0;
        for (end, exit) in exits.iter().copied().chain([(trees.len(), Exit::default())]) {
            let (now, later) = (trees.get(start..end).filter(|now| now.len() <= STAGE)?, &trees[end..]);
            stages.push(Stage { rest: later.iter().map(Tree::largest_leaf).sum(), exit, ..Stage::new(now) });
            start = end;
        }
        Some(Self { stages })
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.stages.iter().map(|stage| stage.leaves.len()).sum()
    }

    /// The probability of each row. One under `least` may be given larger than it is, but not as `least` or more.
    pub(super) fn probabilities(&self, rows: &Table, least: f32) -> Vec<f32> {
        let sums = self.log_odds(rows, (least / (1.0 - least)).ln() - MARGIN);
        sums.into_iter().map(|sum| 1.0 / (1.0 + (-sum).exp())).collect()
    }

    /// The log-odds of each row. Those under `least` may be given larger than they are, but not as `least` or more.
    pub(super) fn log_odds(&self, rows: &Table, least: f32) -> Vec<f32> {
        pulp::Arch::new().dispatch(Evaluation { forest: self, rows, least })
    }

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn sums(&self, rows: &Table, least: f32) -> Vec<f32> {
        let mut settled = vec![0.0; rows.rows];
        let mut open = [[0; LANES]; STAGE];
        let mut going: Vec<Going> = (0..rows.rows).map(|row| Going { row, sum: 0.0, done: false }).collect();
        let mut picked = None;
        for stage in &self.stages {
            // Those that are done go on with the others until that saves a group in four.
            let kept = going.iter().filter(|row| !row.done).count();
            if kept.div_ceil(LANES) * 4 <= going.len().div_ceil(LANES) * 3 {
                picked = Some(picked.as_ref().unwrap_or(rows).pick(going.iter().map(|row| !row.done), kept));
                going.retain(|row| !row.done);
            }
            for (group, going) in picked.as_ref().unwrap_or(rows).groups().zip(going.chunks_mut(LANES)) {
                if going.iter().all(|row| row.done) {
                    continue;
                }
                let mut sums = [0.0; LANES];
                sums.iter_mut().zip(&*going).for_each(|(sum, row)| *sum = row.sum);
                stage.add(group, &mut open, &mut sums);
                for (row, sum) in going.iter_mut().zip(sums).filter(|(row, _)| !row.done) {
                    row.sum = sum;
                    if let Some(sum) = stage.settled(sum, least) {
                        (row.sum, row.done) = (sum, true);
                        settled[row.row] = sum;
                    }
                }
            }
        }
        for row in going {
            settled[row.row] = row.sum;
        }
        settled
    }
}

/// A row on its way through the trees.
struct Going {
    row: usize,
    sum: f32,
    done: bool,
}

/// What is compiled for each vector unit.
struct Evaluation<'a> {
    forest: &'a Forest,
    rows: &'a Table,
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
    let exit = |input: &mut Reader<'_>| {
        let trees = usize::from(input.u16()?);
        Some((trees, Exit { below: (input.f32()?, input.f32()?), from: (input.f32()?, input.f32()?) }))
    };
    let exits = (0..input.u8()?).map(|_| exit(input)).collect::<Option<Vec<_>>>()?;
    Forest::new(&trees, &exits)
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

    /// Rows of feature 1 and 2.
    fn table(rows: &[(f32, f32)]) -> Table {
        let mut table = Table::new(rows.len(), 3);
        for (at, (a, b)) in rows.iter().enumerate() {
            table.write(at, 1, [*a, *b]);
        }
        table.close(0..3);
        table
    }

    #[test]
    fn every_row_finds_its_leaf() {
        let rows: Vec<(f32, f32)> = (0..35).map(|at| (f32::from(at % 2u8), f32::from(at % 7))).collect();
        let leaf = |(a, b): &(f32, f32)| {
            if *a <= 0.5 {
                -1.0f32
            } else if *b <= 3.0 {
                0.25
            } else {
                4.0
            }
        };
        let forest = Forest::new(&[small(), small()], &[]).unwrap();
        let expected: Vec<f32> = rows.iter().map(|row| 1.0 / (1.0 + (-leaf(row) * 2.0).exp())).collect();
        assert_eq!(forest.probabilities(&table(&rows), 0.0), expected);
    }

    #[test]
    fn what_is_unlikely_is_so_by_the_bound_too() {
        let trees: Vec<_> = (0..90).map(|_| small()).collect();
        let forest = Forest::new(&trees, &[(32, Exit::default())]).unwrap();
        assert!(forest.probabilities(&table(&[(0.0, 0.0)]), 0.999)[0] < 0.999);
    }

    #[test]
    fn rows_leave_early_at_both_ends() {
        let trees: Vec<_> = (0..90).map(|_| small()).collect();
        let forest = |exits: &[(usize, Exit)]| Forest::new(&trees, exits);
        assert!(forest(&[(91, Exit::default())]).is_none() && forest(&[(32, Exit::default()), (16, Exit::default())]).is_none());
        let exit = Exit { below: (-30.0, 32.0), from: (120.0, -128.0) };
        let forest = forest(&[(32, exit)]).unwrap();
        // After 32 trees -32, 128 and 8.
        let rows = [[(0.0, 0.0); LANES].as_slice(), &[(1.0, 4.0), (1.0, 1.0), (0.0, 0.0)]].concat();
        let found = forest.log_odds(&table(&rows), f32::NEG_INFINITY);
        assert_eq!(found, [[0.0; LANES].as_slice(), &[0.0, 22.5, 0.0]].concat());
    }
}
