//! Which texts does a site print under article after article?
//!
//! In: the hashes of every record's paragraphs and captions, then a closer look at some records. Out: the texts that are
//! no article's own, and what of a record they are. A text is boilerplate when [`MIN_ARTICLES`] articles of its host hold
//! it that have nothing else in common, and when they are enough of that host's: a few in a thousand at the beginning or
//! end of the body, where lines about the site and its authors stand, one in twenty in its midst, where a paragraph of
//! background may be repeated for good reason. Revisions and copies of one article count once. Memory: twelve bytes a
//! record and the texts that are boilerplate; the rest lies on the disk. Never: a sub-heading whose text stays.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bits::Bits;
use super::line::{Record, text_key};
use super::shelf::Kept;
use super::spill::Spill;
use crate::dedup::minhash::low;
use crate::dedup::near::shingle;
use crate::error::Result;
use crate::text::{WordKind, each_word_kind};

/// Articles without anything else in common that hold a text, from which on it is the site's.
const MIN_ARTICLES: usize = 5;
/// One in so many articles of the host holds it: at the beginning or end of the body, and as a caption.
const EDGE_ONE_IN: u32 = 200;
/// One in so many: in the midst of the body.
const MIDST_ONE_IN: u32 = 20;
/// Blocks from the beginning and from the end that are not the body's midst.
const EDGE_START: usize = 2;
const EDGE_END: usize = 4;
/// Letters and digits of a paragraph and of a caption from which on they are looked at: "Yes." is said in many interviews.
const MIN_LETTERS: usize = 12;
const MIN_CAPTION_LETTERS: usize = 5;
/// Holders of a text that are looked at closely, at most.
const MAX_HOLDERS: usize = 25;
/// Words of an article's own from which on it can be told from others.
const MIN_OWN_WORDS: usize = 10;
/// Hashes that stand for an article's own words, the least of its 5-grams, and the similarity by them from which two are
/// one article: edited in one word of ten, they have 0.33 or more.
const SKETCH: usize = 64;
const SAME_ARTICLE: f64 = 0.25;
/// Sets the keys of captions apart from those of paragraphs.
const CAPTION: u64 = 0x6361_7074_696f_6e73;

/// What the first look at a record finds.
#[derive(Debug)]
pub(super) struct Sighting {
    host: u64,
    identity: u64,
    /// Each text once, and whether it stands at the edge.
    texts: Vec<(u64, bool)>,
}

impl Sighting {
    /// Looks at a record; `None` when nobody says where it is from.
    pub(super) fn of(record: &Record<'_>) -> Option<Self> {
        let host = record.host()?;
        let mut texts = keys(record, host);
        texts.extend(record.captions.iter().filter_map(|c| Some((caption_key(host, &c.text)?, true))));
        texts.sort_unstable();
        texts.dedup_by_key(|(key, _)| *key);
        Some(Self { host, identity: record.identity(), texts })
    }
}

fn keys(record: &Record<'_>, host: u64) -> Vec<(u64, bool)> {
    let count = record.blocks.len();
    let edge = |at: usize| at < EDGE_START || at + EDGE_END >= count;
    record.blocks.iter().enumerate().filter_map(|(at, b)| Some((text_key(host, &b.text, MIN_LETTERS)?, edge(at)))).collect()
}

fn caption_key(host: u64, text: &str) -> Option<u64> {
    text_key(host ^ CAPTION, text, MIN_CAPTION_LETTERS)
}

/// All sightings.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    spill: Spill<'a>,
    /// Hosts by their hash, and their articles.
    hosts: FxHashMap<u64, u32>,
    articles: Vec<(u64, u32)>,
    /// The host of each record.
    of_record: Vec<u32>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { spill: Spill::of_hashes(folder), hosts: FxHashMap::default(), articles: Vec::new(), of_record: Vec::new() }
    }

    /// Takes the sighting of a record that comes after those before.
    pub(super) fn add(&mut self, record: u32, sighting: Option<Sighting>) -> Result<()> {
        self.of_record.resize(record as usize, u32::MAX);
        let Some(sighting) = sighting else { return Ok(()) };
        let next = u32::try_from(self.articles.len()).unwrap_or(u32::MAX);
        let host = *self.hosts.entry(sighting.host).or_insert(next);
        if host == next {
            self.articles.push((sighting.host, 0));
        }
        self.articles[host as usize].1 += 1;
        self.of_record.push(host);
        for (key, edge) in sighting.texts {
            let article = (low(sighting.identity) & !1) | u32::from(edge);
            self.spill.push(u128::from(key) << 64 | u128::from(article) << 32 | u128::from(record))?;
        }
        Ok(())
    }

    /// The texts that many articles hold.
    pub(super) fn suspects(self) -> Result<Suspects> {
        let Self { spill, articles, of_record, .. } = self;
        let mut suspects = Suspects::default();
        spill.each_part(|part| {
            for group in part.chunk_by(|a, b| a >> 64 == b >> 64).filter(|group| group.len() >= MIN_ARTICLES) {
                let host = |entry: u128| of_record.get(record_of(entry) as usize).and_then(|host| articles.get(*host as usize));
                if let Some((host, total)) = host(group[0]) {
                    suspects.judge(group, *host, *total);
                }
            }
            Ok(())
        })?;
        Ok(suspects)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest part of an entry")]
fn record_of(entry: u128) -> u32 {
    entry as u32
}

/// Texts that many articles of a host hold, and which records tell whether those are different ones.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    list: Vec<(u64, u64, Vec<u32>)>,
    texts: FxHashSet<u64>,
    /// Records that are to be looked at closely.
    pub(super) wanted: Bits,
}

impl Suspects {
    fn judge(&mut self, group: &[u128], host: u64, total: u32) {
        // Revisions of one article stand together: one of them speaks.
        let article = |entry: &u128| entry >> 33;
        let articles: Vec<u128> = group.chunk_by(|a, b| article(a) == article(b)).map(|revisions| revisions[0]).collect();
        let at_edge = articles.iter().filter(|entry| **entry >> 32 & 1 == 1).count() * 2 >= articles.len();
        let one_in = if at_edge { EDGE_ONE_IN } else { MIDST_ONE_IN };
        if articles.len() < MIN_ARTICLES.max(total.div_ceil(one_in) as usize) {
            return;
        }
        let Some(key) = group.first().and_then(|entry| u64::try_from(entry >> 64).ok()) else { return };
        let holders: Vec<u32> = articles.iter().take(MAX_HOLDERS).map(|entry| record_of(*entry)).collect();
        for record in &holders {
            self.wanted.put(*record);
        }
        self.texts.insert(key);
        self.list.push((key, host, holders));
    }

    /// What a record says in words of its own, for [`Suspects::settle`]; `None` when that is next to nothing.
    pub(super) fn own_words(&self, record: &Record<'_>) -> Option<Vec<u8>> {
        let host = record.host()?;
        let mut hashes = Vec::new();
        let mut add = |text: &str| each_word_kind(text, |word, _: WordKind| hashes.push(xxhash_rust::xxh3::xxh3_64(word)));
        let is_own = |text: &str| text_key(host, text, MIN_LETTERS).is_none_or(|key| !self.texts.contains(&key));
        record.blocks.iter().filter(|b| is_own(&b.text)).for_each(|b| add(&b.text));
        if record.blocks.is_empty() {
            add(record.title.as_deref().unwrap_or_default());
        }
        if hashes.len() < MIN_OWN_WORDS {
            return None;
        }
        let mut sketch: Vec<u32> = hashes.windows(5).map(|w| low(shingle(w))).collect();
        sketch.sort_unstable();
        sketch.dedup();
        sketch.truncate(SKETCH);
        Some(sketch.iter().flat_map(|n| n.to_le_bytes()).collect())
    }

    /// The texts that different articles hold.
    pub(super) fn settle(self, mut own_words: Kept<'_>) -> Result<Boilerplate> {
        let mut found = Boilerplate::default();
        for (key, host, holders) in self.list {
            let mut different: Vec<Vec<u32>> = Vec::new();
            for record in holders {
                let Some(bytes) = own_words.get(record)? else { continue };
                let sketch: Vec<u32> = bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
                if different.iter().all(|other| similarity(other, &sketch) < SAME_ARTICLE) {
                    different.push(sketch);
                }
                if different.len() == MIN_ARTICLES {
                    found.texts.insert(key);
                    found.hosts.insert(host);
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// The similarity of two sets by the least of their hashes (Broder's sketch of fixed size).
fn similarity(a: &[u32], b: &[u32]) -> f64 {
    let mut union: Vec<u32> = a.iter().chain(b).copied().collect();
    union.sort_unstable();
    let (mut seen, mut both) = (0u32, 0u32);
    for group in union.chunk_by(|x, y| x == y).take(SKETCH) {
        seen += 1;
        both += u32::from(group.len() == 2);
    }
    f64::from(both) / f64::from(seen.max(1))
}

/// The texts that are the sites' own.
#[derive(Debug, Default)]
pub(super) struct Boilerplate {
    texts: FxHashSet<u64>,
    hosts: FxHashSet<u64>,
}

/// Parts of a record that are boilerplate, by their index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Removal {
    pub(super) blocks: Vec<usize>,
    pub(super) captions: Vec<usize>,
}

impl Boilerplate {
    /// How many hosts have any.
    pub(super) fn hosts(&self) -> usize {
        self.hosts.len()
    }

    /// What of a record is boilerplate; `None` when nothing is.
    pub(super) fn of(&self, record: &Record<'_>) -> Option<Removal> {
        if self.texts.is_empty() {
            return None;
        }
        let host = record.host().filter(|host| self.hosts.contains(host))?;
        if !record.is_whole() {
            return None;
        }
        let known = |key: Option<u64>| key.is_some_and(|key| self.texts.contains(&key));
        let captions = record.captions.iter().enumerate().filter(|(_, c)| known(caption_key(host, &c.text))).map(|(at, _)| at).collect();
        let mut leaves: Vec<bool> = record.blocks.iter().map(|b| known(text_key(host, &b.text, MIN_LETTERS))).collect();
        // From the end: a sub-heading goes with what it heads.
        let mut section_stays = false;
        for (block, leaves) in record.blocks.iter().zip(&mut leaves).rev() {
            if block.is_heading() {
                *leaves &= !section_stays;
                section_stays = false;
            } else {
                section_stays |= !*leaves;
            }
        }
        let blocks = leaves.iter().enumerate().filter(|(_, leaves)| **leaves).map(|(at, _)| at).collect();
        let removal = Removal { blocks, captions };
        (removal != Removal::default()).then_some(removal)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Shelf;
    use super::super::sources::Numbered;
    use super::*;

    fn line(text: &str) -> Numbered {
        Numbered { record: 0, source: 0, number: 1, raw: Some(text.as_bytes().to_vec()) }
    }

    /// A record of a host with these paragraphs.
    fn record(url: &str, paragraphs: &[String]) -> String {
        let blocks: Vec<_> = paragraphs.iter().map(|p| serde_json::json!({"kind": "paragraph", "level": null, "text": p})).collect();
        serde_json::json!({"id": url, "url": url, "body": paragraphs.join("\n\n"), "blocks": blocks}).to_string()
    }

    fn words(seed: u64, count: u64) -> String {
        let word = |n: u64| format!("w{:x}", crate::dedup::minhash::splitmix(seed << 20 | n) % 5000);
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    }

    fn learn(records: &[String]) -> Boilerplate {
        let folder = std::env::temp_dir();
        let lines: Vec<Numbered> = records.iter().map(|r| line(r)).collect();
        let read = || lines.iter().map(|l| Record::read(l).unwrap()).zip(0u32..);
        let mut survey = Survey::new(&folder);
        read().for_each(|(r, n)| survey.add(n, Sighting::of(&r)).unwrap());
        let suspects = survey.suspects().unwrap();
        let mut kept = Shelf::new(&folder).unwrap();
        for (r, n) in read().filter(|(_, n)| suspects.wanted.has(*n)) {
            if let Some(bytes) = suspects.own_words(&r) {
                kept.put(n, &bytes).unwrap();
            }
        }
        suspects.settle(kept.close().unwrap()).unwrap()
    }

    const LINE: &str = "Support our newsroom: become a member today.";

    #[test]
    fn a_line_under_five_articles_is_the_sites_and_under_four_it_is_not() {
        let article = |n: u64| record(&format!("https://a.example/{n}"), &[words(n, 60), words(n + 100, 40), LINE.to_owned()]);
        let five: Vec<String> = (0..5).map(article).collect();
        let last = line(&five[4]);
        let removal = learn(&five).of(&Record::read(&last).unwrap());
        assert_eq!(removal, Some(Removal { blocks: vec![2], captions: vec![] }));
        assert_eq!(learn(&five[..4]).of(&Record::read(&last).unwrap()), None);
        let elsewhere = line(&five[4].replace("a.example", "b.example"));
        assert_eq!(learn(&five).of(&Record::read(&elsewhere).unwrap()), None);
    }

    #[test]
    fn copies_and_revisions_of_one_article_are_no_evidence() {
        let text = [words(1, 60), words(2, 80), words(3, 70)];
        let copies: Vec<String> = (0..9).map(|n| record(&format!("https://a.example/{n}"), &text)).collect();
        let revisions: Vec<String> = (0..9).map(|n| record("https://a.example/1", &[text[0].clone(), words(n + 9, 50)])).collect();
        // Each has a paragraph edited in another place.
        let edited = |n: u64| {
            let mut own: Vec<String> = text[1].split(' ').map(str::to_owned).collect();
            (0..own.len()).skip(usize::try_from(n).unwrap()).step_by(12).for_each(|at| own[at] = format!("e{n}{at}"));
            record(&format!("https://a.example/{n}"), &[text[0].clone(), own.join(" "), text[2].clone()])
        };
        let edited: Vec<String> = (0..9).map(edited).collect();
        for records in [copies, revisions, edited] {
            assert_eq!(learn(&records).texts.len(), 0);
        }
    }

    #[test]
    fn background_in_the_midst_of_some_articles_stays() {
        let background = "The town has argued over the bridge since it was closed for repairs nine years ago.".to_owned();
        let article = |n: u64| {
            let mut text: Vec<String> = (0..9).map(|p| words(n * 10 + p, 30)).collect();
            if n.is_multiple_of(25) {
                text[4].clone_from(&background);
            }
            record(&format!("https://a.example/{n}"), &text)
        };
        assert_eq!(learn(&(0..250).map(article).collect::<Vec<_>>()).texts.len(), 0);
    }

    #[test]
    fn a_heading_goes_only_with_what_it_heads() {
        let blocks = |n: u64, last: &str| {
            serde_json::json!([
                {"kind": "paragraph", "text": words(n, 60)},
                {"kind": "heading", "text": "More about our newsroom"},
                {"kind": "paragraph", "text": last},
            ])
        };
        let article = |n: u64, last: &str| {
            let blocks = blocks(n, last);
            let body: Vec<&str> = blocks.as_array().unwrap().iter().map(|b| b["text"].as_str().unwrap()).collect();
            let url = format!("https://a.example/{n}");
            serde_json::json!({"id": url, "url": url, "body": body.join("\n\n"), "blocks": blocks}).to_string()
        };
        let known = learn(&(0..6).map(|n| article(n, LINE)).collect::<Vec<_>>());
        let (both, own) = (line(&article(9, LINE)), line(&article(9, "The newsroom moved to the harbour.")));
        assert_eq!(known.of(&Record::read(&both).unwrap()).unwrap().blocks, [1, 2]);
        assert_eq!(known.of(&Record::read(&own).unwrap()), None);
    }
}
