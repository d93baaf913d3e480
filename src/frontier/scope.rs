//! Which URLs belong to a crawl? Hosts, URL patterns, depth, and shapes that no article has.
//!
//! In: `[crawl]` and a URL. Out: in, or the rule that keeps it out.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::frontier::glob::Glob;
use crate::units;

/// Links from a seed, sitemap or feed entry that are followed, by default.
pub const DEFAULT_MAX_DEPTH: u32 = 10;
/// Default of `revisit_after`.
pub const DEFAULT_REVISIT_AFTER: Duration = Duration::from_hours(24);
/// Default of `revisit_for`.
pub const DEFAULT_REVISIT_FOR: Duration = Duration::from_hours(30 * 24);

/// Longest URL that is followed.
const MAX_URL_BYTES: usize = 2000;
/// A path segment that comes this often is a trap: relative links that pile up.
const MAX_REPEATS: usize = 3;
/// Path segments of the deepest page.
const MAX_SEGMENTS: usize = 20;
/// Parameters of a page; more is a filter's combination.
const MAX_PARAMETERS: usize = 8;

/// Endings of what is no page.
const NO_PAGES: [&str; 52] = [
    "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico", "bmp", "tif", "tiff", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm",
    "mov", "avi", "mpg", "mpeg", "wmv", "flv", "m3u8", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "epub", "zip", "gz", "tgz",
    "rar", "7z", "bz2", "xz", "exe", "dmg", "apk", "iso", "css", "js", "mjs", "json", "woff", "woff2", "ttf", "ics",
];

/// `[crawl]`: what belongs to the crawl and how far it goes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrawlConfig {
    /// Pages to begin with; looked at in every run.
    #[serde(deserialize_with = "units::addresses")]
    pub seeds: Vec<Url>,
    /// Sitemaps to begin with.
    #[serde(deserialize_with = "units::addresses")]
    pub sitemaps: Vec<Url>,
    /// Feeds to begin with.
    #[serde(deserialize_with = "units::addresses")]
    pub feeds: Vec<Url>,
    /// Whether sitemaps of robots.txt, feeds and links of pages are followed. Default: true.
    pub discover: bool,
    /// Hosts that may be fetched, `*.` allowed; empty: those of seeds, sitemaps and feeds.
    pub allow_hosts: Vec<String>,
    /// Patterns of which a page's URL must match one; empty: all. Seeds, sitemaps and feeds need not.
    pub include: Vec<String>,
    /// Patterns of URLs to leave out.
    pub exclude: Vec<String>,
    /// Pages of a run; 0 for no limit.
    pub max_pages: u64,
    /// Pages of a host and run; 0 for no limit.
    pub max_pages_per_host: u64,
    /// Links from a seed, sitemap or feed entry. Default: [`DEFAULT_MAX_DEPTH`].
    pub max_depth: u32,
    /// Longest run; zero for no limit.
    #[serde(deserialize_with = "units::duration")]
    pub max_run_time: Duration,
    /// An article is due again in the first run after this long. Default: [`DEFAULT_REVISIT_AFTER`].
    #[serde(deserialize_with = "units::duration")]
    pub revisit_after: Duration,
    /// No revisit once an article has been known for this long; zero for no end. Default: [`DEFAULT_REVISIT_FOR`].
    #[serde(deserialize_with = "units::duration")]
    pub revisit_for: Duration,
    /// Older articles, by sitemap, feed or page, are left out; zero for no limit.
    #[serde(deserialize_with = "units::duration")]
    pub max_age: Duration,
}

impl Default for CrawlConfig {
    fn default() -> Self {
        Self {
            seeds: vec![],
            sitemaps: vec![],
            feeds: vec![],
            discover: true,
            allow_hosts: vec![],
            include: vec![],
            exclude: vec![],
            max_pages: 0,
            max_pages_per_host: 0,
            max_depth: DEFAULT_MAX_DEPTH,
            max_run_time: Duration::ZERO,
            revisit_after: DEFAULT_REVISIT_AFTER,
            revisit_for: DEFAULT_REVISIT_FOR,
            max_age: Duration::ZERO,
        }
    }
}

impl CrawlConfig {
    /// The hosts that may be fetched: those allowed, or those of the starting points.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        if !self.allow_hosts.is_empty() {
            return self.allow_hosts.iter().map(|h| h.to_ascii_lowercase()).collect();
        }
        let starts = self.seeds.iter().chain(&self.sitemaps).chain(&self.feeds);
        let mut hosts: Vec<String> = starts.filter_map(|url| url.host_str().map(str::to_owned)).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

/// Whether a host fits a pattern: its name, or `*.` and the end of it.
#[must_use]
pub fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(end) => host.strip_suffix(end).is_some_and(|start| start.ends_with('.') && start.len() > 1),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// The scope, ready to be asked.
#[derive(Debug, Clone)]
pub struct UrlScope {
    hosts: Vec<String>,
    include: Vec<Glob>,
    exclude: Vec<Glob>,
}

impl UrlScope {
    /// The scope of a configuration.
    #[must_use]
    pub fn new(config: &CrawlConfig) -> Self {
        let globs = |patterns: &[String]| patterns.iter().map(|p| Glob::new(p)).collect();
        Self { hosts: config.hosts(), include: globs(&config.include), exclude: globs(&config.exclude) }
    }

    /// The rule that forbids any request to a URL.
    #[must_use]
    pub fn refuses_host(&self, url: &Url) -> Option<String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Some(format!("`{}:` is no web page", url.scheme()));
        }
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(host);
        (!self.hosts.iter().any(|pattern| host_matches(pattern, host))).then(|| format!("{host} is not in allow_hosts"))
    }

    /// The rule that keeps a page out.
    #[must_use]
    pub fn refuses(&self, url: &Url) -> Option<String> {
        self.refuses_host(url).or_else(|| self.refuses_pattern(url)).or_else(|| trap(url).map(str::to_owned))
    }

    fn refuses_pattern(&self, url: &Url) -> Option<String> {
        if let Some(pattern) = self.exclude.iter().find(|p| p.matches(url)) {
            return Some(format!("exclude = \"{}\"", pattern.text()));
        }
        (!self.include.is_empty() && !self.include.iter().any(|p| p.matches(url))).then(|| "no pattern of include matches".to_owned())
    }
}

/// Shapes that no article has: files of other kinds, endless paths and parameters.
fn trap(url: &Url) -> Option<&'static str> {
    if url.as_str().len() > MAX_URL_BYTES {
        return Some("the URL is too long");
    }
    let segments: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let ending = segments.last().and_then(|s| s.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
    if ending.is_some_and(|e| NO_PAGES.contains(&e.as_str())) {
        return Some("the URL is a file's, not a page's");
    }
    let repeats = |s: &str| segments.iter().filter(|t| **t == s).count();
    if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| repeats(s) > MAX_REPEATS) {
        return Some("the path repeats itself or is endless");
    }
    (url.query_pairs().count() > MAX_PARAMETERS).then_some("the URL has too many parameters")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(raw: &str) -> Url {
        Url::parse(raw).unwrap()
    }

    #[test]
    fn hosts() {
        assert!(host_matches("news.example", "NEWS.example"));
        assert!(host_matches("*.news.example", "a.b.news.example"));
        for outside in ["news.example", "xnews.example", ".news.example"] {
            assert!(!host_matches("*.news.example", outside), "{outside}");
        }
    }

    #[test]
    fn rules_are_named() {
        let config = CrawlConfig {
            seeds: vec![url("https://news.example/")],
            include: vec!["/2024/*".into()],
            exclude: vec!["*/print$".into()],
            ..CrawlConfig::default()
        };
        let scope = UrlScope::new(&config);
        assert_eq!(scope.refuses(&url("https://news.example/2024/a")), None);
        assert_eq!(scope.refuses(&url("https://other.example/2024/a")).unwrap(), "other.example is not in allow_hosts");
        assert_eq!(scope.refuses(&url("https://news.example/2024/a/print")).unwrap(), "exclude = \"*/print$\"");
        assert_eq!(scope.refuses(&url("https://news.example/2023/a")).unwrap(), "no pattern of include matches");
    }

    #[test]
    fn traps() {
        for raw in ["https://news.example/a.jpg", "https://news.example/a/b/a/b/a/b/a", "https://news.example/?a&b&c&d&e&f&g&h&i"] {
            assert!(trap(&url(raw)).is_some(), "{raw}");
        }
        for raw in ["https://news.example/2024/05/05/05-a.html", "https://news.example/?p=1&page=2", "https://news.example/v1.0"] {
            assert!(trap(&url(raw)).is_none(), "{raw}");
        }
    }
}
