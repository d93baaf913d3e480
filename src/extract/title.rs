//! The headline as printed.
//!
//! In: headings, declarations and `<title>`. Out: the printed heading that the declarations confirm; else the
//! declared one with the site's name taken off. Never: a kicker or the site's name as part of it.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::HashSet;

use super::blocks::Segment;
use super::class_words;
use super::dom::Dom;
use super::features::LEVELS;
use super::metadata::Metadata;
use crate::text;

/// The headline, where it came from, and the segment that prints it.
#[derive(Debug, Default)]
pub(crate) struct Title {
    pub(crate) text: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) segment: Option<usize>,
}

/// Headings that are compared with what the page declares.
const MAX_HEADINGS: usize = 400;
/// Longest title that is kept, in characters.
const MAX_CHARS: usize = 20_000;

/// Finds the headline.
pub(crate) fn find(dom: &Dom, segments: &[Segment], metadata: &Metadata, site: Option<&str>) -> Title {
    let declared = declared(metadata, site);
    let mut keys: Vec<String> = declared.iter().map(|(t, _)| text::comparison_key(t)).collect();
    // Where no name of the site is known, each part of <title> between its separators may be the headline.
    if let Some(title) = &metadata.title {
        keys.extend(parts(title).map(text::comparison_key).filter(|k| k.chars().count() >= 12));
    }
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    let keys: Vec<Key> = keys.iter().map(|key| Key::new(key)).collect();
    if let Some(at) = printed(dom, segments, &keys, true).or_else(|| printed(dom, segments, &keys, false)) {
        return from_heading(dom, segments, at, &declared);
    }
    if let Some((title, source)) = declared.into_iter().next() {
        return Title { text: Some(cut(&title)), source, segment: None };
    }
    let first = segments.iter().position(|s| s.level == Some(1)).or_else(|| segments.iter().position(|s| s.level.is_some()));
    Title { text: first.map(|at| cut(&segments[at].text)), source: if first.is_some() { "h1" } else { "" }, segment: first }
}

pub(crate) fn cut(title: &str) -> String {
    // What stood between a kicker and the headline.
    title.trim_start_matches([':', '|', ' ']).chars().take(MAX_CHARS).collect()
}

/// What the page declares, most trusted first, the site's name taken off.
fn declared(metadata: &Metadata, site: Option<&str>) -> Vec<(String, &'static str)> {
    let mut out: Vec<(String, &'static str)> = Vec::new();
    let mut add = |raw: Option<String>, source| {
        if let Some(title) = raw.map(|t| strip_site(&t, site)).filter(|t| !t.is_empty()) {
            out.push((title, source));
        }
    };
    add(metadata.json_ld.article_text("headline"), "json-ld");
    add(metadata.first(&["headline"]).map(str::to_owned), "meta");
    add(metadata.first(&["og:title"]).map(str::to_owned), "og");
    add(metadata.first(&["twitter:title", "title", "dc.title", "sailthru.title", "parsely-title"]).map(str::to_owned), "meta");
    add(metadata.title.clone(), "title");
    // Cut-off copies come after whole ones.
    out.sort_by_key(|(t, _)| t.ends_with('…') || t.ends_with("..."));
    out
}

/// The segment that prints the headline: a heading, or (second try) any short segment with the very words.
fn printed(dom: &Dom, segments: &[Segment], keys: &[Key], headings: bool) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    let mut left = MAX_HEADINGS;
    for (at, segment) in segments.iter().enumerate() {
        let level = segment.level.filter(|l| *l <= 3);
        if segment.chars > 600 || headings != level.is_some() || left == 0 {
            continue;
        }
        left -= usize::from(headings);
        let ranked = keys.iter().zip(0u32..);
        let bonus = match level {
            Some(1) => 400,
            Some(2) => 100,
            Some(_) => 20,
            None => 0,
        };
        let likeness = if headings {
            let key = text::comparison_key(&segment.text);
            let key = Key::new(&key);
            if key.length < MIN_LENGTH {
                continue;
            }
            // What is less alike can't be the best.
            let least = best.map_or(MIN_SCORE, |(score, _)| (score + 1).max(MIN_SCORE)).saturating_sub(bonus);
            ranked.filter_map(|(declared, rank)| likeness(&key, declared, rank, least)).max()
        } else {
            ranked
                .filter(|(declared, _)| declared.length >= MIN_LENGTH && text::has_comparison_key(&segment.text, declared.text))
                .map(|(_, rank)| 1000 - rank)
                .next()
        };
        let Some(likeness) = likeness else { continue };
        // Search engines are served an <h1> in the breadcrumb trail by some; people read another line.
        let bonus = if level == Some(1) && in_trail(dom, segment) { 0 } else { bonus };
        // A linked headline is a teaser, more often than not.
        let linked = u32::from(segment.link_chars * 2 > segment.chars) * 150;
        let score = likeness + bonus - linked.min(likeness);
        if best.is_none_or(|(s, _)| score > s) {
            best = Some((score, at));
        }
    }
    best.filter(|(score, _)| *score >= MIN_SCORE).map(|(_, at)| at)
}

/// What a segment's likeness and place come to at least, in thousandths, where it prints the headline.
const MIN_SCORE: u32 = 700;

/// Characters that a headline's comparison key has at least.
const MIN_LENGTH: usize = 4;

/// A comparison key, ready to be compared with many.
struct Key<'a> {
    text: &'a str,
    length: usize,
    /// Its pairs of neighbouring characters, sorted.
    pairs: OnceCell<Vec<(char, char)>>,
}

/// Characters of which the pairs are looked at.
const PAIRED_CHARS: usize = 400;
/// Dice coefficient of pairs from which on two keys are alike, in thousandths.
const MIN_ALIKE: u32 = 350;

impl<'a> Key<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, length: text.chars().count(), pairs: OnceCell::new() }
    }

    fn pairs(&self) -> &[(char, char)] {
        self.pairs.get_or_init(|| {
            let chars = || self.text.chars().take(PAIRED_CHARS);
            let mut pairs: Vec<(char, char)> = chars().zip(chars().skip(1)).collect();
            pairs.sort_unstable();
            pairs
        })
    }

    fn pair_count(&self) -> usize {
        self.length.min(PAIRED_CHARS).saturating_sub(1)
    }
}

/// 0–1000: how alike a printed and a declared title are; `None` when they are not, or surely less than `least`.
fn likeness(printed: &Key, declared: &Key, rank: u32, least: u32) -> Option<u32> {
    if printed.text == declared.text {
        return Some(1000 - rank);
    }
    let (a, b) = (printed.length, declared.length);
    if a >= 8 && b >= 8 && (printed.text.contains(declared.text) || declared.text.contains(printed.text)) {
        let share = 1000 * a.min(b) / a.max(b);
        return Some(600 + u32::try_from(share).unwrap_or(0) * 3 / 10 - rank);
    }
    let share = common_pairs(printed, declared, MIN_ALIKE.max(least + rank))?;
    Some(share.saturating_sub(rank))
}

/// Dice coefficient of the pairs in thousandths, where it reaches `least`.
fn common_pairs(a: &Key, b: &Key, least: u32) -> Option<u32> {
    let least = least as usize;
    let (small, all) = (a.pair_count().min(b.pair_count()), (a.pair_count() + b.pair_count()).max(1));
    // Keys of very different lengths can't reach it.
    if 2000 * small / all < least {
        return None;
    }
    let (a, b) = (a.pairs(), b.pairs());
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    Some(2000 * common / all).filter(|share| *share >= least).and_then(|share| u32::try_from(share).ok())
}

/// The heading's text; where a kicker or the site's name stands in the same heading, the declared part of it.
fn from_heading(dom: &Dom, segments: &[Segment], at: usize, declared: &[(String, &'static str)]) -> Title {
    let printed = &segments[at].text;
    let key = text::comparison_key(printed);
    let length = key.chars().count();
    let source = if segments[at].level.is_some() { "h1" } else { "text" };
    if let Some(rest) = without_kicker(dom, &segments[at]) {
        return Title { text: Some(cut(&rest)), source, segment: Some(at) };
    }
    if let Some(whole) = with_printed_kicker(segments, at, &key, declared) {
        return Title { text: Some(cut(&whole)), source, segment: Some(at) };
    }
    for (title, from) in declared {
        let declared_key = &text::comparison_key(title);
        let part = declared_key.chars().count();
        if part < length && part * 2 > length && key.ends_with(declared_key.as_str()) && matches!(*from, "json-ld" | "og") {
            let text = printed_end(printed, declared_key).unwrap_or(title);
            return Title { text: Some(cut(text)), source, segment: Some(at) };
        }
    }
    let joined = declared.iter().find(|(title, _)| joins(printed, title)).map_or(printed, |(title, _)| title);
    Title { text: Some(cut(joined)), source, segment: Some(at) }
}

/// Whether a declared title is the printed one, but for a colon or dash where the page begins a new line: "Late frost" above
/// "What gardeners can do".
fn joins(printed: &str, declared: &str) -> bool {
    let (mut words, mut joints, mut before) = (printed.split_whitespace().peekable(), 0, "");
    for word in declared.split_whitespace() {
        let is_joint = if matches!(word, "–" | "—" | "-" | "|" | ":") {
            true
        } else {
            let Some(own) = words.next() else { return false };
            before = own;
            match word.strip_prefix(own) {
                Some("") => false,
                Some(":" | "." | "–" | "—") => true,
                _ => return false,
            }
        };
        // Between two words, the first of which has no mark of its own.
        if is_joint && (words.peek().is_none() || !before.ends_with(char::is_alphanumeric)) {
            return false;
        }
        joints += usize::from(is_joint);
    }
    joints == 1 && words.next().is_none()
}

/// Whether a heading stands in a breadcrumb trail or menu.
fn in_trail(dom: &Dom, segment: &Segment) -> bool {
    class_words::any(dom, segment, LEVELS, |word| matches!(word, "breadcrumb" | "breadcrumbs" | "<nav"))
}

/// A heading's text without a first element that its class calls a kicker.
fn without_kicker(dom: &Dom, segment: &Segment) -> Option<String> {
    let is_kicker = |word: &str| {
        matches!(
            word,
            "kicker"
                | "overline"
                | "overtitle"
                | "roofline"
                | "topline"
                | "dachzeile"
                | "eyebrow"
                | "pretitle"
                | "supertitle"
                | "spitzmarke"
                | "antetitulo"
                | "occhiello"
                | "surtitre"
        )
    };
    let first = dom
        .ancestors(segment.nodes.0)
        .take_while(|&id| id != segment.container)
        .find(|&id| class_words::any_of_element(dom, id, is_kicker))?;
    let mut at = dom.next_outside(first, segment.container);
    let mut rest = String::new();
    while let Some(id) = at {
        rest.push_str(dom.text_of(id).unwrap_or_default());
        at = dom.next_in(id, segment.container);
    }
    let rest = text::clean(&rest);
    let rest = rest.trim_start_matches(['-', '–', '—', '|', ':', ' ']);
    (rest.chars().count() >= 8).then(|| rest.to_owned())
}

/// "Kicker: Headline", where JSON-LD and Open Graph both declare it so and the kicker is printed right before the heading.
fn with_printed_kicker(segments: &[Segment], at: usize, key: &str, declared: &[(String, &'static str)]) -> Option<String> {
    let of = |source: &str| declared.iter().find(|(_, s)| *s == source).map(|(t, _)| t);
    let (title, other) = (of("json-ld")?, of("og")?);
    let whole = text::comparison_key(title);
    let kicker = whole.strip_suffix(key).filter(|k| !k.is_empty())?;
    let printed = segments[at.saturating_sub(3)..at].iter().any(|s| text::comparison_key(&s.text) == kicker);
    (printed && text::comparison_key(other) == whole).then(|| title.clone())
}

/// The end of the printed text whose key is `key`.
fn printed_end<'a>(printed: &'a str, key: &str) -> Option<&'a str> {
    printed.char_indices().filter(|(at, _)| *at == 0 || printed[..*at].ends_with([' ', ':', '|', '-'])).find_map(|(at, _)| {
        let end = printed[at..].trim_start();
        (text::comparison_key(end) == key).then_some(end)
    })
}

/// Takes the site's name off a declared title: "Headline - Site", "Headline | Section | Site", "Site: Headline".
pub(crate) fn strip_site(title: &str, site: Option<&str>) -> String {
    let site_key = site.map(text::comparison_key).unwrap_or_default();
    let mut rest = title.trim();
    for _ in 0..3 {
        let Some((at, mark)) = last_separator(rest) else { break };
        let (head, tail) = (rest[..at].trim(), rest[at + mark.len()..].trim());
        let tail_key = text::comparison_key(tail);
        let words = tail.split_whitespace().count();
        let named = !site_key.is_empty() && (tail_key.contains(&site_key) || site_key.contains(&tail_key)) && words <= 8;
        let barred = mark.contains(['|', '»', '·', '•', '｜', '_', '–', '—']) && words <= 4 && head.split_whitespace().count() >= 3;
        if (named || barred) && !head.is_empty() {
            rest = head;
        } else {
            break;
        }
    }
    if let Some((head, tail)) = rest.split_once([':', '|'])
        && !site_key.is_empty()
        && text::comparison_key(head) == site_key
        && !tail.trim().is_empty()
    {
        rest = tail.trim();
    }
    rest.to_owned()
}

/// What stands between the headline and the site's name.
const SEPARATORS: [&str; 14] = [" | ", " - ", " – ", " — ", " » ", " · ", " • ", " :: ", " / ", " < ", "｜", "ㅣ", "|", "_"];

/// The parts of a title on both sides of each separator.
fn parts(title: &str) -> impl Iterator<Item = &str> {
    let cuts = SEPARATORS.iter().flat_map(move |mark| title.match_indices(mark)).take(40);
    cuts.flat_map(move |(at, mark)| [title[..at].trim(), title[at + mark.len()..].trim()])
}

/// The name of the site as `<title>` has it around the headline: "Headline - Site", "Site | Headline".
pub(crate) fn site_in_title(metadata: &Metadata, headline: &str) -> Option<String> {
    let title = metadata.title.as_deref()?;
    let headline = text::comparison_key(headline);
    SEPARATORS.iter().flat_map(|mark| title.match_indices(mark)).take(40).find_map(|(at, mark)| {
        let (before, after) = (title[..at].trim(), title[at + mark.len()..].trim());
        let rest = if text::comparison_key(before) == headline {
            after.rsplit(['|', '｜']).next()?.rsplit(" - ").next()?
        } else if text::comparison_key(after) == headline {
            before.split(['|', '｜']).next()?
        } else {
            return None;
        };
        let rest = rest.trim();
        (rest.split_whitespace().count() <= 6 && !rest.is_empty()).then(|| rest.to_owned())
    })
}

fn last_separator(title: &str) -> Option<(usize, &'static str)> {
    let ends = title.char_indices().rev().filter(|(_, c)| matches!(c, ' ' | '｜' | 'ㅣ' | '|' | '_')).map(|(at, c)| at + c.len_utf8());
    ends.flat_map(|end| SEPARATORS.iter().rev().map(move |mark| (end, *mark)))
        .find(|(end, mark)| title[..*end].ends_with(mark))
        .map(|(end, mark)| (end - mark.len(), mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_kickers_go() {
        assert_eq!(cut(": Library reopens"), "Library reopens");
        assert_eq!(cut("– It will grow"), "– It will grow");
    }

    #[test]
    fn lines_of_a_headline_are_joined_as_declared() {
        for (declared, joined) in [
            ("Late frost: What gardeners can do", true),
            ("Late frost – What gardeners can do", true),
            ("Late frost What gardeners can do", false),
            ("Late frost: what gardeners can do", false),
            ("Late frost: What gardeners can do now", false),
            ("Late frost: What gardeners can do: a guide", false),
            ("Late: frost: What gardeners can do", false),
            ("Late frost What gardeners can do -", false),
            ("- Late frost What gardeners can do", false),
        ] {
            assert_eq!(joins("Late frost What gardeners can do", declared), joined, "{declared}");
        }
        assert!(!joins("Late frost – what gardeners can do", "Late frost – what gardeners can do"));
        assert!(!joins("Is frost late? What gardeners can do", "Is frost late? - What gardeners can do"));
    }

    #[test]
    fn site_names_go() {
        for (title, stripped) in [
            ("Library reopens after repairs - Harbour Post", "Library reopens after repairs"),
            ("Library reopens after repairs | News | Harbour Post", "Library reopens after repairs"),
            ("Harbour Post: Library reopens after repairs", "Library reopens after repairs"),
            ("Covid-19: what we know - and what we don't", "Covid-19: what we know - and what we don't"),
            ("Why either/or is wrong", "Why either/or is wrong"),
        ] {
            assert_eq!(strip_site(title, Some("Harbour Post")), stripped);
        }
    }
}
