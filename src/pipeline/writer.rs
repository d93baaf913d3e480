//! The writer's thread: takes in visits and notes, commits in batches, tells what is safe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::error::Result;
use crate::fetch::authority;
use crate::fetch::terms::Note;
use crate::frontier::Kind;
use crate::pipeline::dispatch::Event;
use crate::pipeline::jobs::UnderWay;
use crate::pipeline::summary::Tally;
use crate::write::{Effect, Outcome, Store, Visit};

/// Visits of a batch.
const BATCH_VISITS: usize = 64;
/// Bytes of WARC records after which a batch takes no more.
const BATCH_BYTES: usize = 8 << 20;
/// How long a batch waits for more while pages are under way, and the time between two looks at whether any are.
const BATCH_WAIT: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(2);
/// Those who hold [`UnderWay`] for no page: the dispatcher and the writer.
const HOLDERS: usize = 2;

/// What the writer takes in.
#[derive(Debug)]
pub(super) enum Message {
    /// A note of the fetcher, and whom to tell when it is safe, or refused.
    Note(Note, Option<oneshot::Sender<bool>>),
    /// A URL, looked at.
    Visit(Box<Visit>),
    /// WARC records that belong to no visit.
    Archive(Vec<u8>),
}

struct Writer {
    store: Store,
    events: mpsc::UnboundedSender<Event>,
    under_way: UnderWay,
}

/// What a batch came to.
struct Done {
    tallies: Vec<Tally>,
    effects: Vec<Option<Effect>>,
    /// Notes, by their place in the batch, that are refused: the host is another worker's now.
    refused: BTreeSet<usize>,
}

/// Starts the writer; it ends when nobody can send to it any more, and gives the store back.
pub(super) fn spawn(
    store: Store,
    messages: mpsc::Receiver<Message>,
    events: mpsc::UnboundedSender<Event>,
    under_way: UnderWay,
) -> JoinHandle<(Store, Result<()>)> {
    let runtime = Handle::current();
    std::thread::spawn(move || {
        let _alarm = Alarm(events.clone());
        let mut writer = Writer { store, events, under_way };
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
            let mut batch = Batch::default();
            batch.push(message);
            while batch.visits < BATCH_VISITS && batch.bytes < BATCH_BYTES {
                let next = match messages.try_recv() {
                    Ok(message) => Some(message),
                    // A request waits for its note: no time to lose.
                    Err(_) if batch.is_waited_for => None,
                    Err(_) => runtime.block_on(self.next(&mut messages, until)),
                };
                match next {
                    Some(message) => batch.push(message),
                    None => break,
                }
            }
            self.write(batch.messages)?;
        }
        Ok(())
    }

    /// What comes until then, if more can come.
    async fn next(&self, messages: &mut mpsc::Receiver<Message>, until: Instant) -> Option<Message> {
        while Arc::strong_count(&self.under_way) > HOLDERS && Instant::now() < until {
            if let Ok(next) = timeout_at(until.min(Instant::now() + LOOK), messages.recv()).await {
                return next;
            }
        }
        None
    }

    /// Makes a batch safe, and tells of it.
    fn write(&mut self, batch: Vec<Message>) -> Result<()> {
        let (done, committed) = self.store.transact(|store| apply(store, &batch))?;
        for (at, (message, effect)) in batch.into_iter().zip(done.effects).enumerate() {
            match (message, effect) {
                // The request may have been given up meanwhile.
                (Message::Note(_, Some(waiting)), _) => drop(waiting.send(!done.refused.contains(&at))),
                (Message::Visit(visit), Some(effect)) => log(&visit, effect),
                (Message::Visit(visit), None) => tracing::info!(url = %visit.due.url, "left to the worker that has the host now"),
                _ => {}
            }
        }
        // The run may have ended.
        let _ = self.events.send(Event::Committed { committed, tallies: done.tallies });
        Ok(())
    }
}

/// Messages that go into one commit.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    visits: usize,
    bytes: usize,
    is_waited_for: bool,
}

impl Batch {
    fn push(&mut self, message: Message) {
        match &message {
            Message::Note(_, waiting) => self.is_waited_for |= waiting.is_some(),
            Message::Visit(visit) => {
                self.visits += 1;
                self.bytes += visit.archive.len();
            }
            Message::Archive(records) => self.bytes += records.len(),
        }
        self.messages.push(message);
    }
}

/// Takes in a batch. What was done with hosts that are another worker's now is left out: that one does it.
fn apply(store: &mut Store, batch: &[Message]) -> Result<Done> {
    // All hosts that are written to, so that they are locked in one order.
    let mut hosts = BTreeSet::new();
    let mut leases = Vec::with_capacity(batch.len());
    for message in batch {
        let host = match message {
            Message::Visit(visit) => Some((visit.due.host, visit.due.token)),
            Message::Note(Note::Leaving { authority, lease, .. }, _) => Some((store.host_row(authority)?, *lease)),
            Message::Note(Note::Hold { authority, .. } | Note::Robots { authority, .. }, _) => Some((store.host_row(authority)?, 0)),
            _ => None,
        };
        hosts.extend(host.map(|(host, _)| host));
        leases.push(host);
    }
    let fence = store.fence(&hosts)?;
    let mut done = Done { tallies: Vec::new(), effects: Vec::with_capacity(batch.len()), refused: BTreeSet::new() };
    let mut pages: BTreeMap<i64, i64> = BTreeMap::new();
    for (at, (message, host)) in batch.iter().zip(leases).enumerate() {
        let effect = match message {
            Message::Note(Note::Leaving { .. }, _) if host.is_some_and(|(host, token)| !fence.lets_leave(host, token)) => {
                done.refused.insert(at);
                None
            }
            Message::Note(note, _) => store.note(note).map(|()| None)?,
            Message::Archive(records) => store.archive(records).map(|()| None)?,
            Message::Visit(visit) if !fence.holds(visit.due.host, visit.due.token) => None,
            Message::Visit(visit) => {
                // A page without text of its own that leads on has been read all the same.
                let failure = if visit.found.is_empty() { failure(&visit.outcome) } else { None };
                let not_modified = matches!(visit.outcome, Outcome::NotModified);
                let effect = store.visit(visit)?;
                if visit.due.seed && failure.is_none() {
                    store.count_seed();
                }
                if visit.due.kind == Kind::Page {
                    *pages.entry(visit.due.host).or_default() += 1;
                }
                let seed = visit.due.seed.then(|| (visit.due.url.to_string(), failure));
                let held = store.take_held();
                done.tallies.push(Tally { authority: authority(&visit.due.url), effect, held, not_modified, seed });
                Some(effect)
            }
        };
        done.effects.push(effect);
    }
    store.count_pages(&pages)?;
    Ok(done)
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
