//! What can go wrong outside, one by one: it has a name in `rejected`, and the run goes on.
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
use std::io::Write;
use std::time::{Duration, Instant};

use support::{Desk, Hit, Reply, Server, State, config, field, states};

fn article(title: &str) -> String {
    let text: String = (0..6)
        .map(|n| format!("<p>Paragraph {n} of {title} tells of {} lamps, {} bridges and what the council of ward {n} decided about them last week.</p>", n + 3, n * 2 + 7))
        .collect();
    format!(
        "<html lang=en><head><title>{title}</title><meta property=og:type content=article></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    )
}

fn front(paths: &[&str]) -> Reply {
    let links: String = paths.iter().map(|p| format!("<li><a href=\"{p}\">A headline about {p}</a></li>")).collect();
    Reply::html(format!("<h1>Front</h1><ul>{links}</ul>"))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn reasons(desk: &Desk) -> BTreeMap<String, String> {
    let lines = desk.lines("rejected.jsonl");
    let path = |url: &String| url.splitn(4, '/').nth(3).unwrap().to_owned();
    field(&lines, "url").iter().map(path).zip(field(&lines, "reason")).collect()
}

fn answer(hit: &Hit) -> Reply {
    let outside = hit.host.replace("127.0.0.1", "127.0.0.2");
    match hit.path.as_str() {
        "/robots.txt" => Reply::not_found(),
        "/" => front(&[
            "/good",
            "/loop",
            "/out",
            "/pdf",
            "/big",
            "/bomb",
            "/slow",
            "/short",
            "/teapot",
            "/empty",
            "/hop1",
            "/noscheme",
            "/packed",
        ]),
        "/good" => Reply::html(article("A good article")),
        "/packed" => Reply { body: gzip(&article("A packed article")), ..Reply::html("") }.header("Content-Encoding", "gzip"),
        "/loop" => Reply::redirect("/loop"),
        "/out" => Reply::redirect(&format!("http://{outside}/good")),
        "/noscheme" => Reply::redirect("ftp://news.example/"),
        "/hop1" => Reply::redirect("/hop2"),
        "/hop2" => Reply::redirect("/landed"),
        "/landed" => Reply::html(article("The article at the end of the way")),
        "/pdf" => Reply::new(200, "application/pdf", "%PDF-1.7"),
        "/big" => Reply::html("x".repeat(300_000)),
        "/bomb" => Reply { body: gzip(&"<p>x</p>".repeat(100_000)), ..Reply::html("") }.header("Content-Encoding", "gzip"),
        "/slow" => Reply { drip: Some(Duration::from_millis(300)), ..Reply::html("y".repeat(64 * 40)) },
        "/short" => Reply { short: true, ..Reply::html(article("Cut")) },
        "/teapot" => Reply::status(418),
        "/empty" => Reply::html(""),
        _ => Reply::not_found(),
    }
}

#[test]
fn every_fault_has_its_name() {
    states().into_iter().for_each(each_has_its_name);
}

fn each_has_its_name(state: State) {
    let server = Server::start(answer);
    let limits = "[politeness]\nper_host_delay = \"0s\"\nper_host_concurrency = 8\n[output]\n";
    let mut text = config(&server.url("/"), limits);
    text = text.replace("[http]\n", "[http]\ntimeout = \"1s\"\nretries = 1\nmax_body_bytes = \"200KiB\"\nmax_redirects = 4\n");
    let desk = Desk::with(state, &text);
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let mut written = field(&desk.lines("articles.jsonl"), "url");
    written.sort();
    assert_eq!(written, ["/good", "/landed", "/packed"].map(|p| server.url(p)), "{log}");
    let reasons = reasons(&desk);
    let expected = [
        ("loop", "redirect"),
        ("out", "out_of_scope"),
        ("pdf", "not_html"),
        ("big", "too_large"),
        ("bomb", "too_large"),
        ("slow", "timeout"),
        ("short", "body"),
        ("teapot", "http_status"),
        ("empty", "no_content"),
        ("noscheme", "out_of_scope"),
    ];
    for (path, reason) in expected {
        assert_eq!(reasons.get(path).map(String::as_str), Some(reason), "{path}: {reasons:?}");
    }
    let hits = server.hits();
    let times = |path: &str| hits.iter().filter(|hit| hit.path == path).count();
    assert_eq!((times("/short"), times("/teapot"), times("/loop")), (2, 1, 5));
}

#[test]
fn a_dead_host_costs_only_its_own_pages() {
    let server = Server::start(answer);
    let config = format!(
        "[crawl]\nseeds = [\"http://127.0.0.1:9/\", \"{}\", \"http://nowhere.invalid/\"]\n[http]\nallow_private_addresses = true\nretries = 0\ntimeout = \"2s\"\n[politeness]\nper_host_delay = \"0s\"\n",
        server.url("/good")
    );
    let desk = Desk::new(&config);
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    assert_eq!(desk.lines("articles.jsonl").len(), 1);
    assert_eq!(desk.lines("rejected.jsonl").len(), 2, "{log}");
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    let server = Server::start(answer);
    let seeds =
        [server.url("/good"), format!("http://localhost:{}/good", server.port), format!("http://pinned.example:{}/good", server.port)];
    let text = format!(
        "[crawl]\nseeds = {seeds:?}\n[http]\nretries = 0\n[http.resolve]\n\"pinned.example\" = \"127.0.0.1\"\n[politeness]\nper_host_delay = \"0s\"\n"
    );
    let desk = Desk::new(&text);
    assert_eq!(desk.crawl(&[]).0, 1);
    assert_eq!(field(&desk.lines("rejected.jsonl"), "reason"), ["address"; 3]);
    assert_eq!(server.hits().len(), 0, "nothing was connected to");
    let (code, log) = desk.crawl(&["--allow-private-addresses"]);
    assert_eq!((code, desk.lines("articles.jsonl").len()), (0, 3), "{log}");
}

#[test]
fn two_runs_at_once_the_second_gives_way() {
    for state in states() {
        let server = Server::start(|_| Reply { delay: Duration::from_secs(2), ..Reply::html("") });
        let desk = Desk::with(state, &config(&server.url("/"), ""));
        let mut first = desk.command().spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while server.hits().is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let (code, log) = desk.crawl(&[]);
        assert_eq!(code, 75, "{log}");
        assert!(log.contains("another run holds the state"), "{log}");
        first.kill().unwrap();
        first.wait().unwrap();
    }
}

#[test]
fn what_cannot_be_written_is_told_before_any_request() {
    let server = Server::start(answer);
    let desk = Desk::new(&(config(&server.url("/"), "") + "[output]\npath = \"taken/articles.jsonl\"\n"));
    std::fs::write(desk.path("taken"), "a file where a folder should be").unwrap();
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 1, "{log}");
    assert!(log.starts_with("error: ") && log.contains("taken"), "{log}");
    let desk = Desk::new(&config(&server.url("/"), ""));
    std::fs::write(desk.path("state.sqlite"), "no database at all, but long enough to look at".repeat(100)).unwrap();
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("damaged") && log.contains("hint: "), "{log}");
    let desk = Desk::new("[crawl]\nseedz = []\n");
    assert_eq!(desk.crawl(&[]).0, 2);
    assert_eq!(server.hits().len(), 0);
}

#[test]
fn a_signal_ends_the_run_cleanly() {
    states().into_iter().for_each(ended_by_a_signal);
}

fn ended_by_a_signal(state: State) {
    let server = support::paper::Paper::new(50).serve();
    let desk = Desk::with(state, &config(&server.url("/"), "[politeness]\nper_host_delay = \"50ms\"\n"));
    let child = desk.command().spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let mut seen = 0;
    while seen < 8 && Instant::now() < until {
        seen += server.hits().len();
        std::thread::sleep(Duration::from_millis(5));
    }
    support::signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{log}");
    assert!(log.contains("state is saved"), "{log}");
    assert_eq!(desk.crawl(&["--max-pages", "3"]).0, 0);
}
