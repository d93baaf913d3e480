//! The fixtures on disk: found at run time, read through the library as a command would read them.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use copydesk::article::Article;
use copydesk::decode::{self, Page, Signals};
use copydesk::record::{self, Options};
use serde::Deserialize;

/// `meta.toml` of a fixture: what travelled beside the page, and what the page is there for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meta {
    /// Where the page would be fetched.
    pub(crate) url: Option<String>,
    /// The `Content-Type` header, where the server sends one.
    pub(crate) content_type: Option<String>,
    /// `X-Robots-Tag`.
    pub(crate) x_robots_tag: Option<String>,
    /// `TDM-Reservation`.
    pub(crate) tdm_reservation: Option<String>,
    /// `Content-Signal` of the host's robots.txt.
    pub(crate) content_signal: Option<String>,
    /// Language of the text.
    pub(crate) language: Option<String>,
    /// Where the page comes from.
    pub(crate) origin: String,
    /// Under which licence it is here.
    pub(crate) licence: String,
    /// What it tests.
    pub(crate) tests: String,
    /// Slug of the fixture of which it is a near copy (a crawl marks it).
    pub(crate) near_copy_of: Option<String>,
}

/// One folder of `fixtures/`.
#[derive(Debug)]
pub(crate) struct Fixture {
    /// Name of the folder.
    pub(crate) slug: String,
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Its `meta.toml`.
    pub(crate) meta: Meta,
}

/// The folder of all fixtures.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// All fixtures, by name.
pub(crate) fn all() -> Vec<Fixture> {
    let mut list: Vec<Fixture> = std::fs::read_dir(root())
        .expect("the folder fixtures/ can be read")
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.is_dir())
        .map(|folder| {
            let slug = folder.file_name().expect("a folder name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(folder.join("meta.toml")).unwrap_or_else(|e| panic!("{slug}/meta.toml: {e}"));
            let meta = toml::from_str(&text).unwrap_or_else(|e| panic!("{slug}/meta.toml: {e}"));
            Fixture { slug, folder, meta }
        })
        .collect();
    list.sort_by(|a, b| a.slug.cmp(&b.slug));
    list
}

impl Fixture {
    /// Reads the page or the text through the library.
    pub(crate) fn read(&self) -> copydesk::Result<Article> {
        let url = self.meta.url.as_deref().and_then(record::usable_url);
        let text = self.folder.join("page.txt");
        if text.exists() {
            let bytes = std::fs::read(&text).expect("page.txt can be read");
            return record::read_text(&decode::decode(&bytes, None, None).text, url.as_ref(), &Options::default());
        }
        let bytes = std::fs::read(self.folder.join("page.html")).expect("page.html or page.txt can be read");
        let content_type = self.meta.content_type.as_deref();
        decode::reject_binary(&bytes, content_type)?;
        let host = url.as_ref().and_then(|u| u.host_str().map(str::to_owned));
        let html = decode::decode(&bytes, content_type, host.as_deref()).text;
        let signals = Signals {
            robots_tag: self.meta.x_robots_tag.iter().cloned().collect(),
            tdm_reservation: self.meta.tdm_reservation.clone(),
            content_signal: self.meta.content_signal.clone(),
        };
        record::read(&Page { url, html, signals }, &Options::default()).article
    }

    /// The record as JSON; an error as `{"error":{"kind"}}`.
    pub(crate) fn record(&self) -> serde_json::Value {
        match self.read() {
            Ok(article) => serde_json::to_value(article).expect("a record is JSON"),
            Err(error) => serde_json::json!({ "error": { "kind": error.kind() } }),
        }
    }
}
