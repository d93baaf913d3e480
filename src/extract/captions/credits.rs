//! Whose picture? A caption's credit by its place: in an element of its own, in the block beside it, in the
//! picture's attributes; the words alone are `credit`'s.

use super::super::blocks::Segment;
use super::super::class_words;
use super::super::credit;
use super::super::dom::{Dom, NodeId};
use super::super::names::known;
use super::super::tag::Tag;
use super::RawCaption;
use crate::text;

/// Caption and credit of a segment: by an element of the credit's own inside it, else by the words.
pub(super) fn split(dom: &Dom, segment: &Segment) -> (String, Option<String>) {
    if let Some((text, credit)) = split_by_element(dom, segment) {
        return (text, Some(credit));
    }
    let (mut text, credit) = credit::split(&segment.text);
    // What the bracket opens stands in a block of its own: "A caption (", "Image:", "Agency)".
    text.truncate(text.trim_end_matches(['(', '[', '（', ' ']).len());
    (text, credit)
}

/// The end of a credit that began in the block before: "Agency)" in an element of the credit's.
pub(super) fn closing_credit(dom: &Dom, segment: &Segment) -> Option<String> {
    let bare = segment.text.strip_suffix([')', ']', '）'])?;
    let is_end = !bare.contains(['(', '[', '（']) && is_in_credit(dom, segment);
    is_end.then(|| credit::unmark(bare)).filter(|credit| !credit.is_empty())
}

/// Whether a block of a few words stands in an element of the credit's.
fn is_in_credit(dom: &Dom, segment: &Segment) -> bool {
    segment.words <= 14 && class_words::any(dom, segment, 1, is_credit_word)
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
    let tail = join_pieces(&pieces[end..]);
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
    let credit = credit::unmark(&join_pieces(&pieces[marked..end]));
    if credit::is_label(credit.trim_end_matches(':')) && marked == 0 {
        // A label in an element of its own before the text.
        let (text, credit) = credit::split(&join_pieces(&pieces[end..]));
        return credit.map(|credit| (text, credit));
    }
    let text = text::clean(&format!("{} {}", join_pieces(&pieces[..marked]), join_pieces(&pieces[end..])));
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
    segment.text_nodes(dom).take(200).map(|(id, text)| (id, text.to_owned())).collect()
}

fn inside_credit(dom: &Dom, text: NodeId, container: NodeId) -> bool {
    dom.ancestors(text).take_while(|&id| id != container).take(5).any(|id| class_words::any_of_element(dom, id, is_credit_word))
}

/// "Caption | Agency" in the `title` or `alt` of the picture.
pub(super) fn attribute_credit(dom: &Dom, segment: &Segment, text: &str) -> Option<String> {
    let around = dom.ancestors(segment.container).take(3).find(|&a| dom.descendants(a).take(60).any(|d| dom.tag(d) == Tag::Img))?;
    let pictures = dom.descendants(around).take(60).filter(|&d| dom.tag(d) == Tag::Img).take(2);
    let key = text::comparison_key(text);
    pictures.flat_map(|p| [dom.attr(p, known::TITLE), dom.attr(p, known::ALT)]).flatten().find_map(|value| {
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
pub(super) fn neighbour_credit(dom: &Dom, segments: &[Segment], at: usize) -> Option<String> {
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
        if is_in_credit(dom, segment) {
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
pub(super) fn attach_credit(dom: &Dom, segments: &[Segment], found: &mut [RawCaption], at: usize, credit: &str) {
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
