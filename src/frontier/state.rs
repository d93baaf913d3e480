//! What is due, read from the state.
//!
//! A state of one's own only is read here; of a shared one, hosts are taken and let go. What a visit changes is written by
//! `write`, together with the records.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

use crate::error::Result;
use crate::frontier::db::{Db, Fault, Place, Row, Trouble, values};
use crate::frontier::lease::{Entry, Lease, Leases, Leasing, Part};
use crate::frontier::memory::{HostMemory, StoredRobots};

/// What a URL is fetched as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page: an article or a list of links.
    Page = 0,
    /// RSS, Atom or JSON Feed.
    Feed = 1,
    /// A sitemap or sitemap index.
    Sitemap = 2,
}

impl Kind {
    /// As the state keeps it.
    #[must_use]
    pub fn code(self) -> i64 {
        self as i64
    }

    fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Feed,
            2 => Self::Sitemap,
            _ => Self::Page,
        }
    }
}

/// A URL to be fetched in this run.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its row.
    pub id: i64,
    /// Row of its host.
    pub host: i64,
    /// What the host was held under when it was handed out; 0 where nothing is leased.
    pub token: i64,
    /// The URL as it was found.
    pub url: Url,
    /// What it is fetched as.
    pub kind: Kind,
    /// Whether the configuration names it.
    pub seed: bool,
    /// Links from a seed, sitemap or feed entry.
    pub depth: u32,
    /// `ETag` of the last answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the last answer.
    pub last_modified: Option<String>,
    /// Whether to take it for the article although it names another canonical page, which gave none.
    pub adopt: bool,
}

/// Which URLs are due, and whose they are.
pub trait Frontier: Send {
    /// Takes hosts with URLs that are due by the run's start, up to `most` of those that nobody holds.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State), as of all that follow.
    fn claim(&mut self, most: usize) -> Result<Vec<Lease>>;

    /// The next due URLs of a host that are not among `taken`.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn due(&self, host: i64, by: i64, limit: usize, taken: &HashSet<i64>) -> Result<Vec<Due>>;

    /// Number of URLs due by a time.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn count_due(&self, by: i64) -> Result<u64>;

    /// Asks for a host that a redirect leads to.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn enter(&mut self, authority: &str) -> Result<Entry>;

    /// Makes the leases of all hosts longer; those that are held, by row and token.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn renew(&mut self) -> Result<Vec<(i64, i64)>>;

    /// Lets a host go; one that is closed is not taken again in this run.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn release(&mut self, host: i64, token: i64, is_closed: bool) -> Result<()>;

    /// Whether nothing of the run is left for anybody.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    fn is_over(&mut self) -> Result<bool>;
}

/// The frontier in the state.
#[derive(Debug)]
pub struct StateFrontier {
    db: Db,
    by: i64,
    leases: Arc<Leases>,
    /// Where workers share the state.
    leasing: Option<Leasing>,
}

impl StateFrontier {
    /// Opens the state for reading what is due by a time. Where it is shared, a part in the run is needed to take hosts, which
    /// then stand in `leases`.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn open(place: &Place, by: i64, part: Option<&Part>, leases: Arc<Leases>) -> Result<Self> {
        Ok(Self { db: Db::open_reading(place)?, by, leases, leasing: part.map(|part| Leasing::new(part.clone())) })
    }

    /// Hosts (row, authority) with URLs that are due.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn due_hosts(&self) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT id, authority FROM hosts h WHERE EXISTS (SELECT 1 FROM urls WHERE host = h.id AND due_at <= ?1) ORDER BY id";
        self.db.query(sql, &values![self.by], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Whether the last error was one that passes.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.db.fault() != Fault::Final
    }

    fn host(&self, authority: &str) -> Result<HostMemory> {
        let sql = "SELECT last_request, hold_until, robots, robots_at FROM hosts WHERE authority = ?1";
        let found = self.db.find(sql, &values![authority], |row| {
            Ok(HostMemory { lease: 0, last_request: row.get(0)?, hold_until: row.get(1)?, robots: StoredRobots::read(row, 2)? })
        });
        Ok(found?.unwrap_or_default())
    }
}

impl Frontier for StateFrontier {
    fn claim(&mut self, most: usize) -> Result<Vec<Lease>> {
        let Some(leasing) = &mut self.leasing else {
            let of = |(host, authority)| Lease { host, authority, token: 0, pages: 0, memory: HostMemory::default() };
            return Ok(self.due_hosts()?.into_iter().map(of).collect());
        };
        let (taken, until) = leasing.claim(&self.db, most)?;
        for lease in &taken {
            self.leases.take(lease.clone(), until);
        }
        Ok(taken)
    }

    fn due(&self, host: i64, by: i64, limit: usize, taken: &HashSet<i64>) -> Result<Vec<Due>> {
        let sql = "SELECT id, url, kind, seed, depth, etag, last_modified, adopt FROM urls
            WHERE host = ?1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3";
        let most = i64::try_from(limit.saturating_add(taken.len())).unwrap_or(i64::MAX);
        let mut due = Vec::new();
        self.db.query(sql, &values![host, by, most], |row| {
            let id = row.get(0)?;
            if due.len() < limit && !taken.contains(&id) {
                due.extend(read_due(row, id, host)?);
            }
            Ok(())
        })?;
        Ok(due)
    }

    fn count_due(&self, by: i64) -> Result<u64> {
        let count = self.db.number("SELECT count(*) FROM urls WHERE due_at <= ?1", &values![by])?;
        Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    fn enter(&mut self, authority: &str) -> Result<Entry> {
        if let Some(memory) = self.leases.memory(authority) {
            return Ok(Entry::Ours(memory));
        }
        let Some(leasing) = &self.leasing else { return Ok(Entry::Ours(self.host(authority)?)) };
        match leasing.enter(&self.db, authority)? {
            Ok((lease, until)) => {
                let memory = lease.memory.clone();
                self.leases.enter(lease, until);
                Ok(Entry::Ours(memory))
            }
            Err(memory) => Ok(Entry::Elsewhere(memory)),
        }
    }

    fn renew(&mut self) -> Result<Vec<(i64, i64)>> {
        let Some(leasing) = &self.leasing else { return Ok(Vec::new()) };
        let (held, until) = leasing.renew(&self.db)?;
        self.leases.renew(&held, until);
        Ok(held)
    }

    fn release(&mut self, host: i64, token: i64, is_closed: bool) -> Result<()> {
        self.leasing.as_ref().map_or(Ok(()), |leasing| leasing.release(&self.db, host, token, is_closed))
    }

    fn is_over(&mut self) -> Result<bool> {
        self.leasing.as_ref().map_or(Ok(true), |leasing| leasing.is_over(&self.db))
    }
}

/// A row; `None` where its URL can no longer be read.
fn read_due(row: &Row<'_>, id: i64, host: i64) -> Result<Option<Due>, Trouble> {
    let Ok(url) = Url::parse(&row.get::<String>(1)?) else { return Ok(None) };
    Ok(Some(Due {
        id,
        host,
        token: 0,
        url,
        kind: Kind::from_code(row.get(2)?),
        seed: row.get(3)?,
        depth: row.get(4)?,
        etag: row.get(5)?,
        last_modified: row.get(6)?,
        adopt: row.get(7)?,
    }))
}
