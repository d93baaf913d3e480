//! When is a URL due again? Rules on numbers alone; times are milliseconds since 1970.

use std::time::Duration;

use crate::frontier::schema::NEVER;
use crate::units::millis;

/// Failed visits after which a page is tried no more often than an article.
const MAX_FAILS: i64 = 5;

/// The run's start and the revisit rules of `[crawl]`.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// When the run started.
    pub run_start: i64,
    /// `revisit_after`.
    pub revisit_after: Duration,
    /// `revisit_for`; zero for no end.
    pub revisit_for: Duration,
}

impl Schedule {
    /// Lists of links are looked at in every run.
    #[must_use]
    pub fn next_run(&self) -> i64 {
        self.run_start + 1
    }

    /// An article, or a page that gave none: after `revisit_after`, but not in this run again, and not
    /// once it has been known for `revisit_for`.
    #[must_use]
    pub fn revisit(&self, now: i64, first_seen: i64) -> i64 {
        let at = now.saturating_add(millis(self.revisit_after)).max(self.next_run());
        let last = first_seen.saturating_add(millis(self.revisit_for));
        if !self.revisit_for.is_zero() && at > last { NEVER } else { at }
    }

    /// A page that could not be got: in the next run, until that has failed too often.
    #[must_use]
    pub fn retry(&self, now: i64, first_seen: i64, fails: i64) -> i64 {
        if fails < MAX_FAILS { self.next_run() } else { self.revisit(now, first_seen) }
    }

    /// Whether a date given by a sitemap or feed makes a known page due now: it is newer than the last
    /// visit, the page was not seen in this run, and it is still revisited at all.
    #[must_use]
    pub fn is_renewed(&self, updated: i64, fetched_at: i64, first_seen: i64) -> bool {
        let wanted = self.revisit_for.is_zero() || self.run_start <= first_seen.saturating_add(millis(self.revisit_for));
        updated > fetched_at && fetched_at < self.run_start && wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn due_again() {
        let day = Duration::from_hours(24);
        let schedule = Schedule { run_start: 100 * HOUR, revisit_after: day, revisit_for: day * 3 };
        assert_eq!(schedule.revisit(101 * HOUR, 100 * HOUR), 125 * HOUR);
        assert_eq!(schedule.revisit(101 * HOUR, 20 * HOUR), NEVER);
        assert_eq!(schedule.retry(101 * HOUR, 100 * HOUR, 1), 100 * HOUR + 1);
        assert_eq!(schedule.retry(101 * HOUR, 100 * HOUR, 9), 125 * HOUR);
        assert!(schedule.is_renewed(90 * HOUR, 80 * HOUR, 80 * HOUR));
        assert!(!schedule.is_renewed(70 * HOUR, 80 * HOUR, 80 * HOUR));
        assert!(!schedule.is_renewed(900 * HOUR, 101 * HOUR, 80 * HOUR));
        let at_once = Schedule { revisit_after: Duration::ZERO, ..schedule };
        assert!(at_once.revisit(100 * HOUR, 100 * HOUR) > schedule.run_start);
    }
}
