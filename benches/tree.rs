//! What a tree costs: copydesk's parse of a page against `scraper::Html::parse_document`, in turns, in one process.
//!
//! `cargo bench --bench tree`; `PAGES=n` and `ROUNDS=n` as in `extract.rs`, `ONLY=name` for one contestant under a
//! profiler.
#![allow(clippy::print_stdout, reason = "a bench prints")]

mod pages;

use std::hint::black_box;
use std::time::{Duration, Instant};

use copydesk::extract::probe;

/// A contestant: its name, and what it does with a page.
type Contestant = (&'static str, fn(&str));

const CONTESTANTS: [Contestant; 2] =
    [("scraper", |html| drop(black_box(scraper::Html::parse_document(html)))), ("copydesk", |html| _ = black_box(probe::nodes(html)))];

fn main() {
    let (pages, what) = pages::load();
    let rounds: u32 = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    let only = std::env::var("ONLY").ok();
    let bytes: usize = pages.iter().map(|p| p.html.len()).sum();
    println!("{} {what}, {} KB a page, best of {rounds} rounds\n", pages.len(), bytes / pages.len().max(1) / 1000);
    let mut total = [Duration::ZERO; CONTESTANTS.len()];
    for page in &pages {
        let mut best = [Duration::MAX; CONTESTANTS.len()];
        for _ in 0..rounds {
            for ((name, run), best) in CONTESTANTS.iter().zip(&mut best) {
                if only.as_deref().is_some_and(|only| only != *name) {
                    continue;
                }
                let start = Instant::now();
                run(black_box(&page.html));
                *best = start.elapsed().min(*best);
            }
        }
        total.iter_mut().zip(best).for_each(|(total, best)| *total = total.saturating_add(best));
    }
    for ((name, _), time) in CONTESTANTS.iter().zip(total) {
        let seconds = time.as_secs_f64();
        println!("{name:<14} {:>8.1} MB/s {:>8.3} of scraper", count(bytes) / 1e6 / seconds, seconds / total[0].as_secs_f64());
    }
}

#[expect(clippy::cast_precision_loss, reason = "printed with a few digits")]
fn count(n: usize) -> f64 {
    n as f64
}
