//! Looks at one site: robots.txt, front page, sitemaps, feeds, a few pages.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use url::Url;

use super::{Sample, Site, Source};
use crate::article::{Article, PageKind};
use crate::decode;
use crate::error::{Result, catching};
use crate::extract::Links;
use crate::fetch::Visitor;
use crate::fetch::robots::Robots;
use crate::frontier::{feed, identity, sitemap};
use crate::record::{self, Options};
use crate::text;
use crate::units;

/// Sitemaps, and feeds, that are read of one site; further ones are listed as declared.
const MAX_READ: usize = 2;
/// … and listed.
const MAX_LISTED: usize = 20;
/// Pages that are looked at.
const MAX_SAMPLES: usize = 3;
/// Hosts that count as the site's own.
const MAX_HOSTS: usize = 20;

/// Looks at a site; `user_agent` is what robots.txt is asked about.
///
/// # Errors
/// Where its front page can't be read, robots.txt included.
pub fn look(visitor: &Visitor, asked: &Url, user_agent: &str) -> Result<Site> {
    let fetched = visitor.get(asked)?;
    let page = decode::page_of(&fetched)?;
    let (links, article) = catching(|| {
        let reading = record::read(&page, &Options::default());
        Ok((reading.links, reading.article.ok()))
    })?;
    let mut front = fetched.url;
    front.set_fragment(None);
    let text = visitor.robots(&front).unwrap_or_default();
    let robots = Robots::parse(&text, user_agent);
    let mut found = Found::new(visitor, &front);
    let sitemaps = found.sitemaps(&robots);
    let feeds = found.feeds(&links);
    let samples = found.samples(&links);
    let mut hosts = found.hosts;
    hosts.extend(asked.host_str().map(str::to_owned));
    Ok(Site {
        asked: asked.clone(),
        name: samples_name(&found.names).or_else(|| article.and_then(|a| a.site.or(a.title))),
        front,
        crawl_delay: robots.crawl_delay,
        content_signal: robots.content_signal,
        sitemaps,
        feeds,
        samples,
        hosts,
    })
}

/// The name that most pages give.
fn samples_name(names: &BTreeMap<String, usize>) -> Option<String> {
    names.iter().max_by_key(|(_, count)| **count).map(|(name, _)| name.clone())
}

/// What comes together on the way.
struct Found<'a> {
    visitor: &'a Visitor,
    front: &'a Url,
    hosts: BTreeSet<String>,
    /// Names of the publication, with how many pages say so.
    names: BTreeMap<String, usize>,
    /// Pages of feeds and sitemaps.
    pages: Vec<Url>,
}

impl<'a> Found<'a> {
    fn new(visitor: &'a Visitor, front: &'a Url) -> Self {
        let hosts = front.host_str().map(str::to_owned).into_iter().collect();
        Self { visitor, front, hosts, names: BTreeMap::new(), pages: Vec::new() }
    }

    /// A host of the site itself: the same, or one under the same registered name.
    fn is_own(&self, url: &Url) -> bool {
        let name = |url: &Url| {
            let host = url.host_str()?.to_owned();
            url.domain().and_then(psl::domain_str).map(str::to_owned).or(Some(host))
        };
        name(url) == name(self.front)
    }

    fn own(&mut self, url: &Url) {
        if self.hosts.len() < MAX_HOSTS && self.is_own(url) {
            self.hosts.extend(url.host_str().map(str::to_owned));
        }
    }

    fn sitemaps(&mut self, robots: &Robots) -> Vec<Source> {
        let mut named: Vec<Url> = robots.sitemaps.iter().filter_map(|raw| self.front.join(raw).ok()).filter(is_http).collect();
        dedup(&mut named);
        let usual = named.is_empty();
        if usual {
            named.extend(self.front.join("/sitemap.xml").ok());
        }
        let read = |(at, url): (usize, Url)| {
            let found = if at < MAX_READ { self.sitemap(&url) } else { Ok("not read".to_owned()) };
            Source { url, found }
        };
        let sources = named.into_iter().take(MAX_LISTED).enumerate().map(read);
        // Nobody said that there is one in the usual place.
        sources.filter(|source| !usual || source.found.is_ok()).collect()
    }

    fn sitemap(&mut self, url: &Url) -> std::result::Result<String, String> {
        let fetched = self.visitor.get(url).map_err(|e| e.to_string())?;
        let entries = sitemap::read(&fetched.body, &fetched.url);
        if entries.is_empty() {
            return Err("lists nothing".to_owned());
        }
        self.hosts.extend(url.host_str().map(str::to_owned));
        // The end of a day counts to it.
        let newest = entries.iter().filter_map(|e| e.updated).max().and_then(|at| Timestamp::from_millisecond(at - 1).ok());
        let (maps, pages): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.is_sitemap);
        let mut pages: Vec<(Option<i64>, Url)> = pages.into_iter().map(|e| (e.updated, e.url)).collect();
        pages.sort_by_key(|(updated, _)| std::cmp::Reverse(*updated));
        let counts = [(pages.len(), "page"), (maps.len(), "further sitemap")];
        let mut words: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what)).collect();
        words.extend(newest.map(|at| format!("newest {}", at.strftime("%F"))));
        for (_, page) in pages.iter().take(MAX_HOSTS * 10) {
            self.own(page);
        }
        self.pages.extend(pages.into_iter().map(|(_, page)| page).take(MAX_SAMPLES * 2));
        Ok(words.join(", "))
    }

    fn feeds(&mut self, links: &Links) -> Vec<Source> {
        let mut named = links.feeds.clone();
        dedup(&mut named);
        let read = |(at, url): (usize, Url)| {
            let found = if at < MAX_READ { self.feed(&url) } else { Ok("not read".to_owned()) };
            Source { url, found }
        };
        named.into_iter().take(MAX_LISTED).enumerate().map(read).collect()
    }

    fn feed(&mut self, url: &Url) -> std::result::Result<String, String> {
        let fetched = self.visitor.get(url).map_err(|e| e.to_string())?;
        let entries = feed::read(&fetched.body, &fetched.url).ok_or("is no feed")?;
        self.hosts.extend(url.host_str().map(str::to_owned));
        for entry in &entries {
            self.own(&entry.url);
        }
        let count = entries.len();
        // The newest pages of a site stand in its feeds.
        let mut newest: Vec<Url> = entries.into_iter().map(|entry| entry.url).take(MAX_SAMPLES).collect();
        newest.append(&mut self.pages);
        self.pages = newest;
        Ok(format!("{count} {}", if count == 1 { "entry" } else { "entries" }))
    }

    /// Looks at pages that feeds and sitemaps name, else at those that the front page leads to: deep ones first.
    fn samples(&mut self, links: &Links) -> Vec<Sample> {
        let mut linked: Vec<Url> = links.pages.iter().filter(|url| self.is_own(url)).cloned().collect();
        linked.sort_by_key(|url| std::cmp::Reverse(url.path().len()));
        let mut candidates = std::mem::take(&mut self.pages);
        candidates.retain(|url| self.is_own(url));
        candidates.extend(linked);
        let mut seen = BTreeSet::from([identity::url_key(self.front)]);
        candidates.retain(|url| seen.insert(identity::url_key(url)));
        candidates.into_iter().take(MAX_SAMPLES).map(|url| self.sample(url)).collect()
    }

    fn sample(&mut self, url: Url) -> Sample {
        let read = || -> Result<(Article, Url)> {
            let fetched = self.visitor.get(&url)?;
            let page = decode::page_of(&fetched)?;
            Ok((catching(|| record::read_article(&page, &Options::default()))?, fetched.url))
        };
        match read() {
            Ok((article, at)) => {
                self.own(&at);
                if let Some(name) = &article.site {
                    *self.names.entry(name.clone()).or_default() += 1;
                }
                Sample { url, is_doubtful: !is_good(&article), gives: in_words(&article) }
            }
            Err(error) => Sample { url, is_doubtful: false, gives: error.to_string() },
        }
    }
}

/// Confidence from which on an article is called well read.
const GOOD: f64 = 0.6;

fn is_good(article: &Article) -> bool {
    let whole = article.title.is_some() && article.published.is_some() && !article.blocks.is_empty();
    article.extraction.page_kind.is_article() && whole && article.extraction.confidence >= GOOD
}

/// What was found of an article, and what was not.
fn in_words(article: &Article) -> String {
    let kind = match article.extraction.page_kind {
        PageKind::Article => "article",
        PageKind::Live => "live blog",
        PageKind::Gallery => "gallery",
        PageKind::Video => "video",
        PageKind::Index => return "a list of links, no article".to_owned(),
        PageKind::Other => "no article",
    };
    let mut words = vec![kind.to_owned()];
    words.push(if article.title.is_some() { "title" } else { "no title" }.to_owned());
    words.push(if article.authors.is_empty() { "no author".to_owned() } else { counted(article.authors.len(), "author") });
    words.push(if article.published.is_some() { "date" } else { "no date" }.to_owned());
    words.push(counted(text::word_count(&article.body), "word"));
    words.push(counted(article.captions.len(), "caption"));
    words.push(format!("confidence {:.0} %", article.extraction.confidence * 100.0));
    words.join(", ")
}

fn counted(count: usize, what: &str) -> String {
    units::counted(count as u64, what)
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn dedup(urls: &mut Vec<Url>) {
    let mut seen = BTreeSet::new();
    for url in urls.iter_mut() {
        url.set_fragment(None);
    }
    urls.retain(|url| seen.insert(url.to_string()));
}
