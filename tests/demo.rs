//! `copydesk demo`, end to end: the newspaper served, crawled twice over HTTP, and what came of it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_newspaper_becomes_clean_records() {
    let folder = tempfile::tempdir().unwrap();
    let run = || Command::cargo_bin("copydesk").unwrap().args(["demo", "--no-progress", "-o"]).arg(folder.path()).output().unwrap();
    run();
    let output = run();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(output.stdout.is_empty());
    assert!(told.contains("articles.jsonl"), "{told}");

    let records = lines(&folder.path().join("articles.jsonl"));
    let schema = serde_json::to_value(copydesk::article::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for record in &records {
        assert!(validator.is_valid(record), "{record}");
        assert!(record["fetched_at"].is_string());
    }
    let urls: BTreeSet<&str> = records.iter().map(|r| r["url"].as_str().unwrap()).collect();
    assert!(urls.len() >= 19, "{urls:#?}");
    // The same report stands in another section under another title, published in the same minute: a near copy of the one
    // that was read first.
    let copies: Vec<&Value> = records.iter().filter(|r| !r["duplicate_of"].is_null()).collect();
    assert_eq!(copies.len(), 1, "{copies:#?}");
    assert!(records.iter().any(|r| r["id"] == copies[0]["duplicate_of"]));
    let again: Vec<&Value> = records.iter().filter(|r| r["revision"] == 2).collect();
    assert_eq!(records.len(), urls.len() + 1, "each once, and one in a second revision");
    assert_eq!(again.len(), 1);
    assert!(again[0]["body"].as_str().unwrap().contains("More than eleven thousand"));

    let reasons: BTreeSet<String> =
        lines(&folder.path().join("rejected.jsonl")).iter().map(|r| r["reason"].as_str().unwrap().to_owned()).collect();
    for reason in ["noindex", "robots", "index_page", "http_status"] {
        assert!(reasons.contains(reason), "{reasons:?}");
    }
}
