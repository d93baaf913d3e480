//! What the training of the block model sees of a page (`train/`): the same segments and features that
//! extraction uses, so that model and program can't drift apart.

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::RawArticle;
use super::blocks::segments;
use super::class_words;
use super::dom::Dom;
use super::features::{self, LEVELS};
use super::layout::Layout;
use super::metadata::Metadata;
use super::model::{Scores, text_words};
use crate::decode::Page;

/// Names of the features, in the order of a row.
pub fn feature_names() -> &'static [&'static str] {
    features::NAMES
}

/// How many of them, the first of a row, the outline has.
pub const OUTLINE: usize = features::OUTLINE;

/// A page's segments: `[{"t": text, "k": kind, "l": level, "m": whether it may be of an article, "f": [features], "w": [[class words] by distance], "h": [hashes of words and pairs]}]`.
pub fn page(html: &str) -> Value {
    let dom = Dom::parse(html);
    let metadata = Metadata::collect(&dom);
    let (segments, wording) = segments(&dom);
    let layout = Layout::new(&dom, &segments);
    let measures = {
        let page = features::Page::new(&dom, &segments, &wording, &layout, &metadata);
        let mut rows = features::outline(&page, (0..segments.len()).collect());
        features::measure(&page, &mut rows);
        rows
    };
    let likely: FxHashSet<usize> = features::likely(&dom, &segments, &layout).into_iter().collect();
    let rows = segments.iter().zip(measures).map(|(segment, (at, row))| {
        let mut phrases = Vec::new();
        text_words::each(wording.words(at), |hash| phrases.push(hash));
        let mut words: [Vec<String>; LEVELS] = Default::default();
        class_words::each(&dom, segment, |level, word| words[level].push(word.to_owned()));
        let row: Vec<f64> = row.numbers().iter().map(|f| (f64::from(*f) * 10_000.0).round() / 10_000.0).collect();
        json!({"t": segment.text, "k": segment.kind, "l": segment.level, "m": likely.contains(&at), "f": row, "w": words, "h": phrases})
    });
    Value::Array(rows.collect())
}

/// Reads a page with the probabilities given (body, caption, standfirst a segment) in place of the model's: for
/// figures out of fold. The confidence is as measured, not yet calibrated.
pub fn extract_scored(page: &Page, scores: &[[f32; 3]]) -> RawArticle {
    let scores = scores.iter().map(|&[body, caption, standfirst]| Scores { body, caption, standfirst }).collect();
    let dom = Dom::parse(&page.html);
    let metadata = Metadata::collect(&dom);
    super::article(page, &super::Parts::new(dom, metadata, None, Some(scores)), &mut super::Trace::default())
}
