//! Alarms of a crawl against its earlier runs, and the report of them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::format_collect, clippy::print_stderr, reason = "tests")]

mod support;

use std::process::Command;
use std::sync::{Arc, Mutex};

use copydesk::pipeline::{AlarmKind, HostSummary, Summary, raised};
use copydesk::report::{Report, html};
use scraper::{Html, Selector};
use support::{Desk, Hit, Reply, Server, config};

/// A paper that prints more articles from run to run, and may change its template.
#[derive(Debug, Default)]
struct Paper {
    articles: usize,
    /// Articles from this one on have no byline where readers look for one, and no caption.
    changed_from: Option<usize>,
}

impl Paper {
    fn reply(&self, hit: &Hit) -> Reply {
        if hit.path == "/" {
            let list: String = (0..self.articles).map(|n| format!("<li><a href=/2026/story-{n}>Ferry number {n} comes home</a>")).collect();
            return Reply::html(format!("<title>The Pier</title><h1>The Pier</h1><ul>{list}</ul>"));
        }
        match hit.path.strip_prefix("/2026/story-").and_then(|n| n.parse::<usize>().ok()) {
            Some(n) if n < self.articles => Reply::html(self.article(n)),
            _ => Reply::not_found(),
        }
    }

    fn article(&self, n: usize) -> String {
        let changed = self.changed_from.is_some_and(|from| n >= from);
        let byline = if changed { "" } else { "<p class=byline>By Ada Quill</p>" };
        let text: String = (0..4)
            .map(|p| {
                format!(
                    "<p>Ferry {n} came home on evening {p} after {} days at sea, and the harbour master of pier {} said that nobody \
                     had waited for it in vain, whatever the weather and the band had done.</p>",
                    n * 5 + p,
                    n * 3 + p
                )
            })
            .collect();
        format!(
            "<html lang=en><head><meta property=og:type content=article><title>Ferry number {n} comes home</title></head>\
             <body><article><h1>Ferry number {n} comes home</h1>{byline}{text}</article></body></html>"
        )
    }
}

#[test]
fn a_change_of_template_is_told_in_the_very_run() {
    let paper = Arc::new(Mutex::new(Paper::default()));
    let served = Arc::clone(&paper);
    let server = Server::start(move |hit| served.lock().unwrap().reply(hit));
    let desk = Desk::new(&config(&server.url("/"), ""));
    for _ in 0..3 {
        paper.lock().unwrap().articles += 5;
        let (code, log) = desk.crawl(&["--fail-on-alarm"]);
        assert!(code == 0 && !log.contains("alarm"), "{code}: {log}");
    }
    {
        let mut paper = paper.lock().unwrap();
        paper.changed_from = Some(paper.articles);
        paper.articles += 5;
    }
    let (code, log) = desk.crawl(&["--fail-on-alarm", "--quiet", "--summary-json", "last.json"]);
    assert_eq!(code, 4, "{log}");
    assert!(log.contains("alarm: 127.0.0.1") && log.contains("`byline` stands in 0 of the last 5 records, before in 15 of 15"), "{log}");
    let summary: Summary = serde_json::from_str(&std::fs::read_to_string(desk.path("last.json")).unwrap()).unwrap();
    assert!(summary.alarms.iter().all(|alarm| alarm.kind == AlarmKind::Field), "{:?}", summary.alarms);
    // The records are there all the same, and without the flag the run is a success.
    assert_eq!(desk.lines("articles.jsonl").len(), 20);
    paper.lock().unwrap().articles += 5;
    let (code, log) = desk.crawl(&[]);
    assert!(code == 0 && log.contains("alarm: "), "{code}: {log}");

    let report = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_copydesk")).current_dir(desk.folder.path()).arg("report").args(arguments).output();
        let output = output.unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, page, _) = report(&["--json", "report.json"]);
    assert!(code == 0 && page.contains("5 runs") && page.contains("before in 15 of 15"), "{page}");
    let numbers: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(desk.path("report.json")).unwrap()).unwrap();
    assert_eq!((numbers["runs"].as_array().unwrap().len(), &numbers["sites"][0]["records"]), (5, &25.into()));
    assert_eq!(report(&["-o", "page.html", "--runs", "2"]).0, 0);
    assert!(std::fs::read_to_string(desk.path("page.html")).unwrap().contains("2 runs"));
}

#[test]
fn without_a_state_there_is_nothing_to_report() {
    let desk = Desk::new(&config("http://127.0.0.1:9/", ""));
    let output = Command::new(env!("CARGO_BIN_EXE_copydesk")).current_dir(desk.folder.path()).arg("report").output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("state.sqlite") && output.stdout.is_empty(), "{message}");
}

/// `script` (util-linux) runs a command at a terminal of its own.
#[test]
#[cfg(target_os = "linux")]
fn a_page_is_not_printed_to_a_terminal() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: script (util-linux) is not installed");
        return;
    }
    let desk = Desk::new(&config("http://127.0.0.1:9/", ""));
    std::fs::write(desk.path("story.html"), "<h1>Ferry returns</h1><p>The ferry came home on Monday.</p>").unwrap();
    for (command, file) in [("report", "report.html"), ("inspect story.html", "page.html")] {
        let typed = format!("{} {command}", env!("CARGO_BIN_EXE_copydesk"));
        let mut script = Command::new("script");
        script.current_dir(desk.folder.path()).args(["--quiet", "--return", "--command", &typed, "/dev/null"]);
        let output = script.stdin(std::process::Stdio::null()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(&format!("-o {file}")) && !told.contains("<html"), "{told}");
    }
}

/// Ten days of three sites: one changes its template on the last day, one falls silent on the eighth.
fn history() -> Vec<Summary> {
    let mut runs: Vec<Summary> = Vec::new();
    for day in 1..=10u64 {
        let site = |new: u64, fields: &[(&str, u64)], failed: u64| {
            let fields = fields.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
            HostSummary {
                requests: new + failed + 9,
                bytes: new * 180_000,
                waited_seconds: 60.0 + 2.0 * f64::from(u32::try_from(new).unwrap()),
                answering_seconds: 4.0 + f64::from(u32::try_from(day % 4).unwrap()),
                visited: new + failed + 6,
                new,
                records: new,
                words: new * (380 + day),
                failed,
                fields,
                ..HostSummary::default()
            }
        };
        let post = 14 + day % 3;
        let full = |n: u64| [("title", n), ("byline", n - 1), ("authors", n - 1), ("published", n), ("body", n), ("captions", n - 2)];
        let changed = [("title", post), ("published", post), ("body", post)];
        let weekly = if day < 8 { 11 } else { 0 };
        let hosts = [
            ("harbour-post.example:443", if day < 10 { site(post, &full(post), 1) } else { site(post, &changed, 1) }),
            ("elbtal-weekly.example:443", if weekly > 0 { site(weekly, &full(weekly), 0) } else { site(0, &[], 0) }),
            ("<b>odd</b>.example:443", site(2, &[("title", 2), ("body", 2)], day % 2)),
        ];
        let mut run = Summary {
            started_at: format!("2026-05-{day:02}T06:00:00Z"),
            seconds: 70.0,
            requests: 60 + day,
            bytes: 5_000_000,
            waited_seconds: 140.0,
            answering_seconds: 12.0,
            visited: 50,
            new: post + weekly + 2,
            articles_known: day * 27,
            hosts: hosts.map(|(name, host)| (name.to_owned(), host)).into(),
            failed: [("http_status".to_owned(), 1 + day % 2), ("timeout".to_owned(), day % 3)].into(),
            skipped: [("index_page".to_owned(), 12)].into(),
            languages: [("en".to_owned(), post + 2), ("de".to_owned(), weekly)].into(),
            disk: [("state".to_owned(), 90_000 * day), ("output".to_owned(), 160_000 * day)].into(),
            ..Summary::default()
        };
        run.alarms = raised(&runs, &run);
        runs.push(run);
    }
    runs
}

#[test]
fn ten_days_with_two_alarms() {
    let runs = history();
    let alarmed: Vec<usize> = runs.iter().map(|run| run.alarms.len()).collect();
    // The weekly is missed on the eighth day, eleven articles late; byline, authors and captions are missed at once.
    assert_eq!(alarmed, [0, 0, 0, 0, 0, 0, 0, 1, 1, 4], "{:#?}", runs.last().unwrap().alarms);
    let page = html(&Report::new(&runs));
    // For a look at it, and for the browser's test.
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html"), &page).unwrap();
    let document = Html::parse_document(&page);
    let count = |selector: &str| document.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((count("script"), count("img"), count("link"), count("[onload]"), count("b")), (0, 0, 0, 0, 0));
    assert_eq!((count("svg"), count(".alarms li"), count("figcaption .fell")), (8, 4, 2));
    assert!(page.contains("&lt;b&gt;odd&lt;/b&gt;.example:443"));
    let ten = document.select(&Selector::parse("section:last-of-type tbody tr").unwrap()).count();
    assert_eq!(ten, 10);
}
