//! What does a site print under article after article? Learned in the state, from page to page.
//!
//! In: an article as it was read. Out: the article without the texts that are its site's own, by the rule of
//! [`crate::dedup::boilerplate`], and a [`Sample`] of it, which goes into the state with its record: a run that is ended at
//! any moment has counted the articles that it wrote, each once. Of a host so many articles are remembered that five of
//! them are the share which the rule asks for, and for half a year: what a site prints no more is forgotten, and the
//! state does not grow. Never: a look at what an article said before.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::article::Article;
use crate::dedup::Words;
use crate::dedup::boilerplate::{Different, EDGE_ONE_IN, MAX_HOLDERS, MIDST_ONE_IN, MIN_ARTICLES, Printed, Sketch, host_key};
use crate::error::Result;
use crate::frontier::db::{Value, values};
use crate::write::store::Store;

/// The newest articles of a host before the one in hand, with which together it makes so many that five are the share that the
/// rule asks for: at the edge of the body, and in its midst.
#[expect(clippy::cast_possible_wrap, reason = "small numbers")]
const EDGE_WINDOW: i64 = MIN_ARTICLES as i64 * EDGE_ONE_IN as i64 - 1;
#[expect(clippy::cast_possible_wrap, reason = "small numbers")]
const MIDST_WINDOW: i64 = MIN_ARTICLES as i64 * MIDST_ONE_IN as i64 - 1;
/// An article says nothing of its site any more after this many milliseconds.
const FORGOTTEN_AFTER: i64 = 180 * 24 * 3_600_000;
/// Texts of an article that are looked at: in its midst, and at its edge with the captions.
const MAX_TEXTS: [usize; 2] = [100, 60];

/// What is remembered of an article.
#[derive(Debug)]
pub(super) struct Sample {
    host: i64,
    /// The keys of its texts; the lowest bit says whether they stand at the edge.
    texts: Vec<u64>,
    /// What it says that no article of the host said before; empty when that is next to nothing.
    sketch: Vec<u8>,
}

/// A text's key without the bit that says where it stands.
fn bare(key: u64) -> u64 {
    key & !1
}

impl Store {
    /// Takes what is its site's own out of an article. `own` is its row, if the state knows it. The words of the body come
    /// back where nothing left it.
    pub(super) fn without_boilerplate(&self, article: &mut Article, own: Option<i64>, at: i64) -> Result<Option<(Sample, Option<Words>)>> {
        let host = host_key(article.canonical_url.as_deref(), article.url.as_deref());
        let Some(host) = host.filter(|_| self.config.dedup.boilerplate) else { return Ok(None) };
        let printed = Printed::of(article, host);
        let mut left = MAX_TEXTS;
        let mut texts: Vec<u64> = printed.texts().into_iter().map(|(key, edge)| bare(key) | u64::from(edge)).collect();
        texts.retain(|key| {
            let left = &mut left[usize::from(key & 1 == 1)];
            let keeps = *left > 0;
            *left -= usize::from(keeps);
            keeps
        });
        let holders = self.holders(&texts, own)?;
        // What an earlier article said, too, is not this one's own: of two articles only the first has it in its sketch.
        let words = printed.words();
        let sketch = printed.own_words(&words, |key| holders.get(&bare(key)).is_some_and(|holders| !holders.is_empty()));
        let mut known: FxHashSet<u64> = FxHashSet::default();
        let mut asked: Vec<u64> = holders.iter().filter(|(_, holders)| holders.len() + 1 >= MIN_ARTICLES).map(|(key, _)| *key).collect();
        asked.sort_unstable();
        let mut sketches = FxHashMap::default();
        // Of most texts the newest few decide; of the others, the rest.
        for most in [MIN_ARTICLES + 1, MAX_HOLDERS] {
            let first = |key: &u64| holders[key].iter().copied().take(most);
            self.learn_sketches(asked.iter().flat_map(first), at, &mut sketches)?;
            asked.retain(|key| {
                let is_known = are_different(first(key).filter_map(|holder| sketches.get(&holder)?.as_ref()), sketch.as_ref());
                if is_known {
                    known.insert(*key);
                }
                !is_known && holders[key].len() > most
            });
        }
        let removal = printed.removal(|key| known.contains(&bare(key)));
        let words = (removal.is_none() && !article.body.is_empty()).then_some(words.words);
        if let Some(removal) = removal {
            removal.take_out(article);
        }
        Ok(Some((Sample { host: host.cast_signed(), texts, sketch: sketch.map(|sketch| sketch.to_bytes()).unwrap_or_default() }, words)))
    }

    /// The newest articles that hold a text, another one than this.
    fn holders(&self, texts: &[u64], own: Option<i64>) -> Result<FxHashMap<u64, Vec<i64>>> {
        let mut keys: Vec<i64> = texts.iter().map(|key| bare(*key).cast_signed()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut out: FxHashMap<u64, Vec<i64>> = FxHashMap::default();
        let sql = "SELECT text, article FROM sightings WHERE text = ?1 AND article <> ?2 ORDER BY article DESC LIMIT ?3";
        let keys: Vec<_> = keys.into_iter().map(Value::Int).collect();
        let most = i64::try_from(MAX_HOLDERS).unwrap_or(i64::MAX);
        self.db.each(sql, &keys, &values![own.unwrap_or(0), most], |row| {
            out.entry(row.get::<i64>(0)?.cast_unsigned()).or_default().push(row.get(1)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// Reads what articles said in words of their own, unless that was next to nothing or is too long ago.
    fn learn_sketches(&self, articles: impl Iterator<Item = i64>, at: i64, sketches: &mut FxHashMap<i64, Option<Sketch>>) -> Result<()> {
        let mut keys: Vec<Value<'_>> = Vec::new();
        for article in articles {
            sketches.entry(article).or_insert_with(|| {
                keys.push(Value::Int(article));
                None
            });
        }
        let sql = "SELECT article, sketch FROM samples WHERE article = ?1 AND at >= ?2";
        self.db.each(sql, &keys, &values![at - FORGOTTEN_AFTER], |row| {
            let bytes: Vec<u8> = row.get(1)?;
            sketches.insert(row.get(0)?, (!bytes.is_empty()).then(|| Sketch::from_bytes(&bytes)));
            Ok(())
        })?;
        Ok(())
    }

    /// Remembers an article; a new revision takes the place of the old one. What is over is forgotten.
    pub(super) fn keep_sample(&self, article: i64, sample: &Sample, at: i64, is_new: bool) -> Result<()> {
        let newest = self.db.number("SELECT max(number) FROM samples WHERE host = ?1", &values![sample.host])?.unwrap_or(0);
        let number = "SELECT number FROM samples WHERE article = ?1";
        let before = if is_new { None } else { self.db.number(number, &values![article])? };
        if before.is_some() {
            self.forget(article, |_| true)?;
        }
        let number = before.unwrap_or(newest + 1);
        let newest = newest.max(number);
        let kept = sample.texts.iter().filter(|key| *key & 1 == 1 || number > newest - MIDST_WINDOW);
        let mut kept: Vec<i64> = kept.map(|key| bare(*key).cast_signed()).collect();
        kept.sort_unstable();
        let rows: Vec<_> = kept.into_iter().map(|text| values![text, article]).collect();
        self.db.many("INSERT INTO sightings (text, article) VALUES (?1, ?2) ON CONFLICT DO NOTHING", &rows)?;
        let texts: Vec<u8> = sample.texts.iter().flat_map(|key| key.to_le_bytes()).collect();
        let sql = "INSERT INTO samples (article, host, number, at, sketch, texts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (article) DO UPDATE SET host = ?2, number = ?3, at = ?4, sketch = ?5, texts = ?6";
        self.db.execute(sql, &values![article, sample.host, number, at, sample.sketch.as_slice(), texts.as_slice()])?;
        self.age(sample.host, newest, at)
    }

    /// What is over with the newest article of a host: the midst of one, and the oldest ones altogether.
    fn age(&self, host: i64, newest: i64, at: i64) -> Result<()> {
        let midst = "SELECT article FROM samples WHERE host = ?1 AND number = ?2";
        if newest > MIDST_WINDOW
            && let Some(article) = self.db.number(midst, &values![host, newest - MIDST_WINDOW])?
        {
            self.forget(article, |key| key & 1 == 0)?;
        }
        let oldest = "SELECT article FROM samples WHERE number = (SELECT min(number) FROM samples WHERE host = ?1) AND host = ?1
            AND (number <= ?2 OR at < ?3) LIMIT 1";
        while let Some(article) = self.db.number(oldest, &values![host, newest - EDGE_WINDOW, at - FORGOTTEN_AFTER])? {
            self.forget(article, |_| true)?;
            self.db.execute("DELETE FROM samples WHERE article = ?1", &values![article])?;
        }
        Ok(())
    }

    /// Forgets that an article holds those of its texts whose keys are `over`.
    fn forget(&self, article: i64, over: impl Fn(u64) -> bool) -> Result<()> {
        let sql = "SELECT texts FROM samples WHERE article = ?1";
        let texts = self.db.find(sql, &values![article], |row| row.get::<Vec<u8>>(0))?.unwrap_or_default();
        let keys = texts.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).filter(|key| over(*key));
        let mut keys: Vec<i64> = keys.map(|key| bare(key).cast_signed()).collect();
        keys.sort_unstable();
        let rows: Vec<_> = keys.into_iter().map(|text| values![text, article]).collect();
        self.db.many("DELETE FROM sightings WHERE text = ?1 AND article = ?2", &rows).map(drop)
    }
}

/// Whether enough of these articles, and the one with this sketch, have nothing else in common.
fn are_different<'a>(holders: impl Iterator<Item = &'a Sketch>, own: Option<&'a Sketch>) -> bool {
    let mut different = Different::default();
    own.into_iter().chain(holders).any(|sketch| different.add(sketch.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Block;
    use crate::write::StoreConfig;

    const DAY: i64 = 24 * 3_600_000;

    fn store(folder: &std::path::Path) -> Store {
        let day = std::time::Duration::from_hours(24);
        let (state, output) = (folder.join("state.sqlite").into(), folder.join("articles.jsonl"));
        let config = StoreConfig { revisit_after: day, revisit_for: day, ..StoreConfig::new(state, output) };
        let mut store = Store::open(config).unwrap();
        store.begin().unwrap();
        store
    }

    /// An article of eleven paragraphs of its own, with a text put in at a place.
    fn article(number: u64, put_in: Option<(usize, &str)>) -> Article {
        let mut article =
            crate::extract("<h1>Lamps</h1><p>The council counted its lamps once more.", Some(&format!("https://news.example/{number}")))
                .unwrap();
        let word = |n: u64| format!("w{:x}", (number << 20 | n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44);
        let mut texts: Vec<String> = (0..11).map(|p| (0..9).map(|n| word(p * 9 + n)).collect::<Vec<_>>().join(" ")).collect();
        if let Some((at, text)) = put_in {
            texts.insert(at, text.to_owned());
        }
        article.blocks = texts.into_iter().map(|text| Block { text, ..article.blocks[0].clone() }).collect();
        article
    }

    /// Takes in an article; how many blocks left it.
    fn take(store: &Store, number: u64, put_in: Option<(usize, &str)>, at: i64) -> usize {
        let mut article = article(number, put_in);
        let before = article.blocks.len();
        let row = number.cast_signed() + 1;
        let sql =
            "INSERT INTO articles (id, article_id, content_hash, revision, run, first_seen, last_seen) VALUES (?1, ?2, '', 1, 1, 0, 0)
            ON CONFLICT DO NOTHING";
        store.db.execute(sql, &values![row, article.url.as_deref()]).unwrap();
        let (sample, _) = store.without_boilerplate(&mut article, Some(row), at).unwrap().unwrap();
        store.keep_sample(row, &sample, at, false).unwrap();
        before - article.blocks.len()
    }

    fn count(store: &Store, table: &str) -> i64 {
        let sql = if table == "samples" { "SELECT count(*) FROM samples" } else { "SELECT count(*) FROM sightings" };
        store.db.number(sql, &[]).unwrap().unwrap()
    }

    #[test]
    fn a_few_in_a_thousand_at_the_edge_and_one_in_twenty_in_the_midst() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let (edge, background, midst) =
            ("A note on our author, Ada Quill.", "The bridge was closed nine years ago.", "Read how we report here.");
        let mut left = [0; 3];
        for number in 0..1200 {
            let (kind, put_in) = match number {
                n if n % 150 == 0 => (0, Some((11, edge))),
                n if n % 25 == 1 => (1, Some((6, background))),
                n if n % 15 == 2 => (2, Some((6, midst))),
                _ => (0, None),
            };
            left[kind] += take(&store, number, put_in, 0);
        }
        // From the fifth on of eight; four in a hundred are never enough.
        assert_eq!((left[0], left[1]), (4, 0));
        assert!(left[2] > 40, "{left:?}");
        assert_eq!(count(&store, "samples"), EDGE_WINDOW);
        // Six texts at the edge of each, and the midst of the newest.
        assert!(count(&store, "sightings") <= EDGE_WINDOW * 6 + MIDST_WINDOW * 6, "{}", count(&store, "sightings"));
    }

    #[test]
    fn what_is_half_a_year_ago_is_forgotten_and_a_revision_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let line = Some((11, "Support our newsroom: become a member today."));
        for _ in 0..9 {
            assert_eq!((0..4).map(|number| take(&store, number, line, 0)).sum::<usize>(), 0);
        }
        assert_eq!(count(&store, "samples"), 4);
        assert_eq!(take(&store, 4, line, DAY), 1);
        assert_eq!(take(&store, 5, line, 200 * DAY), 0);
        assert_eq!((count(&store, "samples"), count(&store, "sightings")), (1, 12));
    }
}
