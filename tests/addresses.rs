//! An address without `https://` gets one answer, wherever it is typed; and what a configuration names must be what it allows.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::format_collect, reason = "tests")]

mod support;

use std::fs;

use support::{Desk, Reply, Server, config};

fn run(desk: &Desk, arguments: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_copydesk"));
    let output = command.current_dir(desk.folder.path()).args(arguments).stdin(std::process::Stdio::null()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_address_without_a_scheme_has_one_answer() {
    let desk = Desk::new(&config("https://paper.example/", ""));
    for typed in ["paper.example", "paper.example/2026/story", "www.paper.org", "bbc.com/news", "localhost:8080/x"] {
        fs::write(desk.path("bare.toml"), format!("[crawl]\nseeds = [\"{typed}\"]\n")).unwrap();
        let commands: [&[&str]; 7] = [
            &["extract", typed],
            &["inspect", typed, "-o", "page.html"],
            &["init", typed],
            &["extract", "--url", typed],
            &["check", "--site", typed],
            &["check", "--config", "bare.toml"],
            &["crawl", "--config", "bare.toml"],
        ];
        for command in commands {
            let (code, told) = run(&desk, command);
            assert_eq!(code, 2, "{command:?}: {told}");
            assert!(told.contains(&format!("`{typed}` has no http:// or https://")), "{command:?}: {told}");
            assert!(told.contains(&format!("hint: write https://{typed}\n")), "{command:?}: {told}");
        }
    }
    // What may be a file stays one.
    for typed in ["no-such.html", "notes.md", "no/such.com/file", "../paper.com"] {
        let (code, told) = run(&desk, &["extract", typed]);
        assert!(code == 1 && told.contains("No such file"), "{typed}: {told}");
    }
    fs::write(desk.path("paper.example"), "<h1>Ferry returns</h1><p>The ferry came home on Monday.</p>").unwrap();
    assert_eq!(run(&desk, &["extract", "paper.example"]).0, 0);
}

#[test]
fn a_seed_outside_of_allow_hosts_is_told_and_not_fetched() {
    let server = Server::start(|_| Reply::html("<h1>Front</h1>"));
    let desk = Desk::new(&config(&server.url("/"), "allow_hosts = [\"other.example\"]\n"));
    for command in ["check", "crawl"] {
        let (code, told) = run(&desk, &[command]);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains(&format!("[crawl] seeds: the host of {} is not in allow_hosts", server.url("/"))), "{told}");
        assert!(told.contains("add \"127.0.0.1\" to allow_hosts"), "{told}");
    }
    assert!(server.hits().is_empty());
}
