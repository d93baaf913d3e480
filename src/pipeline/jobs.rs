//! Work for the threads between crawlers and writer: pages are judged, and what went over the wire is packed.
//!
//! What the writer does for a WARC is to append: deflate is for many threads, and there is one writer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::fetch::terms::NotKept;
use crate::fetch::{Exchange, Fetched};
use crate::frontier::Due;
use crate::pipeline::judge::{Rules, judge};
use crate::pipeline::writer::Message;
use crate::write::Visit;

/// A clone of it is held for each page that is on its way to the writer.
pub(super) type UnderWay = Arc<()>;

/// Something to be done before the writer gets it.
#[derive(Debug)]
pub(super) enum Job {
    /// An answer to be judged, with the exchanges that led to it where they are kept.
    Page(Box<(Due, Fetched)>, Vec<Exchange>),
    /// A page that is settled; its exchanges are to be packed.
    Settled(Box<Visit>, Vec<Exchange>),
}

/// Does jobs until there are no more.
pub(super) fn work(jobs: &Mutex<mpsc::Receiver<(Job, UnderWay)>>, rules: &Rules, to_writer: &mpsc::Sender<Message>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some((job, under_way)) = job else { return };
        let message = done(job, rules);
        drop(under_way);
        if to_writer.blocking_send(message).is_err() {
            return;
        }
    }
}

fn done(job: Job, rules: &Rules) -> Message {
    match job {
        Job::Page(page, exchanges) => {
            let (due, fetched) = *page;
            let span = tracing::info_span!("page", url = %due.url);
            let mut visit = span.in_scope(|| judge(due, &fetched, rules));
            if let Some(packer) = &rules.packer {
                visit.archive = packer.visit(&exchanges, &visit, fetched.content_signal.as_deref());
            }
            Message::Visit(Box::new(visit))
        }
        Job::Settled(mut visit, exchanges) => {
            if let Some(packer) = &rules.packer {
                visit.archive = packer.visit(&exchanges, &visit, None);
            }
            Message::Visit(visit)
        }
    }
}

/// Packs exchanges that belong to no visit and hands them to the writer. Whatever is sent to it afterwards is
/// not safe before they are: no robots.txt is known from the state alone.
pub(super) async fn archive(exchanges: Vec<Exchange>, rules: &Arc<Rules>, to_writer: &mpsc::Sender<Message>) -> Result<(), NotKept> {
    let rules = Arc::clone(rules);
    let pack = move || rules.packer.as_ref().map(|packer| packer.exchanges(&exchanges)).unwrap_or_default();
    let records = tokio::task::spawn_blocking(pack).await.map_err(|_| NotKept::Stopped)?;
    to_writer.send(Message::Archive(records)).await.map_err(|_| NotKept::Stopped)
}
