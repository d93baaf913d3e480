//! The one place that knows which database the state is in: an embedded file, or a server that many workers share.
//!
//! SQL is written once, in what `SQLite` and PostgreSQL both understand: parameters are `?1`, `?2`, …; flags are integers;
//! `ON CONFLICT`, `RETURNING`, `coalesce` and `CASE` instead of what only one of them has. Questions and changes that come
//! in numbers are given as a list ([`Db::each`], [`Db::many`]): a loop in the file, one round trip to the server.
//! Nothing else names `rusqlite` or `postgres`.

mod postgres;
mod server;
mod sqlite;
mod value;

use std::cell::Cell as Flag;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::frontier::patience::{Hurry, Patience};

pub use server::Server;
pub(crate) use value::values;
pub use value::{Cell, Row, Trouble, Value};

use postgres::Postgres;
use sqlite::Sqlite;

/// Where a state is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file of its own.
    File(PathBuf),
    /// On a server, for all workers that are told of it.
    Server(Box<Server>),
}

impl Place {
    /// As people are told of it.
    #[must_use]
    pub fn shown(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Server(server) => Path::new(server.shown()),
        }
    }

    /// Whether several workers may share it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// How long a server is waited for that is starting, or not there.
const STARTING: Duration = Duration::from_secs(5);

/// What an error means for what was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another worker was quicker: the transaction may be tried again.
    Conflict,
    /// The connection is gone: a new one may be tried.
    Gone,
    /// It would fail again.
    Final,
}

/// What is done with each row of an answer.
type Take<'a> = &'a mut dyn FnMut(&Row<'_>) -> Result<(), Trouble>;

/// A database. `sql` is prepared once a connection.
trait Engine: std::fmt::Debug + Send {
    /// Runs a statement; the rows that it changed.
    fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Trouble>;
    /// Puts in a row; its id. (`RETURNING`, which both know, makes the file's database keep a copy of each page.)
    fn insert(&self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, Trouble>;
    /// Asks a question.
    fn query(&self, sql: &'static str, values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble>;
    /// Asks the same of each key.
    fn each(&self, sql: &'static str, keys: &[Value<'_>], values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble>;
    /// Makes the same change for each row of `width` values.
    fn many(&self, sql: &'static str, width: usize, values: &[Value<'_>]) -> Result<u64, Trouble>;
    /// Runs statements that have no values and give none.
    fn run(&self, sql: &str) -> Result<(), Trouble>;
    /// Begins a transaction that writes.
    fn begin(&self) -> Result<(), Trouble>;
    /// Connects anew, where the connection is broken; whether it was.
    fn revive(&self) -> Result<bool, Trouble> {
        Ok(false)
    }
    /// Lets go of a connection that is of no use any more.
    fn break_off(&self) {}
}

/// A connection to the state.
#[derive(Debug)]
pub struct Db {
    engine: Box<dyn Engine>,
    shown: PathBuf,
    /// Whether a broken connection is made anew by itself: where no statement depends on the one before.
    heals: bool,
    fault: Flag<Fault>,
}

impl Db {
    /// Opens the state for writing; makes it when there is none.
    ///
    /// # Errors
    /// [`Error::State`] when it is damaged, of another version, no state at all, or cannot be written.
    pub fn open(place: &Place) -> Result<Self> {
        match place {
            Place::File(path) => Ok(Self::new(Box::new(Sqlite::open_writing(path)?), place, false)),
            Place::Server(server) => Self::connect(place, false, || Postgres::open(server, true)),
        }
    }

    /// Opens the state for reading, and for statements that stand by themselves.
    ///
    /// # Errors
    /// [`Error::State`] as [`Self::open`], and when there is none.
    pub fn open_reading(place: &Place) -> Result<Self> {
        match place {
            Place::File(path) => Ok(Self::new(Box::new(Sqlite::open_reading(path)?), place, true)),
            Place::Server(server) => Self::connect(place, true, || Postgres::open(server, false)),
        }
    }

    fn new(engine: Box<dyn Engine>, place: &Place, heals: bool) -> Self {
        Self { engine, shown: place.shown().to_owned(), heals, fault: Flag::new(Fault::Final) }
    }

    /// A server may be about to start.
    fn connect(place: &Place, heals: bool, open: impl Fn() -> Result<Postgres, (Fault, Error)>) -> Result<Self> {
        let mut patience = Patience::new(STARTING);
        loop {
            match open() {
                Ok(engine) => return Ok(Self::new(Box::new(engine), place, heals)),
                Err((Fault::Gone, _)) if patience.wait(&Hurry::default()) => {}
                Err((_, error)) => return Err(error),
            }
        }
    }

    /// Runs a statement; the rows that it changed.
    ///
    /// # Errors
    /// [`Error::State`], as of all that follow.
    pub fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64> {
        self.does(|engine| engine.execute(sql, values))
    }

    /// Puts a row into a table that numbers its rows; its number.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn insert(&self, sql: &'static str, values: &[Value<'_>]) -> Result<i64> {
        self.does(|engine| engine.insert(sql, values))
    }

    /// The rows of an answer.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn query<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Trouble>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.does(|engine| engine.query(sql, values, &mut |row| read(row).map(|value| out.push(value))))?;
        Ok(out)
    }

    /// The last row of an answer, which is asked for one at most.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn find<T>(&self, sql: &'static str, values: &[Value<'_>], read: impl FnMut(&Row<'_>) -> Result<T, Trouble>) -> Result<Option<T>> {
        Ok(self.query(sql, values, read)?.pop())
    }

    /// Its first value; `None` where there is no row or the value is null.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn number(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Option<i64>> {
        Ok(self.find(sql, values, |row| row.get::<Option<i64>>(0))?.flatten())
    }

    /// Asks a question with `?1` for each of `keys`, the other values being the same; all answers in one. The rows have to
    /// say which key they belong to.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn each<T>(
        &self,
        sql: &'static str,
        keys: &[Value<'_>],
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Trouble>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        if !keys.is_empty() {
            self.does(|engine| engine.each(sql, keys, values, &mut |row| read(row).map(|value| out.push(value))))?;
        }
        Ok(out)
    }

    /// Makes the same change for each of some rows, which differ in what they change: `INSERT … VALUES (…)`, `UPDATE … WHERE …`
    /// or `DELETE … WHERE …`. The rows that were changed.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn many<const N: usize>(&self, sql: &'static str, rows: &[[Value<'_>; N]]) -> Result<u64> {
        if rows.is_empty() { Ok(0) } else { self.does(|engine| engine.many(sql, N, rows.as_flattened())) }
    }

    /// Runs statements that have no values and give none.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn run(&self, sql: &str) -> Result<()> {
        self.does(|engine| engine.run(sql))
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn begin(&self) -> Result<()> {
        self.does(|engine| engine.begin())
    }

    /// As people are told of it.
    #[must_use]
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// What the last error meant.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault.get()
    }

    /// Connects anew, where the connection is broken.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn revive(&self) -> Result<()> {
        self.told(self.engine.revive().map(drop))
    }

    /// Lets go of the connection; [`Self::revive`] makes another.
    pub fn break_off(&self) {
        self.engine.break_off();
    }

    fn does<T>(&self, mut work: impl FnMut(&dyn Engine) -> Result<T, Trouble>) -> Result<T> {
        if !self.heals {
            return self.told(work(&*self.engine));
        }
        // A connection that has been idle learns only now that it is broken.
        let is_new = self.told(self.engine.revive())?;
        match self.told(work(&*self.engine)) {
            Err(_) if self.fault() == Fault::Gone && !is_new => {
                self.revive()?;
                self.told(work(&*self.engine))
            }
            done => done,
        }
    }

    fn told<T>(&self, done: Result<T, Trouble>) -> Result<T> {
        done.map_err(|trouble| {
            self.fault.set(trouble.fault());
            if trouble.fault() == Fault::Gone {
                self.engine.break_off();
            }
            Error::State { path: self.shown.clone(), message: trouble.message() }
        })
    }
}
