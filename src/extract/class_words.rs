//! Words in the attributes of the elements around a text: "byline", "caption", "related".
//!
//! In: the tree, which has the words of its elements (`shapes`), and a segment. Out: the words around it by distance. Which word
//! says what is learned (`train/`), none is listed here.

use std::cell::RefCell;

use super::blocks::Segment;
use super::dom::{Dom, NodeId};
use super::features::LEVELS;
use super::tag::Tag;

/// Elements looked at outwards from the text.
const MAX_ELEMENTS: usize = 12;

/// Calls `found` with each word and its level, see [`elements`].
pub(crate) fn each(dom: &Dom, segment: &Segment, mut found: impl FnMut(usize, &str)) {
    for (level, id) in elements(dom, segment) {
        dom.words(id).for_each(|word| found(level, word));
    }
}

/// Whether any word up to a level is one of those wanted.
pub(crate) fn any(dom: &Dom, segment: &Segment, up_to: usize, wanted: impl Fn(&str) -> bool) -> bool {
    elements(dom, segment).take_while(|(level, _)| *level <= up_to).any(|(_, id)| any_of_element(dom, id, &wanted))
}

/// Whether any word of an element is one of those wanted.
pub(crate) fn any_of_element(dom: &Dom, id: NodeId, wanted: impl Fn(&str) -> bool) -> bool {
    dom.words(id).any(wanted)
}

/// The elements around a text from the inside out, with their levels: 0 for the block and the inline elements in it,
/// 1 for its parent, 2 for its grandparent, 3 for everything further out.
pub(crate) fn elements(dom: &Dom, segment: &Segment) -> impl Iterator<Item = (usize, NodeId)> {
    let container = segment.container;
    let mut level = 0;
    std::iter::successors(dom.parent(segment.nodes.0), |&id| dom.parent(id))
        .take(MAX_ELEMENTS)
        .take_while(|&id| !matches!(dom.tag(id), Tag::Body | Tag::Html | Tag::None))
        .map(move |id| {
            let own = level;
            if id == container || level > 0 {
                level = (level + 1).min(LEVELS - 1);
            }
            (own, id)
        })
}

/// What the words of elements say, found out once for all that have the same.
#[derive(Debug)]
pub(crate) struct Memo<T>(RefCell<Vec<Option<T>>>);

impl<T: Copy> Memo<T> {
    /// For the elements of a page.
    pub(crate) fn new(dom: &Dom) -> Self {
        Self(RefCell::new(vec![None; dom.shapes()]))
    }

    /// What an element's words say; `read` finds it out.
    pub(crate) fn get(&self, dom: &Dom, id: NodeId, read: impl FnOnce() -> T) -> T {
        let Some(shape) = dom.shape(id) else { return read() };
        *self.0.borrow_mut()[shape].get_or_insert_with(read)
    }
}

impl Memo<bool> {
    /// The same as [`any`], for words that are always the same.
    pub(crate) fn any(&self, dom: &Dom, segment: &Segment, up_to: usize, wanted: impl Fn(&str) -> bool) -> bool {
        let mut near = elements(dom, segment).take_while(|(level, _)| *level <= up_to);
        near.any(|(_, id)| self.get(dom, id, || any_of_element(dom, id, &wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::segments;

    #[test]
    fn words_by_distance() {
        let dom =
            Dom::parse("<main class=page><div id='storyBody'><p class='article-text p12'><span class=x_byLine>hi</span></p></div></main>");
        let list = segments(&dom).0;
        let mut words = Vec::new();
        each(&dom, &list[0], |level, word| words.push(format!("{level}{word}")));
        assert_eq!(words, ["0<span", "0by", "0line", "0<p", "0article", "0text", "1<div", "1story", "1body", "2<main", "2page"]);
    }
}
