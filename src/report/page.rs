//! The report as a page.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::plots::{self, Series};
use super::{Report, Site};
use crate::pipeline::{HostSummary, Summary};
use crate::units::{counted, float, percent, show_size};
use crate::write::FIELDS;

/// Sites that get a plot of their own.
const SITES_PLOTTED: usize = 24;
/// Sites, and runs, that get a row.
const ROWS: usize = 200;
/// Kinds of failures that get a colour of their own.
const KINDS: usize = 5;
/// Nothing is fetched, and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page, whole: nothing else is needed to see it.
#[must_use]
pub fn html(report: &Report<'_>) -> String {
    let runs = report.runs;
    let title = match (runs.first(), runs.last()) {
        (Some(first), Some(last)) => format!("{}, {} to {}", counted(runs.len() as u64, "run"), day(first), day(last)),
        _ => "No run yet".to_owned(),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "copydesk report: " (title) }
                style { (PreEscaped(concat!(include_str!("../page.css"), include_str!("style.css")))) }
            }
            body {
                header {
                    p.soft { "copydesk report" }
                    h1 { (title) }
                    (totals(report))
                }
                main {
                    (alarms(report))
                    @if !runs.is_empty() {
                        section { h2 { "Runs" } div.plots { (articles(runs)) (failures(report)) (answers(runs)) (waiting(runs)) (disk(runs)) } }
                        section { h2 { "Fields by site" } (completeness(report)) }
                        section { h2 { "Sites" } (sites(&report.sites)) }
                        section { h2 { "Records by language" } (counts("Language", &report.languages)) }
                        section { h2 { "Pages without a record" } (counts("Reason", &both(&report.skipped, &report.failed))) }
                        section { h2 { "Run by run" } (table(runs)) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn totals(report: &Report<'_>) -> Markup {
    let sum = |of: fn(&Summary) -> u64| report.runs.iter().map(of).sum::<u64>();
    let last = report.runs.last();
    html! {
        dl.totals {
            div { dt { "new articles" } dd { (sum(|run| run.new)) } }
            div { dt { "new revisions" } dd { (sum(|run| run.changed)) } }
            div { dt { "near copies" } dd { (sum(|run| run.copies)) } }
            div { dt { "articles known" } dd { (last.map_or(0, |run| run.articles_known)) } }
            div { dt { "requests" } dd { (sum(|run| run.requests)) } }
            div { dt { "fetched" } dd { (show_size(sum(|run| run.bytes))) } }
            div { dt { "sites" } dd { (report.sites.len()) } }
        }
    }
}

fn alarms(report: &Report<'_>) -> Markup {
    let warnings: Vec<(&str, &str, u64, u64)> = report
        .runs
        .last()
        .into_iter()
        .flat_map(|run| &run.hosts)
        .flat_map(|(name, host)| host.warnings.iter().map(move |(text, n)| (name.as_str(), text.as_str(), *n, host.records)))
        .collect();
    html! {
        section {
            h2 { "Alarms of the last run" }
            @if report.alarms.is_empty() { p.soft { "None: every site gives what it used to." } }
            ul.alarms { @for alarm in report.alarms { li { strong { (alarm.host) } ": " (alarm.message) } } }
            @if !warnings.is_empty() {
                h3 { "Warnings of its records" }
                ul { @for (host, text, n, records) in warnings { li { (host) ": " (text) " (" (n) " of " (records) " records)" } } }
            }
        }
    }
}

/// A plot with its title and what its colours mean.
fn figure(title: &str, svg: String, series: &[Series]) -> Markup {
    html! {
        figure {
            figcaption { (title) }
            (PreEscaped(svg))
            @if series.len() > 1 {
                ul.key { @for (at, series) in series.iter().enumerate() { li { i class={ "c" (at) } {} (series.name) } } }
            }
        }
    }
}

fn series(name: &str, runs: &[Summary], value: impl Fn(&Summary) -> f64) -> Series {
    Series { name: name.to_owned(), values: runs.iter().map(value).collect() }
}

fn articles(runs: &[Summary]) -> Markup {
    let series = [series("new", runs, |run| float(run.new)), series("new revisions", runs, |run| float(run.changed))];
    figure("Articles written", plots::stacked(&labels(runs), &series, ""), &series)
}

fn failures(report: &Report<'_>) -> Markup {
    let mut kinds: Vec<(&String, &u64)> = report.failed.iter().collect();
    kinds.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let one = |kind: &str| series(kind, report.runs, |run| float(run.failed.get(kind).copied().unwrap_or(0)));
    let mut shown: Vec<Series> = kinds.iter().take(KINDS).map(|(kind, _)| one(kind)).collect();
    if kinds.len() > KINDS {
        let rest = |run: &Summary| kinds[KINDS..].iter().filter_map(|(kind, _)| run.failed.get(*kind)).sum::<u64>();
        shown.push(series("others", report.runs, |run| float(rest(run))));
    }
    figure("Pages that failed", plots::stacked(&labels(report.runs), &shown, ""), &shown)
}

fn answers(runs: &[Summary]) -> Markup {
    let series = [series("seconds", runs, |run| run.answering_seconds / float(run.requests.max(1)))];
    figure("Time of an answer, on average", plots::lines(&labels(runs), &series, " s"), &series)
}

fn waiting(runs: &[Summary]) -> Markup {
    let share = |run: &Summary| 100.0 * run.waited_seconds / (run.waited_seconds + run.answering_seconds).max(f64::MIN_POSITIVE);
    let series = [series("share", runs, share)];
    figure("Share of the requests' time that was spent waiting, to be polite", plots::lines(&labels(runs), &series, " %"), &series)
}

fn disk(runs: &[Summary]) -> Markup {
    let of = |kind: &str| series(kind, runs, |run| float(run.disk.get(kind).copied().unwrap_or(0)));
    let series: Vec<Series> =
        ["state", "output", "rejected", "warc"].map(of).into_iter().filter(|s| s.values.iter().any(|v| *v > 0.0)).collect();
    figure("Bytes on disk", plots::stacked(&labels(runs), &series, ""), &series)
}

fn completeness(report: &Report<'_>) -> Markup {
    let share = |host: Option<&HostSummary>| -> Vec<Option<f64>> {
        let host = host.filter(|host| host.records > 0);
        FIELDS.iter().map(|field| host.map(|host| float(host.fields.get(*field).copied().unwrap_or(0)) / float(host.records))).collect()
    };
    let shown: Vec<&Site> = report.sites.iter().filter(|site| site.records > 0).take(SITES_PLOTTED).collect();
    html! {
        p.soft { "A column a run, oldest at the left; the fuller a cell, the more of the run's records hold the field. Runs without records are blank." }
        div.plots {
            @for site in &shown {
                @let runs: Vec<_> = report.runs.iter().map(|run| share(run.hosts.get(&site.host))).collect();
                @let alarm = report.alarms.iter().any(|alarm| alarm.host == site.host);
                figure {
                    figcaption { (site.host) @if alarm { " " span.fell { "alarm" } } }
                    (PreEscaped(plots::cells(&FIELDS, &runs)))
                }
            }
        }
        @if shown.is_empty() { p.soft { "No record was written in these runs." } }
    }
}

fn sites(sites: &[Site]) -> Markup {
    const SHOWN: [&str; 5] = ["byline", "published", "body", "captions", "credits"];
    html! {
        div.scroll tabindex="0" role="region" aria-label="Sites" {
            table {
                caption { "All runs together; fields as shares of the records" }
                thead { tr {
                    th scope="col" { "Site" } th scope="col" { "requests" } th scope="col" { "pages" } th scope="col" { "failed" } th scope="col" { "records" }
                    @for field in SHOWN { th scope="col" { (field) } }
                    th scope="col" { "an answer" } th scope="col" { "waiting" }
                } }
                tbody { @for site in sites.iter().take(ROWS) { tr {
                    th scope="row" { (site.host) }
                    td { (site.requests) } td { (site.visited) } td { (site.failed) } td { (site.records) }
                    @for field in SHOWN { td { @if site.records > 0 { (percent(float(site.fields.get(field).copied().unwrap_or(0)) / float(site.records))) } @else { "–" } } }
                    td { (format!("{:.2} s", site.seconds_an_answer)) } td { (percent(site.waiting)) }
                } } }
            }
        }
        @if sites.len() > ROWS { p.soft { "… and " (sites.len() - ROWS) " more; all of them are in the JSON." } }
    }
}

fn counts(name: &str, counts: &BTreeMap<String, u64>) -> Markup {
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by_key(|(key, n)| (std::cmp::Reverse(**n), *key));
    html! {
        @if sorted.is_empty() { p.soft { "None." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(name) {
                table {
                    thead { tr { th scope="col" { (name) } th scope="col" { "count" } } }
                    tbody { @for (key, n) in sorted.iter().take(ROWS) { tr {
                        th scope="row" { @if key.is_empty() { span.none { "unknown" } } @else { (key) } }
                        td { (n) }
                    } } }
                }
            }
        }
    }
}

fn table(runs: &[Summary]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Run by run" {
            table {
                thead { tr {
                    th scope="col" { "Began" }
                    @for name in ["seconds", "requests", "new", "changed", "unchanged", "left out", "failed", "alarms"] { th scope="col" { (name) } }
                } }
                tbody { @for run in runs.iter().rev().take(ROWS) { tr {
                    th scope="row" { (run.started_at) }
                    td { (format!("{:.0}", run.seconds)) } td { (run.requests) } td { (run.new) } td { (run.changed) } td { (run.unchanged) }
                    td { (run.skipped.values().sum::<u64>()) } td { (run.failed.values().sum::<u64>()) }
                    td { @if run.alarms.is_empty() { "0" } @else { span.fell { (run.alarms.len()) } } }
                } } }
            }
        }
    }
}

fn both(a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut sums = a.clone();
    super::add(&mut sums, b);
    sums
}

/// A short name for each run: its day, with the time where there are several a day.
fn labels(runs: &[Summary]) -> Vec<String> {
    let mut days: Vec<&str> = runs.iter().map(day).collect();
    days.dedup();
    let to = if days.len() < runs.len() { 16 } else { 10 };
    runs.iter().map(|run| run.started_at.get(5..to).unwrap_or_default().replace('T', " ")).collect()
}

fn day(run: &Summary) -> &str {
    run.started_at.get(..10).unwrap_or("?")
}
