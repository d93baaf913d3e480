//! Which papers there are, what each offers under which path, and what it answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use url::Url;

use crate::demo::frame;

/// The pages that are served: every fixture with a page, which a test checks.
macro_rules! pages {
    ($($slug:literal),+ $(,)?) => {
        &[$((
            $slug,
            include_bytes!(concat!("../../fixtures/", $slug, "/page.html")),
            include_str!(concat!("../../fixtures/", $slug, "/meta.toml")),
            include_str!(concat!("../../fixtures/", $slug, "/expected.json")),
        )),+]
    };
}

/// Slug, page, `meta.toml`, `expected.json`.
type Fixture = (&'static str, &'static [u8], &'static str, &'static str);

const FIXTURES: &[Fixture] = pages![
    "courrier-lighthouse",
    "elbtal-late-frost",
    "elbtal-paywall-clock",
    "empty-page",
    "haneul-observatory",
    "harbour-blog-herons",
    "harbour-ferry",
    "harbour-ferry-amp",
    "harbour-ferry-business",
    "harbour-front",
    "harbour-opinion-benches",
    "kordon-paper-boats",
    "marsa-old-port",
    "meridian-heat-pumps",
    "meridian-json-ld-only",
    "meridian-live-river",
    "meridian-noindex",
    "meridian-video-lamp",
    "minato-station",
    "nanpu-granary",
    "ribera-roof-garden",
    "straits-bridge",
    "straits-gallery-kites",
    "straits-opinion-charts",
    "xinqiao-roof-market",
    "zarya-tram",
];

/// An article that its paper changes after the first run: slug, words as first printed, words then.
const CORRECTED: (&str, &str, &str) = ("straits-bridge", "More than nine thousand people", "More than eleven thousand people");

/// When the edition went out.
const LAST_MODIFIED: &str = "Fri, 12 Jun 2026 04:00:00 GMT";
const LAST_MODIFIED_CORRECTED: &str = "Fri, 12 Jun 2026 16:30:00 GMT";

/// The part of `meta.toml` that a server needs.
#[derive(Debug, Deserialize)]
struct Meta {
    url: Url,
    content_type: Option<String>,
    x_robots_tag: Option<String>,
    tdm_reservation: Option<String>,
    content_signal: Option<String>,
}

/// The part of a record that a front page prints of it.
#[derive(Debug, Deserialize)]
struct Teaser {
    title: Option<String>,
    subtitle: Option<String>,
    section: Option<String>,
    published: Option<String>,
    site: Option<String>,
}

/// A page under its path.
#[derive(Debug)]
pub(super) struct Offer {
    slug: &'static str,
    body: &'static [u8],
    meta: Meta,
    teaser: Teaser,
}

impl Offer {
    pub(super) fn path(&self) -> &str {
        &self.meta.url[url::Position::BeforePath..]
    }
    pub(super) fn url(&self) -> &str {
        self.meta.url.as_str()
    }
    pub(super) fn title(&self) -> Option<&str> {
        self.teaser.title.as_deref()
    }
    pub(super) fn subtitle(&self) -> &str {
        self.teaser.subtitle.as_deref().unwrap_or_default()
    }
    pub(super) fn section(&self) -> Option<&str> {
        self.teaser.section.as_deref()
    }
    pub(super) fn published(&self) -> Option<&str> {
        self.teaser.published.as_deref()
    }
    /// Whether front page, sitemap and feed name it: an article at its own address.
    pub(super) fn is_listed(&self) -> bool {
        self.title().is_some() && !self.path().ends_with("/amp/")
    }
}

/// One invented paper.
#[derive(Debug)]
pub struct Paper {
    /// Its host, `harbour-post.example`.
    pub host: String,
    /// Its name.
    pub name: String,
    pub(super) offers: Vec<Offer>,
}

impl Paper {
    /// `Content-Signal` for its robots.txt.
    pub(super) fn content_signal(&self) -> Option<&str> {
        self.offers.iter().find_map(|o| o.meta.content_signal.as_deref())
    }
}

/// All papers.
#[derive(Debug)]
pub struct Newspaper {
    papers: BTreeMap<String, Paper>,
    corrected: AtomicBool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields, without `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type", content_type.to_owned())], body: body.into() }
    }
}

impl Default for Newspaper {
    fn default() -> Self {
        Self::new()
    }
}

impl Newspaper {
    /// The edition that is compiled in.
    ///
    /// # Panics
    /// Never: the fixtures are constants that a test reads.
    #[must_use]
    pub fn new() -> Self {
        let mut papers: BTreeMap<String, Paper> = BTreeMap::new();
        for &(slug, body, meta, expected) in FIXTURES {
            let meta: Meta = toml::from_str(meta).expect("a fixture's meta.toml");
            let teaser: Teaser = serde_json::from_str(expected).expect("a fixture's expected.json");
            let host = meta.url.host_str().expect("a fixture's URL has a host").to_owned();
            let paper = papers.entry(host.clone()).or_insert_with(|| Paper { host, name: String::new(), offers: Vec::new() });
            if let Some(site) = &teaser.site {
                paper.name.clone_from(site);
            }
            paper.offers.push(Offer { slug, body, meta, teaser });
        }
        Self { papers, corrected: AtomicBool::new(false) }
    }

    /// The papers, by host.
    pub fn papers(&self) -> impl Iterator<Item = &Paper> {
        self.papers.values()
    }

    /// From now on one article is served with a corrected figure, as papers do after the first run.
    pub fn correct_an_article(&self) {
        self.corrected.store(true, Ordering::Relaxed);
    }

    /// Answers a request. `authority` is its `Host` header: `harbour-post.example:8731`, or
    /// `harbour-post.localhost:8731`, which browsers find by themselves.
    #[must_use]
    pub fn answer(&self, authority: &str, path: &str, if_none_match: Option<&str>) -> Answer {
        let (label, rest) = authority.split_once('.').unwrap_or((authority, ""));
        let Some(paper) = self.papers.get(&format!("{label}.example")) else {
            return Answer::new(200, "text/html; charset=utf-8", frame::stand(self, authority));
        };
        let mut answer = self.offer(paper, path);
        answer.body = self.localise(&answer.body, rest);
        for (_, value) in &mut answer.headers {
            *value = String::from_utf8_lossy(&self.localise(value.as_bytes(), rest)).into_owned();
        }
        if answer.status == 200 {
            let etag = format!("\"{:016x}\"", xxhash_rust::xxh3::xxh3_64(&answer.body));
            if if_none_match == Some(etag.as_str()) {
                answer = Answer { status: 304, headers: Vec::new(), body: Vec::new() };
            }
            answer.headers.push(("ETag", etag));
        }
        answer
    }

    fn offer(&self, paper: &Paper, path: &str) -> Answer {
        // Tracking parameters lead to the same page, as anywhere.
        let bare = path.find("utm_").map_or(path, |at| path[..at].trim_end_matches(['?', '&']));
        let found = paper.offers.iter().find(|o| o.path() == bare);
        if let Some(offer) = found {
            return self.page(offer);
        }
        frame::answer(paper, &percent_decoded(bare))
            .unwrap_or_else(|| Answer::new(404, "text/html; charset=utf-8", frame::not_found(paper)))
    }

    fn page(&self, offer: &Offer) -> Answer {
        let (slug, from, to) = CORRECTED;
        let corrected = slug == offer.slug && self.corrected.load(Ordering::Relaxed);
        let body = if corrected { replace(offer.body, from.as_bytes(), to.as_bytes()) } else { offer.body.to_vec() };
        let mut answer = Answer { status: 200, headers: Vec::new(), body };
        let meta = &offer.meta;
        let optional =
            [("Content-Type", &meta.content_type), ("X-Robots-Tag", &meta.x_robots_tag), ("TDM-Reservation", &meta.tdm_reservation)];
        answer.headers.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        answer.headers.push(("Last-Modified", if corrected { LAST_MODIFIED_CORRECTED } else { LAST_MODIFIED }.to_owned()));
        answer
    }

    /// Puts the address that serves in the place of the papers' own: `https://harbour-post.example` becomes
    /// `http://harbour-post.example:8731`. The pattern is ASCII, so it stands in every charset of the fixtures.
    fn localise(&self, body: &[u8], rest: &str) -> Vec<u8> {
        self.papers.keys().fold(body.to_vec(), |body, host| {
            let label = host.strip_suffix(".example").unwrap_or(host);
            replace(&body, format!("https://{host}").as_bytes(), format!("http://{label}.{rest}").as_bytes())
        })
    }
}

/// `/%E5%9F%8E%E4%BA%8B/` → `/城事/`.
fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 16).ok());
        match code {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut last = 0;
    for at in memchr::memmem::find_iter(body, from) {
        out.extend_from_slice(&body[last..at]);
        out.extend_from_slice(to);
        last = at + from.len();
    }
    out.extend_from_slice(&body[last..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "harbour-post.example:8731";

    #[test]
    fn every_fixture_with_a_page_is_served() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut slugs: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.join("page.html").exists())
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        slugs.sort();
        assert_eq!(slugs, FIXTURES.iter().map(|f| f.0).collect::<Vec<_>>(), "name new fixtures in src/demo/edition.rs");
        assert!(Newspaper::new().papers().all(|p| !p.name.is_empty()));
    }

    #[test]
    fn addresses_are_those_of_the_server() {
        let answer = Newspaper::new().answer(HOST, "/2026/03/night-ferry-returns/?utm_source=x", None);
        let page = String::from_utf8(answer.body).unwrap();
        assert!(page.contains("<link rel=\"canonical\" href=\"http://harbour-post.example:8731/2026/03/night-ferry-returns/\">"));
        assert!(!page.contains("https://harbour-post.example"));
    }

    #[test]
    fn redirects_304_and_404() {
        let newspaper = Newspaper::new();
        let first = newspaper.answer(HOST, "/", None);
        let etag = &first.headers.iter().find(|h| h.0 == "ETag").unwrap().1;
        assert_eq!(newspaper.answer(HOST, "/", Some(etag)).status, 304);
        assert_eq!(newspaper.answer(HOST, "/2026/no-such-page/", None).status, 404);
        let moved = newspaper.answer(HOST, "/2026/03/old-ferry-link/", None);
        assert_eq!(moved.status, 301);
        assert!(moved.headers.contains(&("Location", "http://harbour-post.example:8731/2026/03/night-ferry-returns/".to_owned())));
    }

    #[test]
    fn a_correction_changes_one_page() {
        let newspaper = Newspaper::new();
        let get = |path| newspaper.answer("straits-voice.localhost:1", path, None);
        let (path, other) = ("/news/2026-05-12/floating-bridge/story.html", "/opinions/2026-05-20/shared-sea/story.html");
        let before = (get(path), get(other));
        newspaper.correct_an_article();
        assert_ne!(get(path), before.0);
        assert_eq!(get(other), before.1);
    }

    #[test]
    fn some_pages_have_no_content_type_charset() {
        let newspaper = Newspaper::new();
        let answer = newspaper.answer("zarya-zareche.example:1", "/news/2026/0217/1184.html", None);
        assert!(answer.headers.contains(&("Content-Type", "text/html".to_owned())));
    }
}
