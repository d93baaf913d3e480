//! What a state takes and how fast it is: in a file, and on a PostgreSQL server that workers share.
//! `cargo bench --bench frontier -- [sqlite] [postgres] [--urls N] [--hosts N] [--costs FILE]`; both without a name.
//!
//! The server is the one that `COPYDESK_TEST_POSTGRES` names, or a cluster of this process's own where PostgreSQL is installed;
//! it commits to the disk. `--costs` writes what each statement takes, for `benches/leases.py`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::format_collect,
    clippy::too_many_lines,
    dead_code,
    unreachable_pub,
    reason = "a benchmark"
)]

#[path = "../tests/support/postgres.rs"]
mod postgres;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use copydesk::article::Article;
use copydesk::fetch::terms::Note;
use copydesk::frontier::db::{Place, Server};
use copydesk::frontier::{Due, Frontier as _, Kind, Lease, Leases, StateFrontier};
use copydesk::write::{Found, Outcome, Store, StoreConfig, Visit};
use url::Url;

/// Visits of a batch, as in a crawl under load.
const BATCH: usize = 64;
/// Article pages of each writer that are written in the measured time, and the links of each.
const PAGES: usize = 3000;
const LINKS: usize = 20;
const WRITERS: usize = 4;

struct Options {
    urls: usize,
    hosts: usize,
    costs: Option<String>,
    names: Vec<String>,
}

fn main() {
    let mut options = Options { urls: 1_000_000, hosts: 10_000, costs: None, names: Vec::new() };
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap();
        match argument.as_str() {
            "--urls" => options.urls = value().parse().unwrap(),
            "--hosts" => options.hosts = value().parse().unwrap(),
            "--costs" => options.costs = Some(value()),
            _ => options.names.push(argument),
        }
    }
    let is_wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|n| n == name);
    if is_wanted("sqlite") {
        let folder = tempfile::tempdir().unwrap();
        println!("a file: {} URLs of {} hosts", options.urls, options.hosts);
        measure(&Place::File(folder.path().join("state.sqlite")), folder.path(), &options, 1);
    }
    if is_wanted("postgres") {
        let named = std::env::var("COPYDESK_TEST_POSTGRES").ok();
        let own = if named.is_none() { postgres::start(true) } else { None };
        let Some(url) = named.or_else(|| own.as_ref().map(postgres::Cluster::url)) else {
            return println!("skipped: PostgreSQL is not here");
        };
        let folder = tempfile::tempdir().unwrap();
        println!("PostgreSQL: {} URLs of {} hosts", options.urls, options.hosts);
        measure(&Place::Server(Box::new(Server::parse(&url).unwrap())), folder.path(), &options, WRITERS);
    }
}

/// A writer with its view of the frontier.
struct Worker {
    store: Store,
    frontier: StateFrontier,
}

impl Worker {
    fn open(place: &Place, folder: &Path, name: &str) -> Self {
        let config = StoreConfig {
            worker: name.to_owned(),
            revisit_after: Duration::from_hours(24),
            lease: Duration::from_hours(1),
            ..StoreConfig::new(place.clone(), folder.join(format!("{name}.jsonl")))
        };
        let store = Store::open(config).unwrap();
        let frontier = StateFrontier::open(place, store.run_start(), store.part(), Arc::new(Leases::new(place.is_shared()))).unwrap();
        Self { store, frontier }
    }

    fn due(&self, lease: &Lease, limit: usize) -> Vec<Due> {
        let due = self.frontier.due(lease.host, self.store.run_start(), limit, &HashSet::new()).unwrap();
        due.into_iter().map(|due| Due { token: lease.token, ..due }).collect()
    }

    /// One batch, as a crawl commits it: the hosts made sure of, the notes of the requests, the visits.
    fn write(&mut self, visits: &[Visit]) {
        let hosts: BTreeSet<i64> = visits.iter().map(|visit| visit.due.host).collect();
        self.store
            .transact(|store| {
                store.fence(&hosts)?;
                for visit in visits {
                    let authority = copydesk::fetch::authority(&visit.due.url);
                    store.note(&Note::Leaving { authority, lease: visit.due.token, at: visit.at })?;
                    store.visit(visit)?;
                }
                Ok(())
            })
            .unwrap();
    }
}

fn visit(due: Due, outcome: Outcome, found: Vec<Found>, at: i64) -> Visit {
    let landed = due.url.clone();
    Visit { due, at, landed, status: Some(200), etag: None, last_modified: None, outcome, found, cut: false, archive: Vec::new() }
}

fn page(host: usize, number: usize) -> Url {
    Url::parse(&format!("https://paper-{host}.example/2026/05/a-story-of-some-length-{number}.html")).unwrap()
}

/// An article of some 400 words that no other has.
fn article(url: &Url, seed: u64) -> Article {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("w{:x}", state >> 48)
    };
    let text: String = (0..8).map(|_| format!("<p>{}.</p>", (0..50).map(|_| word()).collect::<Vec<_>>().join(" "))).collect();
    copydesk::extract(&format!("<article><h1>The story {seed}</h1>{text}</article>"), Some(url.as_str())).unwrap()
}

fn measure(place: &Place, folder: &Path, options: &Options, writers: usize) {
    let mut first = Worker::open(place, folder, "w0");
    let fronts: Vec<(Url, Kind)> =
        (0..options.hosts).map(|n| (Url::parse(&format!("https://paper-{n}.example/")).unwrap(), Kind::Page)).collect();
    let begun = Instant::now();
    first.store.plant(&fronts).unwrap();
    println!("  {:.0} seeds/s planted", rate(options.hosts, begun));

    let mut leases = Vec::new();
    let (begun, mut looks) = (Instant::now(), 0);
    loop {
        let taken = first.frontier.claim(BATCH).unwrap();
        looks += 1;
        let is_all = taken.is_empty() || !place.is_shared();
        leases.extend(taken);
        if is_all {
            break;
        }
    }
    let claim_many = begun.elapsed().as_secs_f64() / f64::from(looks);
    assert_eq!(leases.len(), options.hosts);
    println!("  {:.0} hosts/s claimed, {BATCH} at a time ({looks} claims)", rate(leases.len(), begun));

    // Fronts with links: what fills the state.
    let links = options.urls / options.hosts;
    let begun = Instant::now();
    for batch in leases.chunks(BATCH) {
        let visits = batch.iter().flat_map(|lease| first.due(lease, 1)).map(|due| {
            let host: usize = due.url.host_str().unwrap()[6..].split('.').next().unwrap().parse().unwrap();
            let found = |n| Found::new(page(host, n), Kind::Page, 1);
            visit(due, Outcome::List, (0..links).map(found).collect(), first.store.run_start())
        });
        first.write(&visits.collect::<Vec<_>>());
    }
    println!("  {:.0} new links/s, {links} on a page", rate(options.urls, begun));
    let mut bytes = first.store.disk()["state"];
    if let Place::File(path) = place {
        bytes += std::fs::metadata(path.with_extension("sqlite-wal")).map_or(0, |file| file.len());
    }
    println!("  {:.0} bytes a URL, indexes and all ({} MB)", bytes as f64 / options.urls as f64, bytes / 1_000_000);

    let begun = Instant::now();
    let found: usize = leases.iter().map(|lease| first.due(lease, 32).len()).sum();
    assert_eq!(found, options.hosts * links.min(32));
    println!("  {:.0} due look-ups/s, 32 URLs each", rate(leases.len(), begun));
    let begun = Instant::now();
    first.frontier.count_due(first.store.run_start()).unwrap();
    println!("  {:.0} ms to count what is due", begun.elapsed().as_secs_f64() * 1000.0);

    let mut costs = serde_json::Map::new();
    if place.is_shared() {
        let begun = Instant::now();
        first.frontier.renew().unwrap();
        let renew = begun.elapsed().as_secs_f64();
        println!("  {:.1} ms to renew {} leases", renew * 1000.0, leases.len());
        let begun = Instant::now();
        for lease in &leases {
            first.frontier.release(lease.host, lease.token, false).unwrap();
        }
        let release = begun.elapsed().as_secs_f64() / leases.len() as f64;
        println!("  {:.0} hosts/s let go", rate(leases.len(), begun));
        let (begun, ones) = (Instant::now(), 200);
        (0..ones).for_each(|_| assert_eq!(first.frontier.claim(1).unwrap().len(), 1));
        let claim = begun.elapsed().as_secs_f64() / f64::from(ones);
        println!("  {:.0} claims/s of one host among {} that are free", 1.0 / claim, options.hosts);
        let begun = Instant::now();
        first.frontier.renew().unwrap();
        let renew_few = begun.elapsed().as_secs_f64();
        first.store.leave();
        let claim_host = ((claim_many - claim) / (BATCH - 1) as f64).max(0.0);
        let renew_host = ((renew - renew_few) / (leases.len() - 200) as f64).max(0.0);
        costs.insert("claim".to_owned(), (claim - claim_host).into());
        costs.insert("claim_host".to_owned(), claim_host.into());
        costs.insert("renew".to_owned(), (renew_few - renew_host * 200.0).max(0.0).into());
        costs.insert("renew_host".to_owned(), renew_host.into());
        costs.insert("release".to_owned(), release.into());
    }

    // Articles, by one writer and by several at a time; and one page a commit, for what a commit itself takes.
    let mut workers = vec![first];
    workers.extend((1..writers).map(|n| Worker::open(place, folder, &format!("w{n}"))));
    let mut from = 0;
    let mut prepare = |worker: &mut Worker, count: usize| -> Vec<Visit> {
        let mut visits = Vec::new();
        while visits.len() < count {
            let taken: Vec<Lease> = if place.is_shared() { worker.frontier.claim(16).unwrap() } else { leases[from..][..16].to_vec() };
            from += 16;
            for lease in taken {
                let host: usize = lease.authority[6..].split('.').next().unwrap().parse().unwrap();
                for due in worker.due(&lease, 16) {
                    let found = |n| Found::new(page(host, n), Kind::Page, 2);
                    let outcome = Outcome::Article(Box::new(article(&due.url, due.id.cast_unsigned())));
                    visits.push(visit(due, outcome, (links..links + LINKS).map(found).collect(), worker.store.run_start()));
                }
            }
        }
        visits.truncate(count);
        visits
    };
    let visits = prepare(&mut workers[0], 300);
    let begun = Instant::now();
    visits.chunks(1).for_each(|visit| workers[0].write(visit));
    let single = begun.elapsed().as_secs_f64() / visits.len() as f64;
    println!("  {:.0} visits/s, one a commit", 1.0 / single);
    for count in [1, writers].into_iter().take(writers.min(2)) {
        let work: Vec<Vec<Visit>> = workers[..count].iter_mut().map(|worker| prepare(worker, PAGES)).collect();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for (worker, visits) in workers[..count].iter_mut().zip(&work) {
                scope.spawn(move || visits.chunks(BATCH).for_each(|batch| worker.write(batch)));
            }
        });
        println!("  {:.0} visits/s with an article and {LINKS} links each, {BATCH} a commit, {count} writers", rate(PAGES * count, begun));
        if count == 1 {
            let many = begun.elapsed().as_secs_f64() / PAGES as f64;
            let page = ((many * BATCH as f64 - single) / (BATCH - 1) as f64).max(0.0);
            costs.insert("page".to_owned(), page.into());
            costs.insert("commit".to_owned(), (single - page).max(0.0).into());
        }
    }
    if let Some(path) = options.costs.as_ref().filter(|_| place.is_shared()) {
        std::fs::write(path, serde_json::to_string_pretty(&costs).unwrap() + "\n").unwrap();
    }
}

fn rate(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}
