//! How many records a crawl's writer takes in a second, with and without near copies and boilerplate:
//! `many_records 20000 > records.jsonl; writer < records.jsonl`.
//!
//! In: records. Out: a line for each setting. Every record is a visit of its own, in batches as a crawl commits them; state and
//! output lie in a temporary folder.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::Instant;

use copydesk::article::Article;
use copydesk::dedup::{DedupConfig, NearDuplicates};
use copydesk::frontier::{Frontier as _, Kind, Leases, StateFrontier};
use copydesk::write::{Outcome, Store, StoreConfig, Visit};
use url::Url;

/// Visits of a batch, as in a crawl.
const BATCH: usize = 64;

fn main() {
    let articles: HashMap<String, Article> = io::stdin()
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .map(|a: Article| (a.url.clone().unwrap(), a))
        .collect();
    for (near_duplicates, boilerplate) in
        [(NearDuplicates::Off, false), (NearDuplicates::Off, true), (NearDuplicates::Mark, false), (NearDuplicates::Mark, true)]
    {
        let seconds = write(&articles, &DedupConfig { near_duplicates, boilerplate, ..DedupConfig::default() });
        let rate = f64::from(u32::try_from(articles.len()).unwrap()) / seconds;
        println!("near copies {near_duplicates:?}, boilerplate {boilerplate}: {seconds:.2} s, {rate:.0} records/s");
    }
}

/// Seconds that it takes to write them.
fn write(articles: &HashMap<String, Article>, dedup: &DedupConfig) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.sqlite");
    let mut store =
        Store::open(StoreConfig { dedup: dedup.clone(), ..StoreConfig::new(state.clone().into(), folder.path().join("articles.jsonl")) })
            .unwrap();
    let mut starts: Vec<(Url, Kind)> = articles.keys().map(|url| (Url::parse(url).unwrap(), Kind::Page)).collect();
    starts.sort_by(|a, b| a.0.cmp(&b.0));
    store.plant(&starts).unwrap();
    let frontier = StateFrontier::open(&state.into(), i64::MAX, None, Arc::new(Leases::new(false))).unwrap();
    let mut visits: Vec<Visit> = Vec::new();
    for (host, _) in frontier.due_hosts().unwrap() {
        visits.extend(frontier.due(host, i64::MAX, usize::MAX / 2, &HashSet::new()).unwrap().into_iter().map(|due| Visit {
            at: store.run_start(),
            landed: due.url.clone(),
            status: Some(200),
            etag: None,
            last_modified: None,
            outcome: Outcome::Article(Box::new(articles[due.url.as_str()].clone())),
            found: Vec::new(),
            cut: false,
            archive: Vec::new(),
            due,
        }));
    }
    let start = Instant::now();
    for batch in visits.chunks(BATCH) {
        for visit in batch {
            store.visit(visit).unwrap();
        }
        store.commit().unwrap();
    }
    start.elapsed().as_secs_f64()
}
