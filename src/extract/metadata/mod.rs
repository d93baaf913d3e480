//! What a page says of itself: `<meta>`, `<link>`, JSON-LD, microdata, `<title>` and `<html lang>`.
//!
//! In: the tree. Out: a [`Metadata`] gathered in one walk, raw strings and JSON, nothing decided yet: which
//! source wins for which field is each field's own affair.

mod json_ld;

pub(crate) use json_ld::{JsonLd, text_of, unescape};

use super::dom::{Dom, NodeId};
use super::names::{known, role};
use super::tag::Tag;
use crate::text;

/// Longest `<meta>` value that is kept, in bytes.
const MAX_VALUE: usize = 65_536;
/// `<meta>` and microdata values kept of one page.
const MAX_VALUES: usize = 20_000;

/// Everything that a page declares about itself.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    /// `<meta>` keys in page order, each with the number of its value; the key is the `name`, `property`, `itemprop` or
    /// `http-equiv`, see [`plain_key`].
    keys: Vec<(String, usize)>,
    /// `<meta>` values in page order.
    values: Vec<String>,
    /// A bit for each key, see [`key_bit`]: most keys that are asked for are not there.
    known: u64,
    /// `itemprop` values of other elements, in page order, with their elements.
    pub(crate) microdata: Vec<(String, NodeId)>,
    /// `<link>` in page order: lower-cased `rel`, `type`, `href`.
    pub(crate) links: Vec<(String, String, String)>,
    /// JSON-LD.
    pub(crate) json_ld: JsonLd,
    /// Text of the first `<title>`.
    pub(crate) title: Option<String>,
    /// `lang` of `<html>`.
    pub(crate) lang: Option<String>,
    /// `href` of the first `<base>`.
    pub(crate) base: Option<String>,
}

impl Metadata {
    /// Gathers a page's declarations.
    pub(crate) fn collect(dom: &Dom) -> Self {
        let mut out = Self::default();
        let mut scripts = Vec::new();
        for &id in dom.all_elements() {
            match dom.tag(id) {
                Tag::Meta => out.add_meta(dom, id),
                Tag::Link => out.add_link(dom, id),
                Tag::Title if out.title.is_none() => {
                    let raw: String = dom.descendants(id).filter_map(|t| dom.text_of(t)).take(8).collect();
                    out.title = Some(text::clean(cut(&raw))).filter(|t| !t.is_empty());
                }
                Tag::Html if out.lang.is_none() => {
                    out.lang = dom.attr(id, known::LANG).or_else(|| dom.attr(id, known::XML_LANG)).map(str::to_owned);
                }
                Tag::Base if out.base.is_none() => out.base = dom.attr(id, known::HREF).map(str::to_owned),
                Tag::Script => {
                    let declared = |kind: &str| kind.trim().get(..19).is_some_and(|t| t.eq_ignore_ascii_case("application/ld+json"));
                    // Archives of pages lose the type.
                    let bare = || dom.first_child(id).and_then(|text| dom.text_of(text)).is_some_and(begins_as_json_ld);
                    if dom.attr(id, known::TYPE).map_or_else(bare, declared) {
                        scripts.extend(dom.first_child(id));
                    }
                }
                _ => {
                    if dom.has_role(id, role::PROPERTY)
                        && let Some(property) = dom.attr(id, known::ITEMPROP)
                        && out.microdata.len() < MAX_VALUES
                    {
                        for name in property.split_ascii_whitespace().take(4) {
                            out.microdata.push((name.to_ascii_lowercase(), id));
                        }
                    }
                }
            }
        }
        out.json_ld = JsonLd::parse(scripts.into_iter().filter_map(|id| dom.text_of(id)));
        out
    }

    fn add_meta(&mut self, dom: &Dom, id: NodeId) {
        let Some(content) = dom.attr(id, known::CONTENT) else { return };
        if self.values.len() >= MAX_VALUES {
            return;
        }
        let content = text::clean(cut(content));
        if content.is_empty() {
            return;
        }
        let before = self.keys.len();
        for attribute in [known::PROPERTY, known::NAME, known::ITEMPROP, known::HTTP_EQUIV] {
            if let Some(key) = dom.attr(id, attribute) {
                self.known |= key_bit(key);
                self.keys.push((plain_key(key), self.values.len()));
            }
        }
        if self.keys.len() > before {
            self.values.push(content);
        }
    }

    fn add_link(&mut self, dom: &Dom, id: NodeId) {
        if let (Some(rel), Some(href)) = (dom.attr(id, known::REL), dom.attr(id, known::HREF))
            && self.links.len() < MAX_VALUES
        {
            let kind = dom.attr(id, known::TYPE).unwrap_or_default();
            self.links.push((rel.trim().to_ascii_lowercase(), kind.trim().to_ascii_lowercase(), href.trim().to_owned()));
        }
    }

    /// The first `<meta>` value under any of the keys, tried in the order given.
    pub(crate) fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.all(key).next())
    }

    /// All `<meta>` values of a key, in page order.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        let keys = if self.known & key_bit(key) > 0 { self.keys.as_slice() } else { &[] };
        keys.iter().filter(move |(k, _)| plain_bytes(key).eq(k.bytes())).map(|(_, at)| self.values[*at].as_str())
    }

    /// The `href` of the first `<link>` with the relation.
    pub(crate) fn link(&self, relation: &str) -> Option<&str> {
        self.links.iter().find(|(rel, ..)| rel.split_ascii_whitespace().any(|r| r == relation)).map(|(.., href)| href.as_str())
    }

    /// The value of an `itemprop` by the HTML standard: `content`, `datetime`, or the text.
    pub(crate) fn item(&self, dom: &Dom, property: &str) -> Option<String> {
        self.items(dom, property).next()
    }

    /// All values of an `itemprop`, in page order.
    pub(crate) fn items<'a>(&'a self, dom: &'a Dom<'a>, property: &'a str) -> impl Iterator<Item = String> + 'a {
        self.microdata.iter().filter(move |(name, _)| name == property).filter_map(|&(_, id)| {
            let raw =
                [known::CONTENT, known::DATETIME].iter().find_map(|a| dom.attr(id, *a)).map_or_else(|| dom.text(id, 2000), str::to_owned);
            Some(text::clean(&raw)).filter(|v| !v.is_empty())
        })
    }
}

/// Whether a script without a type is JSON-LD: it opens with a context.
fn begins_as_json_ld(script: &str) -> bool {
    let start = script.trim_start().strip_prefix('{').map(str::trim_start);
    start.is_some_and(|rest| rest.starts_with("\"@context\""))
}

/// A key without case and separators: `article:published_time` and `article:published:time` are one.
fn plain_key(key: &str) -> String {
    plain_bytes(key).map(char::from).collect()
}

/// A bit that equal keys have in common.
fn key_bit(key: &str) -> u64 {
    let hash = plain_bytes(key).fold(0u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
    1 << (hash % 64)
}

fn plain_bytes(key: &str) -> impl Iterator<Item = u8> {
    key.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).take(80)
}

fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_VALUE)]
}
