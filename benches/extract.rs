//! What a record costs: extraction of a page against a bare `scraper::Html::parse_document` and a bare run of
//! html5ever's tokenizer over the same page, in turns, in one process.
//!
//! `cargo bench --bench extract`; `PAGES=n` and `ROUNDS=n` in the environment take more or fewer, `ONLY=name` one contestant
//! under a profiler. On a shared machine read the ratios: each page's time is its best of all rounds.
#![allow(clippy::print_stdout, reason = "a bench prints")]

mod pages;

use std::hint::black_box;
use std::time::{Duration, Instant};

use copydesk::decode::Page;
use copydesk::record::{self, Options};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A contestant: its name, and what it does with a page.
type Contestant = (&'static str, fn(&Page));

const CONTESTANTS: [Contestant; 3] = [("copydesk", extract), ("scraper", parse), ("tokenizer", tokenize)];

fn main() {
    let (pages, what) = pages::load();
    let rounds: u32 = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    let only = std::env::var("ONLY").ok();
    let bytes: usize = pages.iter().map(|p| p.html.len()).sum();
    println!("{} {what}, {} KB a page, best of {rounds} rounds\n", pages.len(), bytes / pages.len().max(1) / 1000);
    let mut best = vec![[Duration::MAX; CONTESTANTS.len()]; pages.len()];
    for round in 0..rounds as usize {
        for (page, best) in pages.iter().zip(&mut best) {
            // Whoever comes first finds the page's bytes far away: each does in turn.
            for at in (0..CONTESTANTS.len()).map(|at| (at + round) % CONTESTANTS.len()) {
                let ((name, run), best) = (&CONTESTANTS[at], &mut best[at]);
                if only.as_deref().is_some_and(|only| only != *name) {
                    continue;
                }
                let start = Instant::now();
                run(black_box(page));
                *best = start.elapsed().min(*best);
            }
        }
    }
    println!("{:<12} {:>10} {:>8} {:>22} {:>16}", "", "ms a page", "MB/s", "of scraper, in total", "median of pages");
    for (at, (name, _)) in CONTESTANTS.iter().enumerate() {
        let total = |at: usize| best.iter().map(|b| b[at]).fold(Duration::ZERO, Duration::saturating_add).as_secs_f64();
        let ratios = best.iter().map(|b| b[at].as_secs_f64() / b[1].as_secs_f64().max(1e-9)).collect();
        let (ms, speed) = (total(at) * 1e3 / count(pages.len()), count(bytes) / 1e6 / total(at));
        println!("{name:<12} {ms:>10.3} {speed:>8.1} {:>22.3} {:>16.3}", total(at) / total(1), median(ratios));
    }
}

#[expect(clippy::cast_precision_loss, reason = "printed with a few digits")]
fn count(n: usize) -> f64 {
    n as f64
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_unstable_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or_default()
}

fn extract(page: &Page) {
    black_box(record::read_article(page, &Options::default()).is_ok());
}

fn parse(page: &Page) {
    black_box(scraper::Html::parse_document(&page.html));
}

fn tokenize(page: &Page) {
    struct Nothing;
    impl TokenSink for Nothing {
        type Handle = ();
        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            black_box(token);
            TokenSinkResult::Continue
        }
    }
    let tokenizer = Tokenizer::new(Nothing, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(page.html.as_str()));
    while !matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {}
    tokenizer.end();
}
