//! Words in the attributes of the elements around a text: "byline", "caption", "related".
//!
//! In: the tree and a segment. Out: the words of `class`, `id`, `itemprop`, `role` and a few `data-` names, split
//! at case and punctuation, by distance. Which word says what is learned (`train/`), none is listed here.

use std::cell::RefCell;

use super::blocks::Segment;
use super::dom::{Dom, NodeId};
use super::features::LEVELS;
use super::shapes::has_words;
use super::tag::Tag;

/// Elements looked at outwards from the text.
const MAX_ELEMENTS: usize = 12;
/// Words taken of one element.
const MAX_WORDS: usize = 24;

/// Calls `found` with each word and its level, see [`elements`].
pub(crate) fn each(dom: &Dom, segment: &Segment, mut found: impl FnMut(usize, &str)) {
    for (level, id) in elements(dom, segment) {
        of_element(dom, id, |word| found(level, word));
    }
}

/// Whether any word up to a level is one of those wanted.
pub(crate) fn any(dom: &Dom, segment: &Segment, up_to: usize, wanted: impl Fn(&str) -> bool) -> bool {
    elements(dom, segment).take_while(|(level, _)| *level <= up_to).any(|(_, id)| any_of_element(dom, id, &wanted))
}

/// Whether any word of an element is one of those wanted.
pub(crate) fn any_of_element(dom: &Dom, id: NodeId, wanted: impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    of_element(dom, id, |word| found |= wanted(word));
    found
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

/// The words of one element, its tag's name with a `<` before it among them.
pub(crate) fn of_element(dom: &Dom, id: NodeId, mut found: impl FnMut(&str)) {
    bytes_of_element(dom, id, |word| {
        if let Ok(word) = std::str::from_utf8(word) {
            found(word);
        }
    });
}

/// The same as bytes.
pub(crate) fn bytes_of_element(dom: &Dom, id: NodeId, mut found: impl FnMut(&[u8])) {
    let name = dom.name(id);
    let mut word = Word::default();
    word.push(b'<');
    name.bytes().for_each(|byte| word.push(byte));
    if let Some(name) = word.get() {
        found(name);
    } else {
        found(format!("<{name}").as_bytes());
    }
    let mut left = MAX_WORDS;
    for attribute in dom.attributes(id).iter().filter(|attribute| has_words(&attribute.name.local)) {
        let value = &*attribute.value;
        let long = value.len() > MAX_VALUE_CHARS;
        let end = if long { value.char_indices().nth(MAX_VALUE_CHARS).map(|(end, _)| end) } else { None };
        let value = &value[..end.unwrap_or(value.len())];
        word.length = 0;
        let mut lower_before = false;
        for byte in value.bytes().chain(std::iter::once(b' ')) {
            let starts = byte.is_ascii_uppercase() && lower_before;
            if !byte.is_ascii_alphabetic() || starts {
                if let Some(word) = word.get().filter(|word| word.len() > 1 && left > 0) {
                    found(word);
                    left -= 1;
                }
                word.length = 0;
            }
            if byte.is_ascii_alphabetic() {
                word.push(byte.to_ascii_lowercase());
            }
            lower_before = byte.is_ascii_lowercase();
        }
    }
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

/// A word as it is read.
#[derive(Debug, Default)]
struct Word {
    bytes: [u8; MAX_WORD],
    /// More than there is room for, where it is too long.
    length: usize,
}

/// Letters of the longest word.
const MAX_WORD: usize = 20;

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length += 1;
    }

    /// The word, if it isn't too long.
    fn get(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }
}

/// Characters of one attribute that are read.
const MAX_VALUE_CHARS: usize = 300;

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
