//! Does an element belong to something beside the article: comments, teasers, columns, navigation?
//!
//! For what the markup names itself (authors, dates): there are others' there. The body is chosen by `select`.

use super::class_words;
use super::dom::{Dom, NodeId};
use super::tag::Tag;

/// Elements looked at outwards.
const MAX_LEVELS: usize = 12;

/// Words of elements whose contents are about something else.
const ELSEWHERE: [&str; 28] = [
    "comment",
    "comments",
    "commentlist",
    "reply",
    "respond",
    "related",
    "teaser",
    "teasers",
    "sidebar",
    "widget",
    "recent",
    "popular",
    "recommended",
    "latest",
    "carousel",
    "footer",
    "menu",
    "nav",
    "navigation",
    "pagination",
    "more",
    "trending",
    "card",
    "cards",
    "kommentar",
    "kommentare",
    "signature",
    "caption",
];

/// Whether an element, or one around it, stands beside the article.
pub(crate) fn stands_elsewhere(dom: &Dom, id: NodeId) -> bool {
    dom.ancestors(id).take(MAX_LEVELS).any(|outer| {
        if matches!(dom.tag(outer), Tag::Nav | Tag::Aside | Tag::Footer | Tag::Figcaption) {
            return true;
        }
        let mut elsewhere = false;
        if !matches!(dom.tag(outer), Tag::Body | Tag::Html) {
            class_words::of_element(dom, outer, |word| elsewhere |= ELSEWHERE.contains(&word));
        }
        elsewhere
    })
}
