//! Every `copydesk` command in README.md and docs/ does what it says: each is run, as it stands there, in a folder that has
//! what it asks for. `news.example` and `other.example` are a paper on loopback.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::format_collect, reason = "tests")]
#![cfg(unix)]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use support::paper::Paper;
use support::{Desk, config};

/// Lines of the shell blocks of a document, continued lines joined, without comments.
fn commands(text: &str) -> Vec<String> {
    let (mut inside, mut out, mut held) = (false, Vec::new(), String::new());
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && language == "sh";
            continue;
        }
        if !inside || line.trim_start().starts_with('#') {
            continue;
        }
        held.push_str(line.strip_suffix('\\').unwrap_or(line));
        if !line.ends_with('\\') {
            let command = std::mem::take(&mut held);
            out.push(command.split(" # ").next().unwrap().trim().to_owned());
        }
    }
    out
}

/// The command of a line that is run here: those of copydesk, cron's too.
fn runnable(line: &str) -> Option<&str> {
    let line = line.split_once("cd /srv/news && ").map_or(line, |(_, command)| command);
    line.starts_with("copydesk ").then_some(line)
}

/// A folder with all files that the documents speak of.
fn prepare(desk: &Desk, paper: &str) {
    let warc = "[output]\nwarc = \"warc\"\n";
    fs::write(desk.path("pipeline.toml"), format!("{}{warc}", config(paper, ""))).unwrap();
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let records = fs::read(desk.path("articles.jsonl")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&records).unwrap();
    let packed = packed.finish().unwrap();
    for name in ["a.jsonl", "b.jsonl", "before.jsonl", "after.jsonl", "yesterday.jsonl", "today.jsonl"] {
        fs::write(desk.path(name), &records).unwrap();
    }
    for name in ["articles-1.jsonl.gz", "a.jsonl.gz"] {
        fs::write(desk.path(name), &packed).unwrap();
    }
    let warc = fs::read_dir(desk.path("warc")).unwrap().next().unwrap().unwrap().path();
    fs::copy(warc, desk.path("CC-NEWS-20260501.warc.gz")).unwrap();
    let page = "<h1>Ferry comes home</h1><p>The ferry came home on Monday after nine days at sea, the harbour master said.</p>";
    fs::write(desk.path("page.html"), page).unwrap();
    fs::write(desk.path("pages.jsonl"), serde_json::json!({ "id": 1, "html": page }).to_string() + "\n").unwrap();
    fs::write(
        desk.path("scrape.txt"),
        "Ferry comes home\n\nThe ferry came home on Monday after nine days at sea, the harbour master said.\n",
    )
    .unwrap();
    // The command as a reader has it: on the path, and with the paper for the sites that don't exist.
    let binary = env!("CARGO_BIN_EXE_copydesk");
    let stand_in = format!(
        "#!/bin/sh\nflag=\nfor word do\n  shift\n  case \"$word\" in\n    \
         https://news.example/20*) flag=--allow-private-addresses; set -- \"$@\" '{paper}2024/story-1.html' ;;\n    \
         https://*.example/*) flag=--allow-private-addresses; set -- \"$@\" '{paper}' ;;\n    \
         *) set -- \"$@\" \"$word\" ;;\n  esac\ndone\nexec '{binary}' \"$@\" $flag\n"
    );
    fs::create_dir(desk.path("bin")).unwrap();
    fs::write(desk.path("bin/copydesk"), stand_in).unwrap();
    fs::set_permissions(desk.path("bin/copydesk"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_documented_command_works() {
    let server = Paper::new(12).serve();
    let paper = server.url("/");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<_> = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|e| e == "md"));
    documents.push(root.join("README.md"));
    documents.sort();
    let mut count = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let commands = commands(&text);
        let runnable: Vec<&str> = commands.iter().filter_map(|line| runnable(line)).collect();
        if runnable.is_empty() {
            continue;
        }
        let desk = Desk::new("");
        prepare(&desk, &paper);
        for line in runnable {
            if line.starts_with("copydesk init ") {
                fs::remove_file(desk.path("pipeline.toml")).unwrap();
            }
            let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
            let mut shell = Command::new("sh");
            shell.args(["-c", line]).current_dir(desk.folder.path()).env("PATH", path).stdin(Stdio::null());
            let output = shell.output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{}: {line}\n{told}", document.display());
            count += 1;
        }
    }
    assert!(count >= 12, "only {count} commands were found");
}
