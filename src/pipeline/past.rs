//! What earlier runs have seen of the sites of this one.
//!
//! In: the summaries of earlier runs, latest first, one at a time. Out: the sums that alarms compare. Never: a summary kept; what is
//! kept is some numbers for each site and field, however many runs there were.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::pipeline::alarms::AlarmKind;
use crate::pipeline::summary::{HostSummary, Summary};

/// Records that are compared with those before them: this run's, and of the runs before it as many as are wanting.
const WINDOW: u64 = 3;
/// Records without a field after which an alarm begins to be the usual state.
const MAX_WINDOW: u64 = 60;
/// Records that say what is usual.
const BASELINE: u64 = 8;
/// Runs with records that they come from, at most.
const BASELINE_RUNS: usize = 30;

/// The past of each site of a run.
#[derive(Debug)]
pub(super) struct Past(BTreeMap<String, SitePast>);

impl Past {
    /// Of the sites of this run; nothing is known yet.
    pub(super) fn of(now: &Summary) -> Self {
        Self(now.hosts.iter().map(|(name, host)| (name.clone(), SitePast::of(host))).collect())
    }

    /// Takes in a run that was before those taken in already.
    pub(super) fn look_back(&mut self, run: &Summary) {
        for (name, site) in &mut self.0 {
            if let Some(host) = run.hosts.get(name) {
                site.look_back(run, name, host);
            }
        }
    }

    /// Each site with its past.
    pub(super) fn sites(&self) -> impl Iterator<Item = (&String, &SitePast)> {
        self.0.iter()
    }
}

/// The past of a site.
#[derive(Debug)]
pub(super) struct SitePast {
    /// Records that hold a field.
    pub(super) fields: BTreeMap<String, Compared>,
    /// The same of a field that has been met nowhere yet.
    unmet: Compared,
    /// Words of its texts.
    pub(super) words: Compared,
    /// Pages that were looked at, and those that could not be got or read.
    pub(super) visited: u64,
    pub(super) failed: u64,
    /// New articles of all runs but the first, and the start of the latest run that had some.
    pub(super) found: u64,
    pub(super) last_found: Option<Timestamp>,
    /// The earliest run taken in: its start and its new articles.
    pub(super) first: Option<(Option<Timestamp>, u64)>,
}

impl SitePast {
    fn of(now: &HostSummary) -> Self {
        Self {
            fields: now.fields.iter().map(|(name, count)| (name.clone(), Compared::beginning(now.records, *count))).collect(),
            unmet: Compared::beginning(now.records, 0),
            words: Compared::beginning(now.records, now.words),
            visited: 0,
            failed: 0,
            found: 0,
            last_found: None,
            first: None,
        }
    }

    fn look_back(&mut self, run: &Summary, name: &str, host: &HostSummary) {
        self.visited += host.visited;
        self.failed += host.failed;
        if let Some((started, new)) = self.first.replace((run.started(), host.new)).filter(|(_, new)| *new > 0) {
            self.found += new;
            self.last_found = self.last_found.or(started);
        }
        if host.records == 0 {
            return;
        }
        let alarmed = |kind, field: &str| {
            run.alarms.iter().any(|alarm| alarm.kind == kind && alarm.host == name && alarm.field.as_deref() == Some(field))
        };
        let told = run.alarms.iter().filter(|alarm| alarm.host == name && alarm.kind == AlarmKind::Field).filter_map(|a| a.field.as_ref());
        for field in host.fields.keys().chain(told) {
            if !self.fields.contains_key(field) {
                self.fields.insert(field.clone(), self.unmet.clone());
            }
        }
        for (field, compared) in &mut self.fields {
            compared.look_back(host.records, host.fields.get(field).copied().unwrap_or(0), alarmed(AlarmKind::Field, field));
        }
        self.unmet.look_back(host.records, 0, false);
        self.words.look_back(host.records, host.words, alarmed(AlarmKind::Short, "body"));
    }
}

/// Records, and how many of them hold something, or how much of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) records: u64,
    pub(super) held: u64,
}

impl Sum {
    fn add(&mut self, records: u64, held: u64) {
        self.records += records;
        self.held += held;
    }
}

/// This run and those before it that it is taken together with, beside those that say what is usual: of the runs before, those with
/// the same alarm belong to this one, so that it lasts for a while.
#[derive(Debug, Clone, Default)]
pub(super) struct Compared {
    window: Sum,
    usual: Sum,
    usual_runs: usize,
    /// Whether all runs before belong to what is usual.
    closed: bool,
}

impl Compared {
    fn beginning(records: u64, held: u64) -> Self {
        Self { window: Sum { records, held }, ..Self::default() }
    }

    fn look_back(&mut self, records: u64, held: u64, alarmed: bool) {
        self.closed |= self.window.records >= WINDOW && !(alarmed && self.window.records < MAX_WINDOW);
        if !self.closed {
            self.window.add(records, held);
        } else if self.usual_runs < BASELINE_RUNS {
            self.usual.add(records, held);
            self.usual_runs += 1;
        }
    }

    /// What is compared with what is usual, if enough is known of both.
    pub(super) fn sums(&self) -> Option<(Sum, Sum)> {
        (self.window.records >= WINDOW && self.usual.records >= BASELINE).then_some((self.window, self.usual))
    }
}
