//! Real pages, each under its own host name on loopback: one record for each article, one reason for
//! every other page, also when killed half-way.
//!
//! The pages are no part of the project: they are looked for in `../shared/bench/pack`, or where
//! `COPYDESK_PACK` says; without them the test says so and does nothing.
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
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use support::{Desk, Reply, Server, field};

/// Without optimisation reading pages is slow: fewer of them.
const PAGES: usize = if cfg!(debug_assertions) { 40 } else { 200 };

fn pack() -> Option<PathBuf> {
    let named = std::env::var_os("COPYDESK_PACK").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let near = ["../shared/bench/pack", "../../shared/bench/pack"].map(|p| root.join(p));
    named.into_iter().chain(near).find(|p| p.join("fundus.jsonl").exists())
}

/// Host name → page, from all sets, so that all kinds are among them.
fn pages(pack: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut pages = BTreeMap::new();
    for set in ["fundus", "trafeval", "wcxb"] {
        let list = std::fs::read_to_string(pack.join(format!("{set}.jsonl"))).unwrap();
        for line in list.lines().step_by(1400 / PAGES) {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let file = std::fs::File::open(pack.join(row["html"].as_str().unwrap())).unwrap();
            let mut html = Vec::new();
            flate2::read::MultiGzDecoder::new(file).read_to_end(&mut html).unwrap();
            pages.insert(format!("p{}.pack.example", pages.len()), html);
            if pages.len() == PAGES {
                return pages;
            }
        }
    }
    pages
}

/// What a page comes to, read as `extract` reads it.
fn is_article(html: &[u8], url: &str) -> bool {
    let page = copydesk::decode::Page {
        url: copydesk::record::usable_url(url),
        html: copydesk::decode::decode(html, Some("text/html"), Some("pack.example")).text,
        signals: copydesk::decode::Signals::default(),
    };
    copydesk::record::read(&page, &copydesk::record::Options::default()).article.is_ok_and(|article| {
        article.extraction.page_kind.is_article() && !article.rights.robots.iter().any(|d| d == "noindex" || d == "none")
    })
}

#[test]
fn a_crawl_of_real_pages_gives_one_record_or_one_reason_each() {
    let Some(pack) = pack() else {
        println!("skipped: no pack of pages at ../shared/bench/pack");
        return;
    };
    let pages = pages(&pack);
    assert_eq!(pages.len(), PAGES);
    let served = pages.clone();
    let server = Server::start(move |hit| match (hit.path.as_str(), served.get(hit.host.split(':').next().unwrap())) {
        ("/story", Some(html)) => Reply::new(200, "text/html", html.clone()),
        _ => Reply::not_found(),
    });
    let url = |host: &String| format!("http://{host}:{}/story", server.port);
    let seeds: Vec<String> = pages.keys().map(url).collect();
    let resolve: String = pages.keys().map(|host| format!("\"{host}\" = \"127.0.0.1\"\n")).collect();
    let text = format!(
        "[crawl]\nseeds = {seeds:?}\ndiscover = false\n[http]\nallow_private_addresses = true\n[http.resolve]\n{resolve}[politeness]\nper_host_delay = \"0s\"\n"
    );
    let articles: BTreeSet<String> = pages.iter().filter(|(host, html)| is_article(html, &url(host))).map(|(host, _)| url(host)).collect();
    let others: BTreeSet<String> = seeds.iter().filter(|url| !articles.contains(*url)).cloned().collect();
    println!("{} articles, {} other pages", articles.len(), others.len());
    for kills in [0, 3] {
        let desk = Desk::new(&text);
        for n in 0..kills {
            desk.crawl_and_kill(Duration::from_millis(600 + 500 * n));
        }
        let (code, log) = desk.crawl(&[]);
        assert_eq!(code, 0, "{log}");
        check(&desk, "articles.jsonl", &articles, &others);
        check(&desk, "rejected.jsonl", &others, &articles);
    }
}

/// A file has one line for each of these URLs and none for those. (A canonical URL that leads nowhere has one, too.)
fn check(desk: &Desk, file: &str, expected: &BTreeSet<String>, others: &BTreeSet<String>) {
    let lines = field(&desk.lines(file), "url");
    let found: BTreeSet<String> = lines.iter().cloned().collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.intersection(others).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{file}: missing {missing:?}, surplus {surplus:?}");
    assert_eq!(lines.len(), found.len(), "{file} has a URL twice");
}
