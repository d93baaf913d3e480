//! A run begins: the state is opened, torn tails are cut off, the files are opened.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::dedup::DedupConfig;
use crate::error::{Error, Result};
use crate::fetch::now_ms;
use crate::frontier::db::{Db, Fault, Place, values};
use crate::frontier::{Hurry, Patience, Schedule};
use crate::write::lines::LineFile;
use crate::write::lock::Lock;
use crate::write::member::Member;
use crate::write::outputs::Marks;
use crate::write::store::{Committed, Store, today};
use crate::write::traps::Traps;
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

    /// The files of this worker, as the state knows them.
    pub(super) fn marks<'a>(&'a self, db: &'a Db) -> Marks<'a> {
        Marks { db, worker: if self.state.is_shared() { &self.worker } else { "" } }
    }
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
        let marks = config.marks(db);
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
}
