//! All cores for one pass over the inputs, and the order of the input all the same.
//!
//! In: batches of lines. Out: what the work makes of each, in the order of the batches, whatever thread was done first.
//! So many batches are under way and no more. Never: a result that depends on the number of threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::sources::{Numbered, Sources};
use crate::error::Result;

/// Batches under way for each thread.
const AHEAD: usize = 4;

/// One pass: `work` on every batch in `jobs` threads, `take` on the results in order.
pub(crate) fn pass<T: Send>(
    sources: &Sources,
    jobs: usize,
    work: impl Fn(Vec<Numbered>) -> T + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let (to_workers, batches) = channel::<(u64, Vec<Numbered>)>();
    let batches = Mutex::new(batches);
    let (to_end, results) = channel();
    // A place for each batch under way: taken by the reader, given back when its result was taken.
    let (places, freed) = sync_channel(jobs.max(1) * AHEAD);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(sources, &to_workers, &places));
        for _ in 0..jobs.max(1) {
            let (batches, to_end, work) = (&batches, to_end.clone(), &work);
            scope.spawn(move || run(batches, &to_end, work));
        }
        drop(to_end);
        let taken = in_order(&results, |result| {
            take(result)?;
            let _ = freed.recv();
            Ok(())
        });
        // After a failure the reader finds no place any more, and the workers no batches.
        drop((freed, results));
        let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        taken.and(read)
    })
}

fn read(sources: &Sources, to_workers: &Sender<(u64, Vec<Numbered>)>, places: &SyncSender<()>) -> Result<()> {
    let mut next = 0;
    sources.read(|batch| {
        let sent = places.send(()).is_ok() && to_workers.send((next, batch)).is_ok();
        next += 1;
        sent
    })
}

fn run<T>(batches: &Mutex<Receiver<(u64, Vec<Numbered>)>>, to_end: &Sender<(u64, thread::Result<T>)>, work: &impl Fn(Vec<Numbered>) -> T) {
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, batch)) = next else { return };
        // A panic goes to who waits for the result: without one nothing after it could be taken.
        let result = catch_unwind(AssertUnwindSafe(|| work(batch)));
        if to_end.send((number, result)).is_err() {
            return;
        }
    }
}

fn in_order<T>(results: &Receiver<(u64, thread::Result<T>)>, mut take: impl FnMut(T) -> Result<()>) -> Result<()> {
    let (mut early, mut next) = (BTreeMap::new(), 0);
    while let Ok((number, result)) = results.recv() {
        early.insert(number, result);
        while let Some(result) = early.remove(&next) {
            take(result.unwrap_or_else(|panic| resume_unwind(panic)))?;
            next += 1;
        }
    }
    Ok(())
}
