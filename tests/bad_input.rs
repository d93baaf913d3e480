//! What a person may get wrong: each has an exit code, and a cause and a remedy that name it as it was typed.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::net::TcpListener;
use std::process::Command;

use support::{Desk, Reply, Server, config};

/// Runs the binary in the desk's folder: exit code, standard output, standard error.
fn run(desk: &Desk, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_copydesk")).current_dir(desk.folder.path()).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const STORY: &str = "<meta property=og:type content=article><article><h1>Library reopens</h1><p>The city library reopened on Monday \
    after two years of repairs, and the first readers stood in line from six in the morning.</p><p>The new roof lets in more light, \
    the old one let in the rain; the council paid for both, and says that it prefers the new one.</p></article>";

fn server() -> Server {
    Server::start(|hit| match hit.path.as_str() {
        "/a.pdf" => Reply::new(200, "application/pdf", "%PDF-1.7"),
        "/disguised" => Reply::html("%PDF-1.7\n1 0 obj"),
        "/empty" => Reply::html(""),
        "/forbidden" => Reply::status(403),
        "/story" => Reply::html(STORY),
        _ => Reply::not_found(),
    })
}

/// An address at which nobody listens.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/story", listener.local_addr().unwrap())
}

#[test]
fn an_address_that_gives_no_article() {
    let (desk, server) = (Desk::new(""), server());
    let (failing, hint) = (Server::start(|_| Reply::status(503)), "try later");
    for (url, cause, remedy) in [
        (refusing(), "robots.txt can't be read: connect: Connection refused", "check the address"),
        (failing.url("/story"), "robots.txt can't be read: it answers 503", hint),
        (server.url("/none"), "404 Not Found", "check the address"),
        (server.url("/forbidden"), "403 Forbidden", "ask it for access"),
        (server.url("/a.pdf"), "this is a PDF, not a web page", "give an HTML page"),
        (server.url("/disguised"), "this is a PDF, not a web page", "give an HTML page"),
        (server.url("/empty"), "neither a title nor any text", "check that the address is an article"),
    ] {
        let (code, stdout, stderr) = run(&desk, &["extract", "--allow-private-addresses", "--timeout", "2", &url]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        let mut lines = stderr.lines();
        let (error, hint) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(error.starts_with(&format!("error: {url}: ")) && error.contains(cause), "{stderr}");
        assert!(hint.starts_with("  hint: ") && hint.contains(remedy), "{stderr}");
        assert!(lines.next().is_none() && !stderr.contains("os error"), "{stderr}");
    }
    let (code, _, stderr) = run(&desk, &["extract", "--allow-private-addresses", "--ignore-robots", &refusing()]);
    assert!(code == 1 && stderr.contains("Connection refused") && stderr.contains("the site is up"), "{stderr}");
}

#[test]
fn arguments_that_cannot_be() {
    let desk = Desk::new("");
    std::fs::write(desk.path("page.html"), STORY).unwrap();
    for (arguments, words) in [
        (&["extract", "--fromat", "text", "page.html"][..], "'--from"),
        (&["crwal"], "'crawl'"),
        (&["extract", "--url", "news.example", "page.html"], "http://"),
        (&["extract", "--timeout", "soon", "page.html"], "`soon` is no duration"),
        (&["extract", "gopher://news.example/"], "`gopher:`"),
        (&["extract", "file:///page.html"], "`file:`"),
    ] {
        let (code, stdout, stderr) = run(&desk, arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(words), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_configuration_with_a_mistake() {
    let desk = Desk::new("[crawl]\nseeds = [\"https://news.example/\"]\nmax_page = 3\n");
    for command in ["crawl", "check"] {
        let (code, _, stderr) = run(&desk, &[command]);
        assert_eq!(code, 2);
        assert_eq!(stderr, "error: pipeline.toml:3: `max_page` is not a known key in [crawl]\n  hint: did you mean `max_pages`?\n");
        let (code, _, stderr) = run(&desk, &[command, "--config", "none.toml"]);
        assert_eq!(code, 1);
        assert!(stderr.starts_with("error: none.toml: No such file") && stderr.contains("--config"), "{stderr}");
    }
    let seed = "[crawl]\nseeds = [\"https://news.example/\"]\n";
    for (rest, words) in [
        ("max_pages = \"3\"\n", "pipeline.toml:3: max_pages: invalid type"),
        ("[dedup]\nnear_duplicates = \"hide\"\n", "pipeline.toml:4: near_duplicates: `hide` is not known"),
    ] {
        let desk = Desk::new(&format!("{seed}{rest}"));
        let (code, _, stderr) = run(&desk, &["crawl"]);
        assert!(code == 2 && stderr.contains(words) && stderr.contains("  hint: "), "{stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_cannot_be_written() {
    let (desk, server) = (Desk::new(""), server());
    std::fs::write(desk.path("page.html"), STORY).unwrap();
    std::fs::write(desk.path("lines.jsonl"), format!("{}\n", serde_json::json!({ "html": STORY }))).unwrap();
    for (output, words) in
        [("none/out.jsonl", "check the path"), ("/dev/full", "no space left"), (".", "not a folder"), ("page.html/x", "a file stands")]
    {
        for input in ["page.html", "lines.jsonl"] {
            let (code, _, stderr) = run(&desk, &["extract", input, "-o", output]);
            assert!(code == 1 && stderr.starts_with(&format!("error: {output}: ")) && stderr.contains(words), "{input}: {stderr}");
            assert!(stderr.lines().count() == 2, "{stderr}");
        }
    }
    for (table, words) in [
        ("[output]\npath = \"/dev/full\"\n", &["error: /dev/full: no space left", "free some space"][..]),
        ("[output]\npath = \"page.html/out.jsonl\"\n", &["page.html", "a file stands"]),
        ("[output]\nwarc = \"page.html\"\n", &["page.html", "a file stands"]),
        ("[state]\npath = \"page.html\"\n", &["page.html", "hint: "]),
        ("[state]\npath = \"page.html/state\"\n", &["page.html", "a file stands"]),
    ] {
        let desk = Desk::new(&(config(&server.url("/story"), "") + table));
        std::fs::write(desk.path("page.html"), STORY).unwrap();
        let (code, stderr) = desk.crawl(&[]);
        assert!(code == 1 && words.iter().all(|w| stderr.contains(w)), "{table}: {code} {stderr}");
        assert_eq!(std::fs::read_to_string(desk.path("page.html")).unwrap(), STORY, "what was there stays");
    }
}

#[test]
fn a_quiet_crawl_that_comes_to_nothing_says_why() {
    let seed = refusing();
    let desk = Desk::new(&config(&seed, "").replace("[http]\n", "[http]\nretries = 0\n"));
    let (code, stderr) = desk.crawl(&["--quiet"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains(&format!("seed {seed}: ")) && stderr.contains("error: no seed"), "{stderr}");
}
