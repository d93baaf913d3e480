//! Feeds: RSS, Atom and JSON Feed.
//!
//! In: the bytes of an answer. Out: the pages that it links, with the dates that it gives them.

use url::Url;

/// A page that a feed links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Where it is.
    pub url: Url,
    /// When it was published or last changed, in milliseconds since 1970.
    pub updated: Option<i64>,
}

/// Reads a feed; `None` when the bytes are none.
#[must_use]
pub fn read(bytes: &[u8], base: &Url) -> Option<Vec<FeedEntry>> {
    let feed = feed_rs::parser::Builder::new().base_uri(Some(base.as_str())).build().parse(bytes).ok()?;
    let entries = feed.entries.into_iter().filter_map(|entry| {
        let links = entry.links.iter();
        let page = links.clone().find(|l| l.rel.as_deref().is_none_or(|rel| rel == "alternate")).or_else(|| links.clone().next());
        // An id that is a URL is the permalink of a feed that gives no link.
        let href = page.map_or(entry.id.as_str(), |l| l.href.as_str());
        let url = base
            .join(href.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && (page.is_some() || href.contains("://")))?;
        let updated = entry.updated.max(entry.published).map(|at| at.timestamp_millis());
        Some(FeedEntry { url, updated })
    });
    Some(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Option<Vec<FeedEntry>> {
        read(text.as_bytes(), &Url::parse("https://news.example/feed").unwrap())
    }

    #[test]
    fn three_kinds() {
        let rss = "<rss version='2.0'><channel><title>t</title><link>https://news.example/</link><description/><item><title>a</title>\
            <link>https://news.example/a</link><pubDate>Wed, 01 May 2024 08:00:00 GMT</pubDate></item></channel></rss>";
        let entries = read_text(rss).unwrap();
        assert_eq!(entries[0].url.as_str(), "https://news.example/a");
        assert_eq!(entries[0].updated, Some(1_714_550_400_000));
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><id>x</id><title>t</title><updated>2024-05-01T08:00:00Z</updated><entry>\
            <id>tag:1</id><title>a</title><link rel='enclosure' href='/a.mp3'/><link href='/a'/><updated>2024-05-01T08:00:00Z</updated></entry></feed>";
        assert_eq!(read_text(atom).unwrap()[0].url.as_str(), "https://news.example/a");
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","url":"https://news.example/a","content_text":"x"}]}"#;
        assert_eq!(read_text(json).unwrap()[0].url.as_str(), "https://news.example/a");
        assert!(read_text("<html>no feed").is_none());
    }
}
