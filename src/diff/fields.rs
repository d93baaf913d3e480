//! In which fields do two records differ, and how?
//!
//! In: two records as JSON objects. Out: each field that differs, with what changed in it. Objects are compared member by
//! member (`extraction.confidence`); a field that one record lacks counts as `null` there. Never: a look at fields that
//! don't count.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::texts::{Alignment, Reworded, align, reworded};

/// What differs between any two runs, or follows from other fields: compared only when it is asked for.
const UNASKED: [&str; 3] = ["fetched_at", "content_hash", "extraction.version"];

/// Which fields are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// These alone; empty: all but [`UNASKED`].
    only: Vec<String>,
    ignored: Vec<String>,
}

impl Choice {
    /// All fields, or `only` these, but never those that are `ignored`; `extraction` stands for all of its members.
    #[must_use]
    pub fn new(only: Vec<String>, ignored: Vec<String>) -> Self {
        Self { only, ignored }
    }

    fn takes(&self, name: &str) -> bool {
        let holds = |field: &str| name == field || name.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'));
        let wanted = if self.only.is_empty() { !UNASKED.contains(&name) } else { self.only.iter().any(|field| holds(field)) };
        wanted && !self.ignored.iter().any(|field| holds(field))
    }
}

/// What changed in a field.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Change {
    /// One value for another.
    Value { old: Value, new: Value },
    /// Members of a list of texts.
    List { removed: Vec<Value>, added: Vec<Value> },
    /// The body.
    Body(Body),
    /// Blocks with the same text and another kind or level.
    Kinds { changed: Vec<Kind> },
    /// Captions.
    Captions(Captions),
    /// Notes.
    Notes(Texts),
}

/// Paragraphs by their index.
#[derive(Debug, Default, Serialize)]
pub(super) struct Body {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) removed: Vec<Paragraph>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) added: Vec<Paragraph>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reworded: Vec<Numbered>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) moved: Vec<Moved>,
}

#[derive(Debug, Serialize)]
pub(super) struct Paragraph {
    pub(super) block: usize,
    pub(super) text: String,
}

/// A paragraph that was reworded; its index in the new body.
#[derive(Debug, Serialize)]
pub(super) struct Numbered {
    pub(super) block: usize,
    #[serde(flatten)]
    pub(super) text: Reworded,
}

#[derive(Debug, Serialize)]
pub(super) struct Moved {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Kind {
    pub(super) block: usize,
    pub(super) text: String,
    pub(super) old: Value,
    pub(super) new: Value,
}

/// Objects with a text, as captions and notes are.
#[derive(Debug, Default, Serialize)]
pub(super) struct Texts {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) removed: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) added: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reworded: Vec<Reworded>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Captions {
    #[serde(flatten)]
    pub(super) texts: Texts,
    /// Another credit under the same text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) recredited: Vec<Detail>,
    /// Another picture, place or count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) changed: Vec<Detail>,
}

/// What changed of a caption whose text is the same.
#[derive(Debug, Serialize)]
pub(super) struct Detail {
    pub(super) text: String,
    pub(super) key: &'static str,
    pub(super) old: Value,
    pub(super) new: Value,
}

/// The fields in which two records differ, in the order of the new one.
pub(super) fn compare(old: &Map<String, Value>, new: &Map<String, Value>, choice: &Choice) -> Vec<(String, Change)> {
    let mut changes = Vec::new();
    // An answer of `extract` that is an error has no other fields.
    if old.contains_key("error") != new.contains_key("error") {
        let side = |record: &Map<String, Value>| record.get("error").cloned().unwrap_or(Value::Null);
        return vec![("error".to_owned(), Change::Value { old: side(old), new: side(new) })];
    }
    let bodies = Bodies::new(old, new);
    let keys = new.keys().chain(old.keys().filter(|key| !new.contains_key(*key)));
    for key in keys.filter(|key| *key != "id") {
        let (before, after) = (old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null));
        if before == after {
            continue;
        }
        let special = match (key.as_str(), before, after) {
            ("body", Value::String(_), Value::String(_)) => bodies.body().map(Change::Body),
            ("blocks", Value::Array(_), Value::Array(_)) => {
                // Blocks whose texts differ are told by the body.
                let changed = bodies.kinds();
                if !changed.is_empty() && choice.takes(key) {
                    changes.push((key.clone(), Change::Kinds { changed }));
                }
                continue;
            }
            ("captions", Value::Array(before), Value::Array(after)) => {
                let changed = captions(before, after, old.get("body") == new.get("body"));
                if !changed.is_empty() && choice.takes(key) {
                    changes.push((key.clone(), Change::Captions(changed)));
                }
                continue;
            }
            ("notes", Value::Array(before), Value::Array(after)) => Some(Change::Notes(notes(before, after))),
            _ => None,
        };
        match special {
            Some(change) if choice.takes(key) => changes.push((key.clone(), change)),
            Some(_) => {}
            None => plain(key, before, after, choice, &mut changes),
        }
    }
    changes
}

/// Values of any kind; objects member by member.
fn plain(name: &str, old: &Value, new: &Value, choice: &Choice, changes: &mut Vec<(String, Change)>) {
    if old == new {
        return;
    }
    if let (Value::Object(before), Value::Object(after)) = (old, new) {
        let keys = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
        for key in keys {
            let side = |object: &'_ Map<String, Value>| object.get(key).cloned().unwrap_or(Value::Null);
            plain(&format!("{name}.{key}"), &side(before), &side(after), choice, changes);
        }
        return;
    }
    if !choice.takes(name) {
        return;
    }
    let change = match (old, new) {
        (Value::Array(before), Value::Array(after)) => {
            let (removed, added) = (without(before, after), without(after, before));
            // Only the order differs.
            if removed.is_empty() && added.is_empty() { None } else { Some(Change::List { removed, added }) }
        }
        _ => None,
    };
    changes.push((name.to_owned(), change.unwrap_or_else(|| Change::Value { old: old.clone(), new: new.clone() })));
}

/// What of a list is not in the other; what stands there twice counts twice.
fn without(list: &[Value], other: &[Value]) -> Vec<Value> {
    let mut counts = std::collections::HashMap::<String, usize>::new();
    for value in other {
        *counts.entry(value.to_string()).or_default() += 1;
    }
    let is_left = |value: &&Value| match counts.get_mut(&value.to_string()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    list.iter().filter(is_left).cloned().collect()
}

fn text_of(value: &Value) -> &str {
    value.get("text").and_then(Value::as_str).unwrap_or_default()
}

/// The paragraphs of two records and what became of them.
struct Bodies<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
    kinds: [Vec<Value>; 2],
    alignment: Alignment,
}

impl<'a> Bodies<'a> {
    fn new(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> Self {
        let (old, before) = paragraphs(old);
        let (new, after) = paragraphs(new);
        let alignment = align(&old, &new);
        Self { old, new, kinds: [before, after], alignment }
    }

    /// How the bodies differ; `None` when their paragraphs don't show it.
    fn body(&self) -> Option<Body> {
        let Alignment { gone, new, moved, reworded, .. } = &self.alignment;
        let paragraph = |of: &[&str], at: &usize| Paragraph { block: *at, text: of[*at].to_owned() };
        let body = Body {
            removed: gone.iter().map(|at| paragraph(&self.old, at)).collect(),
            added: new.iter().map(|at| paragraph(&self.new, at)).collect(),
            reworded: reworded.iter().map(|(a, b)| Numbered { block: *b, text: Reworded::new(self.old[*a], self.new[*b]) }).collect(),
            moved: moved.iter().map(|(from, to)| Moved { from: *from, to: *to, text: self.new[*to].to_owned() }).collect(),
        };
        let shows = [body.removed.len(), body.added.len(), body.reworded.len(), body.moved.len()].iter().any(|count| *count > 0);
        shows.then_some(body)
    }

    /// Paragraphs that stand in both under another kind.
    fn kinds(&self) -> Vec<Kind> {
        let [before, after] = &self.kinds;
        let kind = |(a, b): &(usize, usize)| {
            let (old, new) = (before.get(*a)?, after.get(*b)?);
            (old != new).then(|| Kind { block: *b, text: self.new[*b].to_owned(), old: old.clone(), new: new.clone() })
        };
        self.alignment.kept.iter().chain(&self.alignment.moved).filter_map(kind).collect()
    }
}

/// The texts of a record's blocks and what they are; without blocks, the paragraphs of its body.
fn paragraphs(record: &Map<String, Value>) -> (Vec<&str>, Vec<Value>) {
    let blocks = record.get("blocks").and_then(Value::as_array).filter(|blocks| !blocks.is_empty());
    if let Some(blocks) = blocks {
        let kind = |block: &Value| match (&block["kind"], &block["level"]) {
            (Value::String(kind), Value::Number(level)) => Value::from(format!("{kind} {level}")),
            (kind, _) => kind.clone(),
        };
        return (blocks.iter().map(text_of).collect(), blocks.iter().map(kind).collect());
    }
    let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
    (body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).collect(), Vec::new())
}

impl Texts {
    /// What is left of two lists once these pairs are taken for one text, reworded.
    fn new(gone: &[&Value], added: &[&Value], pairs: &[(usize, usize)]) -> Self {
        Self {
            removed: left(gone, |at| pairs.iter().any(|(a, _)| *a == at)),
            added: left(added, |at| pairs.iter().any(|(_, b)| *b == at)),
            reworded: pairs.iter().map(|(a, b)| Reworded::new(text_of(gone[*a]), text_of(added[*b]))).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.reworded.is_empty()
    }
}

impl Captions {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.recredited.is_empty() && self.changed.is_empty()
    }
}

fn captions<'a>(old: &'a [Value], new: &'a [Value], same_body: bool) -> Captions {
    let mut changes = Captions::default();
    let (mut gone, mut added): (Vec<&'a Value>, Vec<&'a Value>) = (old.iter().collect(), Vec::new());
    for caption in new {
        let Some(at) = gone.iter().position(|other| text_of(other) == text_of(caption)) else {
            added.push(caption);
            continue;
        };
        changes.detail(gone.remove(at), caption, same_body);
    }
    // A picture with another text under it, or a text with some words changed.
    let image = |caption: &Value| caption.get("image").and_then(Value::as_str).map(str::to_owned);
    let mut under_pictures = Vec::new();
    added.retain(|caption| {
        let same = gone.iter().position(|other| image(other).is_some() && image(other) == image(caption));
        same.map(|at| under_pictures.push((gone.remove(at), *caption))).is_none()
    });
    let pairs = pairs(&gone, &added);
    changes.texts = Texts::new(&gone, &added, &pairs);
    drop(changes.texts.reworded.splice(0..0, under_pictures.iter().map(|(old, new)| Reworded::new(text_of(old), text_of(new)))));
    for (old, new) in under_pictures.into_iter().chain(pairs.iter().map(|(a, b)| (gone[*a], added[*b]))) {
        changes.detail(old, new, same_body);
    }
    changes
}

/// Those of two lists that are one text, reworded.
fn pairs(gone: &[&Value], added: &[&Value]) -> Vec<(usize, usize)> {
    reworded(&texts_of(gone), &texts_of(added))
}

fn texts_of<'a>(list: &[&'a Value]) -> Vec<&'a str> {
    list.iter().map(|value| text_of(value)).collect()
}

/// Those of a list that no pair has taken.
fn left(list: &[&Value], is_taken: impl Fn(usize) -> bool) -> Vec<Value> {
    list.iter().enumerate().filter(|(at, _)| !is_taken(*at)).map(|(_, value)| (*value).clone()).collect()
}

impl Captions {
    /// What else changed of a caption. Its place counts only where the body is the same: else it moves with the text.
    fn detail(&mut self, old: &Value, new: &Value, same_body: bool) {
        for key in ["credit", "image", "block", "occurrences"] {
            if old.get(key) == new.get(key) || (key == "block" && !same_body) {
                continue;
            }
            let side = |caption: &Value| caption.get(key).cloned().unwrap_or(Value::Null);
            let detail = Detail { text: text_of(new).to_owned(), key, old: side(old), new: side(new) };
            if key == "credit" { self.recredited.push(detail) } else { self.changed.push(detail) }
        }
    }
}

fn notes(old: &[Value], new: &[Value]) -> Texts {
    let (gone, added) = (without(old, new), without(new, old));
    let (gone, added): (Vec<&Value>, Vec<&Value>) = (gone.iter().collect(), added.iter().collect());
    Texts::new(&gone, &added, &pairs(&gone, &added))
}

/// A record's name in the output: `id`, `url`, `revision`.
pub(super) fn name(record: &Map<String, Value>) -> Map<String, Value> {
    let named = ["id", "url", "revision"].map(|key| (key.to_owned(), record.get(key).cloned().unwrap_or(json!(null))));
    named.into_iter().collect()
}
