//! Fuzzing on stable Rust: each target reads the project's own pages and files, damaged at random, and must come to an end
//! without a panic and with its promises kept. Some cases run with every test; many more by hand:
//!
//! ```sh
//! COPYDESK_FUZZ_CASES=20000 cargo test --release --test fuzz -- --nocapture
//! ```
//!
//! A find is shrunk and printed; it becomes a test beside what it broke. `PROPTEST_RNG_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod corpus;
mod reference;
mod tokens;

use std::fmt::Debug;
use std::path::Path;
use std::sync::OnceLock;

use copydesk::batch::{Answer, Form, Settings, Source};
use copydesk::config::Config;
use copydesk::decode;
use copydesk::extract::probe::{self, Reading};
use copydesk::fetch::robots::Robots;
use copydesk::frontier::{feed, identity, sitemap};
use copydesk::record::{self, Options};
use proptest::prelude::*;
use proptest::test_runner::{Config as ProptestConfig, TestCaseError, TestError, TestRunner};
use url::Url;

/// Cases of each target in a plain `cargo test`.
const CASES: u32 = 150;
/// Bytes of a seed that are used at most.
const SEED_BYTES: usize = 6000;

/// What damage is done with, beside single bytes and pieces of other seeds.
const PIECES: [&str; 40] = [
    "<",
    ">",
    "\"",
    "'",
    "&",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}]0;",
    "\r",
    "</p>",
    "<p>",
    "<table>",
    "<b>",
    "</b>",
    "<a href=x>",
    "<script>",
    "</script>",
    "<script type=application/ld+json>{",
    "[[[[",
    "{\"@id\":\"#a\"}",
    "\\ud800",
    "\\u0000",
    "<svg>",
    "<template>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<base href=//>",
    "&#xD800;",
    "&notit;",
    "<figure><figcaption>",
    "<time datetime=9999-99-99>",
    "\u{301}",
    "User-agent: *\n",
    "Disallow: /**$",
    "%ff%",
    "99999999999999999999",
    "<url><loc>",
    "= [",
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Damage {
    Cut(usize, usize),
    Put(usize, usize),
    Flip(usize, u8),
    Repeat(usize, usize, u8),
    Move(usize, usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = || 0..SEED_BYTES;
    prop_oneof![
        (at(), 1..400usize).prop_map(|(at, n)| Damage::Cut(at, n)),
        (at(), 0..PIECES.len()).prop_map(|(at, piece)| Damage::Put(at, piece)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        (at(), 1..60usize, 2..40u8).prop_map(|(at, n, times)| Damage::Repeat(at, n, times)),
        (at(), at(), 1..400usize).prop_map(|(from, to, n)| Damage::Move(from, to, n)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let len = bytes.len();
    let part = |at: usize, n: usize| {
        let at = at % (len + 1);
        at..(at + n).min(len)
    };
    match *damage {
        Damage::Cut(at, n) => drop(bytes.drain(part(at, n))),
        Damage::Put(at, piece) => drop(bytes.splice(part(at, 0), PIECES[piece].bytes())),
        Damage::Flip(at, byte) => {
            if len > 0 {
                bytes[at % len] = byte;
            }
        }
        Damage::Repeat(at, n, times) => {
            let again = bytes[part(at, n)].repeat(usize::from(times));
            bytes.splice(part(at, 0), again);
        }
        Damage::Move(from, to, n) => {
            let moved = bytes[part(from, n)].to_vec();
            bytes.splice(part(to, 0), moved);
        }
    }
}

/// A seed, damaged a few times. Large seeds give a window.
fn damaged(seeds: &'static [Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    (0..seeds.len(), any::<prop::sample::Index>(), prop::collection::vec(damage(), 0..12)).prop_map(move |(seed, window, damages)| {
        let seed = &seeds[seed];
        let start = if seed.len() > SEED_BYTES { window.index(seed.len() - SEED_BYTES) } else { 0 };
        // Mostly from the beginning, where a page says what it is.
        let start = if start % 3 == 0 { start } else { 0 };
        let mut bytes = seed[start..seed.len().min(start + SEED_BYTES)].to_vec();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        bytes
    })
}

fn pages() -> &'static [Vec<u8>] {
    static PAGES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    PAGES.get_or_init(|| corpus::all().iter().filter_map(|f| std::fs::read(f.folder.join("page.html")).ok()).collect())
}

fn seeds(texts: &[&str]) -> &'static [Vec<u8>] {
    texts.iter().map(|t| t.as_bytes().to_vec()).collect::<Vec<_>>().leak()
}

fn run<S: Strategy>(target: &str, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let cases = std::env::var("COPYDESK_FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() };
    if let Err(error) = TestRunner::new(config).run(&strategy, test) {
        let input = match &error {
            TestError::Fail(_, value) => show(value),
            TestError::Abort(_) => String::new(),
        };
        let reason = if let TestError::Fail(reason, _) = &error { reason.to_string() } else { error.to_string() };
        panic!("{target}: {reason}\n{input}");
    }
    println!("{target}: {cases} cases");
}

/// A list of bytes is read best as text.
fn show(value: &impl Debug) -> String {
    let numbers: Option<Vec<u8>> = format!("{value:?}").trim_matches(['[', ']']).split(", ").map(|n| n.parse().ok()).collect();
    numbers.map_or_else(|| format!("{value:?}"), |bytes| format!("b\"{}\"", bytes.escape_ascii()))
}

fn base() -> Url {
    Url::parse("https://paper.example/news/2024/story").unwrap()
}

/// No case of `catching`: a panic is a find.
fn record_of(source: &Source) -> copydesk::Result<copydesk::Article> {
    let page = source.page()?;
    match source.form {
        Form::Html => record::read(&page, &Options::default()).article,
        Form::Text => record::read_text(&page.html, page.url.as_ref(), &Options::default()),
    }
}

#[test]
fn decoding() {
    let types =
        prop::sample::select(vec![None, Some("text/html; charset=gb18030"), Some("text/html;charset=\"utf-16\""), Some(";;=charset=")]);
    run("decode", (damaged(pages()), types), |(bytes, content_type)| {
        let _ = decode::reject_binary(&bytes, content_type);
        let decoded = decode::decode(&bytes, content_type, Some("paper.example"));
        prop_assert!(decoded.text.len() <= 3 * bytes.len() + 3);
        Ok(())
    });
}

#[test]
fn extracting() {
    run("extract", damaged(pages()), |bytes| {
        for form in [Form::Html, Form::Text] {
            let source = Source { bytes: bytes.clone(), form, url: Some(base()) };
            let (Ok(first), Ok(second)) = (record_of(&source), record_of(&source)) else { continue };
            let line = |article| String::from_utf8(Answer::Record(Box::new(article)).line().unwrap()).unwrap();
            let (first, second) = (line(first), line(second));
            prop_assert_eq!(&first, &second, "the same page, the same record");
            let odd = |c: char| c.is_control() && c != '\n';
            let value = serde_json::from_str::<serde_json::Value>(&first).unwrap();
            for field in ["title", "byline", "subtitle", "body", "site", "section"] {
                prop_assert!(!value[field].as_str().unwrap_or_default().contains(odd), "{}: {}", field, value[field]);
            }
        }
        Ok(())
    });
}

#[test]
fn tokenizing_as_html5ever() {
    run("tokenizer", damaged(pages()), |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(probe::tokens(&text, Reading::Data, None, true), tokens::reference(&text));
        prop_assert_eq!(probe::tree(&text), reference::tree(&text));
        Ok(())
    });
}

#[test]
fn robots() {
    let seeds = seeds(&[
        "User-agent: *\nDisallow: /private/*.html$\nAllow: /private/open\nCrawl-delay: 2.5\nSitemap: https://paper.example/s.xml\n",
        "user-agent: copydesk\nuser-agent: other\ndisallow: /%7Ejoe/\n\nContent-Signal: search=yes,ai-train=no\nUser-agent:*\nDisallow:\n",
    ]);
    run("robots", (damaged(seeds), "/[a-z%*$/]{0,30}"), |(bytes, path)| {
        let text = String::from_utf8_lossy(&bytes);
        let robots = Robots::parse(&text, "copydesk/1 (+https://desk.example/)");
        let _ = (robots.forbids_path(&path), robots.forbids(&base()));
        Ok(())
    });
}

#[test]
fn sitemaps() {
    let seeds = seeds(&[
        "<?xml version=\"1.0\"?><urlset xmlns:news=\"x\"><url><loc>https://paper.example/a?b=1&amp;c=2</loc><lastmod>2024-05-01T08:00:00+02:00</lastmod>\
            <news:news><news:publication_date>2024-05-01</news:publication_date><news:title><![CDATA[A & B]]></news:title></news:news></url></urlset>",
        "<sitemapindex><sitemap><loc>/s1.xml.gz</loc><lastmod>2024-05-01</lastmod></sitemap></sitemapindex>",
        "https://paper.example/a\nhttps://paper.example/b\n",
        "\x1f\u{8b}",
    ]);
    run("sitemap", damaged(seeds), |bytes| {
        for entry in sitemap::read(&bytes, &base()) {
            prop_assert!(matches!(entry.url.scheme(), "http" | "https"), "{}", entry.url);
        }
        let _ = sitemap::read_date(&String::from_utf8_lossy(&bytes));
        Ok(())
    });
}

#[test]
fn feeds() {
    let seeds = seeds(&[
        "<rss version='2.0'><channel><title>t</title><link>https://paper.example/</link><item><title>a</title><link>https://paper.example/a</link>\
            <pubDate>Wed, 01 May 2024 08:00:00 GMT</pubDate><enclosure url='/a.mp3' length='1' type='audio/mpeg'/></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>x</id><title>t</title><updated>2024-05-01T08:00:00Z</updated><entry><id>tag:1</id>\
            <title>a</title><link href='/a'/><updated>2024-05-01T08:00:00Z</updated></entry></feed>",
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"t\",\"items\":[{\"id\":\"1\",\"url\":\"https://paper.example/a\"}]}",
    ]);
    run("feed", damaged(seeds), |bytes| {
        for entry in feed::read(&bytes, &base()).unwrap_or_default() {
            prop_assert!(matches!(entry.url.scheme(), "http" | "https"), "{}", entry.url);
        }
        Ok(())
    });
}

#[test]
fn configurations() {
    let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline.toml")).unwrap();
    let small = "[crawl]\nseeds = [\"https://paper.example/\"]\nmax_run_time = \"50m\"\n[http]\nmax_body_bytes = \"16MiB\"\n[politeness]\n\
        per_host_delay = \"1s\"\n[[site]]\nhost = \"*.paper.example\"\n";
    run("config", damaged(seeds(&[&own, small])), |bytes| {
        let path = Path::new("pipeline.toml");
        if let Ok(config) = Config::parse(&String::from_utf8_lossy(&bytes), path) {
            let _ = config.check(path);
        }
        Ok(())
    });
}

#[test]
fn json_lines() {
    let seeds = seeds(&[
        "{\"id\":1,\"url\":\"https://paper.example/a\",\"html\":\"<h1>One<\\/h1><p>\\ud83d\\ude00 \\ud800\"}\n{\"html\":3}\nnot json\n",
        "\u{feff}{\"html\":\"\",\"id\":\"z\",\"more\":[{\"id\":5}]}\r\n\r\n{\"id\":18446744073709551615,\"html\":\"<p>x\"}",
    ]);
    run("jsonl", damaged(seeds), |bytes| {
        // One byte order mark a line.
        let lines = bytes.split(|b| *b == b'\n');
        let blank = |line: &[u8]| line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii().is_empty();
        let expected = lines.filter(|line| !blank(line)).count() as u64;
        let settings = Settings { jobs: 1, max_body_bytes: 100_000, options: Options::default() };
        let tally = copydesk::batch::run(std::io::Cursor::new(bytes.clone()), &settings, || Ok(Vec::new())).unwrap().tally;
        prop_assert_eq!(tally.records + tally.failures, expected, "an answer for each line");
        Ok(())
    });
}

#[test]
fn addresses() {
    let seeds = seeds(&[
        "https://Paper.Example:443/a%7eb/../index.html;jsessionid=1?utm_source=x&b=2&a=1#top",
        "http://[::1]/",
        "//x.example./a//b/",
    ]);
    run("urls", damaged(seeds), |bytes| {
        let Ok(url) = base().join(&String::from_utf8_lossy(&bytes)) else { return Ok(()) };
        let once = identity::normalize(&url);
        prop_assert_eq!(&identity::normalize(&once), &once, "normal is normal");
        Ok(())
    });
}
