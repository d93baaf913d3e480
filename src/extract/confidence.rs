//! How likely is the body right?
//!
//! In: the model's scores and the choice of body. Out: the share of pages with such scores whose body was right (shingle
//! F1 of 0.95 and more) on sites that the model had not seen. The table is made by `train/calibrate.py`.

use std::sync::LazyLock;

use super::blocks::Segment;
use super::features::weight;
use super::model::Scores;

/// Lines of a measured confidence and the share of right bodies, both rising.
static TABLE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let number = |text: Option<&str>| text.and_then(|t| t.parse().ok());
    let line = |line: &str| {
        let mut columns = line.split('\t');
        Some((number(columns.next())?, number(columns.next())?))
    };
    include_str!("model/confidence.tsv").lines().filter_map(line).collect()
});

/// That of a text which stands in the page's data alone: the model has nothing to judge there, so it is what holds for pages
/// on the whole.
pub(crate) const DECLARED: f64 = 0.7;

/// The probability that belongs to a measured confidence, 0–1.
pub(crate) fn calibrated(measured: f64) -> f64 {
    let table = &*TABLE;
    let after = table.partition_point(|(x, _)| *x < measured);
    let probability = match (after.checked_sub(1).and_then(|at| table.get(at)), table.get(after)) {
        (Some((x, y)), Some((to_x, to_y))) => y + (to_y - y) * (measured - x) / (to_x - x),
        // Below what was seen the share falls to nothing.
        (None, Some((to_x, to_y))) => to_y * measured / to_x,
        (Some((_, y)), None) => *y,
        (None, None) => measured,
    };
    (probability * 10_000.0).round() / 10_000.0
}

/// How sure the choice of body is as measured, 0–1: the model's certainty over the page's text, less for very short texts.
pub(crate) fn measured(segments: &[Segment], scores: &[Scores], chosen: &[bool]) -> f64 {
    let (mut sure, mut all, mut words) = (0.0f64, 0.0f64, 0.0f64);
    for ((segment, score), &on) in segments.iter().zip(scores).zip(chosen) {
        let size = f64::from(weight(segment));
        if on {
            words += size;
        } else if size < 8.0 {
            continue;
        }
        sure += size * f64::from(if on { score.body } else { 1.0 - score.body });
        all += size;
    }
    if all <= 0.0 || words <= 0.0 {
        return 0.0;
    }
    let length = (words / 60.0).min(1.0);
    ((sure / all) * (0.4 + 0.6 * length) * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_rise_with_what_is_measured() {
        let all: Vec<f64> = (0..=1000).map(|n| calibrated(f64::from(n) / 1000.0)).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]), "{all:?}");
        assert!(all[0].abs() < f64::EPSILON && all[500] < 0.2 && all[1000] > 0.9 && all[1000] <= 1.0);
    }
}
