//! URL → page. How are pages got without being a burden, a danger or a surprise to anyone?
//!
//! In: a URL. Out: [`Fetched`], the bytes with what header and robots.txt say of them; or why not.
//! Every request passes robots.txt, the host's limiter and the address guard, each redirect anew.
//! Never: a look at what the page says.

pub mod client;
pub mod config;
mod connect;
mod exchange;
pub mod guard;
mod host;
mod once;
mod pace;
pub mod polite;
mod retry;
pub mod robots;
mod robots_txt;
pub mod terms;
mod visitor;

pub use client::{Client, Transport};
pub use config::{HttpConfig, Politeness};
pub use exchange::{Cut, Exchange, Wire};
pub use host::{HostLimits, Traffic, authority};
pub use once::fetch_once;
pub use polite::Fetcher;
pub use terms::Failure;
pub use visitor::Visitor;

use std::sync::Arc;

use url::Url;

/// A page as it came over the wire, decompressed.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it was at last, after redirects.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body; empty for 304.
    pub body: Arc<Vec<u8>>,
    /// Values of `X-Robots-Tag`.
    pub robots_tag: Vec<String>,
    /// `TDM-Reservation`.
    pub tdm_reservation: Option<String>,
    /// `Content-Signal` of the robots.txt group that applies.
    pub content_signal: Option<String>,
    /// `ETag`, for the next conditional request.
    pub etag: Option<String>,
    /// `Last-Modified`, for the next conditional request.
    pub last_modified: Option<String>,
    /// When the answer was complete, in milliseconds since 1970.
    pub fetched_at: i64,
}

/// The clock of the crawl, in milliseconds since 1970.
#[must_use]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
