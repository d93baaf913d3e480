//! `[[site]]`: what a person says of one site: where its fields stand, and what its host can bear.

use std::time::Duration;

use serde::Deserialize;
use serde::de::Error as _;

use crate::extract::{FieldRules, Selector};
use crate::fetch::HostLimits;
use crate::frontier::host_matches;
use crate::units;

/// Rules for a host. Selectors that are empty say nothing; each is compiled as the file is read, so that a mistake
/// names its line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteRules {
    /// Host name, `*.` allowed.
    pub host: String,
    /// CSS selector of the headline.
    #[serde(deserialize_with = "selector")]
    pub title: Option<Selector>,
    /// CSS selector of the byline.
    #[serde(deserialize_with = "selector")]
    pub byline: Option<Selector>,
    /// CSS selector of the date of publication.
    #[serde(deserialize_with = "selector")]
    pub published: Option<Selector>,
    /// CSS selector of the article's text.
    #[serde(deserialize_with = "selector")]
    pub body: Option<Selector>,
    /// CSS selector of captions.
    #[serde(deserialize_with = "selector")]
    pub caption: Option<Selector>,
    /// CSS selector of what is no part of the article.
    #[serde(deserialize_with = "selector")]
    pub remove: Option<Selector>,
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
        let bare = self.host.strip_prefix("*.").unwrap_or(&self.host);
        let wrong = bare.is_empty() || bare.contains(['/', ':', '*']) || bare.contains(char::is_whitespace);
        wrong.then(|| (format!("[[site]] host = \"{}\" is no host name", self.host), "write it as \"news.example\" or \"*.news.example\""))
    }

    /// Where the fields of its pages stand.
    #[must_use]
    pub fn fields(&self) -> FieldRules {
        let Self { host, title, byline, published, body, caption, remove, .. } = self.clone();
        FieldRules { host, title, byline, published, body, caption, remove }
    }
}

fn selector<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Selector>, D::Error> {
    let css = String::deserialize(deserializer)?;
    if css.trim().is_empty() {
        return Ok(None);
    }
    // What the parser says is for its developers.
    let wrong = |_| {
        D::Error::custom(format!(
            "`{}` is no CSS selector; write one as \"h1.headline\" or \"div.story > p\"",
            css.trim().replace('\n', " ")
        ))
    };
    Selector::parse(&css).map(Some).map_err(wrong)
}

fn some_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    units::duration(deserializer).map(Some)
}
