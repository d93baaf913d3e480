//! The limiter of one host: when may the next request leave?
//!
//! A delay runs from one request, as sent, to the next; a busy machine sends later than it is told to, so
//! a request counts from when it had left for sure; jitter and overload only lengthen it, and a
//! `Retry-After` holds everything back. One governor limiter a host carries the quota.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::fetch::retry::jitter;

/// Jitter as a part of the delay: small, so that the rate stays near what politeness allows.
const JITTER_PART: u32 = 50;
/// How long after its start a request may not have left, or come there, on a machine that is not too busy: so long, and half the
/// delay at most. An answer tells that it had.
const UNSURE: Duration = Duration::from_millis(50);
/// First extra delay of a host that answers 429 or 503, and the longest.
const PENALTY: (Duration, Duration) = (Duration::from_millis(250), Duration::from_mins(1));

/// An answer is slow when it takes this many times as long as the host's usually do, and longer than that.
const SLOW: (u32, Duration) = (4, Duration::from_secs(1));
/// Each answer moves what is usual by this part of the difference.
const USUAL_PART: u32 = 8;

pub(crate) type Direct = RateLimiter<NotKeyed, InMemoryState, DefaultClock>;

/// A governor limiter of one request a period; `None` where there is no period.
pub(crate) fn every(period: Duration) -> Option<Direct> {
    let quota = Quota::with_period(period)?.allow_burst(NonZeroU32::MIN);
    Some(RateLimiter::direct(quota))
}

/// How long until a limiter lets one more pass; zero when it just did.
pub(crate) fn wait_of(limiter: &Direct) -> Duration {
    match limiter.check() {
        Ok(()) => Duration::ZERO,
        Err(not_yet) => not_yet.wait_time_from(DefaultClock::default().now()),
    }
}

/// One host's pace.
#[derive(Debug)]
pub(crate) struct Pace {
    delay: Duration,
    quota: Option<Direct>,
    last_sent: Option<Instant>,
    /// Until when nothing leaves: `Retry-After`, or a request of an earlier run.
    hold: Option<Instant>,
    penalty: Duration,
    /// How long the host's answers take, as a moving average.
    usual: Option<Duration>,
}

impl Pace {
    pub(crate) fn new(delay: Duration, hold: Option<Instant>) -> Self {
        Self { delay, quota: every(delay), last_sent: None, hold, penalty: Duration::ZERO, usual: None }
    }

    pub(crate) fn delay(&self) -> Duration {
        self.delay
    }

    /// Sets another delay, as a `Crawl-delay` does; the limiter is replaced, the last request stays known.
    pub(crate) fn set_delay(&mut self, delay: Duration) {
        if delay != self.delay {
            self.delay = delay;
            self.quota = every(delay);
        }
    }

    /// Goes on where it was left, with the delay and the hold of `now`.
    pub(crate) fn resume(&mut self, now: &Self) {
        self.set_delay(now.delay);
        self.hold = self.hold.max(now.hold);
    }

    /// How long the next request has to wait still.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        let after_last = self.last_sent.map(|at| at + self.delay + self.penalty);
        let until = [after_last, self.hold].into_iter().flatten().max();
        until.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }

    /// Takes the host's quota, or says how long it is away. Once taken, the request must leave.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        let wait = self.quota.as_ref().map_or(Duration::ZERO, wait_of);
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// How long the next request has to wait, and until when the host asked to be left alone.
    pub(crate) fn standing(&self, now: Instant) -> (Duration, Option<Instant>) {
        (self.wait(now), self.hold)
    }

    /// How long after its start a request may not have left.
    pub(crate) fn unsure(&self) -> Duration {
        UNSURE.min(self.delay / 2)
    }

    /// A request left, no earlier than `from` and no later than `by`.
    pub(crate) fn sent(&mut self, from: Instant, by: Instant) {
        let at = (from + jitter(self.delay / JITTER_PART)).max(by);
        self.last_sent = self.last_sent.max(Some(at));
    }

    /// Nothing leaves before then.
    pub(crate) fn hold_until(&mut self, until: Instant) {
        self.hold = self.hold.max(Some(until));
    }

    /// A good answer came after so long. A host that gets much slower than it was has more than it can carry.
    pub(crate) fn answered(&mut self, took: Duration) {
        let usual = *self.usual.get_or_insert(took);
        if took > (usual * SLOW.0).max(SLOW.1) {
            self.slow_down();
        } else {
            self.speed_up();
        }
        self.usual = Some((usual * (USUAL_PART - 1) + took) / USUAL_PART);
    }

    /// The host has too much to carry: twice the extra delay.
    pub(crate) fn slow_down(&mut self) {
        self.penalty = (self.penalty * 2).clamp(PENALTY.0, PENALTY.1);
    }

    /// The host answers well: half the extra delay.
    fn speed_up(&mut self) {
        self.penalty = if self.penalty < PENALTY.0 { Duration::ZERO } else { self.penalty / 2 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_delay_runs_from_the_request_as_sent() {
        let mut pace = Pace::new(SECOND, None);
        let start = Instant::now();
        assert!(pace.wait(start).is_zero());
        assert!(pace.take().is_ok() && pace.take().is_err());
        pace.sent(start + SECOND / 2, start + SECOND / 2);
        assert!(pace.wait(start + SECOND) >= SECOND / 2);
        pace.set_delay(SECOND * 5);
        assert!(pace.wait(start + SECOND) >= SECOND * 4);
    }

    #[test]
    fn a_request_counts_from_when_it_had_left_for_sure() {
        let start = Instant::now();
        let mut pace = Pace::new(SECOND, None);
        assert_eq!(
            (pace.unsure(), Pace::new(UNSURE, None).unsure(), Pace::new(Duration::ZERO, None).unsure()),
            (UNSURE, UNSURE / 2, Duration::ZERO)
        );
        pace.sent(start, start);
        assert!((SECOND..SECOND + UNSURE).contains(&pace.wait(start)));
        pace.sent(start, start + SECOND * 3);
        assert_eq!(pace.wait(start), SECOND * 4);
    }

    #[test]
    fn holds_and_penalties_lengthen_only() {
        let start = Instant::now();
        let mut pace = Pace::new(Duration::ZERO, Some(start + SECOND));
        assert_eq!(pace.wait(start), SECOND);
        pace.hold_until(start + SECOND / 2);
        assert_eq!(pace.wait(start), SECOND);
        pace.sent(start + SECOND, start + SECOND);
        pace.slow_down();
        assert_eq!(pace.wait(start + SECOND), SECOND / 4);
        pace.slow_down();
        assert_eq!(pace.wait(start + SECOND), SECOND / 2);
        pace.speed_up();
        pace.speed_up();
        pace.speed_up();
        assert!(pace.wait(start + SECOND).is_zero());
    }

    #[test]
    fn a_host_that_gets_slow_is_asked_less_often_until_it_is_quick_again() {
        let start = Instant::now();
        let mut pace = Pace::new(Duration::ZERO, None);
        pace.sent(start, start);
        (0..5).for_each(|_| pace.answered(SECOND / 5));
        assert!(pace.wait(start).is_zero());
        pace.answered(SECOND * 3);
        pace.answered(SECOND * 4);
        assert_eq!(pace.wait(start), SECOND / 2);
        (0..3).for_each(|_| pace.answered(SECOND / 5));
        assert!(pace.wait(start).is_zero());
        // One that was never quick is not slow.
        let mut pace = Pace::new(Duration::ZERO, None);
        pace.sent(start, start);
        (0..5).for_each(|_| pace.answered(SECOND * 5));
        assert!(pace.wait(start).is_zero());
    }
}
