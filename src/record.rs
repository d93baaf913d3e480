//! One page → one record: the pure chain from decoded text to [`Article`], extract → clean → dedup.
//!
//! The same page gives the same record on every machine and in every command. `fetched_at`,
//! `revision` and `duplicate_of` are filled in by who knows them.

use std::sync::Arc;

use url::Url;

use crate::article::{self, Access, Article, Caption, Extraction, Note, RecordId, SCHEMA, SHORT_BODY, SHORT_BODY_WORDS};
use crate::clean::{self, Removal};
use crate::decode::Page;
use crate::dedup;
use crate::error::{Error, Result};
use crate::extract;
use crate::extract::{Decision, Explained, FieldRules, Links, Part, RawArticle};
use crate::frontier::identity;
use crate::text;

/// What a person may set about extraction.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules for the pages of single hosts, compiled; of several that hold, the first counts.
    pub site_rules: Arc<[FieldRules]>,
}

/// What reading a page gives: its article, and where it leads.
#[derive(Debug)]
pub struct Reading {
    /// The record, or why there is none.
    pub article: Result<Article>,
    /// Links for the crawl.
    pub links: Links,
}

/// A URL that links can resolve against and that may stand in a record: absolute, http or https.
#[must_use]
pub fn usable_url(raw: &str) -> Option<Url> {
    let url = Url::parse(raw.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Reads a decoded HTML page.
#[must_use]
pub fn read(page: &Page, options: &Options) -> Reading {
    let (raw, links) = extract::extract_with_links(page, &options.site_rules);
    Reading { article: finish(raw, page.url.as_ref()), links }
}

/// Reads the article of a decoded HTML page, for who does not follow its links.
///
/// # Errors
/// [`Error::NoContent`] when the page has neither a title nor any text.
pub fn read_article(page: &Page, options: &Options) -> Result<Article> {
    finish(extract::extract(page, &options.site_rules), page.url.as_ref())
}

/// Reads a page with given probabilities, see [`extract::training::extract_scored`].
///
/// # Errors
/// As [`read`].
#[doc(hidden)]
pub fn read_scored(page: &Page, scores: &[[f32; 3]]) -> Result<Article> {
    finish(extract::training::extract_scored(page, scores), page.url.as_ref())
}

/// Reads a plain-text scrape of an article page: title line, byline line, captions repeated, tail and all.
///
/// # Errors
/// [`Error::NoContent`] when the text is empty.
pub fn read_text(text: &str, url: Option<&Url>, _options: &Options) -> Result<Article> {
    finish(extract::extract_text(text), url)
}

/// Reads a decoded HTML page, and tells what became of each of its blocks: in one run, the record is that of [`read`]. Where there is none,
/// the blocks are told all the same.
pub fn explain(page: &Page, options: &Options) -> (Result<Article>, Vec<Explained>) {
    let (raw, blocks) = extract::explain(page, &options.site_rules);
    explained(raw, page.url.as_ref(), blocks)
}

/// The same of a plain-text scrape.
pub fn explain_text(text: &str, url: Option<&Url>) -> (Result<Article>, Vec<Explained>) {
    let (raw, blocks) = extract::explain_text(text);
    explained(raw, url, blocks)
}

/// Finishes a record, and tells what cleaning and merging made of its blocks.
fn explained(raw: RawArticle, url: Option<&Url>, mut list: Vec<Explained>) -> (Result<Article>, Vec<Explained>) {
    let mut places = vec![None; list.len()];
    for (place, block) in list.iter().enumerate() {
        if let Some(segment) = block.segment {
            places[segment] = Some(place);
        }
    }
    let (article, origins) = assemble(raw, url);
    // A text of the page's JSON has no segment.
    let mut tell = |segment: usize, of: &dyn Fn(&Explained) -> bool, decision: Decision, part: Option<Part>, reason: Option<String>| {
        if let Some(block) = places.get(segment).copied().flatten().and_then(|place| list.get_mut(place)).filter(|block| of(block)) {
            (block.decision, block.part) = (decision, part);
            if let Some(reason) = reason {
                block.reasons.insert(0, reason);
            }
        }
    };
    for removal in origins.removals {
        let of = |block: &Explained| block.decision == Decision::Body && block.text == removal.text;
        tell(removal.segment, &of, Decision::Cleaned, None, Some(removal.reason()));
    }
    let Ok(record) = &article else { return (article, list) };
    for (at, (segment, note)) in origins.notes.into_iter().zip(&record.notes).enumerate() {
        let of = |block: &Explained| block.text.contains(&note.text);
        tell(segment, &of, Decision::Note, Some(Part::Note(at)), Some("a note by the editors, set apart from the text".to_owned()));
    }
    for (at, copies) in origins.captions.into_iter().enumerate() {
        let of = |block: &Explained| matches!(block.decision, Decision::Caption | Decision::Body);
        for (number, segment) in copies.into_iter().enumerate() {
            let decision = if number == 0 { Decision::Caption } else { Decision::CaptionCopy };
            tell(segment, &of, decision, Some(Part::Caption(at)), None);
        }
    }
    for (at, segment) in origins.blocks.into_iter().enumerate() {
        let of = |block: &Explained| block.decision == Decision::Body;
        tell(segment, &of, Decision::Body, Some(Part::Block(at)), None);
    }
    for block in list.iter_mut().filter(|block| block.decision == Decision::Body && block.part.is_none()) {
        block.decision = Decision::Note;
        block.reasons.insert(0, "the label of a note".to_owned());
    }
    (article, list)
}

/// Where the parts of a record stand among the segments of its page.
struct Origins {
    removals: Vec<Removal>,
    notes: Vec<usize>,
    captions: Vec<Vec<usize>>,
    blocks: Vec<usize>,
}

fn finish(raw: RawArticle, url: Option<&Url>) -> Result<Article> {
    assemble(raw, url).0
}

fn assemble(raw: RawArticle, url: Option<&Url>) -> (Result<Article>, Origins) {
    let clean::CleanArticle { mut raw, notes, note_segments, removals } = clean::clean(raw);
    let (captions, copies): (Vec<_>, Vec<_>) = dedup::merge_captions_traced(&raw.captions, &mut raw.blocks).into_iter().unzip();
    let segments = raw.blocks.iter().map(|b| b.segment).collect();
    let origins = Origins { removals, notes: note_segments, captions: copies, blocks: segments };
    (compose(raw, notes, captions, url), origins)
}

fn compose(raw: RawArticle, notes: Vec<Note>, captions: Vec<Caption>, url: Option<&Url>) -> Result<Article> {
    let words = raw.blocks.iter().map(|b| b.words).sum();
    let blocks: Vec<_> = raw.blocks.into_iter().map(|b| b.block).collect();
    let body = blocks.iter().map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n\n");
    if raw.title.is_none() && body.is_empty() && captions.is_empty() {
        return Err(Error::NoContent);
    }
    let clean_text = |field: Option<String>| field.map(|t| text::clean(&t)).filter(|t| !t.is_empty());
    let title = clean_text(raw.title);
    let warnings = warnings(&raw.warnings, &raw.access, raw.published.as_deref(), words);
    let printed = captions.iter().map(|c| (c.text.as_str(), c.credit.as_deref()));
    let content_hash = article::content_hash(title.as_deref(), &body, printed, notes.iter().map(|n| n.text.as_str()));
    let identity = raw.canonical_url.as_ref().or(url);
    let id = identity.map_or_else(|| content_hash.clone(), identity::article_id);
    Ok(Article {
        schema: SCHEMA.to_owned(),
        id: RecordId::Text(id),
        url: url.map(ToString::to_string),
        canonical_url: raw.canonical_url.map(|u| u.to_string()),
        title,
        subtitle: clean_text(raw.subtitle),
        byline: clean_text(raw.byline),
        authors: raw.authors.into_iter().map(|a| text::clean(&a)).filter(|a| !a.is_empty()).collect(),
        published: raw.published,
        modified: raw.modified,
        language: raw.language,
        site: clean_text(raw.site),
        section: clean_text(raw.section),
        tags: raw.tags,
        body,
        blocks,
        captions,
        notes,
        lead_image: raw.lead_image,
        access: raw.access,
        rights: raw.rights,
        duplicate_of: None,
        revision: 1,
        content_hash,
        fetched_at: None,
        extraction: Extraction {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            confidence: raw.confidence,
            page_kind: raw.page_kind,
            sources: raw.sources,
            warnings,
        },
    })
}

/// What a reader of the record should know: what extraction said, and what the record itself lacks.
fn warnings(said: &[String], access: &Access, published: Option<&str>, words: usize) -> Vec<String> {
    let lacks = [
        (access.truncated, "the text is cut short"),
        (published.is_none(), "no date of publication"),
        (words < SHORT_BODY_WORDS, SHORT_BODY),
    ];
    said.iter().cloned().chain(lacks.iter().filter(|(holds, _)| *holds).map(|(_, words)| (*words).to_owned())).collect()
}
