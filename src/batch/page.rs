//! One page from bytes at hand.

use std::io::{self, Read};

use url::Url;

use crate::article::Article;
use crate::decode::{self, Page, Signals};
use crate::error::{Error, Result, catching};
use crate::record::{self, Options};

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A web page.
    Html,
    /// A plain-text scrape of an article page.
    Text,
}

/// Bytes at hand, with what is known of them.
#[derive(Debug, Clone)]
pub struct Source {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they are.
    pub form: Form,
    /// Where the page came from, if somebody says.
    pub url: Option<Url>,
}

impl Source {
    /// The page, decoded.
    ///
    /// # Errors
    /// [`Error::NotHtml`].
    pub fn page(&self) -> Result<Page> {
        decode::reject_binary(&self.bytes, None)?;
        let host = self.url.as_ref().and_then(|u| u.host_str());
        let html = decode::decode(&self.bytes, None, host).text;
        Ok(Page { url: self.url.clone(), html, signals: Signals::default() })
    }

    /// Reads the article.
    ///
    /// # Errors
    /// [`Error::NotHtml`], [`Error::NoContent`], [`Error::Internal`].
    pub fn article(&self, options: &Options) -> Result<Article> {
        catching(|| {
            let page = self.page()?;
            match self.form {
                Form::Text => record::read_text(&page.html, page.url.as_ref(), options),
                Form::Html => record::read_article(&page, options),
            }
        })
    }
}

/// Reads the article of a page of which the text is at hand, and perhaps where it came from: what a line of `--from jsonl` asks for.
///
/// # Errors
/// [`Error::NoContent`], [`Error::Internal`].
pub fn read_page(html: String, url: Option<&str>, options: &Options) -> Result<Article> {
    let page = Page { url: url.and_then(record::usable_url), html, signals: Signals::default() };
    catching(|| record::read_article(&page, options))
}

/// Reads a stream to its end, up to a limit.
///
/// # Errors
/// [`Error::TooLarge`] past the limit; [`Error::Io`], with an empty path, when reading fails.
pub fn read_capped(input: impl Read, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = input.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e: io::Error| Error::io("", e))?;
    if bytes.len() as u64 > limit { Err(Error::TooLarge { limit }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_last_size_that_passes() {
        assert_eq!(read_capped(&b"1234"[..], 4).unwrap(), b"1234");
        assert_eq!(read_capped(&b"12345"[..], 4).unwrap_err().kind(), "too_large");
    }

    #[test]
    fn a_pdf_is_named() {
        let source = Source { bytes: b"%PDF-1.7".to_vec(), form: Form::Html, url: None };
        assert_eq!(source.article(&Options::default()).unwrap_err().kind(), "not_html");
    }
}
