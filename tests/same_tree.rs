//! The tree of a page is the one that html5ever's tokenizer leads to: on every fixture, and on the pages of the pack where
//! it stands beside the checkout (every tenth in a build without optimisation).
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use copydesk::extract::probe;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Nothing when the trees are equal; else the first lines that are not.
fn difference(html: &str) -> Option<String> {
    let (own, reference) = (probe::tree(html), probe::reference_tree(html));
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
