//! Where a page leads: links, feeds and its canonical URL, for the crawl.

use rustc_hash::FxHashSet;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use super::declared::{absolute, base_url};
use super::dom::Dom;
use super::metadata::Metadata;
use super::names::known;
use super::tag::Tag;

/// Links kept of one page.
const MAX_LINKS: usize = 50_000;
/// … and their bytes together: a long `<base>` stands in each.
const MAX_LINK_BYTES: usize = 16 << 20;

/// Where a page leads.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Absolute http(s) links in page order, each once, without fragments; `rel=nofollow` ones left out.
    pub pages: Vec<Url>,
    /// Feeds that the page declares (`<link rel=alternate>` of RSS, Atom and JSON Feed types).
    pub feeds: Vec<Url>,
    /// What the page declares as its canonical URL, believed or not.
    pub canonical: Option<Url>,
    /// Whether the page asks that its links not be followed (`meta robots` nofollow).
    pub nofollow: bool,
    /// Whether the page asks for a password.
    pub asks_password: bool,
}

pub(crate) fn collect(dom: &Dom, metadata: &Metadata, page: Option<&Url>) -> Links {
    let base = base_url(metadata, page);
    let base = base.as_ref();
    let (mut spellings, mut seen) = (FxHashSet::default(), FxHashSet::default());
    let mut pages = Vec::new();
    let mut bytes = 0;
    for id in dom.elements(Tag::A) {
        if pages.len() >= MAX_LINKS || bytes > MAX_LINK_BYTES {
            break;
        }
        let Some(href) = dom.attr(id, known::HREF) else { continue };
        let nofollow = dom.has_relation(id, "nofollow");
        // Menus are printed twice: most of a page's links were resolved before.
        if nofollow || href.starts_with('#') || !spellings.insert(href) {
            continue;
        }
        if let Some(mut url) = absolute(href, base) {
            url.set_fragment(None);
            if seen.insert(xxh3_64(url.as_str().as_bytes())) {
                bytes += url.as_str().len();
                pages.push(url);
            }
        }
    }
    // The further pages of a list, where they are declared only.
    let declared = metadata.links.iter().filter(|(rel, ..)| rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("next")));
    for mut url in declared.filter_map(|(.., href)| absolute(href, base)).take(2) {
        url.set_fragment(None);
        if seen.insert(xxh3_64(url.as_str().as_bytes())) {
            pages.push(url);
        }
    }
    let is_feed =
        |kind: &str| matches!(kind, "application/rss+xml" | "application/atom+xml" | "application/feed+json" | "application/json+feed");
    let feeds = metadata
        .links
        .iter()
        .filter(|(rel, kind, _)| rel.split_ascii_whitespace().any(|r| r == "alternate") && is_feed(kind))
        .filter_map(|(.., href)| absolute(href, base))
        .take(100)
        .collect();
    let canonical = metadata.link("canonical").and_then(|href| absolute(href, base));
    let nofollow =
        metadata.all("robots").flat_map(|v| v.split(',')).any(|d| matches!(d.trim().to_ascii_lowercase().as_str(), "nofollow" | "none"));
    let asks_password =
        dom.elements(Tag::Input).any(|id| dom.attr(id, known::TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("password")));
    Links { pages, feeds, canonical, nofollow, asks_password }
}
