//! Is it the same text, or the same form filled in anew?
//!
//! In: the numbers, or the names, of two texts that are otherwise alike. Out: whether they can be those of one text that
//! was edited. An editor changes numbers no more often than other words; the next day's market report changes nearly
//! all of them. So what is lost of `n` is held against what edits at random would take: a binomial with [`EDITED`] for
//! each (twice, of two texts that were both edited), and so many standard deviations above its mean. Never: a verdict from one number alone.

/// Share of the words that an edited copy has changed at most, with some room above the 10 % that are promised.
const EDITED: f64 = 0.13;
/// Standard deviations above the mean: one copy in seventy exceeds them, if it was edited to the limit.
const DEVIATIONS: f64 = 2.2;

/// Whether two sorted lists can be of one text, edited once or twice. The shorter one counts: a copy may be cut.
pub(super) fn agree(a: &[u32], b: &[u32], edits: i32) -> bool {
    let count = a.len().min(b.len());
    #[expect(clippy::cast_precision_loss, reason = "counts of words")]
    let (n, lost) = (count as f64, (count - common(a, b)) as f64);
    let kept = (1.0 - EDITED).powi(edits);
    lost <= (1.0 - kept) * n + DEVIATIONS * (kept * (1.0 - kept) * n).sqrt() + 0.5
}

/// How many two sorted lists have in common; what stands twice in both counts twice.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        // Hashes come in no order that a processor could guess: no branches.
        common += usize::from(x == y);
        (i, j) = (i + usize::from(x <= y), j + usize::from(y <= x));
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_borne_and_another_day_is_not() {
        let list = |kept: u32, new: u32| (0..kept).chain(1000..1000 + new).collect::<Vec<u32>>();
        for (count, borne) in [(2, 1), (4, 2), (10, 4), (50, 12)] {
            assert!(agree(&list(count, 0), &list(count - borne, borne), 1), "{borne} of {count}");
            assert!(!agree(&list(count, 0), &list(count - borne - 1, borne + 1), 1), "{} of {count}", borne + 1);
            assert!(agree(&list(count, 0), &list(count - borne - 1, borne + 1), 2) || count == 2);
            assert!(!agree(&list(count, 0), &list(0, count), 2) || count == 2);
        }
        assert!(agree(&[], &list(9, 0), 1) && agree(&list(1, 0), &list(0, 1), 1));
        assert!(agree(&list(5, 0), &list(20, 0), 1));
    }
}
