//! Processor time and memory of a child process, the size of a state, and the rate of a polite crawl.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, which is 100 on every Linux.
const TICKS: f64 = 100.0;
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// What a process took.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) peak_kib: u64,
    /// Resident memory, look by look.
    pub(crate) resident_kib: Vec<u64>,
}

/// Runs a process to its end and watches it through `/proc`.
pub(crate) fn run(command: &mut Command) -> Figures {
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let process = format!("/proc/{}", child.id());
    let mut figures = Figures::default();
    loop {
        let stat = std::fs::read_to_string(format!("{process}/stat")).unwrap();
        // The name in brackets may hold anything; what follows it are single words: state first, then 10 further ones.
        let words: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
        let ticks: f64 = words[11].parse::<f64>().unwrap() + words[12].parse::<f64>().unwrap();
        figures.cpu_seconds = ticks / TICKS;
        if words[0] == "Z" {
            break;
        }
        if let Ok(status) = std::fs::read_to_string(format!("{process}/status")) {
            let of = |key: &str| status.lines().find_map(|l| l.strip_prefix(key)?.trim().trim_end_matches(" kB").parse::<u64>().ok());
            figures.peak_kib = figures.peak_kib.max(of("VmHWM:").unwrap_or(0));
            figures.resident_kib.extend(of("VmRSS:"));
        }
        std::thread::sleep(LOOK);
    }
    figures.seconds = started.elapsed().as_secs_f64();
    assert!(child.wait().unwrap().success());
    figures
}

/// URLs in a state, and the bytes that it takes once everything about articles is taken out.
pub(crate) fn state_size(state: &Path) -> (u64, u64) {
    let copy = state.with_extension("copy");
    std::fs::copy(state, &copy).unwrap();
    let db = rusqlite::Connection::open(&copy).unwrap();
    db.execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE bands; DROP TABLE fingerprints; DROP TABLE articles; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    let urls: i64 = db.query_row("SELECT count(*) FROM urls", [], |row| row.get(0)).unwrap();
    drop(db);
    (urls.unsigned_abs(), std::fs::metadata(&copy).unwrap().len())
}

/// The share of the allowed rate that was kept, from the first request of each host to its last but one; the fewest
/// requests of a host.
pub(crate) fn kept_rate(log: &[(String, Instant)], delay: Duration) -> (f64, usize) {
    let mut hosts: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    for (host, at) in log {
        hosts.entry(host).or_default().push(*at);
    }
    let (mut sent, mut allowed) = (0.0, 0.0);
    let begun = log.iter().map(|(_, at)| *at).min().unwrap();
    for times in hosts.values() {
        let last = times.iter().max().unwrap();
        // From the run's first request on, each host may be asked at once and then every delay.
        allowed += last.duration_since(begun).as_secs_f64() / delay.as_secs_f64() + 1.0;
        sent += times.len() as f64;
    }
    (sent / allowed, hosts.values().map(Vec::len).min().unwrap_or(0))
}
