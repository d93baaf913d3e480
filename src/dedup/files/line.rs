//! A line → what deduplication reads of a record.
//!
//! In: the bytes of a line. Out: its [`Record`], or what is wrong with it. Never: a look at keys that don't count here.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::sources::Numbered;
use crate::article::error_kind;
use crate::dedup::boilerplate::{Printed, Removal, host_key};

/// The keys that count.
#[derive(Debug, Deserialize)]
pub(super) struct Record<'a> {
    #[serde(default)]
    id: Value,
    url: Option<String>,
    canonical_url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) published: Option<String>,
    #[serde(borrow)]
    pub(super) body: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) blocks: Vec<Block<'a>>,
    #[serde(borrow, default)]
    pub(super) captions: Vec<Caption<'a>>,
    #[serde(default)]
    pub(super) notes: Vec<Note>,
    content_hash: Option<String>,
}

/// A block of the body.
#[derive(Debug, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
}

/// A caption.
#[derive(Debug, Deserialize)]
pub(super) struct Caption<'a> {
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
    pub(super) credit: Option<String>,
    #[serde(default)]
    pub(super) block: usize,
}

/// A note.
#[derive(Debug, Deserialize)]
pub(super) struct Note {
    pub(super) text: String,
}

impl<'a> Record<'a> {
    /// Reads a line, or says what is wrong with it.
    pub(super) fn read(line: &'a Numbered) -> Result<Self, String> {
        let raw = line.raw.as_deref().ok_or("the line is longer than any record")?;
        if !raw.trim_ascii_start().starts_with(b"{") {
            return Err("the line is not a JSON object".to_owned());
        }
        let record: Self = serde_json::from_slice(raw).map_err(|error| explain(raw, &error))?;
        match record.id {
            Value::String(_) => Ok(record),
            Value::Number(ref n) if n.is_u64() || n.is_i64() => Ok(record),
            Value::Null => Err("the record has no \"id\"".to_owned()),
            _ => Err("\"id\" is neither a string nor an integer".to_owned()),
        }
    }

    /// The `id` as it stands in JSON.
    pub(super) fn id(&self) -> String {
        self.id.to_string()
    }

    /// Which article it is: two revisions are one.
    pub(super) fn identity(&self) -> u64 {
        match self.canonical_url.as_ref().or(self.url.as_ref()) {
            Some(url) => xxh3_64(url.as_bytes()),
            None => xxh3_64_with_seed(self.id().as_bytes(), 1),
        }
    }

    /// A hash of its text: equal in repeats of a record.
    pub(super) fn content(&self) -> u64 {
        match &self.content_hash {
            Some(hash) => xxh3_64(hash.as_bytes()),
            None => xxh3_64_with_seed(self.body.as_bytes(), xxh3_64(self.title.as_deref().unwrap_or_default().as_bytes())),
        }
    }

    /// The host whose boilerplate it may hold; `None` when nobody says where it is from.
    pub(super) fn host(&self) -> Option<u64> {
        host_key(self.canonical_url.as_deref(), self.url.as_deref())
    }

    /// What it prints under the name of this host.
    pub(super) fn printed(&self, host: u64) -> Printed<'_> {
        let blocks = self.blocks.iter().map(|b| (b.text.as_ref(), b.kind == "heading"));
        Printed::new(host, self.title.as_deref(), blocks, self.captions.iter().map(|c| c.text.as_ref()))
    }

    /// Whether the body is the text of the blocks, as in every record that copydesk writes: only then a block can leave both.
    pub(super) fn is_whole(&self) -> bool {
        let mut rest = self.body.as_ref();
        self.blocks.iter().enumerate().all(|(at, block)| {
            let after = rest.strip_prefix(if at > 0 { "\n\n" } else { "" }).and_then(|rest| rest.strip_prefix(block.text.as_ref()));
            rest = after.unwrap_or(rest);
            after.is_some()
        }) && rest.is_empty()
    }

    /// The body without some of its blocks.
    pub(super) fn body_without(&self, removed: &[usize]) -> String {
        Removal::kept(self.blocks.iter().map(|block| block.text.as_ref()), removed).collect::<Vec<_>>().join("\n\n")
    }
}

/// What is wrong with a line, in words that help.
fn explain(raw: &[u8], error: &serde_json::Error) -> String {
    if std::str::from_utf8(raw).is_err() {
        return "the line is not UTF-8".to_owned();
    }
    if let Some(kind) = error_kind(raw) {
        return format!("the page gave no record ({kind})");
    }
    // serde_json counts lines inside the line: only the column says something.
    let cause = error.to_string();
    let cause = cause.split(" at line ").next().unwrap_or_default();
    match error.classify() {
        serde_json::error::Category::Data => format!("the line is no record: {cause} at column {}", error.column()),
        _ => format!("the line is not a JSON object: {cause} at column {}", error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(raw: &[u8]) -> String {
        Record::read(&Numbered { record: 0, source: 0, number: 1, raw: Some(raw.to_vec()) }).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(wrong(b"[1]"), "the line is not a JSON object");
        assert_eq!(wrong(b"{\"id\":1"), "the line is not a JSON object: EOF while parsing an object at column 7");
        assert_eq!(wrong(b"{\"id\":1}"), "the line is no record: missing field `body` at column 8");
        assert_eq!(wrong(b"{\"id\":1,\"error\":{\"kind\":\"no_content\"}}"), "the page gave no record (no_content)");
        assert_eq!(wrong(b"{\"body\":\"\"}"), "the record has no \"id\"");
        assert_eq!(wrong(b"{\"id\":\"\xff\"}"), "the line is not UTF-8");
    }

    #[test]
    fn a_body_that_is_not_its_blocks_is_noticed() {
        let whole = |raw: &str| {
            let line = Numbered { record: 0, source: 0, number: 1, raw: Some(raw.as_bytes().to_vec()) };
            Record::read(&line).unwrap().is_whole()
        };
        assert!(whole(r#"{"id":1,"body":"a\n\nb","blocks":[{"text":"a"},{"text":"b"}]}"#));
        assert!(whole(r#"{"id":1,"body":"","blocks":[]}"#));
        assert!(!whole(r#"{"id":1,"body":"a","blocks":[]}"#));
        assert!(!whole(r#"{"id":1,"body":"a\n\nb","blocks":[{"text":"a"}]}"#));
    }
}
