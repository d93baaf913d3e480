//! An answer → a visit: is it an article, a list, a copy, or nothing for us, and where does it lead?
//!
//! Plain functions on plain threads: no clock, no network. The rules of a crawl are here; what a page
//! says is read by `record`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::article::{Article, PageKind};
use crate::config::Config;
use crate::decode::page_of;
use crate::error::Error;
use crate::extract::Links;
use crate::fetch::Fetched;
use crate::fetch::robots::agent_token;
use crate::frontier::identity::{same_page, url_key};
use crate::frontier::sitemap::read_date;
use crate::frontier::{Due, Kind, UrlScope, feed, sitemap};
use crate::pipeline::stand_in;
use crate::record;
use crate::skip::Skip;
use crate::units::millis;
use crate::write::{Found, Outcome, Packer, Visit};

/// Sitemap indexes in sitemap indexes that are followed.
const MAX_SITEMAP_DEPTH: u32 = 3;
/// Links of a page that are followed.
const MAX_LINKS: usize = 10_000;

/// What judging needs of the configuration.
#[derive(Debug)]
pub(super) struct Rules {
    pub scope: Arc<UrlScope>,
    pub discover: bool,
    max_depth: u32,
    max_age: Duration,
    agent: String,
    /// Site rules reach extraction through these.
    options: record::Options,
    /// Makes the records of a WARC, where one is written.
    pub packer: Option<Packer>,
}

impl Rules {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            scope: Arc::new(UrlScope::new(&config.crawl)),
            discover: config.crawl.discover,
            max_depth: config.crawl.max_depth,
            max_age: config.crawl.max_age,
            agent: agent_token(&config.http.user_agent),
            options: record::Options { site_rules: config.site_rules() },
            packer: (!config.output.warc.is_empty()).then(Packer::default),
        }
    }
}

/// What a page came to. `fetched` is what it answered when it was due.
pub(super) fn judge(due: Due, fetched: &Fetched, rules: &Rules) -> Visit {
    let mut visit = Visit {
        at: fetched.fetched_at,
        landed: fetched.url.clone(),
        status: Some(fetched.status),
        etag: fetched.etag.clone(),
        last_modified: fetched.last_modified.clone(),
        outcome: Outcome::NotModified,
        found: Vec::new(),
        cut: false,
        archive: Vec::new(),
        due,
    };
    if fetched.status == 304 {
        return visit;
    }
    let kind = if visit.due.kind == Kind::Page { sniff(fetched) } else { visit.due.kind };
    let done = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Sitemap => read_sitemap(fetched, rules, &mut visit),
        Kind::Feed => read_feed(fetched, rules, &mut visit),
        Kind::Page => read_page(fetched, rules, &mut visit),
    }));
    if done.is_err() {
        // A bug in reading one page costs that page, not the run.
        tracing::error!(url = %visit.due.url, "reading the page failed");
        visit.outcome = Outcome::Failed(Error::BadInput("the page could not be read (a fault of copydesk)".to_owned()));
    }
    visit
}

/// A page that turns out to be a feed or sitemap is read as one.
fn sniff(fetched: &Fetched) -> Kind {
    let head = String::from_utf8_lossy(&fetched.body[..fetched.body.len().min(512)]).to_ascii_lowercase();
    let head = head.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    if !head.starts_with("<?xml") && !head.starts_with("<rss") && !head.starts_with("<feed") && !head.starts_with("<urlset") {
        return Kind::Page;
    }
    let has = |names: &[&str]| names.iter().any(|name| head.contains(name));
    if has(&["<rss", "<feed", "<rdf:rdf"]) {
        Kind::Feed
    } else if has(&["<urlset", "<sitemapindex"]) {
        Kind::Sitemap
    } else {
        Kind::Page
    }
}

impl Rules {
    /// The rule that keeps a due URL out.
    pub(super) fn refuses(&self, due: &Due) -> Option<String> {
        let named = due.seed || due.kind != Kind::Page;
        if named { self.scope.refuses_host(&due.url) } else { self.scope.refuses(&due.url) }
    }

    fn is_too_old(&self, updated: Option<i64>, at: i64) -> bool {
        !self.max_age.is_zero() && updated.is_some_and(|updated| updated < at - millis(self.max_age))
    }
}

fn read_sitemap(fetched: &Fetched, rules: &Rules, visit: &mut Visit) {
    visit.outcome = Outcome::List;
    for entry in sitemap::read(&fetched.body, &fetched.url) {
        let wanted = if entry.is_sitemap {
            visit.due.depth < MAX_SITEMAP_DEPTH && rules.scope.refuses_host(&entry.url).is_none()
        } else {
            rules.scope.refuses(&entry.url).is_none() && !rules.is_too_old(entry.updated, visit.at)
        };
        if wanted {
            let (kind, depth) = if entry.is_sitemap { (Kind::Sitemap, visit.due.depth + 1) } else { (Kind::Page, 0) };
            visit.found.push(Found { updated: entry.updated, ..Found::new(entry.url, kind, depth) });
        }
    }
}

fn read_feed(fetched: &Fetched, rules: &Rules, visit: &mut Visit) {
    let Some(entries) = feed::read(&fetched.body, &fetched.url) else {
        visit.outcome = Outcome::Failed(Error::BadInput("this is no feed that can be read".to_owned()));
        return;
    };
    visit.outcome = Outcome::List;
    let wanted = entries.into_iter().filter(|e| rules.scope.refuses(&e.url).is_none() && !rules.is_too_old(e.updated, visit.at));
    visit.found = wanted.map(|e| Found { updated: e.updated, ..Found::new(e.url, Kind::Page, 0) }).collect();
}

fn read_page(fetched: &Fetched, rules: &Rules, visit: &mut Visit) {
    let page = match page_of(fetched) {
        Ok(page) => page,
        Err(error) => {
            visit.outcome = Outcome::Failed(error);
            return;
        }
    };
    let header = directives(&fetched.robots_tag, &rules.agent);
    let says = |names: [&str; 2]| header.iter().any(|d| names.contains(&d.as_str()));
    let reading = record::read(&page, &rules.options);
    let is_list = reading.article.as_ref().is_ok_and(|a| a.extraction.page_kind == PageKind::Index);
    let asks_password = reading.links.asks_password;
    if rules.discover && !reading.links.nofollow && !says(["nofollow", "none"]) {
        follow(reading.links, is_list, rules, visit);
    }
    visit.outcome = match reading.article {
        Err(error) => Outcome::Failed(error),
        Ok(_) if says(["noindex", "none"]) => Outcome::Skipped(Skip::NoIndex),
        Ok(article) => outcome(article, asks_password, rules, visit),
    };
}

fn outcome(article: Article, asks_password: bool, rules: &Rules, visit: &Visit) -> Outcome {
    if article.rights.robots.iter().any(|d| d == "noindex" || d == "none") {
        return Outcome::Skipped(Skip::NoIndex);
    }
    if let Some(skip) = stand_in::of(&visit.due.url, &visit.landed, &article, asks_password).filter(|_| !visit.due.seed) {
        return Outcome::Skipped(skip);
    }
    match article.extraction.page_kind {
        PageKind::Index => return Outcome::Skipped(Skip::IndexPage),
        kind if !kind.is_article() => return Outcome::Skipped(Skip::NotArticle(format!("{kind:?}").to_lowercase())),
        _ => {}
    }
    let published = article.published.as_deref().and_then(read_date);
    if rules.is_too_old(published, visit.at) {
        return Outcome::Skipped(Skip::OutOfScope("older than max_age".to_owned()));
    }
    let canonical = article.canonical_url.as_deref().and_then(|raw| Url::parse(raw).ok());
    match canonical {
        // A canonical page that this crawl may not fetch can't be waited for.
        Some(of) if !visit.due.adopt && !same_page(&of, &visit.landed) && rules.scope.refuses(&of).is_none() => {
            Outcome::Copy { of, article: Box::new(article) }
        }
        _ => Outcome::Article(Box::new(article)),
    }
}

/// Takes up a page's links. Feeds are taken from lists only: an article's own is that of its comments.
fn follow(links: Links, is_list: bool, rules: &Rules, visit: &mut Visit) {
    if is_list || visit.due.depth == 0 {
        let feeds = links.feeds.into_iter().filter(|url| rules.scope.refuses_host(url).is_none());
        visit.found.extend(feeds.map(|url| Found::new(url, Kind::Feed, 0)));
    }
    let (depth, own) = (visit.due.depth + 1, url_key(&visit.landed));
    let pages = links.pages.into_iter().take(MAX_LINKS).filter(|url| rules.scope.refuses(url).is_none());
    let mut pages = pages.map(|url| Found::new(url, Kind::Page, depth)).filter(|found| found.key != own);
    if depth > rules.max_depth {
        visit.cut = pages.next().is_some();
    } else {
        visit.found.extend(pages);
    }
}

/// Directives of `X-Robots-Tag` that are meant for an agent: "noindex, nofollow", or "name: noindex".
fn directives(values: &[String], agent: &str) -> Vec<String> {
    const WITH_VALUE: [&str; 4] = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];
    let mut out = Vec::new();
    for value in values {
        let named = value.split_once(':').map(|(name, rest)| (name.trim().to_ascii_lowercase(), rest));
        let meant = match named {
            Some((name, rest)) if !name.contains(',') && !WITH_VALUE.contains(&name.as_str()) => {
                if name != agent {
                    continue;
                }
                rest
            }
            _ => value.as_str(),
        };
        out.extend(meant.split(',').map(|d| d.trim().to_ascii_lowercase()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_tags_for_this_agent() {
        let read = |value: &str| directives(&[value.to_owned()], "copydesk");
        assert_eq!(read("NoIndex, nofollow"), ["noindex", "nofollow"]);
        assert_eq!(read("copydesk: noindex"), ["noindex"]);
        assert!(read("otherbot: noindex").is_empty());
        assert_eq!(read("unavailable_after: 25 Jun 2010, noindex")[1], "noindex");
    }
}
