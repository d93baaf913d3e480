//! Killed at any moment, any number of times, then run to the end: every article once, every line whole.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::paper::Paper;
use support::{Desk, Server, State, config, ended, field, read_lines, states, warc};

/// 324 of them are records: every tenth asks not to be indexed.
const ARTICLES: usize = 360;
const KILLS: u64 = 50;
/// Where the process ends itself as a kill would (src/write/fault.rs).
const POINTS: [&str; 11] = [
    "output-half",
    "output-written",
    "output-synced",
    "rejected-half",
    "rejected-written",
    "rejected-synced",
    "warc-half",
    "warc-written",
    "warc-synced",
    "before-commit",
    "after-commit",
];

/// Slow enough that fifty kills are spread over the whole crawl.
const PACE: &str = "[politeness]\nper_host_delay = \"8ms\"\nper_host_concurrency = 4\n[output]\nwarc = \"warc\"\n";

/// Runs until the named point is passed for the n-th time; whether the process ended there.
fn crawl_until(desk: &Desk, point: &str, times: u32) -> bool {
    let mut command = desk.command();
    command.env("COPYDESK_FAULT", format!("{point}:{times}")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    ended(&mut child, Instant::now() + Duration::from_mins(1)).is_some_and(|status| status.code().is_none())
}

/// Runs to the end, then looks at all that was written.
fn finish(server: &Server, desk: &Desk) {
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let lines = desk.lines("articles.jsonl");
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for url in field(&lines, "url") {
        *times.entry(Paper::number(&url).unwrap()).or_default() += 1;
    }
    let wrong: Vec<usize> = (0..ARTICLES).filter(|n| times.get(n).copied().unwrap_or(0) != usize::from(n % 10 != 9)).collect();
    assert!(wrong.is_empty(), "lost or repeated: {wrong:?}\n{log}");
    let rejected = read_lines(&desk.path("rejected.jsonl"));
    let mut pairs: Vec<_> = field(&rejected, "url").into_iter().zip(field(&rejected, "reason")).collect();
    let all = pairs.len();
    pairs.sort();
    pairs.dedup();
    assert_eq!(pairs.len(), all, "a reason is told once");
    let asked_not_to_be_indexed = pairs.iter().filter(|(_, reason)| reason == "noindex").count();
    assert_eq!(asked_not_to_be_indexed, ARTICLES / 10);
    // Reading them fails at a torn member; each line's answer is there, and once.
    let records = warc::records(&desk.path("warc"));
    let mut made: BTreeMap<(String, String), usize> = BTreeMap::new();
    for metadata in records.iter().filter(|record| record.is("metadata")) {
        *made.entry((metadata.line("article-id").unwrap_or_default(), metadata.line("fetched-at").unwrap_or_default())).or_default() += 1;
    }
    for (id, at) in field(&lines, "id").into_iter().zip(field(&lines, "fetched_at")) {
        assert!(made.contains_key(&(id.clone(), at)), "the answer of {id} is in no WARC");
    }
    println!(
        "{} articles once each, 0 lost, 0 repeated, 0 torn lines; {all} rejected; {} WARC records; {} requests",
        lines.len(),
        records.len(),
        server.hits().len()
    );
}

#[test]
fn killed_again_and_again_nothing_is_lost_and_nothing_repeated() {
    states().into_iter().for_each(killed);
}

fn killed(state: State) {
    let seed: u64 = std::env::var("COPYDESK_KILL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_240_501);
    println!("COPYDESK_KILL_SEED={seed}");
    let server = Paper::new(ARTICLES).with_faults().serve();
    let desk = Desk::with(state, &config(&server.url("/"), PACE));
    let mut random = seed;
    for _ in 0..KILLS {
        // xorshift: the moments are the same for the same seed; what happens then is not.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        desk.crawl_and_kill(Duration::from_millis(60 + random % 700));
    }
    let before = desk.path("articles.jsonl").metadata().map_or(0, |file| file.len());
    println!("{KILLS} kills; {before} bytes of articles were written by then");
    finish(&server, &desk);
}

#[test]
fn ended_at_every_named_point_nothing_is_lost_and_nothing_repeated() {
    if !cfg!(debug_assertions) {
        return println!("skipped: a release build has no named points");
    }
    for state in states() {
        let server = Paper::new(ARTICLES).with_faults().serve();
        let desk = Desk::with(state, &config(&server.url("/"), PACE));
        for times in [1, 4] {
            for point in POINTS {
                assert!(crawl_until(&desk, point, times), "the run did not come to {point} for the {times}th time");
            }
        }
        println!("{state:?}: ended at {} named points, twice each", POINTS.len());
        finish(&server, &desk);
    }
}
