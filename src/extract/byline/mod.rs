//! Who wrote it.
//!
//! In: declarations and the segments around the headline. Out: the byline as printed, without "By", and the
//! authors, one person or organisation each: no titles, no "and", no addresses, no dates.

mod marked;
mod names;
mod printed;
mod words;

use serde_json::Value;

use super::blocks::Segment;
use super::dom::Dom;
use super::metadata::{Metadata, text_of};
use crate::text;
use marked::marked;
use names::unique;
pub(crate) use names::{declared_names, looks_like_names, names, strip_by};
use printed::printed;
pub(crate) use printed::tidy;

/// What is known of the authors.
#[derive(Debug, Default)]
pub(crate) struct Byline {
    pub(crate) printed: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) source: &'static str,
    /// The segment that prints it.
    pub(crate) segment: Option<usize>,
}

/// Authors kept of one page.
const MAX_AUTHORS: usize = 1000;

/// Finds byline and authors.
pub(crate) fn find(
    dom: &Dom,
    metadata: &Metadata,
    segments: &[Segment],
    head: std::ops::Range<usize>,
    title: Option<usize>,
    site: Option<&str>,
) -> Byline {
    let printed = printed(dom, segments, head, title);
    let mut declared = declared(metadata, dom);
    for names in &mut declared {
        names.0.retain(|n| site.is_none_or(|s| !text::comparison_key(n).eq(&text::comparison_key(s))) || names.1 == "json-ld");
    }
    let mut from_print: Vec<String> = printed.as_ref().map(|(_, raw)| names(raw)).unwrap_or_default();
    let site_key = site.map(text::comparison_key).unwrap_or_default();
    let is_site = |n: &String| !site_key.is_empty() && text::comparison_key(n) == site_key || is_domain(n);
    let chosen = declared.iter().find(|(names, _)| !names.is_empty() && !names.iter().all(is_site)).cloned();
    if chosen.is_none() && from_print.is_empty() {
        from_print = marked(dom, title.and_then(|at| segments.get(at)).map(|s| s.nodes.0));
        // Where the site names itself, a nickname is no better.
        let named = declared.iter().any(|(names, _)| !names.is_empty());
        from_print.retain(|name| !named || looks_like_names(name));
    }
    let (authors, source) = match chosen {
        Some((names, source)) => (names, source),
        None if !from_print.is_empty() => (from_print, "byline"),
        None => declared.into_iter().find(|(names, _)| !names.is_empty()).unwrap_or_default(),
    };
    let line = printed.filter(|(_, raw)| authors.is_empty() || authors.iter().any(|a| raw.to_lowercase().contains(&a.to_lowercase())));
    let segment = line.as_ref().map(|(at, _)| *at);
    let somewhere = |name: &String| segments.iter().any(|s| s.chars <= 200 && s.text.contains(name.as_str()));
    let printed = line.map(|(_, raw)| raw).or_else(|| authors.iter().any(somewhere).then(|| authors.join(", ")));
    Byline { printed, authors, source, segment }
}

/// "news.example": no person.
fn is_domain(name: &str) -> bool {
    !name.contains(char::is_whitespace)
        && name.rsplit_once('.').is_some_and(|(_, end)| (2..=4).contains(&end.len()) && end.chars().all(|c| c.is_ascii_lowercase()))
}

/// Names by source, most trusted first.
fn declared(metadata: &Metadata, dom: &Dom) -> Vec<(Vec<String>, &'static str)> {
    let mut out = Vec::new();
    if let Some(article) = metadata.json_ld.article() {
        let mut list = Vec::new();
        let values = ["author", "creator"].iter().find_map(|k| article.get(*k));
        let values = match values {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for value in values.iter().take(MAX_AUTHORS) {
            let name = match value {
                Value::Object(object) => {
                    let object = metadata.json_ld.resolve(object);
                    match object.get("name") {
                        Some(Value::Array(several)) => {
                            list.extend(several.iter().filter_map(text_of));
                            None
                        }
                        Some(name) => text_of(name),
                        None => None,
                    }
                }
                other => text_of(other),
            };
            list.extend(name);
        }
        out.push((unique(list.iter().flat_map(|n| declared_names(n))), "json-ld"));
    }
    for key in [
        "author",
        "article:author",
        "byl",
        "byline",
        "sailthru.author",
        "parsely-author",
        "dc.creator",
        "dcterms.creator",
        "dc.contributor",
        "citation_author",
        "authors",
        "twitter:creator",
    ] {
        out.push((unique(metadata.all(key).flat_map(declared_names)), "meta"));
    }
    out.push((unique(labelled(metadata).flat_map(declared_names)), "meta"));
    let microdata: Vec<String> = metadata
        .microdata
        .iter()
        .filter(|(name, _)| name == "author")
        .filter_map(|&(_, id)| {
            let inner =
                dom.descendants(id).take(60).find(|&d| dom.attr(d, "itemprop").is_some_and(|p| p.split_whitespace().any(|w| w == "name")));
            inner.map(|d| dom.attr(d, "content").map_or_else(|| dom.text(d, 300), str::to_owned)).or_else(|| Some(dom.text(id, 300)))
        })
        .collect();
    out.push((unique(microdata.iter().flat_map(|n| names(n))), "microdata"));
    out
}

/// Values of `twitter:data1` and the like whose label says "written by".
fn labelled(metadata: &Metadata) -> impl Iterator<Item = &str> {
    const WRITTEN_BY: [&str; 12] = [
        "written by",
        "verfasst von",
        "geschrieben von",
        "écrit par",
        "escrito por",
        "scritto da",
        "geschreven door",
        "skrevet av",
        "skrivet av",
        "author",
        "autor",
        "by",
    ];
    [("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")].into_iter().filter_map(|(label, data)| {
        let is = metadata.first(&[label]).is_some_and(|label| WRITTEN_BY.contains(&label.trim().to_lowercase().as_str()));
        metadata.first(&[data]).filter(|_| is)
    })
}
