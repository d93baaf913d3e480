//! One batch, one transaction: made again where another worker was quicker or the connection broke, until it is safe.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::frontier::db::{Fault, Value, values};
use crate::frontier::lease::now;
use crate::frontier::{Patience, outage};
use crate::write::lines::LineFile;
use crate::write::store::{Committed, Store};
use crate::write::warc::WarcFile;

/// The hosts of a batch that are this worker's.
#[derive(Debug)]
pub struct Fence(Option<HashMap<i64, (i64, bool)>>);

impl Fence {
    /// Whether what was done with a host under a token counts.
    #[must_use]
    pub fn holds(&self, host: i64, token: i64) -> bool {
        self.0.as_ref().is_none_or(|held| held.get(&host).is_some_and(|(held, _)| *held == token))
    }

    /// Whether a request may leave, too: the lease is not over.
    #[must_use]
    pub fn lets_leave(&self, host: i64, token: i64) -> bool {
        self.0.as_ref().is_none_or(|held| held.get(&host) == Some(&(token, true)))
    }
}

impl Store {
    /// Does a batch of work and commits it; again from the start, where that is what helps.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::State`]; what was not committed is taken back.
    pub fn transact<R>(&mut self, mut work: impl FnMut(&mut Self) -> Result<R>) -> Result<(R, Committed)> {
        let limit = self.member.as_ref().map_or(Duration::ZERO, |member| outage(member.part.lease));
        let mut patience = Patience::new(limit);
        loop {
            let done = match self.begin().and_then(|()| work(self)) {
                Ok(done) => done,
                Err(error) => {
                    self.recover(error, &mut patience)?;
                    continue;
                }
            };
            let is_made = match self.try_commit() {
                Ok(()) => true,
                Err(error) => self.recover(error, &mut patience)?,
            };
            if is_made {
                return Ok((done, std::mem::take(&mut self.pending)));
            }
        }
    }

    /// What to do after an error, if anything: whether the commit was made all the same, or everything is to be done again.
    fn recover(&mut self, error: Error, patience: &mut Patience) -> Result<bool> {
        let fault = if matches!(error, Error::State { .. }) { self.db.fault() } else { Fault::Final };
        let Some(member) = self.member.as_ref().filter(|_| fault != Fault::Final) else {
            self.take_back()?;
            return Err(error);
        };
        tracing::debug!(%error, ?fault, "the batch is tried again");
        if fault == Fault::Conflict && self.db.run("ROLLBACK").is_ok() {
            self.take_back()?;
            return if patience.wait(&self.hurry) { Ok(false) } else { Err(error) };
        }
        tracing::warn!(%error, "the state is waited for");
        self.db.break_off();
        let was_committing = std::mem::take(&mut self.is_committing);
        let is_made = loop {
            if !patience.wait(&self.hurry) {
                self.take_back()?;
                return Err(error);
            }
            match member.reattach(&self.db) {
                Ok(Some(is_made)) => break is_made && was_committing,
                Ok(None) => {}
                Err(_) if self.db.fault() == Fault::Gone => {}
                Err(error) => {
                    self.take_back()?;
                    return Err(error);
                }
            }
        };
        tracing::warn!(is_made, "the state can be reached again");
        if is_made {
            self.settle_files();
        } else {
            self.take_back()?;
        }
        *patience = patience.anew();
        Ok(is_made)
    }

    /// Nothing of what was begun counts.
    pub(super) fn take_back(&mut self) -> Result<()> {
        // The transaction may be gone already; the error that led here is the one to tell.
        if self.in_transaction {
            let _ = self.db.run("ROLLBACK");
        }
        (self.in_transaction, self.is_committing) = (false, false);
        self.pending = Committed::default();
        // What was put into the state is known to be there no more.
        self.known.clear();
        self.hosts.clear();
        self.tokens.clear();
        self.traps.forget();
        self.held = None;
        if let Some(member) = &mut self.member {
            member.seeds_read = 0;
        }
        self.output.abandon()?;
        self.rejected.as_mut().map_or(Ok(()), LineFile::abandon)?;
        self.warc.as_mut().map_or(Ok(()), WarcFile::abandon)
    }

    /// Makes sure which of these hosts are this worker's, and that they stay so until the commit.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn fence(&mut self, hosts: &BTreeSet<i64>) -> Result<Fence> {
        let Some(member) = &self.member else { return Ok(Fence(None)) };
        let keys: Vec<_> = hosts.iter().copied().map(Value::Int).collect();
        let sql = concat!("SELECT id, token, lease_until > ", now!(), " FROM hosts WHERE id = ?1 AND worker = ?2 FOR NO KEY UPDATE");
        let held = self
            .db
            .each(sql, &keys, &values![&member.part.worker], |row| Ok((row.get::<i64>(0)?, (row.get::<i64>(1)?, row.get::<bool>(2)?))))?;
        // Another worker may have found traps of a host that is new here.
        let are_new = held.iter().filter(|(host, (token, _))| self.tokens.insert(*host, *token) != Some(*token)).count();
        if are_new > 0 {
            self.traps.learn(&self.db)?;
        }
        Ok(Fence(Some(held.into_iter().collect())))
    }
}
