//! A crawl from its seed to its files, and what the next run does.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use support::paper::Paper;
use support::{Desk, config, field};

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
    let server = Paper::new(60).with_faults().serve();
    let desk = Desk::new(&config(&server.url("/"), ""));
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
    let paper = Paper::new(40);
    let (edits, gone) = (paper.edits.clone(), paper.gone.clone());
    let server = paper.serve();
    let desk = Desk::new(&config(&server.url("/"), "revisit_after = \"0s\"\n"));
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
    // The server says 304 by header alone: the changed one must not.
    edits.lock().unwrap().insert(3, 1);
    gone.lock().unwrap().push(5);
}

#[test]
fn a_changed_article_is_a_new_revision_and_a_gone_one_stays() {
    use support::{Reply, Server};
    use std::sync::{Arc, Mutex};
    let state = Arc::new(Mutex::new(0));
    let own = Arc::clone(&state);
    let server = Server::start(move |hit| {
        let round = *own.lock().unwrap();
        let story = |text: &str| {
            let body = "<p>The council explained at length how the harbour bridge will be run over the coming months and years.</p>".repeat(4);
            Reply::html(format!("<html><body><article><h1>Bridge report</h1>{body}<p>{text}</p></article></body></html>"))
        };
        match (hit.path.as_str(), round) {
            ("/robots.txt", _) => Reply::not_found(),
            ("/", _) => Reply::html("<html><body><ul><li><a href=/a>A long headline about a</a><li><a href=/b>A long headline about b</a></ul></body></html>"),
            ("/a", 0) => story("It opens in spring, the mayor said on Monday afternoon."),
            ("/a", _) => story("It opens in autumn, the mayor said on Friday afternoon."),
            ("/b", 0 | 1) => story("A second report on the same bridge tells of its lamps and painters."),
            _ => Reply::not_found(),
        }
    });
    let desk = Desk::new(&config(&server.url("/"), "revisit_after = \"0s\"\n"));
    for round in 0..3 {
        *state.lock().unwrap() = round;
        assert_eq!(desk.crawl(&[]).0, 0);
    }
    let lines = desk.lines("articles.jsonl");
    let of = |path: &str| lines.iter().filter(|l| l["url"].as_str().unwrap().ends_with(path)).map(|l| l["revision"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(of("/a"), [1, 2]);
    assert_eq!(of("/b"), [1]);
    assert_eq!(lines.iter().filter(|l| l["url"].as_str().unwrap().ends_with("/a")).map(|l| l["id"].to_string()).collect::<BTreeSet<_>>().len(), 1);
}
