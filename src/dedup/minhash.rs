//! Which fingerprints are worth a comparison?
//!
//! In: the hashes of a text's shingles. Out: the hashes of its bands; texts that are alike have one in common. One
//! permutation gives all rows: each hash falls into a bin and the least of a bin is its value (Li, Owen, Zhang, "One
//! Permutation Hashing", 2012); a bin that stays empty takes the value of another, chosen by hash (Shrivastava, "Optimal
//! Densification for Fast and Accurate Minwise Hashing", 2017). So a text costs one step a shingle and not one a shingle
//! and row. Bands as in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4. Never: an answer to whether two
//! texts are alike.

use xxhash_rust::xxh3::xxh3_64;

/// Bands of a signature.
pub(super) const BANDS: usize = 48;
/// Rows of a band.
const ROWS: usize = 4;
const BINS: usize = BANDS * ROWS;

/// The bands of a set of hashes; none of none.
pub(super) fn bands(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut least = [u32::MAX; BINS];
    let mut any = false;
    for hash in hashes {
        let (bin, value) = (((hash >> 32) * BINS as u64) >> 32, low(hash).min(u32::MAX - 1));
        let place = &mut least[usize::try_from(bin).unwrap_or(0)];
        *place = value.min(*place);
        any = true;
    }
    if !any {
        return Vec::new();
    }
    let filled = densified(&least);
    let bytes = |rows: &[u32; ROWS]| rows.map(u32::to_le_bytes);
    let (bands, _) = filled.as_chunks::<ROWS>();
    bands.iter().zip(0u64..).map(|(rows, band)| splitmix(xxh3_64(bytes(rows).as_flattened()) ^ splitmix(band))).collect()
}

/// Empty bins filled from others; the bin that is taken from depends on the empty one and the number of the try.
fn densified(least: &[u32; BINS]) -> [u32; BINS] {
    let mut filled = *least;
    for (bin, place) in filled.iter_mut().enumerate().filter(|(_, value)| **value == u32::MAX) {
        let tries = (1u64..).map(|n| splitmix((bin as u64) << 32 | n) % BINS as u64);
        let donor = tries.map(|at| least[usize::try_from(at).unwrap_or(0)]).find(|value| *value != u32::MAX);
        *place = donor.unwrap_or_default();
    }
    filled
}

/// The lower half of a hash.
#[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
pub(super) fn low(hash: u64) -> u32 {
    hash as u32
}

/// Vigna's `SplitMix64`: a hash of a number.
pub(super) fn splitmix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of many pairs of sets of this size and likeness, the share with a band in common.
    fn found(size: u64, common: u64) -> f64 {
        let pairs: u32 = 300;
        let set = |pair: u64, own: u64| {
            let shared = (0..common).map(move |n| splitmix(pair << 40 | n));
            shared.chain((common..size).map(move |n| splitmix(own << 60 | pair << 40 | n)))
        };
        let hits = (0..pairs).filter(|pair| {
            let (a, b) = (bands(set(u64::from(*pair), 1)), bands(set(u64::from(*pair), 2)));
            a.iter().zip(&b).any(|(x, y)| x == y)
        });
        f64::from(u32::try_from(hits.count()).unwrap()) / f64::from(pairs)
    }

    #[test]
    fn alike_sets_share_a_band_and_others_do_not() {
        // 73 % in common is what one edit in ten words leaves of word 3-grams.
        for size in [60, 300, 2000] {
            assert!(found(size, size * 73 / 100) >= 0.96, "{size}: {}", found(size, size * 73 / 100));
            assert!(found(size, size * 5 / 100) <= 0.02, "{size}: {}", found(size, size * 5 / 100));
        }
    }

    #[test]
    fn nothing_has_no_bands() {
        assert!(bands(std::iter::empty()).is_empty());
        assert_eq!(bands(std::iter::once(7)).len(), BANDS);
    }
}
