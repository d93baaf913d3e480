//! One page → one record: the pure chain from decoded text to [`Article`], extract → clean → dedup.
//!
//! The same page gives the same record on every machine and in every command. `fetched_at`,
//! `revision` and `duplicate_of` are filled in by who knows them.

use std::sync::Arc;

use url::Url;

use crate::article::{self, Access, Article, Extraction, RecordId, SCHEMA, SHORT_BODY, SHORT_BODY_WORDS};
use crate::clean;
use crate::decode::Page;
use crate::dedup;
use crate::error::{Error, Result};
use crate::extract;
use crate::extract::{FieldRules, Links, RawArticle};
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

fn finish(raw: RawArticle, url: Option<&Url>) -> Result<Article> {
    let clean::CleanArticle { mut raw, notes, .. } = clean::clean(raw);
    let captions = dedup::merge_captions(&raw.captions, &mut raw.blocks);
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
