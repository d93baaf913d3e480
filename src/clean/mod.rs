//! Raw article → clean article. What among the body's blocks is not the article?
//!
//! In: a [`RawArticle`]. Out: the same with notes set apart and page furniture left out, each step's removals
//! recorded. Never: a look at the tree; what a block is, its text and place say.

mod phrases;

use crate::article::{BlockKind, Note, NoteKind};
use crate::extract::{RawArticle, RawBlock};
use crate::text;
use phrases::{Furniture, openings, phrases, plain};

/// An article with its notes, and what was taken out on the way.
#[derive(Debug)]
pub struct CleanArticle {
    /// The article; its blocks are the body alone.
    pub raw: RawArticle,
    /// Editor's notes, corrections, updates, disclaimers.
    pub notes: Vec<Note>,
    /// Positions, among the page's segments, of each note's text.
    pub note_segments: Vec<usize>,
    /// What left the body, and why.
    pub removals: Vec<Removal>,
}

/// A text that a step took out of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The step.
    pub step: &'static str,
    /// Its rule.
    pub rule: String,
    /// The text.
    pub text: String,
    /// Its position among the page's segments.
    pub segment: usize,
}

impl Removal {
    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match (self.step, self.rule.as_str()) {
            ("head", "copy") => "cleaned: prints headline, standfirst or byline again".to_owned(),
            ("head", _) => "cleaned: short items before the text are buttons".to_owned(),
            ("end", "heading") => "cleaned: a heading with nothing after it".to_owned(),
            ("end", _) => "cleaned: a line at the end that is a link".to_owned(),
            (_, "copyright") => "cleaned: a line of copyright".to_owned(),
            (_, "follow") => "cleaned: asks to follow the paper elsewhere".to_owned(),
            (_, "newsletter") => "cleaned: a sign-up line".to_owned(),
            (_, "read-more") => "cleaned: leads to other articles".to_owned(),
            (_, rule) => format!("cleaned: rule `{rule}`"),
        }
    }
}

/// Cleans an article: notes, then furniture, then what repeats the head.
#[must_use]
pub fn clean(raw: RawArticle) -> CleanArticle {
    let mut article = CleanArticle { raw, notes: Vec::new(), note_segments: Vec::new(), removals: Vec::new() };
    for step in [take_notes, drop_furniture, drop_head_copies, drop_head_buttons, drop_loose_ends] {
        step(&mut article);
    }
    article
}

/// Longest note, in words.
const MAX_NOTE_WORDS: usize = 160;

fn take_notes(article: &mut CleanArticle) {
    let count = article.raw.blocks.len();
    let blocks = std::mem::replace(&mut article.raw.blocks, Vec::with_capacity(count));
    let mut pending: Option<NoteKind> = None;
    for block in blocks {
        if let Some(kind) = pending.take()
            && block.words <= MAX_NOTE_WORDS
        {
            article.note_segments.push(block.segment);
            article.notes.push(Note { kind, text: block.block.text });
            continue;
        }
        match note(&block) {
            Some((kind, rest)) if rest.is_empty() => pending = Some(kind),
            Some((kind, text)) => {
                article.note_segments.push(block.segment);
                article.notes.push(Note { kind, text });
            }
            None => article.raw.blocks.push(block),
        }
    }
    // Notes that extraction left outside the body, in boxes and small print.
    let mut lone: Option<NoteKind> = None;
    for block in std::mem::take(&mut article.raw.outside) {
        let found = match (lone.take(), note(&block)) {
            (_, Some((kind, rest))) if rest.is_empty() => {
                lone = Some(kind);
                None
            }
            (_, Some(found)) => Some(found),
            (Some(kind), None) if (4..=MAX_NOTE_WORDS).contains(&block.words) => Some((kind, block.block.text.clone())),
            _ => None,
        };
        if let Some((kind, text)) = found
            && text::word_count(&text) >= 3
            && !article.notes.iter().any(|n| n.text == text)
        {
            article.note_segments.push(block.segment);
            article.notes.push(Note { kind, text });
        }
    }
}

/// A block that is a note: its kind and its text without the label.
fn note(block: &RawBlock) -> Option<(NoteKind, String)> {
    let text = block.block.text.as_str();
    if block.words > MAX_NOTE_WORDS || !openings().of_note(text) {
        return None;
    }
    let form = plain(text);
    for list in &phrases().note {
        for label in &list.labels {
            let Some(rest) = form.strip_prefix(label.as_str()) else { continue };
            let rest = rest.trim_start();
            if rest.is_empty() || rest == ":" {
                // A lone "Update" is a note's label only as a heading or in bold.
                let set_off = block.emphasized || block.block.kind == BlockKind::Heading || form.ends_with(':');
                return set_off.then(|| (list.kind, String::new()));
            }
            let joined = rest.starts_with([':', '：', '–', '—', '】', '］', ']', '|', '|']) || rest.starts_with("- ") || dated(rest);
            if joined {
                return Some((list.kind, after_label(text, label)));
            }
        }
        if block.words <= 80 && list.starts.iter().any(|s| form.starts_with(s.as_str())) {
            return Some((list.kind, unwrapped(text).to_owned()));
        }
    }
    None
}

/// "Correction (May 3, 2024):", "Update, 18:40:", "Update 2:".
fn dated(rest: &str) -> bool {
    let head: String = rest.chars().take(50).collect();
    rest.starts_with(['(', ',', '[', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        && head.chars().any(|c| c.is_ascii_digit())
        && head.contains([':', '：'])
}

/// The text behind a note's label, its joint and a date in brackets.
fn after_label(text: &str, label: &str) -> String {
    let text = unwrapped(text);
    let count = label.chars().count();
    let skipped: usize = text.chars().take_while(|c| !c.is_alphanumeric()).count();
    let rest: String = text.chars().skip(skipped + count).collect();
    let rest = rest.trim_start();
    let rest = if dated(rest) {
        let at = rest
            .char_indices()
            .find(|(at, c)| matches!(c, ':' | '：') && !rest[at + c.len_utf8()..].starts_with(|d: char| d.is_ascii_digit()))
            .map_or(0, |(at, c)| at + c.len_utf8());
        &rest[at..]
    } else {
        rest
    };
    rest.trim_start_matches([':', '：', '–', '—', '-', '】', '］', ']', '|', '*', ' ', '\u{3000}']).trim().to_owned()
}

/// A text without the brackets around the whole of it.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    for (open, close) in [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close))
            && !inner.contains(open)
        {
            return inner.trim();
        }
    }
    text.trim_start_matches('*').trim()
}

/// Blocks at the end that rules for tails look at.
const TAIL_BLOCKS: usize = 5;

fn drop_furniture(article: &mut CleanArticle) {
    let removals = &mut article.removals;
    let tail = article.raw.blocks.len().saturating_sub(TAIL_BLOCKS);
    let mut at = 0;
    article.raw.blocks.retain(|block| {
        at += 1;
        if !openings().of_furniture(&block.block.text, block.words) {
            return true;
        }
        let (form, lower) = (plain(&block.block.text), block.block.text.to_lowercase());
        let applies = |rule: &&Furniture| block.words <= rule.max_words && (!rule.tail || at > tail) && matches(rule, &form, &lower);
        let Some(rule) = phrases().furniture.iter().find(applies) else {
            return true;
        };
        removals.push(Removal { step: "furniture", rule: rule.rule.clone(), text: block.block.text.clone(), segment: block.segment });
        false
    });
}

/// Whether a rule takes a block of this text, given in plain form and in lower case.
fn matches(rule: &Furniture, form: &str, lower: &str) -> bool {
    let starts = rule.starts.iter().any(|s| form.starts_with(s.as_str()) || lower.starts_with(s.as_str()));
    let contains = rule.contains.iter().any(|s| form.contains(s.as_str()));
    let bare = form.trim_end_matches([':', '.', '…', ' ']);
    let whole = rule.whole.iter().any(|s| bare == s);
    whole || if rule.both { starts && contains } else { starts || contains }
}

/// The headline, standfirst or byline printed again inside the body.
fn drop_head_copies(article: &mut CleanArticle) {
    let raw = &mut article.raw;
    let head = [&raw.title, &raw.subtitle, &raw.byline].into_iter().flatten().map(|t| text::comparison_key(t));
    let head: Vec<(u64, String)> = head.filter(|key| key.chars().count() >= 6).map(|key| (text::head_of_key(&key), key)).collect();
    let removals = &mut article.removals;
    raw.blocks.retain(|block| {
        let begins = text::key_head(&block.block.text);
        let copy = head.iter().any(|(head, key)| *head == begins && text::has_comparison_key(&block.block.text, key));
        if copy {
            removals.push(Removal { step: "head", rule: "copy".to_owned(), text: block.block.text.clone(), segment: block.segment });
        }
        !copy
    });
}

/// Short list items before the first paragraph are buttons: share, print, save.
fn drop_head_buttons(article: &mut CleanArticle) {
    let is_button = |b: &RawBlock| b.block.kind == BlockKind::ListItem && b.words <= 4 && b.block.text.chars().count() <= 24;
    let count = article.raw.blocks.iter().take_while(|b| is_button(b)).count();
    if article.raw.blocks.get(count).is_some_and(|b| b.block.kind == BlockKind::Paragraph) {
        for block in article.raw.blocks.drain(..count) {
            article.removals.push(Removal { step: "head", rule: "button".to_owned(), text: block.block.text, segment: block.segment });
        }
    }
}

/// Headings with nothing after them, and lines at the end that are links and nothing else.
fn drop_loose_ends(article: &mut CleanArticle) {
    while let Some(last) = article.raw.blocks.last() {
        let linked = last.link_share > 0.95 && last.words <= 25 && article.raw.blocks.len() > 3;
        if last.block.kind != BlockKind::Heading && !linked {
            break;
        }
        let rule = if linked { "link" } else { "heading" };
        article.removals.push(Removal { step: "end", rule: rule.to_owned(), text: last.block.text.clone(), segment: last.segment });
        article.raw.blocks.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Block;

    fn note_of(text: &str, emphasized: bool) -> Option<(NoteKind, String)> {
        let block = RawBlock {
            block: Block { kind: BlockKind::Paragraph, level: None, text: text.to_owned() },
            segment: 0,
            emphasized,
            link_share: 0.0,
            words: text::word_count(text),
        };
        note(&block)
    }

    #[test]
    fn labels_of_notes() {
        for (text, kind, rest) in [
            ("Editor's note: Ana Ruiz lives in Elbtal.", NoteKind::Editor, "Ana Ruiz lives in Elbtal."),
            ("Editor’s Note – Ana Ruiz lives in Elbtal.", NoteKind::Editor, "Ana Ruiz lives in Elbtal."),
            ("[Correction: The bridge has four piers.]", NoteKind::Correction, "The bridge has four piers."),
            ("Correction (May 3, 2024): The bridge has four piers.", NoteKind::Correction, "The bridge has four piers."),
            ("Update, 18:40: The ferry has left.", NoteKind::Update, "The ferry has left."),
            ("编者按：本文作者住在南浦。", NoteKind::Editor, "本文作者住在南浦。"),
            (
                "An earlier version of this article gave the wrong year.",
                NoteKind::Correction,
                "An earlier version of this article gave the wrong year.",
            ),
        ] {
            assert_eq!(note_of(text, false), Some((kind, rest.to_owned())), "{text}");
        }
        assert_eq!(note_of("Corrections are part of the job, she said.", false), None);
        assert_eq!(note_of("Update on the harbour works was given on Monday.", false), None);
        assert_eq!(note_of("Disclaimer", false), None);
        assert_eq!(note_of("Disclaimer", true), Some((NoteKind::Disclaimer, String::new())));
    }
}
