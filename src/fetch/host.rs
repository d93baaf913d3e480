//! What a run knows of one authority (host and port): its pace, its robots.txt, its requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use crate::error::Error;
use crate::fetch::now_ms;
use crate::fetch::pace::Pace;
use crate::fetch::robots::Robots;
use crate::frontier::{HostMemory, StoredRobots};

/// A restart cannot know how long after its noted time the last request really left; this much is added.
const RESTART_SLACK: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));

/// Host and port of a URL, in lower case: what a delay and a robots.txt hold for.
#[must_use]
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// What holds for a host in particular.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostLimits {
    /// Delay between requests, instead of `per_host_delay`.
    pub delay: Option<Duration>,
    /// Requests at a time, instead of `per_host_concurrency`.
    pub concurrency: Option<usize>,
}

/// Requests and bytes of a host in this run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent, robots.txt and redirects included.
    pub requests: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// Milliseconds that requests waited for the host's pace and for a place among all requests.
    pub waited_ms: u64,
    /// Milliseconds from requests to their complete answers.
    pub answering_ms: u64,
}

impl Traffic {
    fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            bytes: self.bytes + other.bytes,
            waited_ms: self.waited_ms + other.waited_ms,
            answering_ms: self.answering_ms + other.answering_ms,
        }
    }
}

/// What robots.txt came to.
#[derive(Debug)]
pub(crate) enum Verdict {
    Rules(Robots),
    /// Nothing may be fetched; holds why, and the failure where no answer came.
    Unreachable(String, Option<Error>),
}

/// What all requests to an authority pass, in this process: one gate for as long as the run lasts, however often the host is
/// let go and taken again. A request that is under way when that happens is still seen by the next.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Held by who waits to leave next.
    pub turn: Arc<tokio::sync::Mutex<()>>,
    pub slots: Semaphore,
    pace: Mutex<Pace>,
}

impl Gate {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        // No code panics while it holds the lock, and a pace is whole at any time.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(crate) struct Host {
    pub authority: String,
    /// What it is held under.
    pub lease: i64,
    pub gate: Arc<Gate>,
    pub robots: tokio::sync::Mutex<Option<(i64, Arc<Verdict>)>>,
    /// robots.txt of an earlier run.
    pub stored_robots: Mutex<Option<StoredRobots>>,
    /// Why nothing of it is fetched any more in this run.
    pub closed: OnceLock<String>,
    requests: AtomicU64,
    bytes: AtomicU64,
    waited_ms: AtomicU64,
    answering_ms: AtomicU64,
}

impl Host {
    pub(crate) fn new(authority: String, delay: Duration, concurrency: usize, memory: HostMemory) -> Self {
        let hold = [memory.last_request.map(|at| at + millis(delay + slack(delay))), memory.hold_until]
            .into_iter()
            .flatten()
            .max()
            .and_then(|until| u64::try_from(until - now_ms()).ok())
            .map(|wait| Instant::now() + Duration::from_millis(wait));
        Self {
            authority,
            lease: memory.lease,
            gate: Arc::new(Gate {
                turn: Arc::default(),
                slots: Semaphore::new(concurrency.max(1)),
                pace: Mutex::new(Pace::new(delay, hold)),
            }),
            robots: tokio::sync::Mutex::default(),
            stored_robots: Mutex::new(memory.robots),
            closed: OnceLock::new(),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            waited_ms: AtomicU64::new(0),
            answering_ms: AtomicU64::new(0),
        }
    }

    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.gate.pace()
    }

    /// Takes the gate of an earlier time, which learns what is known of the host now.
    fn keep(&mut self, gate: &Arc<Gate>) {
        let now = std::mem::replace(&mut self.gate, Arc::clone(gate));
        gate.pace().resume(&now.pace());
    }

    /// Counts a request with its answer's bytes, its wait and the time to its answer.
    pub(crate) fn count(&self, bytes: usize, waited: Duration, answering: Duration) {
        let add = |to: &AtomicU64, value: u64| to.fetch_add(value, Ordering::Relaxed);
        add(&self.requests, 1);
        add(&self.bytes, u64::try_from(bytes).unwrap_or(0));
        add(&self.waited_ms, u64::try_from(waited.as_millis()).unwrap_or(0));
        add(&self.answering_ms, u64::try_from(answering.as_millis()).unwrap_or(0));
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let read = |from: &AtomicU64| from.load(Ordering::Relaxed);
        Traffic {
            requests: read(&self.requests),
            bytes: read(&self.bytes),
            waited_ms: read(&self.waited_ms),
            answering_ms: read(&self.answering_ms),
        }
    }
}

/// All hosts of a run.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    hosts: HashMap<String, Arc<Host>>,
    /// Requests and gates of hosts that were let go.
    past: HashMap<String, (Traffic, Arc<Gate>)>,
}

impl Hosts {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host that others made meanwhile, if there is one.
    pub(crate) fn insert(&self, mut host: Host) -> Arc<Host> {
        let Known { hosts, past } = &mut *self.known();
        let known = hosts.entry(host.authority.clone()).or_insert_with(|| {
            if let Some((_, gate)) = past.get(&host.authority) {
                host.keep(gate);
            }
            Arc::new(host)
        });
        Arc::clone(known)
    }

    pub(crate) fn get(&self, authority: &str) -> Option<Arc<Host>> {
        self.known().hosts.get(authority).map(Arc::clone)
    }

    /// Forgets a host, but for its requests; whether it could: `if_idle`, nobody may be about to send a request to it.
    pub(crate) fn forget(&self, authority: &str, if_idle: bool) -> bool {
        let Known { hosts, past } = &mut *self.known();
        if if_idle && hosts.get(authority).is_some_and(|host| Arc::strong_count(host) > 1) {
            return false;
        }
        if let Some(host) = hosts.remove(authority) {
            let (sum, _) = past.entry(authority.to_owned()).or_insert_with(|| (Traffic::default(), Arc::clone(&host.gate)));
            *sum = sum.and(host.traffic());
        }
        true
    }

    pub(crate) fn traffic(&self) -> Vec<(String, Traffic)> {
        let known = self.known();
        let mut all: HashMap<_, _> = known.past.iter().map(|(authority, (sum, _))| (authority.clone(), *sum)).collect();
        known.hosts.values().for_each(|host| {
            let sum = all.entry(host.authority.clone()).or_default();
            *sum = sum.and(host.traffic());
        });
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

/// What is added to the delay after a restart.
pub(crate) fn slack(delay: Duration) -> Duration {
    delay.clamp(RESTART_SLACK.0, RESTART_SLACK.1)
}

fn millis(duration: Duration) -> i64 {
    crate::units::millis(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_taken_again_keeps_its_pace() {
        let delay = Duration::from_secs(10);
        let host = |memory| Host::new("news.example:443".to_owned(), delay, 1, memory);
        let hosts = Hosts::default();
        let first = hosts.insert(host(HostMemory::default()));
        hosts.forget(&first.authority, false);
        let second = hosts.insert(host(HostMemory { lease: 2, ..HostMemory::default() }));
        assert_eq!(second.lease, 2);
        assert!(second.pace().wait(Instant::now()).is_zero());
        // What was under way when it was forgotten leaves now.
        let now = Instant::now();
        first.pace().sent(now, now);
        assert!(second.pace().wait(now) >= delay);
        // And what another asked meanwhile holds, too.
        hosts.forget(&second.authority, false);
        let later = HostMemory { lease: 3, hold_until: Some(now_ms() + 60_000), ..HostMemory::default() };
        assert!(hosts.insert(host(later)).pace().wait(now) > Duration::from_secs(50));
    }
}
