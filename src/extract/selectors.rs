//! CSS selectors on the arena.
//!
//! In: a [`Selector`], compiled once and shared by threads. Out: which nodes of a [`Dom`] it selects. The grammar is
//! scraper's (its `Simple` and parser on the `selectors` crate), so what a browser's style sheet selects by
//! structure is selected here. Never: more than a fixed number of steps a node, see [`Matcher`].

use std::cell::Cell;

use html5ever::Namespace;
use scraper::error::SelectorErrorKind;
use scraper::selector::{CssLocalName, CssString, NonTSPseudoClass, Parser, PseudoElement, Simple};
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::context::{MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags, QuirksMode, SelectorCaches};
use selectors::matching::{ElementSelectorFlags, matches_selector};
use selectors::parser::{ParseRelative, SelectorList};
use selectors::{Element, OpaqueElement};

use super::dom::{Dom, NodeId};
use super::names::known;
use super::source;
use super::tag::Tag;

/// Steps that matching may take over a page: this many, and [`STEPS_A_NODE`] for each node. `a ~ b` looks at all
/// siblings before an element, which on a page of one flat list would be quadratic.
const STEPS: u64 = 1_000_000;
/// See [`STEPS`]; an ordinary rule takes about the depth of the page.
const STEPS_A_NODE: u64 = 256;
/// Times as many steps end the matching of one element half-way; an ordinary one ends before.
const HALF_WAY: u64 = 4;

/// A CSS selector, compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    css: String,
    list: SelectorList<Simple>,
}

impl Selector {
    /// Compiles a selector; commas make a list.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    ///
    /// ```
    /// use copydesk::extract::Selector;
    /// assert!(Selector::parse("figure > .caption:not(.small), p.legend").is_ok());
    /// assert!(Selector::parse("figure >").is_err());
    /// ```
    pub fn parse(css: &str) -> Result<Self, String> {
        let list = SelectorList::parse(&Parser, &mut cssparser::Parser::new(css), ParseRelative::No);
        let list = list.map_err(|e| SelectorErrorKind::from(e).to_string())?;
        Ok(Self { css: css.to_owned(), list })
    }

    /// The selector as written.
    #[must_use]
    pub fn css(&self) -> &str {
        &self.css
    }
}

/// Matches selectors against the elements of one page, with what it remembers from one to the next.
pub(crate) struct Matcher<'a> {
    dom: &'a Dom<'a>,
    /// Steps left, and how many of them are there only to end an element with.
    steps: Cell<u64>,
    reserve: u64,
    caches: SelectorCaches,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(dom: &'a Dom<'a>) -> Self {
        let steps = STEPS + STEPS_A_NODE * dom.len() as u64;
        Self { dom, steps: Cell::new(steps * HALF_WAY), reserve: steps * (HALF_WAY - 1), caches: SelectorCaches::default() }
    }

    /// Whether an element is selected. `selector` must live as long as the matcher: caches go by its address.
    pub(crate) fn matches(&mut self, selector: &'a Selector, id: NodeId) -> bool {
        if self.exhausted() {
            return false;
        }
        let element = Node { dom: self.dom, steps: &self.steps, id };
        let (normal, flags, invalidation) = (MatchingMode::Normal, NeedsSelectorFlags::No, MatchingForInvalidation::No);
        let mut context = MatchingContext::new(normal, None, &mut self.caches, QuirksMode::NoQuirks, flags, invalidation);
        selector.list.slice().iter().any(|s| matches_selector(s, 0, None, &element, &mut context))
    }

    /// Whether the steps are used up; nothing is selected from then on.
    pub(crate) fn exhausted(&self) -> bool {
        self.steps.get() < self.reserve
    }
}

/// An element as the `selectors` crate sees it.
#[derive(Clone, Copy)]
struct Node<'a> {
    dom: &'a Dom<'a>,
    steps: &'a Cell<u64>,
    id: NodeId,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}> {}", self.dom.name(self.id), self.id)
    }
}

impl Node<'_> {
    /// The first element of a row of nodes, each of which costs a step.
    fn first(self, start: Option<NodeId>, next: impl Fn(NodeId) -> Option<NodeId>) -> Option<Self> {
        let mut at = start;
        while let Some(id) = at {
            let left = self.steps.get().checked_sub(1)?;
            self.steps.set(left);
            if self.dom.is_element(id) {
                return Some(Self { id, ..self });
            }
            at = next(id);
        }
        None
    }
}

impl Element for Node<'_> {
    type Impl = Simple;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(self.dom.node(self.id))
    }

    fn parent_element(&self) -> Option<Self> {
        self.first(self.dom.parent(self.id), |_| None)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.first(self.dom.previous_sibling(self.id), |id| self.dom.previous_sibling(id))
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.first(self.dom.next_sibling(self.id), |id| self.dom.next_sibling(id))
    }

    fn first_element_child(&self) -> Option<Self> {
        self.first(self.dom.first_child(self.id), |id| self.dom.next_sibling(id))
    }

    fn is_html_element_in_html_document(&self) -> bool {
        self.dom.namespace(self.id) == source::Namespace::Html
    }

    fn has_local_name(&self, name: &CssLocalName) -> bool {
        *self.dom.name(self.id) == *name.0
    }

    fn has_namespace(&self, namespace: &Namespace) -> bool {
        *self.dom.namespace(self.id).url() == **namespace
    }

    fn is_same_type(&self, other: &Self) -> bool {
        self.dom.namespace(self.id) == self.dom.namespace(other.id) && self.dom.name(self.id) == self.dom.name(other.id)
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Namespace>,
        name: &CssLocalName,
        operation: &AttrSelectorOperation<&CssString>,
    ) -> bool {
        self.dom.attributes(self.id).any(|attribute| {
            let elsewhere = matches!(namespace, NamespaceConstraint::Specific(of) if ***of != *attribute.namespace.url());
            !elsewhere && *name.0 == *self.dom.letters(attribute.name) && operation.eval_str(attribute.value)
        })
    }

    fn has_id(&self, id: &CssLocalName, case: CaseSensitivity) -> bool {
        self.dom.attr(self.id, known::ID).is_some_and(|own| case.eq(own.as_bytes(), id.0.as_bytes()))
    }

    fn has_class(&self, name: &CssLocalName, case: CaseSensitivity) -> bool {
        let classes = self.dom.attr(self.id, known::CLASS).unwrap_or_default();
        classes.split_ascii_whitespace().any(|class| case.eq(class.as_bytes(), name.0.as_bytes()))
    }

    fn is_link(&self) -> bool {
        self.dom.tag(self.id) == Tag::A && self.dom.attr(self.id, known::HREF).is_some()
    }

    fn is_empty(&self) -> bool {
        let mut children = std::iter::successors(self.dom.first_child(self.id), |&id| self.dom.next_sibling(id));
        !children.any(|id| self.dom.is_element(id) || self.dom.text_of(id).is_some_and(|text| !text.is_empty()))
    }

    fn is_root(&self) -> bool {
        self.dom.parent(self.id) == Some(Dom::ROOT)
    }

    // Shadow trees, parts, slots, states and pseudo-elements: a page as text has none.

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn match_non_ts_pseudo_class(&self, class: &NonTSPseudoClass, _: &mut MatchingContext<'_, Simple>) -> bool {
        match *class {}
    }

    fn match_pseudo_element(&self, element: &PseudoElement, _: &mut MatchingContext<'_, Simple>) -> bool {
        match *element {}
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_custom_state(&self, _: &CssLocalName) -> bool {
        false
    }

    fn imported_part(&self, _: &CssLocalName) -> Option<CssLocalName> {
        None
    }

    fn is_part(&self, _: &CssLocalName) -> bool {
        false
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<main id=Top class='wide story'><h1>H</h1><p class=lead>one</p> <p data-role='text body'>two <a href=x>link</a></p>\
        <ul><li>1<li class=on>2<li>3<li>4</ul><div class=story><div><p>deep</p></div></div><p></p></main>";

    /// The text of what is selected, in page order.
    fn selected(css: &str) -> Vec<String> {
        let dom = Dom::parse(PAGE);
        let selector = Selector::parse(css).unwrap();
        let mut matcher = Matcher::new(&dom);
        let elements = dom.descendants(Dom::ROOT).filter(|&id| dom.is_element(id));
        elements.filter(|&id| matcher.matches(&selector, id)).map(|id| dom.text(id, 100).trim().to_owned()).collect()
    }

    #[test]
    fn by_class_id_and_attribute() {
        assert_eq!(selected("p.lead"), ["one"]);
        assert_eq!(selected("div.story"), ["deep"]);
        assert_eq!(selected("#Top > h1"), ["H"]);
        assert!(selected("#top").is_empty());
        for css in ["[data-role]", "[data-role~=body]", "[data-role^='text']", "[data-role='TEXT BODY' i]"] {
            assert_eq!(selected(css), ["two link"], "{css}");
        }
    }

    #[test]
    fn by_place() {
        assert_eq!(selected("main > p"), ["one", "two link", ""]);
        assert_eq!(selected("main p"), ["one", "two link", "deep", ""]);
        assert_eq!(selected("h1 + p, ul li.on"), ["one", "2"]);
        assert_eq!(selected(".on ~ li"), ["3", "4"]);
        assert_eq!(selected("main > p:not(.lead):not(:empty)"), ["two link"]);
        assert_eq!(selected("li:nth-child(2n+1)"), ["1", "3"]);
        assert_eq!(selected("li:nth-last-child(1), li:first-child"), ["1", "4"]);
        assert_eq!(selected("main > p:nth-of-type(2)"), ["two link"]);
        assert_eq!(selected("p:has(> a)"), ["two link"]);
        assert_eq!(selected(":root > body > :is(main, nav) > h1"), ["H"]);
    }

    #[test]
    fn what_is_none() {
        for css in ["", "p >", "<<", "p..a", "p::before", "a:hover", "p:unknown", "[=a]", "p,"] {
            assert!(Selector::parse(css).is_err(), "{css}");
        }
    }

    #[test]
    fn it_agrees_with_scraper() {
        let html = scraper::Html::parse_document(PAGE);
        for css in ["*", "main *", "p", "div div p", "li:nth-child(odd)", ":not(p)", "ul > :last-child", "[class]", "a[href]", "li + li"] {
            let theirs = html.select(&scraper::Selector::parse(css).unwrap()).count();
            assert_eq!(selected(css).len(), theirs, "{css}");
        }
    }

    #[test]
    fn a_flat_page_ends_in_time() {
        let html = "<i></i>".repeat(12_000);
        let dom = Dom::parse(&html);
        let selector = Selector::parse("b ~ i").unwrap();
        let mut matcher = Matcher::new(&dom);
        let count = dom.elements(Tag::I).filter(|&id| matcher.matches(&selector, id)).count();
        assert!(count == 0 && matcher.exhausted());
        // One element that would take them all.
        let selector = Selector::parse("body:has(b ~ i), i:nth-last-child(2)").unwrap();
        let mut matcher = Matcher::new(&dom);
        let count = dom.descendants(Dom::ROOT).filter(|&id| dom.is_element(id) && matcher.matches(&selector, id)).count();
        assert!(count <= 1 && matcher.exhausted());
    }

    #[test]
    fn threads_share_it() {
        fn shared<T: Send + Sync>() {}
        shared::<Selector>();
    }
}
