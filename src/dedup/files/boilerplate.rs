//! Which texts does a site print under article after article?
//!
//! In: the hashes of every record's paragraphs and captions, then a closer look at some records. Out: the texts that are
//! no article's own, and what of a record they are; [`crate::dedup::boilerplate`] has the rule. Revisions and copies of one
//! article count once. Memory: twelve bytes a record and the texts that are boilerplate; the rest lies on the disk. Never: a
//! record changed.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bits::Bits;
use super::line::Record;
use super::shelf::Kept;
use super::spill::Spill;
use crate::dedup::boilerplate::{Different, EDGE_ONE_IN, MAX_HOLDERS, MIDST_ONE_IN, MIN_ARTICLES, Removal, Sketch};
use crate::dedup::minhash::low;
use crate::error::Result;

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
        Some(Self { host, identity: record.identity(), texts: record.printed(host).texts() })
    }
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
        let printed = record.printed(record.host()?);
        let own = printed.own_words(&printed.words(), |key| self.texts.contains(&key))?;
        Some(own.to_bytes())
    }

    /// The texts that different articles hold.
    pub(super) fn settle(self, mut own_words: Kept<'_>) -> Result<Boilerplate> {
        let mut found = Boilerplate::default();
        for (key, host, holders) in self.list {
            let mut different = Different::default();
            for record in holders {
                let Some(bytes) = own_words.get(record)? else { continue };
                if different.add(Sketch::from_bytes(&bytes)) {
                    found.texts.insert(key);
                    found.hosts.insert(host);
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// The texts that are the sites' own.
#[derive(Debug, Default)]
pub(super) struct Boilerplate {
    texts: FxHashSet<u64>,
    hosts: FxHashSet<u64>,
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
        record.printed(host).removal(|key| self.texts.contains(&key))
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
