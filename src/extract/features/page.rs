//! What holds for the whole page: where its headline stands, what it declares, what its places have in common.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::blocks::Segment;
use super::super::dom::Dom;
use super::super::keys::Keys;
use super::super::layout::Layout;
use super::super::metadata::Metadata;
use super::super::names::known;
use super::super::tag::Tag;
use super::super::wording::Wording;
use super::shingles::Shingles;
use super::{Row, float, is_good, log, ratio, weight};
use crate::text;

/// Words of a declared text from which on it is the article's.
const MIN_ARTICLE_WORDS: usize = 20;

/// The declared headline's words.
#[derive(Debug)]
pub(super) struct Title {
    pub(super) count: usize,
    set: FxHashSet<u64>,
    /// A bit for the last six bits of each: most words of other texts have none of them.
    bits: u64,
}

impl Title {
    fn of(words: &[u64]) -> Self {
        Self { count: words.len(), set: words.iter().copied().collect(), bits: words.iter().fold(0, |bits, word| bits | Self::bit(*word)) }
    }

    fn bit(word: u64) -> u64 {
        1 << (word % u64::from(u64::BITS))
    }

    /// How many of some words are the headline's.
    pub(super) fn common(&self, words: &[u64]) -> usize {
        words.iter().filter(|&&word| self.bits & Self::bit(word) > 0 && self.set.contains(&word)).count()
    }
}

/// What every segment is measured against.
pub(crate) struct Page<'a> {
    pub(super) dom: &'a Dom<'a>,
    pub(super) segments: &'a [Segment],
    pub(super) wording: &'a Wording,
    pub(super) layout: &'a Layout,
    pub(super) title: Title,
    pub(super) title_at: Option<usize>,
    pub(super) description: Shingles,
    pub(super) article_body: Shingles,
    /// The pictures' `alt`.
    pub(super) alternatives: Keys<'a>,
    pub(super) good: f32,
    /// The page says that it is an article.
    pub(super) declared_article: bool,
}

impl<'a> Page<'a> {
    pub(crate) fn new(dom: &'a Dom<'a>, segments: &'a [Segment], wording: &'a Wording, layout: &'a Layout, metadata: &Metadata) -> Self {
        let words = |text: Option<&str>| text::word_hashes(text.unwrap_or_default());
        let declared = metadata.json_ld.article_text("headline");
        let title = declared.as_deref().or_else(|| metadata.first(&["og:title", "twitter:title"])).or(metadata.title.as_deref());
        let title = Title::of(&words(title));
        let article_body = words(metadata.json_ld.article_text("articleBody").as_deref());
        let alternatives = Keys::new(dom.elements(Tag::Img).filter_map(|id| dom.attr(id, known::ALT)));
        Self {
            dom,
            segments,
            wording,
            layout,
            title_at: title_position(segments, wording, &title),
            title,
            description: Shingles::of(&words(metadata.first(&["description", "og:description"]))),
            article_body: if article_body.len() < MIN_ARTICLE_WORDS { Shingles::default() } else { Shingles::of(&article_body) },
            alternatives,
            good: log(layout.total_good),
            declared_article: metadata.json_ld.article().is_some()
                || metadata.first(&["og:type"]).is_some_and(|kind| kind.to_ascii_lowercase().contains("article"))
                || metadata.first(&["article:published_time"]).is_some(),
        }
    }
}

/// What a segment is like the declared headline at least, where it prints it.
const MIN_TITLE: f32 = 0.5;

/// Where the headline stands: the heading most like the title, else any short segment equal to it.
fn title_position(segments: &[Segment], wording: &Wording, title: &Title) -> Option<usize> {
    if title.count == 0 {
        return segments.iter().position(|s| s.level == Some(1));
    }
    let mut best = (0.0f32, None);
    for (at, segment) in segments.iter().enumerate() {
        let words = segment.words as usize;
        let score = |common: usize| {
            let bonus = match segment.level {
                Some(1) => 0.3,
                Some(2) => 0.05,
                _ => 0.0,
            };
            float(common) / float(words.max(title.count)) + bonus
        };
        // Of most, their number of words tells.
        let most = score(words);
        if words > 60 || most < MIN_TITLE || most <= best.0 + 0.001 {
            continue;
        }
        let score = score(title.common(wording.words(at)));
        if score > best.0 + 0.001 {
            best = (score, Some(at));
        }
    }
    best.1.filter(|_| best.0 >= MIN_TITLE)
}

/// What the segments of one place in the template have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Signature {
    count: f32,
    good: f32,
    words: f32,
    links: f32,
}

/// What each segment has in common with those of the same place: by its own element, and by three elements outwards.
pub(super) struct Signatures {
    near: Places,
    far: Places,
    total: f32,
}

impl Signatures {
    pub(super) fn new(page: &Page) -> Self {
        let (mut near, mut far) = (Places::default(), Places::default());
        for segment in page.segments {
            let words = weight(segment);
            let links = ratio(segment.link_chars, segment.chars);
            let own = Signature { count: 1.0, good: if is_good(segment) { words } else { 0.0 }, words, links };
            // The path of elements from the inside out.
            let path = std::iter::successors(Some(segment.container), |&id| page.dom.parent(id)).scan(0u64, |key, id| {
                *key = key.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ page.layout.signature(page.dom, id);
                Some(*key)
            });
            let mut key = 0;
            for (level, longer) in path.take(FAR).enumerate() {
                key = longer;
                if level == 0 {
                    near.add(key, own);
                }
            }
            far.add(key, own);
        }
        Self { near, far, total: page.layout.total_good.max(1.0) }
    }

    pub(super) fn measure(&self, at: usize, row: &mut Row) {
        let (near, far, total) = (self.near.of(at), self.far.of(at), self.total);
        (row.sig1_count, row.sig1_good, row.sig1_words, row.sig1_links) =
            (log(near.count), near.good / total, log(near.words / near.count), near.links / near.count);
        (row.sig3_count, row.sig3_good, row.sig3_words, row.sig3_links) =
            (log(far.count), far.good / total, log(far.words / far.count), far.links / far.count);
    }
}

/// Elements outwards that make a place.
const FAR: usize = 3;

/// What the segments of each place have in common.
#[derive(Default)]
struct Places {
    numbers: FxHashMap<u64, u32>,
    all: Vec<Signature>,
    /// The place of each segment.
    segments: Vec<u32>,
}

impl Places {
    /// Adds the next segment, which stands at the place of a key.
    fn add(&mut self, key: u64, own: Signature) {
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.all.push(Signature::default());
        }
        let all = &mut self.all[number as usize];
        all.count += own.count;
        all.good += own.good;
        all.words += own.words;
        all.links += own.links;
        self.segments.push(number);
    }

    fn of(&self, segment: usize) -> Signature {
        self.all[self.segments[segment] as usize]
    }
}
