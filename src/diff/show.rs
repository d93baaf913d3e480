//! What is said of records that differ.
//!
//! In: two records, or one that only one file has. Out: lines for people, or an object for programs, and what they count
//! for. Never: a control character of a record on somebody's terminal.

use serde_json::{Map, Value};

use super::fields::{Body, Captions, Change, Kind, Texts, compare, name};
use super::texts::{Edit, Reworded, edits};
use super::{Form, Settings, Tally};
use crate::text;

/// Characters of a text that people are shown.
const SHOWN_CHARS: usize = 160;

/// What is said of some records.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) bytes: Vec<u8>,
    pub(super) tally: Tally,
}

impl Told {
    /// A record that is the same in both files.
    pub(super) fn equal(&mut self) {
        self.tally.compared += 1;
        self.tally.equal += 1;
    }

    /// A record that both files have.
    pub(super) fn pair(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, settings: &Settings) {
        let changes = compare(old, new, &settings.choice);
        if changes.is_empty() {
            return self.equal();
        }
        self.tally.compared += 1;
        for (field, _) in &changes {
            *self.tally.fields.entry(field.clone()).or_default() += 1;
        }
        match settings.form {
            Form::Jsonl => {
                let fields: Map<String, Value> =
                    changes.iter().map(|(field, change)| (field.clone(), serde_json::to_value(change).unwrap_or_default())).collect();
                let mut object = name(new);
                object.insert("fields".to_owned(), fields.into());
                self.object(object);
            }
            Form::Text => {
                let fields: Vec<&str> = changes.iter().map(|(field, _)| field.as_str()).collect();
                self.line(&format!("~ {}: {}", headed(new), fields.join(", ")));
                for (field, change) in &changes {
                    self.change(field, change);
                }
            }
        }
    }

    /// A record that only the old or the new file has.
    pub(super) fn only(&mut self, record: &Map<String, Value>, side: &str, form: Form) {
        let count = if side == "old" { &mut self.tally.only_old } else { &mut self.tally.only_new };
        *count += 1;
        match form {
            Form::Jsonl => {
                let mut object = name(record);
                object.insert("only_in".to_owned(), side.into());
                self.object(object);
            }
            Form::Text => {
                let mark = if side == "old" { '-' } else { '+' };
                self.line(&format!(
                    "{mark} {}: only in the {side} file: {}",
                    headed(record),
                    value(record.get("title").unwrap_or(&Value::Null))
                ));
            }
        }
    }

    fn object(&mut self, object: Map<String, Value>) {
        self.bytes.extend_from_slice(Value::from(object).to_string().as_bytes());
        self.bytes.push(b'\n');
    }

    fn line(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
    }

    fn change(&mut self, field: &str, change: &Change) {
        match change {
            Change::Value { old: Value::String(old), new: Value::String(new) } if shown(old) == shown(new) => {
                // What differs stands behind what is shown.
                self.line(&format!("    {field}:"));
                for edit in edits(old, new) {
                    self.line(&format!("      ~ {}", one_edit(&edit)));
                }
            }
            Change::Value { old, new } => self.line(&format!("    {field}: {} → {}", value(old), value(new))),
            Change::List { removed, added } => {
                let marked = |mark: char, values: &[Value]| values.iter().map(|v| format!("{mark}{}", value(v))).collect::<Vec<_>>();
                self.line(&format!("    {field}: {}", [marked('-', removed), marked('+', added)].concat().join(", ")));
            }
            Change::Body(body) => self.body(field, body),
            Change::Kinds { changed } => changed.iter().for_each(|kind| self.kind(field, kind)),
            Change::Captions(captions) => self.captions(field, captions),
            Change::Notes(notes) => self.notes(field, notes),
        }
    }

    fn body(&mut self, field: &str, body: &Body) {
        let counts = [
            (body.removed.len(), "taken out"),
            (body.added.len(), "put in"),
            (body.reworded.len(), "reworded"),
            (body.moved.len(), "moved"),
        ];
        self.counts(field, "paragraph", &counts);
        body.removed.iter().for_each(|p| self.line(&format!("      - [{}] {}", p.block, shown(&p.text))));
        body.added.iter().for_each(|p| self.line(&format!("      + [{}] {}", p.block, shown(&p.text))));
        body.reworded.iter().for_each(|p| self.reworded(&format!("[{}] ", p.block), &p.text));
        body.moved.iter().for_each(|p| self.line(&format!("      > [{} → {}] {}", p.from, p.to, shown(&p.text))));
    }

    fn kind(&mut self, field: &str, kind: &Kind) {
        self.line(&format!("    {field}: [{}] {} → {}: {}", kind.block, value(&kind.old), value(&kind.new), shown(&kind.text)));
    }

    fn captions(&mut self, field: &str, captions: &Captions) {
        let own = [(captions.recredited.len(), "recredited"), (captions.changed.len(), "with another picture, place or count")];
        self.texts((field, "caption"), &captions.texts, &own, captioned);
        for detail in captions.recredited.iter().chain(&captions.changed) {
            self.line(&format!("      ~ {}: {}: {} → {}", shown(&detail.text), detail.key, value(&detail.old), value(&detail.new)));
        }
    }

    fn notes(&mut self, field: &str, notes: &Texts) {
        self.texts((field, "note"), notes, &[], |note| format!("{}: {}", value(&note["kind"]), value(&note["text"])));
    }

    fn texts(&mut self, (field, unit): (&str, &str), texts: &Texts, more: &[(usize, &str)], one: impl Fn(&Value) -> String) {
        let counts = [(texts.removed.len(), "removed"), (texts.added.len(), "added"), (texts.reworded.len(), "reworded")];
        self.counts(field, unit, &[&counts, more].concat());
        texts.removed.iter().for_each(|text| self.line(&format!("      - {}", one(text))));
        texts.added.iter().for_each(|text| self.line(&format!("      + {}", one(text))));
        texts.reworded.iter().for_each(|text| self.reworded("", text));
    }

    fn reworded(&mut self, place: &str, reworded: &Reworded) {
        let edits: Vec<String> = reworded.words.iter().map(one_edit).collect();
        self.line(&format!("      ~ {place}{}", edits.join(" | ")));
    }

    /// "body: 2 paragraphs taken out, 1 reworded".
    fn counts(&mut self, field: &str, unit: &str, counts: &[(usize, &str)]) {
        let mut said: Vec<String> = Vec::new();
        for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
            let unit = match (said.is_empty(), *count) {
                (true, 1) => format!(" {unit}"),
                (true, _) => format!(" {unit}s"),
                (false, _) => String::new(),
            };
            said.push(format!("{count}{unit} {what}"));
        }
        self.line(&format!("    {field}: {}", said.join(", ")));
    }
}

/// "… the bridge will [-close-] {+reopen+} on Monday for …"
fn one_edit(edit: &Edit) -> String {
    let old = (!edit.old.is_empty()).then(|| format!("[-{}-]", shown(&edit.old)));
    let new = (!edit.new.is_empty()).then(|| format!("{{+{}+}}", shown(&edit.new)));
    let context = |words: &str| (!words.is_empty()).then(|| shown(words));
    let parts = [context(&edit.before), old, new, context(&edit.after)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A caption with its credit.
fn captioned(caption: &Value) -> String {
    let credit = caption["credit"].as_str().map(|credit| format!(" ({})", shown(credit))).unwrap_or_default();
    format!("{}{credit}", value(&caption["text"]))
}

/// What a record is called: its `id`, its revision where there were others before, its address.
fn headed(record: &Map<String, Value>) -> String {
    let of = |key: &str| record.get(key).unwrap_or(&Value::Null);
    let revision = of("revision").as_u64().filter(|n| *n > 1).map(|n| format!(" revision {n}")).unwrap_or_default();
    let url = of("url").as_str().map(|url| format!(" {}", shown(url))).unwrap_or_default();
    format!("{}{revision}{url}", value(of("id")))
}

/// A value on one line.
fn value(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => shown(text),
        other => shown(&other.to_string()),
    }
}

/// A text on one line, cut where it gets long.
fn shown(text: &str) -> String {
    let clean = text::clean(text);
    match clean.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}
