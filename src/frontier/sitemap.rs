//! Sitemaps: indexes, URL sets, news sitemaps, plain text lists, gzip or not.
//!
//! In: the bytes of an answer. Out: entries and further sitemaps, with their dates. Read as a stream,
//! at most 50 MB and 50,000 entries as the protocol has it; what is damaged ends the reading, and what
//! was read until there counts.

use std::io::Read;

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

/// Largest sitemap, uncompressed, by the protocol.
const MAX_BYTES: u64 = 50 << 20;
/// Most entries of a sitemap, by the protocol.
const MAX_ENTRIES: usize = 50_000;

/// A page, or a further sitemap, with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub url: Url,
    /// Whether it is a sitemap.
    pub is_sitemap: bool,
    /// `lastmod`, or the date of a news entry, in milliseconds since 1970; the end of the day where only a day is given.
    pub updated: Option<i64>,
    /// `news:title`.
    pub title: Option<String>,
}

/// Reads a sitemap. `base` resolves locations that are not absolute.
#[must_use]
pub fn read(bytes: &[u8], base: &Url) -> Vec<Entry> {
    let text = unpack(bytes);
    let start = text.iter().position(|b| !b.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(b));
    match start {
        Some(at) if text[at] == b'<' => read_xml(&String::from_utf8_lossy(&text[at..]), base),
        _ => read_lines(&text, base),
    }
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return bytes.to_owned();
    }
    let mut out = Vec::new();
    // A damaged end leaves what came before it.
    let _ = flate2::read::MultiGzDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut out);
    out
}

fn read_lines(text: &[u8], base: &Url) -> Vec<Entry> {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().map(|l| l.trim_matches(['\u{feff}', ' ', '\t'])).filter(|l| l.starts_with("http"));
    lines
        .filter_map(|l| base.join(l).ok().filter(|url| matches!(url.scheme(), "http" | "https")))
        .take(MAX_ENTRIES)
        .map(|url| Entry { url, is_sitemap: false, updated: None, title: None })
        .collect()
}

#[derive(Default)]
struct Draft {
    is_sitemap: bool,
    location: String,
    lastmod: String,
    published: String,
    title: String,
}

impl Draft {
    /// The field that a tag's text belongs to. `image:loc` and the like are other things' locations.
    fn field(&mut self, prefix: &str, name: &str) -> Option<&mut String> {
        match (prefix, name) {
            ("" | "sitemap" | "sm" | "ns0", "loc") => Some(&mut self.location),
            ("" | "sitemap" | "sm" | "ns0", "lastmod") => Some(&mut self.lastmod),
            ("news" | "n", "publication_date") => Some(&mut self.published),
            ("news" | "n", "title") => Some(&mut self.title),
            _ => None,
        }
    }

    fn finish(self, base: &Url) -> Option<Entry> {
        let url = base.join(self.location.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let updated = read_date(self.lastmod.trim()).or_else(|| read_date(self.published.trim()));
        let title = Some(crate::text::clean(&self.title)).filter(|t| !t.is_empty());
        Some(Entry { url, is_sitemap: self.is_sitemap, updated, title })
    }
}

fn read_xml(text: &str, base: &Url) -> Vec<Entry> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut entries = Vec::new();
    let mut draft: Option<Draft> = None;
    let mut inside: Option<(String, String)> = None;
    while entries.len() < MAX_ENTRIES {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let (name, prefix) = tag.name().decompose();
                let (name, prefix) = (name.into_inner().to_ascii_lowercase(), prefix.map_or("", |p| p.into_inner()).to_ascii_lowercase());
                match name.as_str() {
                    "url" | "sitemap" => draft = Some(Draft { is_sitemap: name == "sitemap", ..Draft::default() }),
                    _ => inside = Some((prefix, name)),
                }
            }
            Ok(Event::End(tag)) => {
                inside = None;
                if matches!(tag.local_name().into_inner().to_ascii_lowercase().as_str(), "url" | "sitemap") {
                    entries.extend(draft.take().and_then(|d| d.finish(base)));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(event) => {
                let field = inside.as_ref().zip(draft.as_mut()).and_then(|((prefix, name), draft)| draft.field(prefix, name));
                if let (Some(field), Some(text)) = (field, text_of(&event)) {
                    field.push_str(&text);
                }
            }
        }
    }
    entries
}

/// Text, CDATA, or a reference such as `&amp;`.
fn text_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) => Some(text.to_string()),
        Event::CData(text) => Some(text.to_string()),
        Event::GeneralRef(name) => {
            let raw = format!("&{};", &**name);
            Some(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), std::borrow::Cow::into_owned))
        }
        _ => None,
    }
}

/// A W3C date: with time and offset, without offset (taken for UTC), or a day (its end counts).
#[must_use]
pub fn read_date(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    if let Ok(at) = jiff::Timestamp::strptime("%Y-%m-%dT%H:%M%:z", text) {
        return Some(at.as_millisecond());
    }
    if text.len() > 10 {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        return jiff::tz::Offset::UTC.to_timestamp(civil).ok().map(jiff::Timestamp::as_millisecond);
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    let end = jiff::tz::Offset::UTC.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    Some(end.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://news.example/sitemap.xml").unwrap()
    }

    #[test]
    fn url_set_with_news_and_images() {
        let xml = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
            <url><loc> https://news.example/a?x=1&amp;y=2 </loc><lastmod>2024-05-01T10:00:00+02:00</lastmod>
            <image:image><image:loc>https://news.example/a.jpg</image:loc></image:image></url>
            <url><loc><![CDATA[/b]]></loc><news:news><news:publication_date>2024-05-02</news:publication_date>
            <news:title>Library &amp; mayor</news:title></news:news></url><url><loc>mailto:x</loc></url></urlset>"#;
        let entries = read(xml.as_bytes(), &base());
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].url.as_str(), "https://news.example/a?x=1&y=2");
        assert_eq!(entries[0].updated, Some(1_714_550_400_000));
        assert_eq!(entries[1].url.as_str(), "https://news.example/b");
        assert_eq!(entries[1].title.as_deref(), Some("Library & mayor"));
        assert_eq!(entries[1].updated, read_date("2024-05-03T00:00:00Z"));
    }

    #[test]
    fn index_gzip_and_plain_lines() {
        use std::io::Write as _;
        let xml = "<sitemapindex><sitemap><loc>https://news.example/s1.xml.gz</loc></sitemap></sitemapindex>";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(xml.as_bytes()).unwrap();
        let entries = read(&gzip.finish().unwrap(), &base());
        assert!(entries[0].is_sitemap && entries[0].url.as_str() == "https://news.example/s1.xml.gz");
        assert_eq!(read(b"\xef\xbb\xbfhttps://news.example/a\r\nhttps://news.example/b\n", &base()).len(), 2);
    }

    #[test]
    fn what_came_before_the_damage_counts() {
        let xml = "<urlset><url><loc>https://news.example/a</loc></url><url><loc>https://news.example/b</lo";
        assert_eq!(read(xml.as_bytes(), &base()).len(), 1);
        assert!(read(b"", &base()).is_empty());
        assert!(read(b"httpps:https://p\nhttpx://news.example/", &base()).is_empty());
    }
}
