//! The tree of a page is the one that html5ever makes: on every fixture, on the pages of the pack where it stands beside the
//! checkout (every tenth in a build without optimisation), and on made-up soups of tags.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

mod reference;

use copydesk::extract::probe;
use proptest::prelude::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Nothing when the trees are equal; else the first lines that are not.
fn difference(html: &str) -> Option<String> {
    let (own, reference) = (probe::tree(html), reference::tree(html));
    if own == reference {
        return None;
    }
    let mut lines = own.lines().zip(reference.lines()).filter(|(own, reference)| own != reference);
    Some(
        lines.next().map_or_else(|| "one is longer".to_owned(), |(own, reference)| format!("\n  own       {own}\n  reference {reference}")),
    )
}

fn compare(what: &str, pages: impl Iterator<Item = (String, String)>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, html) in pages {
        count += 1;
        wrong.extend(difference(&html).map(|difference| format!("{name}: {difference}")));
    }
    println!("{what}: {} of {count} trees are equal", count - wrong.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 0, "no pages");
}

fn text(bytes: &[u8]) -> String {
    copydesk::decode::decode(bytes, None, None).text
}

#[test]
fn fixtures() {
    let mut folders: Vec<_> = fs::read_dir(root().join("fixtures")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    let page = |folder: PathBuf| Some((folder.display().to_string(), text(&fs::read(folder.join("page.html")).ok()?)));
    compare("fixtures", folders.into_iter().filter_map(page));
}

fn gunzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn pack() {
    let pack = root().join("../shared/bench/pack");
    let mut files = Vec::new();
    for index in ["fundus.jsonl", "trafeval.jsonl", "wcxb.jsonl"] {
        let Ok(lines) = fs::read_to_string(pack.join(index)) else {
            eprintln!("skipped: no pack at {}", pack.display());
            return;
        };
        files.extend(
            lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["html"].as_str().unwrap().to_owned()),
        );
    }
    let step = if cfg!(debug_assertions) { 10 } else { 1 };
    let pages = files.into_iter().step_by(step).map(|file| (file.clone(), text(&gunzip(&pack.join(&file)))));
    compare("pack", pages);
}

/// What is left of a tag that is no news page's, and that the text behind it stays.
#[test]
fn huge_tags() {
    let attributes = (0..5000).map(|n| format!("a{n}=x")).collect::<Vec<_>>().join(" ");
    let tree = probe::tree(&format!("<p {attributes}>one<p {}=1 b=2>two", "n".repeat(5000)));
    assert_eq!(tree.matches("=\"x\"").count(), 1000);
    assert!(tree.contains(" :b=\"2\"") && !tree.contains("nnn"));
    assert!(tree.contains("\"one\"") && tree.contains("\"two\""));
}

/// Tags that the standard has rules for, and some that it has none for.
const TAGS: &str = "a abbr address applet area article b base body br button caption center code col colgroup custom-x dd desc div \
    dl dt em fieldset font foreignObject form frame frameset h1 h2 head hr html i iframe image img input li link listing main \
    malignmark marquee math menu meta mglyph mi mtext annotation-xml nobr noembed noframes noscript object ol optgroup option p \
    param plaintext pre rb rp rt rtc ruby s script section select small source span strong style summary sup svg table tbody td \
    template textarea tfoot th thead title tr track tt u ul var video wbr xmp";
const ATTRIBUTES: [&str; 12] = [
    "",
    "",
    "",
    " id=a",
    " id=b class='x y'",
    " class='x y' id=b",
    " type=hidden",
    " color=red",
    " viewbox='0 0 1 1' xlink:href=#a",
    " definitionurl=x xml:lang=en",
    " title=\"a&amp;b\"",
    " /",
];
const TEXTS: [&str; 10] = ["x", " ", "\n", "a b", " c", "d ", "\0", "&lt;", "<!-- c -->", "\u{a0}"];
const STARTS: [&str; 6] = [
    "",
    "",
    "<!doctype html>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">",
    "<!doctype x>",
    "<html><head></head><body>",
];

/// Soups are of few tags each: rules meet more often.
fn soup() -> impl Strategy<Value = String> {
    let tags: Vec<&'static str> = TAGS.split_whitespace().collect();
    let few = prop::sample::subsequence(tags, 2..9);
    (few, prop::sample::select(&STARTS[..])).prop_flat_map(|(few, start)| {
        let tag = (prop::sample::select(few), prop::sample::select(&ATTRIBUTES[..]), 0..10u8);
        let tag = tag.prop_map(|(name, attributes, kind)| match kind {
            0..=3 => format!("</{name}>"),
            _ => format!("<{name}{attributes}>"),
        });
        let text = prop::sample::select(&TEXTS[..]).prop_map(str::to_owned);
        let parts = prop::collection::vec(prop_oneof![3 => tag, 1 => text], 0..40);
        parts.prop_map(move |parts| [start, &parts.concat()].concat())
    })
}

fn cases() -> u32 {
    std::env::var("COPYDESK_FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(4000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soups(html in soup()) {
        prop_assert_eq!(probe::tree(&html), reference::tree(&html));
    }
}
