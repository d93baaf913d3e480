//! Dates behind words for publication, wherever they stand: "Erstellt am: …", "was posted on … at …".
//!
//! For pages that declare none, print none beside the headline and mark none.

use super::super::blocks::Segment;
use super::super::dom::{Dom, NodeId};
use super::super::marked::{around, stands_elsewhere};
use super::{is_dateline, parse, says_published, says_updated};

/// Longest line that is looked at, in characters.
const MAX_CHARS: u32 = 300;
/// Bytes behind the word in which the date must begin.
const NEAR: usize = 60;
/// More days than these belong to a list of articles, not to one.
const MAX_DAYS: usize = 3;

/// The date that the page says was that of publication, the first one where it says so a few times.
pub(super) fn labelled(dom: &Dom, segments: &[Segment], title: Option<NodeId>) -> Option<String> {
    let around_title = around(dom, title);
    let mut found: Vec<String> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        if segment.chars > MAX_CHARS || !says_published(&segment.text) || says_updated(&segment.text) {
            continue;
        }
        let own = near_word(&segment.text);
        // A label with the date in the next line.
        let next = || segments.get(at + 1).filter(|next| segment.chars <= 30 && is_dateline(&next.text)).map(|next| next.text.clone());
        if let Some(raw) = own.or_else(next)
            && !stands_elsewhere(dom, segment.nodes.0, &around_title)
        {
            found.push(raw);
        }
    }
    let mut days: Vec<_> = found.iter().filter_map(|raw| parse(raw)).collect();
    days.dedup_by(|a, b| a.same_day(b));
    found.into_iter().next().filter(|_| days.len() <= MAX_DAYS)
}

/// The part of a line that begins or ends at a word for publication and holds a date close to it.
fn near_word(line: &str) -> Option<String> {
    if line.len() <= 120 {
        return parse(line).map(|_| line.to_owned());
    }
    // "This entry was posted on 3 May 2024 at 23:03 and is filed under …", "… wurde am 3. Mai 2024 um 23:03 Uhr gepostet und …"
    let cuts = || line.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let end = cuts().find(|at| says_published(&line[..*at]))?;
    let start = line[..end].char_indices().rev().take(NEAR).last().map_or(0, |(at, _)| at);
    let stop = line[end..].char_indices().nth(NEAR).map_or(line.len(), |(at, _)| end + at);
    [&line[start..end], &line[end..stop]].into_iter().find(|part| parse(part).is_some()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::blocks::segments;
    use super::*;

    fn of(html: &str) -> Option<String> {
        let dom = Dom::parse(html);
        labelled(&dom, &segments(&dom).0, None).as_deref().and_then(parse).map(|moment| moment.to_string())
    }

    #[test]
    fn dates_behind_words() {
        let filed = "and is filed under rivers, bridges and boats, with all that floats, swims or sinks in them.";
        for (html, date) in [
            ("<p>Text</p><p>Erstellt am: 01.11.2023</p>", "2023-11-01"),
            ("<ul><li><p>Mise en ligne</p><p>23 mai 2019</p></ul>", "2019-05-23"),
            (&format!("<p>This entry was posted on May 3, 2024 at 23:03 {filed}</p>"), "2024-05-03T23:03"),
            (&format!("<p>Dieser Beitrag über eine Brücke wurde am 19. Mai 2010 um 23:03 Uhr gepostet {filed}</p>"), "2010-05-19T23:03"),
        ] {
            assert_eq!(of(html).as_deref(), Some(date), "{html}");
        }
    }

    #[test]
    fn others_are_not_taken() {
        for html in [
            "<p>Updated 3 May 2024, published</p>",
            "<div class=comments><p>Posted on 3 May 2024</p></div>",
            "<p>The report was published in May.</p>",
        ] {
            assert_eq!(of(html), None, "{html}");
        }
    }
}
