//! Near copies among the articles that the state knows: candidates by bands, verified by similarity.

use rustc_hash::FxHashSet;

use crate::article::Article;
use crate::dedup::{Fingerprint, NearDuplicates, Words, instant};
use crate::error::Result;
use crate::frontier::db::{Value, values};
use crate::write::store::Store;

/// Candidates that are compared with one article.
const MAX_CANDIDATES: usize = 200;
/// Articles of one band among them: the earliest.
const MAX_OF_BAND: i64 = 50;

/// An article of the state that may be a copy.
struct Candidate {
    article: i64,
    id: String,
    published: Option<String>,
    print: Fingerprint,
}

impl Store {
    /// The fingerprint of an article, of which the words may be known, where near copies are looked for.
    pub(super) fn fingerprint(&self, article: &Article, words: Option<&Words>) -> Option<Fingerprint> {
        if self.config.dedup.near_duplicates == NearDuplicates::Off {
            return None;
        }
        words.map_or_else(|| Fingerprint::of(&article.body), Fingerprint::of_words)
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
        let bands: Vec<_> = print.bands().iter().map(|band| Value::Int(band.cast_signed())).collect();
        let sql = "SELECT article FROM bands WHERE band = ?1 ORDER BY article LIMIT ?2";
        let (mut seen, mut found) = (FxHashSet::default(), Vec::new());
        self.db.each(sql, &bands, &values![MAX_OF_BAND], |row| {
            let article: i64 = row.get(0)?;
            if Some(article) != own && found.len() < MAX_CANDIDATES && seen.insert(article) {
                found.push(Value::Int(article));
            }
            Ok(())
        })?;
        let sql =
            "SELECT a.id, a.article_id, f.published, f.print FROM fingerprints f JOIN articles a ON a.id = f.article WHERE f.article = ?1";
        let found = self.db.each(sql, &found, &[], |row| {
            let print = Fingerprint::from_bytes(&row.get::<Vec<u8>>(3)?);
            let (article, id, published) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(print.map(|print| Candidate { article, id, published, print }))
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Keeps what later articles are compared with. What a new revision takes the place of is forgotten first.
    pub(super) fn remember(&self, row: i64, article: &Article, print: Option<&Fingerprint>, is_new: bool) -> Result<()> {
        let Some(print) = print else { return Ok(()) };
        let rows = |print: &Fingerprint| {
            let mut bands: Vec<i64> = print.bands().iter().map(|band| band.cast_signed()).collect();
            // In the order of the table, which is also one in which no two workers wait for each other.
            bands.sort_unstable();
            bands.into_iter().map(|band| values![band, row]).collect::<Vec<_>>()
        };
        if !is_new {
            let sql = "SELECT print FROM fingerprints WHERE article = ?1";
            let before = self.db.find(sql, &values![row], |row| Ok(Fingerprint::from_bytes(&row.get::<Vec<u8>>(0)?)))?;
            if let Some(before) = before.flatten() {
                self.db.many("DELETE FROM bands WHERE band = ?1 AND article = ?2", &rows(&before))?;
            }
        }
        let sql = "INSERT INTO fingerprints (article, published, print) VALUES (?1, ?2, ?3)
            ON CONFLICT (article) DO UPDATE SET published = ?2, print = ?3";
        self.db.execute(sql, &values![row, article.published.as_deref(), print.to_bytes().as_slice()])?;
        self.db.many("INSERT INTO bands (band, article) VALUES (?1, ?2) ON CONFLICT DO NOTHING", &rows(print)).map(drop)
    }
}
