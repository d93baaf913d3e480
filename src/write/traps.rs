//! Endless pages: a shape of URLs whose pages give nothing, one after the other, is left alone from then on.
//!
//! Calendars, filters and lists without an end have pages for ever, each linking to more of its kind. Pages of one
//! shape ([`shape`]) that give no article and lead to no new URL of another shape are counted; an article, or a
//! way on, sets the count back.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::error::Result;
use crate::frontier::db::{Db, values};
use crate::frontier::schema::{NEVER, Standing};
use crate::frontier::shape;
use crate::skip::Skip;
use crate::write::store::Store;
use crate::write::visit::{Effect, Visit};

/// Pages of a shape in a row that give nothing.
const BARREN_PAGES: u32 = 100;
/// A shape is tried again after this many milliseconds: sites change.
const FORGIVEN_AFTER: i64 = 30 * 24 * 3_600_000;
/// Shapes that are counted at a time.
const MAX_SHAPES: usize = 10_000;

/// What is known of the shapes of a crawl.
#[derive(Debug, Default)]
pub(super) struct Traps {
    /// Barren pages in a row.
    barren: HashMap<String, u32>,
    closed: HashSet<String>,
}

impl Traps {
    /// The traps that earlier runs found; those that are forgiven by now are forgotten.
    pub(super) fn load(db: &Db, now: i64) -> Result<Self> {
        db.execute("DELETE FROM traps WHERE since < ?1", &values![now - FORGIVEN_AFTER])?;
        let mut traps = Self::default();
        traps.learn(db)?;
        Ok(traps)
    }

    /// Those that were found since, by whatever worker.
    pub(super) fn learn(&mut self, db: &Db) -> Result<()> {
        self.closed = db.query("SELECT shape FROM traps", &[], |row| row.get(0))?.into_iter().collect();
        Ok(())
    }

    /// What was counted is not certain any more.
    pub(super) fn forget(&mut self) {
        self.barren.clear();
    }

    /// Whether a URL belongs to a trap.
    pub(super) fn holds(&self, url: &Url) -> bool {
        !self.closed.is_empty() && self.closed.contains(&shape(url))
    }

    /// Counts a page that was looked at for the first time; whether its shape is a trap from now on.
    fn count(&mut self, shape: &str, gave_something: bool) -> bool {
        if gave_something {
            self.barren.remove(shape);
            return false;
        }
        if self.barren.len() >= MAX_SHAPES {
            self.barren.clear();
        }
        let barren = self.barren.entry(shape.to_owned()).or_default();
        *barren += 1;
        *barren >= BARREN_PAGES && self.closed.insert(shape.to_owned())
    }
}

impl Store {
    /// Takes in what a page came to that was looked at for the first time, and whether it led to new URLs of other
    /// shapes. When its own shape turns out to be a trap, what waits of it is left out, each URL with a line in `rejected`.
    pub(super) fn count_yield(&mut self, visit: &Visit, effect: Effect, leads_on: bool) -> Result<()> {
        let gave_something = match effect {
            Effect::New | Effect::Changed | Effect::Unchanged | Effect::Copy => true,
            // Copies belong to articles.
            Effect::Skipped("canonical_elsewhere" | "duplicate") => true,
            Effect::Listed | Effect::Skipped(_) => leads_on,
            Effect::Failed(_) => return Ok(()),
        };
        let (of, host, at) = (shape(&visit.landed), visit.due.host, visit.at);
        if !self.traps.count(&of, gave_something) {
            return Ok(());
        }
        tracing::warn!(shape = %of, "{BARREN_PAGES} pages in a row gave no article and led nowhere new; pages of this shape are left out as a trap");
        let sql = "INSERT INTO traps (shape, since) VALUES (?1, ?2) ON CONFLICT (shape) DO UPDATE SET since = ?2";
        self.db.execute(sql, &values![&of, at])?;
        let skip = Skip::Trap(of);
        for (id, url, waiting) in self.without_article(host)? {
            if shape(&url) != skip.detail() {
                continue;
            }
            let sql = "UPDATE urls SET standing = ?2, due_at = ?3 WHERE id = ?1";
            self.db.execute(sql, &values![id, Standing::Rejected.code(), NEVER])?;
            if waiting {
                self.reject(&url, skip.reason(), skip.detail(), None, at)?;
                self.pending.visited.push((host, id));
            }
        }
        Ok(())
    }

    /// Pages of a host that gave no article, or were not looked at yet: which are these.
    fn without_article(&self, host: i64) -> Result<Vec<(i64, Url, bool)>> {
        let sql = "SELECT id, url, standing = ?2 FROM urls WHERE host = ?1 AND article IS NULL AND seed = 0 AND kind = 0 AND due_at < ?3";
        let rows = self.db.query(sql, &values![host, Standing::Waiting.code(), NEVER], |row| {
            Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<bool>(2)?))
        })?;
        Ok(rows.into_iter().filter_map(|(id, url, waiting)| Some((id, Url::parse(&url).ok()?, waiting))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_barren_pages_in_a_row_make_a_trap() {
        let mut traps = Traps::default();
        let url = |n: u32| Url::parse(&format!("https://news.example/calendar/{n}")).unwrap();
        for n in 0..BARREN_PAGES - 1 {
            assert!(!traps.count(&shape(&url(n)), false));
        }
        assert!(!traps.count(&shape(&url(0)), true));
        for n in 0..BARREN_PAGES - 1 {
            assert!(!traps.count(&shape(&url(n)), false));
        }
        assert!(!traps.holds(&url(7)));
        assert!(traps.count(&shape(&url(1)), false));
        assert!(traps.holds(&url(7)) && !traps.holds(&Url::parse("https://news.example/story/7").unwrap()));
    }
}
