//! One page's way out and back: what is due is fetched, and handed to the judges or the writer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::error::Error;
use crate::fetch::terms::{Failure, Request};
use crate::fetch::{Exchange, Fetcher, Transport, now_ms};
use crate::frontier::Due;
use crate::pipeline::dispatch::Event;
use crate::pipeline::jobs::{Job, UnderWay, archive};
use crate::pipeline::judge::Rules;
use crate::pipeline::writer::Message;
use crate::skip::Skip;
use crate::write::{Outcome, Visit};

/// Wait before a page is tried again whose host was lost.
const LOST: Duration = Duration::from_secs(1);

/// How a page left the fetcher.
#[derive(Debug)]
pub(super) enum End {
    /// To be judged or written.
    HandedOn,
    /// As before, but nothing more of the host can be got in this run.
    HostClosed(String),
    /// Nothing came of it; it stays due.
    Released,
    /// As before, and the host may be another worker's now.
    Lost,
}

/// Where pages go.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    pub to_judges: mpsc::Sender<(Job, UnderWay)>,
    pub to_writer: mpsc::Sender<Message>,
    pub events: mpsc::UnboundedSender<Event>,
    pub under_way: UnderWay,
}

impl Routes {
    /// Hands a job to the judges; whether they still take any.
    async fn judge(&self, job: Job) -> bool {
        self.to_judges.send((job, Arc::clone(&self.under_way))).await.is_ok()
    }
}

/// Gets one page and hands it on.
pub(super) async fn run_errand<T: Transport>(fetcher: &Fetcher<T>, routes: &Routes, rules: &Arc<Rules>, due: Due) -> End {
    // What an earlier configuration let in may no longer be in scope.
    if let Some(rule) = rules.refuses(&due) {
        return hand_on(routes, rules, visit(due, Outcome::Skipped(Skip::OutOfScope(rule)), None), Vec::new()).await;
    }
    let request = Request { url: due.url.clone(), etag: due.etag.clone(), last_modified: due.last_modified.clone() };
    let mut tape = Vec::new();
    match fetcher.get(&request, &mut tape).await {
        Ok(fetched) => handed(routes.judge(Job::Page(Box::new((due, fetched)), tape)).await),
        Err(Failure::Skip(skip)) => {
            let closes = fetcher.unreachable(&due.url);
            close_after(hand_on(routes, rules, visit(due, Outcome::Skipped(skip), None), tape).await, closes)
        }
        Err(Failure::Error(error)) => {
            let status = if let Error::Fetch { status, .. } = &error { *status } else { None };
            let closes = fetcher.unreachable(&due.url);
            close_after(hand_on(routes, rules, visit(due, Outcome::Failed(error), status), tape).await, closes)
        }
        Err(Failure::Closed(why)) => {
            tracing::info!(%why, "the host is left alone");
            release(routes, rules, tape).await
        }
        Err(Failure::Stopped) => release(routes, rules, tape).await,
        // Where it leads, another worker goes.
        Err(Failure::Elsewhere(landed, _)) if landed != due.url => {
            hand_on(routes, rules, Visit { landed, ..visit(due, Outcome::Moved, None) }, tape).await
        }
        Err(Failure::Lost | Failure::Elsewhere(..)) => {
            release(routes, rules, tape).await;
            // What can't be told now may be told in a while; the run may end meanwhile.
            let _ = fetcher.sleep(LOST).await;
            End::Lost
        }
    }
}

fn close_after(end: End, closes: Option<String>) -> End {
    match (end, closes) {
        (End::HandedOn, Some(why)) => End::HostClosed(why),
        (end, _) => end,
    }
}

/// A page that needs no judging goes to the writer; where a WARC is written, by way of those who pack.
async fn hand_on(routes: &Routes, rules: &Rules, visit: Visit, tape: Vec<Exchange>) -> End {
    let visit = Box::new(visit);
    let sent = match rules.packer {
        Some(_) => routes.judge(Job::Settled(visit, tape)).await,
        None => routes.to_writer.send(Message::Visit(visit)).await.is_ok(),
    };
    handed(sent)
}

fn handed(sent: bool) -> End {
    if sent { End::HandedOn } else { End::Released }
}

/// A page that stays due; what was answered is kept all the same.
async fn release(routes: &Routes, rules: &Arc<Rules>, tape: Vec<Exchange>) -> End {
    if !tape.is_empty() {
        // The run may have ended.
        let _ = archive(tape, rules, &routes.to_writer).await;
    }
    End::Released
}

fn visit(due: Due, outcome: Outcome, status: Option<u16>) -> Visit {
    let landed = due.url.clone();
    Visit {
        due,
        at: now_ms(),
        landed,
        status,
        etag: None,
        last_modified: None,
        outcome,
        found: Vec::new(),
        cut: false,
        archive: Vec::new(),
    }
}
