//! When are two URLs one page? RFC 3986 normalisation, and what news sites hang onto their URLs.
//!
//! In: a URL. Out: the URL that stands for it and all its spellings, and the `id` of the article
//! behind it. Never: a look at the page; canonical links are judged elsewhere.

use std::borrow::Cow;

use url::{Position, Url};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Query parameters that say where a reader came from, not what is read. A trailing `*` is any ending.
const TRACKING: [&str; 38] = [
    "utm_*",
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "wickedid",
    "oly_enc_id",
    "oly_anon_id",
    "vero_id",
    "vero_conv",
    "at_medium",
    "at_campaign",
    "at_custom*",
    "ns_mchannel",
    "ns_source",
    "ns_campaign",
    "xtor",
    "ref_src",
    "ref_url",
    "cmpid",
    "ocid",
];

/// Query and path parameters that hold a session.
const SESSION: [&str; 9] =
    ["jsessionid", "phpsessid", "aspsessionid*", "sessionid", "session_id", "cfid", "cftoken", "asp.net_sessionid", "osessionid"];

/// Short names that hold a session only where their value looks like one.
const SESSION_IF_LONG: [&str; 3] = ["sid", "s", "session"];

/// File names that a server sends for a folder.
const INDEX_FILES: [&str; 10] = [
    "index.html",
    "index.htm",
    "index.shtml",
    "index.xhtml",
    "index.php",
    "index.jsp",
    "index.asp",
    "index.aspx",
    "default.aspx",
    "default.htm",
];

/// The URL that stands for all spellings of this one: no fragment, no default port, no tracking or
/// session parameters, no index file, no trailing slash, percent-encoding and parameter order normal.
///
/// ```
/// # use copydesk::frontier::identity::normalize;
/// let url = url::Url::parse("HTTPS://News.Example:443/2024/a%7eb/index.html?utm_source=x&b=2&a=1#top")?;
/// assert_eq!(normalize(&url).as_str(), "https://news.example/2024/a~b?a=1&b=2");
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn normalize(url: &Url) -> Url {
    let mut out = url.clone();
    out.set_fragment(None);
    if let Some(host) = url.host_str().filter(|h| h.ends_with('.')) {
        // A host that the parser refuses without its dots stays as it was.
        let _ = out.set_host(Some(host.trim_end_matches('.')));
    }
    if !out.cannot_be_a_base() {
        out.set_path(&normal_path(url.path()));
    }
    let query = url.query().map(normal_query).filter(|q| !q.is_empty());
    out.set_query(query.as_deref());
    out
}

/// The `id` of the article at a URL: 32 hexadecimal digits of XXH3-128 over the normal URL without its
/// scheme, so that `http` and `https` are one. It must never change between versions.
#[must_use]
pub fn article_id(url: &Url) -> String {
    format!("{:032x}", xxh3_128(normal_text(url).as_bytes()))
}

/// The key of a URL in the state: XXH3-64 over the same text as [`article_id`].
#[must_use]
pub fn url_key(url: &Url) -> i64 {
    i64::from_ne_bytes(xxh3_64(normal_text(url).as_bytes()).to_ne_bytes())
}

/// Whether two URLs are spellings of one page.
#[must_use]
pub fn same_page(a: &Url, b: &Url) -> bool {
    normal_text(a) == normal_text(b)
}

/// The normal URL without its scheme. Of most URLs it is a part of what they are.
fn normal_text(url: &Url) -> Cow<'_, str> {
    if let Some(text) = normal_part(url) {
        return Cow::Borrowed(text);
    }
    let normal = normalize(url);
    Cow::Owned(normal.as_str().split_once("://").map_or(normal.as_str(), |(_, rest)| rest).to_owned())
}

/// The same where there is nothing to normalise but the end of the path, else nothing.
fn normal_part(url: &Url) -> Option<&str> {
    let path = url.path();
    if url.query().is_some() || !path.starts_with('/') || path.contains(['%', ';']) || url.host_str().is_none_or(|host| host.ends_with('.'))
    {
        return None;
    }
    let text = &url[Position::BeforeUsername..Position::AfterPath];
    let kept = path.trim_end_matches('/');
    let Some((_, file)) = kept.rsplit_once('/') else {
        return Some(&text[..=text.len() - path.len()]);
    };
    (!INDEX_FILES.iter().any(|name| file.eq_ignore_ascii_case(name))).then(|| &text[..text.len() - path.len() + kept.len()])
}

fn normal_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').skip(1) {
        let kept: Vec<_> = segment.split(';').enumerate().filter(|(n, p)| *n == 0 || !is_session(p)).map(|(_, p)| p).collect();
        // Without its session a segment may be one that the parser had not seen.
        match normal_escapes(&kept.join(";")).as_str() {
            "." => {}
            ".." => out.truncate(out.rfind('/').unwrap_or_default()),
            segment => out.extend(["/", segment]),
        }
    }
    loop {
        out.truncate(out.trim_end_matches('/').len());
        match out.rsplit_once('/') {
            Some((folder, file)) if INDEX_FILES.contains(&file.to_ascii_lowercase().as_str()) => out.truncate(folder.len()),
            _ => break,
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

fn normal_query(query: &str) -> String {
    let mut kept: Vec<String> = query.split('&').filter(|p| !p.is_empty() && !is_noise(p)).map(normal_escapes).collect();
    // Stable, so that a repeated name keeps the order of its values.
    kept.sort_by(|a, b| parameter_name(a).cmp(parameter_name(b)));
    kept.join("&")
}

fn parameter_name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or(parameter)
}

fn is_noise(parameter: &str) -> bool {
    let name = parameter_name(parameter).to_ascii_lowercase();
    listed(&TRACKING, &name) || is_session(parameter)
}

fn is_session(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let name = name.to_ascii_lowercase();
    let token = || value.len() >= 16 && value.bytes().all(|b| b.is_ascii_alphanumeric()) && value.bytes().any(|b| b.is_ascii_digit());
    listed(&SESSION, &name) || (SESSION_IF_LONG.contains(&name.as_str()) && token())
}

fn listed(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.strip_suffix('*').map_or(*known == name, |start| name.starts_with(start)))
}

/// Percent-encodings in upper case, those of unreserved characters decoded (RFC 3986, 6.2.2), unless a percent sign that
/// encodes nothing would then begin to encode something.
fn normal_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_hexdigit() && ends_in_lone_percent(&out) => {
                out.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
            }
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            Some(byte) => out.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]),
            None => out.push('%'),
        }
        rest = &rest[at + if code.is_some() { 3 } else { 1 }..];
    }
    out.push_str(rest);
    out
}

/// Whether a percent sign that no encoding holds stands last, or one but last.
fn ends_in_lone_percent(text: &str) -> bool {
    let mut last = text.bytes().rev();
    last.next() == Some(b'%') || last.next() == Some(b'%')
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(raw: &str) -> String {
        normalize(&Url::parse(raw).unwrap()).to_string()
    }

    #[test]
    fn spellings_of_one_page() {
        let page = "https://news.example/2024/05/a-story";
        for spelling in [
            "https://NEWS.example:443/2024/05/a-story/",
            "https://news.example./2024/05/a-story#comments",
            "https://news.example/2024/05/../05/a%2Dstory/index.html",
            "https://news.example/2024/05/a-story?utm_source=rss&fbclid=abc",
            "https://news.example/2024/05/a-story;jsessionid=1A2B3C?",
            "https://news.example/2024/05/a-story/.;jsessionid=1A2B3C/index.html",
            "https://news.example/2024/05/a-story/page/..;jsessionid=1A2B3C",
            "https://news.example/2024/05/a-story?sid=0123456789abcdef0123",
        ] {
            assert_eq!(normal(spelling), page, "{spelling}");
        }
    }

    #[test]
    fn what_makes_a_page_stays() {
        assert_eq!(normal("https://news.example/?p=12"), "https://news.example/?p=12");
        assert_eq!(normal("https://news.example/a?s=libraries"), "https://news.example/a?s=libraries");
        assert_eq!(normal("http://news.example:8080/A/b"), "http://news.example:8080/A/b");
        assert_eq!(normal("https://news.example/a%2Fb%e3%83%84"), "https://news.example/a%2Fb%E3%83%84");
        assert_eq!(normal("https://news.example/a%zz%"), "https://news.example/a%zz%");
        assert_eq!(normal("https://news.example/%e"), "https://news.example/%e");
    }

    #[test]
    fn what_needs_nothing_is_what_normalising_gives() {
        let hosts = ["https://news.example", "http://a:b@News.example:8080", "http://[::1]:80", "https://x.", "mailto:x", "odd://h"];
        let paths = ["", "/", "//", "/a", "/a/", "//a//b//", "/a/INDEX.html", "/index.php/", "/a;b", "/%7Ea", "/a/../b/.", "/ü x|y"];
        let rests = ["", "#top", "?", "?b=1&a=2", "?utm_source=x#y"];
        let mut parts = 0;
        for host in hosts {
            for spelling in paths.iter().flat_map(|path| rests.iter().map(move |rest| format!("{host}{path}{rest}"))) {
                let Ok(url) = Url::parse(&spelling) else { continue };
                if let Some(part) = normal_part(&url) {
                    assert_eq!(normalize(&url).as_str().split_once("://").unwrap().1, part, "{url}");
                    parts += 1;
                }
            }
        }
        assert!(parts > 50, "{parts}");
    }

    #[test]
    fn normal_is_normal() {
        for raw in [
            "https://x../example./a//b/",
            "https://news.example/%%341",
            "https://news.example/%4%31",
            "https://news.example/index.html/index.html",
            "https://news.example/a?b=%7e&a",
            "http://[::1]:80//x//",
        ] {
            assert_eq!(normal(&normal(raw)), normal(raw), "{raw}");
        }
    }

    #[test]
    fn ids_do_not_change() {
        let id = |raw: &str| article_id(&Url::parse(raw).unwrap());
        assert_eq!(id("http://news.example/a/?utm_medium=x"), id("https://news.example/a"));
        assert_eq!(id("https://news.example/a").len(), 32);
        assert_ne!(id("https://news.example/a"), id("https://news.example/A"));
    }
}
