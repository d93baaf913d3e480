//! `copydesk dedup`, as a person runs it: files in, marked records out.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use copydesk::dedup::{DedupConfig, NearDuplicates, Settings, deduplicate};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Words that say nothing, others for each seed.
fn words(seed: u64, count: u64) -> Vec<String> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count)
        .map(|_| {
            std::iter::successors(Some(next() % 30_000), |v| (*v > 25).then_some(v / 26))
                .map(|v| char::from(b'a' + u8::try_from(v % 26).unwrap()))
                .collect()
        })
        .collect()
}

fn text(seed: u64, count: u64) -> String {
    words(seed, count).join(" ") + "."
}

/// A whole record.
fn record(id: &str, url: &str, published: Option<&str>, paragraphs: &[String]) -> Value {
    let blocks: Vec<Value> = paragraphs.iter().map(|p| json!({"kind": "paragraph", "level": null, "text": p})).collect();
    let body = paragraphs.join("\n\n");
    let content_hash = copydesk::article::content_hash(Some(id), &body, std::iter::empty(), std::iter::empty());
    json!({
        "schema": "copydesk/article@1", "id": id, "url": url, "canonical_url": url, "title": id, "subtitle": null, "byline": null,
        "authors": [], "published": published, "modified": null, "language": null, "site": null, "section": null, "tags": [],
        "body": body, "blocks": blocks, "captions": [], "notes": [], "lead_image": null,
        "access": {"paywalled": null, "truncated": false},
        "rights": {"robots": [], "content_signal": null, "tdm_reservation": null, "license": null},
        "duplicate_of": null, "revision": 1, "content_hash": content_hash, "fetched_at": null,
        "extraction": {"version": "0.1.0", "confidence": 0.875, "page_kind": "article", "sources": {}, "warnings": []},
    })
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|r| r.to_string() + "\n").collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn run(inputs: &[&Path], flags: &[&str]) -> Output {
    Command::cargo_bin("copydesk").unwrap().arg("dedup").args(inputs).args(flags).output().unwrap()
}

fn out(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", told(output));
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn marks(records: &[Value]) -> Vec<(String, Option<String>)> {
    records.iter().map(|r| (r["id"].as_str().unwrap().to_owned(), r["duplicate_of"].as_str().map(str::to_owned))).collect()
}

fn mark(id: &str, of: Option<&str>) -> (String, Option<String>) {
    (id.to_owned(), of.map(str::to_owned))
}

/// An agency's report in three papers, edited in one, and two other articles.
fn agency() -> Vec<Value> {
    let story = [text(1, 80), text(2, 60), text(3, 90)];
    let mut edited = story.clone();
    let mut own: Vec<String> = words(2, 60);
    (0..own.len()).step_by(10).for_each(|at| own[at] = format!("changed{at}"));
    edited[1] = own.join(" ");
    edited[0].insert_str(0, "NORTON, March 3 (NPA) - ");
    edited.swap(1, 2);
    vec![
        record("late", "https://a.example/1", Some("2026-03-03T12:00:00Z"), &story),
        record("other", "https://a.example/2", None, &[text(7, 150)]),
        record("first", "https://b.example/1", Some("2026-03-03T06:00:00+01:00"), &edited),
        record("undated", "https://c.example/1", None, &story),
        record("another", "https://c.example/2", Some("2026-03-01"), &[text(8, 150)]),
    ]
}

#[test]
fn copies_name_the_earliest_and_nothing_else_changes() {
    let folder = Folder::new();
    let input = folder.put("in.jsonl", lines(&agency()));
    let output = run(&[&input], &[]);
    let got = out(&output);
    let expected =
        [mark("late", Some("first")), mark("other", None), mark("first", None), mark("undated", Some("first")), mark("another", None)];
    assert_eq!(marks(&got), expected);
    assert!(told(&output).contains("5 records; 2 duplicates marked"), "{}", told(&output));
    let unmarked: Vec<Value> = got
        .into_iter()
        .map(|mut r| {
            r["duplicate_of"] = Value::Null;
            r
        })
        .collect();
    assert_eq!(unmarked, agency());
    let schema = serde_json::to_value(copydesk::article::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(out(&output).iter().all(|record| validator.is_valid(record)));
    // What was marked once is marked the same again.
    let again = folder.put("again.jsonl", &output.stdout);
    assert_eq!(run(&[&again], &[]).stdout, output.stdout);
}

#[test]
fn policies_and_similarity() {
    let folder = Folder::new();
    let input = folder.put("in.jsonl", lines(&agency()));
    let ids = |flags: &[&str]| out(&run(&[&input], flags)).iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&["--near-duplicates", "drop"]), ["other", "first", "another"]);
    assert_eq!(run(&[&input], &["--near-duplicates", "off"]).stdout, std::fs::read(&input).unwrap());
    // The edited one is no copy any more; the other two are.
    let strict = marks(&out(&run(&[&input], &["--similarity", "0.98"])));
    assert_eq!(strict[2], mark("first", None));
    assert_eq!(strict[3], mark("undated", Some("late")));
    assert_eq!(run(&[&input], &["--similarity", "1.5"]).status.code(), Some(2));
    assert_eq!(run(&[&input], &["--near-duplicates", "maybe"]).status.code(), Some(2));
}

#[test]
fn the_same_form_with_other_numbers_is_no_copy() {
    let folder = Folder::new();
    let day = |day: u64| {
        let n = |at: u64| (day + 1) * 1000 + at * 37;
        let form = text(4, 60);
        let lines = (0..8).map(|at| format!("{} closed at {} points.", words(50 + at, 4).join(" "), n(at))).collect::<Vec<_>>().join(" ");
        record(&format!("day{day}"), &format!("https://a.example/{day}"), None, &[form, lines])
    };
    let mut records: Vec<Value> = (0..30).map(day).collect();
    let mut reprint = day(17);
    for key in ["id", "url", "canonical_url"] {
        reprint[key] = json!("https://b.example/reprint");
    }
    records.push(reprint);
    let input = folder.put("in.jsonl", lines(&records));
    let marked: Vec<_> = marks(&out(&run(&[&input], &["--boilerplate=false"]))).into_iter().filter(|(_, of)| of.is_some()).collect();
    assert_eq!(marked, [mark("https://b.example/reprint", Some("day17"))]);
}

#[test]
fn revisions_are_no_copies_and_repeats_are() {
    let folder = Folder::new();
    let story = [text(1, 80), text(2, 60)];
    let mut longer = story.to_vec();
    longer.push(text(3, 10));
    let first = record("a", "https://a.example/1", Some("2026-03-01"), &story);
    let mut second = record("a", "https://a.example/1", Some("2026-03-01"), &longer);
    second["revision"] = json!(2);
    let elsewhere = record("b", "https://b.example/1", Some("2026-03-02"), &story);
    let one = folder.put("one.jsonl", lines(&[first.clone(), second]));
    let two = folder.put("two.jsonl", lines(&[first, elsewhere.clone(), elsewhere]));
    let got = marks(&out(&run(&[&one, &two], &[])));
    assert_eq!(got, [mark("a", None), mark("a", None), mark("a", Some("a")), mark("b", Some("a")), mark("b", Some("a"))]);
}

/// Articles of one host, a line and a portrait under each.
fn newsroom(count: u64) -> Vec<Value> {
    let article = |n: u64| {
        let line = "Support our newsroom: become a member today.".to_owned();
        let paragraphs = [text(n * 3 + 100, 60), line, text(n * 3 + 101, 60)];
        let mut article = record(&format!("n{n}"), &format!("https://www.paper.example/{n}"), None, &paragraphs);
        article["captions"] = json!([
            {"text": format!("The harbour on day {n}"), "credit": null, "image": null, "block": 1, "occurrences": 1},
            {"text": "Jo Ferris, reporter", "credit": "Paper", "image": null, "block": 2, "occurrences": 1, "more": 1.50},
        ]);
        article["extra"] = json!({"kept": [1, 2]});
        article
    };
    (0..count).map(article).collect()
}

#[test]
fn what_a_site_prints_with_every_article_leaves_it() {
    let folder = Folder::new();
    let input = folder.put("in.jsonl", lines(&newsroom(6)));
    let output = run(&[&input], &[]);
    let got = out(&output);
    assert!(told(&output).contains("boilerplate of 1 host taken out of 6 records: 6 paragraphs, 6 captions"), "{}", told(&output));
    for (record, before) in got.iter().zip(newsroom(6)) {
        let blocks: Vec<&str> = record["blocks"].as_array().unwrap().iter().map(|b| b["text"].as_str().unwrap()).collect();
        assert_eq!(blocks.len(), 2);
        assert_eq!(record["body"], blocks.join("\n\n"));
        assert_eq!(record["captions"].as_array().unwrap().len(), 1);
        assert_eq!(record["captions"][0]["block"], 1);
        let caption = record["captions"][0]["text"].as_str().unwrap();
        let hash = copydesk::article::content_hash(
            record["title"].as_str(),
            &blocks.join("\n\n"),
            [(caption, None)].into_iter(),
            std::iter::empty(),
        );
        assert_eq!(record["content_hash"], hash);
        assert_eq!(record["extraction"]["warnings"], json!(["1 paragraph and 1 caption that the site prints with many articles left out"]));
        assert_eq!(record["extra"], before["extra"]);
        assert_eq!(record["extraction"]["confidence"], before["extraction"]["confidence"]);
    }
    assert_eq!(run(&[&input], &["--boilerplate=false"]).stdout, std::fs::read(&input).unwrap());
    // Two articles are no proof.
    let few = folder.put("few.jsonl", lines(&newsroom(2)));
    assert_eq!(run(&[&few], &[]).stdout, std::fs::read(&few).unwrap());
}

#[test]
fn articles_that_share_only_boilerplate_are_no_copies() {
    let folder = Folder::new();
    let terms = [text(900, 150), text(901, 150)];
    let article = |n: u64| {
        record(&format!("s{n}"), &format!("https://paper.example/{n}"), None, &[text(n + 500, 45), terms[0].clone(), terms[1].clone()])
    };
    let input = folder.put("in.jsonl", lines(&(0..7).map(article).collect::<Vec<_>>()));
    let got = out(&run(&[&input], &[]));
    assert!(got.iter().all(|r| r["duplicate_of"].is_null() && r["blocks"].as_array().unwrap().len() == 1), "{got:#?}");
}

#[test]
fn damaged_lines_are_told_and_the_rest_goes_on() {
    let folder = Folder::new();
    let good = agency();
    let damaged = format!("\u{feff}{}\nnot json\n\n{{\"id\":1}}\n{}\n{{\"body\":\"x\"}}\n", good[0], good[3]);
    let input = folder.put("in.jsonl", damaged);
    let output = run(&[&input], &["--quiet"]);
    assert_eq!(marks(&out(&output)), [mark("late", None), mark("undated", Some("late"))]);
    let said = told(&output);
    assert_eq!(said.lines().count(), 3, "{said}");
    for part in [
        "in.jsonl: line 2: the line is not a JSON object",
        "line 4: the line is no record: missing field `body`",
        "line 6: the record has no \"id\"",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let many = folder.put("many.jsonl", "x\n".repeat(50));
    let output = run(&[&many], &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(told(&output).contains("45 more damaged lines left out"), "{}", told(&output));
}

#[test]
fn files_that_are_missing_or_both_ends_are_refused() {
    let folder = Folder::new();
    let input = folder.put("in.jsonl", lines(&agency()));
    let output = run(&[&input, &folder.path("none.jsonl")], &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(told(&output).contains("none.jsonl"), "{}", told(&output));
    let output = run(&[&input], &["-o", input.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&input).unwrap(), lines(&agency()));
    assert_eq!(run(&[], &[]).status.code(), Some(2));
    let empty = folder.put("empty.jsonl", "");
    assert_eq!(run(&[&empty], &[]).status.code(), Some(0));
}

#[test]
fn compressed_files_and_standard_input_are_read() {
    let folder = Folder::new();
    let plain = lines(&agency());
    let expected = run(&[&folder.put("in.jsonl", &plain)], &[]).stdout;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(plain.as_bytes()).unwrap();
    let gz = folder.put("in.jsonl.gz", packed.finish().unwrap());
    let zst = folder.put("in.jsonl.zst", zstd::encode_all(plain.as_bytes(), 1).unwrap());
    assert_eq!(run(&[&gz], &[]).stdout, expected);
    assert_eq!(run(&[&zst], &[]).stdout, expected);
    let piped = Command::cargo_bin("copydesk")
        .unwrap()
        .args(["dedup", "-", "-o"])
        .arg(folder.path("out.jsonl"))
        .write_stdin(plain)
        .output()
        .unwrap();
    assert!(piped.status.success() && piped.stdout.is_empty());
    assert_eq!(std::fs::read(folder.path("out.jsonl")).unwrap(), expected);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Folder::new();
    let mut records = Vec::new();
    for n in 0..3000u64 {
        let story = if n % 7 == 3 { n / 2 } else { n };
        records.push(record(
            &format!("r{n}"),
            &format!("https://p{}.example/{n}", n % 5),
            None,
            &[text(story + 10_000, 50), text(story + 20_000, 30)],
        ));
    }
    let input = folder.put("in.jsonl", lines(&records));
    let one = run(&[&input], &["--jobs", "1"]);
    assert!(out(&one).iter().filter(|r| !r["duplicate_of"].is_null()).count() > 200);
    for jobs in ["2", "7"] {
        assert!(run(&[&input], &["--jobs", jobs]).stdout == one.stdout);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order, of each story one record is left, whole; a text that is there once never goes.
    #[test]
    fn of_every_story_one_is_left(stories in proptest::collection::vec(0u64..12, 1..40), jobs in 1usize..4) {
        let folder = Folder::new();
        let paper = |(n, story): (usize, &u64)| {
            let text = [text(story + 1, 70), text(story + 1000, 50)];
            record(&format!("r{n}"), &format!("https://p{n}.example/"), None, &text)
        };
        let records: Vec<Value> = stories.iter().enumerate().map(paper).collect();
        let input = folder.put("in.jsonl", lines(&records));
        let config = DedupConfig { near_duplicates: NearDuplicates::Drop, ..DedupConfig::default() };
        let settings = Settings { config, jobs, temporary: std::env::temp_dir() };
        let mut written = Vec::new();
        let tally = deduplicate(&[input], &settings, || Ok(&mut written), |_| ()).unwrap();
        let firsts = |n: &usize| !stories[..*n].contains(&stories[*n]);
        let expected: Vec<Value> = (0..records.len()).filter(firsts).map(|n| records[n].clone()).collect();
        prop_assert_eq!(String::from_utf8(written).unwrap(), lines(&expected));
        prop_assert_eq!(tally.copies, (records.len() - expected.len()) as u64);
    }
}
