//! Lines of `--from jsonl` that are damaged: one answer each, with the id where one can be read, and the rest goes on.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

fn start() -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["extract", "--from", "jsonl", "--jobs", "1", "--max-body-bytes", "1MiB", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

fn next(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
}

const HTML: &str = "<h1>Library reopens</h1><p>The city library reopened on Monday.";

#[test]
fn each_line_is_answered_for_itself() {
    let record = |id: &str| format!("{{\"id\":\"{id}\",\"html\":\"{HTML}\"}}").into_bytes();
    let with = |id: &str, html: &str| format!("{{\"id\":\"{id}\",\"html\":{html}}}").into_bytes();
    let cases: Vec<(Vec<u8>, Value, Option<&str>)> = vec![
        ([b"\xef\xbb\xbf".to_vec(), record("mark")].concat(), "mark".into(), None),
        (with("half", &format!("\"{HTML} \\ud800 and \\udc00\"")), "half".into(), None),
        (b"{\"id\":\"cut\",\"html\":\"<h1>".to_vec(), "cut".into(), Some("bad_input")),
        (b"not json at all".to_vec(), 4.into(), Some("bad_input")),
        (b"[1,2]".to_vec(), 5.into(), Some("bad_input")),
        (b"{\"id\":\"bytes\",\"html\":\"\xff\xfe\"}".to_vec(), "bytes".into(), Some("bad_input")),
        (b"{\"id\":\"none\"}".to_vec(), "none".into(), Some("bad_input")),
        (with("null", "null"), "null".into(), Some("bad_input")),
        (with("number", "5"), "number".into(), Some("bad_input")),
        (with("list", "[\"<p>x\"]"), "list".into(), Some("bad_input")),
        (with("empty", "\"\""), "empty".into(), Some("no_content")),
        ([vec![b'['; 200_000], vec![b']'; 200_000]].concat(), 12.into(), Some("bad_input")),
        ([b"{\"id\":\"deep\",\"x\":".to_vec(), vec![b'['; 200_000]].concat(), "deep".into(), Some("bad_input")),
        (with("large", &format!("\"{}\"", "x".repeat(2 << 20))), "large".into(), Some("too_large")),
        (record("last"), "last".into(), None),
    ];
    let (mut child, mut output) = start();
    let mut input = child.stdin.take().unwrap();
    let lines = cases.iter().map(|(line, ..)| line.as_slice()).collect::<Vec<_>>().join(&b'\n');
    let writer = std::thread::spawn(move || input.write_all(&lines).unwrap());
    for (line, id, kind) in &cases {
        let answer = next(&mut output);
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]);
        assert_eq!(&answer["id"], id, "{shown}");
        assert_eq!(answer["error"]["kind"].as_str(), *kind, "{shown}");
        if kind.is_none() {
            assert_eq!(answer["title"], "Library reopens");
        }
        if *id == "half" {
            assert!(answer["body"].as_str().unwrap().ends_with("Monday. \u{fffd} and \u{fffd}"), "{}", answer["body"]);
        }
    }
    writer.join().unwrap();
    child.wait().unwrap();
}

/// A line of 64 MB costs what the longest line allowed would, not its length; its id is found behind it.
#[test]
#[cfg(target_os = "linux")]
fn a_long_line_costs_its_limit() {
    let (mut child, mut output) = start();
    let mut input = child.stdin.take().unwrap();
    let peak = |child: &Child| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    writeln!(input, "{{\"id\":1,\"html\":\"{HTML}\"}}").unwrap();
    assert_eq!(next(&mut output)["id"], 1);
    let before = peak(&child);
    let piece = vec![b'x'; 1 << 20];
    input.write_all(b"{\"html\":\"").unwrap();
    for _ in 0..64 {
        input.write_all(&piece).unwrap();
    }
    input.write_all(b"\",\"id\":\"long\",\"url\":\"https://news.example/\"}\n").unwrap();
    let answer = next(&mut output);
    assert_eq!((&answer["id"], &answer["error"]["kind"]), (&"long".into(), &"too_large".into()));
    assert_eq!(answer["url"], "https://news.example/");
    let more = peak(&child).saturating_sub(before);
    // The limit of a line is 7 MiB here; a vector that grows holds up to three times as much for a moment.
    assert!(more < 32 << 20, "{more} bytes more");
    writeln!(input, "{{\"id\":2,\"html\":\"{HTML}\"}}").unwrap();
    assert_eq!(next(&mut output)["id"], 2);
    drop(input);
    child.wait().unwrap();
}

/// A panic in a page is an error of that page.
#[test]
fn a_panic_costs_one_page() {
    let result = copydesk::error::catching::<()>(|| panic!("page {}", 7));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), ("internal", "a fault in copydesk: page 7"));
}
