//! A worker's part in a run that it shares with others.
//!
//! All workers that are at work at the same time share one run: the first makes it, the others join it. A worker's name is
//! taken by a lock of its connection, which the server lets go of when the connection ends, however that comes about. Each
//! commit writes its number, so that a commit whose answer was lost can be told from one that never was.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::fetch::now_ms;
use crate::frontier::db::{Db, values};
use crate::frontier::lease::now;
use crate::frontier::{Hurry, Part, Patience};
use crate::units::millis;

/// How long the lock of a worker that has just ended is waited for.
const HANDOVER: Duration = Duration::from_secs(5);

/// What the state and this worker agree on.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) part: Part,
    /// Commits of this worker.
    commits: i64,
    /// Starting points that were read since the last of them.
    pub(super) seeds_read: i64,
}

impl Member {
    /// Joins the run that is under way, or begins one.
    pub(super) fn join(db: &Db, worker: &str, lease: Duration, hurry: &Hurry) -> Result<Self> {
        let mut patience = Patience::new(HANDOVER);
        while !lock(db, worker)? {
            if !patience.wait(hurry) {
                return Err(taken(db, worker));
            }
        }
        db.begin()?;
        db.run("SELECT pg_advisory_xact_lock(1668315492, hashtext(current_schema()))")?;
        let before = now_ms();
        let server = db.number(concat!("SELECT ", now!()), &[])?.unwrap_or(before);
        let ahead = server - before.midpoint(now_ms());
        let sql = concat!(
            "SELECT r.id, r.started_at FROM workers w JOIN runs r ON r.id = w.run WHERE w.id <> ?1 AND r.over_at IS NULL AND w.seen_until > ",
            now!(),
            " ORDER BY r.id DESC LIMIT 1"
        );
        let read = |row: &crate::frontier::db::Row<'_>| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
        let mut found = db.find(sql, &values![worker], read)?;
        if found.is_none() {
            // Two runs never share a millisecond, or what the first made due for the next would be late.
            let sql = concat!(
                "INSERT INTO runs (started_at) SELECT greatest(coalesce(max(started_at) + 2, 0), ",
                now!(),
                ") FROM runs RETURNING id, started_at"
            );
            found = db.find(sql, &[], read)?;
        }
        let (run, by) = found.ok_or_else(|| taken(db, worker))?;
        let sql = concat!(
            "INSERT INTO workers (id, run, seen_until) VALUES (?1, ?2, ?3 + ",
            now!(),
            ") ON CONFLICT (id) DO UPDATE SET run = excluded.run, seen_until = excluded.seen_until"
        );
        db.execute(sql, &values![worker, run, millis(lease)])?;
        let sql = "INSERT INTO commits (worker, number, run, seeds_read) VALUES (?1, 0, ?2, 0) ON CONFLICT (worker)
            DO UPDATE SET run = ?2, seeds_read = CASE WHEN commits.run = ?2 THEN commits.seeds_read ELSE 0 END RETURNING number";
        let commits = db.number(sql, &values![worker, run])?.unwrap_or(0);
        // What it held when it was ended, nobody works on.
        db.execute("UPDATE hosts SET worker = NULL, lease_until = 0 WHERE worker = ?1", &values![worker])?;
        db.run("COMMIT")?;
        let part = Part { worker: worker.to_owned(), lease, run, by, ahead };
        Ok(Self { part, commits, seeds_read: 0 })
    }

    /// Numbers the commit that is being made.
    pub(super) fn number_commit(&self, db: &Db) -> Result<()> {
        let sql = "UPDATE commits SET number = ?2, seeds_read = seeds_read + ?3 WHERE worker = ?1";
        db.execute(sql, &values![&self.part.worker, self.commits + 1, self.seeds_read]).map(drop)
    }

    /// The commit is made.
    pub(super) fn committed(&mut self) {
        self.commits += 1;
        self.seeds_read = 0;
    }

    /// Connects anew; whether the commit that was under way when the connection broke was made. `None` while the server has
    /// not let go of the old connection.
    pub(super) fn reattach(&self, db: &Db) -> Result<Option<bool>> {
        db.revive()?;
        if !lock(db, &self.part.worker)? {
            db.break_off();
            return Ok(None);
        }
        match db.number("SELECT number FROM commits WHERE worker = ?1", &values![&self.part.worker])? {
            Some(number) if number == self.commits => Ok(Some(false)),
            Some(number) if number == self.commits + 1 => Ok(Some(true)),
            _ => {
                let message = "it has lost what was committed: it was set back to an earlier time";
                Err(Error::State { path: db.shown().to_owned(), message: message.to_owned() })
            }
        }
    }

    /// Starting points that all workers of the run have read.
    pub(super) fn all_seeds_read(&self, db: &Db) -> Result<u64> {
        let sum = db.number("SELECT CAST(sum(seeds_read) AS BIGINT) FROM commits WHERE run = ?1", &values![self.part.run])?;
        Ok(sum.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Lets go of all hosts and of the part in the run.
    pub(super) fn leave(&self, db: &Db) -> Result<()> {
        db.execute("UPDATE hosts SET worker = NULL, lease_until = 0 WHERE worker = ?1", &values![&self.part.worker])?;
        db.execute("DELETE FROM workers WHERE id = ?1", &values![&self.part.worker]).map(drop)
    }
}

/// Takes a worker's name, if no other connection has it.
fn lock(db: &Db, worker: &str) -> Result<bool> {
    let sql = "SELECT pg_try_advisory_lock(1668315493, hashtext(current_schema() || '/' || ?1))";
    Ok(db.number(sql, &values![worker])? == Some(1))
}

/// The error of a name that another worker has.
pub(super) fn taken(db: &Db, worker: &str) -> Error {
    Error::Locked { path: format!("{} as worker {worker}", db.shown().display()).into() }
}
