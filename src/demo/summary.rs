//! What a demo run gave, told to a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::article::Article;

/// Counts over the records and rejected pages of a run.
#[derive(Debug, Default)]
pub struct Summary {
    records: usize,
    revisions: usize,
    copies: usize,
    captions: usize,
    printed: u64,
    notes: BTreeMap<&'static str, usize>,
    languages: BTreeMap<String, usize>,
    kinds: BTreeMap<String, usize>,
    truncated: usize,
    rejected: BTreeMap<String, usize>,
    /// The caption that was printed most often: its text, and how often.
    loudest: Option<(String, u32)>,
}

impl Summary {
    /// Takes a record in.
    pub fn record(&mut self, article: &Article) {
        if article.revision > 1 {
            self.revisions += 1;
            return;
        }
        self.records += 1;
        self.copies += usize::from(article.duplicate_of.is_some());
        self.truncated += usize::from(article.access.truncated);
        *self.languages.entry(article.language.clone().unwrap_or_else(|| "unknown".to_owned())).or_default() += 1;
        *self.kinds.entry(format!("{:?}", article.extraction.page_kind).to_lowercase()).or_default() += 1;
        for caption in &article.captions {
            self.captions += 1;
            self.printed += u64::from(caption.occurrences);
            if self.loudest.as_ref().is_none_or(|(_, times)| *times < caption.occurrences) {
                self.loudest = Some((caption.text.clone(), caption.occurrences));
            }
        }
        for note in &article.notes {
            let kind = match note.kind {
                crate::article::NoteKind::Editor => "editor's notes",
                crate::article::NoteKind::Correction => "corrections",
                crate::article::NoteKind::Update => "updates",
                crate::article::NoteKind::Disclaimer => "disclaimers",
            };
            *self.notes.entry(kind).or_default() += 1;
        }
    }

    /// Takes a rejected page in: its reason, and the status where there was one.
    pub fn reject(&mut self, reason: &str, status: Option<u16>) {
        *self.rejected.entry(in_words(reason, status)).or_default() += 1;
    }

    /// Records of articles, revisions left out.
    #[must_use]
    pub fn records(&self) -> usize {
        self.records
    }

    /// The summary, line by line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut row = |name: &str, text: String| writeln!(out, "  {name:<10} {text}").expect("writing to a string");
        row("kept", format!("{} articles in {} languages ({})", self.records, self.languages.len(), counts(&self.languages)));
        row("kinds", counts(&self.kinds));
        row("captions", format!("printed {} times, kept {}", self.printed, self.captions));
        if let Some((text, times)) = &self.loudest {
            row("", format!("the page liked this one best, {times} times: “{}”", shorten(text, 70)));
        }
        if !self.notes.is_empty() {
            let list: Vec<String> = self.notes.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            row("set apart", list.join(", "));
        }
        if self.copies > 0 {
            row("copies", format!("{} near copy of another article, marked", self.copies));
        }
        if self.truncated > 0 {
            row("paywall", format!("{} cut short by its publisher", self.truncated));
        }
        if self.revisions > 0 {
            row("revised", format!("{} article, which its paper corrected between the two runs", self.revisions));
        }
        let total: usize = self.rejected.values().sum();
        if total > 0 {
            row("left out", format!("{total} pages"));
            let mut reasons: Vec<_> = self.rejected.iter().collect();
            reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), reason.as_str()));
            for (reason, count) in reasons {
                row("", format!("{count:>3} {reason}"));
            }
        }
        out
    }
}

/// A reason of `rejected`, said to a person.
fn in_words(reason: &str, status: Option<u16>) -> String {
    let text = match (reason, status) {
        (_, Some(404)) => "dead links (404)",
        ("index_page", _) => "front and section pages",
        ("noindex", _) => "that ask not to be indexed",
        ("robots", _) => "that robots.txt disallows",
        ("canonical_elsewhere", _) => "copies (AMP, tracking links) of an article that is there",
        ("no_content", _) => "with neither title nor text",
        ("not_article", _) => "that are no articles",
        _ => return reason.to_owned(),
    };
    text.to_owned()
}

/// `en 8, zh 2`, the most frequent first.
fn counts(map: &BTreeMap<String, usize>) -> String {
    let mut list: Vec<_> = map.iter().collect();
    list.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
    list.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max - 1).collect();
    format!("{}…", cut.trim_end())
}
