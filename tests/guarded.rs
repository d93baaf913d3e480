//! Which addresses are refused, in every form in which a page or a redirect may write them, and with which words. The test
//! `refused_addresses` prints the table (`cargo test --test guarded -- --nocapture`).
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use copydesk::Error;
use copydesk::fetch::client::{Answer, Hop, Leaving};
use copydesk::fetch::terms::{Memory, Note, Noting, Request, Scope, Terms};
use copydesk::fetch::{Client, Failure, Fetcher, HostLimits, HttpConfig, Politeness, Transport};
use copydesk::frontier::{Entry, HostMemory};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use tokio::sync::watch;
use url::Url;

/// Form, host as it is written in a URL.
const LITERALS: [(&str, &str); 47] = [
    ("loopback", "127.0.0.1"),
    ("loopback, another of its net", "127.8.9.10"),
    ("loopback with a port", "127.0.0.1:22"),
    ("loopback, trailing dot", "127.0.0.1."),
    ("loopback, decimal", "2130706433"),
    ("loopback, octal", "0177.0.0.1"),
    ("loopback, octal whole", "017700000001"),
    ("loopback, hexadecimal", "0x7f000001"),
    ("loopback, hexadecimal parts", "0x7f.0x0.0x0.0x1"),
    ("loopback, short", "127.1"),
    ("loopback, three parts", "127.0.1"),
    ("loopback, mixed bases", "0x7f.0.1"),
    ("loopback, full-width digits", "１２７.０.０.１"),
    ("loopback, circled digits", "①②⑦.⓪.⓪.①"),
    ("loopback, ideographic stop", "127。0。0。1"),
    ("loopback, percent-encoded", "%31%32%37.0.0.1"),
    ("loopback behind a user", "news.example@127.0.0.1"),
    ("loopback behind a user and password", "news.example:80@127.0.0.1:80"),
    ("unspecified", "0.0.0.0"),
    ("unspecified, short", "0"),
    ("this network", "0.1.2.3"),
    ("private, 10/8", "10.0.0.1"),
    ("private, decimal", "167772161"),
    ("private, 172.16/12", "172.31.255.255"),
    ("private, 192.168/16", "192.168.1.1"),
    ("link-local", "169.254.1.1"),
    ("metadata service", "169.254.169.254"),
    ("metadata service, decimal", "2852039166"),
    ("metadata service, hexadecimal", "0xa9fea9fe"),
    ("metadata service, octal", "0251.0376.0251.0376"),
    ("shared (CGNAT)", "100.64.0.1"),
    ("shared, a cloud's metadata", "100.100.100.200"),
    ("benchmarking", "198.18.0.1"),
    ("documentation", "203.0.113.7"),
    ("multicast", "224.0.0.1"),
    ("broadcast", "255.255.255.255"),
    ("IPv6 loopback", "[::1]"),
    ("IPv6 unspecified", "[::]"),
    ("IPv4-mapped", "[::ffff:127.0.0.1]"),
    ("IPv4-mapped, hexadecimal", "[::ffff:a9fe:a9fe]"),
    ("IPv4-compatible", "[::127.0.0.1]"),
    ("6to4", "[2002:7f00:1::]"),
    ("NAT64", "[64:ff9b::10.0.0.1]"),
    ("unique local", "[fd00:ec2::254]"),
    ("IPv6 link-local", "[fe80::1]"),
    ("IPv6 site-local", "[fec0::1]"),
    ("IPv6 documentation", "[2001:db8::1]"),
];

/// Hosts that lead to a refused address by their name.
const NAMES: [(&str, &str); 6] = [
    ("localhost", "localhost"),
    ("a name under localhost", "intranet.localhost"),
    ("localhost in capitals", "LocalHost"),
    ("a name for a private address", "inside.example"),
    ("a name for the metadata service", "metadata.example"),
    ("a name for a mapped address", "mapped.example"),
];

/// What no URL can be made of, or none that is asked for.
const NO_URLS: [(&str, &str); 6] = [
    ("a file", "file:///etc/passwd"),
    ("data", "data:text/html,<p>x"),
    ("script", "javascript:alert(1)"),
    ("gopher", "gopher://127.0.0.1:6379/_INFO"),
    ("FTP", "ftp://127.0.0.1/"),
    ("a zone", "http://[fe80::1%25eth0]/"),
];

/// The real client, but `public.example` is played: it redirects to what its query says.
struct Stage {
    client: Client,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Transport for Stage {
    async fn send(&self, hop: Hop, leaving: Leaving) -> copydesk::Result<Answer> {
        if hop.url.host_str() != Some("public.example") {
            return self.client.send(hop, leaving).await;
        }
        self.asked.lock().unwrap().push(hop.url.to_string());
        let mut headers = HeaderMap::new();
        let target = hop.url.query_pairs().find(|(key, _)| key == "to").map(|(_, value)| value.into_owned());
        let status = if target.is_some() { 302 } else { 404 };
        if let Some(target) = target {
            headers.insert(LOCATION, HeaderValue::from_bytes(target.as_bytes()).unwrap());
        }
        Ok(Answer { status, headers, body: Arc::new(Vec::new()), cut: None, wire: None })
    }
}

struct Nothing;

impl Memory for Nothing {
    fn enter(&self, _: &str) -> Result<Entry, Error> {
        Ok(Entry::Ours(HostMemory::default()))
    }

    fn note(&self, _: Note) -> Noting<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Scope for Nothing {
    fn refuses(&self, _: &Url) -> Option<String> {
        None
    }

    fn limits(&self, _: &str) -> HostLimits {
        HostLimits::default()
    }
}

fn fetcher(respect_robots: bool) -> (Fetcher<Stage>, Arc<Mutex<Vec<String>>>, watch::Sender<bool>) {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let resolve = BTreeMap::from([
        ("inside.example".to_owned(), address("192.168.0.9")),
        ("metadata.example".to_owned(), address("169.254.169.254")),
        ("mapped.example".to_owned(), address("::ffff:10.1.2.3")),
    ]);
    let http = HttpConfig { resolve, retries: 0, timeout: Duration::from_secs(20), ..HttpConfig::default() };
    let politeness = Politeness { per_host_delay: Duration::ZERO, respect_robots, ..Politeness::default() };
    let asked = Arc::default();
    let stage = Stage { client: Client::new(&http).unwrap(), asked: Arc::clone(&asked) };
    let (running, stop) = watch::channel(false);
    let terms = Terms { http, politeness, ends_at: None, keep_exchanges: false, patient: false };
    (Fetcher::new(stage, terms, Arc::new(Nothing), Arc::new(Nothing), stop), asked, running)
}

/// Why there is no page: kind and words.
async fn refusal(fetcher: &Fetcher<Stage>, url: Url) -> (&'static str, String) {
    let request = Request { url, etag: None, last_modified: None };
    match fetcher.get(&request, &mut Vec::new()).await {
        Err(Failure::Error(error)) => (error.kind(), error.to_string()),
        other => panic!("{}: {other:?}", request.url),
    }
}

fn redirecting_to(target: &str) -> Url {
    let mut url = Url::parse("http://public.example/story").unwrap();
    url.query_pairs_mut().append_pair("to", target);
    url
}

#[tokio::test]
async fn refused_addresses() {
    for respect_robots in [false, true] {
        let (fetcher, asked, _running) = fetcher(respect_robots);
        let mut count = 0;
        for (form, host) in LITERALS.iter().chain(&NAMES) {
            let raw = format!("http://{host}/");
            let url = Url::parse(&raw).unwrap_or_else(|e| panic!("{raw}: {e}"));
            let (kind, words) = refusal(&fetcher, url).await;
            assert_eq!(kind, "address", "{form}: {raw}: {words}");
            assert!(words.contains("not a public address"), "{form}: {words}");
            // The same behind a redirect, which is asked for once and followed nowhere.
            asked.lock().unwrap().clear();
            let (kind, by_redirect) = refusal(&fetcher, redirecting_to(&raw)).await;
            assert_eq!((kind, &by_redirect), ("address", &words), "{form}: a redirect to {raw}");
            if !respect_robots {
                println!("| {form:<38} | {raw:<38} | {kind:<8} | {words} |");
            }
            count += 2;
        }
        for (form, raw) in NO_URLS {
            if let Ok(url) = Url::parse(raw) {
                let (kind, words) = refusal(&fetcher, url).await;
                assert_eq!(kind, "scheme", "{form}: {raw}: {words}");
                if !respect_robots {
                    println!("| {form:<38} | {raw:<38} | {kind:<8} | {words} |");
                }
                count += 1;
            }
            let (kind, words) = refusal(&fetcher, redirecting_to(raw)).await;
            assert!(matches!(kind, "scheme" | "http_status"), "{form}: a redirect to {raw}: {kind}: {words}");
            count += 1;
        }
        println!("{count} addresses and redirects refused, robots.txt {}", if respect_robots { "respected" } else { "ignored" });
    }
}

/// A literal is refused before anything is sent, with the client alone as well.
#[tokio::test]
async fn the_client_alone_refuses_too() {
    let client = Client::new(&HttpConfig::default()).unwrap();
    for (form, host) in LITERALS {
        let url = Url::parse(&format!("https://{host}/")).unwrap();
        let hop = Hop { url, etag: None, last_modified: None, max_body_bytes: 10, cut: false, keep: false };
        let sent =
            client.send(hop, Leaving { may: Box::new(|| true), unsure: Duration::ZERO, sent: Box::new(|_, _| panic!("sent")) }).await;
        assert!(matches!(sent, Err(Error::Fetch { kind: "address", retry: false, .. })), "{form}");
    }
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let (fetcher, asked, _running) = fetcher(false);
    let (kind, words) = refusal(&fetcher, redirecting_to("?to=%3Fto%3Dx")).await;
    assert!(matches!(kind, "redirect" | "http_status"), "{kind}: {words}");
    assert!(asked.lock().unwrap().len() <= 11);
}
