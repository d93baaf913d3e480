//! `copydesk export`: what goes in comes out, in the types that other tools read, the same bytes whatever the number of threads.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::format_collect, reason = "tests")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Exit code and what was said.
    fn export(&self, arguments: &[&str]) -> (i32, String) {
        let output =
            Command::new(env!("CARGO_BIN_EXE_copydesk")).current_dir(self.0.path()).arg("export").args(arguments).output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let bytes = std::fs::read(self.path(name)).unwrap();
        let mut text = String::new();
        if Path::new(name).extension().is_some_and(|e| e == "gz") {
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        } else if Path::new(name).extension().is_some_and(|e| e == "zst") {
            text = String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A record with all that a record can have, some of it by turns.
fn record(n: u64) -> Value {
    let odd = n % 2 == 1;
    let caption = json!({"text": format!("Lamp {n}"), "credit": odd.then_some("AFP"), "image": null, "block": 1, "occurrences": 2});
    json!({
        "schema": "copydesk/article@1",
        "id": if n == 3 { json!(3) } else { json!(format!("id-{n:05}")) },
        "url": format!("https://www.news{}.example/{n}", n % 7), "canonical_url": null,
        "title": format!("Story {n}"), "subtitle": null, "byline": odd.then_some("Lena Marsh"),
        "authors": if odd { vec!["Lena Marsh", "Ali Ö"] } else { vec![] },
        "published": match n % 4 { 0 => json!("2026-05-12"), 1 => json!("2026-05-12T18:44+02:00"), 2 => json!("2025-01-02T03:04"), _ => Value::Null },
        "modified": null, "language": if n.is_multiple_of(3) { "en-GB" } else { "de" }, "site": "News", "section": null, "tags": ["a"],
        "body": format!("One {n}.\n\nTwo words more."),
        "blocks": [{"kind": "heading", "level": 2, "text": format!("One {n}.")}, {"kind": "paragraph", "level": null, "text": "Two words more."}],
        "captions": if n.is_multiple_of(5) { json!([]) } else { json!([caption, caption]) },
        "notes": [{"kind": "correction", "text": "An earlier version was wrong."}],
        "lead_image": null, "access": {"paywalled": odd.then_some(true), "truncated": false},
        "rights": {"robots": ["noai"], "content_signal": null, "tdm_reservation": "1", "license": null},
        "duplicate_of": null, "revision": 1, "content_hash": format!("{n:032x}"), "fetched_at": "2026-05-13T00:00:01Z",
        "extraction": {"version": "0.1.0", "confidence": 0.5 + f64::from(u32::try_from(n % 5).unwrap()) / 10.0, "page_kind": "article",
            "sources": {"title": "h1"}, "warnings": []}
    })
}

fn records(count: u64) -> Vec<u8> {
    (0..count).map(|n| record(n).to_string() + "\n").collect::<String>().into_bytes()
}

fn has(module: &str) -> bool {
    Command::new("python3").args(["-c", &format!("import {module}")]).output().is_ok_and(|output| output.status.success())
}

fn python(script: &str, arguments: &[&Path]) -> String {
    let output = Command::new("python3").args(["-c", script]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn parquet_is_read_by_other_tools_with_types_and_counts() {
    let desk = Desk::new();
    desk.put("in.jsonl", &records(45_000));
    let (code, said) = desk.export(&["in.jsonl", "-o", "out.parquet"]);
    assert_eq!((code, said.trim()), (0, "45000 records in 1 file"));
    let file = desk.path("out.parquet");
    if has("pyarrow") {
        let script = "import sys, json, pyarrow.parquet as q\n\
            f = q.ParquetFile(sys.argv[1]); m = f.metadata\n\
            print(m.num_rows, m.num_row_groups, m.row_group(0).column(0).compression, m.metadata[b'copydesk.schema'].decode(), m.created_by.split()[0])\n\
            s = f.schema_arrow\n\
            print(s.field('id').type, s.field('published').type, s.field('published_at').type, s.field('fetched_at').type, s.field('extraction').type.field('confidence').type)\n\
            print(s.field('captions').type)\n\
            t = f.read().to_pylist()\n\
            back = [json.loads(line) for line in open(sys.argv[2])]\n\
            for own, row in zip(back, t):\n\
            \x20 own['id'] = str(own['id']); at = row.pop('published_at'); row.pop('modified_at')\n\
            \x20 own['extraction']['sources'] = [{'field': k, 'source': v} for k, v in own['extraction']['sources'].items()]\n\
            \x20 row['fetched_at'] = row['fetched_at'].strftime('%Y-%m-%dT%H:%M:%SZ')\n\
            \x20 assert row == own, (row, own)\n\
            \x20 assert (at is None) == (own['published'] is None)\n\
            print(len(t), t[0]['published'], list(row) == list(own))\n\
            print(f.read(['published_at']).column(0)[1])";
        let said = python(script, &[&file, &desk.path("in.jsonl")]);
        let expected = [
            "45000 3 ZSTD copydesk/article@1 copydesk",
            "string string timestamp[us, tz=UTC] timestamp[us, tz=UTC] double",
            "list<element: struct<text: string not null, credit: string, image: string, block: int32 not null, occurrences: int32 not null> not null>",
            "45000 2026-05-12 True",
            "2026-05-12 16:44:00+00:00",
        ];
        assert_eq!(said, expected.join("\n"));
    } else {
        println!("skipped: python3 has no pyarrow");
    }
    if has("duckdb") {
        let script = "import sys, duckdb\n\
            q = lambda s: duckdb.sql(s.replace('F', \"'\" + sys.argv[1] + \"'\")).fetchall()\n\
            print(q('select count(*), count(published_at), sum(len(captions)), sum(len(authors)), min(id) from F'))\n\
            print(q(\"select captions[1].credit, blocks[1].level, rights.robots[1], access.paywalled from F where title = 'Story 1'\"))\n\
            print([t[1] for t in q('describe select published_at, notes from F')])";
        let said = python(script, &[&file]);
        let expected = [
            "[(45000, 33750, 72000, 45000, '3')]",
            "[('AFP', 2, 'noai', True)]",
            "['TIMESTAMP WITH TIME ZONE', 'STRUCT(kind VARCHAR, \"text\" VARCHAR)[]']",
        ];
        assert_eq!(said, expected.join("\n"));
    } else {
        println!("skipped: python3 has no duckdb");
    }
    if has("polars") {
        let script = "import sys, polars as p\n\
            d = p.read_parquet(sys.argv[1]); print(d.height, d.schema['published_at'], d['captions'].list.len().sum())\n\
            print(p.scan_parquet(sys.argv[1]).filter(p.col('language') == 'de').select(p.len()).collect().item())";
        assert_eq!(python(script, &[&file]), "45000 Datetime(time_unit='us', time_zone='UTC') 72000\n30000");
    } else {
        println!("skipped: python3 has no polars");
    }
    if has("datasets") {
        let script = "import sys, datasets\n\
            d = datasets.load_dataset('parquet', data_files=sys.argv[1], split='train', cache_dir=sys.argv[2])\n\
            print(d.num_rows, d[1]['captions'][0]['credit'])";
        assert_eq!(python(script, &[&file, &desk.path("cache")]), "45000 AFP");
    } else {
        println!("skipped: python3 has no datasets");
    }
}

#[test]
fn the_same_bytes_whatever_the_threads_and_parts_with_a_manifest() {
    let desk = Desk::new();
    desk.put("in.jsonl", &records(1000));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&records(1000)).unwrap();
    desk.put("in.jsonl.gz", &packed.finish().unwrap());
    desk.put("in.jsonl.zst", &zstd::bulk::compress(&records(1000), 1).unwrap());
    for ending in ["parquet", "jsonl", "jsonl.gz", "jsonl.zst"] {
        let name = format!("out.{ending}");
        let mut all: Vec<Vec<u8>> = Vec::new();
        for (input, jobs) in [("in.jsonl", "1"), ("in.jsonl.gz", "2"), ("in.jsonl.zst", "7")] {
            assert_eq!(desk.export(&[input, "-o", &name, "--jobs", jobs, "-q"]), (0, String::new()));
            all.push(std::fs::read(desk.path(&name)).unwrap());
        }
        assert!(all.windows(2).all(|two| two[0] == two[1]), "{ending}");
        if ending != "parquet" {
            assert!(desk.lines(&name).into_iter().eq((0..1000).map(record)));
        }
    }
    let (code, said) = desk.export(&[
        "in.jsonl",
        "in.jsonl.gz",
        "-o",
        "parts.jsonl.zst",
        "--rows-per-file",
        "300",
        "--min-confidence",
        "0.6",
        "--datasheet",
        "dataset.md",
    ]);
    let sheet = std::fs::read_to_string(desk.path("dataset.md")).unwrap();
    for part in [
        "Records: 1600",
        "Left out (min_confidence): 400",
        "| de | ",
        "| TDM-Reservation: 1 | 1600 | 100.0 % |",
        "| `subtitle` | 0 | 0.0 % |",
    ] {
        assert!(sheet.contains(part), "{part}: {sheet}");
    }
    assert_eq!((code, said.trim()), (0, "1600 records in 6 files, 400 left out (min_confidence)"));
    let manifest: Value = serde_json::from_slice(&std::fs::read(desk.path("parts.manifest.json")).unwrap()).unwrap();
    assert_eq!(
        (&manifest["records"], &manifest["schema"], &manifest["min_confidence"]),
        (&json!(1600), &json!("copydesk/article@1"), &json!(0.6))
    );
    assert_eq!(manifest["sources"], json!(["in.jsonl", "in.jsonl.gz"]));
    for part in manifest["files"].as_array().unwrap() {
        let name = part["name"].as_str().unwrap();
        let bytes = std::fs::read(desk.path(name)).unwrap();
        assert_eq!(part["bytes"], bytes.len());
        let hash: String = <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (part["sha256"].as_str().unwrap(), desk.lines(name).len()),
            (hash.as_str(), usize::try_from(part["records"].as_u64().unwrap()).unwrap())
        );
    }
    assert!(std::fs::read_dir(desk.0.path()).unwrap().all(|entry| entry.unwrap().path().extension().is_some_and(|e| e != "new")));
}

#[test]
fn conditions_samples_and_names_of_other_tools() {
    let desk = Desk::new();
    desk.put("in.jsonl", &records(1000));
    let count = |arguments: &[&str]| {
        let (code, said) = desk.export(&[&["in.jsonl", "-o", "out.jsonl"], arguments].concat());
        assert_eq!(code, 0, "{said}");
        desk.lines("out.jsonl").len()
    };
    assert_eq!(count(&["--where", "language = en"]), 334);
    assert_eq!(count(&["--where", "date >= 2026 and access = paywalled"]), 250);
    assert_eq!(count(&["--where", "words > 100"]), 0);
    let tenth = count(&["--sample", "0.1"]);
    assert!((60..140).contains(&tenth) && count(&["--sample", "0.1"]) == tenth);
    let ids: Vec<Value> = desk.lines("out.jsonl").iter().map(|row| row["id"].clone()).collect();
    assert!(count(&["--sample", "0.5"]) > 400);
    assert!(ids.iter().all(|id| desk.lines("out.jsonl").iter().any(|row| row["id"] == *id)), "a larger sample holds the smaller one");
    assert_eq!((count(&["--sample", "0"]), count(&["--sample", "1"])), (0, 1000));
    for (preset, names) in [
        ("datatrove", vec!["text", "id", "url", "date"]),
        ("hf", vec!["id", "title", "text", "domain"]),
        ("schema-org", vec!["@context", "@type", "identifier", "url"]),
    ] {
        count(&["--preset", preset]);
        let rows = desk.lines("out.jsonl");
        let keys: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).take(4).collect();
        assert_eq!(keys, names, "{preset}");
        let name = format!("{preset}.parquet");
        assert_eq!(desk.export(&["in.jsonl", "-o", &name, "--preset", preset, "-q"]), (0, String::new()));
        if has("pyarrow") {
            let script = "import sys, pyarrow.parquet as q; t = q.read_table(sys.argv[1]); print(t.num_rows, t.column_names[-1])";
            let last = rows[0].as_object().unwrap().keys().next_back().unwrap();
            assert_eq!(python(script, &[&desk.path(&name)]), format!("1000 {last}"));
        }
    }
    for (arguments, said) in [
        (vec!["-o", "x.csv"], "the name says no form"),
        (vec!["-o", "in.jsonl"], "input and output"),
        (vec!["-o", "x.jsonl", "--where", "colour = red"], "a field was expected, one of language"),
        (vec!["-o", "x.jsonl", "--sample", "2"], "from 0 to 1"),
    ] {
        let (code, told) = desk.export(&[vec!["in.jsonl"], arguments].concat());
        assert!(code == 2 && told.contains(said), "{told}");
    }
}

#[test]
fn damaged_lines_are_told_and_the_rest_goes_on() {
    let desk = Desk::new();
    let mut other = record(5);
    other["schema"] = json!("copydesk/article@2");
    let mut lacking = record(6);
    lacking.as_object_mut().unwrap().remove("body");
    let failure = json!({"id": 1, "url": null, "error": {"kind": "no_content", "message": "x"}});
    let lines = [
        record(1).to_string(),
        "{\"id\": 1,".to_owned(),
        String::new(),
        lacking.to_string(),
        other.to_string(),
        failure.to_string(),
        "[1]".to_owned(),
        record(2).to_string(),
    ];
    desk.put("in.jsonl", &[lines.join("\n").as_bytes(), b"\n\xff"].concat());
    let (code, said) = desk.export(&["absent.jsonl", "in.jsonl", "-o", "out.jsonl"]);
    assert_eq!((code, desk.lines("out.jsonl").len()), (1, 2), "{said}");
    for told in [
        "error: absent.jsonl: ",
        "error: in.jsonl:2: not a record: EOF",
        "error: in.jsonl:4: not a record of copydesk/article@1: missing field `body`",
        "error: in.jsonl:5: its schema is \"copydesk/article@2\"",
        "error: in.jsonl:7: not a record: the line is no JSON object",
        "2 records in 1 file, 1 left out (error), 5 damaged lines",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    desk.put("bad.jsonl", b"nothing\n");
    let (code, said) = desk.export(&["bad.jsonl", "-o", "none.parquet"]);
    assert!(code == 1 && said.contains("no record was read") && !desk.path("none.parquet").exists(), "{said}");
    let (code, said) = desk.export(&["in.jsonl", "-o", "absent/out.parquet"]);
    assert!(code == 1 && said.contains("absent/out.parquet: No such file"), "{said}");
}

/// Records of forty sites, some under two hosts.
fn of_sites(count: u64) -> Vec<u8> {
    let of = |n: u64| {
        let mut record = record(n);
        let site = n % 40;
        record["url"] = match n {
            13 => Value::Null,
            _ if n.is_multiple_of(3) => json!(format!("https://sport.paper{site}.co.uk/{n}")),
            _ => json!(format!("https://www.paper{site}.co.uk/{n}")),
        };
        record.to_string() + "\n"
    };
    (0..count).map(of).collect::<String>().into_bytes()
}

#[test]
fn a_split_keeps_every_site_on_one_side() {
    let desk = Desk::new();
    desk.put("in.jsonl", &of_sites(2000));
    let split = ["in.jsonl", "-o", "set.jsonl", "--split", "train=0.6,validation=0.2,test=0.2", "--datasheet", "set.md"];
    let sites = |name: &str| -> std::collections::BTreeSet<String> {
        let site = |row: &Value| row["url"].as_str().unwrap().split('/').nth(2).unwrap().split_once('.').unwrap().1.to_owned();
        desk.lines(name).iter().map(site).collect()
    };
    let names = ["set-train.jsonl", "set-validation.jsonl", "set-test.jsonl"];
    let (code, said) = desk.export(&split);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1999 records in 3 files, train ") && said.contains("1 left out (no_site)"), "{said}");
    let first = names.map(sites);
    assert_eq!(first.iter().map(std::collections::BTreeSet::len).sum::<usize>(), 40, "no site is on two sides: {first:?}");
    assert!(first[0].len() > 15 && first[1].len() > 2 && first[2].len() > 2, "{first:?}");
    let records = names.map(|name| desk.lines(name).len());
    assert_eq!(records.iter().sum::<usize>(), 1999);
    let manifest: Value = serde_json::from_slice(&std::fs::read(desk.path("set.manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["split"]["by"], &manifest["split"]["seed"]), (&json!("registrable domain"), &json!(0)));
    for ((side, part), (count, sites)) in
        manifest["split"]["sides"].as_array().unwrap().iter().zip(manifest["files"].as_array().unwrap()).zip(records.iter().zip(&first))
    {
        assert_eq!((&side["name"], &side["records"], &side["sites"]), (&part["split"], &json!(count), &json!(sites.len())));
        assert_eq!(part["records"], json!(count));
    }
    assert!(
        std::fs::read_to_string(desk.path("set.md"))
            .unwrap()
            .contains("- Split by registrable domain (seed 0), no site on two sides: train ")
    );

    // The same in every run and with any number of threads; more of a site's records go where the site is.
    let bytes = names.map(|name| std::fs::read(desk.path(name)).unwrap());
    desk.export(&[&split[..], &["--jobs", "1"]].concat());
    assert_eq!(names.map(|name| std::fs::read(desk.path(name)).unwrap()), bytes);
    desk.put("in.jsonl", &of_sites(4000));
    desk.export(&split);
    assert_eq!(names.map(sites), first);
    desk.export(&[&split[..], &["--seed", "7"]].concat());
    assert_ne!(names.map(sites), first);

    // In parts, and a side that nothing falls to is an empty file.
    desk.put("one.jsonl", &of_sites(1));
    let (code, said) = desk.export(&["one.jsonl", "-o", "p.jsonl.zst", "--split", "a=0.999999,b=0.000001", "--rows-per-file", "1"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!((desk.lines("p-a-00000.jsonl.zst").len(), desk.lines("p-b-00000.jsonl.zst").len()), (1, 0));
    for (text, wrong) in [("train=0.5", "come to 0.5"), ("train", "write it as"), ("a/b=1", "no name of a side")] {
        let (code, said) = desk.export(&["in.jsonl", "-o", "x.jsonl", "--split", text]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(wrong), "{said}");
    }
}
