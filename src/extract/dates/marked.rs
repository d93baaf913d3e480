//! Dates that the markup itself calls those of publication, wherever they stand: `<time>`, hAtom, class words.
//!
//! For pages that declare none and print none beside the headline.

use super::super::class_words::{self, Memo};
use super::super::dom::{Dom, NodeId};
use super::super::marked::clearest;
use super::super::names::known;
use super::super::tag::Tag;
use super::{parse, says_updated};
use crate::text;

/// Longest text of such an element, in bytes.
const MAX_BYTES: usize = 120;
/// More days than these belong to a list of articles, not to one.
const MAX_DAYS: usize = 3;

/// Words for publication in classes.
const PUBLISHED: [&str; 11] = [
    "published",
    "pubdate",
    "publish",
    "publishdate",
    "publication",
    "posted",
    "submitted",
    "created",
    "veroeffentlicht",
    "fecha",
    "entrydate",
];
/// Words for a date of whatever.
const DATE: [&str; 8] = ["date", "datum", "dato", "datetime", "timestamp", "datestamp", "dateline", "time"];

/// The date that is marked most clearly, nearest behind the headline first. `title` is the headline's first node.
pub(super) fn marked(dom: &Dom, title: Option<NodeId>) -> Option<String> {
    let said = Memo::new(dom);
    let alike = clearest(dom, title, |dom, id| strength(dom, id, &said), date_of)?.alike;
    let mut days: Vec<_> = alike.iter().filter_map(|(_, raw)| parse(raw)).collect();
    days.dedup_by(|a, b| a.same_day(b));
    alike.into_iter().next().filter(|_| days.len() <= MAX_DAYS).map(|(_, raw)| raw)
}

/// hAtom's date of an entry: without one of publication, that of the last change stands for it.
pub(super) fn entry_date(dom: &Dom) -> Option<String> {
    let said = Memo::new(dom);
    let is_entry = |id: NodeId| said.get(dom, id, || class_words::any_of_element(dom, id, |word| matches!(word, "updated" | "dtstamp")));
    let mut all = dom.all_elements().iter().filter(|&&id| dom.attr(id, known::CLASS).is_some() && is_entry(id));
    let first = all.next().filter(|_| all.next().is_none())?;
    [known::DATETIME, known::TITLE].iter().filter_map(|name| dom.attr(*first, *name)).find(|raw| parse(raw).is_some()).map(str::to_owned)
}

/// How clearly an element is the date of publication: 3 by its class, 2 as `<time>`, 1 as a date.
fn strength(dom: &Dom, id: NodeId, said: &Memo<(bool, bool)>) -> u8 {
    let (published, date) = said.get(dom, id, || {
        let (mut published, mut date) = (false, false);
        dom.words(id).for_each(|word| {
            published |= PUBLISHED.contains(&word);
            date |= DATE.contains(&word);
        });
        (published, date)
    });
    match (published, dom.tag(id) == Tag::Time, date) {
        (true, ..) => 3,
        (_, true, _) => 2,
        (.., true) => 1,
        _ => 0,
    }
}

/// The element's date as a machine reads it, else as it is printed; none where it is that of a change.
fn date_of(dom: &Dom, id: NodeId) -> Option<String> {
    let printed = text::clean(&dom.text(id, MAX_BYTES + 1));
    if printed.len() > MAX_BYTES || says_updated(&printed) || dom.attr(id, known::CLASS).is_some_and(says_updated) {
        return None;
    }
    let declared =
        [known::DATETIME, known::CONTENT, known::TITLE].iter().filter_map(|name| dom.attr(id, *name)).find(|raw| parse(raw).is_some());
    declared.map(str::to_owned).or_else(|| parse(&printed).map(|_| printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> Option<String> {
        let dom = Dom::parse(html);
        let title = dom.elements(Tag::H1).next();
        marked(&dom, title).as_deref().and_then(parse).map(|moment| moment.to_string())
    }

    #[test]
    fn marked_dates() {
        for (html, day) in [
            (
                "<h1>A</h1><p>Long text.</p><abbr class=published title=2009-08-06T14:12:32+02:00>6. August</abbr>",
                "2009-08-06T14:12:32+02:00",
            ),
            ("<h1>A</h1><p>Long text.</p><div class=documentPublished>veröffentlicht 28.01.2022 06:00</div>", "2022-01-28T06:00"),
            ("<time>1 May 2020</time><h1>A</h1><p>Text</p><time datetime=2021-12-15>15.12.2021</time>", "2021-12-15"),
        ] {
            assert_eq!(of(html).as_deref(), Some(day), "{html}");
        }
    }

    #[test]
    fn others_dates_and_lists_are_not_taken() {
        assert_eq!(of("<h1>A</h1><div class=comment><time datetime=2021-12-15>x</time></div>"), None);
        assert_eq!(of("<h1>A</h1><span class=date>Updated 3 May 2024</span>"), None);
        let list = [1, 2, 3, 4, 5, 6, 7, 8].map(|n| format!("<p><span class=date>{n} May 2024</span></p>"));
        assert_eq!(of(&format!("<h1>A</h1>{}", list.concat())), None);
    }
}
