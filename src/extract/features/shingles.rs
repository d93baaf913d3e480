//! Which runs of four words do two texts have in common?

use rustc_hash::FxHashSet;

use super::ratio;
use crate::text::fold;

/// The runs of four words of a text; of a shorter text, the whole.
#[derive(Debug, Default)]
pub(super) struct Shingles(FxHashSet<u64>);

impl Shingles {
    pub(super) fn of(words: &[u64]) -> Self {
        Self(hashes(words).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Share of a text's runs that are among these.
    pub(super) fn coverage(&self, words: &[u64]) -> f32 {
        let (mut found, mut all) = (0, 0);
        for hash in hashes(words) {
            all += 1;
            found += u32::from(self.0.contains(&hash));
        }
        ratio(found, all)
    }
}

fn hashes(words: &[u64]) -> impl Iterator<Item = u64> {
    let size = words.len().clamp(1, 4);
    words.windows(size).map(|run| run.iter().fold(0, |hash, word| fold(hash, *word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_in_order_count() {
        let set = Shingles::of(&[1, 2, 3, 4, 5]);
        // One's coverage by the other in sixths, so that no rounding is compared.
        let sixths = |set: &Shingles, words: &[u64]| (set.coverage(words) * 6.0).round().to_string();
        assert_eq!(sixths(&set, &[1, 2, 3, 4, 5, 9]), "4");
        assert_eq!(sixths(&set, &[4, 3, 2, 1]), "0");
        assert_eq!(sixths(&set, &[1, 2]), "0");
        assert_eq!(sixths(&Shingles::of(&[1, 2]), &[1, 2]), "6");
        assert_eq!(sixths(&set, &[]), "0");
    }
}
