//! What the markup itself calls a field of the article, by class, relation or tag: which of such elements count?
//!
//! In: how clearly an element is marked, and what it says. Out: what the clearest of them say, those behind the headline
//! before all others. Comments, teasers, columns and navigation have fields of their own, and are left out.

use rustc_hash::FxHashSet;

use super::class_words;
use super::dom::{Dom, NodeId};
use super::tag::Tag;

/// Elements looked at outwards.
const MAX_LEVELS: usize = 12;

/// Whether a word says that what stands in an element is about something else.
fn is_elsewhere(word: &str) -> bool {
    matches!(
        word.as_bytes(),
        b"comment"
            | b"comments"
            | b"commentlist"
            | b"reply"
            | b"respond"
            | b"related"
            | b"teaser"
            | b"teasers"
            | b"sidebar"
            | b"widget"
            | b"recent"
            | b"popular"
            | b"recommended"
            | b"latest"
            | b"carousel"
            | b"footer"
            | b"menu"
            | b"nav"
            | b"navigation"
            | b"pagination"
            | b"more"
            | b"trending"
            | b"card"
            | b"cards"
            | b"kommentar"
            | b"kommentare"
            | b"signature"
            | b"caption"
    )
}

/// The elements that are marked most clearly.
#[derive(Debug)]
pub(crate) struct Clearest<T> {
    /// Whether they stand behind the headline.
    pub(crate) after: bool,
    /// Each with what it says, in page order; at least one.
    pub(crate) alike: Vec<(NodeId, T)>,
}

/// The elements around the headline, whose first node is `title`.
pub(crate) fn around(dom: &Dom, title: Option<NodeId>) -> FxHashSet<NodeId> {
    title.into_iter().flat_map(|title| dom.ancestors(title)).collect()
}

/// Finds them: `strength` is how clearly an element is marked (0 is not at all), `read` what it says, if it says anything.
/// `title` is the headline's first node.
pub(crate) fn clearest<T>(
    dom: &Dom,
    title: Option<NodeId>,
    strength: impl Fn(&Dom, NodeId) -> u8,
    read: impl Fn(&Dom, NodeId) -> Option<T>,
) -> Option<Clearest<T>> {
    let mut found: Vec<((bool, u8), NodeId, T)> = Vec::new();
    let mut after = title.is_none();
    let around_title = around(dom, title);
    for &id in dom.in_order() {
        after |= Some(id) == title;
        let strength = if dom.is_element(id) { strength(dom, id) } else { 0 };
        if strength > 0 && !stands_elsewhere(dom, id, &around_title) {
            found.extend(read(dom, id).map(|said| ((after, strength), id, said)));
        }
    }
    let best = found.iter().map(|(rank, ..)| *rank).max()?;
    let alike = found.into_iter().filter(|(rank, ..)| *rank == best).map(|(_, id, said)| (id, said)).collect();
    Some(Clearest { after: best.0, alike })
}

/// Whether an element stands in another that is beside the article. One that holds the headline as well is not,
/// whatever its classes say: "has-sidebar".
pub(crate) fn stands_elsewhere(dom: &Dom, id: NodeId, around_title: &FxHashSet<NodeId>) -> bool {
    dom.ancestors(id).take(MAX_LEVELS).take_while(|outer| !around_title.contains(outer)).any(|outer| {
        if matches!(dom.tag(outer), Tag::Nav | Tag::Aside | Tag::Footer | Tag::Figcaption) {
            return true;
        }
        !matches!(dom.tag(outer), Tag::Body | Tag::Html) && class_words::any_of_element(dom, outer, is_elsewhere)
    })
}
