//! `copydesk crawl`: one run of the configured crawl.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use copydesk::config::{Config, DEFAULT_PATH};
use copydesk::error::Error;
use copydesk::frontier::db::Place;
use copydesk::frontier::{Frontier, Leases, StateFrontier};
use copydesk::pipeline::{self, Progress, RunOptions, Stopped, Summary};
use indicatif::{ProgressBar, ProgressStyle};

use crate::shared::Shared;
use crate::{logging, progress, summary};

/// Exit code of a run that a signal ended.
const INTERRUPTED: u8 = 130;
/// Exit code of a run with an alarm, where that is asked for.
const ALARM: u8 = 4;

/// Run the configured crawl once: incremental, resumable, ends by itself
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk crawl\n  \
                        copydesk crawl --config news.toml --max-pages 100\n  \
                        copydesk crawl --quiet --fail-on-alarm --summary-json last.json")]
pub(crate) struct CrawlArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// Pages of this run
    #[arg(long, value_name = "N")]
    max_pages: Option<u64>,
    /// Tell what would be fetched first, and fetch nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the run's summary to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    summary_json: Option<PathBuf>,
    /// Write the run's figures to FILE, in the text format of Prometheus (for the textfile collector of its node exporter)
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    /// End with 4 when a site's fields or yield fell, against earlier runs
    #[arg(long)]
    fail_on_alarm: bool,
    /// Name of this worker among those that share the state ([state] url) [default: the machine's name]
    #[arg(long, value_name = "ID")]
    worker_id: Option<String>,
}

/// Runs the crawl; the summary goes to standard error.
pub(crate) fn run(args: &CrawlArgs, shared: &Shared) -> Result<ExitCode> {
    let mut config = load(&args.config, shared)?;
    if let Some(max_pages) = args.max_pages {
        config.crawl.max_pages = max_pages;
    }
    if let Some(name) = &args.worker_id {
        config.name_worker(name)?;
    }
    logging::start(shared, &config.log)?;
    if args.dry_run {
        return dry_run(&config);
    }
    if config.lacks_contact() {
        tracing::warn!("no contact is configured: set [politeness] contact, so that sites can write to you");
    }
    for path in [&args.summary_json, &args.metrics_file].into_iter().flatten() {
        // Better before the crawl than after it.
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            return Err(Error::io(folder, std::io::ErrorKind::NotFound.into()).into());
        }
    }
    let summary = crawl(&config, shared)?;
    if let Some(path) = &args.summary_json {
        let json = serde_json::to_string_pretty(&summary).context("the summary")?;
        write_whole(path, &(json + "\n"))?;
    }
    if let Some(path) = &args.metrics_file {
        write_whole(path, &pipeline::prometheus(&summary, config.sharing_worker()))?;
    }
    if shared.quiet {
        summary::print_failure(&summary)?;
    } else {
        summary::print(&summary)?;
    }
    Ok(exit_code(&summary, args.fail_on_alarm))
}

/// Puts a file in place as a whole: whoever reads it meanwhile sees the old one or the new one.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let draft = Path::new(&name);
    std::fs::write(draft, text).and_then(|()| std::fs::rename(draft, path)).map_err(|e| Error::io(path, e))?;
    Ok(())
}

/// Reads the configuration and puts the flags over it.
pub(crate) fn load(path: &Path, shared: &Shared) -> Result<Config> {
    let mut config = Config::load(path)?;
    if let Some(user_agent) = &shared.user_agent {
        config.politeness.user_agent.clone_from(user_agent);
        config.check(path)?;
    }
    shared.apply(&mut config.http);
    config.http.user_agent = config.politeness.header();
    if !config.log.file.is_empty() {
        config.log.file = config.path(&config.log.file).to_string_lossy().into_owned();
    }
    Ok(config)
}

/// Crawls with a progress bar, where there is a terminal.
pub(crate) fn crawl(config: &Config, shared: &Shared) -> Result<Summary> {
    let bar = progress_bar(shared);
    let progress = bar.clone().map(|bar| {
        Box::new(move |progress: &Progress| bar.set_message(progress::message(progress, bar.elapsed()))) as Box<dyn FnMut(&Progress) + Send>
    });
    let summary = pipeline::crawl(config, RunOptions { progress, handle_signals: true });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(summary?)
}

/// A progress bar, where there is somebody to see it.
fn progress_bar(shared: &Shared) -> Option<ProgressBar> {
    if shared.no_progress || shared.quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new_spinner();
    let template =
        if std::env::var_os("NO_COLOR").is_some() { "{spinner} {elapsed} {msg}" } else { "{spinner:.cyan} {elapsed:.dim} {msg}" };
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(120));
    Some(bar)
}

fn exit_code(summary: &Summary, fail_on_alarm: bool) -> ExitCode {
    match summary.stopped {
        Some(Stopped::Interrupted) => ExitCode::from(INTERRUPTED),
        _ if summary.is_success() && fail_on_alarm && !summary.alarms.is_empty() => ExitCode::from(ALARM),
        _ if summary.is_success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn dry_run(config: &Config) -> Result<ExitCode> {
    let mut out = std::io::stderr().lock();
    let crawl = &config.crawl;
    writeln!(out, "Every run begins with {} seeds, {} sitemaps, {} feeds.", crawl.seeds.len(), crawl.sitemaps.len(), crawl.feeds.len())?;
    let mut list = std::io::stdout().lock();
    for url in crawl.seeds.iter().chain(&crawl.sitemaps).chain(&crawl.feeds) {
        writeln!(list, "{url}")?;
    }
    let place = config.state()?;
    if let Place::File(state) = &place
        && !state.exists()
    {
        writeln!(out, "There is no state yet ({}): everything else is found from there.", state.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = copydesk::fetch::now_ms();
    let frontier = StateFrontier::open(&place, now, None, Arc::new(Leases::new(false)))?;
    for (host, authority) in frontier.due_hosts()? {
        let due = frontier.due(host, now, usize::MAX / 2, &std::collections::HashSet::new())?;
        writeln!(out, "{authority}: {} known URLs are due", due.len())?;
        for due in due.iter().filter(|due| !due.seed) {
            writeln!(list, "{}", due.url)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
