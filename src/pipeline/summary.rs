//! What a run did, counted: for people, for machines, for the exit code.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fetch::Traffic;
use crate::pipeline::alarms::Alarm;
use crate::write::{Effect, Held};

/// Failed seeds that are told one by one.
const SEED_FAILURES_SHOWN: usize = 6;

/// Different warnings of a host that are counted.
const MAX_WARNINGS: usize = 20;

/// A run, counted. One that an earlier version kept has nothing of what it did not count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Where the records went.
    pub output: PathBuf,
    /// When it began: RFC 3339, UTC.
    pub started_at: String,
    /// How long it took.
    pub seconds: f64,
    /// Requests sent, robots.txt and redirects included.
    pub requests: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// Time that requests waited because politeness asks for it, added up over all requests.
    pub waited_seconds: f64,
    /// Time from requests to their complete answers, added up over all requests.
    pub answering_seconds: f64,
    /// Pages, feeds and sitemaps that were looked at.
    pub visited: u64,
    /// Answers that said "not modified".
    pub not_modified: u64,
    /// New articles written.
    pub new: u64,
    /// New revisions written.
    pub changed: u64,
    /// Articles looked at that were as before.
    pub unchanged: u64,
    /// Pages left out on purpose, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Pages that could not be got or read, by kind.
    pub failed: BTreeMap<String, u64>,
    /// The same by host and port.
    pub hosts: BTreeMap<String, HostSummary>,
    /// Seeds, sitemaps and feeds of the configuration that were looked at.
    pub seeds: u64,
    /// Those of them that could be read.
    pub seeds_read: u64,
    /// Those that other workers of the same run have read, or this one before it was started again.
    pub read_elsewhere: u64,
    /// The first of those that could not.
    pub seed_failures: Vec<SeedFailure>,
    /// URLs that are still due.
    pub left: u64,
    /// Articles that the state knows now.
    pub articles_known: u64,
    /// Records written, by language; `""` where it is unknown.
    pub languages: BTreeMap<String, u64>,
    /// Records written that are marked as near copies.
    pub copies: u64,
    /// Bytes on disk after the run: `state`, `output`, `rejected`, `warc`.
    pub disk: BTreeMap<String, u64>,
    /// What changed for the worse at a site.
    pub alarms: Vec<Alarm>,
    /// Whether the state knew no article before.
    pub first_run: bool,
    /// What ended the run before all was done.
    pub stopped: Option<Stopped>,
}

/// A host's part of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSummary {
    /// Requests sent.
    pub requests: u64,
    /// Bytes of bodies, decompressed.
    pub bytes: u64,
    /// Time that its requests waited, added up.
    pub waited_seconds: f64,
    /// Time from its requests to their complete answers, added up.
    pub answering_seconds: f64,
    /// Pages, feeds and sitemaps that were looked at.
    pub visited: u64,
    /// New articles written.
    pub new: u64,
    /// New revisions written.
    pub changed: u64,
    /// Articles as before.
    pub unchanged: u64,
    /// Pages left out on purpose.
    pub skipped: u64,
    /// Pages that could not be got or read.
    pub failed: u64,
    /// Why nothing more was fetched of it in this run.
    pub closed: Option<String>,
    /// Records written.
    pub records: u64,
    /// How many of them hold each field.
    pub fields: BTreeMap<String, u64>,
    /// Words of their bodies.
    pub words: u64,
    /// How many of them have each warning; the first twenty.
    pub warnings: BTreeMap<String, u64>,
}

/// A starting point that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFailure {
    /// Its URL.
    pub url: String,
    /// What went wrong.
    pub reason: String,
}

/// What ended a run early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// `max_pages` were fetched.
    MaxPages,
    /// `max_run_time` was over.
    MaxRunTime,
    /// SIGINT or SIGTERM.
    Interrupted,
}

/// How far a run is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// URLs looked at.
    pub visited: u64,
    /// Records written.
    pub records: u64,
    /// Pages without a record.
    pub rejected: u64,
    /// URLs that are due and not looked at yet, as of a few seconds ago.
    pub left: u64,
    /// Hosts with something to fetch or under way: those with requests under way first.
    pub hosts: Vec<HostProgress>,
}

/// How far a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostProgress {
    /// Host and port.
    pub authority: String,
    /// URLs of it that were looked at.
    pub visited: u64,
    /// What it does now.
    pub doing: Doing,
}

/// What a host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Requests are under way.
    Fetching,
    /// The next request has to wait this long.
    Waiting(Duration),
    /// It asked to be left alone for this long.
    Held(Duration),
}

/// A visit as the writer tells of it.
#[derive(Debug)]
pub(crate) struct Tally {
    pub authority: String,
    pub effect: Effect,
    /// What the record holds, where one was written.
    pub held: Option<Held>,
    pub not_modified: bool,
    /// For a starting point: its URL, and what went wrong.
    pub seed: Option<(String, Option<String>)>,
}

impl Summary {
    pub(crate) fn count(&mut self, tally: Tally) {
        let host = self.hosts.entry(tally.authority).or_default();
        if let Some(held) = tally.held {
            host.count(&held);
            self.copies += u64::from(held.copy);
            *self.languages.entry(held.language.unwrap_or_default()).or_default() += 1;
        }
        self.visited += 1;
        host.visited += 1;
        self.not_modified += u64::from(tally.not_modified);
        match tally.effect {
            Effect::New => (self.new, host.new) = (self.new + 1, host.new + 1),
            Effect::Changed => (self.changed, host.changed) = (self.changed + 1, host.changed + 1),
            Effect::Unchanged => (self.unchanged, host.unchanged) = (self.unchanged + 1, host.unchanged + 1),
            Effect::Listed | Effect::Copy => {}
            Effect::Skipped(reason) => {
                host.skipped += 1;
                *self.skipped.entry(reason.to_owned()).or_default() += 1;
            }
            Effect::Failed(kind) => {
                host.failed += 1;
                *self.failed.entry(kind.to_owned()).or_default() += 1;
            }
        }
        let Some((url, failure)) = tally.seed else { return };
        self.seeds += 1;
        match failure {
            None => self.seeds_read += 1,
            Some(reason) if self.seed_failures.len() < SEED_FAILURES_SHOWN => self.seed_failures.push(SeedFailure { url, reason }),
            Some(_) => {}
        }
    }

    /// Takes in the requests of a host.
    pub(crate) fn count_traffic(&mut self, authority: String, traffic: Traffic) {
        let host = self.hosts.entry(authority).or_default();
        (host.requests, host.bytes) = (traffic.requests, traffic.bytes);
        let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f64();
        (host.waited_seconds, host.answering_seconds) = (seconds(traffic.waited_ms), seconds(traffic.answering_ms));
        self.requests += host.requests;
        self.bytes += host.bytes;
        self.waited_seconds += host.waited_seconds;
        self.answering_seconds += host.answering_seconds;
    }

    /// With what other workers of the same run have told of theirs.
    pub(crate) fn with(mut self, others: Option<Self>) -> Self {
        let Some(others) = others else { return self };
        self.seconds = self.seconds.max(others.seconds);
        self.requests += others.requests;
        self.bytes += others.bytes;
        self.waited_seconds += others.waited_seconds;
        self.answering_seconds += others.answering_seconds;
        self.visited += others.visited;
        self.not_modified += others.not_modified;
        self.new += others.new;
        self.changed += others.changed;
        self.unchanged += others.unchanged;
        self.seeds += others.seeds;
        self.seeds_read += others.seeds_read;
        self.seed_failures.extend(others.seed_failures);
        self.seed_failures.truncate(SEED_FAILURES_SHOWN);
        self.copies += others.copies;
        self.first_run |= others.first_run;
        self.read_elsewhere = 0;
        add(&mut self.skipped, others.skipped);
        add(&mut self.failed, others.failed);
        add(&mut self.languages, others.languages);
        // The state is the same one.
        let files = others.disk.into_iter().filter(|(kind, _)| kind != "state");
        add(&mut self.disk, files.collect());
        for (name, host) in others.hosts {
            self.hosts.entry(name).or_default().add(host);
        }
        self
    }

    pub(crate) fn progress(&self, left: u64, hosts: Vec<HostProgress>) -> Progress {
        let rejected = self.skipped.values().sum::<u64>() + self.failed.values().sum::<u64>();
        Progress { visited: self.visited, records: self.new + self.changed, rejected, left, hosts }
    }

    /// When the run began.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        self.started_at.parse().ok()
    }

    /// Whether the run came to something: a starting point could be read, and articles are known.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.seeds_read + self.read_elsewhere > 0 && !(self.first_run && self.articles_known == 0)
    }
}

fn add(to: &mut BTreeMap<String, u64>, counts: BTreeMap<String, u64>) {
    for (name, count) in counts {
        *to.entry(name).or_default() += count;
    }
}

impl HostSummary {
    /// What another worker did with it before or after.
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.waited_seconds += other.waited_seconds;
        self.answering_seconds += other.answering_seconds;
        self.visited += other.visited;
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.failed += other.failed;
        self.closed = self.closed.take().or(other.closed);
        self.records += other.records;
        self.words += other.words;
        add(&mut self.fields, other.fields);
        add(&mut self.warnings, other.warnings);
    }

    /// Takes in a record.
    fn count(&mut self, held: &Held) {
        self.records += 1;
        self.words += held.words;
        for field in &held.fields {
            *self.fields.entry((*field).to_owned()).or_default() += 1;
        }
        for warning in &held.warnings {
            if let Some(count) = self.warnings.get_mut(warning) {
                *count += 1;
            } else if self.warnings.len() < MAX_WARNINGS {
                self.warnings.insert(warning.clone(), 1);
            }
        }
    }
}
