//! Which tags of a page are let into the tree: those of pages that are far deeper or longer than news are not.

use rustc_hash::FxHashMap;

use super::super::names::Name;
use super::super::tag::Tag;
use super::super::tokenizer::StartTag;
use super::Builder;

/// Open elements allowed at once; browsers cap at the same number.
pub(crate) const MAX_DEPTH: u16 = 512;
/// Elements and attributes that may be made beyond those of the page's tags: so many, and one more for so many bytes.
const SPARE_ELEMENTS: usize = 20_000;
const BYTES_A_SPARE_ELEMENT: usize = 2;
/// Elements and attributes of a page; tags behind them are ignored, their text stays.
const MAX_MADE: usize = 350_000;

#[derive(Debug)]
pub(super) struct Limits {
    /// Names of the tags held back and still open, with their counts.
    held: FxHashMap<Name, u32>,
    /// Elements and attributes of the tags let in.
    asked: usize,
    /// How many more may be made than were asked for.
    spare: usize,
}

impl Limits {
    pub(super) fn new(page_length: usize) -> Self {
        Self { held: FxHashMap::default(), asked: 0, spare: SPARE_ELEMENTS + page_length / BYTES_A_SPARE_ELEMENT }
    }
}

impl Builder<'_> {
    /// Whether a start tag may become an element.
    pub(super) fn lets_start(&mut self, tag: StartTag) -> bool {
        if self.is_deep() || self.is_overgrown() {
            let kind = Tag::of(tag.name);
            // Void elements make nothing deeper, but they, too, make a page longer.
            if !(kind.is_void() && !self.is_full() || kind.switches_tokenizer()) {
                *self.limits.held.entry(tag.name).or_default() += 1;
                return false;
            }
        }
        self.limits.asked += 1 + tag.attributes.len();
        true
    }

    /// Whether an end tag may close something.
    pub(super) fn lets_end(&mut self, name: Name) -> bool {
        if self.is_overgrown() {
            return Tag::of(name).switches_tokenizer();
        }
        if self.limits.held.is_empty() {
            return true;
        }
        match self.limits.held.get_mut(&name) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        }
    }

    fn is_deep(&self) -> bool {
        self.stack.last().is_some_and(|open| self.arena.depth(open.id) >= MAX_DEPTH)
    }

    /// Whether the page has more elements than any news page, or the standard has made far more than it has tags: each
    /// formatting element that is left open is made again in every paragraph, and hundreds of them may be open.
    fn is_overgrown(&self) -> bool {
        self.is_full() || self.arena.made > self.limits.asked + self.limits.spare
    }

    fn is_full(&self) -> bool {
        self.arena.made > MAX_MADE
    }
}
