//! One thread that reads, several that work, one that writes, joined by bounded channels: a slow output holds the input
//! back, and memory stays bounded however long the input is.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::{Error, Result};

/// Deep pages nest; a worker's stack is as large as a main thread's.
pub(super) const WORKER_STACK_BYTES: usize = 8 << 20;
/// Of results in the input's order, this many for each worker may wait for one before them.
const WAITING: usize = 8;

/// In which order results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they are ready.
    Any,
    /// As in the input: the same bytes whatever the number of threads.
    Kept,
}

/// What is written to.
pub(crate) trait Sink<D> {
    /// Takes a result.
    fn take(&mut self, done: D) -> Result<()>;
    /// Nothing waits: who reads along should see all that is done.
    fn rest(&mut self) -> Result<()>;
}

/// Hands an item to the workers; false when nobody wants it any more.
pub(crate) type Push<'a, T> = &'a mut dyn FnMut(T) -> bool;

/// Runs `source` on a thread of its own, `work` on `jobs` threads for each item that it pushes, and gives the results to
/// `sink` on this thread. Gives what the source gave at its end.
///
/// The threads are not joined: when the output closes early, the source may wait for input for ever.
pub(crate) fn run<T, D, E>(
    source: impl FnOnce(Push<'_, T>) -> E + Send + 'static,
    jobs: usize,
    order: Order,
    work: impl Fn(T) -> D + Send + Sync + 'static,
    sink: &mut impl Sink<D>,
) -> Result<E>
where
    T: Send + 'static,
    D: Send + 'static,
    E: Send + 'static,
{
    let jobs = jobs.max(1);
    let (to_workers, items) = sync_channel(jobs);
    let (to_writer, results) = sync_channel(jobs * 4);
    let (end, ended) = sync_channel(1);
    // A ticket for each item under way; the sink gives it back.
    let (take_ticket, tickets) = sync_channel(if order == Order::Kept { jobs * WAITING } else { usize::from(u16::MAX) });
    let (items, work) = (Arc::new(Mutex::new(items)), Arc::new(work));
    for _ in 0..jobs {
        let (items, to_writer, work) = (Arc::clone(&items), to_writer.clone(), Arc::clone(&work));
        spawn(move || worker(&items, &to_writer, &*work))?;
    }
    drop(to_writer);
    spawn(move || {
        let mut number = 0_u64;
        let given = source(&mut |item| {
            let sent = take_ticket.send(()).is_ok() && to_workers.send((number, item)).is_ok();
            number += 1;
            sent
        });
        let _ = end.send(given);
    })?;
    write(&results, &tickets, order, sink)?;
    ended.recv().map_err(|_| Error::Internal("reading the input ended early".to_owned()))
}

fn spawn(body: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().stack_size(WORKER_STACK_BYTES).spawn(body).map(drop).map_err(|e| Error::io("a thread", e))
}

fn worker<T, D>(items: &Mutex<Receiver<(u64, T)>>, to_writer: &SyncSender<(u64, D)>, work: &impl Fn(T) -> D) {
    loop {
        let next = items.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, item)) = next else { return };
        if to_writer.send((number, work(item))).is_err() {
            return;
        }
    }
}

fn write<D>(results: &Receiver<(u64, D)>, tickets: &Receiver<()>, order: Order, sink: &mut impl Sink<D>) -> Result<()> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    loop {
        let (number, done) = match results.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Disconnected) => return Ok(()),
            Err(TryRecvError::Empty) => {
                sink.rest()?;
                match results.recv() {
                    Ok(result) => result,
                    Err(_) => return Ok(()),
                }
            }
        };
        if order == Order::Any {
            let _ = tickets.try_recv();
            sink.take(done)?;
            continue;
        }
        early.insert(number, done);
        while let Some(done) = early.remove(&next) {
            let _ = tickets.try_recv();
            next += 1;
            sink.take(done)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Seen(Vec<u64>);

    impl Sink<u64> for Seen {
        fn take(&mut self, done: u64) -> Result<()> {
            self.0.push(done);
            Ok(())
        }
        fn rest(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn order_is_kept_and_what_is_under_way_is_bounded() {
        let (pushed, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (reading, working) = (Arc::clone(&pushed), Arc::clone(&pushed));
        let seen_most = Arc::clone(&most);
        let source = move |push: Push<'_, u64>| {
            let all = (0..2000).all(|n| {
                reading.store(n, Ordering::SeqCst);
                push(n)
            });
            (all, "end")
        };
        let work = move |n: u64| {
            // Every hundredth waits until the reader can get no further without it.
            while n.is_multiple_of(100) && working.load(Ordering::SeqCst) < (n + 4).min(1999) {
                thread::yield_now();
            }
            seen_most.fetch_max(working.load(Ordering::SeqCst) - n.min(working.load(Ordering::SeqCst)), Ordering::SeqCst);
            n * 2
        };
        let mut seen = Seen::default();
        assert_eq!(run(source, 4, Order::Kept, work, &mut seen).unwrap(), (true, "end"));
        assert!(seen.0.into_iter().eq((0..2000).map(|n| n * 2)));
        assert!(most.load(Ordering::SeqCst) <= 4 * WAITING as u64 + 1);
    }
}
