//! `extract --from warc`: archives of this crawler, of other tools and of nobody, whole and damaged.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::format_collect, clippy::too_many_lines, reason = "tests")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use support::paper::Paper;
use support::{Desk, config};

/// A folder with archives in it, and the command over them.
struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn run(args: &[&str], files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_copydesk")).arg("extract").args(args).args(files).output().unwrap()
}

/// Exit code, records and what was said.
fn extract(args: &[&str], files: &[&Path]) -> (i32, Vec<Value>, String) {
    let output = run(args, files);
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), lines, String::from_utf8(output.stderr).unwrap())
}

fn titles(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["title"].as_str().unwrap()).collect()
}

fn html(title: &str) -> String {
    let text = "The council counted its lamps once more on Monday and found one missing, the mayor said. ".repeat(6);
    format!("<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{text}</p></html>")
}

fn record(fields: &str, block: &[u8]) -> Vec<u8> {
    let head = format!("WARC/1.0\r\nWARC-Record-ID: <urn:uuid:{fields:p}>\r\n{fields}Content-Length: {}\r\n\r\n", block.len());
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn answer(url: &str, http: &str, body: &[u8]) -> Vec<u8> {
    let fields = format!(
        "WARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-04T05:06:07Z\r\nContent-Type: application/http; msgtype=response\r\n"
    );
    record(&fields, &[b"HTTP/1.1 ", http.as_bytes(), b"\r\n\r\n", body].concat())
}

fn page(title: &str) -> Vec<u8> {
    answer(&format!("https://news.example/{title}"), "200 OK\r\nContent-Type: text/html; charset=utf-8", html(title).as_bytes())
}

/// How a record is packed.
type Pack = fn(&[u8]) -> Vec<u8>;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}

#[test]
fn what_a_crawl_kept_gives_what_the_crawl_wrote() {
    let server = Paper::new(30).with_faults().serve();
    let extra = "[output]\nwarc = \"warc\"\n[dedup]\nboilerplate = false\nnear_duplicates = \"off\"\n";
    let desk = Desk::new(&(config(&server.url("/"), "") + extra));
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let file = support::warc::files(&desk.path("warc")).pop().unwrap();
    let output = run(&[], &[&file]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let from_archive: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let crawled = std::fs::read_to_string(desk.path("articles.jsonl")).unwrap();
    assert_eq!(crawled.lines().count(), 27);
    for line in crawled.lines() {
        assert!(from_archive.iter().any(|other| other == line), "not in the archive as written:\n{line}");
    }
    // The same bytes whatever the number of threads.
    for jobs in ["1", "3", "9"] {
        let again = run(&["--jobs", jobs, "-q"], &[&file]);
        assert_eq!(String::from_utf8(again.stdout).unwrap().lines().collect::<Vec<_>>(), from_archive, "{jobs} threads");
        assert!(again.stderr.is_empty());
    }
}

#[test]
fn all_packings_and_what_is_no_page() {
    let shelf = Shelf::new();
    let records: Vec<Vec<u8>> = vec![
        record("WARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\n", b"software: a hand\r\n"),
        record("WARC-Type: request\r\nContent-Type: application/http; msgtype=request\r\n", b"GET / HTTP/1.1\r\n\r\n"),
        page("One"),
        answer("https://news.example/robots.txt", "200 OK\r\nContent-Type: text/html", b"User-agent: *"),
        answer("https://news.example/a.png", "200 OK\r\nContent-Type: image/png", b"\x89PNG\r\n"),
        answer("https://news.example/feed", "200 OK\r\nContent-Type: text/html", b"<?xml version='1.0'?><rss><channel/></rss>"),
        answer("https://news.example/gone", "404 Not Found\r\nContent-Type: text/html", html("Gone").as_bytes()),
        answer("https://news.example/moved", "301 Moved\r\nContent-Type: text/html", html("Moved").as_bytes()),
        answer("https://news.example/pdf", "200 OK\r\nContent-Type: text/html", b"%PDF-1.7"),
        answer("https://news.example/empty", "200 OK\r\nContent-Type: text/html", b""),
        record(
            "WARC-Type: revisit\r\nWARC-Target-URI: https://news.example/One\r\nContent-Type: application/http\r\n",
            b"HTTP/1.1 304 Not Modified\r\n\r\n",
        ),
        answer(
            "<https://news.example/Two>",
            "200 OK\r\nContent-Type: text/plain\r\nX-Robots-Tag: noai\r\nTDM-Reservation: 1",
            html("Two").as_bytes(),
        ),
        record(
            "WARC-Type: resource\r\nWARC-Target-URI: https://news.example/Three\r\nContent-Type: text/html\r\n",
            html("Three").as_bytes(),
        ),
        record("WARC-Type: conversion\r\nWARC-Target-URI: https://news.example/Four\r\nContent-Type: text/plain\r\n", b"Four"),
    ];
    let skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc".to_vec();
    let files = [
        shelf.put("plain.warc", &records.concat()),
        shelf.put("each.warc.gz", &records.iter().flat_map(|r| gzip(r)).collect::<Vec<_>>()),
        shelf.put("whole.WARC.GZ", &gzip(&records.concat())),
        shelf.put("each.warc.zst", &[skippable, records.iter().flat_map(|r| zstd(r)).collect()].concat()),
    ];
    for file in &files {
        let (code, found, said) = extract(&[], &[file]);
        assert_eq!((code, titles(&found)), (0, vec!["One", "Two", "Three"]), "{}: {said}", file.display());
        assert_eq!(found[0]["url"], "https://news.example/One");
        assert_eq!(found[0]["fetched_at"], "2026-03-04T05:06:07Z");
        assert_eq!((&found[1]["rights"]["robots"][0], &found[1]["rights"]["tdm_reservation"]), (&"noai".into(), &"1".into()));
        assert!(said.contains("3 articles from 6 pages in 14 WARC records, 1 no_content, 2 not_html, 1 revisits"), "{said}");
    }
    let all: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let (code, found, _) = extract(&["--jobs", "2"], &all);
    assert_eq!((code, found.len()), (0, 12), "one output for all");
    let mut child = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["extract", "--from", "warc", "-q"])
        .stdin(std::fs::File::open(&files[1]).unwrap())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut piped = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut piped).unwrap();
    assert!(child.wait().unwrap().success() && piped.lines().count() == 3);
}

#[test]
fn a_dictionary_at_the_start_of_a_zstd_archive() {
    let shelf = Shelf::new();
    let pages: Vec<Vec<u8>> = (0..40).map(|n| page(&format!("Page {n}"))).collect();
    // Any bytes will do as one; trained ones pack better.
    let dictionary = page("Page");
    let mut packer = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
    let frames: Vec<u8> = pages.iter().flat_map(|page| packer.compress(page).unwrap()).collect();
    for stored in [dictionary.clone(), zstd(&dictionary)] {
        let head = [b"\x5d\x2a\x4d\x18".to_vec(), u32::try_from(stored.len()).unwrap().to_le_bytes().to_vec(), stored].concat();
        let file = shelf.put("dictionary.warc.zst", &[head, frames.clone()].concat());
        let (code, found, said) = extract(&[], &[&file]);
        assert_eq!((code, found.len()), (0, 40), "{said}");
        let last = std::fs::metadata(&file).unwrap().len() - frames.len() as u64 / 2;
        let (code, found, said) = extract(&["--offset", &last.to_string()], &[&file]);
        assert!(code == 0 && (15..25).contains(&found.len()), "{said}");
    }
}

#[test]
fn damage_costs_the_damaged_record_alone() {
    let shelf = Shelf::new();
    let names = ["A", "B", "C", "D", "E"];
    let pack: [(&str, Pack); 3] = [("gz", gzip), ("zst", zstd), ("", <[u8]>::to_vec)];
    for (ending, pack) in pack {
        let members: Vec<Vec<u8>> = names.iter().map(|name| pack(&page(name))).collect();
        let name = if ending.is_empty() { "cut.warc".to_owned() } else { format!("cut.warc.{ending}") };
        let whole = members.concat();
        // The third is damaged: bytes that are wrong, bytes that are missing, bytes that are too many.
        let start = members[0].len() + members[1].len();
        let middle = start + members[2].len() / 2;
        let mut wrong = whole.clone();
        wrong[middle..middle + 40].fill(0xee);
        let missing = [&whole[..middle], &whole[middle + 25..]].concat();
        let many = [&whole[..middle], &[b'x'; 70][..], &whole[middle..]].concat();
        let between = [&whole[..start], &vec![b'?'; 300_000], &whole[start..]].concat();
        let cases = [("wrong", wrong), ("missing", missing), ("many", many), ("between", between)];
        for (what, bytes) in cases {
            let file = shelf.put(&name, &bytes);
            let (code, found, said) = extract(&[], &[&file]);
            // Bytes that are wrong in an archive that is not packed can't be told from others.
            let kept = if what == "between" || what == "wrong" && ending.is_empty() {
                vec!["A", "B", "C", "D", "E"]
            } else {
                vec!["A", "B", "D", "E"]
            };
            assert_eq!(titles(&found), kept, "{name}, {what}: {said}");
            if what == "between" || kept.len() == 4 {
                assert_eq!(code, 3, "{name}, {what}: {said}");
                assert!(said.contains(": damaged at byte "), "{said}");
                assert_eq!(said.matches("damaged").count(), 1, "{name}, {what}: {said}");
            }
        }
        // A file that ends early: what was whole is given.
        for length in [middle, start + 3, start] {
            let file = shelf.put(&name, &whole[..length]);
            let (code, found, said) = extract(&[], &[&file]);
            assert_eq!(titles(&found), ["A", "B"], "{name}: {said}");
            assert_eq!(code, if length == start { 0 } else { 3 }, "{name} cut at {length}: {said}");
        }
        // A length that is no number, a head without an end.
        let broken = String::from_utf8_lossy(&page("X")).replace("Content-Length: ", "Content-Length: x");
        let headless = b"WARC/1.0\r\nWARC-Type: response\r\n".to_vec();
        let file = shelf.put(&name, &[pack(broken.as_bytes()), members[0].clone(), pack(&headless), members[1].clone()].concat());
        let (code, found, said) = extract(&[], &[&file]);
        assert!(code == 3 && titles(&found).contains(&"A") && titles(&found).last() == Some(&"B"), "{name}: {said}");
    }
}

#[test]
fn no_archive_no_file_and_nothing_in_it() {
    let shelf = Shelf::new();
    let page = shelf.put("page.warc", html("No archive").as_bytes());
    let (code, found, said) = extract(&[], &[&page]);
    assert_eq!((code, found.len()), (1, 0));
    assert!(said.contains("page.warc: this is no WARC"), "{said}");
    assert_eq!(extract(&[], &[&shelf.put("empty.warc.gz", b"")]).0, 1);
    assert_eq!(extract(&["--from", "warc"], &[&shelf.0.path().join("absent.warc")]).0, 1);
    let good = shelf.put("good.warc", &self::page("Good"));
    let (code, found, _) = extract(&[], &[&good, &page]);
    assert_eq!((code, found.len()), (3, 1));
    for args in [&["--format", "markdown"][..], &["--url", "https://a.example/"], &["--from", "html", "--offset", "3"]] {
        assert_eq!(extract(args, &[&good]).0, 2, "{args:?}");
    }
    assert_eq!(extract(&["--offset", "3"], &[&good, &good]).0, 2);
    assert_eq!(extract(&[], &[&good, &shelf.put("page.html", b"")]).0, 2);
}

#[test]
fn reading_goes_on_from_an_offset() {
    let shelf = Shelf::new();
    for (name, pack) in [("on.warc", <[u8]>::to_vec as Pack), ("on.warc.gz", gzip), ("on.warc.zst", zstd)] {
        let members: Vec<Vec<u8>> = (0..30).map(|n| pack(&page(&format!("Page {n:02}")))).collect();
        let file = shelf.put(name, &members.concat());
        let mut at = 0;
        for (number, member) in members.iter().enumerate() {
            for (offset, first) in [(at, number), (at + 1, number + 1), (at + member.len() - 1, number + 1)] {
                let (code, found, said) = extract(&["--offset", &offset.to_string()], &[&file]);
                if first < 30 {
                    assert_eq!((code, found.len()), (0, 30 - first), "{name}, {offset}: {said}");
                    assert_eq!(titles(&found)[0], format!("Page {first:02}"));
                }
            }
            at += member.len();
        }
    }
}

#[test]
fn large_pages_and_bombs_are_cut() {
    let shelf = Shelf::new();
    let big =
        |body: Vec<u8>, fields: &str| answer("https://news.example/big", &format!("200 OK\r\nContent-Type: text/html{fields}"), &body);
    let zeros = vec![b' '; 50 << 20];
    let records = [
        gzip(&page("Before")),
        gzip(&big(zeros.clone(), "")),
        gzip(&big(gzip(&zeros), "\r\nContent-Encoding: gzip")),
        gzip(&answer("https://news.example/film", "200 OK\r\nContent-Type: video/mp4", &zeros)),
        gzip(&page("After")),
    ];
    let (code, found, said) = extract(&["--max-body-bytes", "1MiB"], &[&shelf.put("big.warc.gz", &records.concat())]);
    assert_eq!((code, titles(&found)), (0, vec!["Before", "After"]));
    assert!(said.contains("2 too_large"), "{said}");
}

#[test]
fn charsets_codings_and_pages_that_the_archive_cut() {
    let shelf = Shelf::new();
    let latin = html("Zürich, Genève").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let packed = gzip(html("Packed").as_bytes());
    let chunked = [format!("{:x}\r\n", packed.len()).as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat();
    let cut = String::from_utf8(page("Cut")).unwrap().replace("WARC-Type", "WARC-Truncated: length\r\nWARC-Type");
    let records = [
        answer("https://news.example/latin", "200 OK\r\ncontent-type: text/html; charset=iso-8859-1", &latin),
        answer(
            "https://news.example/packed",
            "200 OK\nContent-Type: text/html\nContent-Encoding: gzip\nTransfer-Encoding: chunked",
            &chunked,
        ),
        cut.into_bytes(),
    ];
    let (code, found, said) = extract(&[], &[&shelf.put("mixed.warc", &records.concat())]);
    assert_eq!((code, titles(&found)), (0, vec!["Zürich, Genève", "Packed", "Cut"]), "{said}");
    let warned = |record: &Value| record["extraction"]["warnings"].to_string().contains("only the beginning");
    assert!(warned(&found[2]) && !warned(&found[1]));
}

/// warcio writes as other tools do; without it the test says so and goes on.
#[test]
fn an_archive_of_another_tool() {
    match Command::new("python3").args(["-c", "import warcio"]).output() {
        Ok(output) if output.status.success() => {}
        _ => return println!("skipped: python3 has no warcio"),
    }
    let script = "import sys, gzip, io\n\
        from warcio.warcwriter import WARCWriter\n\
        from warcio.statusandheaders import StatusAndHeaders\n\
        html = open(sys.argv[1],'rb').read()\n\
        for name, packed in (('a.warc.gz', True), ('b.warc', False)):\n\
        \x20 with open(sys.argv[2] + '/' + name, 'wb') as out:\n\
        \x20  w = WARCWriter(out, gzip=packed)\n\
        \x20  w.write_record(w.create_warcinfo_record(name, {'software': 'warcio'}))\n\
        \x20  for n in range(5):\n\
        \x20   h = StatusAndHeaders('200 OK', [('Content-Type', 'text/html'), ('Content-Encoding', 'gzip')], protocol='HTTP/1.1')\n\
        \x20   r = w.create_warc_record('https://news.example/%d' % n, 'response', payload=io.BytesIO(gzip.compress(html)), http_headers=h, warc_headers_dict={'WARC-Date': '2026-01-02T03:04:05Z'})\n\
        \x20   w.write_request_response_pair(w.create_warc_record('https://news.example/%d' % n, 'request', http_headers=StatusAndHeaders('GET / HTTP/1.1', [('Host','news.example')], is_http_request=True)), r)\n\
        \x20  w.write_record(w.create_warc_record('https://news.example/r', 'resource', payload=io.BytesIO(html), warc_content_type='text/html'))\n\
        \x20  w.write_record(w.create_revisit_record('https://news.example/1', digest='sha1:B6QJ6BNJ3R4B23XXMRKZKHLPGJY2VE4O', refers_to_uri='https://news.example/0', refers_to_date='2026-01-02T03:04:05Z'))\n";
    let shelf = Shelf::new();
    let source = shelf.put("page.html", html("Another").as_bytes());
    let made = Command::new("python3").args(["-c", script]).arg(&source).arg(shelf.0.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for name in ["a.warc.gz", "b.warc"] {
        let (code, found, said) = extract(&[], &[&shelf.0.path().join(name)]);
        assert_eq!((code, titles(&found)), (0, vec!["Another"; 6]), "{name}: {said}");
        assert_eq!((&found[4]["url"], &found[4]["fetched_at"]), (&"https://news.example/4".into(), &"2026-01-02T03:04:05Z".into()));
        assert!(said.contains("6 pages in 13 WARC records, 1 revisits"), "{said}");
    }
}

/// Debian's wget archives a site; without it the test says so and goes on.
#[test]
fn an_archive_of_wget_gives_what_a_crawl_gives() {
    if !Command::new("wget").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return println!("skipped: there is no wget");
    }
    let server = Paper::new(24).serve();
    let desk = Desk::new(&(config(&server.url("/"), "") + "[dedup]\nboilerplate = false\nnear_duplicates = \"off\"\n"));
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let crawled = desk.lines("articles.jsonl");
    for (name, flags) in [("packed.warc.gz", &[][..]), ("plain.warc", &["--no-warc-compression"])] {
        let stem = name.split('.').next().unwrap();
        let mut wget = Command::new("wget");
        wget.current_dir(desk.folder.path())
            .args(["-q", "-r", "-l", "9", "-T", "20", "-t", "1", "--warc-file", stem, "-P", stem])
            .args(flags);
        // 8: some pages are missing, as the paper has it.
        let ended = wget.args([server.url("/"), server.url("/sitemap.xml")]).status().unwrap();
        assert!(matches!(ended.code(), Some(0 | 8)), "{ended}");
        let (code, found, said) = extract(&[], &[&desk.path(name)]);
        assert_eq!(code, 0, "{said}");
        let key = |record: &Value| (record["id"].to_string(), record["title"].to_string(), record["body"].to_string());
        let has: std::collections::BTreeSet<_> = found.iter().map(key).collect();
        // wget follows links alone; what only the sitemap names it does not have.
        let linked: Vec<&Value> =
            crawled.iter().filter(|record| Paper::number(record["url"].as_str().unwrap()).is_some_and(|n| n < 10)).collect();
        assert!(linked.len() >= 9 && linked.iter().all(|record| has.contains(&key(record))), "{name}: {said}");
        assert!(found.iter().all(|record| record["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1"))), "{said}");
        println!("{name}: {} records, {}", found.len(), said.trim());
    }
}
