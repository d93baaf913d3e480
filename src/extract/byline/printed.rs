//! The byline as printed around the headline.

use super::super::blocks::Segment;
use super::super::class_words::Memo;
use super::super::dates;
use super::super::dom::Dom;
use super::super::names::known;
use super::super::tag::Tag;
use super::names::{after_by, is_person, is_reporter_line, looks_like_names, may_name_reporter, names, without_place};
use crate::article::BlockKind;
use crate::text;

/// A printed byline.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) segment: usize,
    /// Without "By".
    pub(super) text: String,
    /// Whether its first word, a class or a relation says that it is one.
    pub(super) explicit: bool,
}

/// The byline among the segments around the headline: by class words, by `rel=author`, or by its first word.
pub(super) fn printed(dom: &Dom, segments: &[Segment], head: std::ops::Range<usize>, title: Option<usize>) -> Option<Line> {
    let mut best: Option<(u32, usize, String)> = None;
    let bylines = Memo::new(dom);
    let head_start = title.unwrap_or(head.start);
    for at in head {
        let Some(segment) = segments.get(at) else { break };
        let classed = || bylines.any(dom, segment, 1, is_byline_word);
        let heading = segment.level.is_some_and(|level| level <= 3 || after_by(&segment.text).is_none() && !classed());
        if segment.chars > 200 || heading || Some(at) == title || segment.text.starts_with('©') {
            continue;
        }
        if classed()
            && let Some(names) = names_by_element(dom, segment)
            && best.as_ref().is_none_or(|(s, ..)| *s < 4)
        {
            let line = tidy(after_by(&segment.text).unwrap_or(&segment.text));
            let joined = self::names(&line).len() == names.len();
            best = Some((4, at, if joined { line } else { names.join(", ") }));
            continue;
        }
        // "14:07 | By Ana Ruiz": the part that says so.
        let part = segment.text.split(['|', '•', '·', '⋅']).find_map(|part| after_by(part.trim()).or_else(|| by_after_date(part)));
        let part = part.filter(|rest| !names(rest).is_empty());
        let piece = reporter_piece(dom, segment);
        let stripped = piece.as_deref().or(part).or_else(|| after_by(&segment.text));
        let by = stripped.is_some() || is_reporter_line(&segment.text);
        let dated = dates::parse(&segment.text).is_some();
        if dated && !by {
            if segment.link_chars == 0
                && best.as_ref().is_none_or(|(score, ..)| *score < 2)
                && let Some(name) = name_in_dateline(&segment.text)
            {
                best = Some((2, at, name.to_owned()));
            }
            continue;
        }
        let line = stripped.unwrap_or(segment.text.trim_end_matches(['|', ' ', '-', '•', '·']));
        let line = without_place(line);
        let mut score = u32::from(by) * 3;
        score += u32::from(classed()) * 3;
        let linked = dom
            .ancestors(segment.nodes.0)
            .chain(dom.ancestors(segment.nodes.1))
            .take(8)
            .any(|id| dom.tag(id) == Tag::A && dom.attr(id, known::REL).is_some_and(|r| r.contains("author")));
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
        if score >= 2 && best.as_ref().is_none_or(|(s, ..)| score > *s) && !names(line).is_empty() {
            best = Some((score, at, tidy(line)));
        }
    }
    best.map(|(score, segment, text)| Line { segment, text, explicit: score >= 3 })
}

/// "06.11.2023 13:30 von Olga": what stands behind "By" behind a date.
fn by_after_date(part: &str) -> Option<&str> {
    [" von ", " by ", " par ", " por ", " door ", " Von ", " By "].iter().find_map(|word| {
        // The search of `str` makes ready for long texts first.
        let at = memchr::memmem::find(part.as_bytes(), word.as_bytes())?;
        let (before, after) = (&part[..at], &part[at + word.len()..]);
        let ends_as_date = before.ends_with(char::is_numeric) || before.ends_with("Uhr") || before.to_lowercase().ends_with('m');
        (ends_as_date && dates::is_dateline(before) && !after.trim().is_empty()).then(|| after.trim())
    })
}

/// "25.10.2022 - Ana Ruiz", "4 May 2024 | 13:10 | Ana Ruiz": the one part of a date's line that is a name.
fn name_in_dateline(line: &str) -> Option<&str> {
    let parts: Vec<&str> = line.split(['|', '•', '·', '–', '—']).flat_map(|part| part.split(" - ")).map(str::trim).collect();
    let mut others = parts.iter().filter(|part| !part.is_empty() && !dates::is_dateline(part) && !dates::says_updated(part));
    let name = others.next().filter(|name| is_person(name))?;
    others.next().is_none().then_some(*name)
}

/// A piece of a line in an element of its own that names a reporter: "记者 李文", "한서윤 기자", "【山本 港】".
fn reporter_piece(dom: &Dom, segment: &Segment) -> Option<String> {
    if !may_name_reporter(&segment.text) {
        return None;
    }
    segment.text_nodes(dom).find_map(|(_, raw)| {
        let piece = text::clean(raw);
        let bracketed = piece.strip_prefix('【').and_then(|p| p.strip_suffix('】')).filter(|p| looks_like_names(p));
        if let Some(name) = bracketed {
            return Some(name.to_owned());
        }
        (is_reporter_line(&piece) && !names(&piece).is_empty()).then_some(piece)
    })
}

/// Several names, each in an element of its own.
fn names_by_element(dom: &Dom, segment: &Segment) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (_, raw) in segment.text_nodes(dom) {
        let piece = text::clean(raw);
        match (piece.is_empty() || after_by(&format!("{piece} x")).is_some_and(|r| r == "x"), looks_like_names(&piece)) {
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
    let cut = line.split(['|', '•', '·', '│', '⋅']).map(str::trim).find(|p| !p.is_empty()).unwrap_or(line);
    let cut = cut.find(|c: char| c.is_numeric()).filter(|at| *at > 3).map_or(cut, |at| &cut[..at]);
    let cut = cut.trim_end_matches([',', ';', '-', '–', ':', '(', ' ']);
    // What is left of "Name  Monday, May" and the like.
    let mut words: Vec<&str> = cut.split_whitespace().collect();
    while words.len() > 2 && words.last().is_some_and(|w| dates::is_date_word(w)) {
        words.pop();
    }
    words.join(" ").trim_end_matches([',', ';', '-', '–', ':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_dates() {
        for (line, name) in [
            ("25.10.2022 - Ana Ruiz", Some("Ana Ruiz")),
            ("04.02.2022 | 13:10 Uhr | Ana Ruiz", Some("Ana Ruiz")),
            ("Ana Ruiz | 05.04.2025 - Güncelleme : 06.04.2025", Some("Ana Ruiz")),
            ("25.10.2022 | City", None),
            ("25.10.2022 | Harbour News", None),
            ("25.10.2022 | City News | Ana Ruiz", None),
        ] {
            assert_eq!(name_in_dateline(line), name, "{line}");
        }
        assert_eq!(by_after_date("06.11.2023 13:30 von Olga"), Some("Olga"));
        assert_eq!(by_after_date("Bericht von Olga"), None);
        assert_eq!(by_after_date("6. Dezember 2018, Ana von Elbtal"), None);
    }
}
