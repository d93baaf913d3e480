//! One page, now: `copydesk extract URL`.
//!
//! robots.txt and the guard hold as in a crawl; delays do not, since there is one page. Everything
//! together ends within three times the timeout.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use crate::error::{Error, Result};
use crate::fetch::Fetched;
use crate::fetch::client::Client;
use crate::fetch::config::{HttpConfig, Politeness};
use crate::fetch::host::HostLimits;
use crate::fetch::polite::Fetcher;
use crate::fetch::robots_txt::as_error;
use crate::fetch::terms::{Failure, Memory, Note, Noting, Request, Scope, Terms};
use crate::frontier::{Entry, HostMemory};

/// robots.txt, redirects, retries and waits end within this many timeouts.
const TOTAL_TIMEOUTS: u32 = 3;

/// Fetches one page; blocks until it is there.
///
/// # Errors
/// [`Error::Config`] for a scheme that is not http(s); [`Error::Robots`]; [`Error::Fetch`] for every
/// failure, any 4xx, 5xx, 204 and 304 among them; [`Error::TooLarge`].
pub fn fetch_once(url: &Url, http: &HttpConfig, ignore_robots: bool) -> Result<Fetched> {
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!("`{}:` is not a scheme that can be fetched", url.scheme());
        return Err(Error::Config { message, hint: Some("give an http or https address, or a file".to_owned()) });
    }
    let client = Client::new(http)?;
    let politeness = Politeness {
        per_host_delay: Duration::ZERO,
        max_crawl_delay: Duration::ZERO,
        respect_robots: !ignore_robots,
        ..Politeness::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| Error::io("tokio runtime", e))?;
    runtime.block_on(async {
        let ends_at = Instant::now() + http.timeout * TOTAL_TIMEOUTS;
        let terms = Terms { http: http.clone(), politeness, ends_at: Some(ends_at), keep_exchanges: false, patient: false };
        let (_running, stop) = watch::channel(false);
        let fetcher = Fetcher::new(client, terms, Arc::new(Nothing), Arc::new(Nothing), stop);
        let request = Request { url: url.clone(), etag: None, last_modified: None };
        let outcome = tokio::time::timeout_at(ends_at, fetcher.get(&request, &mut Vec::new())).await;
        outcome.unwrap_or(Err(Failure::Stopped)).map_err(as_error)
    })
}

/// No memory and no scope: any host, nothing kept.
struct Nothing;

impl Memory for Nothing {
    fn enter(&self, _authority: &str) -> Result<Entry, Error> {
        Ok(Entry::Ours(HostMemory::default()))
    }

    fn note(&self, _note: Note) -> Noting<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Scope for Nothing {
    fn refuses(&self, _url: &Url) -> Option<String> {
        None
    }

    fn limits(&self, _host: &str) -> HostLimits {
        HostLimits::default()
    }
}
