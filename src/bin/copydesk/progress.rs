//! How far a crawl is, for a terminal: a line for all, then one each for the hosts that do something.

use std::time::Duration;

use copydesk::pipeline::{Doing, Progress};
use copydesk::units::show_duration;

/// Hosts that have a line.
const HOSTS: usize = 5;
/// Columns of a host's name.
const NAME: usize = 40;

/// The message of the progress bar.
pub(crate) fn message(progress: &Progress, elapsed: Duration) -> String {
    let Progress { visited, records, rejected, left, hosts } = progress;
    let rate = per_second(*visited, elapsed);
    let rest = if *left > 0 { format!("; {left} left{}", time_left(*left, rate)) } else { String::new() };
    let mut lines = vec![format!("{visited} looked at ({rate:.1}/s), {records} written, {rejected} left out or failed{rest}")];
    let width = hosts.iter().take(HOSTS).map(|host| name(&host.authority).chars().count()).max().unwrap_or(0);
    for host in hosts.iter().take(HOSTS) {
        let doing = match host.doing {
            Doing::Fetching => "fetching".to_owned(),
            Doing::Waiting(wait) => format!("next in {:.1} s", wait.as_secs_f64()),
            Doing::Held(wait) => format!("asked to wait {}", show_duration(Duration::from_secs(wait.as_secs() + 1))),
        };
        lines.push(format!("  {:width$}  {:>6} looked at, {doing}", name(&host.authority), host.visited));
    }
    if hosts.len() > HOSTS {
        lines.push(format!("  … and {} more hosts", hosts.len() - HOSTS));
    }
    lines.join("\n")
}

/// What the present rate needs for the rest, once there is a rate to go by.
fn time_left(left: u64, rate: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let seconds = left as f64 / rate;
    match seconds {
        s if !s.is_finite() || rate < 0.01 => String::new(),
        s if s < 90.0 => format!(", about {s:.0} s"),
        s if s < 5400.0 => format!(", about {:.0} min", s / 60.0),
        s => format!(", about {:.0} h", s / 3600.0),
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn per_second(count: u64, elapsed: Duration) -> f64 {
    if elapsed < Duration::from_secs(1) { 0.0 } else { count as f64 / elapsed.as_secs_f64() }
}

/// A host's name without the usual ports, not too long.
fn name(authority: &str) -> String {
    let bare = authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority);
    match bare.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &bare[..end]),
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use copydesk::pipeline::HostProgress;

    use super::*;

    #[test]
    fn a_line_for_all_and_one_for_each_host() {
        let host = |name: &str, doing| HostProgress { authority: name.to_owned(), visited: 12, doing };
        let hosts = vec![
            host("news.example:443", Doing::Fetching),
            host("b.example:8080", Doing::Waiting(Duration::from_millis(800))),
            host("c.example:80", Doing::Held(Duration::from_secs(90))),
        ];
        let progress = Progress { visited: 40, records: 10, rejected: 5, left: 400, hosts };
        let expected = "40 looked at (4.0/s), 10 written, 5 left out or failed; 400 left, about 2 min\
            \n  news.example        12 looked at, fetching\
            \n  b.example:8080      12 looked at, next in 0.8 s\
            \n  c.example           12 looked at, asked to wait 91s";
        assert_eq!(message(&progress, Duration::from_secs(10)), expected);
        let many = Progress { hosts: progress.hosts.iter().cycle().take(9).cloned().collect(), ..Progress::default() };
        assert!(message(&many, Duration::ZERO).ends_with("… and 4 more hosts"));
    }
}
