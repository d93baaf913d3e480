//! The record: one clean article, as one line of JSON (`copydesk/article@1`).
//!
//! Every stage to the right of `decode` works towards this type; every writer starts from it. The
//! order of the fields here is the order of the keys in the output, and the JSON Schema that
//! `copydesk schema` prints is made from the same types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

/// The value of [`Article::schema`].
pub const SCHEMA: &str = "copydesk/article@1";

/// A clean article. Field names in parentheses are schema.org's for the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Always `"copydesk/article@1"`.
    pub schema: String,
    /// Stable across runs: from the canonical URL; `--from jsonl` copies the input's (`identifier`).
    pub id: RecordId,
    /// Where the page was fetched, after redirects (`url`).
    pub url: Option<String>,
    /// What the page declares as its canonical URL, if it is believable (`mainEntityOfPage`).
    pub canonical_url: Option<String>,
    /// The headline as printed, without the site's name (`headline`).
    pub title: Option<String>,
    /// Standfirst or dek as printed (`alternativeHeadline`).
    pub subtitle: Option<String>,
    /// As printed, without "By".
    pub byline: Option<String>,
    /// One person or organisation each (`author.name`).
    pub authors: Vec<String>,
    /// ISO 8601, with time and offset where the page gives them (`datePublished`).
    pub published: Option<String>,
    /// ISO 8601, as `published`; never copied from it (`dateModified`).
    pub modified: Option<String>,
    /// BCP 47 tag, from the text where it is long enough, else from the page (`inLanguage`).
    pub language: Option<String>,
    /// The publication (`publisher.name`).
    pub site: Option<String>,
    /// The publication's section (`articleSection`).
    pub section: Option<String>,
    /// Tags and keywords, each once (`keywords`).
    pub tags: Vec<String>,
    /// The text of [`Article::blocks`], joined by a blank line (`articleBody`).
    pub body: String,
    /// The body's blocks in reading order.
    pub blocks: Vec<Block>,
    /// Each caption once, in page order.
    pub captions: Vec<Caption>,
    /// Editor's notes, corrections, updates and disclaimers, without their labels.
    pub notes: Vec<Note>,
    /// Absolute URL of the lead image (`image`).
    pub lead_image: Option<String>,
    /// Paywall and truncation.
    pub access: Access,
    /// Reuse signals as declared, raw.
    pub rights: Rights,
    /// `id` of the earlier article of which this one is a near copy.
    pub duplicate_of: Option<RecordId>,
    /// 1, and one more each time a later run finds the article changed.
    #[schemars(range(min = 1))]
    pub revision: u32,
    /// Hash over the cleaned title, body, captions and notes: equal when the text is equal.
    pub content_hash: String,
    /// RFC 3339, UTC; `null` when the page was not fetched.
    pub fetched_at: Option<String>,
    /// How the record came about.
    pub extraction: Extraction,
}

/// Words under which a body is called short.
pub const SHORT_BODY_WORDS: usize = 40;
/// How `extraction.warnings` says it.
pub const SHORT_BODY: &str = "the text is short";

/// [`Article::content_hash`]: over the title, the body, captions as text and credit, and the notes' texts; 32 hex digits
/// of xxh3-128.
#[must_use]
pub fn content_hash<'a>(
    title: Option<&str>,
    body: &str,
    captions: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    notes: impl Iterator<Item = &'a str>,
) -> String {
    let mut hasher = Xxh3::new();
    let mut part = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(b"\x1e");
    };
    part(title.unwrap_or_default());
    part(body);
    for (text, credit) in captions {
        part(text);
        part(credit.unwrap_or_default());
    }
    part("\x1d");
    notes.for_each(&mut part);
    format!("{:032x}", hasher.digest128())
}

/// The JSON Schema of a record, as it is written: every key required, none besides.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Article>();
    schema.insert("title".to_owned(), SCHEMA.into());
    if let Some(field) = schema.pointer_mut("/properties/schema").and_then(serde_json::Value::as_object_mut) {
        field.insert("const".to_owned(), SCHEMA.into());
    }
    schema
}

/// The identity of a record: text (copydesk's own), or what the input of `--from jsonl` gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RecordId {
    /// A non-negative integer of the input.
    Unsigned(u64),
    /// A negative integer of the input.
    Signed(i64),
    /// A string.
    Text(String),
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned(n) => n.fmt(f),
            Self::Signed(n) => n.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What a block of the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// A sub-heading inside the article.
    Heading,
    /// A block quotation.
    Quote,
    /// One item of a list.
    ListItem,
    /// One row of a table, cells joined by ` | `.
    Table,
    /// Preformatted text.
    Code,
}

/// One block of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// 2–6 for a heading, `null` for everything else.
    #[schemars(range(min = 2, max = 6))]
    pub level: Option<u8>,
    /// Its text.
    pub text: String,
}

/// A caption, kept once however often the page prints it (`caption`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caption {
    /// The caption without its credit and label.
    pub text: String,
    /// The credit without its marks (`creditText`).
    pub credit: Option<String>,
    /// Absolute URL of the picture.
    pub image: Option<String>,
    /// Index of the block that the caption stands before; the number of blocks when it stands after the last.
    pub block: usize,
    /// How many elements of the page print it, hidden copies too.
    #[schemars(range(min = 1))]
    pub occurrences: u32,
}

/// What a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// From the editors.
    Editor,
    /// A correction or clarification.
    Correction,
    /// An update notice.
    Update,
    /// A disclaimer.
    Disclaimer,
}

/// A note by the editors, set apart from the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// Its text without the label.
    pub text: String,
}

/// What the page declares or shows of a paywall.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// `null` when the page says nothing (`isAccessibleForFree`, inverted).
    pub paywalled: Option<bool>,
    /// Whether the text is cut short.
    pub truncated: bool,
}

/// Reuse signals, as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// Directives of `meta robots` and `X-Robots-Tag`, in lower case, each once.
    pub robots: Vec<String>,
    /// `Content-Signal` of robots.txt.
    pub content_signal: Option<String>,
    /// `TDM-Reservation` of header or meta (`TDMRep`).
    pub tdm_reservation: Option<String>,
    /// URL of the licence (`license`).
    pub license: Option<String>,
}

/// What kind of page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// One article.
    Article,
    /// A live blog.
    Live,
    /// A picture gallery.
    Gallery,
    /// A video page with its text.
    Video,
    /// A front page, section or other list of links.
    Index,
    /// Anything else.
    Other,
}

impl PageKind {
    /// Whether a crawl writes a record for a page of this kind.
    #[must_use]
    pub fn is_article(self) -> bool {
        matches!(self, Self::Article | Self::Live | Self::Gallery | Self::Video)
    }
}

/// How the record came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extraction {
    /// Version of copydesk.
    pub version: String,
    /// Confidence in the body, 0–1.
    #[schemars(range(min = 0, max = 1))]
    pub confidence: f64,
    /// The kind of page.
    pub page_kind: PageKind,
    /// Where each field came from: `{"title": "h1", "published": "json-ld", …}`.
    pub sources: BTreeMap<String, String>,
    /// What a reader of the record should know.
    pub warnings: Vec<String>,
}

/// The kind of error, where a line is the answer of `extract --from jsonl` to a page that gave no record.
pub(crate) fn error_kind(line: &[u8]) -> Option<String> {
    let line = serde_json::from_slice::<serde_json::Value>(line).ok()?;
    Some(line.pointer("/error/kind")?.as_str()?.to_owned())
}
