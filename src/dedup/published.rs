//! Which of two articles is the earlier?
//!
//! In: `published` of a record. Out: the instant it names, to be compared. Never: a date made up.

/// Seconds since the epoch of an ISO 8601 text; without an offset as if in UTC, a day from its start.
#[must_use]
pub fn instant(text: Option<&str>) -> Option<i64> {
    moment(text?).map(jiff::Timestamp::as_second)
}

/// The moment that an ISO 8601 text names: without an offset as if in UTC, a day from its start.
pub(crate) fn moment(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(exact) = text.parse() {
        return Some(exact);
    }
    let civil = text.parse::<jiff::civil::DateTime>().or_else(|_| text.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0))).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
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
