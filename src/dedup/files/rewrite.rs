//! A record with what was found out about it.
//!
//! In: a line, its record, and what of it is boilerplate or which record it copies. Out: the line, changed in those values
//! only: body, blocks, captions and `content_hash` still agree with each other, as `record` makes them, and a caption
//! stands before the same block as before. Never: a key that is not about this.

use super::line::Record;
use super::patch::{array, elements, members, with};
use crate::article::{SHORT_BODY, SHORT_BODY_WORDS, content_hash};
use crate::dedup::boilerplate::Removal;
use crate::text::word_count;

/// The line of a record without its boilerplate.
pub(super) fn without(raw: &[u8], record: &Record<'_>, removal: &Removal) -> Vec<u8> {
    let parts = members(raw);
    let value = |key: &str| parts.iter().find(|(known, _)| known == key).map(|(_, value)| *value);
    let body = record.body_without(&removal.blocks);
    let mut changes = vec![("body", json(&body)), ("blocks", array(&kept(value("blocks"), &removal.blocks)))];
    if value("captions").is_some() {
        let all = kept(value("captions"), &removal.captions);
        let moved = all.iter().zip(Removal::kept(&record.captions, &removal.captions)).map(|(raw, caption)| {
            let place = removal.place(caption.block);
            if place == caption.block { raw.to_vec() } else { with(raw, &[("block", place.to_string().into_bytes())]) }
        });
        changes.push(("captions", array(&moved.collect::<Vec<_>>())));
    }
    if value("content_hash").is_some_and(|hash| hash != b"null") {
        let captions = Removal::kept(&record.captions, &removal.captions).map(|c| (c.text.as_ref(), c.credit.as_deref()));
        let hash = content_hash(record.title.as_deref(), &body, captions, record.notes.iter().map(|n| n.text.as_str()));
        changes.push(("content_hash", json(&hash)));
    }
    if let Some(extraction) = value("extraction").filter(|value| value.starts_with(b"{")) {
        changes.push(("extraction", warned(extraction, removal, &body)));
    }
    with(raw, &changes)
}

/// The line with `duplicate_of`; `id` is JSON.
pub(super) fn marked(raw: &[u8], id: &str) -> Vec<u8> {
    with(raw, &[("duplicate_of", id.as_bytes().to_vec())])
}

fn kept<'a>(list: Option<&'a [u8]>, removed: &'a [usize]) -> Vec<&'a [u8]> {
    Removal::kept(list.map(elements).unwrap_or_default(), removed).collect()
}

/// `extraction` with what a reader of the record should know.
fn warned(extraction: &[u8], removal: &Removal, body: &str) -> Vec<u8> {
    let parts = members(extraction);
    let known = parts.iter().find(|(key, _)| key == "warnings").map(|(_, value)| elements(value)).unwrap_or_default();
    let mut all: Vec<Vec<u8>> = known.iter().map(|raw| raw.to_vec()).collect();
    all.push(json(&removal.warning()));
    let short = json(SHORT_BODY);
    if word_count(body) < SHORT_BODY_WORDS && !all.contains(&short) {
        all.push(short);
    }
    with(extraction, &[("warnings", array(&all))])
}

fn json(text: &str) -> Vec<u8> {
    serde_json::Value::from(text).to_string().into_bytes()
}
