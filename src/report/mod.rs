//! What the last runs of a crawl did: one self-contained page with plots, and the same numbers as JSON.
//!
//! In: the summaries that the state keeps, oldest first. Out: HTML, JSON. Nothing in the page is fetched and no script is in it.

mod page;
mod plots;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::pipeline::{Alarm, Summary};
use crate::units::float;

pub use page::html;

/// What is reported.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// The runs, oldest first.
    pub runs: &'a [Summary],
    /// The alarms of the last run.
    pub alarms: &'a [Alarm],
    /// Each site over all runs, those with most records first.
    pub sites: Vec<Site>,
    /// Records by language.
    pub languages: BTreeMap<String, u64>,
    /// Pages that failed, by kind.
    pub failed: BTreeMap<String, u64>,
    /// Pages left out, by reason.
    pub skipped: BTreeMap<String, u64>,
}

/// A site over all runs.
#[derive(Debug, Default, Serialize)]
pub struct Site {
    /// Host and port.
    pub host: String,
    /// Requests sent.
    pub requests: u64,
    /// Pages, feeds and sitemaps that were looked at.
    pub visited: u64,
    /// Pages that failed.
    pub failed: u64,
    /// Records written.
    pub records: u64,
    /// Seconds from a request to its complete answer, on average.
    pub seconds_an_answer: f64,
    /// Share of the time of its requests that was spent waiting because politeness asks for it, 0–1.
    pub waiting: f64,
    /// How many records hold each field.
    pub fields: BTreeMap<String, u64>,
    /// What its records warn of, and how many.
    pub warnings: BTreeMap<String, u64>,
}

impl<'a> Report<'a> {
    /// Adds up the runs.
    #[must_use]
    pub fn new(runs: &'a [Summary]) -> Self {
        let mut sites: BTreeMap<&str, Site> = BTreeMap::new();
        let mut times: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let [mut languages, mut failed, mut skipped] = [const { BTreeMap::new() }; 3];
        for run in runs {
            add(&mut languages, &run.languages);
            add(&mut failed, &run.failed);
            add(&mut skipped, &run.skipped);
            for (name, host) in &run.hosts {
                let site = sites.entry(name).or_default();
                site.requests += host.requests;
                site.visited += host.visited;
                site.failed += host.failed;
                site.records += host.records;
                add(&mut site.fields, &host.fields);
                add(&mut site.warnings, &host.warnings);
                let (waited, answering) = times.entry(name).or_default();
                *waited += host.waited_seconds;
                *answering += host.answering_seconds;
            }
        }
        for (name, site) in &mut sites {
            let (waited, answering) = times.get(name).copied().unwrap_or_default();
            (*name).clone_into(&mut site.host);
            site.seconds_an_answer = answering / float(site.requests.max(1));
            site.waiting = waited / (waited + answering).max(f64::MIN_POSITIVE);
        }
        let mut sites: Vec<Site> = sites.into_values().collect();
        sites.sort_by_key(|site| std::cmp::Reverse((site.records, site.requests)));
        Self { runs, alarms: runs.last().map_or(&[], |run| &run.alarms), sites, languages, failed, skipped }
    }
}

fn add(sums: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (key, n) in more {
        *sums.entry(key.clone()).or_default() += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::HostSummary;

    #[test]
    fn sites_are_added_up() {
        let run = |records, answering_seconds| {
            let fields = [("byline".to_owned(), records)].into();
            let host = HostSummary { requests: 4, records, answering_seconds, waited_seconds: 3.0, fields, ..HostSummary::default() };
            Summary {
                hosts: [("a.example:443".to_owned(), host)].into(),
                languages: [("en".to_owned(), records)].into(),
                ..Summary::default()
            }
        };
        let runs = [run(2, 1.0), run(3, 1.0)];
        let report = Report::new(&runs);
        let site = &report.sites[0];
        assert_eq!((site.records, site.fields["byline"], report.languages["en"]), (5, 5, 5));
        assert!((site.seconds_an_answer - 0.25).abs() < 1e-9 && (site.waiting - 0.75).abs() < 1e-9);
        assert!(Report::new(&[]).sites.is_empty());
    }
}
