//! `copydesk diff`, as a person runs it: two files of records in, what changed out.
#![allow(clippy::unwrap_used, clippy::format_collect, clippy::too_many_lines, reason = "tests")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn put_records(&self, name: &str, records: &[Value]) {
        self.put(name, records.iter().map(|r| r.to_string() + "\n").collect::<String>());
    }

    /// Exit code, standard output, standard error.
    fn diff(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("copydesk").unwrap().current_dir(self.0.path()).arg("diff").args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, out, said) = self.diff(&[arguments, &["--format", "jsonl"]].concat());
        assert_eq!(code, 0, "{said}");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn record(id: &Value, paragraphs: &[&str]) -> Value {
    let blocks: Vec<Value> = paragraphs.iter().map(|p| json!({"kind": "paragraph", "level": null, "text": p})).collect();
    let name = id.to_string();
    json!({
        "schema": "copydesk/article@1", "id": id, "url": format!("https://paper.example/{}", name.trim_matches('"')), "canonical_url": null,
        "title": format!("Story {}", name.trim_matches('"')), "subtitle": null, "byline": null, "authors": ["Ada Quill"], "published": "2026-05-12",
        "modified": null, "language": "en", "site": null, "section": null, "tags": [],
        "body": paragraphs.join("\n\n"), "blocks": blocks, "captions": [], "notes": [], "lead_image": null,
        "access": {"paywalled": null, "truncated": false},
        "rights": {"robots": [], "content_signal": null, "tdm_reservation": null, "license": null},
        "duplicate_of": null, "revision": 1, "content_hash": format!("{:032x}", paragraphs.len()), "fetched_at": "2026-05-13T00:00:01Z",
        "extraction": {"version": "0.1.0", "confidence": 0.5, "page_kind": "article", "sources": {"title": "h1"}, "warnings": []}
    })
}

const BRIDGE: &str = "The bridge will close on Monday for a year, the council of Norton said.";
const REOPENED: &str = "The bridge will reopen on Monday for a year, the council of Norton said.";

fn caption(text: &str, credit: Option<&str>, image: &str, block: u64) -> Value {
    json!({"text": text, "credit": credit, "image": format!("https://paper.example/{image}"), "block": block, "occurrences": 1})
}

/// One record in which everything changes that can.
fn changed() -> (Value, Value) {
    let mut old = record(&json!("a"), &["First.", BRIDGE, "Sign up for the letter of the island.", "A heading it was not", "Last."]);
    let mut new = record(&json!("a"), &["Last.", "First.", REOPENED, "A heading it was not", "Boats left at noon and nobody was aboard."]);
    old["captions"] = json!([
        caption("The harbour at noon", Some("NPA"), "1.jpg", 1),
        caption("The old bridge", None, "2.jpg", 2),
        caption("Mayor", None, "3.jpg", 2)
    ]);
    new["captions"] = json!([
        caption("The harbour at noon", Some("Lena Marsh"), "1.jpg", 2),
        caption("The old bridge of Norton, last week", None, "2.jpg", 2),
        caption("A lamp", Some("NPA"), "4.jpg", 3)
    ]);
    old["notes"] = json!([{"kind": "update", "text": "The ferry runs again."}]);
    new["notes"] = json!([{"kind": "correction", "text": "An earlier version gave the wrong year."}]);
    new["blocks"][3]["kind"] = json!("heading");
    new["blocks"][3]["level"] = json!(2);
    new["title"] = json!("Bridge of Norton reopens");
    new["authors"] = json!(["Ada Quill", "Ben Oyelaran"]);
    new["access"]["truncated"] = json!(true);
    new["extraction"]["confidence"] = json!(0.75);
    new["extraction"]["version"] = json!("0.2.0");
    new["fetched_at"] = json!("2026-06-01T00:00:00Z");
    (old, new)
}

#[test]
fn every_field_says_what_changed_in_it() {
    let desk = Desk::new();
    let (old, new) = changed();
    let same = record(&json!(7), &["Nothing new here."]);
    let mut later = same.clone();
    later["fetched_at"] = json!("2026-06-01T00:00:00Z");
    desk.put_records("old.jsonl", &[old, same]);
    desk.put_records("new.jsonl", &[new, later]);
    let got = desk.objects(&["old.jsonl", "new.jsonl"]);
    assert_eq!(got.len(), 1);
    assert_eq!((&got[0]["id"], &got[0]["url"]), (&json!("a"), &json!("https://paper.example/a")));
    let fields = &got[0]["fields"];
    let names: Vec<&String> = fields.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["title", "authors", "body", "blocks", "captions", "notes", "access.truncated", "extraction.confidence"],
        "in the order of the record, without what differs between any two runs"
    );
    assert_eq!(fields["title"], json!({"old": "Story a", "new": "Bridge of Norton reopens"}));
    assert_eq!(fields["authors"], json!({"removed": [], "added": ["Ben Oyelaran"]}));
    let body = json!({
        "removed": [{"block": 2, "text": "Sign up for the letter of the island."}],
        "added": [{"block": 4, "text": "Boats left at noon and nobody was aboard."}],
        "reworded": [{"block": 2, "old": BRIDGE, "new": REOPENED, "words": [{"old": "close", "new": "reopen"}]}],
        "moved": [{"from": 4, "to": 0, "text": "Last."}],
    });
    assert_eq!(fields["body"], body);
    assert_eq!(
        fields["blocks"],
        json!({"changed": [{"block": 3, "text": "A heading it was not", "old": "paragraph", "new": "heading 2"}]})
    );
    let captions = &fields["captions"];
    assert_eq!(captions["removed"], json!([caption("Mayor", None, "3.jpg", 2)]));
    assert_eq!(captions["added"], json!([caption("A lamp", Some("NPA"), "4.jpg", 3)]));
    assert_eq!(captions["recredited"], json!([{"text": "The harbour at noon", "key": "credit", "old": "NPA", "new": "Lena Marsh"}]));
    assert_eq!(captions["reworded"][0]["words"], json!([{"old": "", "new": "of Norton, last week"}]));
    assert_eq!(captions.get("changed"), None, "a place that moves with the text is no change");
    assert_eq!(fields["notes"]["added"], json!([{"kind": "correction", "text": "An earlier version gave the wrong year."}]));
    assert_eq!(fields["access.truncated"], json!({"old": false, "new": true}));

    let (code, out, said) = desk.diff(&["old.jsonl", "new.jsonl"]);
    assert_eq!(code, 0);
    for line in [
        "~ a https://paper.example/a: title, authors, body, blocks, captions, notes, access.truncated, extraction.confidence",
        "    title: Story a → Bridge of Norton reopens",
        "    authors: +Ben Oyelaran",
        "    body: 1 paragraph taken out, 1 put in, 1 reworded, 1 moved",
        "      - [2] Sign up for the letter of the island.",
        "      ~ [2] The bridge will [-close-] {+reopen+} on Monday for",
        "      > [4 → 0] Last.",
        "    captions: 1 caption removed, 1 added, 1 reworded, 1 recredited",
        "      ~ The harbour at noon: credit: NPA → Lena Marsh",
        "      + A lamp (NPA)",
        "      + correction: An earlier version gave the wrong year.",
        "    extraction.confidence: 0.5 → 0.75",
    ] {
        assert!(out.lines().any(|told| told == line), "{line}\n{out}");
    }
    assert!(said.starts_with("2 records compared: 1 equal, 1 changed (access.truncated 1, authors 1, blocks 1, body 1,"), "{said}");
}

#[test]
fn only_the_fields_that_are_asked_for() {
    let desk = Desk::new();
    let (old, new) = changed();
    desk.put_records("old.jsonl", &[old]);
    desk.put_records("new.jsonl", &[new]);
    let fields = |arguments: &[&str]| -> Vec<String> {
        let got = desk.objects(&[&["old.jsonl", "new.jsonl"], arguments].concat());
        got.first().map(|one| one["fields"].as_object().unwrap().keys().cloned().collect()).unwrap_or_default()
    };
    assert_eq!(fields(&["--fields", "body,title"]), ["title", "body"]);
    assert_eq!(fields(&["--fields", "extraction"]), ["extraction.version", "extraction.confidence"]);
    assert_eq!(fields(&["--fields", "fetched_at,content_hash"]), ["fetched_at"]);
    assert_eq!(fields(&["--fields", "byline"]), [""; 0]);
    assert_eq!(fields(&["--ignore", "captions,extraction,access,body,blocks,notes"]), ["title", "authors"]);
    let (code, _, said) = desk.diff(&["old.jsonl", "new.jsonl", "--fields", "headline"]);
    assert_eq!(code, 2);
    assert!(said.contains("a record has schema, id, url"), "{said}");
}

#[test]
fn records_are_matched_by_id_and_revisions_by_both() {
    let desk = Desk::new();
    let revised = |id: Value, revision: u64, text: &str| {
        let mut record = record(&id, &[text]);
        record["revision"] = json!(revision);
        record
    };
    desk.put_records(
        "old.jsonl",
        &[
            revised(json!("gone"), 1, "It was here."),
            revised(json!("twice"), 1, "One."),
            revised(json!("twice"), 2, "Two."),
            revised(json!("once"), 1, "The same."),
            revised(json!(5), 1, "A number."),
        ],
    );
    desk.put_records(
        "new.jsonl",
        &[
            revised(json!("twice"), 2, "Two, reworded altogether."),
            revised(json!("twice"), 3, "Three."),
            revised(json!("5"), 1, "A string."),
            revised(json!("once"), 4, "The same."),
            revised(json!("twice"), 1, "One."),
        ],
    );
    let got = desk.objects(&["old.jsonl", "new.jsonl"]);
    let told: Vec<(Value, Value, String)> = got
        .iter()
        .map(|one| {
            let what = one
                .get("only_in")
                .map_or_else(|| one["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "), Value::to_string);
            (one["id"].clone(), one["revision"].clone(), what)
        })
        .collect();
    let expected = [
        (json!("twice"), json!(2), "body".to_owned()),
        (json!("twice"), json!(3), "\"new\"".to_owned()),
        (json!("5"), json!(1), "\"new\"".to_owned()),
        (json!("once"), json!(4), "revision".to_owned()),
        (json!("gone"), json!(1), "\"old\"".to_owned()),
        (json!(5), json!(1), "\"old\"".to_owned()),
    ];
    assert_eq!(told, expected);
    let (_, out, said) = desk.diff(&["old.jsonl", "new.jsonl"]);
    assert!(out.contains("- gone https://paper.example/gone: only in the old file: Story gone\n"), "{out}");
    assert!(out.contains("+ twice revision 3 https://"), "{out}");
    assert!(
        said.contains("3 records compared: 1 equal, 2 changed (body 1, revision 1); 2 records only in OLD; 2 records only in NEW"),
        "{said}"
    );

    let got = desk.objects(&["--revisions", "new.jsonl"]);
    let told: Vec<(&Value, &Value)> = got.iter().map(|one| (&one["revision"], &one["fields"]["revision"]["old"])).collect();
    assert_eq!(told, [(&json!(2), &json!(1)), (&json!(3), &json!(2))]);
}

#[test]
fn packed_files_and_any_number_of_threads_give_the_same_bytes() {
    let desk = Desk::new();
    let text =
        |n: u64, edition: u64| format!("Report {n} of the harbour, edition {edition}, says that {} boats left at noon.", n * 7 + edition);
    let record_of = |n: u64, edition: u64| record(&json!(format!("r{n}")), &[&text(n, 0), &text(n + 10_000, edition)]);
    let old: Vec<Value> = (0..3000).map(|n| record_of(n, 0)).collect();
    let new: Vec<Value> = (0..3000).rev().filter(|n| n % 11 != 0).map(|n| record_of(n, u64::from(n % 5 == 0))).collect();
    desk.put_records("old.jsonl", &old);
    desk.put_records("new.jsonl", &new);
    let (code, expected, said) = desk.diff(&["old.jsonl", "new.jsonl", "--jobs", "1"]);
    assert_eq!(code, 0);
    assert!(said.contains("2727 records compared: 2182 equal, 545 changed (body 545); 273 records only in OLD"), "{said}");
    assert_eq!(expected.lines().filter(|line| line.starts_with('~')).count(), 545);
    let plain = std::fs::read(desk.path("old.jsonl")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&plain).unwrap();
    desk.put("old.jsonl.gz", packed.finish().unwrap());
    desk.put("old.jsonl.zst", zstd::encode_all(plain.as_slice(), 1).unwrap());
    for arguments in [["old.jsonl.gz", "--jobs=2"], ["old.jsonl.zst", "--jobs=7"]] {
        assert!(desk.diff(&[arguments[0], "new.jsonl", arguments[1]]).1 == expected);
    }
    let piped = Command::cargo_bin("copydesk")
        .unwrap()
        .current_dir(desk.0.path())
        .args(["diff", "-", "new.jsonl", "-o", "out.txt"])
        .write_stdin(plain)
        .output();
    let piped = piped.unwrap();
    assert!(piped.status.success() && piped.stdout.is_empty());
    assert!(std::fs::read_to_string(desk.path("out.txt")).unwrap() == expected);
}

#[test]
fn damage_is_told_and_mistakes_are_named() {
    let desk = Desk::new();
    let good = record(&json!("a"), &["A text.\u{1b}[31m"]);
    let mut other = good.clone();
    other["title"] = json!("\u{1b}]0;evil\u{7}Harmless");
    desk.put("old.jsonl", format!("{good}\nnot json\n{{\"title\":1}}\n"));
    desk.put("new.jsonl", format!("\n{other}\n[1]\n"));
    let (code, out, said) = desk.diff(&["old.jsonl", "new.jsonl"]);
    assert_eq!(code, 0, "{said}");
    assert!(out.contains("    title: Story a → Harmless\n") && !out.contains('\u{1b}'), "{out:?}");
    for part in [
        "old.jsonl: line 2: the line is not a JSON object",
        "old.jsonl: line 3: the record has no \"id\"",
        "new.jsonl: line 3:",
        "3 damaged lines left out",
    ] {
        assert!(said.contains(part), "{said}");
    }
    // A page that gave a record once and an error now.
    desk.put("failed.jsonl", "{\"id\":\"a\",\"url\":null,\"error\":{\"kind\":\"no_content\",\"message\":\"no text\"}}\n");
    let got = desk.objects(&["old.jsonl", "failed.jsonl"]);
    assert_eq!(got[0]["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["error"]);
    assert_eq!(desk.diff(&["old.jsonl", "none.jsonl"]).0, 1);
    for (arguments, wrong) in [
        (&["old.jsonl"][..], "nothing to compare with"),
        (&["--revisions", "old.jsonl", "new.jsonl"], "one file"),
        (&["old.jsonl", "new.jsonl", "-o", "new.jsonl"], "is input and output"),
        (&["-", "-"], "named twice"),
    ] {
        let (code, _, said) = desk.diff(arguments);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(wrong), "{said}");
    }
    desk.put("empty.jsonl", "");
    let (code, out, said) = desk.diff(&["empty.jsonl", "empty.jsonl"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(said.contains("0 records compared"), "{said}");
    assert!(Path::new(&desk.path("old.jsonl")).is_file());
}
