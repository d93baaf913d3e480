//! `[[site]]`: what a person says of one site: where its fields stand, and what its host can bear.

use std::time::Duration;

use serde::Deserialize;

use crate::fetch::HostLimits;
use crate::frontier::host_matches;
use crate::units;

/// Rules for a host. Selectors that are empty say nothing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteRules {
    /// Host name, `*.` allowed.
    pub host: String,
    /// CSS selector of the headline.
    pub title: String,
    /// CSS selector of the byline.
    pub byline: String,
    /// CSS selector of the date of publication.
    pub published: String,
    /// CSS selector of the article's text.
    pub body: String,
    /// CSS selector of captions.
    pub caption: String,
    /// CSS selector of what is no part of the article.
    pub remove: String,
    /// Delay from one request to the next, instead of `[politeness] per_host_delay`.
    #[serde(deserialize_with = "some_duration")]
    pub per_host_delay: Option<Duration>,
    /// Requests at a time, instead of `[politeness] per_host_concurrency`.
    pub per_host_concurrency: Option<usize>,
    /// Pages of a run, instead of `[crawl] max_pages_per_host`.
    pub max_pages: Option<u64>,
}

impl SiteRules {
    /// Whether the rules hold for a host.
    #[must_use]
    pub fn holds_for(&self, host: &str) -> bool {
        host_matches(&self.host, host)
    }

    /// What the host can bear.
    #[must_use]
    pub fn limits(&self) -> HostLimits {
        HostLimits { delay: self.per_host_delay, concurrency: self.per_host_concurrency }
    }

    /// The first mistake, with what to do about it.
    #[must_use]
    pub fn mistake(&self) -> Option<(String, &'static str)> {
        if self.host.is_empty() {
            return Some(("[[site]] has no host".to_owned(), "name the host that its rules are for"));
        }
        let selectors = [
            ("title", &self.title),
            ("byline", &self.byline),
            ("published", &self.published),
            ("body", &self.body),
            ("caption", &self.caption),
            ("remove", &self.remove),
        ];
        let wrong = selectors.into_iter().find(|(_, css)| !css.is_empty() && scraper::Selector::parse(css).is_err());
        wrong.map(|(key, css)| (format!("[[site]] {}: {key} = \"{css}\" is no CSS selector", self.host), "write it as in a style sheet"))
    }
}

fn some_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    units::duration(deserializer).map(Some)
}
