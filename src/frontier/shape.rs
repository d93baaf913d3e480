//! Which URLs are of one shape? Calendars, filters and endless lists give URLs that differ in numbers and choices only.
//!
//! In: a URL. Out: its host with its path, numbers and long names put out, and the names of its parameters.

use url::Url;

/// Parameters that are told one by one; more are a filter's combination, whichever they are.
const MAX_NAMED: usize = 2;
/// A path segment with this many hyphens, or this long, is a page's own name.
const NAME: (usize, usize) = (3, 40);

/// The shape of a URL: `news.example/calendar/#/#?view`.
///
/// ```
/// # use copydesk::frontier::shape;
/// let of = |raw| shape(&url::Url::parse(raw).unwrap());
/// assert_eq!(of("https://news.example/calendar/2031/05?day=7&view=a"), "news.example/calendar/#/#?day&view");
/// assert_eq!(of("https://news.example/2026/05/ferry-returns-to-the-lake.html"), "news.example/#/#/*");
/// ```
#[must_use]
pub fn shape(url: &Url) -> String {
    let mut out = url.host_str().unwrap_or_default().to_owned();
    for segment in url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()) {
        out.push('/');
        if segment.matches('-').count() >= NAME.0 || segment.len() >= NAME.1 {
            out.push('*');
            continue;
        }
        for c in segment.chars() {
            match c {
                '0'..='9' if out.ends_with('#') => {}
                '0'..='9' => out.push('#'),
                c => out.extend(c.to_lowercase()),
            }
        }
    }
    let mut names: Vec<String> = url.query_pairs().map(|(name, _)| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    if !names.is_empty() {
        out.push('?');
        out.push_str(&if names.len() > MAX_NAMED { "…".to_owned() } else { names.join("&") });
    }
    out
}
