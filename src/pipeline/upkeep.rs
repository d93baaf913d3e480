//! What a worker does besides where it shares the state: it takes hosts, keeps them, lets them go, and bears that the state
//! can't be reached for a while.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Result;
use crate::fetch::Transport;
use crate::frontier::{Frontier as _, Leases, StateFrontier, outage};
use crate::pipeline::dispatch::Dispatcher;
use crate::pipeline::queue::HostQueue;

/// Hosts that one worker holds at a time.
const MOST_HOSTS: usize = 512;
/// Hosts that are taken at a time: few, so that workers that begin together share what there is.
const AT_A_TIME: (usize, usize) = (4, 64);
/// Time between two looks for hosts, after one that found some and after one that found none.
const LOOKS: (Duration, Duration) = (Duration::from_millis(150), Duration::from_secs(1));

/// What is to be done, and when.
pub(super) struct Upkeep {
    lease: Duration,
    leases: Arc<Leases>,
    renew_at: Instant,
    claim_at: Instant,
    look_at: Instant,
    /// Hosts that are to be looked at again with the next tick.
    later: BTreeSet<i64>,
    /// Hosts that the state says are ours, of which nothing is known here.
    strangers: HashSet<(i64, i64)>,
    /// Since when the state can't be reached.
    down_since: Option<Instant>,
    /// Why hosts that were let go are closed for this run.
    pub(super) closed: BTreeMap<String, String>,
}

impl Upkeep {
    pub(super) fn new(lease: Duration, leases: Arc<Leases>) -> Self {
        let now = Instant::now();
        Self {
            lease,
            leases,
            renew_at: now + lease / 3,
            claim_at: now,
            look_at: now,
            later: BTreeSet::new(),
            strangers: HashSet::new(),
            down_since: None,
            closed: BTreeMap::new(),
        }
    }

    /// How many hosts to take, of which some are held.
    pub(super) fn most(held: usize) -> usize {
        (held / 2).clamp(AT_A_TIME.0, AT_A_TIME.1).min(MOST_HOSTS.saturating_sub(held))
    }

    /// So many were taken.
    pub(super) fn claimed(&mut self, count: usize) {
        self.claim_at = Instant::now() + if count > 0 { LOOKS.0 } else { LOOKS.1 };
    }

    /// There may be hosts to take.
    pub(super) fn claim_soon(&mut self) {
        self.claim_at = self.claim_at.min(Instant::now() + LOOKS.0);
    }
}

impl<T: Transport> Dispatcher<T> {
    /// Asks the frontier. A shared one may be out of reach for a while: then there is no answer, and the crawl goes on as far as it can.
    pub(super) fn ask<R>(&mut self, question: impl FnOnce(&mut StateFrontier) -> Result<R>) -> Result<Option<R>> {
        let answer = question(&mut self.frontier);
        let Some(upkeep) = &mut self.upkeep else { return answer.map(Some) };
        match answer {
            Ok(answer) => {
                upkeep.down_since = None;
                Ok(Some(answer))
            }
            Err(error) if self.frontier.may_pass() => {
                if upkeep.down_since.is_none() {
                    tracing::warn!(%error, "the state is waited for");
                }
                let since = *upkeep.down_since.get_or_insert_with(Instant::now);
                if since.elapsed() < outage(upkeep.lease) { Ok(None) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether requests may be sent to a host.
    pub(super) fn may_ask(&self, host: &HostQueue) -> bool {
        self.upkeep.as_ref().is_none_or(|upkeep| upkeep.leases.holds(&host.authority, host.token))
    }

    /// Done every now and then.
    pub(super) fn keep_up(&mut self) -> Result<()> {
        let Some(upkeep) = &mut self.upkeep else { return Ok(()) };
        let now = Instant::now();
        self.ready.append(&mut upkeep.later);
        let (entered, renews) = (upkeep.leases.entered(), now >= upkeep.renew_at);
        let claims = now >= upkeep.claim_at && self.summary.stopped.is_none();
        for lease in entered {
            self.take_up(lease);
        }
        if renews {
            self.renew()?;
        }
        if claims {
            self.refresh_hosts()?;
        }
        Ok(())
    }

    /// Keeps what is held; what is held no more is another worker's, and forgotten.
    fn renew(&mut self) -> Result<()> {
        let Some(held) = self.ask(StateFrontier::renew)? else { return Ok(()) };
        let held: HashSet<(i64, i64)> = held.into_iter().collect();
        let lost: Vec<i64> = self.hosts.iter().filter(|(id, host)| !held.contains(&(**id, host.token))).map(|(id, _)| *id).collect();
        for id in lost {
            if let Some(host) = self.hosts.remove(&id) {
                tracing::warn!(host = %host.authority, "another worker has the host now");
                self.fetcher.forget(&host.authority);
                self.upkeep.iter().for_each(|upkeep| upkeep.leases.lose(&host.authority, host.token));
            }
        }
        // One that was just entered is not known here yet; one of which that is so the second time is nobody's.
        let of_ours = |(id, token): &(i64, i64)| self.hosts.get(id).is_some_and(|host| host.token == *token);
        let strangers: HashSet<_> = held.into_iter().filter(|one| !of_ours(one)).collect();
        let Some(upkeep) = &mut self.upkeep else { return Ok(()) };
        let again: Vec<_> = strangers.intersection(&upkeep.strangers).copied().collect();
        upkeep.strangers = strangers;
        upkeep.renew_at = Instant::now() + upkeep.lease / 3;
        // Those that had to wait for it go on.
        self.ready.extend(self.hosts.keys());
        for (host, token) in again {
            self.ask(|frontier| frontier.release(host, token, false))?;
        }
        Ok(())
    }

    /// Lets a host go that is done with, for others or, if it is closed, for the next run.
    pub(super) fn let_go(&mut self, id: i64) -> Result<()> {
        let Some(upkeep) = &mut self.upkeep else { return Ok(()) };
        let Some(host) = self.hosts.get(&id) else { return Ok(()) };
        if !host.is_done() {
            // One that could not be asked about waits for the next tick.
            if upkeep.down_since.is_some() {
                upkeep.later.insert(id);
            }
            return Ok(());
        }
        // A redirect may lead there just now.
        if !self.fetcher.leave(&host.authority) {
            upkeep.later.insert(id);
            return Ok(());
        }
        let Some(host) = self.hosts.remove(&id) else { return Ok(()) };
        upkeep.leases.lose(&host.authority, host.token);
        upkeep.claim_soon();
        let (token, is_closed) = (host.token, host.closed.is_some());
        if let Some(why) = host.closed {
            upkeep.closed.insert(host.authority, why);
        }
        self.ask(|frontier| frontier.release(id, token, is_closed)).map(drop)
    }

    /// Whether nothing is left to do, for this worker or, where others share the state, for any.
    pub(super) fn nothing_is_left(&mut self) -> Result<bool> {
        let Some(upkeep) = &mut self.upkeep else { return Ok(true) };
        if self.summary.stopped.is_some() {
            return Ok(true);
        }
        if Instant::now() < upkeep.look_at {
            return Ok(false);
        }
        upkeep.look_at = Instant::now() + LOOKS.1;
        Ok(self.ask(StateFrontier::is_over)?.unwrap_or(false))
    }
}
