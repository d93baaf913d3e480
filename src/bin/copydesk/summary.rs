//! A run's summary, for people.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use copydesk::pipeline::{HostSummary, Stopped, Summary};
use copydesk::units::{counted, show_size};

/// Hosts that are shown one by one.
const HOSTS_SHOWN: usize = 20;
/// Alarms, and warnings, that are shown one by one.
const LINES_SHOWN: usize = 12;

/// Prints it to standard error.
pub(crate) fn print(summary: &Summary) -> io::Result<()> {
    let mut out = io::stderr().lock();
    let (bold, plain) = if out.is_terminal() && std::env::var_os("NO_COLOR").is_none() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let Summary { new, changed, unchanged, .. } = summary;
    writeln!(
        out,
        "{bold}{}{plain}, {changed} changed, {unchanged} unchanged in {}",
        counted(*new, "new article"),
        seconds(summary.seconds)
    )?;
    writeln!(out, "  written to  {} ({} known by now)", summary.output.display(), counted(summary.articles_known, "article"))?;
    let (hosts, size) = (summary.hosts.len() as u64, show_size(summary.bytes));
    let not_modified = if summary.not_modified > 0 { format!(", {} not modified", summary.not_modified) } else { String::new() };
    writeln!(out, "  fetched     {}, {size}, {}{not_modified}", counted(summary.requests, "request"), counted(hosts, "host"))?;
    if summary.copies > 0 {
        let named = if summary.copies == 1 { "names its original" } else { "name their originals" };
        writeln!(out, "  near copies {} of the records written: duplicate_of {named}", summary.copies)?;
    }
    reasons(&mut out, "left out", &summary.skipped)?;
    reasons(&mut out, "failed", &summary.failed)?;
    hosts_table(&mut out, &summary.hosts)?;
    endings(&mut out, summary)?;
    warnings(&mut out, &summary.hosts)?;
    alarms(&mut out, summary)?;
    failure(&mut out, summary)
}

/// Prints alarms and why it came to nothing, if it did: all that `--quiet` lets through.
pub(crate) fn print_failure(summary: &Summary) -> io::Result<()> {
    let mut out = io::stderr().lock();
    alarms(&mut out, summary)?;
    failure(&mut out, summary)
}

fn alarms(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    for alarm in summary.alarms.iter().take(LINES_SHOWN) {
        writeln!(out, "alarm: {}: {}", alarm.host, alarm.message)?;
    }
    if summary.alarms.len() > LINES_SHOWN {
        writeln!(out, "alarm: … and {} more: copydesk report shows them", summary.alarms.len() - LINES_SHOWN)?;
    }
    Ok(())
}

/// What records say of site rules: one that matches nothing any more.
fn warnings(out: &mut impl Write, hosts: &BTreeMap<String, HostSummary>) -> io::Result<()> {
    let all = hosts.iter().flat_map(|(name, host)| host.warnings.iter().map(move |(text, n)| (name, text, *n, host.records)));
    for (name, text, n, records) in all.filter(|(_, text, ..)| text.starts_with("site rule")).take(LINES_SHOWN) {
        writeln!(out, "  warning    {name}: {text} ({n} of {records} records)")?;
    }
    Ok(())
}

fn endings(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    match summary.stopped {
        Some(Stopped::Interrupted) => writeln!(out, "  interrupted; the state is saved, {} URLs are left for the next run", summary.left)?,
        Some(Stopped::MaxRunTime) => writeln!(out, "  max_run_time is over, {} URLs are left for the next run", summary.left)?,
        Some(Stopped::MaxPages) => writeln!(out, "  max_pages is reached, {} URLs are left for the next run", summary.left)?,
        None if summary.left > 0 => writeln!(out, "  {} URLs are left for the next run", summary.left)?,
        None => {}
    }
    Ok(())
}

fn failure(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    for failure in &summary.seed_failures {
        writeln!(out, "  seed {}: {}", failure.url, failure.reason)?;
    }
    if summary.stopped == Some(Stopped::Interrupted) {
        return Ok(());
    }
    if summary.seeds_read + summary.read_elsewhere == 0 {
        writeln!(out, "error: no seed, sitemap or feed could be read; check their addresses")?;
    } else if summary.first_run && summary.articles_known == 0 {
        writeln!(out, "error: no article was found; see the reasons in the rejected file, and check seeds, include and max_depth")?;
    }
    Ok(())
}

fn reasons(out: &mut impl Write, name: &str, counts: &BTreeMap<String, u64>) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let list: Vec<String> = sorted.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    writeln!(out, "  {name:<11} {}", list.join(", "))
}

/// A line a host, the busiest first; a single host has been told of already.
fn hosts_table(out: &mut impl Write, hosts: &BTreeMap<String, HostSummary>) -> io::Result<()> {
    if hosts.len() < 2 && hosts.values().all(|h| h.closed.is_none()) {
        return Ok(());
    }
    let mut sorted: Vec<_> = hosts.iter().collect();
    sorted.sort_by_key(|(_, host)| std::cmp::Reverse((host.closed.is_some(), host.requests)));
    let width = sorted.iter().take(HOSTS_SHOWN).map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(4);
    writeln!(out, "  {:width$}  requests     new  changed  unchanged  left out  failed", "host")?;
    for (name, host) in sorted.iter().take(HOSTS_SHOWN) {
        let HostSummary { requests, new, changed, unchanged, skipped, failed, .. } = host;
        let closed = host.closed.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
        writeln!(out, "  {name:width$}  {requests:8}  {new:6}  {changed:7}  {unchanged:9}  {skipped:8}  {failed:6}{closed}")?;
    }
    if sorted.len() > HOSTS_SHOWN {
        writeln!(out, "  … and {} more hosts", sorted.len() - HOSTS_SHOWN)?;
    }
    Ok(())
}

fn seconds(seconds: f64) -> String {
    if seconds < 120.0 { format!("{seconds:.1} s") } else { format!("{:.0} min", seconds / 60.0) }
}
