//! Pages that are all at hand → their results, in their order, over threads that live as long as the call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::batch::flow::WORKER_STACK_BYTES;
use crate::error::{Error, Result};

/// Does `work` for each number below `count` on `jobs` threads, at least one, and gives the results by number. A thread takes
/// the next number when it is done with one: a slow page holds up no others.
///
/// # Errors
/// [`Error::Io`] when there are no more threads to be had, [`Error::Internal`] when `work` panics.
pub fn each<D: Send>(count: usize, jobs: usize, work: impl Fn(usize) -> D + Sync) -> Result<Vec<D>> {
    Ok(each_while(count, jobs, work, || true)?.unwrap_or_default())
}

/// Time between two looks at whether to go on.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// As [`each`], while `goes_on` says so: it is asked now and then on the calling thread. `None` when it said no; what is
/// under way then is waited for.
///
/// # Errors
/// As [`each`].
pub fn each_while<D: Send>(
    count: usize,
    jobs: usize,
    work: impl Fn(usize) -> D + Sync,
    mut goes_on: impl FnMut() -> bool,
) -> Result<Option<Vec<D>>> {
    let next = AtomicUsize::new(0);
    let take = || {
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < count));
        numbers.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let mut stopped = false;
    let mut done = thread::scope(|scope| {
        // Nothing is sent: it closes when the last thread is done.
        let (open, closed) = sync_channel::<()>(0);
        let spawn = |_| {
            let (take, open) = (&take, open.clone());
            let body = move || (take(), drop(open)).0;
            thread::Builder::new().stack_size(WORKER_STACK_BYTES).spawn_scoped(scope, body).map_err(|e| Error::io("a thread", e))
        };
        let threads = (0..jobs.clamp(1, count.max(1))).map(spawn).collect::<Result<Vec<_>>>()?;
        drop(open);
        while closed.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            if !goes_on() {
                stopped = true;
                next.store(count, Ordering::Relaxed);
                break;
            }
        }
        let mut done = Vec::with_capacity(count);
        for thread in threads {
            done.extend(thread.join().map_err(|_| Error::Internal("a thread ended early".to_owned()))?);
        }
        Ok::<_, Error>(done)
    })?;
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok((!stopped).then(|| done.into_iter().map(|(_, result)| result).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_once_in_order_whatever_the_threads() {
        for jobs in [0, 1, 3, 64] {
            assert!(each(500, jobs, |n| n * 2).unwrap().into_iter().eq((0..500).map(|n| n * 2)), "{jobs}");
        }
        assert!(each(0, 4, |n| n).unwrap().is_empty());
    }

    #[test]
    fn several_threads_work_at_once() {
        let both = std::sync::Barrier::new(2);
        assert_eq!(each(2, 2, |n| (both.wait(), n).1).unwrap(), [0, 1]);
    }

    #[test]
    fn whoever_asks_ends_it() {
        let work = |_| thread::park_timeout(Duration::from_millis(5));
        let mut asked = 0;
        let goes_on = || (asked += 1, asked < 2).1;
        assert!(each_while(1 << 20, 2, work, goes_on).unwrap().is_none());
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(each(3, 2, |n| assert_ne!(n, 1)).unwrap_err().kind(), "internal");
    }
}
