//! When is a text the site's own?
//!
//! In: what a record prints. Out: the keys of its texts, what it says in words of its own, and what of it leaves when some
//! of its texts are the site's. The rule: [`MIN_ARTICLES`] articles of a host hold the text that have nothing else in
//! common, and they are enough of that host's: a few in a thousand at the beginning or end of the body, where lines about
//! the site and its authors stand, one in twenty in its midst, where a paragraph of background may be repeated for good
//! reason. Finished files count it out (`files::boilerplate`), a crawl learns it from page to page (`write::boilerplate`).
//! Never: a sub-heading whose text stays.

use url::Url;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::minhash::low;
use super::near::{Words, shingle};
use crate::article::{Article, BlockKind, SHORT_BODY, SHORT_BODY_WORDS, content_hash};
use crate::text;
use crate::units;

/// Articles without anything else in common that hold a text, from which on it is the site's.
pub(crate) const MIN_ARTICLES: usize = 5;
/// One in so many articles of the host holds it: at the beginning or end of the body, and as a caption.
pub(crate) const EDGE_ONE_IN: u32 = 200;
/// One in so many: in the midst of the body.
pub(crate) const MIDST_ONE_IN: u32 = 20;
/// Holders of a text that are looked at closely, at most.
pub(crate) const MAX_HOLDERS: usize = 25;
/// Blocks from the beginning and from the end that are not the body's midst.
const EDGE_START: usize = 2;
const EDGE_END: usize = 4;
/// Letters and digits of a paragraph and of a caption from which on they are looked at: "Yes." is said in many interviews.
const MIN_LETTERS: usize = 12;
const MIN_CAPTION_LETTERS: usize = 5;
/// Words of an article's own from which on it can be told from others.
const MIN_OWN_WORDS: usize = 10;
/// Hashes that stand for an article's own words, the least of its 5-grams, and the share of the shorter one's in the other
/// from which two are one article: edited in one word of ten, they have a half.
const SKETCH: usize = 64;
const SAME_ARTICLE: f64 = 0.33;
/// Sets the keys of captions apart from those of paragraphs.
const CAPTION: u64 = 0x6361_7074_696f_6e73;

/// The host whose boilerplate a record may hold; `None` when nobody says where it is from.
pub(crate) fn host_key(canonical_url: Option<&str>, url: Option<&str>) -> Option<u64> {
    let url = Url::parse(canonical_url.or(url)?).ok()?;
    let host = url.host_str()?;
    Some(xxh3_64(host.strip_prefix("www.").unwrap_or(host).as_bytes()))
}

/// The key of a text among those of its host; `None` when it is too short to be told from chance.
fn text_key(host: u64, text: &str, min_letters: usize) -> Option<u64> {
    let key = text::comparison_key(text);
    // A character of a script without word spaces says as much as two letters.
    let letters: usize = key.chars().map(|c| 1 + usize::from(text::is_unspaced(c))).take(min_letters).sum();
    (letters >= min_letters).then(|| xxh3_64_with_seed(key.as_bytes(), host))
}

/// What a record prints, as far as it counts here.
#[derive(Debug)]
pub(crate) struct Printed<'a> {
    title: &'a str,
    blocks: Vec<Block<'a>>,
    /// The captions' keys.
    captions: Vec<Option<u64>>,
}

#[derive(Debug)]
struct Block<'a> {
    text: &'a str,
    is_heading: bool,
    key: Option<u64>,
}

impl<'a> Printed<'a> {
    /// What a record of this host prints: blocks, and whether they are sub-headings, and captions.
    pub(crate) fn new(
        host: u64,
        title: Option<&'a str>,
        blocks: impl Iterator<Item = (&'a str, bool)>,
        captions: impl Iterator<Item = &'a str>,
    ) -> Self {
        let block = |(text, is_heading)| Block { text, is_heading, key: text_key(host, text, MIN_LETTERS) };
        Self {
            title: title.unwrap_or_default(),
            blocks: blocks.map(block).collect(),
            captions: captions.map(|text| text_key(host ^ CAPTION, text, MIN_CAPTION_LETTERS)).collect(),
        }
    }

    /// What an article of this host prints.
    pub(crate) fn of(article: &'a Article, host: u64) -> Self {
        let blocks = article.blocks.iter().map(|b| (b.text.as_str(), b.kind == BlockKind::Heading));
        Self::new(host, article.title.as_deref(), blocks, article.captions.iter().map(|c| c.text.as_str()))
    }

    /// The key of each text once, and whether it stands at the edge; in order.
    pub(crate) fn texts(&self) -> Vec<(u64, bool)> {
        let count = self.blocks.len();
        let edge = |at: usize| at < EDGE_START || at + EDGE_END >= count;
        let blocks = self.blocks.iter().enumerate().filter_map(|(at, b)| Some((b.key?, edge(at))));
        let mut texts: Vec<(u64, bool)> = blocks.chain(self.captions.iter().filter_map(|key| Some(((*key)?, true)))).collect();
        texts.sort_unstable();
        texts.dedup_by_key(|(key, _)| *key);
        texts
    }

    /// The words of its blocks; of its title, where it has none.
    pub(crate) fn words(&self) -> BlockWords {
        let mut out = BlockWords::default();
        for text in self.blocks.iter().map(|b| b.text).chain(self.blocks.is_empty().then_some(self.title)) {
            out.words.push(text);
            out.ends.push(out.words.hashes().len());
        }
        out
    }

    /// What it says in [words](Self::words) of its own, texts that `is_shared` knows set aside; `None` when that is next to nothing.
    pub(crate) fn own_words(&self, words: &BlockWords, is_shared: impl Fn(u64) -> bool) -> Option<Sketch> {
        let mut hashes = Vec::with_capacity(words.words.hashes().len());
        let mut start = 0;
        for (at, end) in words.ends.iter().enumerate() {
            if !self.blocks.get(at).and_then(|b| b.key).is_some_and(&is_shared) {
                hashes.extend_from_slice(&words.words.hashes()[start..*end]);
            }
            start = *end;
        }
        if hashes.len() < MIN_OWN_WORDS {
            return None;
        }
        let mut sketch: Vec<u32> = hashes.windows(5).map(|w| low(shingle(w))).collect();
        sketch.sort_unstable();
        sketch.dedup();
        sketch.truncate(SKETCH);
        Some(Sketch(sketch))
    }

    /// What of it leaves when the texts that `is_site` knows are the site's; `None` when nothing does.
    pub(crate) fn removal(&self, is_site: impl Fn(u64) -> bool) -> Option<Removal> {
        let known = |key: Option<u64>| key.is_some_and(&is_site);
        let listed = |leaves: &[bool]| leaves.iter().enumerate().filter(|(_, leaves)| **leaves).map(|(at, _)| at).collect();
        let captions: Vec<bool> = self.captions.iter().map(|key| known(*key)).collect();
        let mut blocks: Vec<bool> = self.blocks.iter().map(|b| known(b.key)).collect();
        // From the end: a sub-heading goes with what it heads.
        let mut section_stays = false;
        for (block, leaves) in self.blocks.iter().zip(&mut blocks).rev() {
            if block.is_heading {
                *leaves &= !section_stays;
                section_stays = false;
            } else {
                section_stays |= !*leaves;
            }
        }
        let removal = Removal { blocks: listed(&blocks), captions: listed(&captions) };
        (removal != Removal::default()).then_some(removal)
    }
}

/// The words of an article's blocks.
#[derive(Debug, Default)]
pub(crate) struct BlockWords {
    /// All of them: those of the body.
    pub(crate) words: Words,
    /// Where those of each block end.
    ends: Vec<usize>,
}

/// What stands for an article's own words.
#[derive(Debug, Clone)]
pub(crate) struct Sketch(Vec<u32>);

impl Sketch {
    /// Bytes to store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|n| n.to_le_bytes()).collect()
    }

    /// Stored bytes, read.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }

    /// Which share of the shorter text's 5-grams the other one has, too (Broder's sketches of fixed size, compared as far
    /// as both reach).
    fn shared(&self, other: &Self) -> f64 {
        let reach = |sketch: &[u32]| if sketch.len() < SKETCH { u32::MAX } else { sketch[SKETCH - 1] };
        let reach = reach(&self.0).min(reach(&other.0));
        let within = |sketch: &[u32]| sketch.partition_point(|hash| *hash <= reach);
        let (a, b) = (&self.0[..within(&self.0)], &other.0[..within(&other.0)]);
        let shorter = u32::try_from(a.len().min(b.len()).max(1)).unwrap_or(u32::MAX);
        let both = u32::try_from(super::facts::common(a, b)).unwrap_or(u32::MAX);
        f64::from(both) / f64::from(shorter)
    }
}

/// The holders of a text that are articles of their own.
#[derive(Debug, Default)]
pub(crate) struct Different(Vec<Sketch>);

impl Different {
    /// Takes one more; whether they are enough now.
    pub(crate) fn add(&mut self, sketch: Sketch) -> bool {
        if self.0.iter().all(|other| other.shared(&sketch) < SAME_ARTICLE) {
            self.0.push(sketch);
        }
        self.0.len() >= MIN_ARTICLES
    }
}

/// Parts of a record that are boilerplate, by their index, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) blocks: Vec<usize>,
    pub(crate) captions: Vec<usize>,
}

impl Removal {
    /// What stays of a list of which these leave.
    pub(crate) fn kept<'a, T>(list: impl IntoIterator<Item = T> + 'a, removed: &'a [usize]) -> impl Iterator<Item = T> + 'a {
        list.into_iter().enumerate().filter(|(at, _)| removed.binary_search(at).is_err()).map(|(_, item)| item)
    }

    /// The index of the block, of those that stay, before which stands what stood before this one.
    pub(crate) fn place(&self, block: usize) -> usize {
        block - self.blocks.partition_point(|removed| *removed < block)
    }

    /// What a reader of the record should know.
    pub(crate) fn warning(&self) -> String {
        let counted = |count: usize, name: &str| (count > 0).then(|| units::counted(count as u64, name));
        let taken = [counted(self.blocks.len(), "paragraph"), counted(self.captions.len(), "caption")];
        let taken: Vec<String> = taken.into_iter().flatten().collect();
        format!("{} that the site prints with many articles left out", taken.join(" and "))
    }

    /// Takes them out of an article: body, blocks, captions and `content_hash` agree as before.
    pub(crate) fn take_out(&self, article: &mut Article) {
        article.blocks = Self::kept(std::mem::take(&mut article.blocks), &self.blocks).collect();
        article.captions = Self::kept(std::mem::take(&mut article.captions), &self.captions).collect();
        for caption in &mut article.captions {
            caption.block = self.place(caption.block);
        }
        article.body = article.blocks.iter().map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n\n");
        let captions = article.captions.iter().map(|c| (c.text.as_str(), c.credit.as_deref()));
        let notes = article.notes.iter().map(|n| n.text.as_str());
        article.content_hash = content_hash(article.title.as_deref(), &article.body, captions, notes);
        let warnings = &mut article.extraction.warnings;
        warnings.push(self.warning());
        if text::word_count(&article.body) < SHORT_BODY_WORDS && !warnings.iter().any(|warning| warning == SHORT_BODY) {
            warnings.push(SHORT_BODY.to_owned());
        }
    }
}
