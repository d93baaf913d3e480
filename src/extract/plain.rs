//! A plain-text scrape of an article page → raw article.
//!
//! In: lines: a title, a byline, captions printed two or three times, the text, a tail. Out: the same
//! [`RawArticle`] as from HTML. What tells is the shape of lines: short ones without a full stop between long
//! ones are headings, equal ones are captions, the first is the title.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::byline;
use super::captions::RawCaption;
use super::credit;
use super::dates;
use super::explain::{Trace, Why};
use super::language;
use super::metadata::Metadata;
use super::{RawArticle, RawBlock};
use crate::article::{Access, Block, BlockKind, PageKind, Rights};
use crate::text;

/// Lines read of one text.
const MAX_LINES: usize = 50_000;
/// Words up to which a line without a full stop is a heading, and from which on a line is text.
const MAX_HEADING_WORDS: usize = 16;

/// One line that prints something.
pub(super) struct Line {
    pub(super) text: String,
    key: String,
    words: usize,
    /// How often the text prints it.
    copies: u32,
    /// It is the first of its copies.
    first: bool,
}

/// Reads a plain-text scrape.
#[must_use]
pub fn extract(raw: &str) -> RawArticle {
    read(raw, &lines(raw), &mut Trace::default())
}

/// The same over its lines, told to who wants to know.
pub(super) fn read(raw: &str, lines: &[Line], trace: &mut Trace) -> RawArticle {
    let mut sources = BTreeMap::new();
    let mut at = 0;
    let title = lines.first().map(|l| l.text.clone());
    let mut authors = Vec::new();
    let mut printed = None;
    let (mut published, mut modified) = (None, None);
    if title.is_some() {
        sources.insert("title".to_owned(), "text".to_owned());
        at = 1;
        trace.note(Why::Headline, Some(0)).for_each(drop);
    }
    // The head: short lines right after the title that are a date or a byline.
    while let Some(line) = lines.get(at).filter(|l| l.words <= 20 && at <= 6 && l.copies == 1) {
        let moment = dates::parse(&line.text).filter(|_| line.words <= 12 && !ends_sentence(&line.text));
        let names = byline::names(&line.text);
        let by = byline::strip_by(&line.text);
        let name_like = by.is_some() || byline::looks_like_names(&line.text);
        if let Some(moment) = moment {
            let slot = if dates::says_updated(&line.text) { &mut modified } else { &mut published };
            slot.get_or_insert_with(|| moment.to_string());
            trace.note(Why::Dateline, Some(at)).for_each(drop);
        } else if printed.is_none() && name_like && !names.is_empty() && !ends_sentence(&line.text) {
            printed = Some(by.unwrap_or(&line.text).to_owned());
            authors = names;
            trace.note(Why::Byline, Some(at)).for_each(drop);
        } else {
            break;
        }
        at += 1;
    }
    for (field, known) in [("authors", !authors.is_empty()), ("published", published.is_some()), ("modified", modified.is_some())] {
        if known {
            sources.insert(field.to_owned(), "text".to_owned());
        }
    }
    let (blocks, captions) = body(lines, at);
    if !blocks.is_empty() {
        sources.insert("body".to_owned(), "text".to_owned());
    }
    let text: String = blocks.iter().map(|b| b.block.text.as_str()).collect::<Vec<_>>().join("\n");
    let language = language::find(&text, &Metadata::default()).or_else(|| language::find(raw, &Metadata::default()));
    if language.is_some() {
        sources.insert("language".to_owned(), "text".to_owned());
    }
    let words = text::word_count(&text);
    RawArticle {
        title,
        subtitle: None,
        byline: printed,
        authors,
        published,
        modified,
        language: language.map(|(l, _)| l),
        site: None,
        section: None,
        tags: Vec::new(),
        lead_image: None,
        canonical_url: None,
        access: Access::default(),
        rights: Rights::default(),
        page_kind: if words >= 60 { PageKind::Article } else { PageKind::Other },
        outside: Vec::new(),
        confidence: if words >= 60 { 0.7 } else { 0.3 },
        blocks,
        captions,
        sources,
        warnings: super::too_long(lines.len() >= MAX_LINES),
    }
}

pub(super) fn lines(raw: &str) -> Vec<Line> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut out: Vec<Line> = Vec::new();
    for text in raw.split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']).map(text::clean).filter(|t| !t.is_empty()).take(MAX_LINES) {
        let key = text::comparison_key(&credit::split(&text).0);
        let count = counts.entry(key.clone()).or_insert(0);
        *count += 1;
        out.push(Line { words: text::word_count(&text), first: *count == 1, text, key, copies: 0 });
    }
    for line in &mut out {
        line.copies = if line.key.is_empty() { 1 } else { counts[&line.key] };
    }
    out
}

/// Blocks and captions of the lines from `start` on. A line printed more than once is a caption if a credit or
/// copies right beside it say so; every copy of it leaves the body.
fn body(lines: &[Line], start: usize) -> (Vec<RawBlock>, Vec<RawCaption>) {
    let mut blocks: Vec<RawBlock> = Vec::new();
    let mut captions = Vec::new();
    let doubled: HashSet<&str> = lines.windows(2).filter(|w| w[0].key == w[1].key).map(|w| w[0].key.as_str()).collect();
    let last_text = lines.iter().rposition(|l| l.words > MAX_HEADING_WORDS).unwrap_or_default();
    for (at, line) in lines.iter().enumerate().skip(start) {
        let (text, credit) = credit::split(&line.text);
        let doubled = line.copies >= 2 && (credit.is_some() || doubled.contains(line.key.as_str()));
        let credited = credit.is_some() && line.words <= 60 && !text.is_empty() && line.copies == 1 && credit::is_marked(&line.text);
        if (doubled && line.words <= 120) || credited {
            captions.push(RawCaption { text, credit, image: None, segment: at, copy_only: !line.first });
            continue;
        }
        if line.copies >= 2 && !line.first {
            continue;
        }
        let heading = line.words <= MAX_HEADING_WORDS && !ends_sentence(&line.text) && last_text > at;
        let (kind, level) = if heading { (BlockKind::Heading, Some(2)) } else { (BlockKind::Paragraph, None) };
        let block = Block { kind, level, text: line.text.clone() };
        blocks.push(RawBlock { block, segment: at, emphasized: false, link_share: 0.0, words: line.words });
    }
    // Short lines after the last text are the page's tail: search boxes, menus, trends.
    while blocks.last().is_some_and(|b| b.block.kind == BlockKind::Heading || (b.words <= 8 && !ends_sentence(&b.block.text))) {
        blocks.pop();
    }
    (blocks, captions)
}

fn ends_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(['"', '”', '»', '\'', '’', ')', '」', '』', '）', ' ']);
    end.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', ':', '：', ',', ';'])
}
