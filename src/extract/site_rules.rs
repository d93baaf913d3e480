//! What a person says of one site: where its fields stand (`[[site]]`).
//!
//! In: selectors by field. Out: the [`FieldRules`] of a page's host, which `site_marks` finds in the tree, and what
//! they select on a page for somebody who tries them out.

use url::Url;

use super::declared;
use super::dom::Dom;
use super::metadata::Metadata;
use super::selectors::Selector;
use super::site_marks::Marks;
use crate::decode::Page;
use crate::frontier::host_matches;

/// Rules for the pages of a host; a selector that is `None` says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldRules {
    /// Host name, `*.` allowed.
    pub host: String,
    /// The headline: its first match.
    pub title: Option<Selector>,
    /// The byline: its first match.
    pub byline: Option<Selector>,
    /// The date of publication: its first match.
    pub published: Option<Selector>,
    /// The article's text: nothing outside is of it, everything inside that is no other field is.
    pub body: Option<Selector>,
    /// Captions; those that are found elsewhere stay.
    pub caption: Option<Selector>,
    /// What is no part of the article; other rules see nothing in it.
    pub remove: Option<Selector>,
}

/// A field that a rule can give; its number is its place among the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Title,
    Byline,
    Published,
    Body,
    Caption,
    Remove,
}

impl Key {
    pub(crate) const ALL: [Self; 6] = [Self::Title, Self::Byline, Self::Published, Self::Body, Self::Caption, Self::Remove];

    /// As `pipeline.toml` has it.
    pub(crate) fn name(self) -> &'static str {
        ["title", "byline", "published", "body", "caption", "remove"][self as usize]
    }

    /// Whether only the first match counts.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Title | Self::Byline | Self::Published)
    }
}

impl FieldRules {
    /// Whether no selector says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Key::ALL.into_iter().all(|key| self.selector(key).is_none())
    }

    pub(crate) fn selector(&self, key: Key) -> Option<&Selector> {
        match key {
            Key::Title => self.title.as_ref(),
            Key::Byline => self.byline.as_ref(),
            Key::Published => self.published.as_ref(),
            Key::Body => self.body.as_ref(),
            Key::Caption => self.caption.as_ref(),
            Key::Remove => self.remove.as_ref(),
        }
    }

    /// The first rules of a list that hold for a page, by its URL; where that is not known, by what it declares.
    pub(crate) fn of<'a>(rules: &'a [Self], url: Option<&Url>, metadata: &Metadata) -> Option<&'a Self> {
        if rules.is_empty() {
            return None;
        }
        let declared = if url.is_none() { declared::canonical(metadata, None) } else { None };
        let host = url.or(declared.as_ref())?.host_str()?;
        rules.iter().find(|rules| !rules.is_empty() && host_matches(&rules.host, host))
    }
}

/// What one rule selects on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTrial {
    /// Key of the rule.
    pub key: &'static str,
    /// Its selector.
    pub css: String,
    /// Elements that it selects.
    pub matches: usize,
    /// The text of the first of them, as printed.
    pub first: String,
}

/// Tries rules on a page: the host that the rules which hold for it are for, and what each selects.
#[must_use]
pub fn try_rules(page: &Page, rules: &[FieldRules]) -> Option<(String, Vec<RuleTrial>)> {
    let dom = Dom::parse(&page.html);
    let rules = FieldRules::of(rules, page.url.as_ref(), &Metadata::collect(&dom))?;
    let marks = Marks::find(&dom, Some(rules));
    let trial = |key: Key| {
        let css = rules.selector(key)?.css().to_owned();
        let (matches, first) = marks.selection(&dom, key);
        Some(RuleTrial { key: key.name(), css, matches, first })
    };
    Some((rules.host.clone(), Key::ALL.into_iter().filter_map(trial).collect()))
}
