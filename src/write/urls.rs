//! The URLs that the state knows: what is found is put in, what was fetched is looked up.

use rusqlite::{OptionalExtension, params};
use url::Url;

use crate::error::{Error, Result};
use crate::frontier::identity::url_key;
use crate::frontier::schema::{NEVER, Standing};
use crate::frontier::{Kind, shape};
use crate::write::store::Store;
use crate::write::visit::{Found, Visit};

/// URLs that were put in lately, which most links of a page are: they need no look into the state.
const KNOWN_URLS: usize = 65_536;

/// What the state knows of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) key: i64,
    pub(super) depth: u32,
    pub(super) cut: bool,
    pub(super) standing: i64,
    pub(super) first_seen: i64,
    pub(super) fetched_at: Option<i64>,
    pub(super) lastmod: Option<i64>,
    pub(super) copy_of: Option<i64>,
    pub(super) fails: i64,
    pub(super) kind: i64,
    pub(super) seed: bool,
    pub(super) article: Option<i64>,
}

impl Store {
    pub(super) fn row(&self, key: i64) -> Result<Option<Row>> {
        let sql = "SELECT id, key, depth, cut, standing, first_seen, fetched_at, lastmod, copy_of, fails, kind, seed, article FROM urls WHERE key = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Row {
                id: row.get(0)?,
                key: row.get(1)?,
                depth: row.get(2)?,
                cut: row.get(3)?,
                standing: row.get(4)?,
                first_seen: row.get(5)?,
                fetched_at: row.get(6)?,
                lastmod: row.get(7)?,
                copy_of: row.get(8)?,
                fails: row.get(9)?,
                kind: row.get(10)?,
                seed: row.get(11)?,
                article: row.get(12)?,
            })
        };
        self.db.prepare_cached(sql).and_then(|mut s| s.query_row([key], read).optional()).map_err(|e| self.fail(&e))
    }

    /// Puts what a page leads to into the frontier; whether a new URL of another shape was among it.
    pub(super) fn insert_found(&mut self, visit: &Visit) -> Result<bool> {
        let own = shape(&visit.landed);
        let mut leads_on = false;
        for found in &visit.found {
            if found.kind == Kind::Page && self.traps.holds(&found.url) {
                continue;
            }
            if self.insert(found)? && !leads_on {
                leads_on = shape(&found.url) != own;
            }
        }
        Ok(leads_on)
    }

    /// Puts a found URL into the frontier, or brings what is known of it up to date; whether it is new there.
    pub(super) fn insert(&mut self, found: &Found) -> Result<bool> {
        let key = url_key(&found.url);
        if found.updated.is_none() && self.known.get(&key).is_some_and(|depth| *depth <= found.depth) {
            return Ok(false);
        }
        if self.known.len() >= KNOWN_URLS {
            self.known.clear();
        }
        self.known.insert(key, found.depth);
        let host = self.host_of(&found.url)?;
        let fresh = 1 + i64::from(found.depth);
        let now = self.run_start();
        let Some(row) = self.row(key)? else {
            let sql = "INSERT INTO urls (key, url, host, kind, depth, due_at, first_seen, lastmod) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let mut url = found.url.clone();
            url.set_fragment(None);
            self.execute(sql, params![key, url.as_str(), host, found.kind.code(), found.depth, fresh, now, found.updated])?;
            self.pending.hosts.insert(host);
            return Ok(true);
        };
        // Links that were left out as too deep are followed once a shorter way is known: the page is read anew.
        let uncovered = row.cut && found.depth < row.depth;
        let renewed = found.updated.zip(row.fetched_at).is_some_and(|(updated, at)| self.schedule.is_renewed(updated, at, row.first_seen));
        if found.depth < row.depth || found.updated > row.lastmod {
            let sql = "UPDATE urls SET depth = min(depth, ?2), lastmod = max(ifnull(lastmod, ?3), ifnull(?3, lastmod)) WHERE id = ?1";
            self.execute(sql, params![row.id, found.depth, found.updated])?;
        }
        if uncovered || renewed {
            let sql = "UPDATE urls SET due_at = min(due_at, ?2), etag = iif(?3, NULL, etag), last_modified = iif(?3, NULL, last_modified) WHERE id = ?1";
            self.execute(sql, params![row.id, fresh, uncovered])?;
            self.pending.hosts.insert(host);
        }
        Ok(false)
    }

    /// The row that the outcome belongs to: where a redirect led, if it did. The one that was asked for
    /// only leads there, and is asked for again when the configuration names it.
    pub(super) fn landed_row(&mut self, visit: &Visit, asked: Row) -> Result<Row> {
        let key = url_key(&visit.landed);
        if key == asked.key {
            return Ok(asked);
        }
        let kind = visit.due.kind;
        self.insert(&Found { url: visit.landed.clone(), kind, depth: visit.due.depth, updated: None })?;
        let due_at = if asked.seed { self.schedule.next_run() } else { NEVER };
        let sql = "UPDATE urls SET standing = ?2, copy_of = ?3, due_at = ?4, fetched_at = ?5, etag = NULL, last_modified = NULL, fails = 0 WHERE id = ?1";
        self.execute(sql, params![asked.id, Standing::Redirect.code(), key, due_at, visit.at])?;
        self.row(key)?.ok_or_else(|| lost(&visit.landed))
    }
}

/// The error of a URL that must be there and is not.
pub(super) fn lost(url: &Url) -> Error {
    Error::BadInput(format!("the state has lost {url}"))
}
