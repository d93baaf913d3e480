//! Copies of an article lead to their canonical page, wherever that leads.
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

use support::{Desk, Reply, Server, State, config, field, states};

fn story(number: usize, host: &str, canonical: &str) -> Reply {
    let text: String = (0..6)
        .map(|n| {
            format!(
                "<p>Report {number}, part {n}: the ferry of ward {} carried {} people and {} bicycles over the river last week.</p>",
                number + n,
                n * 31 + 400,
                n * 7 + number
            )
        })
        .collect();
    let head = format!(
        "<title>Report {number} on the ferry</title><meta property=og:type content=article><link rel=canonical href=\"http://{host}{canonical}\">"
    );
    Reply::html(format!(
        "<html lang=en><head>{head}</head><body><article><h1>Report {number} on the ferry</h1>{text}</article></body></html>"
    ))
}

#[test]
fn one_line_an_article_from_the_page_that_stands() {
    states().into_iter().for_each(from_the_page_that_stands);
}

fn from_the_page_that_stands(state: State) {
    let server = Server::start(|hit| {
        let host = hit.host.as_str();
        match hit.path.as_str() {
            "/" => {
                let paths = [
                    "/amp/1",
                    "/1",
                    "/amp/2",
                    "/print/2",
                    "/loop-a",
                    "/loop-b",
                    "/amp/3",
                    "/chain-a",
                    "/4?utm_source=x&fbclid=1",
                    "/4/",
                    "/amp/5",
                ];
                let list: String = paths.iter().map(|p| format!("<li><a href=\"{p}\">A long headline about {p}</a></li>")).collect();
                Reply::html(format!("<h1>Front</h1><ul>{list}</ul>"))
            }
            // A copy and its canonical page.
            "/amp/1" | "/1" => story(1, host, "/1"),
            // Two copies of a page that is gone: one of them stands for it.
            "/amp/2" | "/print/2" => story(2, host, "/2"),
            // Two pages that each name the other.
            "/loop-a" => story(30, host, "/loop-b"),
            "/loop-b" => story(30, host, "/loop-a"),
            // The canonical address redirects on.
            "/amp/3" => story(3, host, "/moved-3"),
            "/moved-3" => Reply::redirect("/3"),
            "/3" => story(3, host, "/3"),
            // A copy of a copy.
            "/chain-a" => story(6, host, "/chain-b"),
            "/chain-b" => story(6, host, "/chain-c"),
            "/chain-c" => story(6, host, "/chain-c"),
            // Spellings of one URL.
            "/4?utm_source=x&fbclid=1" | "/4/" | "/4" => story(4, host, "/4"),
            // The canonical page must not be indexed: neither is its copy.
            "/amp/5" => story(5, host, "/5"),
            "/5" => story(5, host, "/5").header("X-Robots-Tag", "copydesk: noindex"),
            _ => Reply::not_found(),
        }
    });
    let desk = Desk::with(state, &config(&server.url("/"), "revisit_after = \"0s\"\n"));
    for run in 0..3 {
        let (code, log) = desk.crawl(&[]);
        assert_eq!(code, 0, "{log}");
        let lines = desk.lines("articles.jsonl");
        let mut titles = field(&lines, "title");
        titles.sort();
        assert_eq!(titles, [1, 2, 3, 30, 4, 6].map(|n| format!("Report {n} on the ferry")), "run {run}: {log}");
        let mut ids = field(&lines, "id");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }
    let rejected = desk.lines("rejected.jsonl");
    let path = |url: &String| url.splitn(4, '/').nth(3).unwrap().to_owned();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (url, reason) in field(&rejected, "url").iter().map(path).zip(field(&rejected, "reason")) {
        reasons.entry(url).or_default().push(reason);
    }
    let of = |path: &str| reasons.get(path).map(|r| r.join(" ")).unwrap_or_default();
    for copy in ["amp/1", "amp/3", "chain-a", "chain-b", "amp/5"] {
        assert_eq!(of(copy), "canonical_elsewhere", "{copy}: {reasons:?}");
    }
    assert_eq!((of("2"), of("5")), ("http_status".to_owned(), "noindex".to_owned()));
    assert_eq!([of("amp/2"), of("print/2")].iter().filter(|r| r.is_empty()).count(), 1, "one of them is the record: {reasons:?}");
    assert_eq!([of("loop-a"), of("loop-b")].iter().filter(|r| r.is_empty()).count(), 1, "{reasons:?}");
}

#[test]
fn near_copies_are_told_in_the_summary() {
    let server = Server::start(|hit| match hit.path.as_str() {
        "/" => {
            Reply::html("<h1>Front</h1><ul><li><a href=/1>A long headline of the story</a><li><a href=/2>Another headline for it</a></ul>")
        }
        "/1" | "/2" => story(7, &hit.host, &hit.path),
        _ => Reply::not_found(),
    });
    for state in states() {
        let desk = Desk::with(state, &config(&server.url("/"), ""));
        let (code, log) = desk.crawl(&[]);
        assert_eq!((code, desk.lines("articles.jsonl").len()), (0, 2), "{log}");
        assert!(log.contains("near copies 1 of the records written"), "{log}");
    }
}
