//! Who wrote it.
//!
//! In: declarations and the segments around the headline. Out: the byline as printed, without "By", and the
//! authors, one person or organisation each: no titles, no "and", no addresses, no dates.

mod labelled;
mod marked;
mod names;
mod printed;
mod publication;
mod signature;
mod words;

use serde_json::{Map, Value};
use url::Url;

use super::blocks::Segment;
use super::dom::{Dom, NodeId};
use super::metadata::{Metadata, text_of};
use super::names::known;
use super::tag::Tag;
use crate::text;
use labelled::labelled;
use marked::{is_no_name, marked};
use names::{after_by, is_person, is_strictly_name, unique};
pub(crate) use names::{declared_names, looks_like_names, names, strip_by};
use printed::printed;
pub(crate) use printed::tidy;
use publication::Publication;
use signature::signature;

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

/// Where on the page the article stands, and whose page it is.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// Segments around the headline.
    pub(crate) head: std::ops::Range<usize>,
    /// The headline's segment.
    pub(crate) title: Option<usize>,
    /// Segments of the body, as first guessed.
    pub(crate) body: &'a [bool],
    /// The publication.
    pub(crate) site: Option<&'a str>,
    /// The page's address.
    pub(crate) url: Option<&'a Url>,
}

/// Finds byline and authors.
pub(crate) fn find(dom: &Dom, metadata: &Metadata, segments: &[Segment], place: &Place) -> Byline {
    let publication = Publication::new(metadata, place.site, place.url);
    let printed = printed(dom, segments, place.head.clone(), place.title);
    let declared = declared(metadata, dom);
    let mut by_print = printed.as_ref().map(|line| names(&line.text)).unwrap_or_default();
    by_print.retain(|name| !is_no_name(name));
    // A list with the publication's name in it, cut at its commas, is its motto as a rule.
    let is_other = |names: &[String]| {
        let motto = names.iter().any(|name| publication.is(name));
        names.iter().any(|name| !publication.is(name) && (!motto || is_person(name)))
    };
    let chosen = declared.iter().find(|(names, _)| is_other(names)).cloned();
    let named = declared.iter().any(|(names, _)| !names.is_empty());
    // "Ana Ruiz in Elbtal" beside a declared "Ana Ruiz".
    let runs_on = |print: &String| {
        let key = text::comparison_key(print);
        declared
            .iter()
            .flat_map(|(names, _)| names)
            .map(|name| text::comparison_key(name))
            .any(|name| key != name && key.starts_with(&name))
    };
    // "Geschrieben von tidewatcher": a nickname with the word before it.
    let by_word = printed.as_ref().is_some_and(|line| after_by(&segments[line.segment].text).is_some())
        && by_print.iter().all(|name| !name.contains(' ') && !publication.is(name));
    let explicit = printed.as_ref().is_some_and(|line| line.explicit);
    let chosen = match chosen {
        Some((names, _)) if prefers_print(&names, &by_print, explicit, segments) => Some((by_print.clone(), "byline")),
        Some(chosen) => Some(chosen),
        None if is_other(&by_print) && (!named || by_print.iter().all(|name| is_person(name) && !runs_on(name))) => {
            Some((by_print.clone(), "byline"))
        }
        None => {
            let title = place.title.and_then(|at| segments.get(at)).map(|segment| segment.nodes.0);
            // Where the site names itself, a nickname is no better.
            let named = named || !by_print.is_empty();
            let worth = |mut names: Vec<String>| {
                names.retain(|name| !named || is_person(name));
                is_other(&names).then_some((names, "byline"))
            };
            let marked = marked(dom, title);
            worth(marked.clone())
                .or_else(|| worth(labelled(dom, title)))
                .or_else(|| worth(signature(dom, segments, place.body).map(|(_, names)| names).unwrap_or_default()))
                .or_else(|| (!named).then_some((marked, "byline")))
        }
    };
    let (mut authors, source) = match chosen.filter(|(names, _)| !names.is_empty()) {
        Some(chosen) => chosen,
        None if !by_print.is_empty() && (!named || by_print.len() == 1 && by_word) => (by_print, "byline"),
        None => declared.into_iter().find(|(names, _)| !names.is_empty()).unwrap_or_default(),
    };
    publication.leave_out(&mut authors);
    let line = printed.filter(|line| {
        let printed = line.text.to_lowercase();
        authors.is_empty() || authors.iter().any(|author| printed.contains(&author.to_lowercase()))
    });
    let segment = line.as_ref().map(|line| line.segment);
    let printed = line.map(|line| line.text).or_else(|| authors.iter().any(|name| is_printed(name, segments)).then(|| authors.join(", ")));
    Byline { printed, authors, source, segment }
}

/// Whether any short line of the page prints a name.
fn is_printed(name: &str, segments: &[Segment]) -> bool {
    let finder = memchr::memmem::Finder::new(name);
    segments.iter().any(|segment| segment.chars <= 200 && finder.find(segment.text.as_bytes()).is_some())
}

fn same_key(a: &str, b: &str) -> bool {
    text::comparison_key(a) == text::comparison_key(b)
}

/// Whether the printed names are better than the declared ones: fuller, or others where a line beginning with "By" and
/// the like names persons, and nothing prints the declared names.
fn prefers_print(declared: &[String], printed: &[String], explicit: bool, segments: &[Segment]) -> bool {
    if printed.is_empty() {
        return false;
    }
    // "Ana", "anaruiz" and "Ana Ruiz" are one.
    let is_short_for = |short: &str, name: &str| {
        !short.contains(' ')
            && (name.strip_prefix(short).is_some_and(|rest| rest.starts_with(' ')) || same_key(short, name) && short != name)
    };
    let is_login = |name: &String| !name.contains(' ') && name.chars().any(|c| c.is_lowercase() || c.is_numeric());
    if declared.iter().all(|name| printed.iter().any(|print| same_key(name, print) || is_short_for(name, print))) {
        let fuller = printed.iter().any(|print| declared.iter().any(|name| is_short_for(name, print)) && is_strictly_name(print));
        let further = || printed.iter().filter(|print| !declared.iter().any(|name| same_key(name, print))).all(|print| is_person(print));
        return fuller || explicit && printed.len() > declared.len() && further();
    }
    let persons = printed.iter().all(|name| is_person(name));
    persons && (declared.iter().all(is_login) || explicit) && !declared.iter().any(|name| is_printed(name, segments))
}

/// Names by source, most trusted first.
fn declared(metadata: &Metadata, dom: &Dom) -> Vec<(Vec<String>, &'static str)> {
    let mut out = Vec::new();
    let article = metadata.json_ld.article();
    // Some systems declare a page alone, with its author.
    let page = || metadata.json_ld.of_type("WebPage").find(|page| page.contains_key("author"));
    if let Some(article) = article.filter(|article| article.contains_key("author") || article.contains_key("creator")).or_else(page) {
        out.push((unique(by_json(metadata, article).iter().flat_map(|n| declared_names(n))), "json-ld"));
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
    ] {
        out.push((unique(metadata.all(key).flat_map(declared_names)), "meta"));
    }
    out.push((unique(metadata.all("citation_author").map(last_name_last).flat_map(|name| declared_names(&name))), "meta"));
    for key in ["authors", "twitter:creator"] {
        out.push((unique(metadata.all(key).flat_map(declared_names)), "meta"));
    }
    out.push((unique(labelled_meta(metadata).flat_map(declared_names)), "meta"));
    out.push((unique(items(metadata, dom).into_iter()), "microdata"));
    out
}

/// What a JSON-LD object has as its author.
fn by_json(metadata: &Metadata, article: &Map<String, Value>) -> Vec<String> {
    let values = match ["author", "creator"].iter().find_map(|k| article.get(*k)) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut list = Vec::new();
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
    list
}

/// "Ruiz, Ana" as libraries have it.
fn last_name_last(name: &str) -> String {
    match name.split_once(',') {
        Some((last, first)) if !first.contains(',') && !first.trim().is_empty() => format!("{} {}", first.trim(), last.trim()),
        _ => name.to_owned(),
    }
}

/// Elements looked at outwards for what an author is the author of.
const MAX_SCOPE_LEVELS: usize = 40;

/// The names that microdata gives as the author's, those of the first item that is no comment, answer or picture.
fn items(metadata: &Metadata, dom: &Dom) -> Vec<String> {
    let authors = metadata.microdata.iter().filter(|(name, _)| name == "author").map(|(_, id)| *id);
    let mut first = None;
    let mut out = Vec::new();
    for id in authors.take(MAX_AUTHORS) {
        let scope = dom.ancestors(id).take(MAX_SCOPE_LEVELS).find(|&outer| dom.attr(outer, known::ITEMSCOPE).is_some());
        if dom.ancestors(id).take(MAX_SCOPE_LEVELS).any(|outer| is_reply(dom, outer)) {
            continue;
        }
        if *first.get_or_insert(scope) != scope {
            break;
        }
        let named = |inner: &NodeId| dom.attr(*inner, known::ITEMPROP).is_some_and(|p| p.split_whitespace().any(|word| word == "name"));
        let name = dom.descendants(id).take(60).find(named).unwrap_or(id);
        let raw = dom.attr(name, known::CONTENT).map_or_else(|| dom.text(name, 300), str::to_owned);
        for part in text::clean(&raw).split(';') {
            let found = names(part);
            let is_sign = found.is_empty() && !part.trim().contains(' ') || part.contains('/') && found.len() < 2;
            out.extend(if is_sign { declared_names(part) } else { found });
        }
    }
    out
}

/// Whether an element is a comment, an answer or a picture, by its tag, property or type.
fn is_reply(dom: &Dom, id: NodeId) -> bool {
    let property = dom.attr(id, known::ITEMPROP).is_some_and(|property| {
        property.split_ascii_whitespace().any(|word| matches!(word, "comment" | "suggestedAnswer" | "acceptedAnswer"))
    });
    let kind = || dom.attr(id, known::ITEMTYPE).and_then(|kind| kind.trim_end_matches('/').rsplit('/').next());
    property
        || matches!(dom.tag(id), Tag::Figure)
        || matches!(kind(), Some("Comment" | "Answer" | "UserComments" | "ImageObject" | "MediaObject"))
}

/// Values of `twitter:data1` and the like whose label says "written by".
fn labelled_meta(metadata: &Metadata) -> impl Iterator<Item = &str> {
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
