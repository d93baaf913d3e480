//! The only writing connection: lines, WARC records and state in one commit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::json;
use url::Url;

use crate::dedup::DedupConfig;
use crate::error::{Error, Result};
use crate::fetch::terms::Note;
use crate::fetch::{authority, now_ms};
use crate::frontier::identity::url_key;
use crate::frontier::schema::{open_writing, state_error};
use crate::frontier::{Kind, Schedule};
use crate::write::fault;
use crate::write::held::Held;
use crate::write::lines::LineFile;
use crate::write::lock::Lock;
use crate::write::outputs;
use crate::write::traps::Traps;
use crate::write::visit::Found;
use crate::write::warc::{WarcConfig, WarcFile};

/// Where things are and when they are due.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The state's file.
    pub state: PathBuf,
    /// The output, which may hold `{date}`.
    pub output: PathBuf,
    /// The rejected pages, which may hold `{date}`; `None` to write none.
    pub rejected: Option<PathBuf>,
    /// The folder of WARC files and what their heads say; `None` to write none.
    pub warc: Option<WarcConfig>,
    /// `revisit_after`.
    pub revisit_after: std::time::Duration,
    /// `revisit_for`.
    pub revisit_for: std::time::Duration,
    /// What is done about near copies.
    pub dedup: DedupConfig,
}

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
    pub(super) db: Connection,
    pub(super) schedule: Schedule,
    pub(super) run: i64,
    pub(super) output: LineFile,
    pub(super) rejected: Option<LineFile>,
    warc: Option<WarcFile>,
    pub(super) pending: Committed,
    /// Keys of URLs put in lately, with the depth that they have at most.
    pub(super) known: HashMap<i64, u32>,
    pub(super) config: StoreConfig,
    pub(super) traps: Traps,
    /// What the record holds that was written last.
    pub(super) held: Option<Held>,
    hosts: HashMap<String, i64>,
    in_transaction: bool,
    _lock: Lock,
}

impl Store {
    /// Locks and opens the state, cuts torn tails off, opens the output files and begins a run.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::State`], [`Error::Io`].
    pub fn open(config: StoreConfig) -> Result<Self> {
        if let Some(folder) = config.state.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        let lock = Lock::take(&config.state)?;
        let db = open_writing(&config.state)?;
        let fail = |e: rusqlite::Error| state_error(&config.state, &e);
        outputs::repair(&db, &config.state)?;
        let today = today();
        let output = outputs::open_lines(&db, &config.state, &config.output, &today, "output")?;
        let rejected =
            config.rejected.as_ref().map(|path| outputs::open_lines(&db, &config.state, path, &today, "rejected")).transpose()?;
        let last: Option<i64> = db.query_row("SELECT max(started_at) FROM runs", [], |row| row.get(0)).map_err(fail)?;
        // Two runs never share a millisecond, or what the first made due for the next would be late.
        let run_start = now_ms().max(last.unwrap_or(0) + 2);
        let warc = config.warc.as_ref();
        let warc = warc.map(|warc| outputs::open_warc(&db, &config.state, |claim| WarcFile::create(warc, run_start, claim))).transpose()?;
        db.execute("INSERT INTO runs (started_at) VALUES (?1)", [run_start]).map_err(fail)?;
        let run = db.last_insert_rowid();
        let schedule = Schedule { run_start, revisit_after: config.revisit_after, revisit_for: config.revisit_for };
        let traps = Traps::load(&db, run_start).map_err(fail)?;
        let (hosts, pending, known) = (HashMap::new(), Committed::default(), HashMap::new());
        Ok(Self {
            db,
            schedule,
            run,
            output,
            rejected,
            warc,
            pending,
            known,
            traps,
            held: None,
            config,
            hosts,
            in_transaction: false,
            _lock: lock,
        })
    }

    /// When the run started: what is due by then is fetched in it.
    pub fn run_start(&self) -> i64 {
        self.schedule.run_start
    }

    /// Number of articles that the state knows.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn articles(&self) -> Result<u64> {
        let count = self.db.query_row("SELECT count(*) FROM articles", [], |row| row.get::<_, i64>(0));
        count.map(|n| u64::try_from(n).unwrap_or(0)).map_err(|e| self.fail(&e))
    }

    /// Where the records of today go.
    pub fn output_path(&self) -> &Path {
        self.output.path()
    }

    /// Makes seeds, sitemaps and feeds due.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn plant(&mut self, starts: &[(Url, Kind)]) -> Result<()> {
        self.begin()?;
        self.db.execute("UPDATE urls SET seed = 0 WHERE seed = 1", []).map_err(|e| self.fail(&e))?;
        for (url, kind) in starts {
            self.insert(&Found { url: url.clone(), kind: *kind, depth: 0, updated: None })?;
            let sql = "UPDATE urls SET seed = 1, depth = 0, due_at = 0, kind = ?2 WHERE key = ?1";
            self.db.execute(sql, params![url_key(url), kind.code()]).map_err(|e| self.fail(&e))?;
        }
        self.commit().map(drop)
    }

    /// Keeps a note of the fetcher.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn note(&mut self, note: &Note) -> Result<()> {
        self.begin()?;
        match note {
            Note::Leaving { authority, at } => {
                self.update_host(authority, "UPDATE hosts SET last_request = max(ifnull(last_request, 0), ?2) WHERE id = ?1", *at)
            }
            Note::Hold { authority, until } => {
                self.update_host(authority, "UPDATE hosts SET hold_until = max(ifnull(hold_until, 0), ?2) WHERE id = ?1", *until)
            }
            Note::Robots { authority, robots } => {
                let host = self.host_row(authority)?;
                let sql = "UPDATE hosts SET robots = ?2, robots_at = ?3 WHERE id = ?1";
                self.db.execute(sql, params![host, robots.text, robots.fetched_at]).map(drop).map_err(|e| self.fail(&e))
            }
            Note::Sitemaps(urls) => urls
                .iter()
                .try_for_each(|url| self.insert(&Found { url: url.clone(), kind: Kind::Sitemap, depth: 0, updated: None }).map(drop)),
        }
    }

    /// Begins a batch, if none is open: a new day or a rotated file gets its file first.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.in_transaction {
            return Ok(());
        }
        let today = today();
        if outputs::needs_reopening(&self.output, &self.config.output, &today) {
            self.output = outputs::open_lines(&self.db, &self.config.state, &self.config.output, &today, "output")?;
        }
        if let (Some(file), Some(template)) = (&self.rejected, &self.config.rejected)
            && outputs::needs_reopening(file, template, &today)
        {
            self.rejected = Some(outputs::open_lines(&self.db, &self.config.state, template, &today, "rejected")?);
        }
        if let Some(file) = self.warc.as_ref().filter(|file| file.is_over()) {
            let next = outputs::open_warc(&self.db, &self.config.state, |claim| file.next(claim))?;
            // What is whole needs no memory: nothing of it will have to be cut off.
            outputs::forget(&self.db, file.path()).map_err(|e| self.fail(&e))?;
            self.warc = Some(next);
        }
        self.db.execute_batch("BEGIN IMMEDIATE").map_err(|e| self.fail(&e))?;
        self.in_transaction = true;
        Ok(())
    }

    /// Adds records, packed, to the WARC of this run; without one they are dropped.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Io`].
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
    /// [`Error::Io`] or [`Error::State`]; what was not committed is taken back.
    pub fn commit(&mut self) -> Result<Committed> {
        if !self.in_transaction {
            return Ok(Committed::default());
        }
        let result = self.flush_and_commit();
        self.in_transaction = false;
        if result.is_err() {
            self.pending = Committed::default();
            self.output.abandon();
            self.rejected.iter_mut().for_each(LineFile::abandon);
            self.warc.iter_mut().for_each(WarcFile::abandon);
            // The transaction may be gone already; the error that led here is the one to tell.
            let _ = self.db.execute_batch("ROLLBACK");
        }
        result.map(|()| std::mem::take(&mut self.pending))
    }

    fn flush_and_commit(&mut self) -> Result<()> {
        let mark = self.output.flush()?;
        outputs::remember(&self.db, self.output.path(), mark).map_err(|e| self.fail(&e))?;
        if let Some(rejected) = &mut self.rejected {
            let mark = rejected.flush()?;
            outputs::remember(&self.db, rejected.path(), mark).map_err(|e| state_error(&self.config.state, &e))?;
        }
        if let Some(warc) = &mut self.warc {
            let mark = warc.flush()?;
            outputs::remember(&self.db, warc.path(), mark).map_err(|e| state_error(&self.config.state, &e))?;
        }
        fault::point("before", "commit");
        self.db.execute_batch("COMMIT").map_err(|e| self.fail(&e))?;
        fault::point("after", "commit");
        self.output.settle();
        self.rejected.iter_mut().for_each(LineFile::settle);
        self.warc.iter_mut().for_each(WarcFile::settle);
        Ok(())
    }

    /// Notes the run's end.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn end_run(&mut self, summary: &str) -> Result<()> {
        let sql = "UPDATE runs SET ended_at = ?2, summary = ?3 WHERE id = ?1";
        self.db.execute(sql, params![self.run, now_ms(), summary]).map_err(|e| self.fail(&e))?;
        if let Some(file) = &self.warc {
            outputs::forget(&self.db, file.path()).map_err(|e| self.fail(&e))?;
        }
        // A state that is small and in one piece is easy to copy; that it could not be done harms nothing.
        let _ = self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;");
        Ok(())
    }

    /// What the last visit's record holds, if it wrote one.
    pub fn take_held(&mut self) -> Option<Held> {
        self.held.take()
    }

    /// Bytes that the state and the present output files take on disk, by kind; those of ended files count no more.
    #[must_use]
    pub fn disk(&self) -> BTreeMap<String, u64> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let mut out = BTreeMap::from([("state".to_owned(), size(&self.config.state)), ("output".to_owned(), size(self.output_path()))]);
        if let Some(rejected) = &self.rejected {
            out.insert("rejected".to_owned(), size(rejected.path()));
        }
        if let Some(warc) = &self.config.warc {
            let files = std::fs::read_dir(&warc.folder).into_iter().flatten().flatten();
            out.insert("warc".to_owned(), files.map(|file| size(&file.path())).sum());
        }
        out
    }

    pub(super) fn fail(&self, error: &rusqlite::Error) -> Error {
        state_error(&self.config.state, error)
    }

    /// A line of `rejected`, once a URL and reason.
    pub(super) fn reject(&mut self, url: &Url, reason: &str, detail: &str, status: Option<u16>, at: i64) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO rejected (key, reason) VALUES (?1, ?2)";
        let new = self.execute(sql, params![url_key(url), reason])? == 1;
        if let Some(file) = self.rejected.as_mut().filter(|_| new) {
            let line = json!({ "url": url.as_str(), "reason": reason, "detail": detail, "status": status, "at": rfc3339(at) });
            file.push(&line.to_string());
        }
        Ok(())
    }

    pub(super) fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize> {
        let done = self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        done.map_err(|e| self.fail(&e))
    }

    fn update_host(&mut self, authority: &str, sql: &str, value: i64) -> Result<()> {
        let host = self.host_row(authority)?;
        self.execute(sql, params![host, value]).map(drop)
    }

    pub(super) fn host_of(&mut self, url: &Url) -> Result<i64> {
        self.host_row(&authority(url))
    }

    fn host_row(&mut self, authority: &str) -> Result<i64> {
        if let Some(id) = self.hosts.get(authority) {
            return Ok(*id);
        }
        self.execute("INSERT OR IGNORE INTO hosts (authority) VALUES (?1)", [authority])?;
        let id =
            self.db.query_row("SELECT id FROM hosts WHERE authority = ?1", [authority], |row| row.get(0)).map_err(|e| self.fail(&e))?;
        self.hosts.insert(authority.to_owned(), id);
        Ok(id)
    }
}

/// A time as records print it: RFC 3339 in UTC, to the second.
#[must_use]
pub(super) fn rfc3339(at: i64) -> String {
    jiff::Timestamp::from_second(at.div_euclid(1000)).map_or_else(|_| String::new(), |t| t.to_string())
}

fn today() -> String {
    rfc3339(now_ms())[..10].to_owned()
}
