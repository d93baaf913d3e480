//! Where a site's rules hold on one page.
//!
//! In: the tree and the rules of its host. Out: [`Marks`], made in one walk over the tree: what stands in the elements
//! that the rules select, and the fields that they give. Never: a guess of its own; where a rule gives nothing, a
//! warning says so and the field is found the usual way.

use super::blocks::Segment;
use super::byline::{self, Byline};
use super::dates;
use super::dom::{Dom, NodeId};
use super::layout::Layout;
use super::model::Scores;
use super::names::known;
use super::selectors::Matcher;
use super::site_rules::{FieldRules, Key};
use super::tag::Tag;
use super::title::{self, Title};
use crate::text;

/// What `extraction.sources` says of a field that a rule gave.
pub(crate) const SOURCE: &str = "site-rule";

/// Characters from which on a line is text with a name or date in it, not a byline or dateline.
const MAX_LINE_CHARS: u32 = 200;
/// Bytes read of one element.
const MAX_TEXT_BYTES: usize = 80_000;

/// Where the rules hold; empty for a page without any.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    host: String,
    /// A bit for each key, for each node: it stands in what the rule selects.
    bits: Vec<u8>,
    /// What each rule selects, in page order.
    selected: [Vec<NodeId>; Key::ALL.len()],
    /// Headline, byline as printed and date, where rules give them.
    title: Option<String>,
    byline: Option<String>,
    published: Option<String>,
    /// Rules that are there and gave nothing.
    pub(crate) warnings: Vec<String>,
}

impl Marks {
    /// Finds what the rules select; the tree stays as it is.
    pub(crate) fn find(dom: &Dom, rules: Option<&FieldRules>) -> Self {
        let Some(rules) = rules else { return Self::default() };
        let mut marks = Self { host: rules.host.clone(), bits: vec![0; dom.len()], ..Self::default() };
        let mut matcher = Matcher::new(dom);
        let mut at = dom.first_child(Dom::ROOT);
        while let Some(id) = at {
            marks.bits[id as usize] = dom.parent(id).map_or(0, |parent| marks.bits[parent as usize]);
            let mut selects = |key| dom.is_element(id) && rules.selector(key).is_some_and(|selector| matcher.matches(selector, id));
            if selects(Key::Remove) {
                marks.mark(id, Key::Remove);
                at = dom.next_outside(id, Dom::ROOT);
                continue;
            }
            for key in Key::ALL.into_iter().filter(|key| *key != Key::Remove && selects(*key)) {
                marks.mark(id, key);
            }
            at = dom.next_in(id, Dom::ROOT);
        }
        for key in Key::ALL.into_iter().filter(|key| rules.selector(*key).is_some()) {
            if !marks.has(key) {
                marks.warn(key, "matched nothing");
            }
        }
        if matcher.exhausted() {
            marks.warnings.push(format!("site rules of {}: matching takes too long on this page and was given up", marks.host));
        }
        marks
    }

    fn mark(&mut self, id: NodeId, key: Key) {
        if !(key.is_single() && self.has(key)) {
            self.bits[id as usize] |= 1 << key as u8;
        }
        self.selected[key as usize].push(id);
    }

    /// Takes what is to be removed out of the tree, and makes inline captions blocks of their own.
    pub(crate) fn apply(&self, dom: &mut Dom) {
        for &id in &self.selected[Key::Caption as usize] {
            let tag = dom.tag(id);
            if !tag.is_block() && !tag.is_void() && !tag.is_muted() {
                dom.treat_as(id, Tag::Figcaption);
            }
        }
        dom.remove(&self.selected[Key::Remove as usize]);
    }

    /// Whether a node stands in what is removed.
    pub(crate) fn is_removed(&self, dom: &Dom, id: NodeId) -> bool {
        self.has(Key::Remove) && std::iter::once(id).chain(dom.ancestors(id)).any(|id| self.marked(id, Key::Remove))
    }

    /// Whether a rule is there and selects something.
    pub(crate) fn has(&self, key: Key) -> bool {
        !self.selected[key as usize].is_empty()
    }

    fn marked(&self, id: NodeId, key: Key) -> bool {
        self.bits.get(id as usize).is_some_and(|bits| bits & 1 << key as u8 != 0)
    }

    fn inside(&self, segment: &Segment, key: Key) -> bool {
        self.marked(segment.nodes.0, key)
    }

    fn warn(&mut self, key: Key, what: &str) {
        self.warnings.push(format!("site rule `{}` of {} {what}", key.name(), self.host));
    }

    /// Reads the fields; rules that give nothing are dropped, with a warning.
    pub(crate) fn read(&mut self, dom: &Dom, segments: &[Segment]) {
        let first = |marks: &Self, key: Key| marks.selected[key as usize].first().copied();
        self.title = first(self, Key::Title).map(|id| text_of(dom, id)).filter(|t| !t.is_empty());
        self.byline = first(self, Key::Byline).map(|id| text_of(dom, id)).filter(|t| !byline_of(t).is_empty());
        self.published = first(self, Key::Published).and_then(|id| date_of(dom, id));
        let some_text = |marks: &Self, key| segments.iter().any(|s| marks.inside(s, key));
        let given = [
            (Key::Title, self.title.is_some(), "selected no text"),
            (Key::Byline, self.byline.is_some(), "selected no name"),
            (Key::Published, self.published.is_some(), "selected no date"),
            (Key::Body, some_text(self, Key::Body), "selected no text"),
            (Key::Caption, some_text(self, Key::Caption), "selected no text"),
        ];
        for (key, _, what) in given.into_iter().filter(|(_, given, _)| !given) {
            if self.has(key) {
                self.warn(key, what);
                self.selected[key as usize].clear();
                self.bits.iter_mut().for_each(|bits| *bits &= !(1 << key as u8));
            }
        }
    }

    /// Lets the model's probabilities follow the rules: captions where they select some, and no text outside the body.
    pub(crate) fn weigh(&self, segments: &[Segment], scores: &mut [Scores]) {
        let has_body = self.has(Key::Body);
        for (segment, score) in segments.iter().zip(scores) {
            if self.inside(segment, Key::Caption) {
                *score = Scores { body: 0.0, caption: 1.0, standfirst: 0.0 };
            } else if has_body && self.inside(segment, Key::Body) {
                score.standfirst = 0.0;
            } else if has_body {
                score.body = 0.0;
            }
        }
    }

    /// The probabilities for the choice of the body: where a rule says where it is, all running text inside is of it.
    pub(crate) fn body_scores(&self, segments: &[Segment], layout: &Layout, scores: &[Scores]) -> Option<Vec<Scores>> {
        if !self.has(Key::Body) {
            return None;
        }
        let shown = segments.iter().any(|s| self.inside(s, Key::Body) && !s.hidden);
        let running = |segment: &Segment| {
            let around = layout.inside(segment.container);
            let aside = around.nav || around.button || shown && segment.hidden;
            self.inside(segment, Key::Body) && !self.inside(segment, Key::Caption) && !aside
        };
        let body = |segment| if running(segment) { 1.0 } else { 0.0 };
        Some(segments.iter().zip(scores).map(|(segment, &score)| Scores { body: body(segment), ..score }).collect())
    }

    /// Whether a rule makes a segment a caption.
    pub(crate) fn is_caption(&self, segment: &Segment) -> bool {
        self.inside(segment, Key::Caption)
    }

    /// Segments that print a field and little more, in page order.
    fn printing(&self, segments: &[Segment], key: Key) -> impl Iterator<Item = usize> {
        segments
            .iter()
            .enumerate()
            .filter(move |(_, s)| {
                let (first, last) = (self.marked(s.nodes.0, key), self.marked(s.nodes.1, key));
                first && last || (first || last) && s.chars <= MAX_LINE_CHARS
            })
            .map(|(at, _)| at)
    }

    /// Segments of the single fields; none of them is of the body.
    pub(crate) fn fields(&self, segments: &[Segment]) -> Vec<usize> {
        Key::ALL.into_iter().filter(|key| key.is_single() && self.has(*key)).flat_map(|key| self.printing(segments, key)).collect()
    }

    /// The headline.
    pub(crate) fn title(&self, dom: &Dom, segments: &[Segment], site: Option<&str>) -> Option<Title> {
        let mut words = self.title.clone()?;
        // A printed headline stands as it is; a declared one may carry the site's name.
        let declared = self.selected[Key::Title as usize].first().is_some_and(|&id| matches!(dom.tag(id), Tag::Title | Tag::Meta));
        if declared {
            words = title::strip_site(&words, site);
        }
        let key = text::comparison_key(&words);
        let copy = || segments.iter().position(|s| s.level.is_some() && text::comparison_key(&s.text) == key);
        let segment = self.printing(segments, Key::Title).next().or_else(copy);
        Some(Title { text: Some(title::cut(&words)), source: SOURCE, segment })
    }

    /// Byline and authors.
    pub(crate) fn byline(&self, segments: &[Segment]) -> Option<Byline> {
        let line = self.byline.as_deref()?;
        let printed = byline_of(line);
        let authors = Some(byline::names(line)).filter(|names| !names.is_empty()).unwrap_or_else(|| byline::declared_names(&printed));
        let segment = self.printing(segments, Key::Byline).next();
        Some(Byline { printed: Some(printed), authors, source: SOURCE, segment })
    }

    /// The date of publication.
    pub(crate) fn published(&self) -> Option<(String, &'static str)> {
        Some((self.published.clone()?, SOURCE))
    }

    /// The host that the rules are for.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The rules whose elements a segment stands in.
    pub(crate) fn around(&self, segment: &Segment) -> impl Iterator<Item = Key> {
        Key::ALL.into_iter().filter(|key| self.has(*key) && self.inside(segment, *key))
    }

    /// What is taken out of the page, in its order, with its text.
    pub(crate) fn removed(&self, dom: &Dom) -> impl Iterator<Item = (NodeId, String)> {
        self.selected[Key::Remove as usize].iter().map(|&id| (id, text_of(dom, id)))
    }

    /// How many elements a rule selects, and the text of the first.
    pub(crate) fn selection(&self, dom: &Dom, key: Key) -> (usize, String) {
        let selected = &self.selected[key as usize];
        (selected.len(), selected.first().map(|&id| text_of(dom, id)).unwrap_or_default())
    }
}

/// The clean text of an element; what a `<meta>` declares.
fn text_of(dom: &Dom, id: NodeId) -> String {
    let declared = if dom.tag(id) == Tag::Meta { dom.attr(id, known::CONTENT) } else { None };
    declared.map_or_else(|| text::clean(&dom.text(id, MAX_TEXT_BYTES)), text::clean)
}

fn byline_of(line: &str) -> String {
    byline::tidy(byline::strip_by(line).unwrap_or(line))
}

/// A date in an attribute of the element or of a `<time>` in it, else in its text.
fn date_of(dom: &Dom, id: NodeId) -> Option<String> {
    let around = std::iter::once(id).chain(dom.descendants(id).take(100).filter(|&inner| dom.tag(inner) == Tag::Time));
    let declared = around.flat_map(|id| [known::DATETIME, known::CONTENT].map(|name| dom.attr(id, name))).flatten().find_map(dates::parse);
    declared.or_else(|| dates::parse(&text_of(dom, id))).map(|moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::selectors::Selector;
    use super::super::{RawArticle, extract};
    use super::*;
    use crate::decode::{Page, Signals};

    fn rules(keys: &[(&str, &str)]) -> FieldRules {
        let of = |key: &str| keys.iter().find(|(k, _)| *k == key).map(|(_, css)| Selector::parse(css).unwrap());
        FieldRules {
            host: "news.example".to_owned(),
            title: of("title"),
            byline: of("byline"),
            published: of("published"),
            body: of("body"),
            caption: of("caption"),
            remove: of("remove"),
        }
    }

    fn read(html: &str, keys: &[(&str, &str)]) -> RawArticle {
        let page = Page { url: url::Url::parse("https://news.example/a").ok(), html: html.to_owned(), signals: Signals::default() };
        extract(&page, &[FieldRules { host: "other.example".to_owned(), ..rules(keys) }, rules(keys)])
    }

    fn texts(article: &RawArticle) -> Vec<&str> {
        article.blocks.iter().map(|b| b.block.text.as_str()).collect()
    }

    #[test]
    fn the_body_is_all_running_text_inside() {
        let html = "<h1>Bridge</h1><div id=a><nav>Home News</nav><p>One.<p>Two is short.<h2>Part</h2><ul><li>three</ul>\
            <p hidden>gone</p><button>Share</button><div class=x>four</div></div><p>A long text that stands outside, whatever it says.";
        let article = read(html, &[("body", "#a"), ("remove", ".x")]);
        assert_eq!(texts(&article), ["One.", "Two is short.", "Part", "three"]);
        assert_eq!((article.subtitle, article.sources["body"].as_str()), (None, SOURCE));
    }

    #[test]
    fn declared_fields_are_read_from_their_attributes() {
        let html = "<title>Bridge opens - News Daily</title><meta property=og:site_name content='News Daily'>\
            <meta name=who content='By Ana Ruiz, News Desk'><meta name=day content=2024-05-03><h1>Other</h1><p>Text.";
        let article = read(html, &[("title", "title"), ("byline", "[name=who]"), ("published", "meta[name=day]")]);
        assert_eq!(article.title.as_deref(), Some("Bridge opens"));
        assert_eq!((article.authors, article.published.as_deref()), (vec!["Ana Ruiz".to_owned()], Some("2024-05-03")));
        assert!(article.warnings.is_empty(), "{:?}", article.warnings);
    }

    #[test]
    fn other_rules_see_nothing_in_what_is_removed() {
        let html = "<div class=ad><p class=t>Wrong</p><span itemprop=author>Wrong</span></div><p class=t>Right</p><p>Text.";
        let article = read(html, &[("title", ".t"), ("remove", ".ad")]);
        assert_eq!((article.title.as_deref(), article.authors.len()), (Some("Right"), 0));
        let article = read(html, &[("title", ".ad .t"), ("remove", ".ad")]);
        assert_eq!(article.warnings, ["site rule `title` of news.example matched nothing"]);
        assert!(texts(&read(html, &[("remove", "*")])).is_empty());
    }

    #[test]
    fn what_selects_nothing_of_use_is_dropped_with_a_warning() {
        let html = "<h1>Bridge</h1><i class=e></i><div class=d>soon</div><p>The bridge opens on Monday after two years of work on it, the city said.";
        let article = read(html, &[("title", ".e"), ("byline", ".e"), ("published", ".d"), ("body", ".e"), ("caption", ".e")]);
        assert_eq!(article.title.as_deref(), Some("Bridge"));
        assert_eq!((texts(&article).len(), article.warnings.len()), (1, 5), "{:?}", article.warnings);
        assert!(!article.sources.values().any(|source| source == SOURCE));
    }

    #[test]
    fn the_canonical_url_stands_in_for_a_missing_one() {
        let html = "<link rel=canonical href=https://news.example/b><h1>Bridge</h1><h2>Opens</h2>";
        let page = Page { url: None, html: html.to_owned(), signals: Signals::default() };
        assert_eq!(extract(&page, &[rules(&[("title", "h2")])]).title.as_deref(), Some("Opens"));
    }
}
