//! `copydesk extract --from warc`: archives → records, and what of them gave none.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use copydesk::batch::{self, Archive, Tally};
use copydesk::decode::warc::Census;
use copydesk::error::Error;

use crate::extract::{Outcome, Plan};
use crate::messages;

impl Plan<'_> {
    /// Reads archives one after the other.
    pub(crate) fn warcs(&self, offset: u64, quiet: bool) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut output: Option<Box<dyn Write>> = None;
        let stop = Arc::new(AtomicBool::new(false));
        for input in &self.inputs {
            let stream = match input.stream() {
                Ok(stream) => stream,
                Err(error) => {
                    messages::input_failed(&input.typed, &error);
                    outcome.failures += 1;
                    continue;
                }
            };
            if !input.is_stdin() {
                // A stream that gives nothing would not notice: there a signal ends the process as ever.
                watch_signals(&stop)?;
            }
            let archive = Archive { input: stream, offset, stop: Arc::clone(&stop) };
            let done = batch::run_warc(archive, &self.settings(), || output.take().map_or_else(|| self.open(), Ok))?;
            output = done.ended.output.or(output);
            outcome.records += done.ended.tally.records;
            outcome.failures += done.census.damaged + done.ended.tally.left_out.get("internal").unwrap_or(&0);
            if let Some(error) = &done.ended.reading {
                messages::input_failed(&input.typed, error);
                outcome.failures += 1;
            }
            if !quiet || done.census.damaged > 0 {
                tell(&input.typed, &done.ended.tally, &done.census);
            }
            if stop.load(Ordering::Relaxed) {
                outcome.interrupted = true;
                let message = format!("{}: interrupted; go on with --offset {}", messages::shown(&input.typed), done.resume_at);
                messages::say(&message, None);
                return Ok(outcome);
            }
        }
        if outcome.records == 0 && outcome.failures == 0 {
            outcome.failures = 1;
        }
        Ok(outcome)
    }
}

/// What a file held, and what of it gave no record.
fn tell(typed: &str, tally: &Tally, census: &Census) {
    let typed = messages::shown(typed);
    let mut line = format!("{typed}: {} articles from {} pages in {} WARC records", tally.records, census.pages, census.records);
    for (why, count) in &tally.left_out {
        let _ = write!(line, ", {count} {why}");
    }
    if census.revisits > 0 {
        let _ = write!(line, ", {} revisits passed over", census.revisits);
    }
    messages::say(&line, None);
    for (offset, what) in &census.damages {
        messages::say(&format!("{typed}: damaged at byte {offset}: {what}; left out"), None);
    }
    let untold = census.damaged - census.damages.len() as u64;
    if untold > 0 {
        messages::say(&format!("{typed}: {untold} more damaged places"), None);
    }
}

/// Sets `stop` when SIGINT or SIGTERM comes.
fn watch_signals(stop: &Arc<AtomicBool>) -> Result<()> {
    // Once for all files.
    if Arc::strong_count(stop) > 1 {
        return Ok(());
    }
    let stop = Arc::clone(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| Error::io("a signal handler", e))?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            wait_for_signal().await;
            stop.store(true, Ordering::Relaxed);
        });
    });
    Ok(())
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
