//! Near copies among the articles that the state knows: candidates by bands, verified by similarity.

use rusqlite::params;

use crate::article::Article;
use crate::dedup::{Fingerprint, NearDuplicates, instant};
use crate::error::Result;
use crate::write::store::Store;

/// Candidates that are compared with one article.
const MAX_CANDIDATES: usize = 200;

/// An article of the state that may be a copy.
struct Candidate {
    article: i64,
    id: String,
    published: Option<String>,
    print: Fingerprint,
}

impl Store {
    /// The fingerprint of an article, where near copies are looked for.
    pub(super) fn fingerprint(&self, article: &Article) -> Option<Fingerprint> {
        if self.config.dedup.near_duplicates == NearDuplicates::Off { None } else { Fingerprint::of(&article.body) }
    }

    /// The `id` of the earliest article of which this one is a near copy: the earliest published, else the first
    /// seen. `None` when there is none, or when this one is the earliest itself.
    pub(super) fn near_copy_of(&self, print: &Fingerprint, article: &Article, own: Option<i64>) -> Result<Option<String>> {
        let mut earliest: Option<Candidate> = None;
        for candidate in self.candidates(print, own)? {
            if !print.is_copy(&candidate.print, self.config.dedup.similarity) {
                continue;
            }
            let earlier = |old: &Candidate| match (instant(old.published.as_deref()), instant(candidate.published.as_deref())) {
                (Some(old), Some(new)) if old != new => new < old,
                _ => candidate.article < old.article,
            };
            if earliest.as_ref().is_none_or(earlier) {
                earliest = Some(candidate);
            }
        }
        let Some(earliest) = earliest else { return Ok(None) };
        let before = match (instant(article.published.as_deref()), instant(earliest.published.as_deref())) {
            (Some(this), Some(other)) if this != other => this < other,
            // Without dates the one that was seen first is the earlier; a known article compares by its row.
            _ => own.is_some_and(|own| own < earliest.article),
        };
        Ok((!before).then_some(earliest.id))
    }

    fn candidates(&self, print: &Fingerprint, own: Option<i64>) -> Result<Vec<Candidate>> {
        let mut found: Vec<i64> = Vec::new();
        let mut statement = self.db.prepare_cached("SELECT article FROM bands WHERE band = ?1 LIMIT 50").map_err(|e| self.fail(&e))?;
        for band in print.bands() {
            let rows = statement.query_map([band.cast_signed()], |row| row.get::<_, i64>(0)).map_err(|e| self.fail(&e))?;
            for row in rows {
                let article = row.map_err(|e| self.fail(&e))?;
                if Some(article) != own && !found.contains(&article) && found.len() < MAX_CANDIDATES {
                    found.push(article);
                }
            }
        }
        let sql = "SELECT a.article_id, f.published, f.print FROM fingerprints f JOIN articles a ON a.id = f.article WHERE f.article = ?1";
        let mut statement = self.db.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        let mut out = Vec::with_capacity(found.len());
        for article in found {
            let read =
                |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Vec<u8>>(2)?));
            let (id, published, bytes) = statement.query_row([article], read).map_err(|e| self.fail(&e))?;
            out.extend(Fingerprint::from_bytes(&bytes).map(|print| Candidate { article, id, published, print }));
        }
        Ok(out)
    }

    /// Keeps what later articles are compared with; a new revision takes the place of the old one.
    pub(super) fn remember(&self, row: i64, article: &Article, print: Option<&Fingerprint>) -> Result<()> {
        let Some(print) = print else { return Ok(()) };
        self.execute("DELETE FROM bands WHERE article = ?1", [row])?;
        self.execute(
            "INSERT OR REPLACE INTO fingerprints (article, published, print) VALUES (?1, ?2, ?3)",
            params![row, article.published, print.to_bytes()],
        )?;
        for band in print.bands() {
            self.execute("INSERT OR IGNORE INTO bands (band, article) VALUES (?1, ?2)", params![band.cast_signed(), row])?;
        }
        Ok(())
    }
}
