//! HTML or plain text → raw article. What on this page is the article?
//!
//! In: a [`Page`]. Out: a [`RawArticle`]: fields with their sources, the body's segments and every printed caption
//! in page order. Never: network, clock, disk or global state; cleaning of text is `clean`'s, merging of
//! captions `dedup`'s.

mod arena;
mod blocks;
mod byline;
mod captions;
mod class_words;
mod confidence;
mod credit;
mod dates;
mod declared;
mod dom;
mod explain;
mod features;
mod keys;
mod kind;
mod language;
mod layout;
mod links;
mod marked;
mod metadata;
mod model;
mod names;
mod neighbours;
mod page_json;
mod plain;
#[doc(hidden)]
pub mod probe;
mod select;
mod selectors;
mod shapes;
mod site_marks;
mod site_rules;
mod source;
mod standfirst;
mod tag;
mod title;
mod tokenizer;
#[doc(hidden)]
pub mod training;
mod tree;
mod wording;

use std::cell::LazyCell;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use url::Url;

pub use self::selectors::Selector;
use crate::article::{Access, Block, BlockKind, PageKind, Rights};
use crate::decode::Page;
pub use captions::RawCaption;
pub use explain::{Decision, Explained, Part, Probabilities, explain, explain_text};
pub use links::Links;
pub use plain::extract as extract_text;
pub use site_rules::{FieldRules, RuleTrial, try_rules};

use blocks::Segment;
use dom::Dom;
use explain::{Trace, Why};
use features::weight;
use layout::Layout;
use metadata::Metadata;
use model::Scores;
use page_json::State;
use site_marks::Marks;
use site_rules::Key;

/// An article before cleaning.
#[derive(Debug)]
pub struct RawArticle {
    /// See [`crate::Article`] for the fields of the same names.
    pub title: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub subtitle: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub byline: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub authors: Vec<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub published: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub modified: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub language: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub site: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub section: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub tags: Vec<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub lead_image: Option<String>,
    #[expect(missing_docs, reason = "as in Article")]
    pub canonical_url: Option<Url>,
    #[expect(missing_docs, reason = "as in Article")]
    pub access: Access,
    #[expect(missing_docs, reason = "as in Article")]
    pub rights: Rights,
    #[expect(missing_docs, reason = "as in Article")]
    pub page_kind: PageKind,
    #[expect(missing_docs, reason = "as in Article")]
    pub confidence: f64,
    /// Blocks of the body with their positions among the page's segments.
    pub blocks: Vec<RawBlock>,
    /// Segments near the body that are not of it: notes may stand there.
    pub outside: Vec<RawBlock>,
    /// Every printed caption, copies too, in page order.
    pub captions: Vec<RawCaption>,
    /// Where each field came from.
    pub sources: BTreeMap<String, String>,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// The position of a text that the page does not print: its data alone hold it.
pub const UNPRINTED: usize = usize::MAX;

/// A block of the body before cleaning.
#[derive(Debug, Clone)]
pub struct RawBlock {
    /// Kind, level and text.
    pub block: Block,
    /// Position among the page's segments; [`UNPRINTED`] where it is none of them.
    pub segment: usize,
    /// Wholly in italics or bold, as notes often are.
    pub emphasized: bool,
    /// Share of its text inside links, 0–1.
    pub link_share: f32,
    /// Its words, as [`word_count`](crate::text::word_count) has it.
    pub words: usize,
}

/// A page taken apart, before any field is decided.
struct Parts<'p> {
    dom: Dom<'p>,
    metadata: Metadata,
    segments: Vec<Segment>,
    layout: Layout,
    scores: Vec<Scores>,
    /// What the person's rules for the site say of it.
    site_rules: Marks,
}

impl<'p> Parts<'p> {
    fn new(mut dom: Dom<'p>, mut metadata: Metadata, rules: Option<&FieldRules>, given: Option<Vec<Scores>>) -> Self {
        let mut site_rules = Marks::find(&dom, rules);
        site_rules.apply(&mut dom);
        metadata.microdata.retain(|(_, id)| !site_rules.is_removed(&dom, *id));
        let (segments, wording) = blocks::segments(&dom);
        site_rules.read(&dom, &segments);
        let layout = Layout::new(&dom, &segments);
        let mut scores = given.filter(|given| given.len() == segments.len()).unwrap_or_else(|| {
            let page = features::Page::new(&dom, &segments, &wording, &layout, &metadata);
            let mut rows = features::outline(&page, features::likely(&dom, &segments, &layout));
            model::let_through(&mut rows);
            features::measure(&page, &mut rows);
            model::score(&dom, &segments, &wording, &rows)
        });
        site_rules.weigh(&segments, &mut scores);
        Self { dom, metadata, segments, layout, scores, site_rules }
    }
}

/// Reads a page's article. The first of the rules that hold for its host count.
#[must_use]
pub fn extract(page: &Page, rules: &[FieldRules]) -> RawArticle {
    read(page, rules, &mut Trace::default(), |_, _| ()).0
}

/// Reads a page: its article, and where it leads.
#[must_use]
pub fn extract_with_links(page: &Page, rules: &[FieldRules]) -> (RawArticle, Links) {
    let (article, links, _) = read(page, rules, &mut Trace::default(), |dom, metadata| links::collect(dom, metadata, page.url.as_ref()));
    (article, links)
}

/// Reads a page, with what else is wanted of its tree: what a rule removes from the article still leads somewhere.
fn read<'p, T>(
    page: &'p Page,
    rules: &[FieldRules],
    trace: &mut Trace,
    beside: impl FnOnce(&Dom, &Metadata) -> T,
) -> (RawArticle, T, Parts<'p>) {
    let dom = Dom::parse(&page.html);
    let metadata = Metadata::collect(&dom);
    let beside = beside(&dom, &metadata);
    let rules = FieldRules::of(rules, page.url.as_ref(), &metadata);
    let parts = Parts::new(dom, metadata, rules, None);
    let mut article = article(page, &parts, trace);
    article.confidence = match article.sources.get("body").map(String::as_str) {
        Some("json-ld" | page_json::SOURCE) => confidence::DECLARED,
        _ => confidence::calibrated(article.confidence),
    };
    (article, beside, parts)
}

/// What a reader should know: what rules say, and that a page was longer than what is read of one.
fn warnings(rules: &Marks, segments: usize) -> Vec<String> {
    rules.warnings.iter().cloned().chain(too_long(segments >= blocks::MAX_SEGMENTS)).collect()
}

/// The warning that the end of a page was not read.
fn too_long(cut: bool) -> Vec<String> {
    cut.then(|| "the page is too long: its end is left out".to_owned()).into_iter().collect()
}

fn article(page: &Page, parts: &Parts, trace: &mut Trace) -> RawArticle {
    let Parts { dom, metadata, segments, scores, site_rules, .. } = parts;
    let for_body = site_rules.body_scores(segments, &parts.layout, scores);
    let for_body = for_body.as_ref().unwrap_or(scores);
    let base = declared::base_url(metadata, page.url.as_ref());
    let mut sources = Sources::default();
    let mut site = sources.note("site", declared::site(metadata));
    let ruled = site_rules.title(dom, segments, site.as_deref());
    let title = ruled.unwrap_or_else(|| title::find(dom, segments, metadata, site.as_deref()));
    if site.is_none()
        && let Some(headline) = &title.text
    {
        site = sources.note("site", title::site_in_title(metadata, headline).map(|s| (s, "title")).or_else(|| declared::site_by_logo(dom)));
    }
    let title_segment = title.segment;
    if title.text.is_some() {
        sources.0.insert("title".into(), title.source.into());
    }

    // What stands in the head of the article is known before the body: the headline, its copies and the byline.
    let mut excluded = no_body(parts, &title, trace);
    let first_guess = select::body(dom, segments, for_body, &excluded, title.segment);
    let head = head(&title, &first_guess);
    let ruled = site_rules.byline(segments);
    let place =
        byline::Place { head: head.clone(), title: title.segment, body: &first_guess, site: site.as_deref(), url: page.url.as_ref() };
    let mut byline = ruled.unwrap_or_else(|| byline::find(dom, metadata, segments, &place));
    if !byline.authors.is_empty() {
        sources.0.insert("authors".into(), byline.source.into());
    }
    excluded.extend(trace.note(Why::Byline, byline.segment));
    let subtitle = standfirst::find(parts, head.clone(), &excluded, title.segment, &first_guess);
    excluded.extend(trace.note(Why::Standfirst, subtitle.as_ref().map(|s| s.segment)));
    excluded.extend(trace.note(Why::Dateline, datelines(segments, scores)));
    excluded.retain(|at| !site_rules.is_caption(&segments[*at]));
    let captions = captions::find(parts, base.as_ref(), &excluded);
    if site_rules.has(Key::Caption) {
        sources.0.insert("captions".into(), site_marks::SOURCE.into());
    }
    excluded.extend(captions.iter().map(|c| c.segment));

    let chosen = select::body(dom, segments, for_body, &excluded, title_segment);
    let words = select::words(segments, &chosen);
    // The page's own state is read only where the page itself says little.
    let state = LazyCell::new(|| page_json::find(dom, &title_keys(page, metadata, title.text.as_deref())));
    let (blocks, body_source) = body(parts, &chosen, words, &excluded, &state);
    if body_source == page_json::SOURCE
        && byline.authors.is_empty()
        && let Some(state) = state.as_ref().filter(|state| !state.authors.is_empty())
    {
        byline.authors.clone_from(&state.authors);
        sources.0.insert("authors".into(), page_json::SOURCE.into());
    }
    if !blocks.is_empty() {
        sources.0.insert("body".into(), body_source.into());
    }

    let published = site_rules.published().or_else(|| {
        let captioned: FxHashSet<usize> = captions.iter().map(|c| c.segment).collect();
        let place = dates::Place { head: head.clone(), title: title_segment, body: &chosen, captions: &captioned, url: page.url.as_ref() };
        let found = dates::published(dom, metadata, segments, &place);
        found.or_else(|| Some((state.as_ref()?.published.clone()?, page_json::SOURCE)))
    });
    let published = sources.note("published", published);
    let modified = sources.note("modified", dates::modified(dom, metadata, segments, head.clone()));
    let text: String = blocks.iter().map(|b| b.block.text.as_str()).collect::<Vec<_>>().join("\n");
    let language_text = if text.is_empty() { title.text.as_deref().unwrap_or_default() } else { &text };
    let language = sources.note("language", language::find(language_text, metadata));
    let evidence = kind::Evidence {
        metadata,
        segments,
        chosen: &chosen,
        words,
        captions: captions.len(),
        slides: captions::slides(dom, segments, &captions),
        published: published.is_some(),
        url: page.url.as_ref(),
    };
    let page_kind = kind::of(&evidence);
    let access = kind::access(&evidence, &text);
    RawArticle {
        title: title.text,
        subtitle: subtitle
            .map(|s| s.text)
            .or_else(|| (body_source == "json-ld").then(|| standfirst::declared_beside(metadata, &text)).flatten()),
        byline: byline.printed,
        authors: byline.authors,
        published,
        modified,
        language,
        section: sources.note("section", section(parts, title_segment, head)),
        tags: declared::tags(metadata, dom),
        lead_image: sources.note("lead_image", declared::lead_image(metadata, base.as_ref()).or_else(|| printed_image(&captions))),
        canonical_url: declared::canonical(metadata, page.url.as_ref()),
        rights: declared::rights(metadata, dom, &page.signals, base.as_ref()),
        confidence: confidence::measured(segments, for_body, &chosen),
        outside: outside(segments, &chosen, &excluded, title_segment),
        site,
        access,
        page_kind,
        blocks,
        captions,
        sources: sources.0,
        warnings: warnings(site_rules, segments.len()),
    }
}

/// The body's blocks and where they come from: a rule, the model, JSON-LD, the page's state, or what is left.
fn body(
    parts: &Parts,
    chosen: &[bool],
    words: f32,
    excluded: &FxHashSet<usize>,
    state: &LazyCell<Option<State>, impl FnOnce() -> Option<State>>,
) -> (Vec<RawBlock>, &'static str) {
    let Parts { metadata, segments, site_rules, .. } = parts;
    let blocks = blocks_of(segments, chosen);
    if site_rules.has(Key::Body) {
        return (blocks, site_marks::SOURCE);
    }
    if let Some(declared) = body_from_json(metadata, words) {
        return (declared, "json-ld");
    }
    if words < MAX_WORDS_BESIDE_STATE
        && let Some(held) = state.as_ref().and_then(|state| unprinted(state.blocks.iter().cloned(), words))
    {
        return (held, page_json::SOURCE);
    }
    if blocks.is_empty() { (blocks_of(segments, &select::fallback(parts, excluded)), "fallback") } else { (blocks, "model") }
}

/// The section as declared, as the breadcrumb trail ends, or as the dateline says.
fn section(parts: &Parts, title: Option<usize>, head: std::ops::Range<usize>) -> Option<(String, &'static str)> {
    let Parts { dom, metadata, segments, .. } = parts;
    declared::section(metadata, dom)
        .or_else(|| declared::breadcrumb_trail(dom, segments, title))
        .or_else(|| declared::section_in_dateline(segments.get(head).unwrap_or_default()))
}

/// The picture of the first caption that has one.
fn printed_image(captions: &[RawCaption]) -> Option<(String, &'static str)> {
    captions.iter().filter(|c| !c.copy_only).find_map(|c| Some((c.image.clone()?, "caption")))
}

/// Fields with where they came from.
#[derive(Default)]
struct Sources(BTreeMap<String, String>);

impl Sources {
    fn note(&mut self, field: &str, found: Option<(String, &'static str)>) -> Option<String> {
        let (value, source) = found?;
        self.0.insert(field.to_owned(), source.to_owned());
        Some(value)
    }
}

/// Segments that are not of the body whatever else is found: the headline, fields that rules tell, other articles.
fn no_body(parts: &Parts, title: &title::Title, trace: &mut Trace) -> FxHashSet<usize> {
    let Parts { dom, segments, layout, site_rules, .. } = parts;
    trace.note(Why::Headline, title.segment).for_each(drop);
    let mut excluded: FxHashSet<usize> = trace.note(Why::HeadlineCopy, copies_of_title(segments, title)).collect();
    excluded.extend(trace.note(Why::Field, site_rules.fields(segments)));
    if !site_rules.has(Key::Body) {
        excluded.extend(trace.note(Why::OtherArticle, neighbours::find(dom, segments, layout, title.segment)));
    }
    excluded
}

/// Lines that are dates, among those that the model might choose.
fn datelines(segments: &[Segment], scores: &[Scores]) -> impl Iterator<Item = usize> {
    let possible = (0..).zip(segments.iter().zip(scores)).filter(|(_, (_, score))| score.is_possible());
    possible.filter(|(_, (segment, _))| dates::is_dateline(&segment.text)).map(|(at, _)| at)
}

/// The headline's segment, and those that print it again.
fn copies_of_title(segments: &[Segment], title: &title::Title) -> FxHashSet<usize> {
    let mut out: FxHashSet<usize> = title.segment.into_iter().collect();
    if let Some(text) = &title.text {
        let key = crate::text::comparison_key(text);
        if key.chars().count() >= 8 {
            out.extend(
                segments
                    .iter()
                    .enumerate()
                    .filter(|(_, s)| s.text.len() <= text.len() * 2 + 40 && crate::text::has_comparison_key(&s.text, &key))
                    .map(|(at, _)| at),
            );
        }
    }
    out
}

/// Segments around the headline up to a little past the first of the body.
fn head(title: &title::Title, chosen: &[bool]) -> std::ops::Range<usize> {
    let first = chosen.iter().position(|c| *c).unwrap_or(0);
    let start = title.segment.unwrap_or(first);
    let end = chosen.iter().enumerate().skip(start).find(|(_, on)| **on).map_or(start + 12, |(at, _)| at + 3);
    start.saturating_sub(6)..end.min(start + 40).min(chosen.len())
}

fn blocks_of(segments: &[Segment], chosen: &[bool]) -> Vec<RawBlock> {
    let mut out: Vec<RawBlock> = Vec::new();
    for (at, segment) in segments.iter().enumerate().filter(|(at, _)| chosen[*at]) {
        let (kind, level) = shape(segment);
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = |part: u32| part as f32 / segment.chars.max(1) as f32;
        out.push(RawBlock {
            block: Block { kind, level, text: segment.text.clone() },
            segment: at,
            emphasized: share(segment.italic_chars) > 0.9 || share(segment.bold_chars) > 0.9,
            link_share: share(segment.link_chars),
            words: segment.words as usize,
        });
    }
    // A bold line is a heading only where text follows it.
    for at in 0..out.len() {
        let bold_line = out[at].block.kind == BlockKind::Heading && segments[out[at].segment].level.is_none();
        if bold_line && out.get(at + 1).is_none_or(|next| next.block.kind == BlockKind::Heading && segments[next.segment].level.is_none()) {
            (out[at].block.kind, out[at].block.level) = (BlockKind::Paragraph, None);
        }
    }
    out
}

/// Kind and level of a body segment. Short lines wholly in bold without a full stop are sub-headings.
fn shape(segment: &Segment) -> (BlockKind, Option<u8>) {
    if let Some(level) = segment.level {
        return (BlockKind::Heading, Some(level.clamp(2, 6)));
    }
    let bold =
        segment.kind == BlockKind::Paragraph && segment.bold_chars == segment.chars && weight(segment) <= 16.0 && segment.chars <= 120;
    let open = !segment.text.ends_with(['.', ',', ';', ':', '…', '。', '，', '"', '”', '!', ')']);
    if bold && open && segment.chars >= 3 { (BlockKind::Heading, Some(2)) } else { (segment.kind, None) }
}

/// What stands between headline and a little past the body and is not of it.
fn outside(segments: &[Segment], chosen: &[bool], excluded: &FxHashSet<usize>, title: Option<usize>) -> Vec<RawBlock> {
    let (Some(first), Some(last)) = (chosen.iter().position(|c| *c), chosen.iter().rposition(|c| *c)) else { return Vec::new() };
    let range = title.map_or(first.saturating_sub(8), |t| t.min(first))..(last + 9).min(segments.len());
    let is_near = |(at, segment): (usize, &Segment)| {
        let beside = range.contains(&at) && !chosen[at] && !excluded.contains(&at);
        beside && segment.words >= 2 && !dates::is_dateline(&segment.text)
    };
    let near: Vec<bool> = segments.iter().enumerate().map(is_near).collect();
    blocks_of(segments, &near)
}

/// JSON-LD `articleBody` where the page prints far less than it declares.
fn body_from_json(metadata: &Metadata, words: f32) -> Option<Vec<RawBlock>> {
    let raw = metadata.json_ld.article()?.get("articleBody")?.as_str()?;
    // References and tags are words of their own here: there are fewer in what is made of it.
    if !is_far_less(words, crate::text::word_count(raw)) {
        return None;
    }
    let raw = metadata::unescape(raw);
    let paragraphs = raw.split(['\n', '\r', '\u{2029}']).map(strip_tags).filter(|p| !p.is_empty());
    unprinted(paragraphs.map(|text| Block { kind: BlockKind::Paragraph, level: None, text }), words)
}

/// Blocks that only the page's data hold, where the page prints far less than that: so many words.
fn unprinted(held: impl Iterator<Item = Block>, words: f32) -> Option<Vec<RawBlock>> {
    let block = |block: Block| {
        let words = crate::text::word_count(&block.text);
        RawBlock { block, segment: UNPRINTED, emphasized: false, link_share: 0.0, words }
    };
    let blocks: Vec<RawBlock> = held.map(block).collect();
    is_far_less(words, blocks.iter().map(|block| block.words).sum()).then_some(blocks)
}

/// Whether a page prints so few words that its data, which hold so many, are the better text.
fn is_far_less(printed: f32, held: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    let held = held as f32;
    held >= 40.0 && printed <= held * 0.35
}

/// Words of a printed body from which on the page's state is not asked for another.
const MAX_WORDS_BESIDE_STATE: f32 = 150.0;

/// Comparison keys of what the page calls its article; a front page has none.
fn title_keys(page: &Page, metadata: &Metadata, title: Option<&str>) -> Vec<String> {
    if page.url.as_ref().is_some_and(|url| url.path() == "/") {
        return Vec::new();
    }
    let declared = metadata.first(&["og:title", "twitter:title"]);
    let keys = title.into_iter().chain(declared).chain(metadata.title.as_deref()).map(crate::text::comparison_key);
    keys.filter(|key| key.chars().count() >= 8).collect()
}

/// Some systems leave tags in their JSON.
fn strip_tags(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('<') {
        let tag = rest[open + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        if let Some(close) = rest[open..].find('>').filter(|_| tag) {
            out.push_str(&rest[..open]);
            out.push(' ');
            rest = &rest[open + close + 1..];
        } else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
        }
    }
    out.push_str(rest);
    crate::text::clean(&out)
}
