//! A visit → the state's tables and the lines of the output.

use url::Url;

use crate::article::{Article, RecordId};
use crate::dedup::{Fingerprint, NearDuplicates};
use crate::error::{Error, Result};
use crate::frontier::Kind;
use crate::frontier::db::values;
use crate::frontier::identity::url_key;
use crate::frontier::schema::{NEVER, Standing};
use crate::skip::Skip;
use crate::write::held::Held;
use crate::write::store::{Store, rfc3339};
use crate::write::urls::{Row, lost};
use crate::write::visit::{Effect, Found, Outcome, Visit};

/// Links from which a page that is no article counts as a list.
const LIST_LINKS: usize = 3;

/// What the state knows of an article.
struct Known {
    row: i64,
    /// Of the page's text as it was read last.
    content_hash: String,
    /// Of the record as it was written last, without boilerplate.
    written_hash: String,
    revision: u32,
    run: i64,
}

/// How a URL stands after a visit.
struct Settled {
    standing: i64,
    due_at: i64,
    copy_of: Option<i64>,
    fails: i64,
    /// The article that it gave; `None` leaves what is known.
    article: Option<i64>,
    /// What becomes of pages that name this one as canonical.
    copies: Copies,
}

/// What becomes of the copies of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copies {
    /// They only lead here.
    Lead,
    /// There is no article here: one of them is taken for it.
    Adopt,
    /// This page is itself a copy: they lead on.
    LeadOn,
}

impl Store {
    /// Takes in a visit: the article's line, the line of `rejected`, the WARC records, the URL's standing and what was found.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Io`].
    pub fn visit(&mut self, visit: &Visit) -> Result<Effect> {
        self.archive(&visit.archive)?;
        self.pending.visited.push((visit.due.host, visit.due.id));
        let leads_on = self.insert_found(visit)?;
        let asked = self.row(url_key(&visit.due.url))?.ok_or_else(|| lost(&visit.due.url))?;
        if matches!(visit.outcome, Outcome::Moved) {
            return self.hand_over(visit, asked);
        }
        let row = self.landed_row(visit, asked)?;
        if row.id != asked.id {
            let host = self.host_of(&visit.landed)?;
            self.pending.visited.push((host, row.id));
        }
        let (effect, mut settled) = match &visit.outcome {
            Outcome::Article(article) => self.take_article(article, visit, row)?,
            Outcome::NotModified => (self.not_modified(visit, row)?, self.as_before(visit, row)),
            Outcome::List | Outcome::Moved => (Effect::Listed, self.list(row)),
            Outcome::Copy { of, article } => self.take_copy(visit, row, of, article)?,
            Outcome::Skipped(skip) => self.take_skip(visit, row, skip)?,
            Outcome::Failed(error) => self.take_failure(visit, row, error)?,
        };
        if row.article.is_none() && !visit.due.seed && matches!(effect, Effect::Skipped(_)) && self.traps.holds(&visit.landed) {
            settled.due_at = NEVER;
        }
        self.settle(visit, row, &settled)?;
        if row.standing == Standing::Waiting.code() && visit.due.kind == Kind::Page && !visit.due.seed && visit.status.is_some() {
            self.count_yield(visit, effect, leads_on)?;
        }
        let copies = if row.article.is_some() && settled.copies == Copies::Adopt { Copies::Lead } else { settled.copies };
        self.settle_copies(row.key, copies, visit.at)?;
        if asked.id != row.id {
            self.settle_copies(asked.key, copies, visit.at)?;
        }
        Ok(effect)
    }

    fn settle(&self, visit: &Visit, row: Row, settled: &Settled) -> Result<()> {
        let sql = "UPDATE urls SET standing = ?2, due_at = ?3, copy_of = ?4, fails = ?5, fetched_at = ?6,
            etag = CASE WHEN ?10 = 1 THEN ?7 ELSE etag END, last_modified = CASE WHEN ?10 = 1 THEN ?8 ELSE last_modified END,
            cut = CASE WHEN ?10 = 1 THEN ?9 ELSE cut END, adopt = CASE WHEN CAST(?2 AS BIGINT) = 1 THEN adopt ELSE 0 END,
            article = coalesce(?11, article) WHERE id = ?1";
        let values = values![
            row.id,
            settled.standing,
            settled.due_at,
            settled.copy_of,
            settled.fails,
            visit.at,
            visit.etag.as_deref(),
            visit.last_modified.as_deref(),
            visit.cut,
            // A full answer replaces what was known of the one before; 304 and failures leave it.
            matches!(visit.status, Some(200..=299)),
            settled.article,
        ];
        self.db.execute(sql, &values).map(drop)
    }

    fn revisit(&self, visit: &Visit, row: Row, standing: Standing) -> Settled {
        Settled {
            standing: standing.code(),
            due_at: self.schedule.revisit(visit.at, row.first_seen),
            copy_of: None,
            fails: 0,
            article: None,
            copies: Copies::Lead,
        }
    }

    /// Lists are looked at in every run; a sitemap whose index dates it waits for the date.
    fn list(&self, row: Row) -> Settled {
        let dated = row.kind == Kind::Sitemap.code() && row.lastmod.is_some() && !row.seed;
        Settled {
            standing: Standing::List.code(),
            due_at: if dated { NEVER } else { self.schedule.next_run() },
            copy_of: None,
            fails: 0,
            article: None,
            copies: Copies::Lead,
        }
    }

    fn as_before(&self, visit: &Visit, row: Row) -> Settled {
        if row.standing == Standing::List.code() {
            return self.list(row);
        }
        let standing = if row.article.is_some() { Standing::Article } else { Standing::Rejected };
        Settled { copy_of: row.copy_of, ..self.revisit(visit, row, standing) }
    }

    fn not_modified(&self, visit: &Visit, row: Row) -> Result<Effect> {
        let Some(article) = row.article else { return Ok(Effect::Listed) };
        self.db.execute("UPDATE articles SET last_seen = ?2, gone_at = NULL WHERE id = ?1", &values![article, visit.at])?;
        Ok(Effect::Unchanged)
    }

    fn take_article(&mut self, article: &Article, visit: &Visit, row: Row) -> Result<(Effect, Settled)> {
        let id = article.id.to_string();
        // The page's text is compared with what it was, and that is before boilerplate leaves it: that more is known of the
        // site by now makes no new revision.
        let hash = &article.content_hash;
        let known = self.known_article(&id)?;
        let own = known.as_ref().map(|known| known.row);
        let changed = known.as_ref().is_none_or(|known| known.run != self.run && known.content_hash != *hash);
        let mut article = article.clone();
        let looked_at = if changed { self.without_boilerplate(&mut article, own, visit.at)? } else { None };
        let (sample, words) = looked_at.unzip();
        // A page that changed only in what its site prints with every article has nothing new to write.
        let written = changed && known.as_ref().is_none_or(|known| known.written_hash != article.content_hash);
        let print = if written { self.fingerprint(&article, words.flatten().as_ref()) } else { None };
        let copied = match &print {
            Some(print) => self.near_copy_of(print, &article, own)?,
            None => None,
        };
        if let (Some(of), None, NearDuplicates::Drop) = (&copied, &known, self.config.dedup.near_duplicates) {
            let skip = Skip::Duplicate(of.clone());
            self.reject(&visit.due.url, skip.reason(), skip.detail(), visit.status, visit.at)?;
            return Ok((Effect::Skipped(skip.reason()), self.revisit(visit, row, Standing::Rejected)));
        }
        article.duplicate_of = copied.map(RecordId::Text);
        let (article_row, effect) = match known {
            None => {
                let sql = "INSERT INTO articles (article_id, content_hash, written_hash, revision, run, first_seen, last_seen)
                    VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5)";
                let row = self.db.insert(sql, &values![&id, hash, &article.content_hash, self.run, visit.at])?;
                article.revision = 1;
                (row, Effect::New)
            }
            // Another URL of it was read in this run already: one article gives one line.
            Some(known) if known.run == self.run => (known.row, Effect::Copy),
            Some(known) if !written => {
                let sql = "UPDATE articles SET content_hash = ?2, last_seen = ?3, run = ?4, gone_at = NULL WHERE id = ?1";
                self.db.execute(sql, &values![known.row, hash, visit.at, self.run])?;
                (known.row, Effect::Unchanged)
            }
            Some(known) => {
                article.revision = known.revision + 1;
                let sql =
                    "UPDATE articles SET content_hash = ?2, written_hash = ?3, revision = ?4, run = ?5, last_seen = ?6, gone_at = NULL
                    WHERE id = ?1";
                self.db.execute(sql, &values![known.row, hash, &article.content_hash, article.revision, self.run, visit.at])?;
                (known.row, Effect::Changed)
            }
        };
        if matches!(effect, Effect::New | Effect::Changed) {
            article.fetched_at = Some(rfc3339(visit.at));
            let line = serde_json::to_string(&article).map_err(|e| Error::BadInput(format!("{}: {e}", visit.landed)))?;
            self.output.push(&line);
            self.held = Some(Held::of(&article, print.as_ref().map(Fingerprint::word_count)));
            self.remember(article_row, &article, print.as_ref(), effect == Effect::New)?;
            if let Some(sample) = sample {
                self.keep_sample(article_row, &sample, visit.at, effect == Effect::New)?;
            }
        }
        // A page that stands in for its canonical one stays known as its copy.
        let settled = self.revisit(visit, row, Standing::Article);
        Ok((effect, Settled { copy_of: row.copy_of, article: Some(article_row), ..settled }))
    }

    fn known_article(&self, id: &str) -> Result<Option<Known>> {
        let sql = "SELECT id, content_hash, written_hash, revision, run FROM articles WHERE article_id = ?1";
        self.db.find(sql, &values![id], |row| {
            Ok(Known { row: row.get(0)?, content_hash: row.get(1)?, written_hash: row.get(2)?, revision: row.get(3)?, run: row.get(4)? })
        })
    }

    /// A copy leads to its canonical page. Where that one is known to give no article, or leads back
    /// here, the copy is taken instead.
    fn take_copy(&mut self, visit: &Visit, row: Row, of: &Url, article: &Article) -> Result<(Effect, Settled)> {
        let canonical = Found::new(of.clone(), Kind::Page, visit.due.depth);
        self.insert(&canonical)?;
        let canonical = self.row(canonical.key)?.ok_or_else(|| lost(of))?;
        let dead = Standing::is_dead_end(canonical.standing) || canonical.copy_of == Some(row.key);
        if dead && !self.has_stand_in(canonical.key, row.id)? {
            self.db.execute("UPDATE urls SET adopt = 1 WHERE id = ?1", &values![row.id])?;
            return self.take_article(article, visit, Row { copy_of: Some(canonical.key), ..row });
        }
        let skip = Skip::CanonicalElsewhere(of.to_string());
        // While the canonical page is still to come, this may be the one that is taken in its place.
        let settled = canonical.standing != Standing::Waiting.code();
        if settled {
            self.reject(&visit.due.url, skip.reason(), skip.detail(), visit.status, visit.at)?;
        }
        let (standing, copy_of) = (Standing::Copy.code(), Some(canonical.key));
        let sql = "UPDATE urls SET copy_of = ?2 WHERE copy_of = ?1 AND standing = ?3";
        self.db.execute(sql, &values![row.key, canonical.key, standing])?;
        if settled {
            self.settle_copies(canonical.key, Copies::Lead, visit.at)?;
        }
        let settled = Settled { standing, due_at: NEVER, copy_of, fails: 0, article: None, copies: Copies::LeadOn };
        Ok((Effect::Skipped(skip.reason()), settled))
    }

    fn take_skip(&mut self, visit: &Visit, row: Row, skip: &Skip) -> Result<(Effect, Settled)> {
        if matches!(skip, Skip::SoftNotFound(_)) {
            self.note_gone(visit, row)?;
        }
        self.reject(&visit.due.url, skip.reason(), skip.detail(), visit.status, visit.at)?;
        let every_run = |standing: Standing| Settled {
            standing: standing.code(),
            due_at: self.schedule.next_run(),
            copy_of: None,
            fails: 0,
            article: None,
            copies: Copies::Lead,
        };
        let mut settled = match skip {
            Skip::IndexPage => every_run(Standing::List),
            // A section page without a story's shape: new links may stand there tomorrow.
            Skip::NotArticle(_) if visit.found.len() >= LIST_LINKS => every_run(Standing::List),
            // Nothing was asked of the site: it costs nothing to look again.
            Skip::RobotsUnreachable(_) => every_run(Standing::Failed),
            Skip::Robots(_) | Skip::OutOfScope(_) if visit.status.is_none() => every_run(Standing::Rejected),
            _ => self.revisit(visit, row, Standing::Rejected),
        };
        if !matches!(skip, Skip::NoIndex | Skip::RobotsUnreachable(_) | Skip::IndexPage) {
            settled.copies = Copies::Adopt;
        }
        Ok((Effect::Skipped(skip.reason()), settled))
    }

    fn take_failure(&mut self, visit: &Visit, row: Row, error: &Error) -> Result<(Effect, Settled)> {
        self.reject(&visit.due.url, error.kind(), &error.to_string(), visit.status, visit.at)?;
        let passing = matches!(error, Error::Fetch { retry: true, .. });
        let settled = if passing {
            let fails = row.fails + 1;
            let first = row.standing == Standing::Waiting.code();
            let standing = if first { Standing::Failed.code() } else { row.standing };
            Settled {
                standing,
                due_at: self.schedule.retry(visit.at, row.first_seen, fails),
                copy_of: row.copy_of,
                fails,
                article: None,
                copies: Copies::Lead,
            }
        } else {
            let gone = matches!(visit.status, Some(404 | 410));
            if gone {
                self.note_gone(visit, row)?;
            }
            let settled = self.revisit(visit, row, if gone { Standing::Gone } else { Standing::Rejected });
            Settled { copies: Copies::Adopt, ..settled }
        };
        Ok((Effect::Failed(error.kind()), settled))
    }

    /// An article that is there no more keeps its lines; the state notes when that was seen.
    fn note_gone(&self, visit: &Visit, row: Row) -> Result<()> {
        let sql = "UPDATE articles SET gone_at = coalesce(gone_at, ?2) WHERE id = ?1";
        self.db.execute(sql, &values![row.article, visit.at]).map(drop)
    }

    /// Whether another copy is taken for a canonical page already.
    fn has_stand_in(&self, canonical: i64, id: i64) -> Result<bool> {
        let sql = "SELECT id FROM urls WHERE copy_of = ?1 AND adopt = 1 AND id <> ?2 LIMIT 1";
        Ok(self.db.number(sql, &values![canonical, id])?.is_some())
    }

    /// Tells of the copies of a page that is settled now; where it gave no article, the first is taken for it.
    fn settle_copies(&mut self, key: i64, copies: Copies, at: i64) -> Result<()> {
        if copies == Copies::LeadOn {
            return Ok(());
        }
        let sql = "SELECT c.id, c.host, c.url, coalesce(u.url, '') FROM urls c LEFT JOIN urls u ON u.key = c.copy_of
            WHERE c.copy_of = ?1 AND c.standing = ?2 AND c.adopt = 0 ORDER BY c.id";
        let found = self.db.query(sql, &values![key, Standing::Copy.code()], |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?, row.get::<String>(3)?))
        })?;
        let mut adopting = copies == Copies::Adopt && !self.has_stand_in(key, 0)?;
        for (id, host, url, canonical) in found {
            if std::mem::take(&mut adopting) {
                self.adopt(id)?;
                self.pending.hosts.insert(host);
            } else if let Ok(url) = Url::parse(&url) {
                let skip = Skip::CanonicalElsewhere(canonical);
                self.reject(&url, skip.reason(), skip.detail(), Some(200), at)?;
            }
        }
        Ok(())
    }

    fn adopt(&self, id: i64) -> Result<()> {
        let sql = "UPDATE urls SET adopt = 1, due_at = 1, etag = NULL, last_modified = NULL WHERE id = ?1";
        self.db.execute(sql, &values![id]).map(drop)
    }
}
