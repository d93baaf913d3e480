//! A few pages of a few sites, now: `copydesk init`.
//!
//! robots.txt, delays and the guard hold as in a crawl; nothing is kept but the robots.txt that was read on the way.
//! Calls block, and may come from several threads: a host's pace is kept over all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use url::Url;

use crate::error::{Error, Result};
use crate::fetch::Fetched;
use crate::fetch::client::Client;
use crate::fetch::config::{HttpConfig, Politeness};
use crate::fetch::host::{HostLimits, authority};
use crate::fetch::polite::Fetcher;
use crate::fetch::robots_txt::as_error;
use crate::fetch::terms::{Failure, Memory, Note, Noting, Request, Scope, Terms};
use crate::frontier::{Entry, HostMemory};

/// One page, with robots.txt, redirects, retries and waits, takes this many timeouts and [`LONGEST_WAIT`] at most.
const TOTAL_TIMEOUTS: u32 = 3;
/// Longest time that delays of the host may take for one page.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Gets pages by the rules, one call a page.
#[derive(Debug)]
pub struct Visitor {
    runtime: Runtime,
    fetcher: Fetcher<Client>,
    read: Arc<RobotsRead>,
    patience: Duration,
    /// Its end would tell the fetcher to stop.
    _running: watch::Sender<bool>,
}

impl Visitor {
    /// A visitor that knows nothing yet.
    ///
    /// # Errors
    /// Where the client or the runtime can't be made.
    pub fn new(http: &HttpConfig, politeness: &Politeness) -> Result<Self> {
        let runtime = Runtime::new().map_err(|e| Error::io("tokio runtime", e))?;
        let terms = Terms { http: http.clone(), politeness: politeness.clone(), ends_at: None, keep_exchanges: false, patient: false };
        let read = Arc::new(RobotsRead::default());
        let (running, stop) = watch::channel(false);
        let memory = Arc::clone(&read) as Arc<dyn Memory>;
        let fetcher = Fetcher::new(Client::new(http)?, terms, memory, Arc::new(Anywhere), stop);
        Ok(Self { runtime, fetcher, read, patience: http.timeout * TOTAL_TIMEOUTS + LONGEST_WAIT, _running: running })
    }

    /// Gets a page; blocks until it is there.
    ///
    /// # Errors
    /// As [`fetch_once`](crate::fetch::fetch_once).
    pub fn get(&self, url: &Url) -> Result<Fetched> {
        let request = Request { url: url.clone(), etag: None, last_modified: None };
        self.runtime.block_on(async {
            let outcome = tokio::time::timeout(self.patience, self.fetcher.get(&request, &mut Vec::new())).await;
            outcome.unwrap_or(Err(Failure::Stopped)).map_err(as_error)
        })
    }

    /// The robots.txt of a URL's host, if a page of it was got; empty where there is none.
    #[must_use]
    pub fn robots(&self, url: &Url) -> Option<String> {
        self.read.0.lock().unwrap_or_else(PoisonError::into_inner).get(&authority(url)).cloned()
    }
}

/// What robots.txt said, by authority.
#[derive(Debug, Default)]
struct RobotsRead(Mutex<HashMap<String, String>>);

impl Memory for RobotsRead {
    fn enter(&self, _authority: &str) -> Result<Entry, Error> {
        Ok(Entry::Ours(HostMemory::default()))
    }

    fn note(&self, note: Note) -> Noting<'_> {
        if let Note::Robots { authority, robots } = note {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(authority, robots.text);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Any host: what belongs to the site is still to be found out.
struct Anywhere;

impl Scope for Anywhere {
    fn refuses(&self, _url: &Url) -> Option<String> {
        None
    }

    fn limits(&self, _host: &str) -> HostLimits {
        HostLimits::default()
    }
}
