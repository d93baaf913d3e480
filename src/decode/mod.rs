//! Bytes → text. What came in, and which characters is it?
//!
//! In: the bytes of an answer or a file, with what its headers say. Out: a [`Page`] of decoded
//! text, or an error that names what the bytes are instead. Never: a look at the text's meaning.

mod charset;
pub mod jsonl;
pub(crate) mod packed;
mod sniff;
pub mod warc;

pub use charset::{Decoded, decode};
pub use sniff::{reject_binary, reject_data};

use url::Url;

use crate::error::Result;
use crate::fetch::Fetched;

/// A decoded page: all that extraction may know of it.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Where it was fetched, after redirects; `None` when nobody said. Relative links resolve against it.
    pub url: Option<Url>,
    /// Its text.
    pub html: String,
    /// What its headers and the site's robots.txt say of it.
    pub signals: Signals,
}

/// What travels beside a page: header fields and robots.txt lines that a record keeps, raw.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Values of `X-Robots-Tag`.
    pub robots_tag: Vec<String>,
    /// Value of `TDM-Reservation`.
    pub tdm_reservation: Option<String>,
    /// `Content-Signal` of the robots.txt group that applies.
    pub content_signal: Option<String>,
}

/// The page of an answer: its text decoded, with what headers and robots.txt say of it.
///
/// # Errors
/// [`Error::NotHtml`](crate::error::Error::NotHtml) when the bytes are no page.
pub fn page_of(fetched: &Fetched) -> Result<Page> {
    let content_type = fetched.content_type.as_deref();
    reject_binary(&fetched.body, content_type)?;
    let signals = Signals {
        robots_tag: fetched.robots_tag.clone(),
        tdm_reservation: fetched.tdm_reservation.clone(),
        content_signal: fetched.content_signal.clone(),
    };
    let html = decode(&fetched.body, content_type, fetched.url.host_str()).text;
    Ok(Page { url: Some(fetched.url.clone()), html, signals })
}
