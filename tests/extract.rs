//! `copydesk extract` as a person and a data team's tool call it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;

fn copydesk(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("copydesk").unwrap();
    command.arg("extract").args(arguments);
    command
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Ran {
    let output = copydesk(arguments).write_stdin(stdin.into()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fixture(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_string_lossy().into_owned()
}

const PAGE: &str = "<h1>Library reopens</h1><p>The city library reopened on Monday after two years of repairs.</p>";

#[test]
fn a_page_on_standard_input() {
    for arguments in [&["-q"][..], &["-", "-q"]] {
        let ran = run(arguments, PAGE);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let records = lines(&ran.stdout);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0]["title"], "Library reopens");
    }
}

#[test]
fn a_page_that_is_no_article_is_told_beside_its_record() {
    let links: Vec<_> = (0..40).map(|n| format!("<li><a href=/2026/story-{n}>A headline of story {n} on the front</a></li>")).collect();
    let links = links.concat();
    let front = format!("<title>The Pier</title><h1>The Pier</h1><ul>{links}</ul>");
    let told = run(&["--url", "https://paper.example/"], front.as_str());
    assert_eq!((told.code, lines(&told.stdout)[0]["extraction"]["page_kind"].as_str()), (0, Some("index")));
    assert!(told.stderr.starts_with("note: -: this looks like a front page or a list, not an article (confidence "), "{}", told.stderr);
    assert!(told.stderr.contains("copydesk inspect - -o page.html") && told.stderr.lines().count() == 2, "{}", told.stderr);
    let quiet = run(&["--url", "https://paper.example/", "-q"], front.as_str());
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (told.stdout, ""));
    // Short of an article, and an article of which nothing is to be said.
    assert!(run(&[], PAGE).stderr.starts_with("note: -: this does not look like an article (confidence 0."));
    assert_eq!(run(&[&fixture("harbour-ferry/page.html")], "").stderr, "");
    // A stream's readers look at the records.
    let line = serde_json::json!({"html": front}).to_string();
    assert_eq!(run(&["--from", "jsonl"], line).stderr, "");
}

#[test]
fn files_of_data_are_no_pages() {
    let folder = tempfile::tempdir().unwrap();
    let table = "id,title,body\n1,Ferry returns,The ferry came home on Monday after a long night at sea.\n";
    let cases = [
        ("a.csv", table, 1, "a CSV file"),
        ("a.json", "{\"html\": \"<p>The ferry came home on Monday.\"}", 1, "a JSON file"),
        ("a.parquet", "PAR1\u{15}\u{4}", 1, "a Parquet file"),
        ("page.csv", PAGE, 0, ""),
        ("a.txt", table, 0, ""),
        ("fragment.html", "The ferry came home <b>on Monday</b> after a long night at sea.", 0, ""),
    ];
    for (name, content, code, words) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let ran = run(&[path.to_str().unwrap()], "");
        assert_eq!(ran.code, code, "{name}: {}", ran.stderr);
        let told = words.is_empty() || ran.stderr.contains(words) && ran.stderr.contains("not a web page") && ran.stdout.is_empty();
        assert!(told, "{name}: {}", ran.stderr);
    }
}

#[test]
fn units_that_are_known_are_named() {
    for (flag, value, words) in [
        ("--timeout", "banana", "write a number with ms, s, m, h, d or w, as \"250ms\""),
        ("--timeout", "1y", "a bare number is seconds"),
        ("--max-body-bytes", "1k", "KB, MB, GB, KiB, MiB or GiB, as \"16MiB\""),
    ] {
        let ran = run(&[flag, value, "page.html"], "");
        assert!(ran.code == 2 && ran.stderr.contains(words) && ran.stderr.contains(value), "{}", ran.stderr);
    }
}

#[test]
fn files_keep_their_order_and_some_may_fail() {
    let (a, b) = (fixture("harbour-ferry/page.html"), fixture("plain-clock-tower/page.txt"));
    let ran = run(&[&a, "no/such\u{7}file", &b, "--jobs", "4"], "");
    assert_eq!(ran.code, 3);
    let titles: Vec<String> = lines(&ran.stdout).iter().map(|r| r["title"].as_str().unwrap_or("none").to_owned()).collect();
    assert_eq!(titles.len(), 2);
    assert!(titles[0].contains("Night ferry"), "{titles:?}");
    assert_eq!(ran.stderr, "error: no/such\\u{7}file: No such file or directory\n  hint: check the path\n");
}

#[test]
fn errors_name_input_cause_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    let cases = [
        (path("a.pdf", b"%PDF-1.7"), 1, "a PDF"),
        (path("empty.html", b""), 1, "neither a title nor any text"),
        (folder.path().to_string_lossy().into_owned(), 1, "directory"),
        ("ftp://a.example/x".to_owned(), 2, "`ftp:`"),
        ("javascript:alert(1)".to_owned(), 2, "`javascript:`"),
        ("http://".to_owned(), 2, "not an address"),
        ("localhost:8080/x".to_owned(), 2, "https://localhost:8080/x"),
        ("http://127.0.0.1:9/".to_owned(), 1, "--allow-private-addresses"),
    ];
    for (input, code, words) in cases {
        let ran = run(&[&input], "");
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{input}: {}", ran.stderr);
        assert!(ran.stderr.contains(&input) && ran.stderr.contains(words), "{input}: {}", ran.stderr);
        assert!(ran.stderr.lines().count() <= 6);
    }
    let long = "x".repeat(500);
    assert!(run(&[&long], "").stderr.contains(&format!("{}…", "x".repeat(200))));
}

#[test]
fn the_output_is_created_by_the_first_record() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.jsonl");
    let name = output.to_str().unwrap();
    assert_eq!(run(&["-o", name, "no-such-file"], "").code, 1);
    assert!(!output.exists());
    assert_eq!(run(&["-o", name], PAGE).code, 0);
    assert_eq!(lines(&std::fs::read_to_string(&output).unwrap()).len(), 1);
    let ran = run(&["-o", "/no/such/folder/x"], PAGE);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("/no/such/folder/x"), "{}", ran.stderr);
    let ran = run(&["-o", name, name], "");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(output.metadata().unwrap().len() > 0, "an input is not overwritten");
}

#[test]
fn forms_of_output() {
    let page = fixture("meridian-heat-pumps/page.html");
    let markdown = run(&["--format", "markdown", &page], "").stdout;
    assert!(markdown.starts_with("# What forty-two heat pumps"), "{markdown}");
    let object: Value = serde_json::from_str(&run(&["--format", "json", &page], "").stdout).unwrap();
    assert!(object.is_object());
    let array: Value = serde_json::from_str(&run(&["--format", "json", &page, &page], "").stdout).unwrap();
    assert_eq!(array.as_array().unwrap().len(), 2);
    assert!(run(&["--format", "text", &page], "").stdout.contains("Alder Street"));
}

#[test]
fn json_lines_each_have_one_answer() {
    let page = serde_json::to_string(PAGE).unwrap();
    let mut input = b"\xef\xbb\xbf".to_vec();
    input.extend_from_slice(format!("{{\"html\":{page},\"id\":\"a\",\"url\":\"https://a.example/x\"}}\r\n\n").as_bytes());
    input.extend_from_slice(b"{\"html\":\"<h1>Half \\ud800</h1>\",\"id\":5,\"url\":\"javascript:x\"}\n");
    input.extend_from_slice(b"{\"html\":\"\xff\xfe\",\"id\":\"b\"}\n{\"id\":\"c\",\"url\":\"https://a.example/y\"}\n");
    input.extend_from_slice(format!("{{\"html\":\"{}\",\"id\":\"d\"}}\nnonsense\n", "x".repeat(2000)).as_bytes());
    let ran = run(&["--from", "jsonl", "--max-body-bytes", "1000", "--jobs", "1"], input);
    assert_eq!(ran.code, 3);
    let answers = lines(&ran.stdout);
    assert_eq!(answers.len(), 6);
    assert_eq!((&answers[0]["id"], &answers[0]["url"]), (&"a".into(), &"https://a.example/x".into()));
    assert_eq!((&answers[1]["id"], &answers[1]["url"], &answers[1]["title"]), (&5.into(), &Value::Null, &"Half \u{fffd}".into()));
    let errors: Vec<_> = answers[2..].iter().map(|a| (a["id"].clone(), a["error"]["kind"].as_str().unwrap().to_owned())).collect();
    let expected: Vec<(Value, String)> = vec![
        ("b".into(), "bad_input".into()),
        ("c".into(), "bad_input".into()),
        ("d".into(), "too_large".into()),
        (7.into(), "bad_input".into()),
    ];
    assert_eq!(errors, expected);
    assert_eq!(answers[3]["url"], "https://a.example/y");
    assert_eq!(ran.stderr, "-: 4 of 6 lines gave an error, see \"error\" in the output\n");
}

#[test]
fn json_lines_go_alone() {
    for arguments in [&["--from", "jsonl", "--format", "markdown"][..], &["--from", "jsonl", "--url", "http://a.example/"]] {
        assert_eq!(run(arguments, "").code, 2);
    }
    let ran = run(&["--from", "jsonl"], "\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "nothing asked, nothing failed");
}

#[test]
fn a_page_over_http() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    runtime.spawn(copydesk::demo::serve(listener, std::sync::Arc::default()));
    let ran = run(&["--allow-private-addresses", "-q", &url], "");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let record = &lines(&ran.stdout)[0];
    assert_eq!((record["url"].as_str(), record["title"].as_str()), (Some(url.as_str()), Some("The news-stand")));
    assert!(record["fetched_at"].as_str().unwrap().ends_with('Z'));
    let refused = run(&[&url], "");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("not a public address"), "{}", refused.stderr);
}

#[test]
fn a_closed_pipe_is_success() {
    use std::process::{Command, Stdio};
    let many = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(many.path(), format!("{{\"html\":{}}}\n", serde_json::to_string(PAGE).unwrap()).repeat(5000)).unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("copydesk"))
        .args(["extract", "--from", "jsonl", many.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}
