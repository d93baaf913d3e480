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
mod stand_in;
mod summary;
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
use crate::frontier::{self, Kind, StateFrontier};
use crate::pipeline::dispatch::Dispatcher;
use crate::pipeline::judge::Rules;
use crate::pipeline::memory::{CrawlScope, StateMemory};
use crate::pipeline::past::Past;
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
    let mut store = Store::open(store_config(config))?;
    store.plant(&starts(config))?;
    let first_run = store.articles()? == 0;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| Error::io("tokio runtime", e))?;
    let (mut store, result) = runtime.block_on(run(transport, config, store, options));
    // What is still under way (a DNS look-up) is not waited for.
    runtime.shutdown_background();
    let mut summary = result?;
    summary.first_run = first_run;
    summary.articles_known = store.articles()?;
    summary.disk = store.disk();
    let mut past = Past::of(&summary);
    each_earlier(config, ALARM_RUNS, |run| past.look_back(&run))?;
    summary.alarms = alarms::against(&past, &summary);
    let json = serde_json::to_string(&summary).map_err(|e| Error::BadInput(e.to_string()))?;
    store.end_run(&json)?;
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
    each_earlier(config, limit, |run| runs.push(run))?;
    runs.reverse();
    Ok(runs)
}

/// Hands on the same, latest first.
fn each_earlier(config: &Config, limit: usize, mut take: impl FnMut(Summary)) -> Result<()> {
    // What an earlier version kept in another form is passed over.
    frontier::runs::each_summary(&config.path(&config.state.path), limit, |json| {
        if let Ok(run) = serde_json::from_str(json) {
            take(run);
        }
    })
}

async fn run<T: Transport>(transport: T, config: &Config, store: Store, options: RunOptions) -> (Store, Result<Summary>) {
    let started = Instant::now();
    let (stop_sender, stop) = watch::channel(false);
    let (events_sender, events) = mpsc::unbounded_channel();
    let (run_start, output) = (store.run_start(), store.output_path().to_owned());
    let state_path = config.path(&config.state.path);
    let frontier = StateFrontier::open(&state_path);
    let recall = StateFrontier::open(&state_path);
    let (frontier, recall) = match (frontier, recall) {
        (Ok(frontier), Ok(recall)) => (frontier, recall),
        (Err(error), _) | (_, Err(error)) => return (store, Err(error)),
    };
    let (to_writer, from_stages) = mpsc::channel(WRITER_QUEUE);
    let writer = writer::spawn(store, from_stages, events_sender.clone());
    let rules = Arc::new(Rules::new(config));
    let (to_judges, pages) = mpsc::channel(JUDGE_QUEUE * judges());
    let judges = spawn_judges(pages, &rules, &to_writer);
    let ends_at = (!config.crawl.max_run_time.is_zero()).then(|| started + config.crawl.max_run_time);
    let scope = Arc::new(CrawlScope::new(config));
    let routes = errand::Routes { to_judges, to_writer, events: events_sender };
    let memory = Arc::new(StateMemory::new(recall, routes.to_writer.clone(), Arc::clone(&rules)));
    let (http, politeness) = (config.http.clone(), config.politeness.clone());
    let terms = Terms { http, politeness, ends_at, keep_exchanges: rules.packer.is_some(), patient: true };
    let fetcher = Arc::new(Fetcher::new(transport, terms, memory, scope, stop));
    if options.handle_signals {
        tokio::spawn(watch_signals(routes.events.clone()));
    }
    let dispatcher = Dispatcher::new(config, frontier, fetcher, routes, rules, run_start, options.progress);
    let result = dispatcher.run(events, stop_sender, ends_at).await;
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
    pages: mpsc::Receiver<jobs::Job>,
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
#[must_use]
pub fn store_config(config: &Config) -> StoreConfig {
    let rejected = (!config.output.rejected.is_empty()).then(|| config.path(&config.output.rejected));
    let warc = (!config.output.warc.is_empty()).then(|| WarcConfig {
        folder: config.path(&config.output.warc),
        user_agent: config.http.user_agent.clone(),
        respect_robots: config.politeness.respect_robots,
        max_bytes: WarcConfig::MAX_BYTES,
    });
    StoreConfig {
        state: config.path(&config.state.path),
        output: config.path(&config.output.path),
        rejected,
        warc,
        revisit_after: config.crawl.revisit_after,
        revisit_for: config.crawl.revisit_for,
        dedup: config.dedup.clone(),
    }
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
