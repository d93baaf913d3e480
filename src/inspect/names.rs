//! Names of decisions, kinds and sources, for people and for the style.

use crate::article::{BlockKind, NoteKind, PageKind};
use crate::extract::{Decision, Explained, Part};

/// The class that gives a decision its colour.
pub(super) fn class(decision: Decision) -> &'static str {
    match decision {
        Decision::Title => "title",
        Decision::Standfirst => "standfirst",
        Decision::Byline => "byline",
        Decision::Date => "date",
        Decision::Body => "body",
        Decision::Caption => "caption",
        Decision::CaptionCopy => "copy",
        Decision::Note => "note",
        Decision::Cleaned => "cleaned",
        Decision::Removed => "removed",
        Decision::LeftOut => "left",
    }
}

pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Title => "Headline",
        Decision::Standfirst => "Standfirst",
        Decision::Byline => "Byline",
        Decision::Date => "Date",
        Decision::Body => "Body",
        Decision::Caption => "Caption",
        Decision::CaptionCopy => "Caption again",
        Decision::Note => "Note",
        Decision::Cleaned => "Cleaned away",
        Decision::Removed => "Removed by rule",
        Decision::LeftOut => "Left out",
    }
}

/// What a block is called: of the body, its kind.
pub(super) fn block(block: &Explained) -> &'static str {
    match (block.decision, block.kind) {
        (Decision::Body, kind) => kind_of(kind),
        (other, _) => decision(other),
    }
}

pub(super) fn kind_of(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Paragraph => "Paragraph",
        BlockKind::Heading => "Heading",
        BlockKind::Quote => "Quote",
        BlockKind::ListItem => "List item",
        BlockKind::Table => "Table row",
        BlockKind::Code => "Code",
    }
}

pub(super) fn note(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Editor => "Editor's note",
        NoteKind::Correction => "Correction",
        NoteKind::Update => "Update",
        NoteKind::Disclaimer => "Disclaimer",
    }
}

pub(super) fn page_kind(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Article => "article",
        PageKind::Live => "live blog",
        PageKind::Gallery => "gallery",
        PageKind::Video => "video",
        PageKind::Index => "index page",
        PageKind::Other => "other",
    }
}

/// A part of the record by the end of its id.
pub(super) fn part(part: Part) -> String {
    match part {
        Part::Title => "title".to_owned(),
        Part::Subtitle => "subtitle".to_owned(),
        Part::Byline => "byline".to_owned(),
        Part::Block(at) => format!("block-{at}"),
        Part::Caption(at) => format!("caption-{at}"),
        Part::Note(at) => format!("note-{at}"),
    }
}

/// A part of the record for people, counted from 1.
pub(super) fn part_in_words(part: Part) -> String {
    match part {
        Part::Title => "title".to_owned(),
        Part::Subtitle => "subtitle".to_owned(),
        Part::Byline => "byline".to_owned(),
        Part::Block(at) => format!("body {}", at + 1),
        Part::Caption(at) => format!("caption {}", at + 1),
        Part::Note(at) => format!("note {}", at + 1),
    }
}

/// What a source of `extraction.sources` is.
pub(super) fn source(source: &str) -> Option<&'static str> {
    Some(match source {
        "h1" => "a heading on the page",
        "json-ld" => "declared in the page's JSON-LD",
        "og" => "declared in a <meta property=\"og:…\">",
        "meta" => "declared in a <meta>",
        "microdata" => "marked by itemprop",
        "html" => "declared in <html lang>",
        "title" => "the <title>",
        "text" => "printed on the page",
        "time" => "a <time> element",
        "url" => "the address of the page",
        "byline" => "the printed byline",
        "rel" => "a link marked rel=author",
        "caption" => "the picture of the first caption",
        "breadcrumb" => "the breadcrumb trail",
        "dateline" => "the line with the date",
        "logo" => "the text of the logo",
        "site-rule" => "a rule of [[site]]",
        "model" => "blocks chosen by the model",
        "fallback" => "what is left of running text, as the model found no article",
        "page-json" => "the page's own JSON state",
        _ => return None,
    })
}
