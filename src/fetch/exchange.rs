//! What went over the wire for a page: requests and their answers, for an archive of the crawl.
//!
//! In: answers as they come, where the run keeps them ([`Terms::keep_exchanges`](crate::fetch::terms::Terms)).
//! Out: [`Exchange`]s in their order; bodies are shared with who reads the page, never copied. Never: an answer
//! that gave nothing whole where the whole was wanted (too large, cut off, too slow).

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Version;
use reqwest::header::{self, HeaderMap, HeaderValue};
use url::Url;

use crate::fetch::client::{Answer, Hop};
use crate::fetch::now_ms;

/// What reqwest asks for where nobody says otherwise; a test compares it with what a server gets.
const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("zstd,gzip,deflate,br");

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked for.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Header fields of the answer; `Content-Encoding` and `Content-Length` are gone where it was decompressed.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Arc<Vec<u8>>,
    /// Why the body is not whole, where it is not.
    pub cut: Option<Cut>,
    /// The rest of what the wire knew.
    pub wire: Wire,
    /// When the request was about to leave, in milliseconds since 1970.
    pub at: i64,
    /// Milliseconds from there to the end of the answer.
    pub took: i64,
}

/// Why a body is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// More was not wanted.
    Length,
    /// More did not come.
    Disconnect,
}

/// What only an archive wants to know of an exchange.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Header fields of the request, as sent.
    pub sent: HeaderMap,
    /// Version of HTTP.
    pub version: Version,
    /// The server's address; unknown behind a proxy.
    pub remote: Option<IpAddr>,
}

impl Exchange {
    /// An answer that has just come to its end, if what the wire knew was kept.
    pub(crate) fn of(url: Url, at: i64, answer: &Answer) -> Option<Self> {
        let wire = answer.wire.clone()?;
        let (headers, body) = (answer.headers.clone(), Arc::clone(&answer.body));
        Some(Self { url, status: answer.status, headers, body, cut: answer.cut, wire, at, took: now_ms() - at })
    }

    /// Whether the request was for what has changed only.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE].iter().any(|name| self.wire.sent.contains_key(name))
    }
}

/// The header fields that leave for a hop: those of every request, and its own.
pub(crate) fn as_sent(every: &HeaderMap, hop: &Hop) -> HeaderMap {
    let mut sent = HeaderMap::new();
    let mut put = |name: header::HeaderName, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            sent.insert(name, value);
        }
    };
    let host = hop.url.host_str().unwrap_or_default();
    let host = hop.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    put(header::HOST, Some(&host));
    put(header::IF_NONE_MATCH, hop.etag.as_deref());
    put(header::IF_MODIFIED_SINCE, hop.last_modified.as_deref());
    sent.insert(header::ACCEPT_ENCODING, ACCEPT_ENCODING);
    for (name, value) in every {
        // Of a hop's own and a general one, the hop's leaves.
        if !matches!(*name, header::IF_NONE_MATCH | header::IF_MODIFIED_SINCE) || !sent.contains_key(name) {
            sent.insert(name, value.clone());
        }
    }
    sent
}
