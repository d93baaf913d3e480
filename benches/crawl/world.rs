//! What is served: real pages where the pack is beside the checkout, generated ones else.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// URLs of a sitemap.
const SITEMAP: usize = 10_000;

/// Pages `/bench-story-N.html`, found by sitemaps that robots.txt names.
pub(crate) struct World {
    /// Where the pages come from, in a word.
    pub(crate) origin: &'static str,
    pages: Pages,
}

enum Pages {
    Real(Vec<Vec<u8>>),
    /// Their number and their usual size.
    Generated(usize, usize),
}

impl World {
    /// The first pages of the pack of 100 to 400 KB: 200 KB on average. `None` where there is no pack.
    pub(crate) fn real(most: usize) -> Option<Self> {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/pack");
        let mut pages = Vec::new();
        for set in ["fundus", "wcxb", "trafeval"] {
            let list = std::fs::read_to_string(pack.join(set).with_extension("jsonl")).ok()?;
            for line in list.lines() {
                let page: serde_json::Value = serde_json::from_str(line).ok()?;
                let bytes = std::fs::read(pack.join(page["html"].as_str()?)).ok()?;
                let mut html = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut html).ok()?;
                if (100_000..=400_000).contains(&html.len()) && pages.len() < most {
                    pages.push(html);
                }
            }
        }
        Some(Self { origin: "real", pages: Pages::Real(pages) })
    }

    /// Pages about nothing much, each another one.
    pub(crate) fn generated(count: usize, size: usize) -> Self {
        Self { origin: "generated", pages: Pages::Generated(count, size) }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.pages {
            Pages::Real(pages) => pages.len(),
            Pages::Generated(count, _) => *count,
        }
    }

    /// Bytes of all pages, about.
    pub(crate) fn bytes(&self) -> usize {
        match &self.pages {
            Pages::Real(pages) => pages.iter().map(Vec::len).sum(),
            Pages::Generated(count, size) => count * size,
        }
    }

    /// Status, content type and body at a path.
    pub(crate) fn answer(&self, path: &str, host: &str) -> (u16, &'static str, Cow<'_, [u8]>) {
        let number = |before: &str, after: &str| path.strip_prefix(before)?.strip_suffix(after)?.parse::<usize>().ok();
        if path == "/robots.txt" {
            let sitemaps = (0..self.len().div_ceil(SITEMAP)).map(|n| format!("Sitemap: http://{host}/sitemap-{n}.xml\n"));
            return (200, "text/plain", Cow::Owned(sitemaps.collect::<String>().into_bytes()));
        }
        if path == "/" {
            return (
                200,
                "text/html",
                Cow::Borrowed(b"<h1>The Bench Gazette</h1><ul><li><a href=/bench-story-0.html>The first story of the day</a></ul>"),
            );
        }
        if let Some(part) = number("/sitemap-", ".xml") {
            let urls = (part * SITEMAP..((part + 1) * SITEMAP).min(self.len()))
                .map(|n| format!("<url><loc>http://{host}/bench-story-{n}.html</loc></url>"));
            let list = format!("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{}</urlset>", urls.collect::<String>());
            return (200, "application/xml", Cow::Owned(list.into_bytes()));
        }
        match (number("/bench-story-", ".html"), &self.pages) {
            (Some(n), Pages::Real(pages)) if n < pages.len() => (200, "text/html", Cow::Borrowed(&pages[n])),
            (Some(n), Pages::Generated(count, size)) if n < *count => {
                (200, "text/html; charset=utf-8", Cow::Owned(page(n, *size, host).into_bytes()))
            }
            _ => (404, "text/html", Cow::Borrowed(b"<h1>Not found</h1>")),
        }
    }
}

/// A page of a quarter to three times the usual size: frame, text of its own, teasers, a script.
fn page(number: usize, size: usize, host: &str) -> String {
    const THINGS: [&str; 12] =
        ["bridge", "school", "market", "ferry", "library", "orchard", "tram", "harbour", "theatre", "quarry", "mill", "station"];
    let size = size / 4 + size * (number.wrapping_mul(7919) % 11) / 4;
    let mut state = number as u64 + 1;
    let mut thing = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (THINGS[(state >> 40) as usize % THINGS.len()], (state >> 33) % 10_000)
    };
    let (what, year) = thing();
    let mut html = format!(
        "<!doctype html><html lang=en><head><title>Report {number} on the {what}</title><meta property=og:type content=article>\
         <link rel=canonical href=http://{host}/bench-story-{number}.html></head><body><nav class=menu><ul><li><a href=/>Home</a></ul></nav>\
         <article class=story><h1>Report {number} on the {what} of plan {year}</h1><p class=byline>By Ada Quill</p>"
    );
    while html.len() < size / 2 + 500 {
        let ((a, m), (b, n), (c, _)) = (thing(), thing(), thing());
        let text = format!(
            "<p class=\"text\">The council said that the {a} of ward {m} will be moved beside the {b} once {n} crowns are found, which those \
             who use the {c} every day call <a href=\"/bench-story-{number}.html\">a plan for another century</a> in their letter number {m}{n}.</p>"
        );
        html.push_str(&text);
    }
    html.push_str("</article><aside class=\"related teasers\"><ul>");
    while html.len() < size * 3 / 4 {
        let ((a, m), (b, _)) = (thing(), thing());
        let _ = write!(
            html,
            "<li class=\"teaser teaser--small\"><a class=\"teaser__link\" href=\"/bench-story-{number}.html\"><span>A {a} and a {b}, {m}</span></a></li>"
        );
    }
    html.push_str("</ul></aside><script>window.state = [");
    while html.len() < size {
        let (a, m) = thing();
        let _ = write!(html, "{{\"name\":\"{a}\",\"value\":{m}}},");
    }
    html.push_str("0];</script><footer><p>The Bench Gazette</p></footer></body></html>");
    html
}
