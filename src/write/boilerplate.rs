//! What does a site print under article after article? Learned in the state, from page to page.
//!
//! In: an article as it was read. Out: the article without the texts that are its site's own, by the rule of
//! [`crate::dedup::boilerplate`], and a [`Sample`] of it, which goes into the state with its record: a run that is ended at
//! any moment has counted the articles that it wrote, each once. Of a host so many articles are remembered that five of
//! them are the share which the rule asks for, and for half a year: what a site prints no more is forgotten, and the
//! state does not grow. Never: a look at what an article said before.

use rusqlite::{OptionalExtension, params};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::article::Article;
use crate::dedup::boilerplate::{Different, EDGE_ONE_IN, MAX_HOLDERS, MIDST_ONE_IN, MIN_ARTICLES, Printed, Sketch, host_key};
use crate::error::Result;
use crate::write::store::Store;

/// Articles of a host, the newest, of which five must hold a text: at the edge of their bodies, and in the midst.
const EDGE_WINDOW: i64 = MIN_ARTICLES as i64 * EDGE_ONE_IN as i64;
const MIDST_WINDOW: i64 = MIN_ARTICLES as i64 * MIDST_ONE_IN as i64;
/// An article says nothing of its site any more after this many milliseconds.
const FORGOTTEN_AFTER: i64 = 180 * 24 * 3_600_000;
/// Texts of an article that are looked at: in its midst, and at its edge with the captions.
const MAX_TEXTS: [usize; 2] = [100, 60];

/// What is remembered of an article.
#[derive(Debug)]
pub(super) struct Sample {
    host: i64,
    /// The keys of its texts; the lowest bit says whether they stand at the edge.
    texts: Vec<u64>,
    /// What it says that no article of the host said before; empty when that is next to nothing.
    sketch: Vec<u8>,
}

/// A text's key without the bit that says where it stands.
fn bare(key: u64) -> u64 {
    key & !1
}

impl Store {
    /// Takes what is its site's own out of an article. `own` is its row, if the state knows it.
    pub(super) fn without_boilerplate(&self, article: &mut Article, own: Option<i64>, at: i64) -> Result<Option<Sample>> {
        let host = host_key(article.canonical_url.as_deref(), article.url.as_deref());
        let Some(host) = host.filter(|_| self.config.dedup.boilerplate) else { return Ok(None) };
        let printed = Printed::of(article, host);
        let mut left = MAX_TEXTS;
        let mut texts: Vec<u64> = printed.texts().into_iter().map(|(key, edge)| bare(key) | u64::from(edge)).collect();
        texts.retain(|key| {
            let left = &mut left[usize::from(key & 1 == 1)];
            let keeps = *left > 0;
            *left -= usize::from(keeps);
            keeps
        });
        let holders = texts.iter().map(|key| Ok((bare(*key), self.holders(bare(*key), own)?))).collect::<Result<FxHashMap<_, _>>>()?;
        // What an earlier article said, too, is not this one's own: of two articles only the first has it in its sketch.
        let sketch = printed.own_words(|key| holders.get(&bare(key)).is_some_and(|holders| !holders.is_empty()));
        let mut sketches = FxHashMap::default();
        let mut known = FxHashSet::default();
        for key in texts.iter().map(|key| bare(*key)) {
            let holders = &holders[&key];
            if holders.len() + 1 >= MIN_ARTICLES && self.are_different(holders, sketch.as_ref(), at, &mut sketches)? {
                known.insert(key);
            }
        }
        let removal = printed.removal(|key| known.contains(&bare(key)));
        if let Some(removal) = removal {
            removal.take_out(article);
        }
        Ok(Some(Sample { host: host.cast_signed(), texts, sketch: sketch.map(|sketch| sketch.to_bytes()).unwrap_or_default() }))
    }

    /// The newest articles that hold a text, another one than this.
    fn holders(&self, text: u64, own: Option<i64>) -> Result<Vec<i64>> {
        let sql = "SELECT article FROM sightings WHERE text = ?1 AND article IS NOT ?2 ORDER BY article DESC LIMIT ?3";
        let found = self.db.prepare_cached(sql).and_then(|mut statement| {
            let rows = statement.query_map(params![text.cast_signed(), own, MAX_HOLDERS as i64], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<i64>>>()
        });
        found.map_err(|e| self.fail(&e))
    }

    /// Whether enough of these articles, and the one with this sketch, have nothing else in common.
    fn are_different(&self, holders: &[i64], own: Option<&Sketch>, at: i64, sketches: &mut FxHashMap<i64, Option<Sketch>>) -> Result<bool> {
        let mut different = Different::default();
        if let Some(own) = own {
            different.add(own.clone());
        }
        for holder in holders {
            if !sketches.contains_key(holder) {
                sketches.insert(*holder, self.sketch(*holder, at)?);
            }
            if let Some(Some(sketch)) = sketches.get(holder)
                && different.add(sketch.clone())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What an article said in words of its own, unless that was next to nothing or is too long ago.
    fn sketch(&self, article: i64, at: i64) -> Result<Option<Sketch>> {
        let sql = "SELECT sketch FROM samples WHERE article = ?1 AND at >= ?2";
        let read = |row: &rusqlite::Row<'_>| row.get::<_, Vec<u8>>(0);
        let found = self.db.prepare_cached(sql).and_then(|mut s| s.query_row([article, at - FORGOTTEN_AFTER], read).optional());
        Ok(found.map_err(|e| self.fail(&e))?.filter(|bytes| !bytes.is_empty()).map(|bytes| Sketch::from_bytes(&bytes)))
    }

    /// Remembers an article; a new revision takes the place of the old one. What is over is forgotten.
    pub(super) fn keep_sample(&self, article: i64, sample: &Sample, at: i64) -> Result<()> {
        let number = |sql: &str, key: i64| {
            let found = self.db.prepare_cached(sql).and_then(|mut s| s.query_row([key], |row| row.get::<_, i64>(0)).optional());
            found.map_err(|e| self.fail(&e))
        };
        let newest = number("SELECT number FROM samples WHERE host = ?1 ORDER BY number DESC LIMIT 1", sample.host)?.unwrap_or(0);
        let before = number("SELECT number FROM samples WHERE article = ?1", article)?;
        if before.is_some() {
            self.forget(article, |_| true)?;
        }
        let number = before.unwrap_or(newest + 1);
        let newest = newest.max(number);
        for key in sample.texts.iter().filter(|key| *key & 1 == 1 || number > newest - MIDST_WINDOW) {
            self.execute("INSERT OR IGNORE INTO sightings (text, article) VALUES (?1, ?2)", params![bare(*key).cast_signed(), article])?;
        }
        let texts: Vec<u8> = sample.texts.iter().flat_map(|key| key.to_le_bytes()).collect();
        let sql = "INSERT OR REPLACE INTO samples (article, host, number, at, sketch, texts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.execute(sql, params![article, sample.host, number, at, sample.sketch, texts])?;
        self.age(sample.host, newest, at)
    }

    /// What is over with the newest article of a host: the midst of one, and the oldest ones altogether.
    fn age(&self, host: i64, newest: i64, at: i64) -> Result<()> {
        let find = |sql: &str, values: &[i64]| {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let found = self.db.prepare_cached(sql).and_then(|mut s| s.query_row(rusqlite::params_from_iter(values), read).optional());
            found.map_err(|e| self.fail(&e))
        };
        if let Some(article) = find("SELECT article FROM samples WHERE host = ?1 AND number = ?2", &[host, newest - MIDST_WINDOW])? {
            self.forget(article, |key| key & 1 == 0)?;
        }
        let oldest = "SELECT article FROM samples WHERE number = (SELECT min(number) FROM samples WHERE host = ?1) AND host = ?1
            AND (number <= ?2 OR at < ?3)";
        while let Some(article) = find(oldest, &[host, newest - EDGE_WINDOW, at - FORGOTTEN_AFTER])? {
            self.forget(article, |_| true)?;
            self.execute("DELETE FROM samples WHERE article = ?1", [article])?;
        }
        Ok(())
    }

    /// Forgets that an article holds those of its texts whose keys are `over`.
    fn forget(&self, article: i64, over: impl Fn(u64) -> bool) -> Result<()> {
        let sql = "SELECT texts FROM samples WHERE article = ?1";
        let texts = self.db.prepare_cached(sql).and_then(|mut s| s.query_row([article], |row| row.get::<_, Vec<u8>>(0)));
        let texts = texts.map_err(|e| self.fail(&e))?;
        for key in texts.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).filter(|key| over(*key)) {
            self.execute("DELETE FROM sightings WHERE text = ?1 AND article = ?2", params![bare(key).cast_signed(), article])?;
        }
        Ok(())
    }
}
