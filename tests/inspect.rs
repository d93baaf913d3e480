//! `copydesk inspect`: the record is that of `extract`, every block has its place, and nothing of the page is live.

#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "a test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use copydesk::decode::{Page, Signals};
use copydesk::extract::{Decision, Explained, Part};
use copydesk::record::{self, Options};
use scraper::{Html, Selector};
use tempfile::TempDir;

const HOSTILE: &str = include_str!("browser/hostile.html");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(slug: &str) -> PathBuf {
    root().join("fixtures").join(slug).join("page.html")
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn copydesk(arguments: &[&str], stdin: &str) -> Ran {
    let output = Command::cargo_bin("copydesk").unwrap().args(arguments).write_stdin(stdin).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn inspect(arguments: &[&str], stdin: &str) -> Html {
    let ran = copydesk(&[&["inspect"], arguments].concat(), stdin);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    dead(&ran.stdout)
}

fn all<'a>(page: &'a Html, css: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(css).unwrap()).collect()
}

fn texts(page: &Html, css: &str) -> Vec<String> {
    all(page, css).into_iter().map(|e| e.text().collect::<String>().trim().to_owned()).collect()
}

/// Parses an inspection and holds it to its promise: one script and one style, ours; nothing that loads or runs.
fn dead(html: &str) -> Html {
    let page = Html::parse_document(html);
    assert_eq!(all(&page, "script").len(), 1);
    assert_eq!(all(&page, "style").len(), 1);
    let script = texts(&page, "script").remove(0);
    assert_eq!(script, include_str!("../src/inspect/script.js").trim());
    for forbidden in [
        "iframe",
        "object",
        "embed",
        "img",
        "svg",
        "math",
        "base",
        "link",
        "form",
        "video",
        "audio",
        "source",
        "template",
        "meta[http-equiv=refresh]",
    ] {
        assert!(all(&page, forbidden).is_empty(), "{forbidden}");
    }
    let policy = all(&page, "meta[http-equiv=Content-Security-Policy]")[0].attr("content").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for element in all(&page, "*") {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{name}={value}");
            assert!(
                !["src", "srcset", "style", "action", "formaction", "srcdoc", "data", "autofocus", "ping", "xlink:href"].contains(&name),
                "{name}"
            );
            if name == "href" {
                assert!(value.starts_with('#') || value.starts_with("https://") || value.starts_with("http://"), "{value}");
                assert!(value.starts_with('#') || element.attr("rel").is_some_and(|rel| rel.contains("noreferrer")), "{value}");
            }
        }
    }
    assert!(!html.contains(|c: char| c.is_control() && c != '\n'), "control characters");
    assert!(!html.contains(['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']));
    ids(&page);
    page
}

/// Ids are there once, and what leads to them finds them.
fn ids(page: &Html) {
    let list: Vec<&str> = all(page, "[id]").into_iter().map(|e| e.attr("id").unwrap()).collect();
    let set: BTreeSet<&str> = list.iter().copied().collect();
    assert_eq!(list.len(), set.len());
    for link in all(page, "a[href^='#']") {
        assert!(set.contains(&link.attr("href").unwrap()[1..]), "{:?}", link.attr("href"));
    }
}

fn explain(html: &str) -> (copydesk::Article, Vec<Explained>) {
    let page = Page { url: record::usable_url("https://news.example/a"), html: html.to_owned(), signals: Signals::default() };
    let (article, blocks) = record::explain(&page, &Options::default());
    let article = article.unwrap();
    assert_eq!(article, record::read_article(&page, &Options::default()).unwrap());
    (article, blocks)
}

/// The explanation is of the very run that gives the record: on every fixture, and part by part.
#[test]
fn every_fixture_is_explained_by_its_own_run() {
    for entry in std::fs::read_dir(root().join("fixtures")).unwrap() {
        let path = entry.unwrap().path().join("page.html");
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let html = copydesk::decode::decode(&bytes, None, None).text;
        let page = Page { url: record::usable_url("https://news.example/a"), html, signals: Signals::default() };
        let (article, blocks) = record::explain(&page, &Options::default());
        let usual = record::read_article(&page, &Options::default());
        let (Ok(article), Ok(usual)) = (article, usual) else { continue };
        assert_eq!(article, usual, "{}", path.display());
        let at = |part: Part| blocks.iter().filter(|b| b.part == Some(part)).collect::<Vec<_>>();
        if !matches!(article.extraction.sources.get("body").map(String::as_str), Some("json-ld" | "page-json")) {
            for (number, block) in article.blocks.iter().enumerate() {
                let stands = at(Part::Block(number));
                assert_eq!(stands.len(), 1, "{}: block {number}", path.display());
                assert_eq!((&stands[0].text, stands[0].kind), (&block.text, block.kind));
            }
            assert_eq!(blocks.iter().filter(|b| b.decision == Decision::Body).count(), article.blocks.len());
        }
        for (number, caption) in article.captions.iter().enumerate() {
            let copies = at(Part::Caption(number));
            assert_eq!(copies.len(), caption.occurrences as usize, "{}: {}", path.display(), caption.text);
            assert_eq!(copies.iter().filter(|b| b.decision == Decision::Caption).count(), 1);
        }
        for (number, note) in article.notes.iter().enumerate() {
            assert!(at(Part::Note(number)).iter().any(|b| b.text.contains(&note.text)), "{}: {}", path.display(), note.text);
        }
        assert!(blocks.iter().all(|b| !b.reasons.is_empty()));
    }
}

#[test]
fn an_article_is_shown_block_by_block() {
    let path = fixture("harbour-ferry");
    let page = inspect(&[path.to_str().unwrap(), "--url", "https://harbour-post.example/2026/03/night-ferry-returns/"], "");
    assert_eq!(texts(&page, "h1"), ["Night ferry returns to the estuary after eleven years"]);
    assert_eq!(texts(&page, ".b.title .text"), texts(&page, "h1"));
    assert_eq!(texts(&page, ".b.standfirst .text").len(), 1);
    assert_eq!((all(&page, ".b.caption").len(), all(&page, ".b.copy").len()), (2, 3));
    assert_eq!(all(&page, ".b.note").len(), 1);
    // The record beside it, with sources in plain sight.
    assert!(texts(&page, "#r-title .source")[0].contains("h1"));
    assert!(texts(&page, "#r-published .source")[0].contains("JSON-LD"));
    assert_eq!(all(&page, "#r-caption-0").len(), 1);
    assert_eq!(all(&page, "#r-caption-0")[0].attr("data-at").unwrap().split(' ').count(), 3);
    // Everything can have the focus; long runs are folded.
    assert!(all(&page, ".b").iter().all(|b| b.attr("tabindex") == Some("0")));
    assert!(!all(&page, ".fold details").is_empty());
    assert!(texts(&page, ".legend .count").iter().map(|n| n.parse::<usize>().unwrap()).sum::<usize>() == all(&page, ".b").len());
}

#[test]
fn plain_text_and_other_scripts() {
    let path = root().join("fixtures/plain-clock-tower/page.txt");
    let page = inspect(&["--from", "text", path.to_str().unwrap()], "");
    assert_eq!(all(&page, ".b.title").len(), 1);
    assert!(!all(&page, ".b.body").is_empty() && !all(&page, ".b.copy").is_empty());
    let page = inspect(&[fixture("marsa-old-port").to_str().unwrap()], "");
    assert!(all(&page, ".b .text").iter().all(|text| text.attr("dir") == Some("auto")));
    assert!(all(&page, ".b.body .text").iter().all(|text| text.attr("lang") == Some("ar")));
}

#[test]
fn nothing_of_a_hostile_page_is_live() {
    let page = inspect(&["-", "--url", "https://news.example/<script>alert(1)</script>?\"onload=x"], HOSTILE);
    assert!(!all(&page, ".b.body").is_empty());
    let cleaned = texts(&page, ".b.cleaned .why");
    assert!(cleaned.iter().any(|why| why.contains("cleaned: a sign-up line")), "{cleaned:?}");
    assert!(texts(&page, ".b .text").iter().any(|text| text.contains("onerror=window.ran=17")), "shown as text");
    explain(HOSTILE);
}

#[test]
fn a_page_without_an_article_says_so() {
    let ran = copydesk(&["inspect", "-"], "<p hidden><a href=/x>x</a></p>");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = dead(&ran.stdout);
    assert!(texts(&page, ".alarm")[0].contains("neither a title nor any text"));
    assert_eq!(all(&page, ".b").len(), 1);
    assert_eq!(copydesk(&["inspect", "no-such-file.html"], "").code, 1);
    assert_eq!(copydesk(&["inspect", "ftp://news.example/"], "").code, 2);
    assert_eq!(copydesk(&["inspect", "-", "--url", "news"], "").code, 2);
}

#[test]
fn rules_say_what_they_matched() {
    let folder = TempDir::new().unwrap();
    let rules = "[[site]]\nhost = \"harbour-post.example\"\ntitle = \"h1.entry-title\"\nbyline = \".no-such\"\nbody = \".entry-content\"\nremove = \".read-more-inline, .hp-lightbox\"\n";
    let config = folder.path().join("rules.toml");
    std::fs::write(&config, rules).unwrap();
    let out = folder.path().join("page.html");
    let url = "https://harbour-post.example/2026/03/night-ferry-returns/";
    let ran = copydesk(
        &[
            "inspect",
            fixture("harbour-ferry").to_str().unwrap(),
            "--url",
            url,
            "--config",
            config.to_str().unwrap(),
            "-o",
            out.to_str().unwrap(),
        ],
        "",
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let page = dead(&std::fs::read_to_string(&out).unwrap());
    assert_eq!(texts(&page, ".rules tbody th"), ["title", "byline", "body", "remove"]);
    assert_eq!(texts(&page, ".rules tr.none th"), ["byline"]);
    let removed = texts(&page, ".b.removed");
    assert_eq!(removed.len(), 2);
    assert!(
        removed[0].contains("Why the old pier was never sold") && removed[0].contains("rule `remove` of [[site]] harbour-post.example")
    );
    assert!(texts(&page, ".b.body .why").iter().all(|why| why.contains("rule `body` of [[site]] harbour-post.example matches here")));
    assert!(texts(&page, "#r-title .source")[0].contains("site-rule"));
    assert!(texts(&page, ".warnings").join("").contains("`byline`"));
}

/// Two megabytes of links: the page stays a small multiple of them, and what a browser lays out at a time is bounded.
#[test]
fn large_pages_fold() {
    let mut html = String::from("<h1>Bridge opens</h1><article>");
    html.push_str(&"<p>The new bridge over the estuary was opened on Monday after three years of work.</p>".repeat(3));
    html.push_str("</article><ul>");
    for at in 0..24_000 {
        html.push_str(&format!("<li class=teaser><a href=/story-{at}>A story about number {at} and others like it</a></li>"));
    }
    assert!(html.len() > 2_000_000);
    let ran = copydesk(&["inspect", "-"], &html);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.len() < html.len() * 10, "{}", ran.stdout.len());
    assert!(ran.stdout.matches("<details>").count() >= 24_000 / 200);
}
