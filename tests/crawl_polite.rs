//! Politeness, read from the server's own log.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use support::paper::Paper;
use support::{Desk, Hit, Reply, Server, State, config, states};

/// A clock's tick and the way through the loopback: how much earlier a request may seem to come.
const BLUR: Duration = Duration::from_millis(8);

fn by_host(hits: Vec<Hit>) -> BTreeMap<String, Vec<Hit>> {
    let mut hosts: BTreeMap<String, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        hosts.entry(hit.host.clone()).or_default().push(hit);
    }
    for hits in hosts.values_mut() {
        hits.sort_by_key(|hit| hit.at);
    }
    hosts
}

fn gaps(hits: &[Hit]) -> Vec<Duration> {
    hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[test]
fn robots_first_nothing_disallowed_and_the_delays_kept() {
    states().into_iter().for_each(delays_kept);
}

fn delays_kept(state: State) {
    let server = Server::start(|hit| {
        let slow = hit.host.starts_with("h0") || hit.host.starts_with("h1");
        match hit.path.as_str() {
            "/robots.txt" => {
                let delay = if slow { "Crawl-delay: 0.4\n" } else { "" };
                Reply::text(format!("User-agent: copydesk\n{delay}Disallow: /private\nAllow: /private/open\n"))
            }
            "/" => {
                let links: String = (0..6).map(|n| format!("<li><a href=/page-{n}>A headline about page {n}</a></li>")).collect();
                Reply::html(format!("<h1>Front</h1><ul>{links}</ul><a href=/private/x>x</a><a href=/private/open>y</a>"))
            }
            // Some answers take longer than the delay: the next request waits for them all the same.
            path => {
                let delay = Duration::from_millis(if path.ends_with('3') { 250 } else { 20 });
                Reply { delay, ..Reply::html("<h1>A page</h1><p>With a sentence in it.</p>") }
            }
        }
    });
    let hosts: Vec<String> = (0..10).map(|n| format!("h{n}.example")).collect();
    let seeds: Vec<String> = hosts.iter().map(|h| format!("\"http://{h}:{}/\"", server.port)).collect();
    let resolve: String = hosts.iter().map(|h| format!("\"{h}\" = \"127.0.0.1\"\n")).collect();
    let desk = Desk::with(
        state,
        &format!(
            "[crawl]\nseeds = [{}]\n[http]\nallow_private_addresses = true\n[http.resolve]\n{resolve}[politeness]\nper_host_delay = \"120ms\"\n\
         [[site]]\nhost = \"h8.example\"\nper_host_delay = \"300ms\"\n[[site]]\nhost = \"h9.example\"\nper_host_delay = \"0s\"\nper_host_concurrency = 3\n",
            seeds.join(", ")
        ),
    );
    let (_, log) = desk.crawl(&[]);
    let seen = by_host(server.hits());
    assert_eq!(seen.len(), 10, "{log}");
    let most = server.most_at_a_time();
    for (host, most) in &most {
        let allowed = if host.starts_with("h9") { 3 } else { 1 };
        assert!(*most <= allowed, "{host}: {most} requests at a time");
    }
    assert!(most.iter().any(|(host, most)| host.starts_with("h9") && *most > 1), "more at a time where that is configured: {most:?}");
    let mut requests = 0;
    for (host, hits) in &seen {
        assert_eq!(hits[0].path, "/robots.txt", "{host}");
        assert!(hits.iter().all(|hit| hit.path != "/private/x"), "{host}");
        assert!(hits.iter().any(|hit| hit.path == "/private/open"), "{host}");
        assert!(hits.len() >= 9, "{host}: {} requests", hits.len());
        requests += hits.len();
        let least = Duration::from_millis(match &host[..2] {
            "h0" | "h1" => 400,
            "h8" => 300,
            "h9" => 0,
            _ => 120,
        });
        for gap in gaps(hits) {
            assert!(gap + BLUR >= least, "{host}: {gap:?} apart, at least {least:?} asked");
        }
        assert!(hits[0].user_agent.starts_with("copydesk/"), "{}", hits[0].user_agent);
    }
    println!("{requests} requests to 10 hosts: 0 disallowed, 0 before robots.txt, 0 too early, 0 too many at a time");
}

#[test]
fn a_restart_does_not_shorten_the_delay() {
    states().into_iter().for_each(not_shortened);
}

fn not_shortened(state: State) {
    let server = Paper::new(20).serve();
    let desk = Desk::with(state, &config(&server.url("/"), "[politeness]\nper_host_delay = \"300ms\"\n"));
    let mut hits = Vec::new();
    // On a busy machine a run may be killed before its first request.
    for round in 0..20 {
        desk.crawl_and_kill(Duration::from_millis(700));
        hits.extend(server.hits());
        if round >= 2 && hits.len() > 3 {
            break;
        }
    }
    hits.sort_by_key(|hit| hit.at);
    assert!(hits.len() > 3);
    for gap in gaps(&hits) {
        assert!(gap + BLUR >= Duration::from_millis(300), "{gap:?}");
    }
}

#[test]
fn retry_after_holds_for_the_whole_host() {
    states().into_iter().for_each(holds_for_the_host);
}

fn holds_for_the_host(state: State) {
    let asked = AtomicBool::new(false);
    let server = Server::start(move |hit| match hit.path.as_str() {
        "/robots.txt" => Reply::not_found(),
        "/" => Reply::html("<h1>Front</h1><ul><li><a href=/a>A headline about a</a><li><a href=/b>A headline about b</a></ul>"),
        "/a" if !asked.swap(true, Ordering::SeqCst) => Reply::status(429).header("Retry-After", "1"),
        _ => Reply::html("<h1>A page</h1><p>With a sentence in it.</p>"),
    });
    let desk = Desk::with(state, &config(&server.url("/"), ""));
    desk.crawl(&[]);
    let mut hits = server.hits();
    hits.sort_by_key(|hit| hit.at);
    let told = hits.iter().position(|hit| hit.status == 429).unwrap();
    let later: Vec<&Hit> = hits[told + 1..].iter().filter(|hit| hit.at > hits[told].at + BLUR).collect();
    assert!(later.iter().any(|hit| hit.path == "/a"), "it is asked again");
    for hit in later {
        assert!(hit.at - hits[told].at + BLUR >= Duration::from_secs(1), "{} came too early", hit.path);
    }
}

#[test]
fn a_long_retry_after_closes_the_host_and_the_run_ends() {
    states().into_iter().for_each(closed_and_ended);
}

fn closed_and_ended(state: State) {
    let server = Server::start(|hit| match hit.path.as_str() {
        "/robots.txt" => Reply::not_found(),
        "/" => Reply::html("<h1>Front</h1><ul><li><a href=/a>A headline about a</a><li><a href=/b>A headline about b</a></ul>"),
        _ => Reply::status(503).header("Retry-After", "3600"),
    });
    let desk = Desk::with(state, &config(&server.url("/"), "[politeness]\nper_host_delay = \"0s\"\n"));
    let started = Instant::now();
    let (_, log) = desk.crawl(&[]);
    assert!(log.contains("left alone"), "{log}");
    assert!(started.elapsed() < Duration::from_secs(15));
    server.hits();
    // The next run knows of it.
    desk.crawl(&[]);
    assert_eq!(server.hits().len(), 0);
}

#[test]
fn unreachable_robots_close_the_host_for_this_run_only() {
    states().into_iter().for_each(closed_for_this_run);
}

fn closed_for_this_run(state: State) {
    let broken = std::sync::Arc::new(AtomicBool::new(true));
    let own = std::sync::Arc::clone(&broken);
    let server = Server::start(move |hit| match hit.path.as_str() {
        "/robots.txt" if own.load(Ordering::SeqCst) => Reply::status(503),
        "/robots.txt" => Reply::not_found(),
        _ => Reply::html("<h1>A page</h1><p>With a sentence in it.</p>"),
    });
    let desk = Desk::with(state, &config(&server.url("/"), ""));
    let (code, _) = desk.crawl(&[]);
    assert_eq!(code, 1, "no seed was read");
    assert!(server.hits().iter().all(|hit| hit.path == "/robots.txt"));
    assert_eq!(desk.lines("rejected.jsonl")[0]["reason"], "robots_unreachable");
    broken.store(false, Ordering::SeqCst);
    desk.crawl(&[]);
    assert!(server.hits().iter().any(|hit| hit.path == "/"));
}
