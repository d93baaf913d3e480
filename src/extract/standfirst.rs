//! The standfirst: the lines between headline and text that sum the article up.
//!
//! In: segments of the head with the model's probabilities, and the declared descriptions. Out: the printed
//! standfirst, if there is one that is not simply the first paragraph.

use std::collections::HashSet;

use super::blocks::Segment;
use super::declared;
use super::metadata::Metadata;
use super::model::Scores;
use crate::text;

/// Probability from which on a segment is the standfirst.
const CUT: f32 = 0.5;
/// The same where the page declares this very text as its description.
const CUT_DECLARED: f32 = 0.25;

/// A printed standfirst.
#[derive(Debug)]
pub(crate) struct Standfirst {
    pub(crate) text: String,
    pub(crate) segment: usize,
}

/// Finds it.
pub(crate) fn find(
    metadata: &Metadata,
    segments: &[Segment],
    scores: &[Scores],
    head: std::ops::Range<usize>,
    excluded: &HashSet<usize>,
) -> Option<Standfirst> {
    let declared: Vec<String> = declared::descriptions(metadata).iter().map(|d| text::comparison_key(d)).collect();
    let candidates = head.filter(|at| !excluded.contains(at)).filter_map(|at| Some((at, segments.get(at)?)));
    let probability = |at: usize| scores[at].standfirst;
    candidates
        .filter(|(at, segment)| {
            let known = segment.words >= 4 && declared.contains(&text::comparison_key(&segment.text));
            segment.chars <= 1500 && probability(*at) >= if known { CUT_DECLARED } else { CUT }
        })
        .max_by(|a, b| probability(a.0).total_cmp(&probability(b.0)))
        .map(|(at, segment)| Standfirst { text: segment.text.clone(), segment: at })
}
