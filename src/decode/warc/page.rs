//! A record that may hold a page → the page.

use super::head::Head;
use super::http;
use super::record::Record;
use crate::decode::{Page, Signals, decode, reject_binary};
use crate::error::{Error, Result};

use url::Url;

/// What an archive holds of an answer, as it stands there.
#[derive(Debug)]
pub struct Archived {
    /// Where its record, or the member that holds it, begins in the file.
    pub offset: u64,
    /// What was asked for; `None` where it is no web address.
    pub url: Option<Url>,
    /// When, in milliseconds since 1970: as copydesk's own crawl says in the record, else when the record was made.
    pub fetched_at: Option<i64>,
    /// Whether the archive holds only the beginning of the body.
    pub is_cut: bool,
    id: String,
    content_signal: Option<String>,
    http: Head,
    body: Vec<u8>,
    too_large: bool,
}

/// What came of a record.
#[derive(Debug)]
pub enum Leaf {
    /// A page.
    Page(Page),
    /// Something else under the name of one: a feed, a text.
    Other,
}

impl Archived {
    /// The page that a response or resource may hold, by what its heads say of it.
    pub(super) fn of(record: Record, offset: u64) -> Option<Self> {
        let Record { head, mut block, too_large } = record;
        let target = head.get("WARC-Target-URI").unwrap_or_default();
        // Some tools write <…>, as the first standard's grammar has it.
        let target = target.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(target);
        let url = Url::parse(target.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let content_type = head.get("Content-Type").unwrap_or_default().to_ascii_lowercase();
        let http = if head.get("WARC-Type").is_some_and(|kind| kind.eq_ignore_ascii_case("resource")) {
            Head::with("Content-Type", &content_type)
        } else if content_type.starts_with("application/http") || content_type.is_empty() {
            let mut rest = block.as_slice();
            let http = Head::read(&mut rest).ok().flatten()?;
            let start = block.len() - rest.len();
            block.drain(..start);
            http
        } else {
            return None;
        };
        let identified = head.get("WARC-Identified-Payload-Type").unwrap_or_default();
        let wanted = is_success(&http.first) && (may_be_page(http.get("Content-Type")) || identified.contains("html"));
        let robots = url.as_ref().is_some_and(|url| url.path() == "/robots.txt");
        let text = |name: &str| head.get(name).map(str::to_owned);
        (wanted && !robots).then(|| Self {
            offset,
            url,
            fetched_at: head.get("WARC-Date").and_then(millis),
            is_cut: head.get("WARC-Truncated").is_some() || head.get("WARC-Segment-Number").is_some(),
            id: text("WARC-Record-ID").unwrap_or_default(),
            content_signal: None,
            http,
            body: block,
            too_large,
        })
    }

    /// What the crawler's `metadata` record says of the page, if it is about this one.
    pub(super) fn learn(&mut self, metadata: &Record) {
        let about = metadata.head.get("WARC-Concurrent-To").or_else(|| metadata.head.get("WARC-Refers-To"));
        if self.id.is_empty() || about != Some(self.id.as_str()) {
            return;
        }
        let lines = [b"\n", metadata.block.as_slice(), b"\n\n"].concat();
        let Ok(Some(lines)) = Head::read(&mut lines.as_slice()) else { return };
        self.fetched_at = lines.get("fetched-at").and_then(millis).or(self.fetched_at);
        self.content_signal = lines.get("content-signal").map(str::to_owned);
    }

    /// The page, read as a fetched one would be.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::NotHtml`]; [`Error::BadInput`] when the body can't be unpacked.
    pub fn page(self, max_body_bytes: u64) -> Result<Leaf> {
        if self.too_large {
            return Err(Error::TooLarge { limit: max_body_bytes });
        }
        let body = http::body(&self.http, self.body, self.is_cut, max_body_bytes)?;
        let content_type = self.http.get("Content-Type");
        if !is_page(content_type, &body) {
            return Ok(Leaf::Other);
        }
        reject_binary(&body, content_type)?;
        let signals = Signals {
            robots_tag: self.http.all("X-Robots-Tag").map(str::to_owned).collect(),
            tdm_reservation: self.http.get("TDM-Reservation").map(str::to_owned),
            content_signal: self.content_signal,
        };
        let html = decode(&body, content_type, self.url.as_ref().and_then(Url::host_str)).text;
        Ok(Leaf::Page(Page { url: self.url, html, signals }))
    }
}

/// An answer with a page: 2xx, but not "no content". A resource has no status.
fn is_success(status_line: &str) -> bool {
    let status = status_line.strip_prefix("HTTP/").and_then(|rest| rest.split_ascii_whitespace().nth(1)).unwrap_or_default();
    status_line.is_empty() || status.len() == 3 && status.starts_with('2') && status != "204" && status != "205"
}

/// Whether a media type is that of a page, or one that servers give to what they don't know.
fn may_be_page(content_type: Option<&str>) -> bool {
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.contains("html")
        || !media_type.contains('/')
        || matches!(media_type.as_str(), "text/plain" | "application/octet-stream" | "text/xml" | "application/xml")
}

/// How far a body is looked into.
const SNIFF_BYTES: usize = 1 << 10;

/// Whether a body is a page: one that is called so and is no feed or sitemap, or one that begins as pages do.
fn is_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(SNIFF_BYTES)]).to_ascii_lowercase();
    let head = head.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let has = |names: &[&str]| names.iter().any(|name| head.contains(name));
    if content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html")) {
        let is_xml = ["<?xml", "<rss", "<feed", "<urlset", "<sitemapindex"].iter().any(|start| head.starts_with(start));
        return !is_xml || !has(&["<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex"]);
    }
    head.starts_with('<') && has(&["<!doctype html", "<html", "<head", "<body"])
}

fn millis(date: &str) -> Option<i64> {
    date.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
