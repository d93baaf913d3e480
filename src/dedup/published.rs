//! Which of two articles is the earlier?
//!
//! In: `published` of a record. Out: the instant it names, to be compared. Never: a date made up.

/// Seconds since the epoch of an ISO 8601 text; without an offset as if in UTC, a day from its start.
#[must_use]
pub fn instant(text: Option<&str>) -> Option<i64> {
    let text = text?;
    if let Ok(exact) = text.parse::<jiff::Timestamp>() {
        return Some(exact.as_second());
    }
    let zoned = |civil: jiff::civil::DateTime| jiff::tz::TimeZone::UTC.to_timestamp(civil).map(jiff::Timestamp::as_second).ok();
    text.parse::<jiff::civil::DateTime>().or_else(|_| text.parse::<jiff::civil::Date>().map(|d| d.at(0, 0, 0, 0))).ok().and_then(zoned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_every_precision_compare() {
        let of = |t: &str| instant(Some(t)).unwrap();
        assert!(of("2026-03-14") < of("2026-03-14T06:30+00:00"));
        assert!(of("2026-03-14T06:30:00+02:00") < of("2026-03-14T06:30:00Z"));
        assert_eq!(instant(Some("yesterday")), None);
    }
}
