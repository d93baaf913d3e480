//! One line of `--from jsonl` → the page it holds.
//!
//! In: the raw bytes of a line, `{"id"?, "url"?, "html"}`. Out: its `id` and `url`, and the page's
//! text or why there is none. The `id` is found wherever it stands, in a damaged line too, so that
//! every answer can be told apart. Never: a line lost, or more memory than a fixed multiple of the
//! largest page allowed.

mod lines;
mod scan;

pub use lines::{Line, Lines};

use serde::Deserialize;
use serde_json::Value;

use crate::article::RecordId;
use crate::error::{Error, Result};

/// What a line asks for.
#[derive(Debug)]
pub struct Request {
    /// The input's `id`; the number of the line, from 1, where it gives none.
    pub id: RecordId,
    /// The `url` as given; an unusable one costs only what would resolve against it.
    pub url: Option<String>,
    /// The page's text.
    pub html: Result<String>,
}

/// The keys that count; everything else on the line is left alone.
#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    url: Value,
    #[serde(default)]
    html: Value,
}

/// Reads a line; `number` stands in for an absent id.
#[must_use]
pub fn read(line: Line, number: u64, max_body_bytes: u64) -> Request {
    let mut raw = match line {
        Line::Whole(raw) => raw,
        Line::TooLong(found) => return refuse(found, number, Error::TooLarge { limit: max_body_bytes }),
    };
    repair_surrogates(&mut raw);
    if !raw.trim_ascii_start().starts_with(b"{") {
        return refuse(scan::Found::default(), number, Error::BadInput("the line is not a JSON object".to_owned()));
    }
    let keys: Keys = match serde_json::from_slice(&raw) {
        Ok(keys) => keys,
        Err(error) => return refuse(scan::Found::in_line(&raw), number, explain(&raw, &error)),
    };
    let html = match keys.html {
        Value::String(html) if html.len() as u64 > max_body_bytes => Err(Error::TooLarge { limit: max_body_bytes }),
        Value::String(html) => Ok(html),
        Value::Null => Err(Error::BadInput("the line has no \"html\"".to_owned())),
        _ => Err(Error::BadInput("\"html\" is not a string".to_owned())),
    };
    let id = serde_json::from_value(keys.id).unwrap_or(RecordId::Unsigned(number));
    Request { id, url: keys.url.as_str().map(str::to_owned), html }
}

fn refuse(found: scan::Found, number: u64, error: Error) -> Request {
    Request { id: found.id.unwrap_or(RecordId::Unsigned(number)), url: found.url, html: Err(error) }
}

/// Why a line is no JSON object, in words that help.
fn explain(raw: &[u8], error: &serde_json::Error) -> Error {
    let text = if std::str::from_utf8(raw).is_err() {
        "the line is not UTF-8".to_owned()
    } else {
        // serde_json counts lines inside the line: only the column says something.
        let cause = error.to_string();
        let cause = cause.split(" at line ").next().unwrap_or_default();
        format!("the line is not a JSON object: {cause} at column {}", error.column())
    };
    Error::BadInput(text)
}

/// `\ud800` without its other half stands for no character, and `serde_json` refuses it: it becomes U+FFFD,
/// which is written with as many bytes.
fn repair_surrogates(raw: &mut [u8]) {
    if memchr::memmem::find(raw, b"\\ud").is_none() && memchr::memmem::find(raw, b"\\uD").is_none() {
        return;
    }
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'\\', &raw[at..]) {
        at += step;
        match unit(&raw[at..]) {
            Some(0xd800..=0xdbff) if matches!(unit(&raw[at + 6..]), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                raw[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            _ => at += 2,
        }
        if at >= raw.len() {
            return;
        }
    }
}

/// The UTF-16 unit of the escape that the bytes begin with.
fn unit(raw: &[u8]) -> Option<u16> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().all(u8::is_ascii_hexdigit).then(|| u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &[u8]) -> Request {
        read(Line::Whole(line.to_vec()), 7, 1000)
    }

    #[test]
    fn keys_in_any_order() {
        let got = request(br#"{"html":"<p>x","more":[1,{"id":9}],"url":"http://a.example/","id":"k"}"#);
        assert_eq!(
            (got.id, got.url.as_deref(), got.html.unwrap().as_str()),
            (RecordId::Text("k".into()), Some("http://a.example/"), "<p>x")
        );
        assert_eq!(request(br#"{"html":"","id":-3}"#).id, RecordId::Signed(-3));
        assert_eq!(request(br#"{"html":"","id":18446744073709551615}"#).id, RecordId::Unsigned(u64::MAX));
    }

    #[test]
    fn ids_that_are_none_give_the_line_number() {
        for id in ["null", "1.5", "true", "[1]", "{}", "1e400"] {
            assert_eq!(request(format!("{{\"id\":{id},\"html\":\"\"}}").as_bytes()).id, RecordId::Unsigned(7), "{id}");
        }
        assert_eq!(request(br#"{"html":""}"#).id, RecordId::Unsigned(7));
    }

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        let html = |text: &str| request(format!("{{\"html\":\"{text}\"}}").as_bytes()).html.unwrap();
        assert_eq!(html(r"a\ud800b"), "a\u{fffd}b");
        assert_eq!(html(r"\uDC00\ud83d\ude00\ud83d"), "\u{fffd}😀\u{fffd}");
        assert_eq!(html(r"\ud800\ud800\udc00"), "\u{fffd}\u{10000}");
        assert_eq!(html(r"\\ud800"), r"\ud800");
    }

    #[test]
    fn errors_keep_id_and_url() {
        let cases: [(&[u8], &str); 7] = [
            (br#"{"id":"k","url":"u"}"#, "bad_input"),
            (br#"{"id":"k","url":"u","html":null}"#, "bad_input"),
            (br#"{"id":"k","html":5,"url":"u"}"#, "bad_input"),
            (b"{\"html\":\"\xff\",\"id\":\"k\",\"url\":\"u\"}", "bad_input"),
            (br#"{"id":"k","url":"u","html":"cut"#, "bad_input"),
            (br#"{"id":"k","url":"u","html":"a",}"#, "bad_input"),
            (br#"{"id":"k","url":"u","html":"a","html":"b"}"#, "bad_input"),
        ];
        for (line, kind) in cases {
            let got = request(line);
            assert_eq!(got.id, RecordId::Text("k".into()), "{}", String::from_utf8_lossy(line));
            assert_eq!(got.url.as_deref(), Some("u"));
            assert_eq!(got.html.unwrap_err().kind(), kind);
        }
        assert_eq!(request(b"[1]").html.unwrap_err().to_string(), "the line is not a JSON object");
        let large = format!("{{\"html\":\"{}\",\"id\":4}}", "x".repeat(1001));
        let got = request(large.as_bytes());
        assert_eq!((got.id, got.html.unwrap_err().kind()), (RecordId::Unsigned(4), "too_large"));
    }
}
