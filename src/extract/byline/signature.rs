//! The name under the text: "Von Ana Ruiz", or a line of its own in italics or at the right.
//!
//! For pages that name nobody else.

use super::super::blocks::Segment;
use super::super::dom::Dom;
use super::super::names::known;
use super::names::{after_by, is_strictly_name, looks_like_names, names};

/// Segments that are looked at before and behind the body's last.
const BEFORE: usize = 2;
const BEHIND: usize = 3;
/// Longest line that is one, in characters.
const MAX_CHARS: u32 = 60;

/// The line that signs the text, nearest to its end first, and its names.
pub(super) fn signature(dom: &Dom, segments: &[Segment], body: &[bool]) -> Option<(usize, Vec<String>)> {
    let last = body.iter().rposition(|chosen| *chosen)?;
    let end = (last + 1 + BEHIND).min(segments.len());
    (last.saturating_sub(BEFORE)..end).rev().find_map(|at| {
        let segment = &segments[at];
        if segment.chars > MAX_CHARS || segment.level.is_some() || segment.link_chars * 2 > segment.chars {
            return None;
        }
        let by = after_by(&segment.text);
        let bare = segment.text.trim_start_matches(['–', '—', '(', ' ']).trim_end_matches([')', '.', ' ']);
        let set_apart = || {
            segment.italic_chars == segment.chars
                || segment.text.starts_with(['–', '—'])
                || segment.text.starts_with('(') && segment.text.ends_with(')')
                || is_at_right(dom, segment)
        };
        let line = by.or_else(|| (looks_like_names(bare) && set_apart()).then_some(bare))?;
        let found = names(line);
        (!found.is_empty() && found.iter().all(|name| is_strictly_name(name))).then_some((at, found))
    })
}

fn is_at_right(dom: &Dom, segment: &Segment) -> bool {
    dom.ancestors(segment.nodes.0).take_while(|&id| id != segment.container).chain([segment.container]).any(|id| {
        let aligned = dom.attr(id, known::ALIGN).is_some_and(|align| align.eq_ignore_ascii_case("right"));
        aligned || dom.attr(id, known::STYLE).is_some_and(|style| style.replace(' ', "").contains("text-align:right"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::blocks::segments;
    use super::*;

    fn of(end: &str) -> Vec<String> {
        let html = format!("<p>The first paragraph of the text.</p><p>The second paragraph of it.</p>{end}");
        let dom = Dom::parse(&html);
        let list = segments(&dom).0;
        let body: Vec<bool> = (0..list.len()).map(|at| at < 2).collect();
        signature(&dom, &list, &body).map(|(_, names)| names).unwrap_or_default()
    }

    #[test]
    fn lines_under_the_text() {
        for end in ["<p><em>Von Ana Ruiz</em></p>", "<p>By Ana Ruiz</p>", "<p align=right><i>Ana Ruiz</i></p>", "<p>(Ana Ruiz)</p>"] {
            assert_eq!(of(end), ["Ana Ruiz"], "{end}");
        }
        for end in
            ["<p>Ana Ruiz</p>", "<p><em>Read more</em></p>", "<p>By the river, all was quiet</p>", "<p><a href=/x>By Ana Ruiz</a></p>"]
        {
            assert!(of(end).is_empty(), "{end}");
        }
    }
}
