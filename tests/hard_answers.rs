//! Servers that mean harm: each answer is refused or cut, with the reason, in bounded memory and time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use copydesk::Error;
use copydesk::fetch::{Fetched, HttpConfig, fetch_once};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use support::{Reply, Server};
use url::Url;

/// A server of raw bytes; it ends with the test's process.
fn raw_server(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                lines.find(String::is_empty);
                answer(first.split(' ').nth(1).unwrap_or_default(), &mut stream);
            });
        }
    });
    port
}

fn http(timeout: Duration) -> HttpConfig {
    HttpConfig { allow_private_addresses: true, retries: 0, timeout, max_body_bytes: 1 << 20, ..HttpConfig::default() }
}

fn get(url: &str, timeout: Duration) -> Result<Fetched, Error> {
    fetch_once(&Url::parse(url).unwrap(), &http(timeout), true)
}

/// Patient where time must not decide.
const LONG: Duration = Duration::from_mins(5);

fn kind(result: Result<Fetched, Error>) -> (&'static str, String) {
    match result {
        Ok(page) => ("ok", format!("{} bytes", page.body.len())),
        Err(error) => (error.kind(), error.to_string()),
    }
}

/// Writes until the other side has enough.
fn pour(stream: &mut TcpStream, piece: &[u8]) {
    while stream.write_all(piece).is_ok() {}
}

fn spaces(mut encoder: impl Write) {
    let piece = vec![b' '; 1 << 20];
    for _ in 0..8 {
        encoder.write_all(&piece).unwrap();
    }
}

/// 8 MB of spaces, packed.
fn gzipped() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    spaces(&mut encoder);
    encoder.finish().unwrap()
}

fn deflated() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    spaces(&mut encoder);
    encoder.finish().unwrap()
}

/// A zstd frame that repeats one byte: blocks of 128 KiB in four bytes each (RFC 8878, 3.1.1.2, RLE blocks).
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for at in 0..blocks {
        let header = (128 * 1024) << 3 | 1 << 1 | usize::from(at + 1 == blocks);
        out.extend_from_slice(&u32::try_from(header).unwrap().to_le_bytes()[..3]);
        out.push(b' ');
    }
    out
}

#[test]
fn packed_bombs() {
    let (gzip, deflate) = (gzipped(), deflated());
    let server = Server::start(move |hit| {
        let (encoding, body) = match hit.path.as_str() {
            "/gzip" => ("gzip", gzip.clone()),
            "/deflate" => ("deflate", deflate.clone()),
            "/zstd" => ("zstd", zstd_bomb(64)),
            "/twice" => {
                let mut out = GzEncoder::new(Vec::new(), Compression::fast());
                out.write_all(&gzip).unwrap();
                ("gzip, gzip", out.finish().unwrap())
            }
            "/not-packed" => ("gzip", b"<p>Plain words".to_vec()),
            "/cut" => ("gzip", gzip[..1000].to_vec()),
            "/not-brotli" => ("br", vec![0xff; 1000]),
            "/not-zstd" => ("zstd", vec![7; 1000]),
            _ => ("x-unknown", b"\x01\x02".to_vec()),
        };
        Reply { body, ..Reply::html("") }.header("Content-Encoding", encoding)
    });
    for (path, expected) in [
        ("/gzip", &["too_large"][..]),
        ("/deflate", &["too_large"]),
        ("/zstd", &["too_large"]),
        // What is inside is data to us, and the page is none.
        ("/twice", &["ok", "body", "too_large"]),
        ("/not-packed", &["body"]),
        ("/cut", &["body", "too_large"]),
        ("/not-brotli", &["body"]),
        ("/not-zstd", &["body"]),
        ("/unknown", &["ok"]),
    ] {
        let (kind, words) = kind(get(&server.url(path), LONG));
        assert!(expected.contains(&kind), "{path}: {kind}: {words}");
    }
    // What was packed twice is one page's error, by name.
    if let Ok(page) = get(&server.url("/twice"), LONG) {
        assert_eq!(copydesk::decode::page_of(&page).unwrap_err().kind(), "not_html");
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

#[test]
fn what_has_no_end_is_cut() {
    let port = raw_server(|path, stream| {
        let _ = match path {
            "/body" | "/robots.txt" => write!(stream, "{OK}\r\n").map(|()| pour(stream, &[b'#'; 4096])),
            "/chunks" => write!(stream, "{OK}Transfer-Encoding: chunked\r\n\r\n").map(|()| pour(stream, &b"5\r\nwords\r\n".repeat(400))),
            "/chunk" => write!(stream, "{OK}Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n").map(|()| pour(stream, &[b'x'; 4096])),
            "/fields" => write!(stream, "{OK}").map(|()| pour(stream, &b"X-More: words\r\n".repeat(400))),
            "/field" => write!(stream, "{OK}X-More: ").map(|()| pour(stream, &[b'x'; 4096])),
            "/status" => write!(stream, "HTTP/1.1 200 ").map(|()| pour(stream, &[b'x'; 4096])),
            "/informed" => {
                pour(stream, &b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100));
                Ok(())
            }
            "/not-found" => write!(stream, "HTTP/1.1 404 Not Found\r\n\r\n").map(|()| pour(stream, &[b'x'; 4096])),
            "/redirect" => write!(stream, "HTTP/1.1 302 Found\r\nLocation: /landed\r\n\r\n").map(|()| pour(stream, &[b'x'; 4096])),
            _ => write!(stream, "{OK}Content-Length: 14\r\n\r\n<p>Words here."),
        };
    });
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    for (path, expected) in [
        ("/body", "too_large"),
        ("/chunks", "too_large"),
        ("/chunk", "too_large"),
        ("/fields", "connection"),
        ("/field", "connection"),
        ("/status", "connection"),
        ("/not-found", "http_status"),
        ("/redirect", "ok"),
    ] {
        let (kind, words) = kind(get(&url(path), LONG));
        assert_eq!(kind, expected, "{path}: {words}");
    }
    // Interim answers come to an end with the time for the whole.
    assert_eq!(kind(get(&url("/informed"), Duration::from_secs(2))).0, "timeout");
    // A robots.txt without an end is read as far as RFC 9309 asks, and what stands there holds.
    let page = fetch_once(&Url::parse(&url("/landed")).unwrap(), &http(LONG), false).unwrap();
    assert_eq!(&page.body[..], b"<p>Words here.");
}

#[test]
fn lengths_that_are_wrong() {
    let port = raw_server(|path, stream| {
        let _ = match path {
            "/short" => write!(stream, "{OK}Content-Length: 100\r\n\r\nwords"),
            "/long" => write!(stream, "{OK}Content-Length: 5\r\n\r\nwords and more"),
            "/huge" => write!(stream, "{OK}Content-Length: 99999999999\r\n\r\nwords"),
            "/over" => write!(stream, "{OK}Content-Length: 99999999999999999999999\r\n\r\nwords"),
            "/negative" => write!(stream, "{OK}Content-Length: -5\r\n\r\nwords"),
            "/two" => write!(stream, "{OK}Content-Length: 5\r\nContent-Length: 9\r\n\r\nwords"),
            "/half-chunk" => write!(stream, "{OK}Transfer-Encoding: chunked\r\n\r\n9\r\nwords"),
            "/no-chunk" => write!(stream, "{OK}Transfer-Encoding: chunked\r\n\r\nwords"),
            "/nothing" => Ok(()),
            "/no-http" => write!(stream, "SSH-2.0-OpenSSH_9.6\r\n"),
            "/binary-field" => stream.write_all(b"HTTP/1.1 200 OK\r\nX-A: \x01\r\n\r\nwords"),
            _ => write!(stream, "HTTP/1.1 999 \r\nContent-Length: 5\r\n\r\nwords"),
        };
    });
    for (path, expected) in [
        ("/short", "body"),
        ("/long", "ok"),
        ("/huge", "too_large"),
        ("/over", "connection"),
        ("/negative", "connection"),
        ("/two", "connection"),
        ("/half-chunk", "body"),
        ("/no-chunk", "body"),
        ("/nothing", "connection"),
        ("/no-http", "connection"),
        ("/binary-field", "connection"),
        ("/status", "http_status"),
    ] {
        let (kind, words) = kind(get(&format!("http://127.0.0.1:{port}{path}"), LONG));
        assert_eq!(kind, expected, "{path}: {words}");
    }
}

#[test]
fn a_slow_drip_ends_with_the_time_for_the_whole() {
    let server = Server::start(|_| Reply { drip: Some(Duration::from_millis(100)), ..Reply::html("y".repeat(64 * 4000)) });
    let (kind, words) = kind(get(&server.url("/"), Duration::from_secs(1)));
    assert_eq!((kind, words.as_str()), ("timeout", "no complete answer within 1s"));
}

#[test]
fn redirects_without_an_end() {
    let server = Server::start(|hit| {
        let n: u32 = hit.path.trim_start_matches('/').parse().unwrap_or_default();
        match hit.path.as_str() {
            "/loop" => Reply::redirect("/loop"),
            "/empty" => Reply::status(302),
            "/bad" => Reply::redirect("http://[::"),
            "/long" => Reply::redirect(&format!("/{}", "x".repeat(200_000))),
            _ if hit.path.len() > 100_000 => Reply::html("<p>x"),
            _ => Reply::redirect(&format!("/{}", n + 1)),
        }
    });
    for (path, expected) in [("/loop", "redirect"), ("/1", "redirect"), ("/empty", "http_status"), ("/bad", "http_status")] {
        let (kind, words) = kind(get(&server.url(path), LONG));
        assert_eq!(kind, expected, "{path}: {words}");
    }
    let (kind, words) = kind(get(&server.url("/long"), LONG));
    assert!(["ok", "connection", "bad_url"].contains(&kind), "{kind}: {words}");
}
