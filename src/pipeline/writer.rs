//! The writer's thread: takes in visits and notes, commits in batches, tells what is safe.

use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::error::Result;
use crate::fetch::authority;
use crate::fetch::terms::Note;
use crate::pipeline::dispatch::Event;
use crate::pipeline::summary::Tally;
use crate::write::{Effect, Outcome, Store, Visit};

/// Visits of a batch.
const BATCH_VISITS: usize = 64;
/// Bytes of WARC records after which a batch takes no more.
const BATCH_BYTES: usize = 8 << 20;
/// How long a batch waits for more.
const BATCH_WAIT: Duration = Duration::from_millis(20);

/// What the writer takes in.
#[derive(Debug)]
pub(super) enum Message {
    /// A note of the fetcher, and whom to tell when it is safe.
    Note(Note, Option<oneshot::Sender<()>>),
    /// A URL, looked at.
    Visit(Box<Visit>),
    /// WARC records that belong to no visit.
    Archive(Vec<u8>),
}

struct Writer {
    store: Store,
    waiting: Vec<oneshot::Sender<()>>,
    tallies: Vec<Tally>,
    events: mpsc::UnboundedSender<Event>,
}

/// Starts the writer; it ends when nobody can send to it any more, and gives the store back.
pub(super) fn spawn(
    store: Store,
    messages: mpsc::Receiver<Message>,
    events: mpsc::UnboundedSender<Event>,
) -> JoinHandle<(Store, Result<()>)> {
    let runtime = Handle::current();
    std::thread::spawn(move || {
        let _alarm = Alarm(events.clone());
        let mut writer = Writer { store, waiting: Vec::new(), tallies: Vec::new(), events };
        let result = writer.work(messages, &runtime);
        (writer.store, result)
    })
}

/// Tells the dispatcher that the writer has ended, by whatever way: it must not wait for it.
struct Alarm(mpsc::UnboundedSender<Event>);

impl Drop for Alarm {
    fn drop(&mut self) {
        // Nobody listens when the run has ended already.
        let _ = self.0.send(Event::WriterFailed);
    }
}

impl Writer {
    fn work(&mut self, mut messages: mpsc::Receiver<Message>, runtime: &Handle) -> Result<()> {
        while let Some(message) = messages.blocking_recv() {
            let until = Instant::now() + BATCH_WAIT;
            self.take(message)?;
            while self.tallies.len() < BATCH_VISITS && self.store.waiting_bytes() < BATCH_BYTES {
                let next = match messages.try_recv() {
                    Ok(message) => Some(message),
                    // A request waits for its note: no time to lose.
                    Err(_) if !self.waiting.is_empty() => None,
                    Err(_) => runtime.block_on(async { timeout_at(until, messages.recv()).await }).ok().flatten(),
                };
                match next {
                    Some(message) => self.take(message)?,
                    None => break,
                }
            }
            self.commit()?;
        }
        Ok(())
    }

    fn take(&mut self, message: Message) -> Result<()> {
        match message {
            Message::Note(note, waiting) => {
                self.store.note(&note)?;
                self.waiting.extend(waiting);
            }
            Message::Archive(records) => self.store.archive(&records)?,
            Message::Visit(mut visit) => {
                // A page without text of its own that leads on has been read all the same.
                let failure = if visit.found.is_empty() { failure(&visit.outcome) } else { None };
                let not_modified = matches!(visit.outcome, Outcome::NotModified);
                let effect = self.store.visit(&mut visit)?;
                log(&visit, effect);
                let seed = visit.due.seed.then(|| (visit.due.url.to_string(), failure));
                let held = self.store.take_held();
                self.tallies.push(Tally { authority: authority(&visit.due.url), effect, held, not_modified, seed });
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        let committed = self.store.commit()?;
        for waiting in self.waiting.drain(..) {
            // The request may have been given up meanwhile.
            let _ = waiting.send(());
        }
        let tallies = std::mem::take(&mut self.tallies);
        // The run may have ended.
        let _ = self.events.send(Event::Committed { committed, tallies });
        Ok(())
    }
}

/// Why a starting point could not be read: a failure, or a rule that kept every byte of it out.
fn failure(outcome: &Outcome) -> Option<String> {
    use crate::skip::Skip;
    match outcome {
        Outcome::Failed(error) => Some(error.to_string()),
        Outcome::Skipped(skip @ (Skip::Robots(_) | Skip::RobotsUnreachable(_) | Skip::OutOfScope(_))) => Some(skip.to_string()),
        _ => None,
    }
}

fn log(visit: &Visit, effect: Effect) {
    match effect {
        Effect::Failed(kind) => tracing::info!(url = %visit.due.url, status = visit.status, kind, "failed"),
        Effect::Skipped(reason) => tracing::info!(url = %visit.due.url, status = visit.status, reason, "left out"),
        _ => tracing::info!(url = %visit.due.url, status = visit.status, effect = ?effect, "visited"),
    }
}
