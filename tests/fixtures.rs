//! Every folder of `fixtures/` is a test: its page, read through the library, gives `expected.json`.
//!
//! `COPYDESK_BLESS=slug` (or `all`) rewrites the expectation; the diff is then reviewed as code.
//! Version and confidence of the extraction are not compared, so that a release touches no file.
//! An expectation may be partial (a first one, written by hand): the keys it has are compared.

mod corpus;

use std::fmt::Write as _;

use corpus::Fixture;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

fn main() {
    let arguments = Arguments::from_args();
    let trials = corpus::all().into_iter().map(|f| Trial::test(f.slug.clone(), move || check(&f))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(fixture: &Fixture) -> Result<(), Failed> {
    let mut got = fixture.record();
    if let Some(extraction) = got.get_mut("extraction").and_then(Value::as_object_mut) {
        extraction.shift_remove("version");
        extraction.shift_remove("confidence");
    }
    let path = fixture.folder.join("expected.json");
    if let Ok(wanted) = std::env::var("COPYDESK_BLESS")
        && (wanted == "all" || wanted == fixture.slug)
    {
        let mut text = serde_json::to_string_pretty(&got).expect("a record is JSON");
        text.push('\n');
        return Ok(std::fs::write(&path, text)?);
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|e| format!("{}: {e}; write it with COPYDESK_BLESS={} cargo test --test fixtures", path.display(), fixture.slug))?;
    let expected: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut report = String::new();
    compare("", &expected, &got, &mut report);
    if report.is_empty() { Ok(()) } else { Err(format!("{}\n{report}", fixture.meta.tests).into()) }
}

/// Writes a line for each difference; objects are compared by the keys that are expected.
fn compare(path: &str, expected: &Value, got: &Value, report: &mut String) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (key, value) in expected {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match got.get(key) {
                    Some(other) => compare(&path, value, other, report),
                    None => line(report, &format!("{path}: missing, expected {value}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (index, (value, other)) in expected.iter().zip(got).enumerate() {
                compare(&format!("{path}[{index}]"), value, other, report);
            }
        }
        (Value::Array(expected), Value::Array(got)) => {
            line(report, &format!("{path}: expected {} entries, got {}", expected.len(), got.len()));
            difference(expected, got, report);
        }
        // The body says again what the blocks say: one line is enough.
        (Value::String(expected), Value::String(got)) if path == "body" && expected != got => {
            line(report, &format!("body: expected {} characters, got {}", expected.chars().count(), got.chars().count()));
        }
        _ if expected == got => {}
        _ => line(report, &format!("{path}:\n    expected {expected}\n    got      {got}")),
    }
}

/// Entries only in one of two lists, in order: the longest common subsequence left out.
fn difference(expected: &[Value], got: &[Value], report: &mut String) {
    let same = |a: &Value, b: &Value| {
        let mut lines = String::new();
        compare("", a, b, &mut lines);
        lines.is_empty()
    };
    let mut length = vec![vec![0usize; got.len() + 1]; expected.len() + 1];
    for (i, a) in expected.iter().enumerate().rev() {
        for (j, b) in got.iter().enumerate().rev() {
            length[i][j] = if same(a, b) { length[i + 1][j + 1] + 1 } else { length[i + 1][j].max(length[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < expected.len() || j < got.len() {
        if i < expected.len() && j < got.len() && same(&expected[i], &got[j]) {
            (i, j) = (i + 1, j + 1);
        } else if j == got.len() || (i < expected.len() && length[i + 1][j] >= length[i][j + 1]) {
            line(report, &format!("  - {}", expected[i]));
            i += 1;
        } else {
            line(report, &format!("  + {}", got[j]));
            j += 1;
        }
    }
}

fn line(report: &mut String, text: &str) {
    writeln!(report, "{text}").expect("writing to a string");
}
