//! All stages joined: one run of a crawl.
//!
//! In: a [`Config`]. Out: a [`Summary`]; the output, `rejected` and the state on disk. Left of `decode`
//! everything is async; pages are judged on plain threads, one a core; one writer takes in what they
//! say. Bounded channels join them, so that a slow page or disk pushes back on the crawlers.
//!
//! ```text
//! dispatch ──► fetch ──► judge, pack (threads) ──► writer (thread)
//!    ▲     which hosts have new URLs, what is safe     │
//!    └─────────────────────────────────────────────────┘
//! ```

mod alarms;
mod dispatch;
mod errand;
mod jobs;
mod judge;
mod memory;
mod metrics;
mod past;
mod queue;
mod stand_in;
mod summary;
mod upkeep;
mod writer;

pub use alarms::{Alarm, AlarmKind, raised};
pub use metrics::prometheus;
pub use summary::{Doing, HostProgress, HostSummary, Progress, SeedFailure, Stopped, Summary};

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::fetch::terms::Terms;
use crate::fetch::{Client, Fetcher, Transport};
use crate::frontier::db::Place;
use crate::frontier::{self, Kind, Leases, StateFrontier};
use crate::pipeline::dispatch::Dispatcher;
use crate::pipeline::judge::Rules;
use crate::pipeline::memory::{CrawlScope, StateMemory};
use crate::pipeline::past::Past;
use crate::pipeline::upkeep::Upkeep;
use crate::write::{Store, StoreConfig, WarcConfig};

/// Messages to the writer that may wait.
const WRITER_QUEUE: usize = 256;
/// Pages that may wait for each judging thread.
const JUDGE_QUEUE: usize = 2;

/// Called now and then with how far the run is.
pub type ShowProgress = Box<dyn FnMut(&Progress) + Send>;

/// What a run may be told beside its configuration.
#[derive(Default)]
pub struct RunOptions {
    /// Called now and then.
    pub progress: Option<ShowProgress>,
    /// Whether SIGINT and SIGTERM end the run cleanly.
    pub handle_signals: bool,
}

impl std::fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions").field("handle_signals", &self.handle_signals).finish_non_exhaustive()
    }
}

/// Runs a crawl to its end; blocks.
///
/// # Errors
/// [`Error::Locked`] when another run holds the state; [`Error::State`] and [`Error::Io`] when state or
/// output cannot be written, which is checked before any request; [`Error::Config`].
pub fn crawl(config: &Config, options: RunOptions) -> Result<Summary> {
    let client = Client::new(&config.http)?;
    crawl_with(client, config, options)
}

/// As [`crawl`], with another transport.
///
/// # Errors
/// As [`crawl`].
pub fn crawl_with<T: Transport>(transport: T, config: &Config, options: RunOptions) -> Result<Summary> {
    let place = config.state()?;
    let mut store = Store::open(store_config(config)?)?;
    let prepared = store.plant(&starts(config)).and_then(|()| store.is_first_run());
    let first_run = prepared.inspect_err(|_| store.leave())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| Error::io("tokio runtime", e))?;
    let (mut store, result) = runtime.block_on(run(transport, config, &place, store, options));
    // What is still under way (a DNS look-up) is not waited for.
    runtime.shutdown_background();
    let ended = result.and_then(|summary| end(&place, &mut store, Summary { first_run, ..summary }));
    ended.inspect_err(|_| store.leave())
}

/// Keeps a run's summary in the state, with its alarms.
fn end(place: &Place, store: &mut Store, mut summary: Summary) -> Result<Summary> {
    summary.articles_known = store.articles()?;
    summary.read_elsewhere = store.seeds_read()?.map_or(0, |all| all.saturating_sub(summary.seeds_read));
    summary.disk = store.disk();
    let run = store.run();
    store.end_run(|others| {
        // Of workers that share a run, the last one tells of all.
        let others = others.and_then(|json| serde_json::from_str::<Summary>(&json).ok());
        let mut whole = summary.clone().with(others);
        let mut past = Past::of(&whole);
        each_earlier(place, run, ALARM_RUNS, |run| past.look_back(&run))?;
        whole.alarms = alarms::against(&past, &whole);
        summary.alarms.clone_from(&whole.alarms);
        serde_json::to_string(&whole).map_err(|e| Error::BadInput(e.to_string()))
    })?;
    Ok(summary)
}

/// Runs that alarms look back at.
const ALARM_RUNS: usize = 400;

/// The summaries of the last `limit` runs, oldest first, as the state of a configuration keeps them.
///
/// # Errors
/// [`Error::State`] when there is no state or it can't be read.
pub fn history(config: &Config, limit: usize) -> Result<Vec<Summary>> {
    let mut runs = Vec::new();
    each_earlier(&config.state()?, i64::MAX, limit, |run| runs.push(run))?;
    runs.reverse();
    Ok(runs)
}

/// Hands on those before run `before`, latest first.
fn each_earlier(place: &Place, before: i64, limit: usize, mut take: impl FnMut(Summary)) -> Result<()> {
    // What an earlier version kept in another form is passed over.
    frontier::runs::each_summary(place, before, limit, |json| {
        if let Ok(run) = serde_json::from_str(json) {
            take(run);
        }
    })
}

async fn run<T: Transport>(transport: T, config: &Config, place: &Place, store: Store, options: RunOptions) -> (Store, Result<Summary>) {
    let started = Instant::now();
    let (stop_sender, stop) = watch::channel(false);
    let (events_sender, events) = mpsc::unbounded_channel();
    let (run_start, output) = (store.run_start(), store.output_path().to_owned());
    let (part, leases, hurry) = (store.part().cloned(), Arc::new(Leases::new(place.is_shared())), store.hurry());
    let open = || StateFrontier::open(place, run_start, part.as_ref(), Arc::clone(&leases));
    let (frontier, recall) = (open(), open());
    let (frontier, recall) = match (frontier, recall) {
        (Ok(frontier), Ok(recall)) => (frontier, recall),
        (Err(error), _) | (_, Err(error)) => return (store, Err(error)),
    };
    let (to_writer, from_stages) = mpsc::channel(WRITER_QUEUE);
    let under_way = jobs::UnderWay::default();
    let writer = writer::spawn(store, from_stages, events_sender.clone(), Arc::clone(&under_way));
    let rules = Arc::new(Rules::new(config));
    let (to_judges, pages) = mpsc::channel(JUDGE_QUEUE * judges());
    let judges = spawn_judges(pages, &rules, &to_writer);
    let ends_at = (!config.crawl.max_run_time.is_zero()).then(|| started + config.crawl.max_run_time);
    let scope = Arc::new(CrawlScope::new(config));
    let routes = errand::Routes { to_judges, to_writer, events: events_sender, under_way };
    let memory = Arc::new(StateMemory::new(recall, Arc::clone(&leases), routes.to_writer.clone(), Arc::clone(&rules)));
    let (http, politeness) = (config.http.clone(), config.politeness.clone());
    let terms = Terms { http, politeness, ends_at, keep_exchanges: rules.packer.is_some(), patient: true };
    let fetcher = Arc::new(Fetcher::new(transport, terms, memory, scope, stop));
    if options.handle_signals {
        tokio::spawn(watch_signals(routes.events.clone()));
    }
    let mut dispatcher = Dispatcher::new(config, frontier, fetcher, routes, rules, run_start, options.progress);
    dispatcher.upkeep = part.map(|part| Upkeep::new(part.lease, leases));
    let result = dispatcher.run(events, stop_sender, &hurry, ends_at).await;
    hurry.tell();
    let ended = tokio::task::spawn_blocking(move || {
        for judge in judges {
            drop(judge.join());
        }
        writer.join()
    });
    match ended.await {
        Ok(Ok((store, written))) => {
            let summary = written.and(result).map(|mut summary| {
                summary.seconds = started.elapsed().as_secs_f64();
                summary.output = output;
                summary.started_at = jiff::Timestamp::from_millisecond(run_start).map_or_else(|_| String::new(), |at| at.to_string());
                summary
            });
            (store, summary)
        }
        // A panic of the writer is a bug: nothing of it can be saved.
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn judges() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn spawn_judges(
    pages: mpsc::Receiver<(jobs::Job, jobs::UnderWay)>,
    rules: &Arc<Rules>,
    to_writer: &mpsc::Sender<writer::Message>,
) -> Vec<std::thread::JoinHandle<()>> {
    let pages = Arc::new(Mutex::new(pages));
    let spawn = |_| {
        let (pages, rules, to_writer) = (Arc::clone(&pages), Arc::clone(rules), to_writer.clone());
        std::thread::spawn(move || jobs::work(&pages, &rules, &to_writer))
    };
    (0..judges()).map(spawn).collect()
}

/// Where the state and the outputs of a configuration are.
///
/// # Errors
/// [`Error::Config`].
pub fn store_config(config: &Config) -> Result<StoreConfig> {
    let rejected = (!config.output.rejected.is_empty()).then(|| config.output_path(&config.output.rejected));
    let warc = (!config.output.warc.is_empty()).then(|| WarcConfig {
        folder: config.path(&config.output.warc),
        user_agent: config.http.user_agent.clone(),
        respect_robots: config.politeness.respect_robots,
        max_bytes: WarcConfig::MAX_BYTES,
    });
    Ok(StoreConfig {
        state: config.state()?,
        output: config.output_path(&config.output.path),
        rejected,
        warc,
        revisit_after: config.crawl.revisit_after,
        revisit_for: config.crawl.revisit_for,
        dedup: config.dedup.clone(),
        worker: config.worker.clone(),
        lease: config.state.lease,
    })
}

fn starts(config: &Config) -> Vec<(url::Url, Kind)> {
    let crawl = &config.crawl;
    let each = |urls: &[url::Url], kind: Kind| urls.iter().map(|url| (url.clone(), kind)).collect::<Vec<_>>();
    [each(&crawl.seeds, Kind::Page), each(&crawl.sitemaps, Kind::Sitemap), each(&crawl.feeds, Kind::Feed)].concat()
}

/// Tells the dispatcher once that a signal came.
async fn watch_signals(events: mpsc::UnboundedSender<dispatch::Event>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else { return };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    // The run may have ended by itself meanwhile.
    let _ = events.send(dispatch::Event::Interrupted);
}

/// Time that pages under way get once a run is told to end.
pub(crate) const GRACE: Duration = Duration::from_secs(8);
