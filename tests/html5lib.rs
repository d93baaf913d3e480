//! The tokenizer against html5lib's tests, where they stand beside the checkout; tokens, not parse errors.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

use std::path::Path;

use copydesk::extract::probe::{self, Raw, Reading, Token as Seen};
use serde_json::Value;

/// `\uXXXX` read once more; nothing when the text then holds a lone surrogate, which no Rust string can.
fn unescape(text: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        units.extend(rest[..at].encode_utf16());
        units.push(u16::from_str_radix(rest.get(at + 2..at + 6)?, 16).ok()?);
        rest = &rest[at + 6..];
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

fn text(value: &Value, escaped: bool) -> Option<String> {
    let text = value.as_str()?;
    if escaped { unescape(text) } else { Some(text.to_owned()) }
}

fn token(value: &Value, escaped: bool) -> Option<Seen> {
    let at = |at: usize| text(&value[at], escaped);
    Some(match value[0].as_str()? {
        "Character" => Seen::Text(at(1)?),
        "Comment" => Seen::Comment(at(1)?),
        "EndTag" => Seen::End(at(1)?),
        "DOCTYPE" => Seen::Doctype { name: at(1), public: at(2), system: at(3), correct: value[4].as_bool()? },
        "StartTag" => {
            let attributes = value[2].as_object()?.iter().map(|(name, value)| {
                let name = if escaped { unescape(name) } else { Some(name.clone()) };
                Some((name?, text(value, escaped)?))
            });
            Seen::Start { name: at(1)?, attributes: attributes.collect::<Option<_>>()?, self_closing: value[3].as_bool().unwrap_or(false) }
        }
        _ => return None,
    })
}

fn state(name: &str) -> Reading {
    match name {
        "Data state" => Reading::Data,
        "PLAINTEXT state" => Reading::Plaintext,
        "RCDATA state" => Reading::Raw(Raw::Rcdata),
        "RAWTEXT state" => Reading::Raw(Raw::Rawtext),
        "Script data state" => Reading::Raw(Raw::Script),
        "CDATA section state" => Reading::Cdata,
        other => panic!("no such state: {other}"),
    }
}

/// Attributes in any order.
fn sorted(mut tokens: Vec<Seen>) -> Vec<Seen> {
    for token in &mut tokens {
        if let Seen::Start { attributes, .. } = token {
            attributes.sort();
        }
    }
    tokens
}

#[derive(Default)]
struct Count {
    passed: usize,
    failed: Vec<String>,
    not_text: usize,
}

fn run(test: &Value, count: &mut Count) {
    let escaped = test["doubleEscaped"].as_bool().unwrap_or(false);
    let expected = test["output"].as_array().unwrap().iter().map(|t| token(t, escaped)).collect::<Option<Vec<_>>>();
    let (Some(input), Some(expected)) = (text(&test["input"], escaped), expected) else {
        count.not_text += 1;
        return;
    };
    let expected = sorted(expected);
    let in_data = vec![Value::from("Data state")];
    for name in test["initialStates"].as_array().unwrap_or(&in_data) {
        let got = sorted(probe::tokens(&input, state(name.as_str().unwrap()), test["lastStartTag"].as_str(), false));
        if got == expected {
            count.passed += 1;
        } else {
            count.failed.push(format!("{name} {input:?}\n  expected {expected:?}\n  got      {got:?}"));
        }
    }
}

#[test]
fn tokens_are_those_of_the_standard() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/html5lib-tests/tokenizer");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no html5lib tests at {}", folder.display());
        return;
    };
    let mut files: Vec<_> = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "test")).collect();
    files.sort();
    let mut all = Count::default();
    for file in files.iter().filter(|f| !f.ends_with("xmlViolation.test")) {
        let tests: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let mut count = Count::default();
        tests["tests"].as_array().unwrap().iter().for_each(|test| run(test, &mut count));
        let (passed, total) = (count.passed, count.passed + count.failed.len());
        println!("{:<28} {passed}/{total}, {} not text", file.file_name().unwrap().to_string_lossy(), count.not_text);
        all.passed += passed;
        all.not_text += count.not_text;
        all.failed.append(&mut count.failed);
    }
    println!("in all {}/{}, {} not text", all.passed, all.passed + all.failed.len(), all.not_text);
    assert!(all.failed.is_empty(), "{} failed:\n{}", all.failed.len(), all.failed.join("\n"));
    assert!(all.passed > 6000, "tests are missing");
}
