//! Captions of the article's pictures, every printed copy of each.
//!
//! In: segments with the model's probabilities. Out: [`RawCaption`]s in page order, credit split off, and the set
//! of segments that they take from the body. Merging the copies is `dedup`'s.

mod credits;
mod likely;
mod picture;

use std::collections::HashSet;

use rustc_hash::FxHashSet;
use url::Url;

use super::Parts;
use super::blocks::Segment;
use super::class_words;
use super::credit;
use super::dom::Dom;
use super::features::LEVELS;
use crate::text;
use credits::{attach_credit, attribute_credit, closing_credit, neighbour_credit, split};
use likely::probabilities;
use picture::image;

/// One printed caption.
#[derive(Debug, Clone)]
pub struct RawCaption {
    /// Text without credit and label.
    pub text: String,
    /// Credit without its marks.
    pub credit: Option<String>,
    /// Absolute URL of the picture beside it.
    pub image: Option<String>,
    /// Position among the page's segments.
    pub segment: usize,
    /// Whether it is here as another caption's copy only (its place alone would not make it one).
    pub copy_only: bool,
}

/// Probability from which on a segment is a caption.
pub(crate) const CUT: f32 = 0.35;

/// Captions kept of one page, copies counted.
const MAX_CAPTIONS: usize = 30_000;

/// Finds the captions; `excluded` says which segments can't be one (headline, byline).
pub(crate) fn find(parts: &Parts, base: Option<&Url>, excluded: &FxHashSet<usize>) -> Vec<RawCaption> {
    let Parts { dom, segments, .. } = parts;
    let likely = probabilities(parts);
    let mut found: Vec<RawCaption> = Vec::new();
    let mut keys: HashSet<String> = HashSet::new();
    for (at, segment) in segments.iter().enumerate() {
        if excluded.contains(&at) || likely[at] < CUT || likely[at] < parts.scores[at].body || found.len() >= MAX_CAPTIONS {
            continue;
        }
        if let Some(credit) = credit::whole(&segment.text).or_else(|| closing_credit(dom, segment)) {
            attach_credit(dom, segments, &mut found, at, &credit);
            continue;
        }
        let (text, mut credit) = split(dom, segment);
        if text.is_empty() {
            continue;
        }
        if credit.is_none() {
            credit = neighbour_credit(dom, segments, at).or_else(|| attribute_credit(dom, segment, &text));
        }
        keys.insert(text::comparison_key(&text));
        keys.insert(text::comparison_key(&segment.text));
        found.push(RawCaption { text, credit, image: image(dom, segment, base), segment: at, copy_only: false });
    }
    copies(parts, base, excluded, &keys, &mut found);
    found.sort_by_key(|c| c.segment);
    found
}

/// How many captions, copies left out, stand in elements whose classes speak of a gallery.
pub(crate) fn slides(dom: &Dom, segments: &[Segment], captions: &[RawCaption]) -> usize {
    let is_slide = |word: &str| {
        matches!(
            word,
            "slide"
                | "slides"
                | "slider"
                | "slideshow"
                | "gallery"
                | "carousel"
                | "swiper"
                | "galerie"
                | "bildergalerie"
                | "galeria"
                | "diaporama"
        )
    };
    let in_gallery = |caption: &&RawCaption| !caption.copy_only && class_words::any(dom, &segments[caption.segment], LEVELS, is_slide);
    let mut keys: Vec<String> = captions.iter().filter(in_gallery).map(|c| text::comparison_key(&c.text)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// The first characters of a key, at most twenty.
fn head(key: &[u8]) -> &[u8] {
    let begins = |byte: &u8| !(0x80..0xc0).contains(byte);
    let end = key.iter().enumerate().filter(|(_, byte)| begins(byte)).nth(20).map_or(key.len(), |(end, _)| end);
    &key[..end]
}

/// Every other segment that prints the text of a caption is a copy of it, wherever it stands.
fn copies(parts: &Parts, base: Option<&Url>, excluded: &FxHashSet<usize>, keys: &HashSet<String>, found: &mut Vec<RawCaption>) {
    if keys.is_empty() {
        return;
    }
    let Parts { dom, segments, .. } = parts;
    let taken: FxHashSet<usize> = found.iter().map(|c| c.segment).collect();
    let heads: FxHashSet<u64> = keys.iter().map(|key| text::head_of_key(key)).collect();
    let prefixes: FxHashSet<&[u8]> = keys.iter().map(|key| head(key.as_bytes())).collect();
    for (at, segment) in segments.iter().enumerate() {
        if taken.contains(&at) || excluded.contains(&at) || segment.chars > 4000 || found.len() >= MAX_CAPTIONS {
            continue;
        }
        let bare = credit::strip_label(&segment.text);
        if !heads.contains(&text::key_head(bare)) || !prefixes.contains(head(text::comparison_key(bare).as_bytes())) {
            continue;
        }
        let (text, credit) = split(dom, segment);
        let own = text::comparison_key(&text);
        let cut = (text.ends_with('…') || text.ends_with("...")) && own.chars().count() >= 20 && keys.iter().any(|k| k.starts_with(&own));
        if keys.contains(&own) || cut {
            found.push(RawCaption { text, credit, image: image(dom, segment, base), segment: at, copy_only: true });
        }
    }
}
