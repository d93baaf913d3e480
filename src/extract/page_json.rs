//! The article in the page's own state: JSON inside scripts, from which a page's code draws it.
//!
//! In: the scripts of a page (`__NEXT_DATA__`, `application/json`, assignments, calls, `JSON.parse("…")`, React's streamed
//! rows) and the headline. Out: text, date and names of the object that carries this very headline. Never: code that is
//! run; a script that can't be read is as if it were not there. Used where the page itself prints no text or no date.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::blocks::{Segment, segments};
use super::class_words;
use super::dom::Dom;
use super::tag::Tag;
use super::{byline, dates};
use crate::article::{Block, BlockKind};
use crate::text;

/// What a record calls it.
pub(super) const SOURCE: &str = "page-json";
/// Bytes of one script that are read, and of all.
const MAX_SCRIPT: usize = 4 << 20;
const MAX_BYTES: usize = 12 << 20;
/// Places in a script where JSON might begin and does not, in a short script and in a long one.
const MAX_FAILURES: usize = 64;
const MAX_FAILURES_LONG: usize = 8;
const LONG: usize = 64 << 10;
/// Values looked at.
const MAX_VALUES: usize = 500_000;
/// Objects with the headline whose insides are searched for the text.
const MAX_ARTICLES: usize = 16;
/// Words from which on a text is one.
const MIN_WORDS: usize = 40;
/// Blocks kept.
const MAX_BLOCKS: usize = 5_000;

/// What the state says of the article.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The text.
    pub(super) blocks: Vec<Block>,
    pub(super) published: Option<String>,
    pub(super) authors: Vec<String>,
}

/// Finds the article by its headline; `titles` are comparison keys.
pub(super) fn find(dom: &Dom, titles: &[String]) -> Option<State> {
    if titles.is_empty() {
        return None;
    }
    let mut left = MAX_BYTES;
    let scripts = dom.elements(Tag::Script).filter_map(|id| dom.text_of(dom.first_child(id)?));
    let scripts = scripts.filter(|script| script.len() <= MAX_SCRIPT).take_while(|script| {
        let fits = script.len() <= left;
        left = left.saturating_sub(script.len());
        fits
    });
    let (mut values, mut streamed) = (Vec::new(), String::new());
    scripts.for_each(|script| read(script, &mut values, &mut streamed));
    let texts = rows(&streamed, &mut values);
    let mut articles: Vec<&Map<String, Value>> = Vec::new();
    let mut left = MAX_VALUES;
    let mut stack: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = stack.pop()
        && left > 0
        && articles.len() < MAX_ARTICLES
    {
        left -= 1;
        match value {
            Value::Array(list) => stack.extend(list.iter().rev()),
            Value::Object(object) => {
                if object.iter().any(|(name, value)| is_headline(name, value, titles)) {
                    articles.push(object);
                }
                stack.extend(object.values());
            }
            _ => {}
        }
    }
    let body = articles.iter().filter_map(|article| body(article, &texts)).max_by_key(|(words, _)| *words);
    let state = State {
        blocks: body.map(|(_, raw)| blocks(&raw)).filter(|blocks| is_prose(blocks)).unwrap_or_default(),
        published: articles.iter().find_map(|article| published(article)),
        authors: articles.iter().map(|article| authors(article)).find(|names| !names.is_empty()).unwrap_or_default(),
    };
    (!articles.is_empty()).then_some(state)
}

/// The JSON values of a script; strings of React's rows are strung together.
fn read(script: &str, values: &mut Vec<Value>, streamed: &mut String) {
    let mut failures = if script.len() > LONG { MAX_FAILURES_LONG } else { MAX_FAILURES };
    let bytes = script.as_bytes();
    let mut at = 0;
    while at < bytes.len() && failures > 0 {
        let quoted = script.get(at..).is_some_and(|rest| rest.starts_with("JSON.parse(\""));
        let start = if quoted { at + "JSON.parse(".len() } else { at };
        if !quoted && !may_begin(bytes, at) {
            at += 1;
            continue;
        }
        let mut stream = serde_json::Deserializer::from_str(&script[start..]).into_iter::<Value>();
        let Some(Ok(value)) = stream.next() else {
            failures -= 1;
            at = start + 1;
            continue;
        };
        at = start + stream.byte_offset().max(1);
        match value {
            Value::String(inner) => values.extend(serde_json::from_str::<Value>(&inner).ok()),
            Value::Array(list) => match list.as_slice() {
                [Value::Number(_), Value::String(row)] => streamed.push_str(row),
                _ => values.push(Value::Array(list)),
            },
            other => values.push(other),
        }
    }
}

/// Whether an object, or a list of more than numbers, may begin here.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let next = bytes[at + 1..].iter().take(200).find(|byte| !byte.is_ascii_whitespace());
    match bytes[at] {
        b'{' => next == Some(&b'"'),
        b'[' => next.is_some_and(|byte| matches!(byte, b'{' | b'"' | b'[')) || bytes[at..].starts_with(b"[1,\""),
        _ => false,
    }
}

/// React's rows: `24:T1b7b,` and so many bytes of text, or `5:` and JSON up to the end of the line. Texts by their number.
fn rows(streamed: &str, values: &mut Vec<Value>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut rest = streamed;
    while let Some((id, row)) = rest.split_once(':') {
        if id.len() > 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            rest = rest.split_once('\n').map_or("", |(_, next)| next);
            continue;
        }
        let sized = row.strip_prefix('T').and_then(|row| row.split_once(',')).filter(|(size, _)| size.len() <= 8);
        if let Some((size, text)) = sized.and_then(|(size, text)| Some((usize::from_str_radix(size, 16).ok()?, text))) {
            let end = text.floor_char_boundary(size.min(text.len()));
            texts.insert(format!("${id}"), text[..end].to_owned());
            rest = &text[end..];
        } else {
            let (line, next) = row.split_once('\n').unwrap_or((row, ""));
            values.extend(serde_json::from_str::<Value>(line).ok());
            rest = next;
        }
    }
    texts
}

/// A name without case and separators.
fn key(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_headline(name: &str, value: &Value, titles: &[String]) -> bool {
    let Value::String(words) = value else { return false };
    let name = name.to_ascii_lowercase();
    let named = ["title", "headline", "head", "name"].iter().any(|part| name.contains(part));
    named && words.len() <= 1000 && titles.iter().any(|title| *title == text::comparison_key(&plain(words)))
}

/// A string of one line without tags and entities.
fn plain(raw: &str) -> String {
    super::strip_tags(&super::metadata::unescape(raw))
}

/// The longest text inside an object: a string, or a list of paragraphs.
fn body(article: &Map<String, Value>, texts: &BTreeMap<String, String>) -> Option<(usize, String)> {
    let mut best: Option<(usize, String)> = None;
    let mut offer = |raw: &str| {
        let words = text::word_count(raw);
        if words >= MIN_WORDS && best.as_ref().is_none_or(|(most, _)| words > *most) {
            best = Some((words, raw.to_owned()));
        }
    };
    let mut left = MAX_VALUES / MAX_ARTICLES;
    let mut stack: Vec<&Value> = article.values().collect();
    while let Some(value) = stack.pop()
        && left > 0
    {
        left -= 1;
        match value {
            Value::String(raw) => {
                let raw = texts.get(raw.as_str()).unwrap_or(raw);
                if raw.len() > 200 && !raw.starts_with(['{', '[']) && !raw.starts_with("http") {
                    offer(raw);
                }
            }
            Value::Array(list) => {
                let paragraphs: Vec<&str> = list.iter().take(MAX_BLOCKS).filter_map(paragraph).collect();
                if paragraphs.len() >= 2 && paragraphs.len() * 2 >= list.len() {
                    offer(&paragraphs.join("\n"));
                }
                stack.extend(list);
            }
            Value::Object(object) => stack.extend(object.values()),
            _ => {}
        }
    }
    best
}

/// The paragraph in an item of a list: itself, or the field that says it.
fn paragraph(item: &Value) -> Option<&str> {
    match item {
        Value::String(raw) => Some(raw),
        Value::Object(object) => {
            ["text", "content", "html", "value", "body", "paragraph"].iter().find_map(|name| object.get(*name)?.as_str())
        }
        _ => None,
    }
}

/// Blocks of a text in HTML or in lines.
fn blocks(raw: &str) -> Vec<Block> {
    if !raw.contains("</") && !raw.contains("<br") {
        let lines = raw.split(['\n', '\r', '\u{2029}']).map(plain).filter(|line| !line.is_empty() && !is_placeholder(line));
        return lines.take(MAX_BLOCKS).map(|text| Block { kind: BlockKind::Paragraph, level: None, text }).collect();
    }
    // Lines between paragraphs that carry no tags are paragraphs, too.
    let html = raw.replace('\n', "<br><br>");
    let dom = Dom::parse(&html);
    let list = segments(&dom).0;
    let own =
        list.into_iter().filter(|segment| !segment.hidden && is_text(&dom, segment) && !is_placeholder(&segment.text)).take(MAX_BLOCKS);
    own.map(|segment| Block { kind: segment.kind, level: segment.level.map(|level| level.clamp(2, 6)), text: segment.text }).collect()
}

/// Whether a text is the name of what a page's code puts in its place: "$$AD$$", "{{ad}}", "[[video]]".
fn is_placeholder(text: &str) -> bool {
    let inner = text.trim_matches(['$', '%', '#', '@', '{', '}', '[', ']']);
    let marked = |marks: Option<(&str, &str)>| marks.is_some_and(|(before, after)| before.len() >= 2 && after.len() >= 2);
    marked(text.split_once(inner)) && !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
}

/// Whether most words stand in blocks as long as sentences are: lists of sizes and teams have a headline, too.
fn is_prose(blocks: &[Block]) -> bool {
    let (mut all, mut long) = (0, 0);
    for block in blocks {
        let count = text::word_count(&block.text);
        // "A-175-MTPS-01P-MULTI-L" has many words and no space.
        let written = block.text.chars().filter(|c| c.is_whitespace() || text::is_unspaced(*c)).count();
        all += count;
        long += if count >= 8 && written >= 5 { count } else { 0 };
    }
    long * 2 > all
}

/// Whether a segment is text, no caption and no byline.
fn is_text(dom: &Dom, segment: &Segment) -> bool {
    let other = |word: &str| {
        matches!(word, "<figure" | "<figcaption" | "caption" | "captions" | "writer" | "author" | "byline" | "credit" | "copyright")
    };
    segment.link_chars * 2 <= segment.chars && !class_words::any(dom, segment, 3, other)
}

/// The date of publication among an object's own fields.
fn published(article: &Map<String, Value>) -> Option<String> {
    const NAMES: [&str; 20] = [
        "datepublished",
        "publishedat",
        "publisheddate",
        "publishdate",
        "publishedtime",
        "publishtime",
        "publicationdate",
        "firstpublished",
        "firstpublishedat",
        "firstpublisheddate",
        "firstpublishdate",
        "pubdate",
        "published",
        "publishedon",
        "displaydate",
        "deploydate",
        "deploydt",
        "createdat",
        "createddate",
        "createdate",
    ];
    NAMES.iter().find_map(|wanted| {
        let (_, value) = article.iter().find(|(name, _)| key(name) == *wanted)?;
        dates::parse(&spaced(value.as_str()?)).map(|moment| moment.to_string())
    })
}

/// "20240503154700" with a "T" between day and time.
fn spaced(raw: &str) -> String {
    let digits = raw.len() == 14 && raw.bytes().all(|byte| byte.is_ascii_digit());
    if digits { format!("{}T{}", &raw[..8], &raw[8..]) } else { raw.to_owned() }
}

/// The authors among an object's own fields.
fn authors(article: &Map<String, Value>) -> Vec<String> {
    const NAMES: [&str; 8] = ["authors", "author", "byline", "bylines", "writer", "writers", "writerdisplay", "authorname"];
    let said = |value: &Value| match value {
        Value::String(raw) => Some(plain(raw)),
        Value::Object(object) => ["name", "fullName", "displayName"].iter().find_map(|name| object.get(*name)?.as_str()).map(plain),
        _ => None,
    };
    let of = |value: &Value| -> Vec<String> {
        let list = if let Value::Array(list) = value { list.as_slice() } else { std::slice::from_ref(value) };
        list.iter().take(100).filter_map(said).flat_map(|line| byline::declared_names(&line)).collect()
    };
    let fields = NAMES.iter().filter_map(|wanted| article.iter().find(|(name, _)| key(name) == *wanted));
    fields.map(|(_, value)| of(value)).find(|names| !names.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAGRAPH: &str = "The old bridge over the river opened again on Monday after two years of work, and many came to see it. ";

    fn of(script: &str) -> Option<State> {
        find(&Dom::parse(&format!("<h1>Bridge opens</h1><script>{script}</script>")), &["bridgeopens".to_owned()])
    }

    fn texts(script: &str) -> Vec<String> {
        of(script).map(|state| state.blocks.into_iter().map(|block| block.text).collect()).unwrap_or_default()
    }

    #[test]
    fn texts_of_all_shapes() {
        let (first, second) = (PARAGRAPH.trim(), "It is closed at night.");
        let long = PARAGRAPH.repeat(2);
        let html = format!("<p>{long}</p><p>{second}</p>").replace('<', "\\u003c");
        let object = format!(r#"{{"id":1,"headline":"Bridge &amp;opens","data":{{"bodyHtml":"{html}"}}}}"#).replace(" &amp;", " ");
        let quoted = serde_json::to_string(&object).unwrap_or_default();
        let rows =
            serde_json::to_string(&format!("1:I[2,\"x\"]\n4:T{:x},{long}\n5:{{\"title\":\"Bridge opens\",\"body\":\"$4\"}}\n", long.len()));
        for script in [
            object.clone(),
            format!("window.__STATE__ = {object}; var a = [0];"),
            format!("(window.q=window.q||[]).push({{\"a\":[{object}]}})"),
            format!("window.__S__ = JSON.parse({quoted});"),
        ] {
            assert_eq!(texts(&script), [long.trim(), second], "{script}");
        }
        assert_eq!(texts(&format!("self.__next_f.push([1,{}])", rows.unwrap_or_default())), [long.trim()]);
        let list = format!(r#"{{"title":"Bridge opens","parts":[{{"type":"p","text":"{first}"}},{{"type":"p","text":"{first}"}}]}}"#);
        assert_eq!(texts(&list), [first, first]);
    }

    #[test]
    fn names_in_marks_are_no_text() {
        for placeholder in ["$$ARTICLEAD$$", "{{ad_1}}", "[[video:12]]", "%%banner%%"] {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        for text in ["", "$$", "[ad]", "{{two words}}", "[[The bridge opened.]] It did", "$5$", "100 %"] {
            assert!(!is_placeholder(text), "{text}");
        }
        let parts = format!("{PARAGRAPH}\\n$$AD$$\\n{PARAGRAPH}");
        assert_eq!(texts(&format!(r#"{{"title":"Bridge opens","text":"{parts}"}}"#)), [PARAGRAPH.trim(); 2]);
    }

    #[test]
    fn dates_and_names() {
        let state = of(r#"{"title":"Bridge opens","deployDt":"20240503154700","authors":[{"name":"Ana Ruiz"},{"name":"Tom Weller"}]}"#);
        let state = state.unwrap_or_default();
        assert_eq!(state.published.as_deref(), Some("2024-05-03T15:47:00"));
        assert_eq!(state.authors, ["Ana Ruiz", "Tom Weller"]);
    }

    #[test]
    fn other_articles_and_broken_scripts_give_nothing() {
        let long = PARAGRAPH.repeat(4);
        assert!(of(&format!(r#"{{"title":"Ferry sinks","body":"{long}"}}"#)).is_none());
        for script in ["", "{\"", "{\"a\":", "[\"", "JSON.parse(\"{", &"[".repeat(100_000), &"{\"a\":".repeat(50_000)] {
            assert!(of(script).is_none());
        }
        let list = (0..60).map(|at| format!("\"A-E-A-{at}-MTPS-01-P-MULTI-XL\"")).collect::<Vec<_>>().join(",");
        assert!(texts(&format!(r#"{{"title":"Bridge opens","sizes":[{list}]}}"#)).is_empty());
        assert!(of("self.__next_f.push([1,\"4:Tffffff,\\u00e9\\n:\"])").is_none());
    }
}
