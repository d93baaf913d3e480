//! Who wrote it.
//!
//! In: declarations and the segments around the headline. Out: the byline as printed, without "By", and the
//! authors, one person or organisation each: no titles, no "and", no addresses, no dates.

use serde_json::Value;

use super::blocks::Segment;
use super::class_words;
use super::dates;
use super::dom::Dom;
use super::metadata::{Metadata, text_of};
use super::tag::Tag;
use crate::article::BlockKind;
use crate::text;

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

/// Words before a name, in lower case, longest first where one begins another.
const BY_WORDS: [&str; 44] = [
    "written by",
    "reported by",
    "story by",
    "article by",
    "posted by",
    "published by",
    "words by",
    "text by",
    "by",
    "geschrieben von",
    "ein artikel von",
    "ein bericht von",
    "eine analyse von",
    "ein kommentar von",
    "von",
    "vom",
    "publié par",
    "écrit par",
    "propos recueillis par",
    "par",
    "escrito por",
    "publicado por",
    "por",
    "a cura di",
    "scritto da",
    "di",
    "da",
    "door",
    "av",
    "af",
    "tekst:",
    "text:",
    "texto:",
    "autor:",
    "autorin:",
    "author:",
    "автор:",
    "автор",
    "текст:",
    "بقلم",
    "كتب",
    "文／",
    "作者",
    "记者",
];

/// Words that tell a role or a place, not a name.
const ROLES: [&str; 64] = [
    "editor",
    "reporter",
    "correspondent",
    "writer",
    "staff",
    "journalist",
    "columnist",
    "contributor",
    "producer",
    "author",
    "chief",
    "bureau",
    "desk",
    "critic",
    "fellow",
    "analyst",
    "director",
    "professor",
    "photographer",
    "redakteur",
    "redakteurin",
    "korrespondent",
    "korrespondentin",
    "reporterin",
    "autor",
    "autorin",
    "volontär",
    "volontärin",
    "redaktion",
    "journaliste",
    "rédacteur",
    "rédactrice",
    "correspondant",
    "redactor",
    "redactora",
    "periodista",
    "corresponsal",
    "giornalista",
    "jornalista",
    "repórter",
    "journalistin",
    "redaktør",
    "journalister",
    "redaktor",
    "reporterka",
    "корреспондент",
    "редактор",
    "обозреватель",
    "记者",
    "编辑",
    "記者",
    "기자",
    "특파원",
    "senior",
    "digital",
    "politics",
    "political",
    "business",
    "sports",
    "editors",
    "updated",
    "published",
    "min",
    "read",
];

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
    let from_print: Vec<String> = printed.as_ref().map(|(_, raw)| names(raw)).unwrap_or_default();
    let site_key = site.map(text::comparison_key).unwrap_or_default();
    let is_site = |n: &String| !site_key.is_empty() && text::comparison_key(n) == site_key;
    let chosen = declared.iter().find(|(names, _)| !names.is_empty() && !names.iter().all(is_site)).cloned();
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

fn unique(list: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for name in list {
        if seen.insert(text::comparison_key(&name)) && out.len() < MAX_AUTHORS {
            out.push(name);
        }
    }
    out
}

/// The byline among the segments around the headline: by class words, by `rel=author`, or by its first word.
fn printed(dom: &Dom, segments: &[Segment], head: std::ops::Range<usize>, title: Option<usize>) -> Option<(usize, String)> {
    let mut best: Option<(u32, usize, String)> = None;
    let head_start = title.unwrap_or(head.start);
    for at in head {
        let Some(segment) = segments.get(at) else { break };
        if segment.chars > 200 || segment.level.is_some() {
            continue;
        }
        if let Some(names) = names_by_element(dom, segment)
            && best.as_ref().is_none_or(|(s, ..)| *s < 4)
        {
            let line = tidy(strip_by(&segment.text).unwrap_or(&segment.text));
            let joined = self::names(&line).len() == names.len();
            best = Some((4, at, if joined { line } else { names.join(", ") }));
            continue;
        }
        // "14:07 | By Ana Ruiz": the part that says so.
        let part = segment.text.split(['|', '•', '·']).find(|p| strip_by(p.trim()).is_some_and(|n| !names(n).is_empty()));
        let piece = reporter_piece(dom, segment);
        let stripped = piece.as_deref().or_else(|| part.and_then(|p| strip_by(p.trim()))).or_else(|| strip_by(&segment.text));
        let by = stripped.is_some() || is_reporter_line(&segment.text);
        let dated = dates::parse(&segment.text).is_some();
        if dated && !by {
            continue;
        }
        let line = stripped.unwrap_or(segment.text.trim_end_matches(['|', ' ', '-', '•', '·']));
        let found = names(line);
        if found.is_empty() {
            continue;
        }
        let mut score = u32::from(by) * 3;
        let mut classed = false;
        class_words::each(dom, segment, |level, word| classed |= level <= 1 && is_byline_word(word));
        score += u32::from(classed) * 3;
        let linked = dom
            .ancestors(segment.nodes.0)
            .chain(dom.ancestors(segment.nodes.1))
            .take(8)
            .any(|id| dom.tag(id) == Tag::A && dom.attr(id, "rel").is_some_and(|r| r.contains("author")));
        score += u32::from(linked) * 3;
        // A bare name right under the headline or beside the date.
        let beside =
            |other: Option<&Segment>| other.is_some_and(|o| o.level == Some(1) || o.chars <= 80 && dates::parse(&o.text).is_some());
        if score == 0
            && segment.kind == BlockKind::Paragraph
            && at > head_start
            && looks_like_names(line)
            && segment.link_chars == 0
            && (beside(at.checked_sub(1).and_then(|i| segments.get(i))) || beside(segments.get(at + 1)))
        {
            score = 2;
        }
        if score >= 2 && best.as_ref().is_none_or(|(s, ..)| score > *s) {
            best = Some((score, at, tidy(line)));
        }
    }
    best.map(|(_, at, line)| (at, line))
}

/// A piece of a line in an element of its own that names a reporter: "记者 李文", "한서윤 기자", "【山本 港】".
fn reporter_piece(dom: &Dom, segment: &Segment) -> Option<String> {
    let mut at = Some(segment.nodes.0);
    while let Some(id) = at {
        if let Some(raw) = dom.text_of(id) {
            let piece = text::clean(raw);
            let bracketed = piece.strip_prefix('【').and_then(|p| p.strip_suffix('】')).filter(|p| looks_like_names(p));
            if let Some(name) = bracketed {
                return Some(name.to_owned());
            }
            if is_reporter_line(&piece) && !names(&piece).is_empty() {
                return Some(piece);
            }
        }
        at = if id == segment.nodes.1 { None } else { dom.next_in(id, Dom::ROOT) };
    }
    None
}

/// Several names, each in an element of its own, in a block that its class calls the byline.
fn names_by_element(dom: &Dom, segment: &Segment) -> Option<Vec<String>> {
    let mut classed = false;
    class_words::each(dom, segment, |level, word| classed |= level <= 1 && is_byline_word(word));
    if !classed {
        return None;
    }
    let mut at = Some(segment.nodes.0);
    let mut found = Vec::new();
    while let Some(id) = at {
        if let Some(raw) = dom.text_of(id) {
            let piece = text::clean(raw);
            match (piece.is_empty() || strip_by(&format!("{piece} x")).is_some_and(|r| r == "x"), looks_like_names(&piece)) {
                (true, _) => {}
                (false, true) => found.extend(names(&piece)),
                (false, false)
                    if piece.chars().any(char::is_alphabetic)
                        && !matches!(piece.as_str(), "and" | "und" | "et" | "y" | "e" | "og" | "och" | "en") =>
                {
                    return None;
                }
                _ => {}
            }
        }
        at = if id == segment.nodes.1 { None } else { dom.next_in(id, Dom::ROOT) };
    }
    (found.len() >= 2).then_some(found)
}

fn is_byline_word(word: &str) -> bool {
    matches!(
        word,
        "byline"
            | "bylines"
            | "author"
            | "authors"
            | "autor"
            | "autoren"
            | "auteur"
            | "auteurs"
            | "autore"
            | "autores"
            | "writer"
            | "origins"
    )
}

/// A byline without the date, reading time and marks behind the names.
pub(crate) fn tidy(line: &str) -> String {
    let cut = line.split(['|', '•', '·', '│']).map(str::trim).find(|p| !p.is_empty()).unwrap_or(line);
    let cut = cut.find(|c: char| c.is_numeric()).filter(|at| *at > 3).map_or(cut, |at| &cut[..at]);
    let cut = cut.trim_end_matches([',', ';', '-', '–', ':', '(', ' ']);
    // What is left of "Name  Monday, May" and the like.
    let mut words: Vec<&str> = cut.split_whitespace().collect();
    while words.len() > 2 && words.last().is_some_and(|w| dates::is_date_word(w)) {
        words.pop();
    }
    words.join(" ").trim_end_matches([',', ';', '-', '–', ':', ' ']).to_owned()
}

/// Words that stand before or behind a reporter's name in Chinese, Japanese and Korean.
const REPORTER: [&str; 14] = [
    "通讯员",
    "特约记者",
    "本报记者",
    "记者",
    "記者",
    "撰文",
    "编辑",
    "作者",
    "特派員",
    "論説委員",
    "기자",
    "특파원",
    "선임기자",
    "논설위원",
];

/// "한서윤 기자", "本报记者 李文", "山本港記者".
fn is_reporter_line(line: &str) -> bool {
    line.chars().count() <= 40 && REPORTER.iter().any(|w| line.starts_with(w) || line.ends_with(w) || line.contains(&format!("{w} ")))
}

/// Two to four words that each begin with a capital, or a short run of ideographs.
pub(crate) fn looks_like_names(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let unspaced = line.chars().filter(|c| text::is_unspaced(*c)).count();
    if unspaced > 0 {
        let kana = line.chars().all(|c| matches!(c as u32, 0x3040..=0x30ff));
        return !kana && unspaced <= 8 && line.chars().all(|c| text::is_unspaced(c) || c == ' ' || c == '　' || c == '・');
    }
    let capital = |w: &&str| w.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let joint = |w: &&str| ["and", "und", "et", "y", "e", "de", "van", "von", "&", "og", "och", "и"].contains(w);
    (2..=8).contains(&words.len()) && words.iter().all(|w| capital(w) || joint(w)) && !line.contains([':', '?', '!', '|'])
}

/// The text after a word like "By"; `None` without one.
pub(crate) fn strip_by(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['–', '—', '-', '|', ' ', '•']);
    for word in BY_WORDS {
        let Some(head) = line.get(..word.len()) else { continue };
        if head.to_lowercase() != word {
            continue;
        }
        let rest = &line[word.len()..];
        let bounded =
            word.ends_with([':', '／']) || rest.starts_with([' ', ':', '：', '\u{a0}', '/']) || word.chars().all(text::is_unspaced);
        let rest = rest.trim_start_matches([' ', ':', '：', '/']);
        if bounded && !rest.is_empty() {
            return Some(rest);
        }
    }
    None
}

/// The names in a declared value: an organisation ("City Desk Staff") stands as it is.
pub(crate) fn declared_names(value: &str) -> Vec<String> {
    let found = names(value);
    let plain = value.trim();
    let whole = found.is_empty()
        && plain.split_whitespace().count() <= 6
        && plain.chars().count() >= 2
        && !plain.contains(['@', '{', '_', '?', '='])
        && !plain.contains("://")
        && !plain.starts_with("www.");
    let placeholder = matches!(
        plain.to_lowercase().as_str(),
        "admin" | "administrator" | "unknown" | "null" | "undefined" | "none" | "n/a" | "author" | "editor" | "staff"
    );
    if whole && !placeholder && plain.chars().any(char::is_alphabetic) && dates::parse(plain).is_none() {
        vec![plain.to_owned()]
    } else {
        found
    }
}

/// The names in a line.
pub(crate) fn names(line: &str) -> Vec<String> {
    let line = strip_by(line.trim()).unwrap_or(line.trim());
    if line.contains("://") || line.starts_with("www.") || line.starts_with('@') {
        return Vec::new();
    }
    let mut out = Vec::new();
    for part in split(line) {
        if let Some(name) = name(part) {
            out.push(name);
        } else if out.is_empty() && dates::parse(part).is_some() {
            break;
        }
    }
    unique(out.into_iter())
}

/// Words between two names.
const AND: [&str; 13] = [" and ", " und ", " et ", " y ", " e ", " og ", " och ", " en ", " & ", " и ", " with ", " mit ", " sowie "];

/// Parts of a line between commas, semicolons, bars and words for "and".
fn split(line: &str) -> Vec<&str> {
    // "南浦网记者 李文 通讯员 何青": the words between are names.
    if line.chars().any(text::is_unspaced) && is_reporter_line(line) {
        let spaced = line.split([' ', '\u{3000}', '、', '，', ',', '/']);
        return spaced
            .map(|w| {
                REPORTER
                    .iter()
                    .find_map(|r| w.strip_suffix(r))
                    .map_or(w, |rest| if line.contains("기자") || line.contains("特派員") || line.ends_with("記者") { rest } else { "" })
            })
            .map(|w| REPORTER.iter().find_map(|r| w.strip_prefix(r)).unwrap_or(w))
            .filter(|w| !w.is_empty())
            .collect();
    }
    let mut parts = vec![line];
    for mark in [",", ";", "|", "•", "·", "/", "、", "，", "；", " – ", " — ", " - "] {
        parts = parts.into_iter().flat_map(|p| p.split(mark)).collect();
    }
    for word in AND {
        parts = parts.into_iter().flat_map(|p| p.split(word)).collect();
    }
    parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect()
}

/// A part as a name, or nothing.
fn name(part: &str) -> Option<String> {
    let part = part.split(['(', '[', '<', '（']).next().unwrap_or("").trim();
    let part = strip_by(part).unwrap_or(part);
    let part = part.strip_prefix("and ").unwrap_or(part).trim_matches(['.', ':', '-', '–', '*', '"', '“', '”', ' ']);
    let part = ["记者", "記者", "기자", "特派員", "编辑"].iter().find_map(|s| part.strip_suffix(s)).unwrap_or(part).trim();
    let words: Vec<&str> = part.split_whitespace().collect();
    let count = part.chars().count();
    let lower = part.to_lowercase();
    let bad = !(2..=60).contains(&count)
        || words.len() > 6
        || part.contains(['@', '#', '?', '!', '=', '{', '_'])
        || part.chars().any(|c| c.is_ascii_digit())
        || part.chars().next().is_some_and(char::is_lowercase) && words.len() > 3
        || BY_WORDS.contains(&lower.as_str())
        || words.iter().any(|w| ROLES.contains(&w.to_lowercase().as_str()))
        || matches!(
            lower.as_str(),
            "admin" | "administrator" | "unknown" | "null" | "undefined" | "none" | "n/a" | "jr" | "jr." | "md" | "phd" | "ph.d"
        )
        || lower.contains(".com")
        || (words.len() == 1 && part.chars().next().is_some_and(char::is_lowercase) && !part.contains('.'));
    (!bad).then(|| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_names() {
        for (line, expected) in [
            ("By Ana Ruiz and Tom Weller", vec!["Ana Ruiz", "Tom Weller"]),
            ("Von Ana Ruiz, Korrespondentin in Elbtal", vec!["Ana Ruiz"]),
            ("Ana Ruiz, Political Editor", vec!["Ana Ruiz"]),
            ("By Ana Ruiz, Harbour Desk | Updated May 3, 2024", vec!["Ana Ruiz"]),
            ("Por Ana Ruiz y Luis Vega", vec!["Ana Ruiz", "Luis Vega"]),
            ("文／李文", vec!["李文"]),
            ("记者 林小渡 通讯员 何又青", vec!["林小渡", "何又青"]),
            ("新桥网记者 罗小满", vec!["罗小满"]),
            ("한서윤 기자", vec!["한서윤"]),
            ("Von", vec![]),
            ("https://news.example/authors/ana", vec![]),
            ("ana@news.example", vec![]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }
}
