//! The right side: the record, field by field, each with its source and with links to where it stands on the page.

use std::collections::BTreeMap;
use std::fmt::Display;

use maud::{Markup, html};

use super::names;
use super::{CHUNK, Inspection, address};
use crate::article::{Article, Block, Caption, Note};
use crate::extract::{Explained, Part};
use crate::text;

/// The record, or a word of there being none.
pub(super) fn record(inspection: &Inspection<'_>) -> Markup {
    html! {
        section.record id="record" tabindex="-1" aria-labelledby="record-name" {
            h2 id="record-name" { "The record" }
            @match inspection.article {
                Err(_) => { p.empty { "There is none: see above." } }
                Ok(article) => { (fields(article, inspection.blocks)) }
            }
        }
    }
}

fn fields(article: &Article, blocks: &[Explained]) -> Markup {
    let row = Row::new(article, blocks);
    let language = article.language.as_deref();
    html! {
        dl.fields {
            (row.field("title", Some(Part::Title), words(article.title.as_deref(), language)))
            (row.field("subtitle", Some(Part::Subtitle), words(article.subtitle.as_deref(), language)))
            (row.field("byline", Some(Part::Byline), words(article.byline.as_deref(), language)))
            (row.field("authors", None, list(&article.authors)))
            (row.field("published", None, words(article.published.as_deref(), None)))
            (row.field("modified", None, words(article.modified.as_deref(), None)))
            (row.field("language", None, words(language, None)))
            (row.field("site", None, words(article.site.as_deref(), None)))
            (row.field("section", None, words(article.section.as_deref(), None)))
            (row.field("tags", None, list(&article.tags)))
            (row.field("lead_image", None, link(article.lead_image.as_deref())))
            (row.group("captions", article.captions.iter().enumerate().map(|(at, c)| row.part(Part::Caption(at), &caption(c, language)))))
            (row.group("notes", article.notes.iter().enumerate().map(|(at, n)| row.part(Part::Note(at), &note(n, language)))))
            (row.group("body", article.blocks.iter().enumerate().map(|(at, b)| row.part(Part::Block(at), &body(b, language)))))
            (row.field("access", None, Some(access(article))))
            (row.field("rights", None, rights(article)))
            (row.field("url", None, link(article.url.as_deref())))
            (row.field("canonical_url", None, link(article.canonical_url.as_deref())))
            (row.field("id", None, words(Some(&article.id.to_string()), None)))
            (row.field("content_hash", None, words(Some(&article.content_hash), None)))
            (row.field("version", None, words(Some(&article.extraction.version), None)))
        }
    }
}

/// What every field is shown with.
struct Row<'a> {
    article: &'a Article,
    /// The blocks that each part stands in, its own first.
    places: BTreeMap<Part, Vec<usize>>,
}

impl<'a> Row<'a> {
    fn new(article: &'a Article, blocks: &[Explained]) -> Self {
        let mut places: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
        for (at, block) in blocks.iter().enumerate() {
            if let Some(part) = block.part {
                places.entry(part).or_default().push(at);
            }
        }
        for at in places.values_mut() {
            at.sort_by_key(|at| blocks[*at].decision);
        }
        Self { article, places }
    }

    fn field(&self, name: &str, part: Option<Part>, value: Option<Markup>) -> Markup {
        let id = format!("r-{}", part.map_or_else(|| name.to_owned(), names::part));
        let at = part.map(|part| self.places(part)).unwrap_or_default();
        let empty = value.is_none();
        html! {
            div.f.part id=(id) tabindex="0" data-at=[joined(at)] {
                dt { (name) }
                dd {
                    @if let Some(value) = value { (value) } @else { span.null { "none" } }
                    @if !empty { (self.source(name)) (links(at)) }
                }
            }
        }
    }

    /// A list, each entry of which is a part by itself.
    fn group(&self, name: &str, parts: impl Iterator<Item = Markup>) -> Markup {
        let parts: Vec<Markup> = parts.collect();
        let count = parts.len();
        html! {
            div.f.group[count > 0] {
                dt { (name) @if count > 0 { span.count { (count) } } }
                dd {
                    @if count == 0 { span.null { "none" } } @else { (self.source(name)) @for chunk in parts.chunks(CHUNK) { ol.chunk[count > CHUNK] { @for part in chunk { (part) } } } }
                }
            }
        }
    }

    fn part(&self, part: Part, value: &Markup) -> Markup {
        let at = self.places(part);
        html! {
            li.part id=(format!("r-{}", names::part(part))) tabindex="0" data-at=[joined(at)] { (value) (links(at)) }
        }
    }

    /// Where a field came from, as the record says it and in words.
    fn source(&self, name: &str) -> Markup {
        let key = if name == "byline" { "authors" } else { name };
        html! {
            @if let Some(source) = self.article.extraction.sources.get(key) {
                p.source { "from " code { (text::clean(source)) } @if let Some(words) = names::source(source) { ": " (words) } }
            }
        }
    }

    fn places(&self, part: Part) -> &[usize] {
        self.places.get(&part).map_or(&[], Vec::as_slice)
    }
}

fn joined(at: &[usize]) -> Option<String> {
    (!at.is_empty()).then(|| at.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// Links to blocks of the page; of many, the first.
fn links(at: &[usize]) -> Markup {
    html! {
        @if !at.is_empty() {
            p.at {
                @for (number, at) in at.iter().take(6).enumerate() {
                    @if number > 0 { ", " }
                    a href=(format!("#s-{at}")) { "block " (at + 1) }
                }
                @if at.len() > 6 { " and " (at.len() - 6) " more" }
            }
        }
    }
}

fn words(value: Option<&str>, language: Option<&str>) -> Option<Markup> {
    value.map(|value| html! { span.value dir="auto" lang=[language] { (text::clean(value)) } })
}

fn list(values: &[impl Display]) -> Option<Markup> {
    (!values.is_empty()).then(|| html! { ul.values { @for value in values { li dir="auto" { (text::clean(&value.to_string())) } } } })
}

fn link(value: Option<&str>) -> Option<Markup> {
    value.map(address)
}

fn body(block: &Block, language: Option<&str>) -> Markup {
    let kind = names::kind_of(block.kind);
    html! {
        @if kind != "Paragraph" { span.kind { (kind) @if let Some(level) = block.level { " " (level) } } }
        p.text.heading[block.level.is_some()] dir="auto" lang=[language] { (text::clean(&block.text)) }
    }
}

fn caption(caption: &Caption, language: Option<&str>) -> Markup {
    html! {
        p.text dir="auto" lang=[language] { (text::clean(&caption.text)) }
        p.more {
            @if let Some(credit) = &caption.credit { "credit: " span dir="auto" { (text::clean(credit)) } "; " }
            "printed " (caption.occurrences) "×, before block " (caption.block + 1) " of the body"
        }
        @if let Some(image) = &caption.image { p.more { (address(image)) } }
    }
}

fn note(note: &Note, language: Option<&str>) -> Markup {
    html! {
        span.kind { (names::note(note.kind)) }
        p.text dir="auto" lang=[language] { (text::clean(&note.text)) }
    }
}

fn access(article: &Article) -> Markup {
    let paywalled = match article.access.paywalled {
        Some(true) => "behind a paywall",
        Some(false) => "free to read",
        None => "the page says nothing of a paywall",
    };
    let truncated = if article.access.truncated { "; the text is cut short" } else { "" };
    html! { span.value { (paywalled) (truncated) } }
}

fn rights(article: &Article) -> Option<Markup> {
    let rights = &article.rights;
    let said = [
        ("robots", Some(rights.robots.join(", ")).filter(|robots| !robots.is_empty())),
        ("content signal", rights.content_signal.clone()),
        ("TDM reservation", rights.tdm_reservation.clone()),
    ];
    let said: Vec<(&str, String)> = said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    (!said.is_empty() || rights.license.is_some()).then(|| {
        html! {
            ul.values {
                @for (name, value) in said { li { (name) ": " (text::clean(&value)) } }
                @if let Some(license) = &rights.license { li { "licence: " (address(license)) } }
            }
        }
    })
}
