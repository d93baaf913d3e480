//! A run's summary in the text format of Prometheus, for `node_exporter`'s textfile collector.
//!
//! Every figure is of one run, so all are gauges; alert on the age of `copydesk_run_start_timestamp_seconds`.

use std::fmt::{Display, Write};

use crate::pipeline::alarms::AlarmKind;
use crate::pipeline::summary::{HostSummary, Stopped, Summary};
use crate::units::float;

/// A figure of each host: name, help, value.
type HostFigure = (&'static str, &'static str, fn(&HostSummary) -> f64);

/// The figures of a run. A worker that shares its state is named in all of them, so that files of several can be read together.
#[must_use]
pub fn prometheus(summary: &Summary, worker: Option<&str>) -> String {
    let mut out = Text { out: String::new(), worker };
    let started = summary.started_at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let run: [(&str, &str, f64); 9] = [
        ("duration_seconds", "How long the run took.", summary.seconds),
        ("success", "1 when a starting point could be read and articles are known.", f64::from(u8::from(summary.is_success()))),
        ("interrupted", "1 when a signal ended the run.", f64::from(u8::from(summary.stopped == Some(Stopped::Interrupted)))),
        ("not_modified", "Answers that said \"not modified\".", float(summary.not_modified)),
        ("urls_left", "URLs that are still due.", float(summary.left)),
        ("articles_known", "Articles that the state knows.", float(summary.articles_known)),
        ("seeds", "Seeds, sitemaps and feeds of the configuration that were looked at.", float(summary.seeds)),
        ("seeds_read", "Those of them that could be read.", float(summary.seeds_read)),
        ("start_timestamp_seconds", "When the run began.", float(u64::try_from(started).unwrap_or(0))),
    ];
    for (name, help, value) in run {
        out.family(name, help);
        out.sample(name, &[], value);
    }
    out.family("skipped", "Pages left out on purpose.");
    summary.skipped.iter().for_each(|(reason, n)| out.sample("skipped", &[("reason", reason)], n));
    out.family("failed", "Pages that could not be got or read.");
    summary.failed.iter().for_each(|(kind, n)| out.sample("failed", &[("kind", kind)], n));
    let hosts: [HostFigure; 7] = [
        ("host_requests", "Requests sent, robots.txt and redirects included.", |h| float(h.requests)),
        ("host_bytes", "Bytes of bodies, decompressed.", |h| float(h.bytes)),
        ("host_waited_seconds", "Time that requests waited because politeness asks for it, added up.", |h| h.waited_seconds),
        ("host_answering_seconds", "Time from requests to their complete answers, added up.", |h| h.answering_seconds),
        ("host_skipped", "Pages left out on purpose.", |h| float(h.skipped)),
        ("host_failed", "Pages that could not be got or read.", |h| float(h.failed)),
        ("host_closed", "1 when nothing more was fetched of the host in this run.", |h| f64::from(u8::from(h.closed.is_some()))),
    ];
    for (name, help, value) in hosts {
        out.family(name, help);
        summary.hosts.iter().for_each(|(host, figures)| out.sample(name, &[("host", host)], value(figures)));
    }
    out.family("alarms", "Alarms of the run, by what is wrong.");
    for kind in [AlarmKind::Field, AlarmKind::Short, AlarmKind::Silent, AlarmKind::Failing] {
        out.sample("alarms", &[("kind", kind.name())], summary.alarms.iter().filter(|alarm| alarm.kind == kind).count());
    }
    out.family("host_articles", "Articles looked at, by what became of them.");
    for (host, figures) in &summary.hosts {
        for (change, n) in [("new", figures.new), ("changed", figures.changed), ("unchanged", figures.unchanged)] {
            out.sample("host_articles", &[("host", host), ("change", change)], n);
        }
    }
    out.out
}

struct Text<'a> {
    out: String,
    worker: Option<&'a str>,
}

impl Text<'_> {
    fn family(&mut self, name: &str, help: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.out, "# HELP copydesk_run_{name} {help}\n# TYPE copydesk_run_{name} gauge");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let worker = self.worker.map(|worker| ("worker", worker));
        let labels = labels.iter().chain(&worker).map(|(key, value)| format!("{key}=\"{}\"", escaped(value)));
        let labels: Vec<String> = labels.collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.out, "copydesk_run_{name}{labels} {value}");
    }
}

/// A label's value, escaped as the format asks.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_its_family() {
        let mut summary = Summary { started_at: "2026-03-14T06:30:00Z".to_owned(), seconds: 1.5, left: 3, ..Summary::default() };
        summary.skipped.insert("index\"page".to_owned(), 2);
        summary.hosts.insert("news.example:443".to_owned(), HostSummary { requests: 7, new: 4, ..HostSummary::default() });
        let of_worker = prometheus(&summary, Some("a"));
        assert!(of_worker.contains("copydesk_run_urls_left{worker=\"a\"} 3\n"));
        assert!(of_worker.contains("copydesk_run_skipped{reason=\"index\\\"page\",worker=\"a\"} 2\n"), "{of_worker}");
        let text = prometheus(&summary, None);
        for line in [
            "copydesk_run_start_timestamp_seconds 1773469800",
            "copydesk_run_duration_seconds 1.5",
            "copydesk_run_urls_left 3",
            "copydesk_run_skipped{reason=\"index\\\"page\"} 2",
            "copydesk_run_host_requests{host=\"news.example:443\"} 7",
            "copydesk_run_host_articles{host=\"news.example:443\",change=\"new\"} 4",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        for sample in text.lines().filter(|l| !l.starts_with('#')) {
            let name = sample.split(['{', ' ']).next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{sample}");
        }
    }
}
