//! The picture that a caption belongs to.

use url::Url;

use super::super::blocks::Segment;
use super::super::declared::absolute;
use super::super::dom::{Dom, NodeId};
use super::super::names::known;
use super::super::tag::Tag;

/// The picture nearest to a caption: in its block, in the elements before it, in the one after it; then one level up.
pub(super) fn image(dom: &Dom, segment: &Segment, base: Option<&Url>) -> Option<String> {
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
    [known::DATA_SRC, known::DATA_ORIGINAL, known::DATA_LAZY_SRC, known::SRC]
        .into_iter()
        .find_map(|name| absolute(dom.attr(image, name)?, base))
        .or_else(|| [known::SRCSET, known::DATA_SRCSET].into_iter().find_map(|name| absolute(&first_of_set(dom.attr(image, name)?)?, base)))
        .map(|u| u.to_string())
}
