//! A crawl from its seed to its files, and what the next run does.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;

use support::paper::Paper;
use support::{Desk, State, config, field, states};

/// Numbers of the articles that have a line, each once.
fn written(desk: &Desk) -> BTreeSet<usize> {
    let urls = field(&desk.lines("articles.jsonl"), "url");
    let numbers: Vec<usize> = urls.iter().filter_map(|url| Paper::number(url)).collect();
    let set: BTreeSet<usize> = numbers.iter().copied().collect();
    assert_eq!(set.len(), numbers.len(), "an article has two lines: {numbers:?}");
    set
}

fn expected(articles: usize) -> BTreeSet<usize> {
    (0..articles).filter(|n| n % 10 != 9).collect()
}

#[test]
fn every_article_once_and_a_reason_for_every_other_page() {
    states().into_iter().for_each(each_once);
}

fn each_once(state: State) {
    let server = Paper::new(60).with_faults().serve();
    let desk = Desk::with(state, &config(&server.url("/"), ""));
    let (code, log) = desk.crawl(&["--summary-json", "summary.json"]);
    assert_eq!(code, 0, "{log}");
    assert_eq!(written(&desk), expected(60), "{log}");
    let rejected = desk.lines("rejected.jsonl");
    let reasons: Vec<(String, String)> = field(&rejected, "url").into_iter().zip(field(&rejected, "reason")).collect();
    let of = |part: &str, reason: &str| reasons.iter().filter(|(url, r)| url.contains(part) && r == reason).count();
    assert_eq!(of("story-", "noindex"), 6, "{reasons:?}");
    assert_eq!(of("/private/", "robots"), 1);
    assert_eq!(of("/missing-", "http_status"), 6);
    assert!(server.hits().iter().all(|hit| !hit.path.starts_with("/private/")));
    let summary: serde_json::Value = serde_json::from_slice(&std::fs::read(desk.path("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["articles_known"], desk.lines("articles.jsonl").len());
}

#[test]
fn the_next_run_asks_conditionally_and_writes_only_what_changed() {
    states().into_iter().for_each(only_what_changed);
}

fn only_what_changed(state: State) {
    let paper = Paper::new(40);
    let (edits, gone) = (paper.edits.clone(), paper.gone.clone());
    let server = paper.serve();
    let desk = Desk::with(state, &config(&server.url("/"), "revisit_after = \"0s\"\n"));
    assert_eq!(desk.crawl(&[]).0, 0);
    let (first, rejected) = (desk.lines("articles.jsonl"), desk.lines("rejected.jsonl"));
    server.hits();
    assert_eq!(desk.crawl(&[]).0, 0);
    assert_eq!(desk.lines("articles.jsonl").len(), first.len(), "an unchanged site gives no line");
    assert_eq!(desk.lines("rejected.jsonl").len(), rejected.len(), "a reason is told once");
    let hits = server.hits();
    let stories: Vec<_> = hits.iter().filter(|hit| hit.path.contains("/2024/story-")).collect();
    assert!(!stories.is_empty() && stories.iter().all(|hit| hit.conditional && hit.status == 304), "{stories:?}");
    assert!(hits.iter().all(|hit| hit.path != "/robots.txt"), "robots.txt is fresh for a day");
    let unchanged = hits.iter().filter(|hit| hit.status == 304).count();
    let pages = hits.iter().filter(|hit| hit.status != 404).count();
    println!("second day: {} requests; of {pages} unchanged pages, lists and sitemaps {unchanged} answers are 304", hits.len());
    assert!(unchanged * 100 >= pages * 95, "of {pages} answers {unchanged} are 304: {hits:?}");
    edits.lock().unwrap().insert(3, 1);
    gone.lock().unwrap().push(5);
    assert_eq!(desk.crawl(&[]).0, 0);
    let all = desk.lines("articles.jsonl");
    assert_eq!(all.len(), first.len() + 1, "only the changed article has a new line");
    let last = all.last().unwrap();
    let of = |line: &serde_json::Value| Paper::number(line["url"].as_str().unwrap());
    assert_eq!((of(last), last["revision"].as_u64()), (Some(3), Some(2)));
    let earlier = first.iter().find(|line| of(line) == Some(3)).unwrap();
    assert_eq!(last["id"], earlier["id"]);
    assert_ne!(last["content_hash"], earlier["content_hash"]);
    let told = desk.lines("rejected.jsonl");
    assert_eq!(told.len(), rejected.len() + 1);
    assert_eq!((told.last().unwrap()["reason"].as_str(), told.last().unwrap()["status"].as_u64()), (Some("http_status"), Some(404)));
}
