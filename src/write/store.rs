//! The only writing connection: lines, WARC records and state in one commit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::dedup::DedupConfig;
use crate::error::{Error, Result};
use crate::fetch::terms::Note;
use crate::fetch::{authority, now_ms};
use crate::frontier::db::{Db, Fault, Place, Value, values};
use crate::frontier::identity::url_key;
use crate::frontier::{Hurry, Kind, Part, Patience, Schedule};
use crate::write::fault;
use crate::write::held::Held;
use crate::write::lines::LineFile;
use crate::write::lock::Lock;
use crate::write::member::Member;
use crate::write::outputs::{Marks, needs_reopening};
use crate::write::traps::Traps;
use crate::write::visit::Found;
use crate::write::warc::{WarcConfig, WarcFile};

/// Where things are and when they are due.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Where the state is.
    pub state: Place,
    /// The output, which may hold `{date}`.
    pub output: PathBuf,
    /// The rejected pages, which may hold `{date}`; `None` to write none.
    pub rejected: Option<PathBuf>,
    /// The folder of WARC files and what their heads say; `None` to write none.
    pub warc: Option<WarcConfig>,
    /// `revisit_after`.
    pub revisit_after: Duration,
    /// `revisit_for`.
    pub revisit_for: Duration,
    /// What is done about near copies.
    pub dedup: DedupConfig,
    /// The worker's name, where the state is shared.
    pub worker: String,
    /// How long a lease of a host is, where the state is shared.
    pub lease: Duration,
}

impl StoreConfig {
    /// Records, in a state of their own; everything else by default.
    #[must_use]
    pub fn new(state: Place, output: PathBuf) -> Self {
        Self {
            state,
            output,
            rejected: None,
            warc: None,
            revisit_after: Duration::ZERO,
            revisit_for: Duration::ZERO,
            dedup: DedupConfig::default(),
            worker: String::new(),
            lease: Duration::from_mins(1),
        }
    }
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
    _lock: Lock,
}

/// How long a server is waited for that goes away while the run begins.
const STARTING: Duration = Duration::from_secs(10);

/// A run as it begins.
struct Begun {
    member: Option<Member>,
    run: i64,
    run_start: i64,
    output: LineFile,
    rejected: Option<LineFile>,
    warc: Option<WarcFile>,
    traps: Traps,
}

impl Begun {
    fn on(db: &Db, config: &StoreConfig, hurry: &Hurry) -> Result<Self> {
        let member = match &config.state {
            Place::File(_) => None,
            Place::Server(_) => Some(Member::join(db, &config.worker, config.lease, hurry)?),
        };
        let marks = Marks { db, worker: if member.is_some() { &config.worker } else { "" } };
        marks.repair()?;
        let today = today();
        let output = marks.open_lines(&config.output, &today, "output")?;
        let rejected = config.rejected.as_ref().map(|path| marks.open_lines(path, &today, "rejected")).transpose()?;
        let run_start = match &member {
            Some(member) => member.part.by,
            // Two runs never share a millisecond, or what the first made due for the next would be late.
            None => now_ms().max(db.number("SELECT max(started_at) FROM runs", &[])?.unwrap_or(0) + 2),
        };
        let warc = config.warc.as_ref();
        let warc = warc.map(|warc| marks.open_warc(|claim| WarcFile::create(warc, run_start, marks.worker, claim))).transpose()?;
        let run = match &member {
            Some(member) => member.part.run,
            None => db.insert("INSERT INTO runs (started_at) VALUES (?1)", &values![run_start])?,
        };
        let traps = Traps::load(db, run_start)?;
        Ok(Self { member, run, run_start, output, rejected, warc, traps })
    }
}

impl Store {
    /// Locks and opens the state, cuts torn tails off, opens the output files and begins a run.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::State`], [`Error::Io`].
    pub fn open(config: StoreConfig) -> Result<Self> {
        // One run a state; and, where many share it, one worker an output.
        let locked = match &config.state {
            Place::File(path) => path,
            Place::Server(_) => &config.output,
        };
        if let Some(folder) = locked.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        let lock = Lock::take(locked, config.state.shown())?;
        let db = Db::open(&config.state)?;
        let hurry: Arc<Hurry> = Arc::default();
        let mut patience = Patience::new(STARTING);
        let begun = loop {
            match Begun::on(&db, &config, &hurry) {
                Err(Error::State { .. }) if db.fault() != Fault::Final && patience.wait(&hurry) => {
                    db.break_off();
                    // Else the next attempt tells why not.
                    let _ = db.revive();
                }
                begun => break begun?,
            }
        };
        let Begun { member, run, run_start, output, rejected, warc, traps } = begun;
        Ok(Self {
            db,
            schedule: Schedule { run_start, revisit_after: config.revisit_after, revisit_for: config.revisit_for },
            run,
            output,
            rejected,
            warc,
            pending: Committed::default(),
            known: HashMap::new(),
            traps,
            held: None,
            config,
            hosts: HashMap::new(),
            tokens: HashMap::new(),
            in_transaction: false,
            is_committing: false,
            member,
            hurry,
            _lock: lock,
        })
    }

    /// This worker's part in the run, where the state is shared.
    pub fn part(&self) -> Option<&Part> {
        self.member.as_ref().map(|member| &member.part)
    }

    /// To be told when the run is to end: then a state that can't be reached is not waited for much longer.
    pub fn hurry(&self) -> Arc<Hurry> {
        Arc::clone(&self.hurry)
    }

    fn marks(&self) -> Marks<'_> {
        Marks { db: &self.db, worker: if self.member.is_some() { &self.config.worker } else { "" } }
    }

    /// Number of the run.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// When the run started: what is due by then is fetched in it.
    pub fn run_start(&self) -> i64 {
        self.schedule.run_start
    }

    /// Number of articles that the state knows.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn articles(&mut self) -> Result<u64> {
        let (count, _) = self.transact(|store| store.db.number("SELECT count(*) FROM articles", &[]))?;
        Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Whether the state knew no article before the run.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn is_first_run(&mut self) -> Result<bool> {
        let (first, _) = self.transact(|store| store.db.number("SELECT first_seen FROM articles ORDER BY id LIMIT 1", &[]))?;
        Ok(first.is_none_or(|at| at >= self.run_start()))
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
        let found: Vec<Found> = starts.iter().map(|(url, kind)| Found { url: url.clone(), kind: *kind, depth: 0, updated: None }).collect();
        self.transact(|store| {
            let run = store.run;
            // Where workers share a run, each plants what is not planted yet.
            store.db.execute("UPDATE urls SET seed = 0 WHERE seed <> 0 AND seed <> ?1", &values![run])?;
            store.insert_all(&found)?;
            let mut rows: Vec<_> = starts.iter().map(|(url, kind)| values![url_key(url), kind.code(), run]).collect();
            rows.dedup();
            store.db.many("UPDATE urls SET seed = ?3, depth = 0, due_at = 0, kind = ?2 WHERE key = ?1 AND seed <> ?3", &rows)
        })
        .map(drop)
    }

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
                let found: Vec<Found> =
                    urls.iter().map(|url| Found { url: url.clone(), kind: Kind::Sitemap, depth: 0, updated: None }).collect();
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

    /// Notes the run's end, with its summary: it is made of what other workers of the run have told of theirs, if there are any.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn end_run(&mut self, mut summary: impl FnMut(Option<String>) -> Result<String>) -> Result<()> {
        self.transact(|store| {
            let sql = "UPDATE runs SET ended_at = ?2 WHERE id = ?1 RETURNING summary";
            let told = store.db.find(sql, &values![store.run, now_ms()], |row| row.get::<Option<String>>(0))?;
            let summary = summary(told.flatten())?;
            store.db.execute("UPDATE runs SET summary = ?2 WHERE id = ?1", &values![store.run, &summary])?;
            if let Some(file) = &store.warc {
                store.marks().forget(file.path())?;
            }
            store.member.as_ref().map_or(Ok(()), |member| member.leave(&store.db))
        })?;
        if self.member.is_none() {
            // A state that is small and in one piece is easy to copy; that it could not be done harms nothing.
            let _ = self.db.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;");
        }
        Ok(())
    }

    /// Leaves a run that came to nothing: others may have what this worker holds. It would be theirs a while later anyhow.
    pub fn leave(&mut self) {
        if let Err(error) = self.take_back().and_then(|()| self.member.as_ref().map_or(Ok(()), |member| member.leave(&self.db))) {
            tracing::debug!(%error, "the worker's hosts are free when their leases end");
        }
    }

    /// Starting points that all workers of the run have read; `None` where there is only one.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn seeds_read(&mut self) -> Result<Option<u64>> {
        let (sum, _) = self.transact(|store| store.member.as_ref().map(|member| member.all_seeds_read(&store.db)).transpose())?;
        Ok(sum)
    }

    /// What the last visit's record holds, if it wrote one.
    pub fn take_held(&mut self) -> Option<Held> {
        self.held.take()
    }

    /// Bytes that the state and the present output files take on disk, by kind; those of ended files count no more.
    #[must_use]
    pub fn disk(&self) -> BTreeMap<String, u64> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let sql = "SELECT CAST(sum(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'";
        let state = match &self.config.state {
            Place::File(path) => size(path),
            // That it can't be told harms nothing.
            Place::Server(_) => self.db.number(sql, &[]).ok().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        };
        let mut out = BTreeMap::from([("state".to_owned(), state), ("output".to_owned(), size(self.output_path()))]);
        if let Some(rejected) = &self.rejected {
            out.insert("rejected".to_owned(), size(rejected.path()));
        }
        if let Some(warc) = &self.config.warc {
            let files = std::fs::read_dir(&warc.folder).into_iter().flatten().flatten();
            out.insert("warc".to_owned(), files.map(|file| size(&file.path())).sum());
        }
        out
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

/// A time as records print it: RFC 3339 in UTC, to the second.
#[must_use]
pub(super) fn rfc3339(at: i64) -> String {
    jiff::Timestamp::from_second(at.div_euclid(1000)).map_or_else(|_| String::new(), |t| t.to_string())
}

fn today() -> String {
    rfc3339(now_ms())[..10].to_owned()
}
