//! What a demo run gave, told to a person.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::article::{Article, NoteKind};
use crate::error::{Error, Result};

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

/// A line of `rejected`.
#[derive(Deserialize)]
struct Rejected {
    reason: String,
    status: Option<u16>,
}

impl Summary {
    /// Reads what a run wrote.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::BadInput`] for a line that is no record.
    pub fn read(articles: &Path, rejected: &Path) -> Result<Self> {
        let mut summary = Self::default();
        each_line(articles, |line| {
            summary.record(&serde_json::from_str(line)?);
            Ok(())
        })?;
        each_line(rejected, |line| {
            let Rejected { reason, status } = serde_json::from_str(line)?;
            summary.reject(&reason, status);
            Ok(())
        })?;
        Ok(summary)
    }

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
                NoteKind::Editor => "editor's note",
                NoteKind::Correction => "correction",
                NoteKind::Update => "update",
                NoteKind::Disclaimer => "disclaimer",
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
        let languages: BTreeSet<&str> = self.languages.keys().filter_map(|tag| tag.split('-').next()).collect();
        row("kept", format!("{} articles in {} languages ({})", self.records, languages.len(), counts(&self.languages)));
        row("kinds", counts(&self.kinds));
        row("captions", format!("printed {} times, kept {}", self.printed, self.captions));
        if let Some((text, times)) = &self.loudest {
            row("", format!("most often, {times} times: “{}”", shorten(text, 70)));
        }
        if !self.notes.is_empty() {
            let plural = |count: usize| if count == 1 { "" } else { "s" };
            let list: Vec<String> = self.notes.iter().map(|(kind, &count)| format!("{count} {kind}{}", plural(count))).collect();
            row("set apart", list.join(", "));
        }
        if self.copies > 0 {
            let copies = if self.copies == 1 { "near copy" } else { "near copies" };
            row("copies", format!("{} {copies} of an earlier article, marked", self.copies));
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

fn each_line(path: &Path, mut take: impl FnMut(&str) -> serde_json::Result<()>) -> Result<()> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|e| Error::io(path, e))?;
        take(&line).map_err(|e| Error::BadInput(format!("{}: {e}", path.display())))?;
    }
    Ok(())
}

/// A reason of `rejected`, said to a person.
fn in_words(reason: &str, status: Option<u16>) -> String {
    let text = match (reason, status) {
        (_, Some(404)) => "links that lead nowhere (404)",
        ("index_page" | "not_article", _) => "front pages, sections and other lists",
        ("noindex", _) => "asking not to be indexed",
        ("robots", _) => "disallowed by robots.txt",
        ("canonical_elsewhere", _) => "copies (AMP, tracking links) of an article that is there",
        ("no_content", _) => "with neither a title nor text",
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
