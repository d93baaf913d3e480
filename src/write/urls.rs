//! The URLs that the state knows: what is found is put in, what was fetched is looked up.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use url::{Position, Url};

use crate::error::{Error, Result};
use crate::fetch::authority;
use crate::frontier::db::{Value, values};
use crate::frontier::identity::url_key;
use crate::frontier::schema::{NEVER, Standing};
use crate::frontier::{Kind, shape};
use crate::write::store::Store;
use crate::write::visit::{Effect, Found, Visit};

/// URLs that were put in lately, which most links of a page are: they need no look into the state.
const KNOWN_URLS: usize = 65_536;

/// A URL that was found, with the best of what was said of it.
struct Wanted<'a> {
    /// Which of those that were found it is.
    at: usize,
    found: &'a Found,
    depth: u32,
    updated: Option<i64>,
}

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
        Ok(self.rows(&[Value::Int(key)])?.pop())
    }

    /// What is known of URLs, by their keys.
    fn rows(&self, keys: &[Value<'_>]) -> Result<Vec<Row>> {
        let sql = "SELECT id, key, depth, cut, standing, first_seen, fetched_at, lastmod, copy_of, fails, kind, seed, article FROM urls WHERE key = ?1";
        self.db.each(sql, keys, &[], |row| {
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
        })
    }

    /// Puts what a page leads to into the frontier; whether a new URL of another shape was among it.
    pub(super) fn insert_found(&mut self, visit: &Visit) -> Result<bool> {
        let free = visit.found.iter().filter(|found| found.kind != Kind::Page || !self.traps.holds(&found.url));
        let free: Vec<&Found> = free.collect();
        let new = self.insert_all(free)?;
        let own = shape(&visit.landed);
        Ok(new.into_iter().any(|url| shape(url) != own))
    }

    /// Puts a found URL into the frontier.
    pub(super) fn insert(&mut self, found: &Found) -> Result<()> {
        self.insert_all([found]).map(drop)
    }

    /// Puts found URLs into the frontier, or brings what is known of them up to date; those that are new there.
    pub(super) fn insert_all<'a>(&mut self, found: impl IntoIterator<Item = &'a Found>) -> Result<Vec<&'a Url>> {
        // In the order of their keys, in which no two workers wait for each other.
        let mut wanted: BTreeMap<i64, Wanted<'a>> = BTreeMap::new();
        for (at, found) in found.into_iter().enumerate() {
            let key = found.key;
            if found.updated.is_none() && self.known.get(&key).is_some_and(|depth| *depth <= found.depth) {
                continue;
            }
            if self.known.len() >= KNOWN_URLS {
                self.known.clear();
            }
            self.known.insert(key, found.depth);
            let one = wanted.entry(key).or_insert(Wanted { at, found, depth: found.depth, updated: None });
            (one.depth, one.updated) = (one.depth.min(found.depth), one.updated.max(found.updated));
        }
        let authorities: Vec<String> = wanted.values().map(|one| authority(&one.found.url)).collect();
        self.learn_hosts(&authorities.iter().map(String::as_str).collect::<Vec<_>>())?;
        let keys: Vec<_> = wanted.keys().map(|key| Value::Int(*key)).collect();
        let known: FxHashMap<i64, Row> = self.rows(&keys)?.into_iter().map(|row| (row.key, row)).collect();
        let now = self.run_start();
        let (mut new, mut rows, mut closer, mut due) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for ((key, one), authority) in wanted.iter().zip(&authorities) {
            let (url, kind) = (&one.found.url, one.found.kind.code());
            let host = self.host_row(authority)?;
            let fresh = 1 + i64::from(one.depth);
            let Some(row) = known.get(key) else {
                rows.push((one.at, values![*key, &url[..Position::AfterQuery], host, kind, one.depth, fresh, now, one.updated]));
                self.pending.hosts.insert(host);
                new.push(url);
                continue;
            };
            // Links that were left out as too deep are followed once a shorter way is known: the page is read anew.
            let uncovered = row.cut && one.depth < row.depth;
            let renewed =
                one.updated.zip(row.fetched_at).is_some_and(|(updated, at)| self.schedule.is_renewed(updated, at, row.first_seen));
            if one.depth < row.depth || one.updated > row.lastmod {
                closer.push(values![row.id, one.depth, one.updated]);
            }
            if uncovered || renewed {
                due.push(values![row.id, fresh, uncovered]);
                self.pending.hosts.insert(host);
            }
        }
        if self.member.is_none() {
            // With nobody to wait for, in the order of the page: it is the one in which they are fetched.
            rows.sort_by_key(|(at, _)| *at);
        }
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        let sql = "INSERT INTO urls (key, url, host, kind, depth, due_at, first_seen, lastmod) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT DO NOTHING";
        self.db.many(sql, &rows)?;
        let sql = "UPDATE urls SET depth = CASE WHEN ?2 < depth THEN ?2 ELSE depth END,
            lastmod = CASE WHEN lastmod > ?3 THEN lastmod ELSE coalesce(?3, lastmod) END WHERE id = ?1";
        self.db.many(sql, &closer)?;
        let sql = "UPDATE urls SET due_at = CASE WHEN ?2 < due_at THEN ?2 ELSE due_at END, etag = CASE WHEN ?3 = 1 THEN NULL ELSE etag END,
            last_modified = CASE WHEN ?3 = 1 THEN NULL ELSE last_modified END WHERE id = ?1";
        self.db.many(sql, &due)?;
        Ok(new)
    }

    /// The row that the outcome belongs to: where a redirect led, if it did. The one that was asked for
    /// only leads there, and is asked for again when the configuration names it.
    pub(super) fn landed_row(&mut self, visit: &Visit, asked: Row) -> Result<Row> {
        let key = url_key(&visit.landed);
        if key == asked.key {
            return Ok(asked);
        }
        let kind = visit.due.kind;
        self.insert(&Found::new(visit.landed.clone(), kind, visit.due.depth))?;
        let due_at = if asked.seed { self.schedule.next_run() } else { NEVER };
        let sql = "UPDATE urls SET standing = ?2, copy_of = ?3, due_at = ?4, fetched_at = ?5, etag = NULL, last_modified = NULL, fails = 0 WHERE id = ?1";
        self.db.execute(sql, &values![asked.id, Standing::Redirect.code(), key, due_at, visit.at])?;
        self.row(key)?.ok_or_else(|| lost(&visit.landed))
    }
}

/// Redirects of one URL from one worker's host to another's, until that is no way to go.
const MAX_HANDOVERS: i64 = 10;

impl Store {
    /// A redirect leads to a host of another worker, which is to follow it.
    pub(super) fn hand_over(&mut self, visit: &Visit, asked: Row) -> Result<Effect> {
        if url_key(&visit.landed) != asked.key {
            self.landed_row(visit, asked)?;
            return Ok(Effect::Listed);
        }
        // Another spelling of the same URL, as https for http: its host is another one now. Two that lead to each other end.
        let host = self.host_of(&visit.landed)?;
        let (fails, url) = (asked.fails + 1, &visit.landed[..Position::AfterQuery]);
        let due_at = if fails > MAX_HANDOVERS { Some(self.schedule.revisit(visit.at, asked.first_seen)) } else { None };
        let sql = "UPDATE urls SET host = ?2, url = ?3, fails = ?4, due_at = coalesce(?5, due_at) WHERE id = ?1";
        self.db.execute(sql, &values![asked.id, host, url, fails, due_at])?;
        self.pending.hosts.insert(host);
        Ok(Effect::Listed)
    }
}

/// The error of a URL that must be there and is not.
pub(super) fn lost(url: &Url) -> Error {
    Error::BadInput(format!("the state has lost {url}"))
}
