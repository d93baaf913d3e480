//! What the page says of itself beyond headline, names and dates: publication, section, tags, pictures,
//! canonical URL, paywall and rights.
//!
//! In: [`Metadata`]. Out: each field by itself, `None` where the page says nothing usable.

use serde_json::Value;
use url::Url;

use super::blocks::Segment;
use super::class_words;
use super::dates;
use super::dom::Dom;
use super::features::LEVELS;
use super::metadata::{Metadata, text_of};
use super::names::known;
use super::tag::Tag;
use crate::article::Rights;
use crate::decode::Signals;
use crate::text;

/// Tags kept of one page.
const MAX_TAGS: usize = 500;
/// Longest `<base href>` that is believed: it would stand in every link and picture.
const MAX_BASE_BYTES: usize = 2048;

/// An absolute http(s) URL, resolved against the page's base.
pub(crate) fn absolute(raw: &str, base: Option<&Url>) -> Option<Url> {
    let raw = raw.trim();
    if raw.is_empty() || raw.starts_with("data:") || raw.len() > 8192 {
        return None;
    }
    let url = match base {
        Some(base) => base.join(raw).ok()?,
        None => Url::parse(raw).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The URL that relative ones resolve against: `<base href>` where it is usable, else the page's own.
pub(crate) fn base_url(metadata: &Metadata, page: Option<&Url>) -> Option<Url> {
    metadata.base.as_deref().filter(|b| b.len() <= MAX_BASE_BYTES).and_then(|b| absolute(b, page)).or_else(|| page.cloned())
}

/// The canonical URL, if believable: the same site, and not the front page of it unless the page is one.
pub(crate) fn canonical(metadata: &Metadata, page: Option<&Url>) -> Option<Url> {
    let raw = metadata.link("canonical").or_else(|| metadata.first(&["og:url"]))?;
    let mut url = absolute(raw, page)?;
    url.set_fragment(None);
    if let Some(page) = page {
        let same_site = registrable(&url) == registrable(page);
        let to_front = url.path() == "/" && url.query().is_none() && page.path() != "/";
        if !same_site || to_front {
            return None;
        }
    } else if url.path() == "/" {
        return None;
    }
    Some(url)
}

/// The registrable domain of a URL's host, by the Public Suffix List; the host itself where it has none.
fn registrable(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    psl::domain_str(&host).map_or(host.clone(), str::to_owned)
}

/// The publication.
pub(crate) fn site(metadata: &Metadata) -> Option<(String, &'static str)> {
    let publisher = || {
        let value = metadata.json_ld.article()?.get("publisher")?;
        let value = if let Value::Array(list) = value { list.first()? } else { value };
        match value {
            Value::Object(object) => metadata.json_ld.resolve(object).get("name").and_then(text_of),
            other => text_of(other),
        }
    };
    let named = |name: String| name.chars().count() <= 100 && !name.contains("://");
    metadata
        .first(&["og:site_name", "application-name", "twitter:app:name:iphone"])
        .map(|s| (s.to_owned(), "og"))
        .or_else(|| publisher().map(|s| (s, "json-ld")))
        .or_else(|| metadata.json_ld.of_type("WebSite").find_map(|o| o.get("name").and_then(text_of)).map(|s| (s, "json-ld")))
        .or_else(|| metadata.first(&["publisher", "dc.publisher", "cre"]).map(|s| (s.to_owned(), "meta")))
        .filter(|(name, _)| named(name.clone()))
}

/// The publication by its logo: the text of the picture that links to the front page.
pub(crate) fn site_by_logo(dom: &Dom) -> Option<(String, &'static str)> {
    let home = dom.elements(Tag::A).filter(|&a| dom.attr(a, known::HREF) == Some("/")).take(5);
    let alt =
        home.flat_map(|a| dom.descendants(a).take(20)).filter(|&id| dom.tag(id) == Tag::Img).find_map(|id| dom.attr(id, known::ALT))?;
    let name = text::clean(alt);
    let generic = ["logo", "home", "homepage", "startseite", "inicio", "accueil"].contains(&name.to_lowercase().as_str());
    (!generic && (2..=40).contains(&name.chars().count())).then_some((name, "logo"))
}

/// A section named beside the date: "17.02.2026 09:40 | City".
pub(crate) fn section_in_dateline(segments: &[Segment]) -> Option<(String, &'static str)> {
    let line = segments.iter().find(|s| s.text.contains('|') && dates::is_dateline(&s.text))?;
    let mut parts = line.text.split('|').map(str::trim);
    let part = parts
        .find(|p| p.chars().all(|c| c.is_alphabetic() || c == ' ') && (3..=30).contains(&p.chars().count()) && !dates::is_dateline(p))?;
    Some((part.to_owned(), "text"))
}

/// The publication's section.
pub(crate) fn section(metadata: &Metadata, dom: &Dom) -> Option<(String, &'static str)> {
    metadata
        .json_ld
        .article_text("articleSection")
        .map(|s| (s, "json-ld"))
        .or_else(|| {
            metadata
                .first(&[
                    "article:section",
                    "section",
                    "og:article:section",
                    "parsely-section",
                    "cxenseparse:section",
                    "dc.subject.section",
                ])
                .map(|s| (s.to_owned(), "meta"))
        })
        .or_else(|| metadata.item(dom, "articlesection").map(|s| (s, "microdata")))
        .or_else(|| breadcrumb(metadata).map(|s| (s, "json-ld")))
        .filter(|(s, _)| s.chars().count() <= 80 && !s.contains("://"))
}

/// The second step of a breadcrumb trail that is at least three long: front page, section, article.
fn breadcrumb(metadata: &Metadata) -> Option<String> {
    let trail = metadata.json_ld.of_type("BreadcrumbList").next()?;
    let Value::Array(steps) = trail.get("itemListElement")? else { return None };
    let step = steps.get(1).filter(|_| steps.len() >= 3)?;
    step.get("name").or_else(|| step.get("item")?.get("name")).and_then(text_of)
}

/// The last step before the article in a printed breadcrumb trail: short linked segments before the headline in an
/// element whose class says so.
pub(crate) fn breadcrumb_trail(dom: &Dom, segments: &[Segment], title: Option<usize>) -> Option<(String, &'static str)> {
    let end = title?;
    let mut steps: Vec<String> = Vec::new();
    for segment in &segments[end.saturating_sub(12)..end] {
        let is_trail = |word: &str| matches!(word, "breadcrumb" | "breadcrumbs" | "crumbs" | "crumb" | "rubric" | "kicker" | "section");
        let inside = class_words::any(dom, segment, LEVELS, is_trail);
        // "Front page > Region > Article"
        let arrows = segment.link_chars * 4 >= segment.chars && segment.text.contains(['>', '›', '»']);
        if (inside || arrows) && segment.chars <= 120 {
            steps.extend(
                segment.text.split(['>', '›', '»', '/', '|']).map(text::clean).filter(|s| !s.is_empty() && s.chars().count() <= 40),
            );
        }
    }
    // The first of several is the front page.
    let step = if steps.len() >= 2 { steps.swap_remove(1) } else { steps.pop()? };
    step.chars().any(char::is_alphabetic).then_some((step, "breadcrumb"))
}

/// Tags and keywords, each once.
pub(crate) fn tags(metadata: &Metadata, dom: &Dom) -> Vec<String> {
    let mut raw: Vec<String> = metadata.all("article:tag").map(str::to_owned).collect();
    if let Some(value) = metadata.json_ld.article().and_then(|a| a.get("keywords")) {
        match value {
            Value::Array(list) => raw.extend(list.iter().filter_map(text_of)),
            other => raw.extend(text_of(other).iter().flat_map(|s| s.split([',', ';', '，', '、'])).map(str::to_owned)),
        }
    }
    if raw.is_empty() {
        let list = metadata
            .first(&["news_keywords", "keywords", "parsely-tags", "sailthru.tags"])
            .map(str::to_owned)
            .or_else(|| metadata.item(dom, "keywords"));
        raw.extend(list.iter().flat_map(|l| l.split([',', ';', '，', '、', '،'])).map(str::to_owned));
    }
    if raw.is_empty() {
        let tagged = dom.elements(Tag::A).filter(|&a| dom.has_relation(a, "tag"));
        raw.extend(tagged.take(MAX_TAGS).map(|a| dom.text(a, 200)));
    }
    let mut seen = std::collections::HashSet::new();
    raw.into_iter()
        .map(|t| text::clean(&t))
        .filter(|t| !t.is_empty() && t.chars().count() <= 100 && !t.contains("://"))
        .filter(|t| seen.insert(text::comparison_key(t)))
        .take(MAX_TAGS)
        .collect()
}

/// The lead image's absolute URL.
pub(crate) fn lead_image(metadata: &Metadata, base: Option<&Url>) -> Option<(String, &'static str)> {
    let from_json = || {
        let mut value = metadata.json_ld.article()?.get("image")?;
        if let Value::Array(list) = value {
            value = list.first()?;
        }
        match value {
            Value::Object(object) => ["url", "contentUrl", "@id"].iter().find_map(|k| object.get(*k)).and_then(text_of),
            other => text_of(other),
        }
    };
    let og = metadata.first(&["og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"]).map(str::to_owned);
    og.map(|s| (s, "og"))
        .or_else(|| from_json().map(|s| (s, "json-ld")))
        .or_else(|| metadata.link("image_src").map(|s| (s.to_owned(), "link")))
        .and_then(|(raw, source)| Some((absolute(&raw, base)?.to_string(), source)))
}

/// Standfirst candidates: JSON-LD `alternativeHeadline` and `description`, `<meta name=description>`.
pub(crate) fn descriptions(metadata: &Metadata) -> Vec<String> {
    let mut out: Vec<String> = ["alternativeHeadline", "alternateHeadline", "description", "abstract"]
        .iter()
        .filter_map(|k| metadata.json_ld.article_text(k))
        .collect();
    out.extend(metadata.first(&["og:description"]).map(str::to_owned));
    out.extend(metadata.first(&["description"]).map(str::to_owned));
    out
}

/// What is said of a paywall: `isAccessibleForFree` inverted, or a content tier.
pub(crate) fn paywalled(metadata: &Metadata) -> Option<bool> {
    let free = |value: &Value| match value {
        Value::Bool(free) => Some(*free),
        Value::String(s) => match s.trim().to_ascii_lowercase().rsplit('/').next() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
        _ => None,
    };
    let declared = metadata
        .json_ld
        .article()
        .and_then(|a| a.get("isAccessibleForFree"))
        .or_else(|| metadata.json_ld.of_type("WebPage").find_map(|p| p.get("isAccessibleForFree")));
    if let Some(free) = declared.and_then(free) {
        return Some(!free);
    }
    match metadata.first(&["article:content_tier", "content_tier"])?.to_ascii_lowercase().as_str() {
        "free" => Some(false),
        "metered" | "locked" => Some(true),
        _ => None,
    }
}

/// Reuse signals as declared.
pub(crate) fn rights(metadata: &Metadata, dom: &Dom, signals: &Signals, base: Option<&Url>) -> Rights {
    let mut robots: Vec<String> = Vec::new();
    let tagged = metadata.all("robots").chain(signals.robots_tag.iter().map(String::as_str));
    for directive in tagged.flat_map(|v| v.split(',')) {
        let directive = text::clean(directive).to_lowercase();
        if !directive.is_empty() && robots.len() < 100 && !robots.contains(&directive) {
            robots.push(directive);
        }
    }
    let license = metadata
        .json_ld
        .article_text("license")
        .or_else(|| metadata.link("license").map(str::to_owned))
        .or_else(|| metadata.first(&["dc.rights.license", "dcterms.license", "license"]).map(str::to_owned))
        .or_else(|| {
            dom.elements(Tag::A).find(|&a| dom.has_relation(a, "license")).and_then(|a| dom.attr(a, known::HREF)).map(str::to_owned)
        });
    Rights {
        robots,
        content_signal: signals.content_signal.as_deref().map(text::clean),
        tdm_reservation: signals.tdm_reservation.as_deref().or_else(|| metadata.first(&["tdm-reservation"])).map(text::clean),
        license: license.and_then(|l| absolute(&l, base)).map(|u| u.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_only_when_believable() {
        let page = Url::parse("https://www.news.example/a/story?utm_source=x").unwrap();
        let of = |html: &str| canonical(&Metadata::collect(&Dom::parse(html)), Some(&page)).map(|u| u.to_string());
        assert_eq!(of("<link rel=canonical href=/a/story#top>").as_deref(), Some("https://www.news.example/a/story"));
        assert_eq!(of("<link rel=canonical href=https://news.example/a/story>").as_deref(), Some("https://news.example/a/story"));
        assert_eq!(of("<link rel=canonical href=https://other.example/a/story>"), None);
        assert_eq!(of("<link rel=canonical href=/>"), None);
        assert_eq!(of("<link rel=canonical href='javascript:x'>"), None);
    }
}
