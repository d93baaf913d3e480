//! Names behind a label, wherever they stand: "Author: …", `<dt>Text</dt><dd>…</dd>`.
//!
//! For pages that name nobody around the headline.

use super::super::dom::{Dom, NodeId};
use super::super::marked::{around, stands_elsewhere};
use super::names::{is_strictly_name, names, unique};
use crate::text;

/// Text nodes that are looked at.
const MAX_NODES: usize = 100_000;
/// Longest text of a label with the name behind it, in bytes.
const MAX_BYTES: usize = 160;
/// More names than this belong to a list of articles, not to one.
const MAX_NAMES: usize = 6;
/// Elements around the label in which the name must stand.
const LEVELS: usize = 3;

/// Labels, in lower case. Those of the first row stand for themselves, the others need a colon.
const ALONE: [&str; 14] = [
    "autorin/autor",
    "autor/autorin",
    "autor/in",
    "autor*in",
    "autor:in",
    "author",
    "autor",
    "autorin",
    "auteur",
    "autore",
    "автор",
    "作者",
    "yazar",
    "written by",
];
const WITH_COLON: [&str; 14] = [
    "authors",
    "autoren",
    "auteurs",
    "autores",
    "text",
    "texte",
    "texto",
    "words",
    "tekst",
    "by",
    "von",
    "verfasser",
    "责任编辑",
    "責任編輯",
];

/// The names behind labels, where the page has one such line.
pub(super) fn labelled(dom: &Dom, title: Option<NodeId>) -> Vec<String> {
    let mut found = Vec::new();
    let around_title = around(dom, title);
    let texts = dom.in_order().iter().filter_map(|&id| Some((id, dom.text_of(id)?)));
    for (id, raw) in texts.take(MAX_NODES) {
        if raw.len() > MAX_BYTES || !may_begin_label(raw) || dom.parent(id).is_some_and(|parent| dom.tag(parent).is_muted()) {
            continue;
        }
        let line = text::clean(raw);
        let Some(behind) = behind_label(&line) else { continue };
        if stands_elsewhere(dom, id, &around_title) {
            continue;
        }
        let behind = if behind.is_empty() { next_text(dom, id).unwrap_or_default() } else { behind.to_owned() };
        let behind = names(&behind);
        if !behind.is_empty() && behind.iter().all(|name| is_strictly_name(name)) {
            found.extend(behind);
        }
    }
    let found = unique(found.into_iter());
    if found.len() > MAX_NAMES { Vec::new() } else { found }
}

/// Characters of the longest label.
const MAX_LABEL: usize = 16;

/// Whether any label begins as a text does: of most texts none does.
fn may_begin_label(raw: &str) -> bool {
    let may = match raw.trim_start().bytes().next() {
        Some(first) if first.is_ascii_graphic() => matches!(first.to_ascii_lowercase(), b'a' | b'b' | b't' | b'v' | b'w' | b'y'),
        Some(_) => true,
        None => false,
    };
    may && (!raw.is_ascii() || text::printed_count(raw.split_once(':').map_or(raw, |(label, _)| label)) <= MAX_LABEL)
}

/// What stands behind a label in the same text; empty where the label is all.
fn behind_label(line: &str) -> Option<&str> {
    let (label, behind, colon) = match line.split_once([':', '：']) {
        // "Autor:in".
        Some((_, behind)) if behind.starts_with("in") => (line, "", false),
        Some((label, behind)) => (label, behind.trim(), true),
        None => (line, "", false),
    };
    let label = label.trim();
    if label.chars().nth(MAX_LABEL).is_some() {
        return None;
    }
    let label = label.to_lowercase();
    (ALONE.contains(&label.as_str()) || colon && WITH_COLON.contains(&label.as_str())).then_some(behind)
}

/// The next text within the elements close around a label.
fn next_text(dom: &Dom, label: NodeId) -> Option<String> {
    let within = dom.ancestors(label).skip(1).take(LEVELS).last()?;
    let mut at = dom.next_in(label, within);
    for _ in 0..40 {
        let id = at?;
        if let Some(raw) = dom.text_of(id).filter(|raw| raw.chars().any(char::is_alphabetic)) {
            return Some(text::clean(raw)).filter(|line| line.len() <= MAX_BYTES);
        }
        at = if dom.tag(id).is_muted() { dom.next_outside(id, within) } else { dom.next_in(id, within) };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> Vec<String> {
        labelled(&Dom::parse(html), None)
    }

    #[test]
    fn names_behind_labels() {
        for html in [
            "<p>Text</p><ul><li><strong>Datum</strong> 3.5.2024</li><li><strong>Autorin/Autor</strong> Ana Ruiz</li></ul>",
            "<div><p>Auteur : Ana Ruiz</p><p>Edition : T. W.</p></div>",
            "<p><span>Author:</span> <a href=/a>Ana Ruiz</a>, Date: 3 May</p>",
            "<dl><dt>Autor:</dt><dd>Ana Ruiz<br>Quelle: Post</dd></dl>",
            "<p><strong>Words:</strong> Ana Ruiz <strong>Photos:</strong> Tom Weller</p>",
        ] {
            assert_eq!(of(html), ["Ana Ruiz"], "{html}");
        }
        assert_eq!(of("<p>责任编辑：何青</p>"), ["何青"]);
    }

    #[test]
    fn other_lines_and_lists_are_not_taken() {
        for html in [
            "<p>Author</p><p>Search the archive of this paper</p>",
            "<p>Text: all rights reserved by the publisher</p>",
            "<p>By</p><p>Ana Ruiz</p>",
            "<div class=comments><p>Author: Ana Ruiz</p></div>",
        ] {
            assert!(of(html).is_empty(), "{html}");
        }
        let list = ["Ann", "Ben", "Cas", "Dot", "Eve", "Fay", "Gus"].map(|name| format!("<p>Author: {name} Weller</p>"));
        assert!(of(&list.concat()).is_empty());
    }
}
