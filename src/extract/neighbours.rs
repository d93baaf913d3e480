//! Which segments belong to another article of the page: the next story that loads below, a related one printed whole.
//!
//! In: the tree, the segments and where the headline stands. Out: the segments of elements with a headline, a date and
//! text of their own. Teasers are not meant here: what they print is the model's to judge.

use rustc_hash::FxHashSet;

use super::blocks::Segment;
use super::dates;
use super::dom::{Dom, NodeId};
use super::features::{is_good, weight};
use super::layout::Layout;
use super::tag::Tag;

/// Headlines looked at of one page.
const MAX_HEADLINES: usize = 50;
/// Other articles on a page at most; more make it a list.
const MAX_OTHERS: usize = 3;
/// Paragraphs that make an article.
const MIN_PARAGRAPHS: usize = 2;
/// Segments behind a headline among which its date stands.
const DATE_WITHIN: usize = 12;
/// Words of running text between the two headlines from which on the first has an article.
const MIN_WORDS: f32 = 60.0;

/// Finds them. The headline's own article is what stands in elements around it.
pub(crate) fn find(dom: &Dom, segments: &[Segment], layout: &Layout, title: Option<usize>) -> FxHashSet<usize> {
    let mut out = FxHashSet::default();
    let Some(title) = title else { return out };
    let around_title: FxHashSet<NodeId> = dom.ancestors(segments[title].nodes.0).collect();
    let (mut seen, mut others) = (FxHashSet::default(), 0);
    let headlines = segments.iter().enumerate().skip(title + 1).filter(|(_, s)| s.level == Some(1) && s.text != segments[title].text);
    for (at, headline) in headlines.take(MAX_HEADLINES) {
        let own = std::iter::once(headline.container).chain(dom.ancestors(headline.container));
        let Some(element) = own.take_while(|id| !around_title.contains(id)).last() else { continue };
        if !seen.insert(element) || layout.nodes[element as usize].good <= 0.0 {
            continue;
        }
        let nodes: FxHashSet<NodeId> = dom.descendants(element).collect();
        let is_inside = |at: &usize| nodes.contains(&segments[*at].nodes.0);
        let last = (at..segments.len()).take_while(is_inside).last().unwrap_or(at);
        let first = (title + 1..at).rev().take_while(is_inside).last().unwrap_or(at);
        let before: f32 = segments[title + 1..first].iter().filter(|s| is_good(s)).map(weight).sum();
        let article = &segments[first..=last];
        let dated = || segments[at..=last].iter().take(DATE_WITHIN).any(|s| dates::is_dateline(&s.text));
        let whole = article.iter().filter(|s| is_good(s)).count() >= MIN_PARAGRAPHS;
        if before >= MIN_WORDS && whole && (dom.tag(element) == Tag::Article || dated()) {
            out.extend(first..=last);
            others += 1;
        }
    }
    if others > MAX_OTHERS { FxHashSet::default() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::segments;

    const STORY: &str = "<p>The bridge was closed for a week because its bearings had to be changed, the town says.</p>\
        <p>Since Monday people can cross it again, and the market has its customers back, which pleases everyone there.</p>";

    fn others(html: &str) -> Vec<usize> {
        let dom = Dom::parse(html);
        let list = segments(&dom).0;
        let layout = Layout::new(&dom, &list);
        let mut out: Vec<_> = find(&dom, &list, &layout, Some(0)).into_iter().collect();
        out.sort_unstable();
        out
    }

    #[test]
    fn the_next_story_in_the_same_markup() {
        let page = format!(
            "<main><article><h1>Bridge opens</h1>{STORY}{STORY}</article><article><p>Sport</p><h1>Cup won</h1>{STORY}</article><p>end</p></main>"
        );
        assert_eq!(others(&page), [5, 6, 7, 8]);
        let page = format!("<div><div><h1>Bridge opens</h1>{STORY}{STORY}</div><div><h1>Cup won</h1><i>3 May 2024</i>{STORY}</div></div>");
        assert_eq!(others(&page), [5, 6, 7, 8]);
    }

    #[test]
    fn a_page_of_many_stories_is_a_list() {
        let story = format!("<article><h1>Cup won</h1>{STORY}</article>");
        assert!(others(&format!("<main><article><h1>Bridge opens</h1>{STORY}{STORY}</article>{}</main>", story.repeat(4))).is_empty());
    }

    #[test]
    fn parts_of_one_story_are_none() {
        let page = format!(
            "<article><h1>Bridge opens</h1>{STORY}{STORY}<section><h1>What it cost</h1>{STORY}</section><h1>More</h1>{STORY}</article>"
        );
        assert!(others(&page).is_empty());
    }
}
