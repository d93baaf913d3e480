//! URL patterns of the configuration: `*` is any characters, a final `$` the end.
//!
//! A pattern that begins with `/` or `*` is compared with path and query, one that names a scheme with
//! the whole URL. As in robots.txt, a pattern without `$` may go on.

use memchr::memmem;
use url::Url;

/// A pattern.
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    pieces: Vec<String>,
    anchored: bool,
    whole: bool,
}

impl Glob {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let body = text.strip_suffix('$');
        let pieces = body.unwrap_or(text).split('*').map(str::to_owned).collect();
        Self { text: text.to_owned(), pieces, anchored: body.is_some(), whole: !text.starts_with(['/', '*']) }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a URL matches.
    #[must_use]
    pub fn matches(&self, url: &Url) -> bool {
        if self.whole {
            return self.matches_text(url.as_str());
        }
        match url.query() {
            Some(query) => self.matches_text(&format!("{}?{query}", url.path())),
            None => self.matches_text(url.path()),
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return true };
        let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return !self.anchored || text.is_empty() };
        for piece in middle {
            match memmem::find(text.as_bytes(), piece.as_bytes()) {
                Some(at) => text = &text[at + piece.len()..],
                None => return false,
            }
        }
        if self.anchored { text.ends_with(last.as_str()) } else { text.contains(last.as_str()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_whole_urls() {
        let url = Url::parse("https://news.example/2024/a?page=2").unwrap();
        for (pattern, hit) in [
            ("/2024/", true),
            ("/2024/*$", true),
            ("*page=2$", true),
            ("/a", false),
            ("https://news.example/2024/", true),
            ("https://*.example/*/a", true),
            ("http://news.example/", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(&url), hit, "{pattern}");
        }
    }
}
