//! The WARC of a crawl: everything that went over the wire, whole, so that a site can be read again without a new crawl.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use copydesk::write::{Store, StoreConfig, WarcConfig};
use support::paper::Paper;
use support::warc::{Record, files, read, records};
use support::{Desk, Hit, Reply, Server, config, field};

fn desk(seed: &str, extra: &str) -> Desk {
    Desk::new(&(config(seed, extra) + "[output]\nwarc = \"warc\"\n"))
}

fn of<'a>(records: &'a [Record], kind: &str, url: &str) -> Vec<&'a Record> {
    records.iter().filter(|record| record.is(kind) && record.url() == url).collect()
}

/// Every line of the output has its page in the WARC, and what was made of it.
fn assert_archived(desk: &Desk, records: &[Record]) {
    let by_id: BTreeMap<&str, &Record> = records.iter().map(|record| (record.field("WARC-Record-ID"), record)).collect();
    assert_eq!(by_id.len(), records.len(), "two records have one id");
    for line in desk.lines("articles.jsonl") {
        let (url, id) = (line["url"].as_str().unwrap(), line["id"].as_str().unwrap());
        let made = of(records, "metadata", url).into_iter().find(|metadata| {
            metadata.line("article-id").as_deref() == Some(id) && metadata.line("fetched-at").as_deref() == line["fetched_at"].as_str()
        });
        let metadata = made.unwrap_or_else(|| panic!("{url} has no metadata of this visit"));
        let response = by_id[metadata.field("WARC-Concurrent-To")];
        assert!(response.is("response") && response.url() == url && response.file == metadata.file);
        assert_eq!(response.status(), 200);
        let article = copydesk::extract(std::str::from_utf8(response.http().1).unwrap(), Some(url)).unwrap();
        assert_eq!(article.content_hash, line["content_hash"].as_str().unwrap(), "read again, {url} gives the same text");
        let asked = of(records, "request", url);
        let asked = asked.iter().find(|r| r.field("WARC-Concurrent-To") == response.field("WARC-Record-ID")).unwrap();
        assert_eq!(asked.field("WARC-Date"), response.field("WARC-Date"));
    }
}

/// warcio reads what is written; without it the test says so and goes on.
fn ask_warcio(folder: &Path, records: usize) {
    let script = "import sys\nfrom warcio.archiveiterator import ArchiveIterator\nfrom warcio.checker import Checker\n\
        class Args: inputs=sys.argv[1:]; verbose=False\n\
        bad=Checker(Args).process_all()\n\
        print(bad or 0, sum(1 for f in sys.argv[1:] for r in ArchiveIterator(open(f,'rb'))))";
    match Command::new("python3").args(["-c", "import warcio"]).output() {
        Ok(output) if output.status.success() => {}
        _ => return println!("skipped: python3 has no warcio"),
    }
    let output = Command::new("python3").args(["-c", script]).args(files(folder)).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.trim(), format!("0 {records}"));
}

#[test]
fn a_crawl_can_be_read_again_from_its_warc() {
    let server = Paper::new(30).with_faults().serve();
    let desk = desk(&server.url("/"), "revisit_after = \"0s\"\n");
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let folder = desk.path("warc");
    let first = records(&folder);
    assert_eq!(files(&folder).len(), 1);
    let name = files(&folder)[0].file_name().unwrap().to_str().unwrap().to_owned();
    assert!(first[0].is("warcinfo") && first[0].field("WARC-Filename") == name, "{name}");
    assert!(first[0].line("software").unwrap().starts_with("copydesk/"));
    assert_eq!(desk.lines("articles.jsonl").len(), 27);
    assert_archived(&desk, &first);
    // Every answer that came to its end, robots.txt, redirects and errors among them, stands there once.
    let hits = server.hits();
    let mut seen = BTreeSet::new();
    let broke_off = |hit: &Hit| seen.insert(hit.path.clone()) && Paper::number(&hit.path).is_some_and(|n| matches!(n % 12, 4 | 6));
    let ended: Vec<bool> = hits.iter().map(broke_off).map(|broken| !broken).collect();
    let mut answered: Vec<(String, u16)> =
        hits.iter().zip(ended).filter(|(_, ended)| *ended).map(|(hit, _)| (server.url(&hit.path), hit.status)).collect();
    let mut kept: Vec<(String, u16)> = first.iter().filter(|r| r.is("response")).map(|r| (r.url().to_owned(), r.status())).collect();
    answered.sort();
    kept.sort();
    assert_eq!(kept, answered);
    for (path, status) in [("/robots.txt", 200), ("/old/0", 302), ("/missing-0", 404), ("/2024/story-14.html", 503)] {
        assert!(kept.contains(&(server.url(path), status)), "{path}");
    }
    // What was made of pages that are no article, and how a redirect led to one.
    let missing = of(&first, "metadata", &server.url("/missing-0"));
    assert_eq!(
        (missing.len(), missing[0].line("outcome"), missing[0].line("reason")),
        (1, Some("failed".into()), Some("http_status".into()))
    );
    let told: Vec<_> = first.iter().filter_map(|record| record.line("reason").filter(|_| record.is("metadata"))).collect();
    assert!(told.iter().any(|reason| reason == "noindex"), "{told:?}");
    assert!(first.iter().any(|r| r.is("metadata") && r.line("via") == Some(server.url("/old/0"))));
    assert!(of(&first, "metadata", &server.url("/private/desk")).is_empty(), "nothing was asked about what robots.txt forbids");
    ask_warcio(&folder, first.len());

    assert_eq!(desk.crawl(&[]).0, 0);
    assert_eq!(files(&folder).len(), 2, "each run has a file of its own");
    let second = read(&files(&folder)[1]);
    let story = server.url("/2024/story-12.html");
    assert!(of(&second, "response", &story).is_empty());
    let revisit = of(&second, "revisit", &story);
    assert_eq!(revisit.len(), 1);
    assert_eq!(revisit[0].field("WARC-Profile"), "http://netpreserve.org/warc/1.1/revisit/server-not-modified");
    assert!(revisit[0].status() == 304 && revisit[0].http().1.is_empty() && revisit[0].line("etag").is_some());
    let asked = of(&second, "request", &story)[0].line("if-none-match");
    assert_eq!(asked, revisit[0].line("etag"), "asked for what has changed since the answer in the first file");
    assert_eq!(of(&second, "metadata", &story)[0].line("outcome").as_deref(), Some("not_modified"));
    assert!(of(&second, "response", &server.url("/robots.txt")).is_empty(), "it is fresh for a day");
    ask_warcio(&folder, records(&folder).len());
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn requests_as_sent_and_bodies_as_long_as_they_say() {
    let page = format!("<h1>Lamps</h1><p>{}</p>", "The council counted its lamps once more on Monday. ".repeat(20));
    let packed = gzip(&page);
    let server = Server::start(move |hit| match hit.path.as_str() {
        "/robots.txt" => Reply::text(format!("User-agent: *\nDisallow:\nContent-Signal: search=yes\n{}", "# nothing\n".repeat(60_000))),
        "/" => {
            let links = ["packed?a=1&b=%20c", "big", "fault", "short"].map(|p| format!("<li><a href=\"/{p}\">About {p}</a>"));
            Reply::html(format!("<h1>Front</h1><ul>{}</ul>", links.concat()))
        }
        "/big" => Reply::html("x".repeat(300_000)),
        "/fault" => Reply { body: vec![b'y'; 200_000], ..Reply::not_found() },
        "/short" => Reply { short: true, ..Reply::not_found() },
        _ => Reply { body: packed.clone(), ..Reply::html("") }
            .header("Content-Encoding", "gzip")
            .header("X-Odd", "one")
            .header("X-Odd", "two"),
    });
    let text = config(&server.url("/"), "").replace("[http]\n", "[http]\nmax_body_bytes = \"200KiB\"\nheaders = { X-Desk = \"night\" }\n");
    let desk = Desk::new(&(text + "[output]\nwarc = \"warc\"\n"));
    desk.crawl(&[]);
    let (folder, hits) = (desk.path("warc"), server.hits());
    let records = records(&folder);
    for request in records.iter().filter(|record| record.is("request")) {
        let (head, rest) = request.http();
        assert!(rest.is_empty() && request.field("WARC-IP-Address") == "127.0.0.1");
        let mut lines: Vec<&str> = head.trim_end().lines().collect();
        let path = lines.remove(0).strip_prefix("GET ").unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let hit = hits.iter().find(|hit| hit.path == path).unwrap();
        let mut seen = hit.fields.clone();
        seen.sort();
        lines.sort_unstable();
        assert_eq!(lines, seen, "the server got other header fields than the record has");
    }
    let odd = server.url("/packed?a=1&b=%20c");
    let response = of(&records, "response", &odd)[0];
    assert_eq!(response.http().1, page.as_bytes());
    assert_eq!((response.line("content-length"), response.line("content-encoding")), (Some(page.len().to_string()), None));
    assert_eq!(response.http().0.matches("x-odd: ").count(), 2);
    assert_eq!(of(&records, "metadata", &odd)[0].line("content-signal").as_deref(), Some("search=yes"));
    assert!(of(&records, "response", &server.url("/big")).is_empty(), "no part of a page that is too large");
    let big = of(&records, "metadata", &server.url("/big"));
    assert_eq!((big.len(), big[0].line("reason"), big[0].field("WARC-Concurrent-To")), (1, Some("too_large".into()), ""));
    for (path, why) in [("/robots.txt", "length"), ("/fault", "length"), ("/short", "disconnect"), ("/", "")] {
        let response = of(&records, "response", &server.url(path))[0];
        assert_eq!(response.field("WARC-Truncated"), why, "{path}");
        assert_eq!(response.line("content-length").unwrap(), response.http().1.len().to_string(), "{path}");
    }
    ask_warcio(&folder, records.len());
}

/// WARC files that may have a torn end, as the state knows them; none before there is a state. A name that is only
/// claimed (its mark has the hash 0) has no file, or an empty one: nothing is written before the claim is made good.
fn open_files(state: &Path) -> Vec<PathBuf> {
    let known = || {
        let state = rusqlite::Connection::open(state)?;
        let mut statement = state.prepare("SELECT path FROM outputs WHERE path LIKE '%.warc.gz' AND tail <> 0")?;
        let paths = statement.query_map([], |row| row.get::<_, String>(0))?;
        paths.map(|path| path.map(PathBuf::from)).collect::<rusqlite::Result<Vec<_>>>()
    };
    if state.exists() { known().unwrap_or_default() } else { Vec::new() }
}

#[test]
fn killed_at_any_moment_no_record_is_torn_and_no_page_is_lost_or_twice() {
    let seed: u64 = std::env::var("COPYDESK_KILL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_240_502);
    println!("COPYDESK_KILL_SEED={seed}");
    let server = Paper::new(80).with_faults().serve();
    let desk = desk(&server.url("/"), "[politeness]\nper_host_delay = \"2ms\"\nper_host_concurrency = 4\n");
    let (mut random, mut torn) = (seed, 0);
    for _ in 0..8 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        desk.crawl_and_kill(Duration::from_millis(20 + random % 350));
        // As if the kill had come in the middle of a write.
        for open in open_files(&desk.path("state.sqlite")) {
            std::fs::File::options().append(true).open(open).unwrap().write_all(b"\x1f\x8b\x08 torn").unwrap();
            torn += 1;
        }
    }
    let (code, log) = desk.crawl(&[]);
    assert!(code == 0 && torn > 0, "{log}");
    let folder = desk.path("warc");
    let records = records(&folder);
    assert_eq!(desk.lines("articles.jsonl").len(), 72, "{log}");
    assert_archived(&desk, &records);
    assert!(!of(&records, "response", &server.url("/robots.txt")).is_empty());
    assert!(files(&folder).iter().all(|file| read(file)[0].is("warcinfo")), "a file that was begun has a beginning, or is gone");
    let mut made: Vec<(&str, Option<String>)> = records
        .iter()
        .filter(|r| r.is("metadata") && r.line("outcome").as_deref() == Some("article"))
        .map(|r| (r.url(), r.line("via")))
        .collect();
    let all = made.len();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), all, "a page that was written is not fetched again");
    ask_warcio(&folder, records.len());
    // A file of a run that came to its end is nobody's any more.
    let last = files(&folder).pop().unwrap();
    std::fs::File::options().append(true).open(&last).unwrap().write_all(b"a note of the archivist").unwrap();
    let length = last.metadata().unwrap().len();
    assert_eq!(desk.crawl(&[]).0, 0);
    assert_eq!(last.metadata().unwrap().len(), length);
}

#[test]
fn a_large_file_is_followed_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let warc = WarcConfig { folder: path("warc"), user_agent: "copydesk/0".to_owned(), respect_robots: true, max_bytes: 400 };
    let mut store =
        Store::open(StoreConfig { warc: Some(warc), ..StoreConfig::new(path("state.sqlite").into(), path("articles.jsonl")) }).unwrap();
    for batch in [[b"a".repeat(300), b"b".repeat(300)], [b"c".repeat(300), b"d".repeat(300)]] {
        for records in &batch {
            store.archive(records).unwrap();
        }
        assert!(store.waiting_bytes() >= 600);
        store.commit().unwrap();
        assert_eq!(store.waiting_bytes(), 0);
    }
    let files = files(&path("warc"));
    assert_eq!(files.len(), 2);
    for (file, end) in files.iter().zip([[b"a".repeat(300), b"b".repeat(300)], [b"c".repeat(300), b"d".repeat(300)]]) {
        let bytes = std::fs::read(file).unwrap();
        assert!(bytes.starts_with(b"\x1f\x8b") && bytes.ends_with(&end.concat()), "a batch is not divided");
    }
    drop(store);
    assert_eq!(open_files(&path("state.sqlite")), files[1..], "what is whole needs no memory");
}

#[test]
fn without_the_key_there_is_no_warc() {
    let server = Paper::new(3).serve();
    let desk = Desk::new(&config(&server.url("/"), ""));
    assert_eq!(desk.crawl(&[]).0, 0);
    assert_eq!(field(&desk.lines("articles.jsonl"), "url").len(), 3);
    let names: Vec<String> =
        std::fs::read_dir(desk.folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|name| !name.contains("warc")), "{names:?}");
}
