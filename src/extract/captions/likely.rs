//! How likely is each segment a caption? The model's word, with the rules as second opinion.

use std::cell::LazyCell;

use rustc_hash::FxHashSet;

use super::super::Parts;
use super::super::class_words::Memo;
use super::super::credit;
use super::super::features;
use super::super::keys::Keys;
use super::super::model::SURE_CAPTION;
use super::super::names::known;
use super::super::tag::Tag;
use crate::text;

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
    let declared = LazyCell::new(|| declared_captions(parts));
    let alternatives = LazyCell::new(|| alternatives(parts));
    let caption_classes = Memo::new(dom);
    let rule = |at: usize| {
        let segment = &segments[at];
        let inside = layout.inside(segment.container);
        if inside.nav
            || inside.aside
            || inside.footer
            || inside.button
            || !(2..=130).contains(&segment.words)
            || (inside.link || segment.link_chars * 2 > segment.chars) && !enlarges(parts, at)
        {
            return 0.0;
        }
        let plain = segment.level.is_none() && segment.link_chars == 0;
        if plain && declared.begin(&segment.text) {
            return RULE.max(scores[at].body + 0.01);
        }
        let unlikely = scores[at].caption <= SURE_CAPTION;
        if unlikely && (segment.level.is_some() || segment.hidden || segment.words < MIN_SURE_WORDS) {
            return 0.0;
        }
        // The picture may stand in the same element: `<div><div><img></div><span class=legend>…`.
        let own = &layout.nodes[segment.container as usize];
        let beside = if own.images > 0 && own.words < features::weight(segment) + 1.0 {
            3.0
        } else {
            features::image_beside(dom, layout, segment.container)
        };
        if !inside.figure && beside < 2.0 {
            return 0.0;
        }
        let named = || caption_classes.any(dom, segment, 1, is_caption_word);
        if unlikely {
            // The markup and a labelled credit together are surer than the model.
            return if (beside >= 3.0 || inside.figure) && named() && credit::is_labelled(&segment.text) {
                RULE.max(scores[at].body + 0.01)
            } else {
                0.0
            };
        }
        let told = || {
            plain
                && (alternatives.find(&segment.text).is_some_and(|key| key.len() >= MIN_KEY) || beside >= 3.0 && credit_follows(parts, at))
        };
        let marked = || credit::is_marked(&segment.text) || beside >= 3.0 && credit::split(&segment.text).1.is_some();
        if named() || marked() || told() {
            // Surer than the body model: captions between paragraphs look like one of them.
            RULE.max(scores[at].body + 0.01)
        } else if segment.copies >= 2 {
            RULE
        } else {
            0.0
        }
    };
    (0..segments.len())
        .map(|at| {
            let likely = scores[at].caption;
            if !place.contains(&at) { likely * 0.6 } else { likely.max(rule(at)) }
        })
        .collect()
}

/// Whether a link holds a picture with its caption and nothing else: it leads to a larger picture, not to another article.
fn enlarges(parts: &Parts, at: usize) -> bool {
    let Parts { dom, segments, layout, .. } = parts;
    let segment = &segments[at];
    let link = dom.ancestors(segment.nodes.0).find(|&id| dom.tag(id) == Tag::A);
    dom.tag(segment.container) == Tag::Figcaption
        && link.is_some_and(|link| {
            layout.nodes[link as usize].images > 0 && layout.nodes[link as usize].words < features::weight(segment) + 1.0
        })
}

/// Words of a caption that is one though the model says no.
const MIN_SURE_WORDS: u32 = 5;
/// Bytes of a key from which on two that are alike are no accident.
const MIN_KEY: usize = 12;
/// Pictures whose captions are compared.
const MAX_TOLD: usize = 200;

/// The captions that the page declares.
struct Declared {
    /// Their comparison keys, and the heads of these.
    keys: Vec<String>,
    heads: FxHashSet<u64>,
}

impl Declared {
    /// Whether a text is one of them, or one with its credit behind it.
    fn begin(&self, text: &str) -> bool {
        self.heads.contains(&text::key_head(text)) && {
            let key = text::comparison_key(text);
            self.keys.iter().any(|caption| key.starts_with(caption) && key.len() <= caption.len() + MAX_CREDIT)
        }
    }
}

/// Captions of `ImageObject`s.
fn declared_captions(parts: &Parts) -> Declared {
    let objects = parts.metadata.json_ld.of_type("ImageObject").take(MAX_TOLD);
    let captions = objects.flat_map(|object| ["caption", "description"].map(|key| object.get(key)).into_iter().flatten());
    let keys = captions.filter_map(|caption| Some(text::comparison_key(caption.as_str()?))).filter(|key| key.len() >= MIN_KEY * 2);
    let keys: Vec<String> = keys.collect();
    Declared { heads: keys.iter().map(|key| text::head_of_key(key)).collect(), keys }
}

/// `alt` and `title` of pictures.
fn alternatives<'a>(parts: &'a Parts) -> Keys<'a> {
    let pictures = parts.dom.elements(Tag::Img).take(MAX_TOLD * 5);
    let alternatives = pictures.flat_map(|id| [known::ALT, known::TITLE].map(|name| parts.dom.attr(id, name)).into_iter().flatten());
    Keys::new(alternatives)
}

/// Bytes of a credit's key behind a caption.
const MAX_CREDIT: usize = 80;

/// Whether the next text, in the same element, is nothing but a credit.
fn credit_follows(parts: &Parts, at: usize) -> bool {
    let Parts { dom, segments, .. } = parts;
    let next = segments.get(at + 1).filter(|next| next.chars <= 80 && dom.parent(next.container) == dom.parent(segments[at].container));
    next.is_some_and(|next| credit::whole(&next.text).is_some())
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
