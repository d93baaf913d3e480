//! Captions of the article's pictures, every printed copy of each.
//!
//! In: segments with the model's probabilities. Out: [`RawCaption`]s in page order, credit split off, and the set
//! of segments that they take from the body. Merging the copies is `dedup`'s.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Parts;
use super::blocks::Segment;
use super::class_words;
use super::credit;
use super::declared::absolute;
use super::dom::{Dom, NodeId};
use super::features;
use super::tag::Tag;
use crate::text;

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
const CUT: f32 = 0.35;
/// Captions kept of one page, copies counted.
const MAX_CAPTIONS: usize = 50_000;

/// Finds the captions; `excluded` says which segments can't be one (headline, byline).
pub(crate) fn find(parts: &Parts, base: Option<&Url>, excluded: &HashSet<usize>) -> Vec<RawCaption> {
    let Parts { dom, segments, .. } = parts;
    let likely = probabilities(parts);
    let mut found: Vec<RawCaption> = Vec::new();
    let mut keys: HashSet<String> = HashSet::new();
    for (at, segment) in segments.iter().enumerate() {
        if excluded.contains(&at) || likely[at] < CUT || likely[at] < parts.scores[at].body || found.len() >= MAX_CAPTIONS {
            continue;
        }
        if let Some(credit) = credit::whole(&segment.text) {
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
    copies(dom, segments, base, excluded, &keys, &mut found);
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
    let in_gallery = |caption: &&RawCaption| {
        let mut found = false;
        class_words::each(dom, &segments[caption.segment], |_, word| found |= is_slide(word));
        found && !caption.copy_only
    };
    let mut keys: Vec<String> = captions.iter().filter(in_gallery).map(|c| text::comparison_key(&c.text)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// The model's probabilities, with the rules as second opinion: a picture beside it, a place in the article, and
/// a mark of captions (a credit, `figcaption`, a class of that name, or copies) make a caption surer; a place
/// outside the article makes it less sure.
fn probabilities(parts: &Parts) -> Vec<f32> {
    let Parts { dom, segments, layout, scores, .. } = parts;
    let body: Vec<usize> = (0..segments.len()).filter(|&at| scores[at].body > 0.5).collect();
    let place = match (body.first(), body.last()) {
        (Some(first), Some(last)) => first.saturating_sub(15)..last + 4,
        _ => 0..segments.len(),
    };
    let mut copies: HashMap<&str, u32> = HashMap::new();
    for segment in segments {
        *copies.entry(segment.text.as_str()).or_default() += 1;
    }
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
        let mut named = false;
        class_words::each(dom, segment, |level, word| named |= level <= 1 && is_caption_word(word));
        let marked = credit::is_marked(&segment.text) || beside >= 3.0 && credit::split(&segment.text).1.is_some();
        if named || marked {
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
            } else if likely > 0.02 {
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

/// Every other segment that prints the text of a caption is a copy of it, wherever it stands.
fn copies(
    dom: &Dom,
    segments: &[Segment],
    base: Option<&Url>,
    excluded: &HashSet<usize>,
    keys: &HashSet<String>,
    found: &mut Vec<RawCaption>,
) {
    if keys.is_empty() {
        return;
    }
    let taken: HashSet<usize> = found.iter().map(|c| c.segment).collect();
    let prefixes: HashSet<String> = keys.iter().map(|k| k.chars().take(20).collect()).collect();
    for (at, segment) in segments.iter().enumerate() {
        if taken.contains(&at) || excluded.contains(&at) || segment.chars > 4000 || found.len() >= MAX_CAPTIONS {
            continue;
        }
        let key = text::comparison_key(credit::strip_label(&segment.text));
        let head: String = key.chars().take(20).collect();
        if !keys.contains(&key) && !prefixes.contains(&head) {
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

/// Caption and credit of a segment: by an element of the credit's own inside it, else by the words.
fn split(dom: &Dom, segment: &Segment) -> (String, Option<String>) {
    if let Some((text, credit)) = split_by_element(dom, segment) {
        return (text, Some(credit));
    }
    credit::split(&segment.text)
}

/// Words of classes that mark a credit; general words of the trade.
fn is_credit_word(word: &str) -> bool {
    matches!(
        word,
        "credit"
            | "credits"
            | "copyright"
            | "copyrightholder"
            | "source"
            | "photographer"
            | "attribution"
            | "agency"
            | "fotograf"
            | "quelle"
            | "byline"
            | "creditline"
            | "provider"
            | "owner"
    )
}

/// An inline element at the end (or start) of the caption that its classes or a mark call the credit.
fn split_by_element(dom: &Dom, segment: &Segment) -> Option<(String, String)> {
    let pieces = pieces(dom, segment);
    if pieces.len() < 2 {
        return None;
    }
    let marked = pieces.iter().position(|(id, _)| inside_credit(dom, *id, segment.container))?;
    let mut end = (marked..pieces.len()).find(|&i| !inside_credit(dom, pieces[i].0, segment.container)).unwrap_or(pieces.len());
    let tail = text::clean(&pieces[end..].iter().map(|(_, t)| t.as_str()).collect::<String>());
    if tail.starts_with(['/', ',', '|']) && tail.split_whitespace().count() <= 6 {
        end = pieces.len();
    }
    // A label in an element of its own: the name follows in the next.
    if marked > 0
        && credit::is_label(join_pieces(&pieces[marked..end]).trim_end_matches([':', ' ']))
        && tail.split_whitespace().count() <= 14
    {
        end = pieces.len();
    }
    let join = join_pieces;
    let credit = credit::unmark(&join(&pieces[marked..end]));
    if credit::is_label(credit.trim_end_matches(':')) && marked == 0 {
        // A label in an element of its own before the text.
        let (text, credit) = credit::split(&join(&pieces[end..]));
        return credit.map(|credit| (text, credit));
    }
    let text = text::clean(&format!("{} {}", join(&pieces[..marked]), join(&pieces[end..])));
    // A label before the element ("Photo: <span class=credit>") belongs to it.
    let text = strip_dangling_label(&text);
    (!credit.is_empty() && !text.is_empty() && credit.chars().count() <= 150).then(|| (credit::strip_label(&text).to_owned(), credit))
}

fn join_pieces(pieces: &[(NodeId, String)]) -> String {
    text::clean(&pieces.iter().map(|(_, t)| t.as_str()).collect::<String>())
}

fn strip_dangling_label(text: &str) -> String {
    let trimmed = text.trim_end_matches(['(', '[', '|', '/', '–', '-', '©', ' ']);
    let (head, tail) = trimmed.rsplit_once(['.', '!', '?', '。', ' ']).map_or(("", trimmed), |(h, t)| (&trimmed[..=h.len()], t));
    if (tail.ends_with(':') || trimmed.len() < text.len()) && credit::whole(&format!("{} Name", tail.trim())).is_some() {
        return head.trim_end().to_owned();
    }
    trimmed.trim_end().to_owned()
}

/// The text nodes of a segment.
fn pieces(dom: &Dom, segment: &Segment) -> Vec<(NodeId, String)> {
    let mut out = Vec::new();
    let mut at = Some(segment.nodes.0);
    while let Some(id) = at {
        if let Some(text) = dom.text_of(id)
            && out.len() < 200
        {
            out.push((id, text.to_owned()));
        }
        at = if id == segment.nodes.1 {
            None
        } else if dom.tag(id).is_muted() {
            dom.next_outside(id, Dom::ROOT)
        } else {
            dom.next_in(id, Dom::ROOT)
        };
    }
    out
}

fn inside_credit(dom: &Dom, text: NodeId, container: NodeId) -> bool {
    dom.ancestors(text).take_while(|&id| id != container).take(5).any(|id| {
        let mut yes = false;
        class_words::of_element(dom, id, |word| yes |= is_credit_word(word));
        yes
    })
}

/// "Caption | Agency" in the `title` or `alt` of the picture.
fn attribute_credit(dom: &Dom, segment: &Segment, text: &str) -> Option<String> {
    let around = dom.ancestors(segment.container).take(3).find(|&a| dom.descendants(a).take(60).any(|d| dom.tag(d) == Tag::Img))?;
    let pictures = dom.descendants(around).take(60).filter(|&d| dom.tag(d) == Tag::Img).take(2);
    let key = text::comparison_key(text);
    pictures.flat_map(|p| [dom.attr(p, "title"), dom.attr(p, "alt")]).flatten().find_map(|value| {
        let value = text::clean(value);
        let (head, tail) = value.rsplit_once(['|', '©']).map(|(h, t)| (h.to_owned(), t.trim().to_owned())).or_else(|| {
            let (text, credit) = credit::split(&value);
            Some((text, credit?))
        })?;
        let credit = credit::unmark(&tail);
        let same = text::comparison_key(&head) == key || credit::whole(&tail).is_some();
        (same && !credit.is_empty() && credit.chars().count() <= 100).then_some(credit)
    })
}

/// A credit printed in a block of its own beside the caption.
fn neighbour_credit(dom: &Dom, segments: &[Segment], at: usize) -> Option<String> {
    for other in [at + 1, at.wrapping_sub(1), at + 2] {
        let Some(segment) = segments.get(other) else { continue };
        if segment.chars > 150 || !same_figure(dom, segments[at].container, segment.container) {
            continue;
        }
        // Short names right behind the caption, beside it under one parent.
        let beside = dom.parent(segment.container) == dom.parent(segments[at].container) && other == at + 1;
        let footer = dom.tag(segment.container) == Tag::Footer;
        if (beside && credit::is_name(&segment.text) || footer) && segment.words <= 8 && segment.link_chars == 0 {
            return Some(credit::unmark(&segment.text)).filter(|c| !c.is_empty());
        }
        if let Some(credit) = credit::whole(&segment.text) {
            return Some(credit);
        }
        let mut marked = false;
        class_words::each(dom, segment, |level, word| marked |= level <= 1 && is_credit_word(word));
        if marked && segment.words <= 14 {
            let credit = credit::unmark(&segment.text);
            // A label in a block of its own names nobody.
            if credit.ends_with(':') {
                continue;
            }
            return Some(credit).filter(|c| !c.is_empty());
        }
    }
    None
}

/// A segment that is only a credit belongs to the caption before it in the same figure.
fn attach_credit(dom: &Dom, segments: &[Segment], found: &mut [RawCaption], at: usize, credit: &str) {
    if let Some(caption) = found.last_mut()
        && caption.credit.is_none()
        && same_figure(dom, segments[caption.segment].container, segments[at].container)
    {
        caption.credit = Some(credit.to_owned());
    }
}

/// Whether two elements stand in one figure, or, where there is none, close together under one parent.
fn same_figure(dom: &Dom, a: NodeId, b: NodeId) -> bool {
    let figure = |id: NodeId| std::iter::once(id).chain(dom.ancestors(id)).take(8).find(|&x| dom.tag(x) == Tag::Figure);
    match (figure(a), figure(b)) {
        (Some(x), Some(y)) => x == y,
        (None, None) => {
            let near: Vec<NodeId> = std::iter::once(a).chain(dom.ancestors(a)).take(4).collect();
            std::iter::once(b)
                .chain(dom.ancestors(b))
                .take(4)
                .any(|x| near.contains(&x) && !matches!(dom.tag(x), Tag::Article | Tag::Body | Tag::Main))
        }
        _ => false,
    }
}

/// The picture nearest to a caption: in its block, in the elements before it, in the one after it; then one level up.
fn image(dom: &Dom, segment: &Segment, base: Option<&Url>) -> Option<String> {
    let inside = |id: NodeId| {
        std::iter::once(id).chain(dom.descendants(id)).take(400).filter(|&id| dom.tag(id) == Tag::Img).find_map(|id| source(dom, id, base))
    };
    let mut at = segment.container;
    if let Some(url) = inside(at) {
        return Some(url);
    }
    for _ in 0..4 {
        let before = std::iter::successors(dom.previous_sibling(at), |&s| dom.previous_sibling(s)).filter(|&s| dom.is_element(s)).take(3);
        let after = std::iter::successors(dom.next_sibling(at), |&s| dom.next_sibling(s)).filter(|&s| dom.is_element(s)).take(1);
        if let Some(url) = before.chain(after).find_map(inside) {
            return Some(url);
        }
        at = dom.parent(at).filter(|&p| !matches!(dom.tag(p), Tag::Article | Tag::Main | Tag::Body))?;
    }
    None
}

/// The address of a picture, lazy-loading attributes first; placeholders are passed over.
fn source(dom: &Dom, image: NodeId, base: Option<&Url>) -> Option<String> {
    let first_of_set = |set: &str| set.split_whitespace().next().map(|s| s.trim_end_matches(',').to_owned());
    ["data-src", "data-original", "data-lazy-src", "src"]
        .iter()
        .find_map(|name| absolute(dom.attr(image, name)?, base))
        .or_else(|| ["srcset", "data-srcset"].iter().find_map(|name| absolute(&first_of_set(dom.attr(image, name)?)?, base)))
        .map(|u| u.to_string())
}
