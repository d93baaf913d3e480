//! `copydesk init`: what sites say of themselves becomes a configuration that crawls them as it stands.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use copydesk::config::Config;
use copydesk::demo::Newspaper;
use support::{Hit, Reply, Server, read_lines};

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn copydesk(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
    let output = command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn load(folder: &Path, name: &str) -> Config {
    Config::load(&folder.join(name)).unwrap()
}

/// The demo newspaper, as `copydesk demo --serve` has it, at a port of its own.
fn newspaper() -> u16 {
    let (to_us, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            to_us.send(listener.local_addr().unwrap().port()).unwrap();
            copydesk::demo::serve(listener, Arc::new(Newspaper::new())).await.unwrap();
        });
    });
    port.recv().unwrap()
}

/// What `init` writes for papers is crawled unedited, and every article that they list is found.
#[test]
fn the_demo_newspaper_is_crawled_by_what_init_writes() {
    let folder = tempfile::tempdir().unwrap();
    let port = newspaper();
    let papers = ["harbour-post", "meridian", "xinqiao"];
    // One paper under a name that browsers know, the others under one that nobody does.
    let urls = [
        format!("http://harbour-post.localhost:{port}/"),
        format!("http://meridian.example:{port}/"),
        format!("http://xinqiao.example:{port}/"),
    ];
    let mut arguments = vec!["init", "--allow-private-addresses", "-o", "pipeline.toml", "--resolve", "meridian.example=127.0.0.1"];
    arguments.extend(["--resolve", "xinqiao.example=127.0.0.1"]);
    arguments.extend(urls.iter().map(String::as_str));
    let ran = copydesk(folder.path(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);

    let written = std::fs::read_to_string(folder.path().join("pipeline.toml")).unwrap();
    let config = load(folder.path(), "pipeline.toml");
    assert_eq!(config.crawl.seeds.len(), papers.len(), "{written}");
    assert_eq!((config.crawl.sitemaps.len(), config.crawl.feeds.len()), (papers.len(), papers.len()), "{written}");
    assert_eq!(config.crawl.allow_hosts, ["harbour-post.localhost", "meridian.example", "xinqiao.example"]);
    assert!(config.http.allow_private_addresses && config.http.resolve.len() == 2);
    assert!(written.contains("The Harbour Post") && written.contains("#contact = "), "{written}");

    // Only the pace is a test's.
    let quick = written.replace("per_host_delay = \"1s\"", "per_host_delay = \"10ms\"");
    std::fs::write(folder.path().join("pipeline.toml"), quick).unwrap();
    let ran = copydesk(folder.path(), &["crawl", "--no-progress"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let records = read_lines(&folder.path().join("articles.jsonl"));
    let found: BTreeSet<&str> = records.iter().map(|r| r["url"].as_str().unwrap()).collect();
    let seen = |url: &str| {
        let path = url.splitn(4, '/').nth(3).unwrap();
        found.iter().any(|found| found.ends_with(path))
    };
    for url in listed(&papers) {
        assert!(seen(&url), "{url} of {found:#?}");
    }
}

/// The articles that a paper's pages say to be: their expected records have a title and an article's kind.
fn listed(papers: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut out = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("page.html").exists() {
            continue;
        }
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let meta: toml::Table = read("meta.toml").parse().unwrap();
        let expected: serde_json::Value = serde_json::from_str(&read("expected.json")).unwrap();
        let url = meta["url"].as_str().unwrap();
        let of_paper = papers.iter().any(|paper| url.starts_with(&format!("https://{paper}.example/")));
        let kind = expected["extraction"]["page_kind"].as_str().unwrap_or("article");
        let noindex = meta.get("x_robots_tag").is_some_and(|tag| tag.as_str().unwrap().contains("noindex"));
        if of_paper && !matches!(kind, "index" | "other") && !noindex && !url.ends_with("/amp/") {
            out.push(url.to_owned());
        }
    }
    assert!(out.len() >= papers.len(), "{out:?}");
    out
}

const STORY: &str = "<html><head><title>Bridge opens - Quay Gazette</title><meta property='og:site_name' content='Quay Gazette'>\
    <meta property='article:published_time' content='2024-05-03T08:15:00Z'></head><body><article><h1>Bridge opens</h1>\
    <p>By Ana Ruiz</p><p>The new bridge over the estuary was opened on Monday after three years of work, the city said in the morning.</p>\
    <p>The mayor thanked the workers, and the first tram crossed the bridge at noon with four hundred people on board.</p></article></body></html>";

fn site(hit: &Hit) -> Reply {
    match hit.path.as_str() {
        "/robots.txt" => Reply::text(
            "User-agent: *\nCrawl-delay: 2\nDisallow: /hidden/\nContent-Signal: ai-train=no\nSitemap: /map.xml\nSitemap: /gone.xml\n",
        ),
        "/" => Reply::html(
            "<html><head><title>Quay Gazette</title><link rel=alternate type=application/rss+xml href=/feed><link rel=alternate type=application/rss+xml href=/broken>\
             </head><body><h1>Quay Gazette</h1><a href=/a/bridge>Bridge opens</a><a href=https://elsewhere.example/x>x</a></body></html>",
        ),
        "/map.xml" => Reply::new(
            200,
            "application/xml",
            "<urlset><url><loc>/a/bridge</loc><lastmod>2024-05-03</lastmod></url><url><loc>/hidden/b</loc></url></urlset>",
        ),
        "/feed" => Reply::new(
            200,
            "application/rss+xml",
            "<rss version='2.0'><channel><title>t</title><link>/</link><description/><item><title>a</title><link>/a/bridge?utm_source=rss</link></item></channel></rss>",
        ),
        "/broken" => Reply::html("<h1>Not here any more</h1>"),
        path if path.starts_with("/a/bridge") => Reply::html(STORY),
        _ => Reply::not_found(),
    }
}

/// Robots.txt is obeyed and its delay kept, what is of no use is named, and a file is never written over unasked.
#[test]
fn what_a_site_says_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(site);
    let (good, bad) = (server.url("/"), "http://127.0.0.1:1/".to_owned());
    let ran = copydesk(folder.path(), &["init", "--allow-private-addresses", &good, &bad]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("error: http://127.0.0.1:1/: "), "{}", ran.stderr);
    let hits = server.hits();
    assert!(hits.iter().all(|hit| !hit.path.starts_with("/hidden/")), "{hits:?}");
    assert_eq!(hits[0].path, "/robots.txt");
    assert!(hits.len() <= 8, "{hits:?}");
    // Two seconds lie between requests; a loaded machine only makes it more.
    assert!(hits.windows(2).all(|two| two[1].at - two[0].at > std::time::Duration::from_millis(1500)));

    std::fs::write(folder.path().join("pipeline.toml"), &ran.stdout).unwrap();
    let config = load(folder.path(), "pipeline.toml");
    assert_eq!(config.crawl.sitemaps.iter().map(url::Url::path).collect::<Vec<_>>(), ["/map.xml"]);
    assert_eq!(config.crawl.feeds.iter().map(url::Url::path).collect::<Vec<_>>(), ["/feed"]);
    assert_eq!((config.site[0].host.as_str(), config.site[0].per_host_delay.unwrap().as_secs()), ("127.0.0.1", 2));
    for part in [
        "Quay Gazette",
        "asks for 2s",
        "Content-Signal: ai-train=no",
        "2 pages, newest 2024-05-03",
        "not used: ",
        "1 entry",
        "left out, could not be read",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }

    let before = std::fs::read(folder.path().join("pipeline.toml")).unwrap();
    let ran = copydesk(folder.path(), &["init", "--allow-private-addresses", &good, "-o", "pipeline.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("pipeline.toml exists already") && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert!(server.hits().is_empty());
    assert_eq!(std::fs::read(folder.path().join("pipeline.toml")).unwrap(), before);
}

#[test]
fn no_site_is_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::start(|hit| if hit.path == "/robots.txt" { Reply::text("User-agent: *\nDisallow: /\n") } else { Reply::html(STORY) });
    let ran = copydesk(folder.path(), &["init", "--allow-private-addresses", &server.url("/"), "-o", "pipeline.toml"]);
    assert_eq!((ran.code, folder.path().join("pipeline.toml").exists()), (1, false));
    assert!(ran.stderr.contains("robots.txt disallows it (Disallow: /)"), "{}", ran.stderr);
    let guarded = copydesk(folder.path(), &["init", &server.url("/")]);
    assert_eq!((guarded.code, guarded.stdout.as_str()), (1, ""), "{}", guarded.stderr);
    assert_eq!(copydesk(folder.path(), &["init", "news.example"]).code, 2);
    assert_eq!(copydesk(folder.path(), &["init", "https://news.example/", "--resolve", "x"]).code, 2);
}
