//! Hosts in the state: their rows, and what the fetcher notes of them.

use std::collections::BTreeMap;

use url::Url;

use crate::error::{Error, Result};
use crate::fetch::authority;
use crate::fetch::terms::Note;
use crate::frontier::Kind;
use crate::frontier::db::{Value, values};
use crate::write::store::Store;
use crate::write::visit::Found;

impl Store {
    /// Keeps a note of the fetcher.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn note(&mut self, note: &Note) -> Result<()> {
        self.begin()?;
        let ahead = self.member.as_ref().map_or(0, |member| member.part.ahead);
        match note {
            Note::Leaving { authority, at, .. } => {
                let sql = "UPDATE hosts SET last_request = CASE WHEN last_request > ?2 THEN last_request ELSE ?2 END WHERE id = ?1";
                let host = self.host_row(authority)?;
                self.db.execute(sql, &values![host, *at + ahead]).map(drop)
            }
            Note::Hold { authority, until } => {
                let sql = "UPDATE hosts SET hold_until = CASE WHEN hold_until > ?2 THEN hold_until ELSE ?2 END WHERE id = ?1";
                let host = self.host_row(authority)?;
                self.db.execute(sql, &values![host, *until + ahead]).map(drop)
            }
            Note::Robots { authority, robots } => {
                let host = self.host_row(authority)?;
                let sql = "UPDATE hosts SET robots = ?2, robots_at = ?3 WHERE id = ?1";
                self.db.execute(sql, &values![host, &robots.text, robots.fetched_at]).map(drop)
            }
            Note::Sitemaps(urls) => {
                let found: Vec<Found> = urls.iter().map(|url| Found::new(url.clone(), Kind::Sitemap, 0)).collect();
                self.insert_all(&found).map(drop)
            }
        }
    }

    /// A starting point was read.
    pub fn count_seed(&mut self) {
        if let Some(member) = &mut self.member {
            member.seeds_read += 1;
        }
    }

    /// Counts pages of hosts that were looked at in this run, where other workers go by it.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn count_pages(&mut self, pages: &BTreeMap<i64, i64>) -> Result<()> {
        if self.member.is_none() {
            return Ok(());
        }
        let rows: Vec<_> = pages.iter().map(|(host, pages)| values![*host, *pages, self.run]).collect();
        let sql = "UPDATE hosts SET pages = ?2 + CASE WHEN pages_run = ?3 THEN pages ELSE 0 END, pages_run = ?3 WHERE id = ?1";
        self.db.many(sql, &rows).map(drop)
    }

    pub(super) fn host_of(&mut self, url: &Url) -> Result<i64> {
        self.host_row(&authority(url))
    }

    /// The row of a host, by its authority.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn host_row(&mut self, authority: &str) -> Result<i64> {
        if let Some(id) = self.hosts.get(authority) {
            return Ok(*id);
        }
        self.learn_hosts(&[authority])?;
        self.hosts.get(authority).copied().ok_or_else(|| Error::BadInput(format!("the state has lost {authority}")))
    }

    /// Makes rows of hosts known that are not; those that are new to the state get one.
    pub(super) fn learn_hosts(&mut self, authorities: &[&str]) -> Result<()> {
        let mut unknown: Vec<&str> = authorities.iter().copied().filter(|authority| !self.hosts.contains_key(*authority)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for insert in [false, true] {
            if insert {
                let rows: Vec<_> = unknown.iter().map(|authority| values![*authority]).collect();
                self.db.many("INSERT INTO hosts (authority) VALUES (?1) ON CONFLICT DO NOTHING", &rows)?;
            }
            let keys: Vec<_> = unknown.iter().map(|authority| Value::from(*authority)).collect();
            let found =
                self.db.each("SELECT authority, id FROM hosts WHERE authority = ?1", &keys, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
            self.hosts.extend(found);
            unknown.retain(|authority| !self.hosts.contains_key(*authority));
        }
        Ok(())
    }
}
