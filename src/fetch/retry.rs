//! What may pass when it is tried again, and after how long.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;

/// First wait of the back-off; each further one is twice as long.
const BACKOFF_START: Duration = Duration::from_millis(500);
/// Longest wait of the back-off.
const BACKOFF_CAP: Duration = Duration::from_secs(30);
/// Longest `Retry-After` that is believed.
const RETRY_AFTER_CAP: Duration = Duration::from_hours(24);

/// Whether a status may be another one soon.
pub(crate) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Whether a status says that the host has more than it can carry.
pub(crate) fn is_overload(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// The wait before a further attempt (0 is the first), with up to a quarter of jitter on top.
pub(crate) fn backoff(attempt: u32) -> Duration {
    let wait = BACKOFF_START.saturating_mul(1 << attempt.min(10)).min(BACKOFF_CAP);
    wait + jitter(wait / 4)
}

/// A random part of a duration; only ever added.
pub(crate) fn jitter(upto: Duration) -> Duration {
    // RandomState's keys differ with each instance: random enough to spread requests.
    let random = u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or(0);
    upto.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Reads `Retry-After`: seconds, or an HTTP date.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_CAP));
    }
    let date = http_date(value.trim())?;
    let wait = date.as_millisecond().saturating_sub(now.as_millisecond());
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(RETRY_AFTER_CAP))
}

/// The three forms of an HTTP date (RFC 9110, 5.6.7).
fn http_date(value: &str) -> Option<Timestamp> {
    let civil = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| jiff::civil::DateTime::strptime(form, value).ok())?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_mins(2)));
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(retry_after(date, now), Some(Duration::from_secs(7)), "{date}");
        }
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999", now), Some(RETRY_AFTER_CAP));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn backoff_grows_to_its_cap() {
        assert!(backoff(0) >= BACKOFF_START && backoff(0) <= BACKOFF_START * 5 / 4);
        assert!(backoff(3) >= BACKOFF_START * 8);
        assert!(backoff(u32::MAX) <= BACKOFF_CAP * 5 / 4);
    }
}
