//! copydesk: news pages in, clean article records out.
//!
//! ```text
//! frontier → fetch → decode → extract → clean → dedup → write
//! ```
//!
//! Each stage is a folder; what it hands on is a type. [`extract`](fn@extract) runs the pure part, from a
//! page's text to its [`Article`]:
//!
//! ```
//! let html = "<h1>Library reopens</h1><p>The city library reopened on Monday after two years of repairs, the mayor said.</p>";
//! let article = copydesk::extract(html, Some("https://news.example/library"))?;
//! assert_eq!(article.title.as_deref(), Some("Library reopens"));
//! # Ok::<(), copydesk::Error>(())
//! ```

pub mod article;
pub mod batch;
pub mod clean;
pub mod config;
pub mod decode;
pub mod dedup;
pub mod demo;
pub mod diff;
mod eights;
pub mod error;
pub mod export;
pub mod extract;
pub mod fetch;
pub mod frontier;
pub mod init;
pub mod inspect;
pub mod pipeline;
pub mod record;
pub mod report;
pub mod sites;
pub mod skip;
pub mod text;
pub mod units;
pub mod write;

pub use article::Article;
pub use error::{Error, Result};
pub use skip::Skip;

/// Extracts the article of a decoded page. `url` is where it came from: links and pictures resolve
/// against it, and it gives the record its `id`; a URL that can't be read counts as none.
///
/// # Errors
/// [`Error::NoContent`] when the page has neither a title nor any text.
pub fn extract(html: &str, url: Option<&str>) -> Result<Article> {
    let page = decode::Page { url: url.and_then(record::usable_url), html: html.to_owned(), signals: decode::Signals::default() };
    record::read_article(&page, &record::Options::default())
}
