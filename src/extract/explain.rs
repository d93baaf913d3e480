//! What became of each block of a page, and why, in words.
//!
//! In: a page. Out: its raw article, from the very run that `extract` makes, and an [`Explained`] for each segment. What
//! the run decides on the way it tells to a [`Trace`], which keeps nothing unless somebody asks. `record` adds what
//! cleaning and merging made of the blocks.

use rustc_hash::FxHashMap;

use super::blocks::Segment;
use super::captions;
use super::class_words;
use super::dom::{Dom, NodeId};
use super::model::{SURE_CAPTION, SURE_STANDFIRST, Scores};
use super::names::known;
use super::plain;
use super::site_marks;
use super::site_rules::{FieldRules, Key};
use super::{Parts, RawArticle};
use crate::article::BlockKind;
use crate::decode::Page;
use crate::text;

/// A block of a page, and what was made of it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its clean text.
    pub text: String,
    /// What it is by its tags; what the record calls it, where it is of the body.
    pub kind: BlockKind,
    /// What became of it.
    pub decision: Decision,
    /// The part of the record that it became or stands for.
    pub part: Option<Part>,
    /// The model's probabilities; lines of plain text have none.
    pub scores: Option<Probabilities>,
    /// The elements around it, as a selector, the innermost last.
    pub place: String,
    /// Why, the decisive reason first.
    pub reasons: Vec<String>,
    /// Its position among the segments; what a rule removed before has none.
    pub(crate) segment: Option<usize>,
}

/// What became of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// The headline.
    Title,
    /// The standfirst.
    Standfirst,
    /// The byline.
    Byline,
    /// A line with a date and no more.
    Date,
    /// A block of the body.
    Body,
    /// A caption, where it counts.
    Caption,
    /// A caption printed again.
    CaptionCopy,
    /// A note by the editors.
    Note,
    /// Taken out of the body by a rule of cleaning.
    Cleaned,
    /// Taken out of the page by the `remove` rule of a `[[site]]`.
    Removed,
    /// No part of the article.
    LeftOut,
}

/// A part of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `title`.
    Title,
    /// `subtitle`.
    Subtitle,
    /// `byline` and `authors`.
    Byline,
    /// One of `blocks`.
    Block(usize),
    /// One of `captions`.
    Caption(usize),
    /// One of `notes`.
    Note(usize),
}

/// What the model says of a block, 0–1. A small one for caption or standfirst may be less than it is given here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probabilities {
    /// It is text of the article.
    pub body: f32,
    /// It is a caption.
    pub caption: f32,
    /// It is the standfirst.
    pub standfirst: f32,
}

impl Probabilities {
    /// Whether the probability of a caption is exact.
    #[must_use]
    pub fn is_caption_exact(&self) -> bool {
        self.caption >= SURE_CAPTION
    }

    /// Whether the probability of a standfirst is exact.
    #[must_use]
    pub fn is_standfirst_exact(&self) -> bool {
        self.standfirst >= SURE_STANDFIRST
    }
}

impl From<Scores> for Probabilities {
    fn from(Scores { body, caption, standfirst }: Scores) -> Self {
        Self { body, caption, standfirst }
    }
}

/// What the run says of a segment on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Headline,
    HeadlineCopy,
    Field,
    OtherArticle,
    Byline,
    Standfirst,
    Dateline,
}

/// Takes down what the run says, if anybody wants to know.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    told: Option<FxHashMap<usize, Why>>,
}

impl Trace {
    /// Hands segments on, and takes down why they are where they are; the first word of a segment counts.
    pub(crate) fn note(&mut self, why: Why, segments: impl IntoIterator<Item = usize>) -> impl Iterator<Item = usize> {
        segments.into_iter().inspect(move |at| {
            if let Some(told) = &mut self.told {
                told.entry(*at).or_insert(why);
            }
        })
    }

    fn listening() -> Self {
        Self { told: Some(FxHashMap::default()) }
    }

    fn told(&self, at: usize) -> Option<Why> {
        self.told.as_ref()?.get(&at).copied()
    }
}

/// Reads a page's article, as [`extract`](super::extract) does, and tells what became of each block.
#[must_use]
pub fn explain(page: &Page, rules: &[FieldRules]) -> (RawArticle, Vec<Explained>) {
    let mut trace = Trace::listening();
    let (article, (), parts) = super::read(page, rules, &mut trace, |_, _| ());
    let told = Telling::new(&parts, &article, &trace);
    let mut blocks: Vec<Explained> = (0..parts.segments.len()).map(|at| told.segment(at)).collect();
    insert_removed(&parts, &mut blocks);
    (article, blocks)
}

/// The same of a plain-text scrape, line by line.
#[must_use]
pub fn explain_text(raw: &str) -> (RawArticle, Vec<Explained>) {
    let mut trace = Trace::listening();
    let lines = plain::lines(raw);
    let article = plain::read(raw, &lines, &mut trace);
    let mut blocks: Vec<Explained> = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| {
            let (decision, part, reason) = match trace.told(at) {
                Some(why) => of_trace(why),
                None => (Decision::LeftOut, None, "a line printed before, or of the page's end"),
            };
            let reasons = vec![reason.to_owned()];
            let kind = BlockKind::Paragraph;
            Explained { text: line.text, kind, decision, part, scores: None, place: String::new(), reasons, segment: Some(at) }
        })
        .collect();
    for block in &article.blocks {
        let line = &mut blocks[block.segment];
        (line.decision, line.kind) = (Decision::Body, block.block.kind);
        line.reasons = vec!["a line of the text".to_owned()];
    }
    for caption in &article.captions {
        let line = &mut blocks[caption.segment];
        line.decision = Decision::Caption;
        line.reasons = vec![if caption.credit.is_some() { "ends in a credit" } else { "printed more than once" }.to_owned()];
    }
    (article, blocks)
}

/// What a word of the run means.
fn of_trace(why: Why) -> (Decision, Option<Part>, &'static str) {
    match why {
        Why::Headline => (Decision::Title, Some(Part::Title), "the headline as the page prints it"),
        Why::HeadlineCopy => (Decision::LeftOut, Some(Part::Title), "prints the headline again"),
        Why::Field => (Decision::LeftOut, None, "a rule takes a field from it"),
        Why::OtherArticle => (Decision::LeftOut, None, "belongs to another article of the page, which has its own headline"),
        Why::Byline => (Decision::Byline, Some(Part::Byline), "names who wrote it"),
        Why::Standfirst => (Decision::Standfirst, Some(Part::Subtitle), "sums the article up between headline and text"),
        Why::Dateline => (Decision::Date, None, "a line with a date and little more"),
    }
}

/// What is asked of every segment.
struct Telling<'a> {
    parts: &'a Parts<'a>,
    trace: &'a Trace,
    /// Captions by segment: whether each is a copy only.
    captions: FxHashMap<usize, bool>,
    /// Kinds of the body's blocks by segment.
    body: FxHashMap<usize, BlockKind>,
    body_source: &'a str,
    title: Option<usize>,
    /// How often each text is printed, and where first.
    printed: FxHashMap<&'a str, (usize, usize)>,
}

impl<'a> Telling<'a> {
    fn new(parts: &'a Parts<'a>, article: &'a RawArticle, trace: &'a Trace) -> Self {
        let body_source = article.sources.get("body").map_or("", String::as_str);
        // Those of the page's JSON are at no segment's position.
        let body = article.blocks.iter().map(|b| (b.segment, b.block.kind)).collect();
        let mut printed = FxHashMap::default();
        for (at, segment) in parts.segments.iter().enumerate() {
            printed.entry(segment.text.as_str()).or_insert((0, at)).0 += 1;
        }
        Self {
            parts,
            trace,
            captions: article.captions.iter().map(|c| (c.segment, c.copy_only)).collect(),
            body,
            body_source,
            title: (0..parts.segments.len()).find(|at| trace.told(*at) == Some(Why::Headline)),
            printed,
        }
    }

    fn segment(&self, at: usize) -> Explained {
        let segment = &self.parts.segments[at];
        let (decision, part, reason) = self.decision(at, segment);
        let mut reasons = vec![reason];
        reasons.extend(self.rules(segment));
        reasons.extend(self.facts(at, segment, decision));
        Explained {
            text: segment.text.clone(),
            kind: self.body.get(&at).copied().unwrap_or(segment.kind),
            decision,
            part,
            scores: Some(self.parts.scores[at].into()),
            place: place(&self.parts.dom, class_words::elements(&self.parts.dom, segment).map(|(_, id)| id)),
            reasons,
            segment: Some(at),
        }
    }

    fn decision(&self, at: usize, segment: &Segment) -> (Decision, Option<Part>, String) {
        let score = self.parts.scores[at];
        if let Some(copy_only) = self.captions.get(&at) {
            let reason = if self.parts.site_rules.is_caption(segment) {
                "a rule says that it is a caption"
            } else if *copy_only {
                "prints the text of a caption again"
            } else if score.caption >= captions::CUT {
                "the model takes it for a caption"
            } else {
                "has a picture beside it and the marks of a caption, whatever the model says"
            };
            return (Decision::Caption, None, reason.to_owned());
        }
        if self.body.contains_key(&at) {
            let reason = match self.body_source {
                site_marks::SOURCE => "stands inside what the rule for the body selects",
                "fallback" => "the model finds no article here; this is what is left of running text",
                _ if score.body >= 0.5 => "the model takes it for text of the article",
                _ => "stands between blocks of the article",
            };
            return (Decision::Body, None, reason.to_owned());
        }
        match self.trace.told(at) {
            Some(Why::Field) => self.field(segment),
            Some(why) => {
                let (decision, part, reason) = of_trace(why);
                (decision, part, reason.to_owned())
            }
            None => (Decision::LeftOut, None, self.left_out(at, segment).to_owned()),
        }
    }

    /// A segment that prints what a rule gives.
    fn field(&self, segment: &Segment) -> (Decision, Option<Part>, String) {
        let key = self.parts.site_rules.around(segment).find(|key| key.is_single());
        let (decision, part) = match key {
            Some(Key::Title) => (Decision::Title, Some(Part::Title)),
            Some(Key::Byline) => (Decision::Byline, Some(Part::Byline)),
            Some(Key::Published) => (Decision::Date, None),
            _ => (Decision::LeftOut, None),
        };
        (decision, part, "a rule takes a field from it".to_owned())
    }

    fn left_out(&self, at: usize, segment: &Segment) -> &'static str {
        let (_, first) = self.printed[segment.text.as_str()];
        if self.parts.site_rules.has(Key::Body) {
            "outside of what the rule for the body selects, or no running text of it"
        } else if self.parts.scores[at].body < 0.5 {
            "the model does not take it for text of the article"
        } else if !self.body_source.is_empty() && self.body.is_empty() {
            "the page's JSON holds more of the text than the page prints"
        } else if first < at {
            "the same text stands on the page before"
        } else if segment.level.is_some() {
            "a heading that no text of the article follows"
        } else if segment.hidden {
            "not shown, while most of the article's text is"
        } else if self.title.is_some_and(|title| at < title) {
            "stands before the headline"
        } else {
            "stands alone among blocks that are left out"
        }
    }

    /// Rules of the site that select what it stands in.
    fn rules(&self, segment: &Segment) -> impl Iterator<Item = String> {
        let rules = &self.parts.site_rules;
        rules.around(segment).map(|key| format!("rule `{}` of [[site]] {} matches here", key.name(), rules.host()))
    }

    /// What the model looks at, in words.
    fn facts(&self, at: usize, segment: &Segment, decision: Decision) -> Vec<String> {
        let mut facts = Vec::new();
        let inside = self.parts.layout.inside(segment.container);
        let around = [
            (inside.nav, "<nav>"),
            (inside.footer, "<footer>"),
            (inside.aside, "<aside>"),
            (inside.form, "<form>"),
            (inside.button, "<button>"),
            (inside.figure, "<figure>"),
        ];
        let names: Vec<&str> = around.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
        if !names.is_empty() {
            facts.push(format!("inside {}", names.join(", ")));
        }
        if segment.hidden {
            facts.push("not shown".to_owned());
        }
        let share = |part: u32| u64::from(part) * 100 / u64::from(segment.chars.max(1));
        if segment.link_chars > 0 {
            facts.push(format!("{} % of it links", share(segment.link_chars)));
        }
        for (chars, style) in [(segment.bold_chars, "bold"), (segment.italic_chars, "italic")] {
            if share(chars) > 90 {
                facts.push(style.to_owned());
            }
        }
        facts.push(format!("{} {}", segment.words, if segment.words == 1 { "word" } else { "words" }));
        let (times, _) = self.printed[segment.text.as_str()];
        if times > 1 {
            facts.push(format!("printed {times} times"));
        }
        if let Some(title) = self.title.filter(|_| decision == Decision::LeftOut) {
            let distance = at.abs_diff(title);
            let way = if at < title { "before" } else { "behind" };
            facts.push(format!("{distance} {} {way} the headline", if distance == 1 { "block" } else { "blocks" }));
        }
        facts
    }
}

/// Elements that a place names.
const MAX_PLACE_ELEMENTS: usize = 3;
/// Classes that are named of one element.
const MAX_PLACE_CLASSES: usize = 3;
/// Characters of a name, id or class.
const MAX_NAME_CHARS: usize = 40;

/// The elements around a block as a selector: `article > div.story > p`. Ids and classes that a selector would have to
/// escape are left out.
fn place(dom: &Dom, elements: impl Iterator<Item = NodeId>) -> String {
    let is_plain = |name: &str| {
        name.len() <= MAX_NAME_CHARS
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    let step = |id: NodeId| {
        let mut step: String = text::clean(dom.name(id)).chars().take(MAX_NAME_CHARS).collect();
        if let Some(id) = dom.attr(id, known::ID).filter(|id| is_plain(id)) {
            step.push('#');
            step.push_str(id);
        }
        for class in
            dom.attr(id, known::CLASS).into_iter().flat_map(str::split_ascii_whitespace).filter(|c| is_plain(c)).take(MAX_PLACE_CLASSES)
        {
            step.push('.');
            step.push_str(class);
        }
        step
    };
    let mut steps: Vec<String> = elements.take(MAX_PLACE_ELEMENTS).map(step).collect();
    steps.reverse();
    steps.join(" > ")
}

/// Characters that are shown of what a rule removed.
const MAX_REMOVED_CHARS: usize = 2000;

/// Puts what the `remove` rule took out of the page where it stood.
fn insert_removed(parts: &Parts, blocks: &mut Vec<Explained>) {
    let Parts { dom, segments, site_rules, .. } = parts;
    let mut removed = site_rules.removed(dom).filter(|(_, text)| !text.is_empty()).peekable();
    if removed.peek().is_none() {
        return;
    }
    let block = |(id, text): (NodeId, String)| Explained {
        text: text.chars().take(MAX_REMOVED_CHARS).collect(),
        kind: BlockKind::Paragraph,
        decision: Decision::Removed,
        part: None,
        scores: None,
        place: place(dom, std::iter::once(id)),
        reasons: vec![format!("rule `remove` of [[site]] {} takes it out of the page", site_rules.host())],
        segment: None,
    };
    let mut out = Vec::with_capacity(blocks.len());
    for (explained, segment) in std::mem::take(blocks).into_iter().zip(segments) {
        // Ids follow the order of the page.
        while let Some(found) = removed.next_if(|(id, _)| *id < segment.nodes.0) {
            out.push(block(found));
        }
        out.push(explained);
    }
    out.extend(removed.map(block));
    *blocks = out;
}

#[cfg(test)]
mod tests {
    use super::super::selectors::Selector;
    use super::*;
    use crate::decode::Signals;

    const STORY: &str = "<article class=story><h1>Bridge opens</h1><p>The new bridge over the estuary was opened on Monday, the city said, after \
        three years of work that cost more than planned.</p><p>The mayor thanked the workers, and the first tram crossed it at noon with \
        four hundred people on board.</p></article>";

    fn page(html: String) -> Page {
        Page { url: url::Url::parse("https://news.example/a").ok(), html, signals: Signals::default() }
    }

    #[test]
    fn blocks_are_told_with_their_place() {
        let html = format!("<nav><a href=/>Home</a></nav>{STORY}<footer>Terms</footer>");
        let (article, blocks) = explain(&page(html), &[]);
        let decisions: Vec<Decision> = blocks.iter().map(|b| b.decision).collect();
        let (out, title, body) = (Decision::LeftOut, Decision::Title, Decision::Body);
        assert_eq!(decisions, [out, title, body, body, out]);
        assert_eq!(article.blocks.len(), 2);
        assert_eq!(blocks[2].place, "article.story > p");
        assert!(blocks[0].reasons.contains(&"inside <nav>".to_owned()), "{:?}", blocks[0].reasons);
        assert!(blocks[0].reasons.contains(&"100 % of it links".to_owned()));
    }

    #[test]
    fn what_a_rule_removes_stands_where_it_stood() {
        let html = STORY.replace("<p>The mayor", "<div class=ad>Buy <b>now</b></div><p>The mayor");
        let rules = FieldRules { host: "news.example".to_owned(), remove: Selector::parse(".ad").ok(), ..FieldRules::default() };
        let (_, blocks) = explain(&page(html), &[rules]);
        assert_eq!((blocks[2].decision, blocks[2].text.as_str(), blocks[2].place.as_str()), (Decision::Removed, "Buy now", "div.ad"));
        assert_eq!(blocks[2].reasons, ["rule `remove` of [[site]] news.example takes it out of the page"]);
    }

    #[test]
    fn names_that_are_no_selectors_are_left_out() {
        let (_, blocks) = explain(&page("<div id='a\"b' class='x <y> 1z ok'><p onclick=x>Text of a page.</p></div>".to_owned()), &[]);
        assert_eq!(blocks[0].place, "div.x.ok > p");
    }
}
