//! Waiting for a state that can't be reached, or that others are at: with growing waits, and not for ever.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest wait and the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// How long is waited once the run is told to end.
const HURRIED: Duration = Duration::from_secs(8);

/// Told when the run is to end: then nobody waits long.
#[derive(Debug, Default)]
pub struct Hurry {
    is_told: Mutex<bool>,
    told: Condvar,
}

impl Hurry {
    /// The run is to end.
    pub fn tell(&self) {
        *self.is_told.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    /// Waits, but not on if told to hurry meanwhile; whether it is told.
    fn wait(&self, time: Duration) -> bool {
        let is_told = self.is_told.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_told {
            // To be told is no reason to ask without a pause.
            let waited = Condvar::new().wait_timeout(is_told, time);
            drop(waited);
            return true;
        }
        *self.told.wait_timeout(is_told, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// How long a state that can't be reached is waited for: so many times as long as a lease is.
#[must_use]
pub fn outage(lease: Duration) -> Duration {
    lease * 5
}

/// The patience with one thing.
#[derive(Debug)]
pub struct Patience {
    since: Instant,
    limit: Duration,
    next: Duration,
}

impl Patience {
    /// For so long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, next: WAITS.0 }
    }

    /// The same from now on.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self::new(self.limit)
    }

    /// Waits a while, longer each time; whether to try again.
    pub fn wait(&mut self, hurry: &Hurry) -> bool {
        let is_hurried = hurry.wait(self.next);
        self.next = (self.next * 2).min(WAITS.1);
        let limit = if is_hurried { self.limit.min(HURRIED) } else { self.limit };
        self.since.elapsed() < limit
    }
}
