//! What is due, read from the state.
//!
//! [`Frontier`] is the seam: an embedded database stands behind it today, a shared one may tomorrow.
//! It only reads; what a visit changes is written by `write`, together with the records.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use crate::error::{Error, Result};
use crate::frontier::memory::{HostMemory, StoredRobots};
use crate::frontier::schema::{open_reading, state_error};

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

/// Which URLs are due.
pub trait Frontier: Send {
    /// Hosts (row, authority) with URLs that are due by the run's start.
    ///
    /// # Errors
    /// [`Error::State`].
    fn due_hosts(&self, by: i64) -> Result<Vec<(i64, String)>>;

    /// The next due URLs of a host that are not among `taken`.
    ///
    /// # Errors
    /// [`Error::State`].
    fn due(&self, host: i64, by: i64, limit: usize, taken: &HashSet<i64>) -> Result<Vec<Due>>;

    /// Number of URLs due by a time.
    ///
    /// # Errors
    /// [`Error::State`].
    fn count_due(&self, by: i64) -> Result<u64>;

    /// What is known of a host.
    ///
    /// # Errors
    /// [`Error::State`].
    fn host(&self, authority: &str) -> Result<HostMemory>;
}

/// The frontier in the state file.
#[derive(Debug)]
pub struct StateFrontier {
    connection: Connection,
    path: PathBuf,
}

impl StateFrontier {
    /// Opens the state for reading.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: open_reading(path)?, path: path.to_owned() })
    }

    fn fail(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |e| state_error(&self.path, &e)
    }
}

impl Frontier for StateFrontier {
    fn due_hosts(&self, by: i64) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT id, authority FROM hosts h WHERE EXISTS (SELECT 1 FROM urls WHERE host = h.id AND due_at <= ?1) ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).map_err(self.fail())?;
        let rows = statement.query_map([by], |row| Ok((row.get(0)?, row.get(1)?))).map_err(self.fail())?;
        rows.collect::<rusqlite::Result<_>>().map_err(self.fail())
    }

    fn due(&self, host: i64, by: i64, limit: usize, taken: &HashSet<i64>) -> Result<Vec<Due>> {
        let sql = "SELECT id, url, kind, seed, depth, etag, last_modified, adopt FROM urls
            WHERE host = ?1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3";
        let most = i64::try_from(limit + taken.len()).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql).map_err(self.fail())?;
        let mut rows = statement.query(params![host, by, most]).map_err(self.fail())?;
        let mut due = Vec::new();
        while let Some(row) = rows.next().map_err(self.fail())? {
            let id: i64 = row.get(0).map_err(self.fail())?;
            if !taken.contains(&id) && due.len() < limit {
                due.extend(read_due(row, id, host).map_err(self.fail())?);
            }
        }
        Ok(due)
    }

    fn count_due(&self, by: i64) -> Result<u64> {
        let count = self.connection.query_row("SELECT count(*) FROM urls WHERE due_at <= ?1", [by], |row| row.get::<_, i64>(0));
        count.map(|n| u64::try_from(n).unwrap_or(0)).map_err(self.fail())
    }

    fn host(&self, authority: &str) -> Result<HostMemory> {
        let sql = "SELECT last_request, hold_until, robots, robots_at FROM hosts WHERE authority = ?1";
        let found = self.connection.query_row(sql, [authority], |row| {
            let robots = match (row.get(2)?, row.get(3)?) {
                (Some(text), Some(fetched_at)) => Some(StoredRobots { text, fetched_at }),
                _ => None,
            };
            Ok(HostMemory { last_request: row.get(0)?, hold_until: row.get(1)?, robots })
        });
        Ok(found.optional().map_err(self.fail())?.unwrap_or_default())
    }
}

/// A row; `None` where its URL can no longer be read.
fn read_due(row: &rusqlite::Row<'_>, id: i64, host: i64) -> rusqlite::Result<Option<Due>> {
    let Ok(url) = Url::parse(row.get_ref(1)?.as_str().unwrap_or_default()) else { return Ok(None) };
    Ok(Some(Due {
        id,
        host,
        url,
        kind: Kind::from_code(row.get(2)?),
        seed: row.get(3)?,
        depth: row.get(4)?,
        etag: row.get(5)?,
        last_modified: row.get(6)?,
        adopt: row.get(7)?,
    }))
}
