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
use std::time::Duration;

use support::paper::Paper;
use support::{Desk, config, field, read_lines};

const ARTICLES: usize = 120;
const KILLS: u64 = 12;

#[test]
fn killed_again_and_again_nothing_is_lost_and_nothing_repeated() {
    let seed: u64 = std::env::var("COPYDESK_KILL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_240_501);
    println!("COPYDESK_KILL_SEED={seed}");
    let server = Paper::new(ARTICLES).with_faults().serve();
    let desk = Desk::new(&config(&server.url("/"), "[politeness]\nper_host_delay = \"2ms\"\nper_host_concurrency = 4\n"));
    let mut random = seed;
    for _ in 0..KILLS {
        // xorshift: the moments are the same for the same seed; what happens then is not.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        desk.crawl_and_kill(Duration::from_millis(20 + random % 350));
    }
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for url in field(&desk.lines("articles.jsonl"), "url") {
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
}
