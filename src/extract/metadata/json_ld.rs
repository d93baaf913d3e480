//! JSON-LD of all shapes: arrays, `@graph`, nested and referenced objects, broken control characters.
//!
//! In: the text of the page's `application/ld+json` scripts. Out: its objects, flat, the article among
//! them found by type. Never: an error; a script that can't be read is as if it were not there.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use html5ever::data::NAMED_ENTITIES;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::text;

/// Bytes of one script that are read.
const MAX_SCRIPT: usize = 4 << 20;
/// Objects that are looked at.
const MAX_OBJECTS: usize = 5_000;
/// Objects that references can lead to.
const MAX_NAMED: usize = 1_000;

/// schema.org types of an article, most telling first.
const ARTICLE_TYPES: [&str; 16] = [
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "OpinionNewsArticle",
    "BackgroundNewsArticle",
    "ReviewNewsArticle",
    "AskPublicNewsArticle",
    "LiveBlogPosting",
    "Article",
    "BlogPosting",
    "TechArticle",
    "ScholarlyArticle",
    "Report",
    "SatiricalArticle",
    "AdvertiserContentArticle",
    "SocialMediaPosting",
];

/// The objects of a page's JSON-LD.
#[derive(Debug, Default)]
pub(crate) struct JsonLd {
    roots: Vec<Value>,
    article: Option<Map<String, Value>>,
    /// Every type that any object has: most that are asked for are not there.
    types: BTreeSet<String>,
    /// Objects with a name, by `@id`; made when the first reference is followed.
    named: OnceCell<FxHashMap<String, Map<String, Value>>>,
}

impl JsonLd {
    pub(crate) fn parse<'a>(scripts: impl Iterator<Item = &'a str>) -> Self {
        // Each has an object, mostly: what follows would not be looked at.
        let roots: Vec<Value> = scripts.filter(|s| s.len() <= MAX_SCRIPT).filter_map(parse_loosely).take(MAX_OBJECTS).collect();
        let rank = |object: &Map<String, Value>| {
            let position = types(object).filter_map(|t| ARTICLE_TYPES.iter().position(|known| *known == t)).min()?;
            // Lists of other articles carry headlines, too; the page's own has a date or a text.
            let own = ["datePublished", "articleBody", "author"].iter().filter(|k| object.contains_key(**k)).count();
            Some((3 - own, position))
        };
        let all = objects(&roots);
        let types = all.iter().flat_map(|object| types(object)).map(str::to_owned).collect();
        let best = all.into_iter().enumerate().filter_map(|(at, o)| Some((rank(o)?, at, o))).min_by_key(|(rank, at, _)| (*rank, *at));
        let article = best.map(|(.., object)| object.clone());
        Self { roots, article, types, named: OnceCell::new() }
    }

    /// The article's object.
    pub(crate) fn article(&self) -> Option<&Map<String, Value>> {
        self.article.as_ref()
    }

    /// A property of the article, as text.
    pub(crate) fn article_text(&self, property: &str) -> Option<String> {
        self.article()?.get(property).and_then(text_of)
    }

    /// All objects of a type.
    pub(crate) fn of_type<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a Map<String, Value>> {
        let all = if self.types.contains(wanted) { objects(&self.roots) } else { Vec::new() };
        all.into_iter().filter(move |o| types(o).any(|t| t == wanted))
    }

    /// Follows `{"@id": …}` to the object that it names.
    pub(crate) fn resolve<'a>(&'a self, object: &'a Map<String, Value>) -> &'a Map<String, Value> {
        if object.contains_key("name") {
            return object;
        }
        let Some(id) = object.get("@id").and_then(Value::as_str) else { return object };
        let named = self.named.get_or_init(|| {
            let mut named = FxHashMap::default();
            for object in objects(&self.roots).into_iter().filter(|o| o.contains_key("name")) {
                if let Some(id) = object.get("@id").and_then(Value::as_str) {
                    named.entry(id.to_owned()).or_insert_with(|| object.clone());
                }
                if named.len() >= MAX_NAMED {
                    break;
                }
            }
            named
        });
        named.get(id).unwrap_or(object)
    }
}

/// The types of an object, without a `schema:` prefix or address.
fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let list = match object.get("@type") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter().filter_map(Value::as_str).map(|t| t.rsplit(['/', ':', '#']).next().unwrap_or(t))
}

/// A value as clean text: a string, a number, the first of a list, or an object's `name` or `@value`.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let mut value = value;
    for _ in 0..4 {
        match value {
            Value::String(s) => return Some(text::clean(&unescape(s))).filter(|t| !t.is_empty()),
            Value::Number(n) => return Some(n.to_string()),
            Value::Array(list) => value = list.first()?,
            Value::Object(object) => value = ["name", "@value", "url", "@id"].iter().find_map(|k| object.get(*k))?,
            _ => return None,
        }
    }
    None
}

/// Many systems write entities into JSON, where they mean nothing.
pub(crate) fn unescape(raw: &str) -> std::borrow::Cow<'_, str> {
    if !raw.contains('&') || !raw.contains(';') {
        return raw.into();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        if let Some((c, end)) = end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            out.push(c);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.into()
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    match NAMED_ENTITIES.get(&format!("{name};")) {
        Some(&(code, 0)) if code != 0 => char::from_u32(code),
        _ => None,
    }
}

/// `serde_json`, then again with raw control characters and comment wrappers taken out.
fn parse_loosely(script: &str) -> Option<Value> {
    let trimmed = script.trim().trim_end_matches(';').trim();
    if let Ok(value) = serde_json::from_str(trimmed) {
        return Some(value);
    }
    let trimmed = &trimmed.replace("<![CDATA[", "").replace("]]>", "");
    let start = trimmed.find(['{', '['])?;
    let end = trimmed.rfind(['}', ']'])?;
    let body: String = trimmed.get(start..=end)?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Ok(value) = serde_json::from_str(&body) {
        return Some(value);
    }
    // The first of several documents in one script.
    serde_json::Deserializer::from_str(&body).into_iter::<Value>().next()?.ok()
}

/// Properties whose values are looked into for objects.
const NESTING: [&str; 11] =
    ["@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "image", "author", "publisher", "video", "isPartOf"];

/// Every typed object inside the values, outermost first; breadth is bounded by [`MAX_OBJECTS`], depth by `serde_json`.
fn objects(roots: &[Value]) -> Vec<&Map<String, Value>> {
    let mut out = Vec::new();
    let mut queue: std::collections::VecDeque<&Value> = roots.iter().collect();
    while let Some(value) = queue.pop_front() {
        match value {
            Value::Array(list) => queue.extend(list),
            Value::Object(object) => {
                queue.extend(NESTING.iter().filter_map(|key| object.get(*key)).filter(|v| v.is_object() || v.is_array()));
                if object.contains_key("@type") {
                    out.push(object);
                }
            }
            _ => {}
        }
        if out.len() >= MAX_OBJECTS {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(script: &str) -> Option<String> {
        JsonLd::parse([script].into_iter()).article_text("headline")
    }

    #[test]
    fn shapes() {
        for script in [
            r#"{"@type":"NewsArticle","headline":"A & B"}"#,
            r#"[{"@type":"WebSite","name":"x"},{"@type":["Article","Thing"],"headline":"A &amp; B"}]"#,
            r#"{"@context":"x","@graph":[{"@type":"Organization"},{"@type":"schema:NewsArticle","headline":["A & B"]}]}"#,
            "<!-- {\"@type\":\"NewsArticle\",\n\"headline\":\"A &#38;\n B\"} -->",
            r#"{"@type":"WebPage","mainEntity":{"@type":"BlogPosting","headline":"A & B"}};"#,
        ] {
            assert_eq!(headline(script).as_deref(), Some("A & B"), "{script}");
        }
    }

    #[test]
    fn the_pages_own_article_wins_over_a_list() {
        let script = r#"[{"@type":"ItemList","itemListElement":[{"item":{"@type":"NewsArticle","headline":"Other"}}]},
            {"@type":"Article","headline":"Own","datePublished":"2024-01-01"}]"#;
        assert_eq!(headline(script).as_deref(), Some("Own"));
    }

    #[test]
    fn broken_is_absent() {
        for script in ["", "{", "nonsense", r#"{"@type":"NewsArticle","headline":"#, "[[[[[[[["] {
            assert_eq!(headline(script), None);
        }
    }
}
