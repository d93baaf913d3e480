//! A full disk stops a run cleanly, and the next one goes on: on a small file system of its own, in a namespace.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::format_collect, clippy::print_stdout, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use support::paper::Paper;
use support::{Desk, config, field, read_lines};

const ARTICLES: usize = 120;

/// Runs in a file system of 1 MiB of which most is taken: a crawl until it is full, then with the space made free.
const SCRIPT: &str = r#"
set -u
mount -t tmpfs -o size=1m none "$DISK" && cp pipeline.toml "$DISK" && cd "$DISK" || exit 9
head -c "$TAKEN" /dev/zero > taken
"$COPYDESK" crawl --no-progress 2> "$OLDPWD/first.log"; echo $? > "$OLDPWD/first.code"
cp articles.jsonl rejected.jsonl "$OLDPWD" 2>/dev/null; mkdir -p "$OLDPWD/full"; mv "$OLDPWD"/articles.jsonl "$OLDPWD"/rejected.jsonl "$OLDPWD/full" 2>/dev/null
rm taken; mount -o remount,size=64m "$DISK"
"$COPYDESK" crawl --no-progress 2> "$OLDPWD/second.log"; echo $? > "$OLDPWD/second.code"
cp articles.jsonl rejected.jsonl "$OLDPWD"
"#;

/// Whether the script could run; the namespace needs a Linux that lets users have them.
fn run(desk: &Desk, taken: usize) -> bool {
    std::fs::create_dir_all(desk.path("disk")).unwrap();
    let mut shell = Command::new("unshare");
    shell.args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT]).current_dir(desk.folder.path());
    shell.env("DISK", desk.path("disk")).env("TAKEN", taken.to_string()).env("COPYDESK", env!("CARGO_BIN_EXE_copydesk"));
    shell.status().is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_stops_the_run_and_the_next_one_goes_on() {
    // Full at once, while the state grows, and while the output does.
    for taken in [1_000_000, 700_000, 400_000] {
        let server = Paper::new(ARTICLES).serve();
        let desk = Desk::new(&config(&server.url("/"), ""));
        if !run(&desk, taken) {
            println!("skipped: no file system of its own can be had here (unshare, mount)");
            return;
        }
        let read = |name: &str| std::fs::read_to_string(desk.path(name)).unwrap_or_default();
        let first = read("first.log");
        assert_eq!(read("first.code").trim(), "1", "{taken}: {first}");
        assert!(first.contains("no space") && first.contains("free some space") && !first.contains("panicked"), "{taken}: {first}");
        let second = read("second.log");
        assert_eq!(read("second.code").trim(), "0", "{taken}: {second}");
        // What was written when it was full stays, whole, and is where it was.
        read_lines(&desk.path("full/articles.jsonl"));
        assert!(read("articles.jsonl").starts_with(&read("full/articles.jsonl")), "{taken}");
        let mut times: BTreeMap<usize, usize> = BTreeMap::new();
        for url in field(&desk.lines("articles.jsonl"), "url") {
            *times.entry(Paper::number(&url).unwrap()).or_default() += 1;
        }
        let wrong: Vec<usize> = (0..ARTICLES).filter(|n| times.get(n).copied().unwrap_or(0) != usize::from(n % 10 != 9)).collect();
        assert!(wrong.is_empty(), "{taken}: lost or repeated: {wrong:?}\n{second}");
    }
}
