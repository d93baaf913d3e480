//! What changed for the worse at a site, against what earlier runs have seen of it.
//!
//! In: what earlier runs have seen, and this run's summary. Out: one [`Alarm`] for each site and field that fell.
//! An alarm ends by itself once the new state has become the usual one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pipeline::past::{Past, SitePast};
use crate::pipeline::summary::{HostSummary, Summary};
use crate::units::float;

/// Share of records from which on a field is usual.
const USUAL: f64 = 0.5;
/// A share is never taken for surer than this.
const SUREST: f64 = 0.98;
/// Chance that nothing has changed, below which there is an alarm: there are many sites, fields and runs.
const CHANCE: f64 = 1e-4;
/// Words a text below which none is called short, and the share of the usual length that is.
const MIN_USUAL_WORDS: f64 = 100.0;
const SHORT: f64 = 0.3;
/// New articles that were to be expected since the last one, and the least time without any.
const SILENT_ARTICLES: f64 = 10.0;
const SILENT_HOURS: f64 = 12.0;
/// Pages of this run and of those before, and shares of failures, by which a site fails.
const MIN_PAGES: u64 = 10;
const FAILING: f64 = 0.5;
const USUALLY_FAILING: f64 = 0.1;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// Records of the site no longer hold a field.
    Field,
    /// Its texts are much shorter than they were.
    Short,
    /// It gives no new articles any more.
    Silent,
    /// Most of its pages can't be got.
    Failing,
}

impl AlarmKind {
    /// As JSON has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Short => "short",
            Self::Silent => "silent",
            Self::Failing => "failing",
        }
    }
}

/// A site's fields or yield fell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What is wrong.
    pub kind: AlarmKind,
    /// Host and port.
    pub host: String,
    /// The field that fell.
    pub field: Option<String>,
    /// What happened, in words and figures.
    pub message: String,
}

/// The alarms of a run against all that were before it, oldest first.
#[must_use]
pub fn raised(earlier: &[Summary], now: &Summary) -> Vec<Alarm> {
    let mut past = Past::of(now);
    earlier.iter().rev().for_each(|run| past.look_back(run));
    against(&past, now)
}

/// The alarms of a run against its past.
pub(super) fn against(past: &Past, now: &Summary) -> Vec<Alarm> {
    let mut out = Vec::new();
    for (name, before) in past.sites() {
        let Some(host) = now.hosts.get(name) else { continue };
        let mut raise = |kind, field: Option<&str>, message: String| {
            out.push(Alarm { kind, host: name.clone(), field: field.map(str::to_owned), message });
        };
        if host.records > 0 {
            completeness(before, &mut raise);
        }
        if let Some(message) = silence(before, now, host) {
            raise(AlarmKind::Silent, None, message);
        }
        if let Some(message) = failures(before, host) {
            raise(AlarmKind::Failing, None, message);
        }
    }
    out
}

fn completeness(before: &SitePast, raise: &mut impl FnMut(AlarmKind, Option<&str>, String)) {
    for (field, compared) in &before.fields {
        let Some((last, usual)) = compared.sums() else { continue };
        let share = float(usual.held) / float(usual.records);
        let fell = float(last.held) < share / 2.0 * float(last.records);
        if share >= USUAL && fell && at_most(last.held, last.records, share.min(SUREST)) < CHANCE {
            let message = format!(
                "`{field}` stands in {} of the last {} records, before in {} of {}",
                last.held, last.records, usual.held, usual.records
            );
            raise(AlarmKind::Field, Some(field), message);
        }
    }
    let Some((last, usual)) = before.words.sums() else { return };
    let (words, usually) = (float(last.held) / float(last.records), float(usual.held) / float(usual.records));
    if usually >= MIN_USUAL_WORDS && words < usually * SHORT {
        let message = format!("texts have {words:.0} words on average in the last {} records, before {usually:.0}", last.records);
        raise(AlarmKind::Short, Some("body"), message);
    }
}

/// The chance that at most `found` of `all` hold what a share of all others do (the binomial distribution's lower tail).
fn at_most(found: u64, all: u64, share: f64) -> f64 {
    let mut term = (1.0 - share).powf(float(all));
    let mut sum = term;
    for k in 1..=found {
        term *= float(all - k + 1) / float(k) * share / (1.0 - share);
        sum += term;
    }
    sum
}

/// Whether a site that gave new articles at some rate gives none any more. What a site's first run finds was there before.
fn silence(before: &SitePast, now: &Summary, host: &HostSummary) -> Option<String> {
    let ((first, _), last, end) = (before.first?, before.last_found?, now.started()?);
    if host.new > 0 || host.visited == 0 {
        return None;
    }
    let rate = float(before.found) / hours(first?, last).max(1.0);
    let silent = hours(last, end);
    let expected = rate * silent;
    (expected >= SILENT_ARTICLES && silent >= SILENT_HOURS).then(|| {
        let since = last.strftime("%Y-%m-%d %H:%M");
        format!("no new article since {since}; {expected:.0} were to be expected by {:.1} a day before", rate * 24.0)
    })
}

fn failures(before: &SitePast, host: &HostSummary) -> Option<String> {
    let SitePast { visited, failed, .. } = before;
    let usually = float(*failed) <= USUALLY_FAILING * float(*visited);
    let fails = host.visited >= MIN_PAGES && float(host.failed) >= FAILING * float(host.visited);
    (fails && usually && *visited >= MIN_PAGES)
        .then(|| format!("{} of {} pages failed, before {failed} of {visited}", host.failed, host.visited))
}

fn hours(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 3600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run on a day of May with new records of one host, all with text, some with a byline.
    fn run(day: u32, new: u64, bylines: u64) -> Summary {
        let fields = [("body".to_owned(), new), ("byline".to_owned(), bylines)].into_iter().filter(|(_, n)| *n > 0).collect();
        let host = HostSummary { visited: new + 5, new, records: new, words: new * 300, fields, ..HostSummary::default() };
        let hosts = [("news.example:443".to_owned(), host)].into_iter().collect();
        Summary { started_at: format!("2026-05-{day:02}T06:00:00Z"), hosts, ..Summary::default() }
    }

    fn kinds(earlier: &[Summary], now: &Summary) -> Vec<(AlarmKind, Option<String>)> {
        raised(earlier, now).into_iter().map(|alarm| (alarm.kind, alarm.field)).collect()
    }

    #[test]
    fn a_field_that_falls_is_told_in_the_very_run() {
        let usual: Vec<Summary> = (1..6).map(|day| run(day, 4, 4)).collect();
        assert_eq!(kinds(&usual, &run(6, 4, 0)), [(AlarmKind::Field, Some("byline".to_owned()))]);
        assert!(kinds(&usual, &run(6, 4, 3)).is_empty());
        // A single record says little; with those before it there are three.
        assert!(kinds(&usual, &run(6, 1, 0)).is_empty());
        assert!(kinds(&usual[..1], &run(6, 4, 0)).is_empty(), "too little is known");
    }

    #[test]
    fn what_has_become_usual_is_no_alarm() {
        let mut runs: Vec<Summary> = (1..6).map(|day| run(day, 20, 20)).collect();
        let mut alarms = Vec::new();
        for day in 6..16 {
            let mut next = run(day, 20, 0);
            next.alarms = raised(&runs, &next);
            alarms.push(next.alarms.len());
            runs.push(next);
        }
        assert_eq!(alarms, [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn short_texts_silence_and_failures() {
        let usual: Vec<Summary> = (1..8).map(|day| run(day, 6, 6)).collect();
        let mut short = run(8, 6, 6);
        short.hosts.values_mut().for_each(|host| host.words = 60);
        assert_eq!(kinds(&usual, &short), [(AlarmKind::Short, Some("body".to_owned()))]);
        assert!(kinds(&usual, &run(8, 0, 0)).is_empty(), "a day without news");
        assert_eq!(kinds(&usual, &run(9, 0, 0)), [(AlarmKind::Silent, None)]);
        let mut failing = run(8, 6, 6);
        failing.hosts.values_mut().for_each(|host| (host.visited, host.failed) = (20, 14));
        assert_eq!(kinds(&usual, &failing), [(AlarmKind::Failing, None)]);
    }

    #[test]
    fn the_tail_of_the_binomial_distribution() {
        assert!((at_most(0, 3, 0.9) - 0.001).abs() < 1e-12);
        assert!((at_most(3, 3, 0.9) - 1.0).abs() < 1e-12);
        assert!((at_most(1, 2, 0.5) - 0.75).abs() < 1e-12);
    }
}
