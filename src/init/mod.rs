//! A first configuration: what do these sites offer a crawl?
//!
//! In: addresses of sites. Out: a `pipeline.toml` with comments, made of what robots.txt, sitemaps, feeds and a few pages of
//! each say. Never: more than a handful of requests a site, or one that a crawl would not make.

mod look;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use crate::error::Error;

pub use look::look;
pub use write::configuration;

/// A site as it was found.
#[derive(Debug)]
pub struct Site {
    /// As a person named it.
    pub asked: Url,
    /// Its front page, after redirects.
    pub front: Url,
    /// Its name.
    pub name: Option<String>,
    /// `Crawl-delay` of robots.txt.
    pub crawl_delay: Option<Duration>,
    /// `Content-Signal` of robots.txt.
    pub content_signal: Option<String>,
    /// Sitemaps that robots.txt names, or the one in the usual place.
    pub sitemaps: Vec<Source>,
    /// Feeds that the front page declares.
    pub feeds: Vec<Source>,
    /// Pages that were looked at.
    pub samples: Vec<Sample>,
    /// Hosts of all these that belong to the site.
    pub hosts: BTreeSet<String>,
}

/// A sitemap or a feed.
#[derive(Debug)]
pub struct Source {
    /// Where it is.
    pub url: Url,
    /// What was found there, in words; `Err` says why it is of no use.
    pub found: Result<String, String>,
}

/// A page that was looked at.
#[derive(Debug)]
pub struct Sample {
    /// Where it is.
    pub url: Url,
    /// What extraction made of it, in words.
    pub gives: String,
    /// Whether it was read, and title, date or text were not found for certain.
    pub is_doubtful: bool,
}

/// What a person said beside the addresses.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Product name and version that requests carry.
    pub user_agent: Option<String>,
    /// Whether private and loopback addresses may be fetched.
    pub allow_private_addresses: bool,
    /// Addresses of hosts that DNS is not asked for.
    pub resolve: BTreeMap<String, IpAddr>,
}

/// A site that could not be read.
pub type Unread = (Url, Error);
