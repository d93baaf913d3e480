//! What a visit came to, as the pipeline hands it to the writer.

use url::Url;

use crate::article::Article;
use crate::error::Error;
use crate::frontier::identity::url_key;
use crate::frontier::{Due, Kind};
use crate::skip::Skip;

/// A URL that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is.
    pub url: Url,
    /// [`url_key`] of it, which is computed where it is found: there is one writer only.
    pub key: i64,
    /// What it is.
    pub kind: Kind,
    /// Links from a seed, sitemap or feed entry.
    pub depth: u32,
    /// When it changed last, as a sitemap or feed says, in milliseconds since 1970.
    pub updated: Option<i64>,
}

impl Found {
    /// A URL of which nobody says when it changed.
    #[must_use]
    pub fn new(url: Url, kind: Kind, depth: u32) -> Self {
        Self { key: url_key(&url), url, kind, depth, updated: None }
    }
}

/// One URL, looked at.
#[derive(Debug)]
pub struct Visit {
    /// What was due.
    pub due: Due,
    /// When it was looked at, in milliseconds since 1970.
    pub at: i64,
    /// Where it was at last, after redirects.
    pub landed: Url,
    /// HTTP status, where an answer came.
    pub status: Option<u16>,
    /// `ETag` of the answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the answer.
    pub last_modified: Option<String>,
    /// What it came to.
    pub outcome: Outcome,
    /// Where it leads.
    pub found: Vec<Found>,
    /// Whether links were left out because of `max_depth`.
    pub cut: bool,
    /// WARC records of it, packed; empty where none are kept.
    pub archive: Vec<u8>,
}

/// What a visit came to.
#[derive(Debug)]
pub enum Outcome {
    /// An article.
    Article(Box<Article>),
    /// 304: as it was.
    NotModified,
    /// A feed or sitemap, read.
    List,
    /// A redirect to a host that another worker has: it is for that one.
    Moved,
    /// A copy of the article at another URL.
    Copy {
        /// The canonical URL.
        of: Url,
        /// The copy's own article, taken where the canonical page gives none.
        article: Box<Article>,
    },
    /// Left out on purpose.
    Skipped(Skip),
    /// Could not be got or read.
    Failed(Error),
}

/// What a visit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A new article was written.
    New,
    /// A new revision was written.
    Changed,
    /// A known article, as it was.
    Unchanged,
    /// A front page, section, feed or sitemap was read.
    Listed,
    /// Another URL of an article that was written in this run, or of a page that is still to come.
    Copy,
    /// No record, by choice; holds the reason.
    Skipped(&'static str),
    /// No record, by a failure; holds its kind.
    Failed(&'static str),
}
