//! When was it published, when changed?
//!
//! In: declarations, `<time>` elements, the text near the headline, the URL. Out: ISO 8601 with time and offset
//! where the page gives them and without what it does not give. Never: a date from a caption, one date copied
//! from the other, a date that does not exist.

mod marked;
mod parse;

pub(crate) use parse::{Moment, is_date_word, is_zone, parse};

use rustc_hash::FxHashSet;

use super::blocks::Segment;
use super::dom::Dom;
use super::metadata::Metadata;
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

/// The day of publication, with the time where any source gives it for that day.
pub(crate) fn published(
    dom: &Dom,
    metadata: &Metadata,
    segments: &[Segment],
    head: std::ops::Range<usize>,
    title: Option<usize>,
    captions: &FxHashSet<usize>,
    url: Option<&Url>,
) -> Option<Dated> {
    let mut found: Vec<(Moment, &'static str)> = Vec::new();
    let mut add = |raw: Option<String>, source| {
        if let Some(moment) = raw.as_deref().and_then(parse) {
            found.push((moment, source));
        }
    };
    for property in ["datePublished", "dateCreated", "uploadDate"] {
        add(metadata.json_ld.article_text(property), "json-ld");
    }
    for key in PUBLISHED_META {
        add(metadata.first(&[key]).map(str::to_owned), "meta");
    }
    add(metadata.item(dom, "datepublished"), "microdata");
    for raw in times(dom, segments, &head, false) {
        add(Some(raw), "time");
    }
    // A line that is a date says more than the title's, and that more than a date in a sentence. Captions have dates of their own.
    let lines: Vec<&str> = near_head(segments, &head).filter_map(|s| unchanged(&s.text)).collect();
    lines.iter().filter(|line| is_dateline(line)).for_each(|line| add(Some((*line).to_owned()), "text"));
    add(metadata.title.as_deref().and_then(date_in_title), "title");
    let captioned = |text: &str| segments.iter().zip(0usize..).any(|(s, at)| captions.contains(&at) && s.text.starts_with(text));
    lines.iter().filter(|line| !captioned(line)).for_each(|line| add(Some((*line).to_owned()), "text"));
    for object in metadata.json_ld.of_type("WebPage").chain(metadata.json_ld.of_type("VideoObject")) {
        let raw = ["datePublished", "uploadDate"].iter().find_map(|k| object.get(*k)).and_then(super::metadata::text_of);
        add(raw, "json-ld");
    }
    add(url.and_then(date_in_url), "url");
    if found.is_empty() {
        let node = title.and_then(|at| segments.get(at)).map(|segment| segment.nodes.0);
        let opening = || segments.get(head.clone()).unwrap_or_default().iter().find_map(|s| opening_date(&s.text)).map(|raw| (raw, "text"));
        let further = marked::marked(dom, node).map(|raw| (raw, "time")).or_else(opening);
        found.extend(further.and_then(|(raw, source)| Some((parse(&raw)?, source))));
    }
    best(&found)
}

/// What a line says before it comes to a change; `None` where it says nothing else.
fn unchanged(line: &str) -> Option<&str> {
    if !says_updated(line) {
        return Some(line);
    }
    // "3 May 2024 - Updated: 5 May 2024": the shortest beginning without the change.
    let marks = line.char_indices().filter(|(_, c)| matches!(c, '-' | '–' | '—' | '|' | '•' | '·' | ',' | '(' | ';')).map(|(at, _)| at);
    let before = marks.map(|at| line[..at].trim()).take_while(|part| !says_updated(part)).last()?;
    parse(before).is_some().then_some(before)
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
    for segment in near_head(segments, &head).filter(|s| says_updated(&s.text)) {
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
    for segment in near_head(segments, head) {
        for (id, _) in segment.text_nodes(dom) {
            for around in dom.ancestors(id).take(3) {
                if dom.tag(around) != Tag::Time || last == Some(around) {
                    continue;
                }
                last = Some(around);
                let words =
                    format!("{} {}", dom.attr(around, "class").unwrap_or_default(), dom.attr(around, "itemprop").unwrap_or_default());
                if (says_updated(&segment.text) || says_updated(&words)) == updated {
                    out.extend(dom.attr(around, "datetime").map(str::to_owned));
                    out.push(dom.text(around, 200));
                }
            }
        }
    }
    out
}

/// Short segments around the headline and before the text.
fn near_head<'a>(segments: &'a [Segment], head: &std::ops::Range<usize>) -> impl Iterator<Item = &'a Segment> {
    segments.get(head.clone()).unwrap_or_default().iter().filter(|s| s.chars <= 140)
}

/// Words that mark a change, in the languages of the field.
pub(crate) fn says_updated(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
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
    ]
    .iter()
    .any(|w| lower.contains(w))
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

/// Whether a text is a date, a time of day, and words about them, and nothing else.
pub(crate) fn is_dateline(text: &str) -> bool {
    if text.chars().nth(120).is_some() || !text.chars().any(char::is_numeric) {
        return false;
    }
    let mut clock = false;
    let mut other = 0;
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '|' | '·' | '•' | ';')).filter(|w| !w.is_empty())
    {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let numeric = bare.chars().any(char::is_numeric);
        clock |= numeric && bare.contains([':', 'h', '.']);
        if !numeric && !bare.is_empty() && !FILLERS.contains(&bare.as_str()) && !is_date_word(&bare) && !is_zone(&bare) {
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
            ("/2024/13/40/", None),
            ("/id/123456789012", None),
        ] {
            assert_eq!(date_in_url(&Url::parse(&format!("https://n.example{path}")).unwrap()).as_deref(), day, "{path}");
        }
    }
}
