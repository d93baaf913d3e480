//! The standfirst: the lines between headline and text that sum the article up.
//!
//! In: segments of the head with the model's probabilities, and the declared descriptions. Out: the printed
//! standfirst, if there is one that is not simply the first paragraph.

use rustc_hash::FxHashSet;

use super::Parts;
use super::blocks::Segment;
use super::declared;
use super::metadata::Metadata;
use super::model::SURE_STANDFIRST;
use crate::text;

/// Probability from which on a segment is the standfirst.
const CUT: f32 = 0.5;
/// The same where the page declares this very text as its description.
const CUT_DECLARED: f32 = SURE_STANDFIRST;

/// Characters of a standfirst at most; more are the first paragraph of the text.
const MAX_CHARS: u32 = 500;

/// A printed standfirst.
#[derive(Debug)]
pub(crate) struct Standfirst {
    pub(crate) text: String,
    pub(crate) segment: usize,
}

/// Finds it.
pub(crate) fn find(
    parts: &Parts,
    head: std::ops::Range<usize>,
    excluded: &FxHashSet<usize>,
    title: Option<usize>,
    in_body: &[bool],
) -> Option<Standfirst> {
    let Parts { metadata, segments, scores, .. } = parts;
    let declared: Vec<String> = declared::descriptions(metadata).iter().map(|d| text::comparison_key(d)).collect();
    // The only text of a page is its text.
    let in_all = in_body.iter().filter(|on| **on).count();
    let text_beside = |at: usize| in_all > usize::from(in_body.get(at).copied().unwrap_or(false));
    let candidates = head.filter(|at| !excluded.contains(at)).filter_map(|at| Some((at, segments.get(at)?)));
    let probability = |at: usize| scores[at].standfirst;
    candidates
        .filter(|(at, segment)| {
            let known = segment.words >= 4 && declared.iter().any(|key| text::has_comparison_key(&segment.text, key));
            segment.chars <= MAX_CHARS && text_beside(*at) && probability(*at) >= if known { CUT_DECLARED } else { CUT }
        })
        .max_by(|a, b| probability(a.0).total_cmp(&probability(b.0)))
        .map(|(at, segment)| Standfirst { text: segment.text.clone(), segment: at })
        .or_else(|| second_heading(segments, excluded, title?, in_body))
}

/// A smaller heading right under the headline that no text follows: a sub-heading would have its paragraph next.
fn second_heading(segments: &[Segment], excluded: &FxHashSet<usize>, title: usize, in_body: &[bool]) -> Option<Standfirst> {
    let at = title + 1;
    let segment = segments.get(at).filter(|s| s.level > segments[title].level && s.words >= 4 && s.link_chars == 0)?;
    let followed = in_body.get(at + 1).copied().unwrap_or(false);
    (!followed && !excluded.contains(&at)).then(|| Standfirst { text: segment.text.clone(), segment: at })
}

/// The declared standfirst of a page whose text stands in JSON-LD alone.
pub(crate) fn declared_beside(metadata: &Metadata, body: &str) -> Option<String> {
    let body = text::comparison_key(body);
    let declared = ["alternativeHeadline", "description"].iter().find_map(|k| metadata.json_ld.article_text(k))?;
    (!body.contains(&text::comparison_key(&declared))).then_some(declared)
}
