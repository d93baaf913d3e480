//! `[[site]]`: what a person says of one site beats what copydesk would find, and says so.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;
use support::paper::Paper;
use support::{config, field};
use tempfile::TempDir;

/// A page of an invented publisher whose usual marks mislead on purpose.
const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>Quay Gazette | Home of the quay</title></head><body>
<h1>Quay Gazette</h1>
<div class="kicker">Harbour</div>
<p class="headline">Old crane moves <span class="badge">NEW</span>to the museum</p>
<div class="meta"><span class="written">By Ana Ruiz and Tom Weller</span> | <span class="when" data-x="1">first printed <time datetime="2024-05-03T08:15:00+02:00">Friday</time></span></div>
<p class="teaser">The harbour museum opens a new hall for visitors from the whole region on Sunday, and entry is free for all.</p>
<div class="story">
  <p>The last steam crane of the harbour left its place on the quay on Friday morning, after a century of work there.</p>
  <div class="pic"><img src="/crane.jpg"><span class="under">The crane on its way across the bridge. (Photo: Mia Berg)</span></div>
  <p>Three lorries carried it. Workers had taken it apart in March, and the museum is going to paint it before the summer.</p>
  <div class="promo"><p>Read every morning what the harbour talks about: sign up for the letter of our newsroom, which costs nothing.</p></div>
  <p>Short line.</p>
  <p>The crane can be seen from the first of June, the director said, and children may sit in its cabin at weekends.</p>
</div>
<p class="more">Last week the ferry to the island was late on four days because of fog, and the company paid money back to people.</p>
</body></html>"#;

const RULES: &str = r#"
[[site]]
host = "*.quay.example"
title = "p.headline"
byline = ".meta > .written"
published = ".when"
body = "div.story"
caption = ".pic .under"
remove = ".promo, .badge"
"#;

struct Desk {
    folder: TempDir,
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Desk {
    fn new(rules: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("rules.toml"), rules).unwrap();
        std::fs::write(folder.path().join("page.html"), PAGE).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, command: &[&str]) -> Ran {
        let output = Command::cargo_bin("copydesk").unwrap().current_dir(self.folder.path()).args(command).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    fn record(&self, url: &str) -> Value {
        let ran = self.run(&["extract", "-q", "--config", "rules.toml", "--url", url, "page.html"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        serde_json::from_str(&ran.stdout).unwrap()
    }
}

const URL: &str = "https://www.quay.example/crane";

#[test]
fn every_key_holds() {
    let record = Desk::new(RULES).record(URL);
    assert_eq!(record["title"], "Old crane moves to the museum");
    assert_eq!(record["byline"], "Ana Ruiz and Tom Weller");
    assert_eq!(record["authors"], serde_json::json!(["Ana Ruiz", "Tom Weller"]));
    assert_eq!(record["published"], "2024-05-03T08:15:00+02:00");
    let body: Vec<&str> = record["blocks"].as_array().unwrap().iter().map(|b| b["text"].as_str().unwrap()).collect();
    assert_eq!(body.len(), 4, "{body:#?}");
    assert!(body[0].starts_with("The last steam crane") && body[3].starts_with("The crane can be seen"));
    assert_eq!(body[2], "Short line.");
    let captions = record["captions"].as_array().unwrap();
    assert_eq!(captions.len(), 1);
    assert_eq!(captions[0]["text"], "The crane on its way across the bridge.");
    assert_eq!((&captions[0]["credit"], &captions[0]["image"]), (&"Mia Berg".into(), &"https://www.quay.example/crane.jpg".into()));
    assert!(!record.to_string().contains("sign up") && !record.to_string().contains("NEW"));
    for field in ["title", "authors", "published", "body", "captions"] {
        assert_eq!(record["extraction"]["sources"][field], "site-rule", "{field}");
    }
    assert!(!record["extraction"]["warnings"].to_string().contains("site rule"));
}

#[test]
fn other_hosts_have_none_of_it() {
    let desk = Desk::new(RULES);
    let plain = desk.run(&["extract", "--url", "https://other.example/crane", "page.html"]).stdout;
    let ruled = desk.run(&["extract", "--config", "rules.toml", "--url", "https://other.example/crane", "page.html"]).stdout;
    assert_eq!(plain, ruled);
    assert!(!plain.contains("site-rule"));
}

#[test]
fn a_rule_that_matches_nothing_leaves_the_usual_way_and_warns() {
    let rules = "[[site]]\nhost = \"www.quay.example\"\ntitle = \"h2.none\"\npublished = \".headline\"\n";
    let desk = Desk::new(rules);
    let record = desk.record(URL);
    let warnings: Vec<&str> = record["extraction"]["warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert!(warnings.contains(&"site rule `title` of www.quay.example matched nothing"), "{warnings:?}");
    assert!(warnings.contains(&"site rule `published` of www.quay.example selected no date"), "{warnings:?}");
    let usual: Value = serde_json::from_str(&desk.run(&["extract", "--url", URL, "page.html"]).stdout).unwrap();
    for field in ["title", "byline", "published", "body", "captions"] {
        assert_eq!(record[field], usual[field], "{field}");
    }
}

#[test]
fn a_wrong_selector_is_an_error_with_file_key_and_line() {
    let desk = Desk::new("[[site]]\nhost = \"news.example\"\n\nbody = \"div >\"\n");
    for command in [
        &["extract", "--config", "rules.toml", "page.html"][..],
        &["check", "--config", "rules.toml"],
        &["crawl", "--config", "rules.toml"],
    ] {
        let ran = desk.run(command);
        assert_eq!(ran.code, 2, "{command:?}");
        assert!(ran.stderr.contains("rules.toml:4: body: `div >` is no CSS selector"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let ran = desk.run(&["extract", "--config", "none.toml", "page.html"]);
    assert_eq!(ran.code, 1);
}

#[test]
fn json_lines_go_by_the_url_of_each() {
    let desk = Desk::new(RULES);
    let line = |url: &str| serde_json::json!({"id": url, "url": url, "html": PAGE}).to_string();
    std::fs::write(desk.path("pages.jsonl"), [line(URL), line("https://other.example/crane")].join("\n")).unwrap();
    let ran = desk.run(&["extract", "--config", "rules.toml", "pages.jsonl"]);
    let records: Vec<Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let source = |id: &str| records.iter().find(|r| r["id"] == id).unwrap()["extraction"]["sources"]["title"].clone();
    assert_eq!(source(URL), "site-rule");
    assert_ne!(source("https://other.example/crane"), "site-rule");
}

#[test]
fn check_tries_rules_on_pages() {
    let desk = Desk::new(&RULES.replace("p.headline", "h2.none"));
    let ran = desk.run(&["check", "--config", "rules.toml", "--url", URL, "--site", "page.html"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "page.html: rules of *.quay.example");
    for (line, start, part) in [
        (2, "  title            0", "h2.none selects nothing"),
        (3, "  byline           1", "Ana Ruiz; Tom Weller"),
        (4, "  published        1", "2024-05-03T08:15:00+02:00"),
        (5, "  body             1", "4 blocks"),
        (6, "  caption          1", "The crane on its way"),
        (7, "  remove           2", "left out: NEW"),
    ] {
        assert!(lines[line].starts_with(start) && lines[line].contains(part), "{}", lines[line]);
    }
    let ran = desk.run(&["check", "--config", "rules.toml", "--site", "page.html"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("--url"), "{}", ran.stderr);
}

#[test]
fn a_crawl_uses_them_and_still_follows_what_they_remove() {
    let server = Paper::new(12).serve();
    let rules = "\n[[site]]\nhost = \"127.0.0.1\"\nbody = \"article > p:nth-of-type(2)\"\nremove = \"ul, a\"\n";
    let desk = support::Desk::new(&(config(&server.url("/"), "") + rules));
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let records = desk.lines("articles.jsonl");
    // Story 9 is noindex.
    assert_eq!(records.len(), 11, "{:?}\n{log}", field(&records, "url"));
    for record in &records {
        assert_eq!(record["extraction"]["sources"]["body"], "site-rule");
        assert_eq!(record["blocks"].as_array().unwrap().len(), 1);
    }
}
