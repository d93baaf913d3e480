//! Words in the attributes of the elements around a text: "byline", "caption", "related".
//!
//! In: the tree and a segment. Out: the words of `class`, `id`, `itemprop`, `role` and a few `data-` names, split
//! at case and punctuation, by distance. Which word says what is learned (`train/`), none is listed here.

use super::blocks::Segment;
use super::dom::{Dom, NodeId};
use super::features::LEVELS;
use super::tag::Tag;

/// Elements looked at outwards from the text.
const MAX_ELEMENTS: usize = 12;
/// Words taken of one element.
const MAX_WORDS: usize = 24;

/// Calls `found` with each word and its level: 0 for the block and the inline elements in it, 1 for its
/// parent, 2 for its grandparent, 3 for everything further out.
pub(crate) fn each(dom: &Dom, segment: &Segment, mut found: impl FnMut(usize, &str)) {
    let mut at = dom.parent(segment.nodes.0);
    let mut level = 0;
    for _ in 0..MAX_ELEMENTS {
        let Some(id) = at else { return };
        if matches!(dom.tag(id), Tag::Body | Tag::Html | Tag::None) {
            return;
        }
        of_element(dom, id, |word| found(level, word));
        if id == segment.container || level > 0 {
            level = (level + 1).min(LEVELS - 1);
        }
        at = dom.parent(id);
    }
}

/// The words of one element, its tag's name with a `<` before it among them.
pub(crate) fn of_element(dom: &Dom, id: NodeId, mut found: impl FnMut(&str)) {
    let mut word = String::from("<");
    word.push_str(dom.name(id));
    found(&word);
    let mut left = MAX_WORDS;
    for (name, value) in dom.attributes(id) {
        if !matches!(name, "class" | "id" | "itemprop" | "role" | "data-testid" | "data-component" | "data-type" | "aria-label") {
            continue;
        }
        word.clear();
        let mut lower_before = false;
        for c in value.chars().take(300).chain(std::iter::once(' ')) {
            let starts = c.is_ascii_uppercase() && lower_before;
            if !c.is_ascii_alphabetic() || starts {
                if (2..=20).contains(&word.len()) && left > 0 {
                    found(&word);
                    left -= 1;
                }
                word.clear();
            }
            if c.is_ascii_alphabetic() {
                word.push(c.to_ascii_lowercase());
            }
            lower_before = c.is_ascii_lowercase();
        }
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
        let list = segments(&dom);
        let mut words = Vec::new();
        each(&dom, &list[0], |level, word| words.push(format!("{level}{word}")));
        assert_eq!(words, ["0<span", "0by", "0line", "0<p", "0article", "0text", "1<div", "1story", "1body", "2<main", "2page"]);
    }
}
