//! When was it published, when changed?
//!
//! In: declarations, `<time>` elements, the text near the headline, the URL. Out: ISO 8601 with time and offset
//! where the page gives them and without what it does not give. Never: a date from a caption, one date copied
//! from the other, a date that does not exist.

mod labelled;
mod marked;
mod parse;

pub(crate) use parse::{Moment, is_date_word, is_month, is_zone, parse};
use parse::{has_ascii_digit, is_small_date_word};

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::FxHashSet;

use super::blocks::Segment;
use super::dom::Dom;
use super::metadata::Metadata;
use super::names::known;
use super::tag::Tag;
use url::Url;

/// A date with where it came from.
pub(crate) type Dated = (String, &'static str);

const PUBLISHED_META: [&str; 26] = [
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date_published",
    "publication_date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "dc.created",
    "dc.date.created",
    "sailthru.date",
    "parsely-pub-date",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "rnews:datepublished",
    "date",
];
const MODIFIED_META: [&str; 14] = [
    "article:modified_time",
    "article:modified",
    "og:modified_time",
    "og:updated_time",
    "article:updated_time",
    "datemodified",
    "date_modified",
    "lastmod",
    "last-modified",
    "dc.date.modified",
    "dcterms.modified",
    "article.updated",
    "rnews:datemodified",
    "revision_date",
];

/// Where on the page the article stands.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// Segments around the headline.
    pub(crate) head: std::ops::Range<usize>,
    /// The headline's segment.
    pub(crate) title: Option<usize>,
    /// Segments of the body.
    pub(crate) body: &'a [bool],
    /// Segments that are captions.
    pub(crate) captions: &'a FxHashSet<usize>,
    /// The page's address.
    pub(crate) url: Option<&'a Url>,
}

/// The day of publication, with the time where any source gives it for that day.
pub(crate) fn published(dom: &Dom, metadata: &Metadata, segments: &[Segment], place: &Place) -> Option<Dated> {
    let mut found = declared(dom, metadata);
    let printed = printed(dom, metadata, segments, place);
    if let Some(better) = overruled(&found, &printed, metadata) {
        return Some(better);
    }
    found.extend(printed.into_iter().map(|print| (print.moment, print.source)));
    for object in metadata.json_ld.of_type("WebPage").chain(metadata.json_ld.of_type("VideoObject")) {
        let raw = ["datePublished", "uploadDate"].iter().find_map(|k| object.get(*k)).and_then(super::metadata::text_of);
        found.extend(raw.as_deref().and_then(parse).map(|moment| (moment, "json-ld")));
    }
    found.extend(place.url.and_then(date_in_url).as_deref().and_then(parse).map(|moment| (moment, "url")));
    if found.is_empty() {
        let node = place.title.and_then(|at| segments.get(at)).map(|segment| segment.nodes.0);
        let head = segments.get(place.head.clone()).unwrap_or_default();
        let further = marked::marked(dom, node)
            .map(|raw| (raw, "time"))
            .or_else(|| head.iter().find_map(|s| opening_date(&s.text)).map(|raw| (raw, "text")))
            .or_else(|| labelled::labelled(dom, segments, node).map(|raw| (raw, "text")))
            .or_else(|| under_text(segments, place.body).map(|raw| (raw, "text")))
            .or_else(|| marked::entry_date(dom).map(|raw| (raw, "time")));
        found.extend(further.and_then(|(raw, source)| Some((parse(&raw)?, source))));
    }
    best(&found)
}

/// What the page declares, most trusted first.
fn declared(dom: &Dom, metadata: &Metadata) -> Vec<(Moment, &'static str)> {
    let json = ["datePublished", "dateCreated", "uploadDate"].into_iter().map(|name| (metadata.json_ld.article_text(name), "json-ld"));
    let meta = PUBLISHED_META.into_iter().map(|key| (metadata.first(&[key]).map(str::to_owned), "meta"));
    let item = std::iter::once_with(|| (metadata.item(dom, "datepublished"), "microdata"));
    json.chain(meta).chain(item).filter_map(|(raw, source)| Some((parse(&raw?)?, source))).collect()
}

/// A printed date.
#[derive(Debug)]
struct Print {
    moment: Moment,
    source: &'static str,
    /// A line or element of its own behind the headline, or one that speaks of publication.
    own: bool,
    /// An element for dates, or a line that speaks of publication.
    marked: bool,
    /// Which of its numbers is the month is beyond doubt.
    clear: bool,
}

/// What stands around the headline, most telling first.
fn printed(dom: &Dom, metadata: &Metadata, segments: &[Segment], place: &Place) -> Vec<Print> {
    let mut found = Vec::new();
    let mut add = |raw: &str, source, own, marked| {
        found.extend(parse(raw).map(|moment| Print { moment, source, own, marked, clear: !raw.contains('/') }));
    };
    let behind = place.title.map_or(place.head.start, |title| title + 1)..place.head.end;
    for raw in times(dom, segments, &behind, false) {
        add(&raw, "time", true, true);
    }
    for raw in times(dom, segments, &place.head, false) {
        add(&raw, "time", false, true);
    }
    // A line that is a date says more than the title's, and that more than a date in a sentence. Captions have dates of their own.
    let lines: Vec<(usize, &str)> = near_head(segments, &place.head).filter_map(|(at, s)| Some((at, unchanged(&s.text)?))).collect();
    let own = || lines.iter().filter(|(_, line)| is_dateline(line));
    own().filter(|(_, line)| says_published(line)).for_each(|(_, line)| add(line, "text", true, true));
    own().for_each(|(at, line)| add(line, "text", behind.contains(at), false));
    if let Some(raw) = metadata.title.as_deref().and_then(date_in_title) {
        add(&raw, "title", false, false);
    }
    let captioned = |text: &str| place.captions.iter().filter_map(|at| segments.get(*at)).any(|s| s.text.starts_with(text));
    lines.iter().filter(|(_, line)| !captioned(line)).for_each(|(_, line)| add(line, "text", false, false));
    found
}

/// What is printed behind the headline, where it is to be believed more than the first declared date: it is the same instant
/// in local time, or the same date with day and month in their right places, or another declaration agrees with it, or there
/// is but a `<meta>` against a date marked as such. Never the day of the last change.
fn overruled(declared: &[(Moment, &'static str)], printed: &[Print], metadata: &Metadata) -> Option<Dated> {
    let (first, source) = declared.first()?;
    let local = declared.iter().map(|(moment, _)| moment).chain(printed.iter().filter(|print| print.own).map(|print| &print.moment));
    if printed.iter().any(|print| print.moment.same_day(first)) {
        return None;
    }
    if let Some(moment) = local.into_iter().find_map(|other| first.at_offset_of(other)) {
        return Some((moment.to_string(), source));
    }
    let print = printed.iter().find(|print| print.own)?;
    if let Some(moment) = first.swapped_as(&print.moment) {
        // Systems that know the zone know the month.
        return (print.clear && first.precision() < 2).then(|| (moment.to_string(), *source));
    }
    let is_change = |moment: &Moment| {
        let changed = MODIFIED_META.iter().filter_map(|key| metadata.first(&[key]).and_then(parse));
        let mut changed = changed.chain(metadata.json_ld.article_text("dateModified").as_deref().and_then(parse));
        changed.any(|change| change.same_day(moment))
    };
    let agreed = declared.iter().any(|(moment, _)| moment.same_day(&print.moment));
    let believed = (agreed || *source == "meta" && print.marked) && !is_change(&print.moment);
    let all = std::iter::once((print.moment, print.source)).chain(declared.iter().copied());
    let all: Vec<(Moment, &'static str)> = all.chain(printed.iter().map(|print| (print.moment, print.source))).collect();
    believed.then(|| best(&all)).flatten()
}

/// A line that is a date near the end of the text: "Ana, 3 May 2024".
fn under_text(segments: &[Segment], body: &[bool]) -> Option<String> {
    let last = body.iter().rposition(|chosen| *chosen)?;
    let near = last.saturating_sub(1)..(last + 4).min(segments.len());
    near.rev().find_map(|at| {
        let text = &segments[at].text;
        (segments[at].chars <= 60 && segments[at].link_chars == 0 && !says_updated(text) && is_dateline(text)).then(|| text.clone())
    })
}

/// What a line says before it comes to a change; `None` where it says nothing else.
fn unchanged(line: &str) -> Option<&str> {
    if !says_updated(line) {
        return Some(line);
    }
    // "3 May 2024 - Updated: 5 May 2024": the longest beginning without the change.
    let marks = |is_mark: fn(char) -> bool| line.char_indices().filter(move |(_, c)| is_mark(*c)).map(|(at, _)| at);
    let before = |cuts: &mut dyn Iterator<Item = usize>| cuts.map(|at| line[..at].trim()).take_while(|part| !says_updated(part)).last();
    let marked = before(&mut marks(|c| matches!(c, '-' | '–' | '—' | '|' | '•' | '·' | ',' | '(' | ';')));
    if let Some(part) = marked.filter(|part| parse(part).is_some()) {
        return Some(part);
    }
    // "Published 3 May 2024 Updated 5 May 2024", where each has a date of its own.
    let part = before(&mut marks(char::is_whitespace))?;
    (parse(part).is_some() && parse(&line[part.len()..]).is_some()).then_some(part)
}

/// The date that a text begins with: "(3 May 2024) The bridge …", "3.5.2024 - The bridge …".
fn opening_date(text: &str) -> Option<String> {
    let end = [")", " - ", " – ", " — ", ": "].iter().filter_map(|mark| text.find(mark)).min().filter(|end| *end <= 40)?;
    let start = text[..end].trim_start_matches('(');
    (start.starts_with(char::is_numeric) && is_dateline(start) && parse(start).is_some()).then(|| start.to_owned())
}

/// The date at the end of a title: "Bridge opens | News | 03.05.2024".
fn date_in_title(title: &str) -> Option<String> {
    let last = title.rsplit('|').next()?.trim();
    (last.len() < title.len() && last.len() <= 30 && is_dateline(last) && parse(last).is_some()).then(|| last.to_owned())
}

/// The day of the last change.
pub(crate) fn modified(dom: &Dom, metadata: &Metadata, segments: &[Segment], head: std::ops::Range<usize>) -> Option<Dated> {
    let mut found = Vec::new();
    let mut add = |raw: Option<String>, source| {
        if let Some(moment) = raw.as_deref().and_then(parse) {
            found.push((moment, source));
        }
    };
    add(metadata.json_ld.article_text("dateModified"), "json-ld");
    for key in MODIFIED_META {
        add(metadata.first(&[key]).map(str::to_owned), "meta");
    }
    add(metadata.item(dom, "datemodified"), "microdata");
    for raw in times(dom, segments, &head, true) {
        add(Some(raw), "time");
    }
    for (_, segment) in near_head(segments, &head).filter(|(_, s)| says_updated(&s.text)) {
        add(Some(segment.text.clone()), "text");
    }
    for object in metadata.json_ld.of_type("WebPage") {
        add(object.get("dateModified").and_then(super::metadata::text_of), "json-ld");
    }
    best(&found)
}

/// The first source wins; a later one of the same day may add time or offset.
fn best(found: &[(Moment, &'static str)]) -> Option<Dated> {
    let (first, source) = found.first()?;
    let fuller = found.iter().filter(|(m, _)| m.same_day(first)).max_by_key(|(m, _)| m.precision());
    let (moment, source) = match fuller {
        Some((m, s)) if m.precision() > first.precision() => (m, s),
        _ => (first, source),
    };
    Some((moment.to_string(), source))
}

/// `<time>` and the like around the head of the article; teasers' times stand elsewhere.
fn times(dom: &Dom, segments: &[Segment], head: &std::ops::Range<usize>, updated: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut last = None;
    for (_, segment) in near_head(segments, head) {
        for (id, _) in segment.text_nodes(dom) {
            for around in dom.ancestors(id).take(3) {
                if dom.tag(around) != Tag::Time || last == Some(around) {
                    continue;
                }
                last = Some(around);
                let words = format!(
                    "{} {}",
                    dom.attr(around, known::CLASS).unwrap_or_default(),
                    dom.attr(around, known::ITEMPROP).unwrap_or_default()
                );
                if (says_updated(&segment.text) || says_updated(&words)) == updated {
                    out.extend(dom.attr(around, known::DATETIME).map(str::to_owned));
                    out.push(dom.text(around, 200));
                }
            }
        }
    }
    out
}

/// Short segments around the headline and before the text.
fn near_head<'a>(segments: &'a [Segment], head: &std::ops::Range<usize>) -> impl Iterator<Item = (usize, &'a Segment)> {
    (head.start..).zip(segments.get(head.clone()).unwrap_or_default()).filter(|(_, s)| s.chars <= 140)
}

/// Finds any of some words, ASCII letters in either case.
fn finder(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(words)
        .expect("they are far fewer than it takes")
}

fn has_any(finder: &AhoCorasick, text: &str) -> bool {
    if text.is_ascii() { finder.is_match(text) } else { finder.is_match(&text.to_lowercase()) }
}

/// Words that mark the publication, in the languages of the field.
const PUBLISHED: [&str; 27] = [
    "published",
    "posted",
    "written",
    "created",
    "veröffentlicht",
    "publiziert",
    "gepostet",
    "erstellt",
    "erschienen",
    "publié",
    "mise en ligne",
    "mis en ligne",
    "publicad",
    "pubblicat",
    "gepubliceerd",
    "geplaatst",
    "publisert",
    "publicerad",
    "publiceret",
    "opublikowan",
    "julkaistu",
    "опубликован",
    "发布",
    "発表",
    "公開",
    "입력",
    "등록",
];

/// Whether a text has one of [`PUBLISHED`] in it.
pub(super) fn says_published(text: &str) -> bool {
    static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&PUBLISHED));
    has_any(&FINDER, text)
}

/// Words that mark a change, in the languages of the field.
const UPDATED: [&str; 23] = [
    "updat",
    "modif",
    "aktualisiert",
    "geändert",
    "actualiz",
    "mis à jour",
    "mise à jour",
    "aggiornat",
    "atualiz",
    "bijgewerkt",
    "gewijzigd",
    "обновл",
    "изменен",
    "更新",
    "수정",
    "تحديث",
    "oppdatert",
    "uppdaterad",
    "opdateret",
    "aktualizow",
    "aktualizov",
    "güncelle",
    "最終更新",
];

/// Whether a text has one of [`UPDATED`] in it.
pub(crate) fn says_updated(text: &str) -> bool {
    static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&UPDATED));
    has_any(&FINDER, text)
}

/// Words that stand beside a date in a line that is nothing else.
const FILLERS: [&str; 60] = [
    "published",
    "updated",
    "posted",
    "last",
    "modified",
    "on",
    "at",
    "by",
    "min",
    "mins",
    "minute",
    "minutes",
    "read",
    "reading",
    "time",
    "veröffentlicht",
    "aktualisiert",
    "stand",
    "uhr",
    "am",
    "vom",
    "um",
    "lesezeit",
    "publié",
    "publiée",
    "le",
    "la",
    "à",
    "mis",
    "mise",
    "jour",
    "temps",
    "de",
    "lecture",
    "publicado",
    "actualizado",
    "el",
    "las",
    "a",
    "del",
    "lectura",
    "pubblicato",
    "aggiornato",
    "il",
    "alle",
    "ore",
    "опубликовано",
    "обновлено",
    "в",
    "г",
    "время",
    "чтения",
    "мин",
    "发布时间",
    "更新时间",
    "时间",
    "公開",
    "更新",
    "入力",
    "نشر",
];

/// Characters of the longest text that is one.
const MAX_DATELINE: usize = 120;

/// Whether a text is a date, a time of day, and words about them, and nothing else.
pub(crate) fn is_dateline(text: &str) -> bool {
    static KNOWN: LazyLock<FxHashSet<&str>> = LazyLock::new(|| FILLERS.into_iter().collect());
    let numeric = text.len() <= MAX_DATELINE * 4
        && (has_ascii_digit(text) || !text.is_ascii() && text.chars().any(|c| !c.is_ascii() && c.is_numeric()));
    if !numeric || text.chars().nth(MAX_DATELINE).is_some() {
        return false;
    }
    let fillers = &*KNOWN;
    let mut clock = false;
    let mut other = 0;
    let mut bare = String::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '|' | '·' | '•' | ';')).filter(|w| !w.is_empty())
    {
        bare.clear();
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        if core.is_ascii() {
            bare.push_str(core);
            bare.make_ascii_lowercase();
        } else {
            bare.extend(core.chars().flat_map(char::to_lowercase));
        }
        let numeric = bare.chars().any(char::is_numeric);
        clock |= numeric && bare.contains([':', 'h', '.']);
        if !numeric && !bare.is_empty() && !fillers.contains(bare.as_str()) && !is_small_date_word(&bare) && !is_zone(&bare) {
            other += 1;
            // Two words of something else make it a line of text.
            if other > 1 {
                return false;
            }
        }
    }
    clock && other == 0 || parse(text).is_some()
}

/// `/2024/05/03/`, `/2024-05-03/`, `20240503` in a path.
fn date_in_url(url: &Url) -> Option<String> {
    let path: Vec<char> = url.path().chars().collect();
    let mut start = 0;
    while start + 8 <= path.len() {
        if path[start].is_ascii_digit() && (start == 0 || !path[start - 1].is_ascii_digit()) {
            let run: String = path[start..(start + 10).min(path.len())].iter().collect();
            let parts: Vec<&str> = run.splitn(3, ['/', '-', '_']).collect();
            let candidate = match parts.as_slice() {
                [d, m, y] if d.len() == 2 && m.len() == 2 && run.len() == 10 && y.len() == 4 && y.starts_with("20") => {
                    Some(format!("{y}-{m}-{d}"))
                }
                [y, m, d] if y.len() == 4 && m.len() == 2 => {
                    let day: String = d.chars().take_while(char::is_ascii_digit).collect();
                    (day.len() == 2).then(|| format!("{y}-{m}-{day}"))
                }
                _ => {
                    let digits: String = path[start..].iter().take_while(|c| c.is_ascii_digit()).collect();
                    (digits.len() == 8 && digits.starts_with("20")).then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
                }
            };
            if let Some(text) = candidate
                && parse(&text).is_some()
            {
                return Some(text);
            }
        }
        start += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_dates() {
        for line in [
            "10:42 a.m.",
            "Publié le 10 février 2026 à 18h00 - Temps de lecture 3 min.",
            "17.02.2026 09:40 | Город",
            "Updated May 3, 2024 at 6:44 PM EDT",
        ] {
            assert!(is_dateline(line), "{line}");
        }
        for line in ["On May 3, 2024, the bridge opened.", "The bridge opened at 10:42 a.m.", "12 of 20 seats", "Chapter 3"] {
            assert!(!is_dateline(line), "{line}");
        }
    }

    #[test]
    fn what_a_line_says_before_a_change() {
        assert_eq!(unchanged("3 May 2024 - Updated: 5 May 2024"), Some("3 May 2024"));
        assert_eq!(unchanged("05.04.2025 - Güncelleme : 06.04.2025"), Some("05.04.2025"));
        assert_eq!(unchanged("Updated: 5 May 2024"), None);
        assert_eq!(unchanged("Ana Ruiz | Updated: 5 May 2024"), None);
        assert_eq!(unchanged("3 May 2024"), Some("3 May 2024"));
        assert_eq!(unchanged("Written: 2024-05-03 15:03 / Updated: 2024-05-04 09:30"), Some("Written: 2024-05-03 15:03 /"));
        assert_eq!(unchanged("Last updated 5 May 2024"), None);
    }

    /// The date of a page with a headline, as `extract` has it.
    fn of(html: &str) -> Option<String> {
        let page = crate::decode::Page { url: None, html: html.to_owned(), signals: crate::decode::Signals::default() };
        crate::extract::extract(&page, &[]).published
    }

    #[test]
    fn printed_against_declared() {
        let page = |declared: &str, printed: &str| {
            let text = "<p>The bridge over the river opened on Monday after two years of work, and many came to see it.</p>".repeat(4);
            of(&format!("<head>{declared}</head><body><article><h1>The bridge over the river opens</h1><p>{printed}</p>{text}</article>"))
        };
        let meta = |date: &str| format!("<meta property=article:published_time content='{date}'>");
        for (declared, printed, date) in [
            // The same instant, in local time.
            (meta("2024-05-04T00:25:56Z"), "<time>3 May 2024 21:25</time>", "2024-05-03T21:25:56-03:00"),
            (meta("2024-05-03T22:00:00Z"), "4 May 2024", "2024-05-04"),
            // Day and month in each other's places.
            (meta("2024-01-11T12:43"), "Published 01.11.2024", "2024-11-01T12:43"),
            (meta("2024-01-11"), "Published 11/01/2024", "2024-01-11"),
            (meta("2024-11-01"), "Published 11/1/2024", "2024-11-01"),
            // A `<meta>` alone, and one with a second declaration for it.
            (meta("2024-05-21"), "<time>3 May 2024 14:00</time>", "2024-05-03T14:00"),
            // The day of a change.
            (format!("{}<meta name=lastmod content=2024-05-25>", meta("2024-05-21")), "25 May 2024", "2024-05-21"),
        ] {
            assert_eq!(page(&declared, printed).as_deref(), Some(date), "{declared} {printed}");
        }
        let json = r#"<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-05-01"}</script>"#;
        assert_eq!(page(json, "3 May 2024").as_deref(), Some("2024-05-01"));
        assert_eq!(page(&format!("{json}{}", meta("2024-05-03T08:00:00")), "3 May 2024").as_deref(), Some("2024-05-03T08:00:00"));
    }

    #[test]
    fn dates_around_texts() {
        assert_eq!(opening_date("(21. November 2022) Die Fähre fährt wieder.").as_deref(), Some("21. November 2022"));
        assert_eq!(opening_date("27.1.2022 - Die Fähre fährt wieder.").as_deref(), Some("27.1.2022"));
        assert_eq!(opening_date("On May 3, 2024 – a Friday – the bridge opened."), None);
        assert_eq!(date_in_title("Bridge opens | News | 03.05.2024").as_deref(), Some("03.05.2024"));
        assert_eq!(date_in_title("03.05.2024"), None);
    }

    #[test]
    fn dates_in_addresses() {
        for (path, day) in [
            ("/a/2024/05/03/story", Some("2024-05-03")),
            ("/2024-05-03-story", Some("2024-05-03")),
            ("/x20240503y", Some("2024-05-03")),
            ("/news/29-10-2021", Some("2021-10-29")),
            ("/2024/13/40/", None),
            ("/id/123456789012", None),
        ] {
            assert_eq!(date_in_url(&Url::parse(&format!("https://n.example{path}")).unwrap()).as_deref(), day, "{path}");
        }
    }
}
