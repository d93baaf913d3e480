//! The only writing connection: lines, WARC records and state in one commit.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use url::Url;

use crate::error::Result;
use crate::fetch::now_ms;
use crate::frontier::db::{Db, values};
use crate::frontier::identity::url_key;
use crate::frontier::{Hurry, Kind, Part, Schedule};
use crate::write::fault;
use crate::write::held::Held;
use crate::write::lines::LineFile;
use crate::write::lock::Lock;
use crate::write::member::Member;
use crate::write::open::StoreConfig;
use crate::write::outputs::{Marks, needs_reopening};
use crate::write::traps::Traps;
use crate::write::visit::Found;
use crate::write::warc::WarcFile;

/// What a commit made safe.
#[derive(Debug, Default)]
pub struct Committed {
    /// Rows of URLs that were looked at.
    pub visited: Vec<(i64, i64)>,
    /// Rows of hosts that got new URLs to fetch.
    pub hosts: BTreeSet<i64>,
}

/// The writer's end of the state, with the output files.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Db,
    pub(super) schedule: Schedule,
    pub(super) run: i64,
    pub(super) output: LineFile,
    pub(super) rejected: Option<LineFile>,
    pub(super) warc: Option<WarcFile>,
    pub(super) pending: Committed,
    /// Keys of URLs put in lately, with the depth that they have at most.
    pub(super) known: HashMap<i64, u32>,
    pub(super) config: StoreConfig,
    pub(super) traps: Traps,
    /// What the record holds that was written last.
    pub(super) held: Option<Held>,
    pub(super) hosts: HashMap<String, i64>,
    /// What hosts were held under when the traps were learned last.
    pub(super) tokens: HashMap<i64, i64>,
    pub(super) in_transaction: bool,
    /// Whether the state has been asked to commit, and has not answered.
    pub(super) is_committing: bool,
    /// The part in a run that is shared.
    pub(super) member: Option<Member>,
    pub(super) hurry: Arc<Hurry>,
    pub(super) _lock: Lock,
}

impl Store {
    /// This worker's part in the run, where the state is shared.
    pub fn part(&self) -> Option<&Part> {
        self.member.as_ref().map(|member| &member.part)
    }

    /// To be told when the run is to end: then a state that can't be reached is not waited for much longer.
    pub fn hurry(&self) -> Arc<Hurry> {
        Arc::clone(&self.hurry)
    }

    pub(super) fn marks(&self) -> Marks<'_> {
        self.config.marks(&self.db)
    }

    /// Number of the run.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// When the run started: what is due by then is fetched in it.
    pub fn run_start(&self) -> i64 {
        self.schedule.run_start
    }

    /// Where the records of today go.
    pub fn output_path(&self) -> &Path {
        self.output.path()
    }

    /// Makes seeds, sitemaps and feeds due.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn plant(&mut self, starts: &[(Url, Kind)]) -> Result<()> {
        let found: Vec<Found> = starts.iter().map(|(url, kind)| Found::new(url.clone(), *kind, 0)).collect();
        self.transact(|store| {
            let run = store.run;
            // Where workers share a run, each plants what is not planted yet.
            store.db.execute("UPDATE urls SET seed = 0 WHERE seed <> 0 AND seed <> ?1", &values![run])?;
            store.insert_all(&found)?;
            let mut rows: Vec<_> = found.iter().map(|start| values![start.key, start.kind.code(), run]).collect();
            rows.dedup();
            store.db.many("UPDATE urls SET seed = ?3, depth = 0, due_at = 0, kind = ?2 WHERE key = ?1 AND seed <> ?3", &rows)
        })
        .map(drop)
    }

    /// Begins a batch, if none is open: a new day or a rotated file gets its file first.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.in_transaction {
            return Ok(());
        }
        let today = today();
        if needs_reopening(&self.output, &self.config.output, &today) {
            self.output = self.marks().open_lines(&self.config.output, &today, "output")?;
        }
        if let (Some(file), Some(template)) = (&self.rejected, &self.config.rejected)
            && needs_reopening(file, template, &today)
        {
            self.rejected = Some(self.marks().open_lines(template, &today, "rejected")?);
        }
        if let Some(file) = self.warc.as_ref().filter(|file| file.is_over()) {
            let next = self.marks().open_warc(|claim| file.next(claim))?;
            // What is whole needs no memory: nothing of it will have to be cut off.
            self.marks().forget(file.path())?;
            self.warc = Some(next);
        }
        self.db.begin()?;
        self.in_transaction = true;
        Ok(())
    }

    /// Adds records, packed, to the WARC of this run; without one they are dropped.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State), [`Error::Io`](crate::Error::Io).
    pub fn archive(&mut self, records: &[u8]) -> Result<()> {
        self.begin()?;
        if let Some(file) = &mut self.warc {
            file.push(records);
        }
        Ok(())
    }

    /// Bytes of the WARC that wait in memory for the next commit.
    pub fn waiting_bytes(&self) -> usize {
        self.warc.as_ref().map_or(0, WarcFile::pending)
    }

    /// Makes everything since the last commit safe: lines first, then the state that knows of them.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) or [`Error::State`](crate::Error::State); what was not committed is taken back.
    pub fn commit(&mut self) -> Result<Committed> {
        if !self.in_transaction {
            return Ok(Committed::default());
        }
        match self.try_commit() {
            Ok(()) => Ok(std::mem::take(&mut self.pending)),
            Err(error) => {
                self.take_back()?;
                Err(error)
            }
        }
    }

    /// As [`Self::commit`]; after an error nothing is decided.
    pub(super) fn try_commit(&mut self) -> Result<()> {
        let mut marks = Vec::new();
        self.output.flush(&mut marks)?;
        self.rejected.as_mut().map_or(Ok(()), |file| file.flush(&mut marks))?;
        self.warc.as_mut().map_or(Ok(()), |file| file.flush(&mut marks))?;
        self.marks().remember(&marks)?;
        if let Some(member) = &self.member {
            member.number_commit(&self.db)?;
        }
        fault::point("before", "commit");
        self.is_committing = true;
        self.db.run("COMMIT")?;
        fault::point("after", "commit");
        self.settle_files();
        Ok(())
    }

    /// What was written to the files is committed.
    pub(super) fn settle_files(&mut self) {
        (self.in_transaction, self.is_committing) = (false, false);
        if let Some(member) = &mut self.member {
            member.committed();
        }
        self.output.settle();
        self.rejected.iter_mut().for_each(LineFile::settle);
        self.warc.iter_mut().for_each(WarcFile::settle);
    }

    /// What the last visit's record holds, if it wrote one.
    pub fn take_held(&mut self) -> Option<Held> {
        self.held.take()
    }

    /// A line of `rejected`, once a URL and reason.
    pub(super) fn reject(&mut self, url: &Url, reason: &str, detail: &str, status: Option<u16>, at: i64) -> Result<()> {
        let sql = "INSERT INTO rejected (key, reason) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let new = self.db.execute(sql, &values![url_key(url), reason])? == 1;
        if let Some(file) = self.rejected.as_mut().filter(|_| new) {
            let line = json!({ "url": url.as_str(), "reason": reason, "detail": detail, "status": status, "at": rfc3339(at) });
            file.push(&line.to_string());
        }
        Ok(())
    }
}

/// A time as records print it: RFC 3339 in UTC, to the second.
#[must_use]
pub(super) fn rfc3339(at: i64) -> String {
    jiff::Timestamp::from_second(at.div_euclid(1000)).map_or_else(|_| String::new(), |t| t.to_string())
}

pub(super) fn today() -> String {
    rfc3339(now_ms())[..10].to_owned()
}
