//! Pages that no editor wrote: each gives a record or a clear error, and what stands in a record is clean.
//! Their time and memory: `cargo bench --bench hostile`.
#![allow(clippy::unwrap_used, reason = "tests")]

mod hostile;

use copydesk::batch::{Answer, Form};
use copydesk::record::{self, Options};
use copydesk::{Article, Result};
use hostile::{End, Family, HEADLINE, OPENING};
use serde_json::Value;

/// Small enough for a build without optimisation; a family that grew with its square would still take minutes.
const BYTES: usize = 32 * 1024;

/// No `catching` here: a panic fails the test.
fn read(family: &Family, bytes: usize) -> Result<Article> {
    let source = family.page(bytes);
    let page = source.page()?;
    match source.form {
        Form::Text => record::read_text(&page.html, page.url.as_ref(), &Options::default()),
        Form::Html => record::read(&page, &Options::default()).article,
    }
}

/// Every string of a value.
fn strings<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(list) => list.iter().for_each(|v| strings(v, out)),
        Value::Object(object) => object.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

/// Nothing that a terminal acts on or that is not seen; no URL but of the web.
fn check(name: &str, article: Article) {
    let line = Answer::Record(Box::new(article)).line().unwrap();
    let value: Value = serde_json::from_slice(&line).unwrap();
    let mut texts = Vec::new();
    strings(&value, &mut texts);
    for text in texts {
        let odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        assert!(!text.contains(odd), "{name}: {:?}", text.chars().take(100).collect::<String>());
    }
    let urls = [&value["url"], &value["canonical_url"], &value["lead_image"]];
    let pictures = value["captions"].as_array().unwrap().iter().map(|caption| &caption["image"]);
    for url in urls.into_iter().chain(pictures).filter_map(Value::as_str) {
        assert!(url.starts_with("http://") || url.starts_with("https://"), "{name}: {url}");
    }
}

#[test]
fn every_family_ends_as_it_must() {
    let families = hostile::all();
    let mut records = 0;
    for family in &families {
        for bytes in [0, 1000, BYTES] {
            let (name, result) = (family.name, read(family, bytes));
            let full = bytes == BYTES;
            match (family.end, result) {
                (End::Story, Ok(article)) => {
                    assert!(full || bytes == 0 || article.body.contains(OPENING), "{name}: {:?}", article.body);
                    assert!(article.title.is_some(), "{name}: no title");
                    if bytes == 0 {
                        assert_eq!(article.title.as_deref(), Some(HEADLINE), "{name}");
                    }
                    check(name, article);
                    records += 1;
                }
                (End::Record | End::RecordOr(_), Ok(article)) => {
                    check(name, article);
                    records += 1;
                }
                (End::RecordOr(kind) | End::Error(kind), Err(error)) => assert_eq!(error.kind(), kind, "{name}"),
                (_, Err(error)) => assert!(!full && error.kind() == "no_content", "{name}: {error}"),
                (End::Error(kind), Ok(_)) => panic!("{name}: a record in place of {kind}"),
            }
        }
    }
    assert!(records > 2 * families.len());
}

/// A page of more than 30,000 runs of text is read up to there, and says so.
#[test]
fn a_page_that_is_too_long_says_so() {
    let html = format!("<title>Long</title><h1>A long page</h1>{}", "<p>word".repeat(30_001));
    let article = copydesk::extract(&html, None).unwrap();
    assert!(article.extraction.warnings.iter().any(|w| w.contains("too long")), "{:?}", article.extraction.warnings);
}

#[test]
fn a_scrape_that_is_too_long_says_so() {
    let text = format!("Library reopens\n\n{}", "word by word\n".repeat(50_001));
    let article = record::read_text(&text, None, &Options::default()).unwrap();
    assert!(article.extraction.warnings.iter().any(|w| w.contains("too long")), "{:?}", article.extraction.warnings);
}

/// A `<base>` longer than any is not believed: it would stand in each link.
#[test]
fn a_long_base_does_not_multiply() {
    let base = format!("https://news.example/{}/", "b/".repeat(2000));
    let html = format!("<base href='{base}'><h1>Links</h1><p>Words<a href=story>Story</a>");
    let page = copydesk::decode::Page { url: record::usable_url("https://news.example/a/"), html, ..Default::default() };
    let links = record::read(&page, &Options::default()).links;
    assert_eq!(links.pages[0].as_str(), "https://news.example/a/story");
}
