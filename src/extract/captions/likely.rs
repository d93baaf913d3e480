//! How likely is each segment a caption? The model's word, with the rules as second opinion.

use std::cell::LazyCell;
use std::collections::HashMap;

use super::super::Parts;
use super::super::class_words;
use super::super::credit;
use super::super::features;
use super::super::model::SURE_CAPTION;

/// The model's probabilities, with the rules as second opinion: a picture beside it, a place in the article, and
/// a mark of captions (a credit, `figcaption`, a class of that name, or copies) make a caption surer; a place
/// outside the article makes it less sure.
pub(super) fn probabilities(parts: &Parts) -> Vec<f32> {
    let Parts { dom, segments, layout, scores, .. } = parts;
    let body: Vec<usize> = (0..segments.len()).filter(|&at| scores[at].body > 0.5).collect();
    let place = match (body.first(), body.last()) {
        (Some(first), Some(last)) => first.saturating_sub(15)..last + 4,
        _ => 0..segments.len(),
    };
    let copies = LazyCell::new(|| {
        let mut copies: HashMap<&str, u32> = HashMap::new();
        for segment in segments {
            *copies.entry(segment.text.as_str()).or_default() += 1;
        }
        copies
    });
    let rule = |at: usize| {
        let segment = &segments[at];
        let inside = layout.inside(segment.container);
        if inside.nav
            || inside.aside
            || inside.footer
            || inside.link
            || inside.button
            || !(2..=130).contains(&segment.words)
            || segment.link_chars * 2 > segment.chars
        {
            return 0.0;
        }
        let beside = features::image_beside(dom, layout, segment.container);
        if !inside.figure && beside < 2.0 {
            return 0.0;
        }
        let named = class_words::any(dom, segment, 1, is_caption_word);
        let marked = || credit::is_marked(&segment.text) || beside >= 3.0 && credit::split(&segment.text).1.is_some();
        if named || marked() {
            // Surer than the body model: captions between paragraphs look like one of them.
            RULE.max(scores[at].body + 0.01)
        } else if copies[segment.text.as_str()] >= 2 {
            RULE
        } else {
            0.0
        }
    };
    (0..segments.len())
        .map(|at| {
            let likely = scores[at].caption;
            if !place.contains(&at) {
                likely * 0.6
            } else if likely > SURE_CAPTION {
                likely.max(rule(at))
            } else {
                likely
            }
        })
        .collect()
}

/// What a segment is worth that the rules call a caption.
const RULE: f32 = 0.55;

/// Words of tags and classes that mean a caption; general words of the trade.
fn is_caption_word(word: &str) -> bool {
    matches!(
        word,
        "<figcaption"
            | "caption"
            | "captions"
            | "figcaption"
            | "cutline"
            | "legend"
            | "bildunterschrift"
            | "bildtext"
            | "pie"
            | "epigrafe"
            | "didascalia"
            | "legende"
            | "leyenda"
    )
}
