//! What the fetcher is given and gives: requests, failures, notes for the state, and the terms of a run.

use std::future::Future;
use std::pin::Pin;

use tokio::time::Instant;
use url::Url;

use crate::error::Error;
use crate::fetch::config::{HttpConfig, Politeness};
use crate::fetch::exchange::Exchange;
use crate::fetch::host::HostLimits;
use crate::frontier::{Entry, HostMemory, StoredRobots};
use crate::skip::Skip;

/// Why there is no page.
#[derive(Debug)]
pub enum Failure {
    /// Chose not to.
    Skip(Skip),
    /// Could not.
    Error(Error),
    /// The host is closed for this run; its pages stay due. Holds why.
    Closed(String),
    /// The run ends.
    Stopped,
    /// The host is this worker's no more, or can't be asked for now; the page stays due.
    Lost,
    /// A redirect leads there, and that host is another worker's; holds what is known of it, too.
    Elsewhere(Url, Box<HostMemory>),
}

/// A page to get.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its URL.
    pub url: Url,
    /// `ETag` of what is known of it.
    pub etag: Option<String>,
    /// `Last-Modified` of what is known of it.
    pub last_modified: Option<String>,
}

/// What must be in the state before, or soon after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A request is about to leave; it waits until this is kept.
    Leaving {
        /// Host and port.
        authority: String,
        /// What the host is held under: the note is refused when it is held no more.
        lease: i64,
        /// Milliseconds since 1970.
        at: i64,
    },
    /// The host asked to be left alone.
    Hold {
        /// Host and port.
        authority: String,
        /// Milliseconds since 1970.
        until: i64,
    },
    /// A robots.txt was got.
    Robots {
        /// Host and port.
        authority: String,
        /// The text.
        robots: StoredRobots,
    },
    /// A robots.txt names sitemaps.
    Sitemaps(Vec<Url>),
}

/// Why a note was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// Nothing is kept any more: the run ends.
    Stopped,
    /// The host is this worker's no more.
    Lost,
}

impl From<NotKept> for Failure {
    fn from(why: NotKept) -> Self {
        match why {
            NotKept::Stopped => Self::Stopped,
            NotKept::Lost => Self::Lost,
        }
    }
}

/// A note being kept.
pub type Noting<'a> = Pin<Box<dyn Future<Output = Result<(), NotKept>> + Send + 'a>>;

/// What outlives a run.
pub trait Memory: Send + Sync {
    /// Whether a host is ours to be asked, and what the state knows of it.
    ///
    /// # Errors
    /// [`Error::State`], where that can't be told now.
    fn enter(&self, authority: &str) -> Result<Entry, Error>;
    /// Whether the host is still held, so that a request may leave.
    fn holds(&self, _authority: &str, _lease: i64) -> bool {
        true
    }
    /// Keeps a note; done when it is safe.
    fn note(&self, note: Note) -> Noting<'_>;
    /// Keeps exchanges that belong to no page, where the run keeps any: those of robots.txt.
    fn archive(&self, _exchanges: Vec<Exchange>) -> Noting<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Which URLs a redirect may lead to, and what holds for single hosts.
pub trait Scope: Send + Sync {
    /// The rule that keeps a URL out, if one does.
    fn refuses(&self, url: &Url) -> Option<String>;
    /// Limits of a host.
    fn limits(&self, host: &str) -> HostLimits;
}

/// Settings of one run of the fetcher.
#[derive(Debug, Clone)]
pub struct Terms {
    /// `[http]`.
    pub http: HttpConfig,
    /// `[politeness]`.
    pub politeness: Politeness,
    /// When the run ends at the latest.
    pub ends_at: Option<Instant>,
    /// Whether what goes over the wire is kept for an archive.
    pub keep_exchanges: bool,
    /// A crawl waits out refused connections; a person at the terminal does not.
    pub patient: bool,
}
