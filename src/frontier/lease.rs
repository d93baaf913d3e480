//! Which hosts are this worker's, where several share a state.
//!
//! A host is leased by one worker at a time, so that its pace and its robots.txt are one worker's. A lease ends by the server's
//! clock unless it is renewed; a worker stops some time before, by its own ([`Leases`]). Whoever takes a host gets a new
//! token, and what is done under an older one is refused. A state of one's own knows no leases: everything is held for ever.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::frontier::db::{Db, Row, Trouble, values};
use crate::frontier::memory::{HostMemory, StoredRobots};

/// Milliseconds since 1970, by the server's clock.
macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}
pub(crate) use now;

/// What is read of a host that was taken.
macro_rules! leased {
    () => {
        "hosts.id, authority, token, CASE WHEN pages_run = ?2 THEN pages ELSE 0 END, last_request, hold_until, robots, robots_at"
    };
}

/// A run, as one of its workers takes part in it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The worker's name.
    pub worker: String,
    /// How long a lease is.
    pub lease: Duration,
    /// The run.
    pub run: i64,
    /// When it started: what is due by then is fetched in it.
    pub by: i64,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    pub ahead: i64,
}

impl Part {
    fn lease_ms(&self) -> i64 {
        crate::units::millis(self.lease)
    }

    /// How long a lease is used: it ends a good while after.
    fn used(&self) -> Duration {
        self.lease * 3 / 4
    }
}

/// A host that is this worker's.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Its row.
    pub host: i64,
    /// Host and port.
    pub authority: String,
    /// What is done with it is done under this.
    pub token: i64,
    /// Pages of it that were looked at in this run, by whatever worker.
    pub pages: u64,
    /// What the state knows of it.
    pub memory: HostMemory,
}

/// Whose a host is.
#[derive(Debug)]
pub enum Entry {
    /// This worker's: requests may be sent to it.
    Ours(HostMemory),
    /// Another's, or closed for this run.
    Elsewhere(HostMemory),
}

/// The hosts that this worker holds, by its own clock; shared by all who send requests.
#[derive(Debug)]
pub struct Leases(Option<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    hosts: HashMap<String, (Lease, Instant)>,
    /// Those that a redirect led to, until somebody looks after them.
    entered: Vec<Lease>,
}

impl Leases {
    /// Those of a worker that shares its state, or of one that holds everything.
    #[must_use]
    pub fn new(is_shared: bool) -> Self {
        Self(is_shared.then(Mutex::default))
    }

    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        // No code panics while it holds the lock.
        self.0.as_ref().map(|held| held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A host was taken, to be used until then.
    pub fn take(&self, lease: Lease, until: Instant) {
        if let Some(mut held) = self.held() {
            held.hosts.insert(lease.authority.clone(), (lease, until));
        }
    }

    /// As [`Self::take`], of a host that a redirect led to.
    pub fn enter(&self, lease: Lease, until: Instant) {
        if let Some(mut held) = self.held() {
            held.entered.push(lease.clone());
            held.hosts.insert(lease.authority.clone(), (lease, until));
        }
    }

    /// The hosts that redirects have led to since this was asked last.
    pub fn entered(&self) -> Vec<Lease> {
        self.held().map(|mut held| std::mem::take(&mut held.entered)).unwrap_or_default()
    }

    /// What is known of a host that is held.
    pub fn memory(&self, authority: &str) -> Option<HostMemory> {
        let held = self.held()?;
        let (lease, until) = held.hosts.get(authority)?;
        (*until > Instant::now()).then(|| lease.memory.clone())
    }

    /// Whether a request may leave under a token.
    #[must_use]
    pub fn holds(&self, authority: &str, token: i64) -> bool {
        let Some(held) = self.held() else { return true };
        held.hosts.get(authority).is_some_and(|(lease, until)| lease.token == token && *until > Instant::now())
    }

    /// The state refused what was done with a host under this token: nothing more is, unless the lease is renewed, as it can
    /// be where nobody took the host meanwhile.
    pub fn suspend(&self, authority: &str, token: i64) {
        if let Some(mut held) = self.held()
            && let Some((_, until)) = held.hosts.get_mut(authority).filter(|(lease, _)| lease.token == token)
        {
            *until = Instant::now();
        }
    }

    /// A host is held no more under this token.
    pub fn lose(&self, authority: &str, token: i64) {
        if let Some(mut held) = self.held()
            && held.hosts.get(authority).is_some_and(|(lease, _)| lease.token == token)
        {
            held.hosts.remove(authority);
        }
    }

    /// These, by row and token, were renewed.
    pub fn renew(&self, renewed: &[(i64, i64)], until: Instant) {
        let Some(mut held) = self.held() else { return };
        let renewed: HashMap<i64, i64> = renewed.iter().copied().collect();
        for (lease, end) in held.hosts.values_mut().filter(|(lease, _)| renewed.get(&lease.host) == Some(&lease.token)) {
            *end = until.max(*end);
            tracing::trace!(host = %lease.authority, "renewed");
        }
    }
}

/// The statements of a worker that shares a state.
#[derive(Debug)]
pub(super) struct Leasing {
    pub(super) part: Part,
    /// The host that was taken last: the next ones come after it.
    last: i64,
}

impl Leasing {
    pub(super) fn new(part: Part) -> Self {
        Self { part, last: 0 }
    }

    /// Takes hosts with due URLs that nobody holds, and until when they may be used.
    pub(super) fn claim(&mut self, db: &Db, most: usize) -> Result<(Vec<Lease>, Instant)> {
        let sql = concat!(
            "WITH free AS (SELECT id FROM hosts h WHERE id > ?1 AND closed_run <> ?2 AND worker IS DISTINCT FROM ?3 AND lease_until <= ",
            now!(),
            " AND EXISTS (SELECT 1 FROM urls WHERE host = h.id AND due_at <= ?4) ORDER BY id LIMIT ?5 FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE hosts SET worker = ?3, token = token + 1, lease_until = ?6 + ",
            now!(),
            " FROM free WHERE hosts.id = free.id RETURNING ",
            leased!()
        );
        let part = &self.part;
        let (begun, limit) = (Instant::now(), i64::try_from(most).unwrap_or(i64::MAX));
        let mut taken = Vec::new();
        // Each goes on where it was last, so that a host that is done with is looked at once a round.
        for from in [self.last, 0] {
            let values = values![from, part.run, &part.worker, part.by, limit, part.lease_ms()];
            taken = db.query(sql, &values, |row| self.read(row))?;
            if !taken.is_empty() || from == 0 {
                break;
            }
        }
        taken.sort_unstable_by_key(|lease| lease.host);
        self.last = taken.last().map_or(0, |lease| lease.host);
        Ok((taken, begun + part.used()))
    }

    /// Takes the host that a redirect leads to, unless another worker has it.
    pub(super) fn enter(&self, db: &Db, authority: &str) -> Result<Result<(Lease, Instant), HostMemory>> {
        let sql = concat!(
            "UPDATE hosts SET worker = ?3, token = token + 1, lease_until = ?4 + ",
            now!(),
            " WHERE authority = ?1 AND closed_run <> ?2 AND (worker IS NULL OR worker = ?3 OR lease_until <= ",
            now!(),
            ") RETURNING ",
            leased!()
        );
        let (part, begun) = (&self.part, Instant::now());
        db.execute("INSERT INTO hosts (authority) VALUES (?1) ON CONFLICT DO NOTHING", &values![authority])?;
        let values = values![authority, part.run, &part.worker, part.lease_ms()];
        if let Some(lease) = db.find(sql, &values, |row| self.read(row))? {
            return Ok(Ok((lease, begun + part.used())));
        }
        let sql = concat!("SELECT ", leased!(), " FROM hosts WHERE authority = ?1");
        let found = db.find(sql, &values![authority, part.run], |row| self.read(row))?;
        Ok(Err(found.map(|lease| lease.memory).unwrap_or_default()))
    }

    /// Makes all leases longer, and the worker's part in the run; the hosts that it holds, by row and token.
    pub(super) fn renew(&self, db: &Db) -> Result<(Vec<(i64, i64)>, Instant)> {
        let (part, begun) = (&self.part, Instant::now());
        // In the order in which a commit takes them.
        let sql = concat!(
            "UPDATE hosts SET lease_until = ?2 + ",
            now!(),
            " WHERE id IN (SELECT id FROM hosts WHERE worker = ?1 ORDER BY id FOR NO KEY UPDATE) AND worker = ?1 RETURNING id, token"
        );
        let held = db.query(sql, &values![&part.worker, part.lease_ms()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql = concat!("UPDATE workers SET seen_until = ?2 + ", now!(), " WHERE id = ?1");
        db.execute(sql, &values![&part.worker, part.lease_ms()])?;
        Ok((held, begun + part.used()))
    }

    /// Lets a host go, for others or, if it is closed, for the next run.
    pub(super) fn release(&self, db: &Db, host: i64, token: i64, is_closed: bool) -> Result<()> {
        let sql = "UPDATE hosts SET worker = NULL, lease_until = 0, closed_run = CASE WHEN ?4 = 1 THEN ?5 ELSE closed_run END
            WHERE id = ?1 AND worker = ?2 AND token = ?3";
        db.execute(sql, &values![host, &self.part.worker, token, is_closed, self.part.run]).map(drop)
    }

    /// Whether nothing of the run is left: no other worker holds a host, and nothing is due. Then it is over for all who
    /// come later.
    pub(super) fn is_over(&self, db: &Db) -> Result<bool> {
        let sql = concat!(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM hosts WHERE worker IS NOT NULL AND worker <> ?1 AND lease_until > ",
            now!(),
            ") OR EXISTS (SELECT 1 FROM hosts h WHERE closed_run <> ?2 AND EXISTS (SELECT 1 FROM urls WHERE host = h.id AND due_at <= ?3))"
        );
        let part = &self.part;
        let is_over = db.number(sql, &values![&part.worker, part.run, part.by])?.is_none();
        if is_over {
            let sql = concat!("UPDATE runs SET over_at = coalesce(over_at, ", now!(), ") WHERE id = ?1");
            db.execute(sql, &values![part.run])?;
        }
        Ok(is_over)
    }

    fn read(&self, row: &Row<'_>) -> Result<Lease, Trouble> {
        let here = |at: Option<i64>| at.map(|at| at - self.part.ahead);
        let token = row.get(2)?;
        let robots = StoredRobots::read(row, 6)?;
        let memory = HostMemory { lease: token, last_request: here(row.get(4)?), hold_until: here(row.get(5)?), robots };
        let pages = u64::try_from(row.get::<i64>(3)?).unwrap_or(0);
        Ok(Lease { host: row.get(0)?, authority: row.get(1)?, token, pages, memory })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_used_under_its_token_and_until_its_time() {
        let leases = Leases::new(true);
        let authority = "news.example:443";
        let lease = |token| Lease { host: 7, authority: authority.to_owned(), token, pages: 0, memory: HostMemory::default() };
        let later = Instant::now() + Duration::from_mins(1);
        leases.take(lease(1), later);
        assert!(leases.holds(authority, 1) && !leases.holds(authority, 2) && !leases.holds("other.example:443", 1));
        leases.take(lease(2), Instant::now());
        assert!(!leases.holds(authority, 2) && leases.memory(authority).is_none());
        leases.renew(&[(7, 1)], later);
        assert!(!leases.holds(authority, 2), "another's token");
        leases.renew(&[(7, 2)], later);
        assert!(leases.holds(authority, 2));
        leases.suspend(authority, 1);
        leases.lose(authority, 1);
        assert!(leases.holds(authority, 2));
        leases.suspend(authority, 2);
        assert!(!leases.holds(authority, 2) && leases.memory(authority).is_none());
        leases.renew(&[(7, 2)], later);
        assert!(leases.holds(authority, 2), "nobody took it meanwhile");
        leases.lose(authority, 2);
        assert!(!leases.holds(authority, 2));
        assert!(Leases::new(false).holds(authority, 0));
    }
}
