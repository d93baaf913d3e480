//! The fetcher's view of state and configuration.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::config::Config;
use crate::error::Result;
use crate::fetch::terms::{Memory, NotKept, Note, Noting, Scope};
use crate::fetch::{Exchange, HostLimits};
use crate::frontier::{Entry, Frontier, Leases, StateFrontier, UrlScope};
use crate::pipeline::jobs::archive;
use crate::pipeline::judge::Rules;
use crate::pipeline::writer::Message;
use crate::sites::SiteRules;

/// Notes and packed exchanges go to the writer; memories are read from the state.
pub(super) struct StateMemory {
    state: Mutex<StateFrontier>,
    leases: Arc<Leases>,
    to_writer: mpsc::Sender<Message>,
    rules: Arc<Rules>,
}

impl StateMemory {
    pub(super) fn new(state: StateFrontier, leases: Arc<Leases>, to_writer: mpsc::Sender<Message>, rules: Arc<Rules>) -> Self {
        Self { state: Mutex::new(state), leases, to_writer, rules }
    }

    /// A robots.txt may name sitemaps anywhere; those of other hosts are left out.
    fn wanted(&self, note: Note) -> Option<Note> {
        let Note::Sitemaps(urls) = note else { return Some(note) };
        let wanted: Vec<Url> = urls.into_iter().filter(|url| self.rules.discover && self.rules.scope.refuses_host(url).is_none()).collect();
        (!wanted.is_empty()).then_some(Note::Sitemaps(wanted))
    }
}

impl Memory for StateMemory {
    fn enter(&self, authority: &str) -> Result<Entry> {
        // What is held is known without the state.
        if let Some(memory) = self.leases.memory(authority) {
            return Ok(Entry::Ours(memory));
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).enter(authority)
    }

    fn holds(&self, authority: &str, lease: i64) -> bool {
        self.leases.holds(authority, lease)
    }

    fn note(&self, note: Note) -> Noting<'_> {
        Box::pin(async move {
            let Some(note) = self.wanted(note) else { return Ok(()) };
            // Only a request waits until its note is safe.
            let (done, safe) = match &note {
                Note::Leaving { .. } | Note::Hold { .. } => oneshot::channel(),
                _ => {
                    return self.to_writer.send(Message::Note(note, None)).await.map_err(|_| NotKept::Stopped);
                }
            };
            let leaving = match &note {
                Note::Leaving { authority, lease, .. } => Some((authority.clone(), *lease)),
                _ => None,
            };
            self.to_writer.send(Message::Note(note, Some(done))).await.map_err(|_| NotKept::Stopped)?;
            if safe.await.map_err(|_| NotKept::Stopped)? {
                return Ok(());
            }
            if let Some((authority, lease)) = leaving {
                self.leases.suspend(&authority, lease);
            }
            Err(NotKept::Lost)
        })
    }

    fn archive(&self, exchanges: Vec<Exchange>) -> Noting<'_> {
        Box::pin(archive(exchanges, &self.rules, &self.to_writer))
    }
}

/// Redirects stay in the hosts of the crawl; limits come from `[[site]]`.
pub(super) struct CrawlScope {
    urls: UrlScope,
    sites: Vec<SiteRules>,
}

impl CrawlScope {
    pub(super) fn new(config: &Config) -> Self {
        Self { urls: UrlScope::new(&config.crawl), sites: config.site.clone() }
    }
}

impl Scope for CrawlScope {
    fn refuses(&self, url: &Url) -> Option<String> {
        self.urls.refuses_host(url)
    }

    fn limits(&self, host: &str) -> HostLimits {
        self.sites.iter().find(|site| site.holds_for(host)).map(SiteRules::limits).unwrap_or_default()
    }
}
