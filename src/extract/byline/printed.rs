//! The byline as printed around the headline.

use super::super::blocks::Segment;
use super::super::class_words;
use super::super::dates;
use super::super::dom::Dom;
use super::super::tag::Tag;
use super::names::{is_reporter_line, looks_like_names, names, strip_by};
use crate::article::BlockKind;
use crate::text;

/// The byline among the segments around the headline: by class words, by `rel=author`, or by its first word.
pub(super) fn printed(dom: &Dom, segments: &[Segment], head: std::ops::Range<usize>, title: Option<usize>) -> Option<(usize, String)> {
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
        let classed = class_words::any(dom, segment, 1, is_byline_word);
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
    segment.text_nodes(dom).find_map(|(_, raw)| {
        let piece = text::clean(raw);
        let bracketed = piece.strip_prefix('【').and_then(|p| p.strip_suffix('】')).filter(|p| looks_like_names(p));
        if let Some(name) = bracketed {
            return Some(name.to_owned());
        }
        (is_reporter_line(&piece) && !names(&piece).is_empty()).then_some(piece)
    })
}

/// Several names, each in an element of its own, in a block that its class calls the byline.
fn names_by_element(dom: &Dom, segment: &Segment) -> Option<Vec<String>> {
    if !class_words::any(dom, segment, 1, is_byline_word) {
        return None;
    }
    let mut found = Vec::new();
    for (_, raw) in segment.text_nodes(dom) {
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
