//! One page → one record: the pure chain from decoded text to [`Article`], extract → clean → dedup.
//!
//! The same page gives the same record on every machine and in every command. `fetched_at`,
//! `revision` and `duplicate_of` are filled in by who knows them.

use url::Url;

use crate::article::{Access, Article, Extraction, PageKind, RecordId, Rights, SCHEMA};
use crate::decode::Page;
use crate::error::{Error, Result};
use crate::extract::Links;
use crate::text;

/// What a person may set about extraction.
#[derive(Debug, Clone, Default)]
pub struct Options {}

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
pub fn read(page: &Page, _options: &Options) -> Reading {
    let document = scraper::Html::parse_document(&page.html);
    let select = |css: &str| {
        let selector = scraper::Selector::parse(css).expect("constant selector");
        document.select(&selector).map(|e| text::clean(&e.text().collect::<String>())).filter(|t| !t.is_empty()).collect::<Vec<_>>()
    };
    let title = select("h1").into_iter().next().or_else(|| select("title").into_iter().next());
    let paragraphs = select("p");
    let links = Links::from_html(&document, page.url.as_ref());
    if title.is_none() && paragraphs.is_empty() {
        return Reading { article: Err(Error::NoContent), links };
    }
    let blocks: Vec<_> = paragraphs
        .into_iter()
        .map(|text| crate::article::Block { kind: crate::article::BlockKind::Paragraph, level: None, text })
        .collect();
    let body = blocks.iter().map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n\n");
    let article = Article {
        schema: SCHEMA.to_owned(),
        id: RecordId::Text(page.url.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)),
        url: page.url.as_ref().map(ToString::to_string),
        canonical_url: None,
        title,
        subtitle: None,
        byline: None,
        authors: vec![],
        published: None,
        modified: None,
        language: None,
        site: None,
        section: None,
        tags: vec![],
        content_hash: format!("{:016x}", xxhash_rust::xxh3::xxh3_64(body.as_bytes())),
        body,
        blocks,
        captions: vec![],
        notes: vec![],
        lead_image: None,
        access: Access::default(),
        rights: Rights::default(),
        duplicate_of: None,
        revision: 1,
        fetched_at: None,
        extraction: Extraction {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            confidence: 0.5,
            page_kind: PageKind::Article,
            sources: std::collections::BTreeMap::default(),
            warnings: vec![],
        },
    };
    Reading { article: Ok(article), links }
}

/// Reads a plain-text scrape of an article page: title line, byline line, captions repeated, tail and all.
///
/// # Errors
/// [`Error::NoContent`] when the text is empty.
pub fn read_text(text: &str, url: Option<&Url>, options: &Options) -> Result<Article> {
    let html = text.lines().map(|l| format!("<p>{l}</p>")).collect::<String>();
    read(&Page { url: url.cloned(), html, ..Page::default() }, options).article
}
