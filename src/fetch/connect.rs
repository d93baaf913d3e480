//! When did a request leave? Not before its connection stood, if it may leave still; and not long after that, unless this
//! machine is too busy, or this process was halted, to send what it was told to. Delays run from there.
//!
//! A layer around reqwest's connector tells the request that waits for it: connecting happens inside
//! the request's own future, so a task-local finds the way. A request on a kept connection tells nothing.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use tower_layer::Layer;
use tower_service::Service;

/// A request that may have to connect.
struct Watched {
    may: Box<dyn Fn() -> bool + Send>,
    connected: Cell<Option<Instant>>,
    is_refused: Cell<bool>,
}

tokio::task_local! {
    static WATCHED: Watched;
}

/// A request's answer, and when it left.
#[derive(Debug)]
pub(crate) struct Sent<T> {
    /// Not before this: the connection stood, or the request was begun.
    pub from: Instant,
    /// Not after this.
    pub by: Instant,
    pub output: T,
}

/// A timer that is later than this tells of a busy machine or a halted process.
const LATE: Duration = Duration::from_millis(10);

/// Runs a request. `may` is asked when a connection stands that was made for it: `None` where it says no, and the request
/// has not left. One that could have left counts as gone once this process has run for `unsure` without a hitch, or the
/// answer begins.
pub(crate) async fn watched<F: Future>(request: F, may: Box<dyn Fn() -> bool + Send>, unsure: Duration) -> Option<Sent<F::Output>> {
    let started = Instant::now();
    let watched = Watched { may, connected: Cell::new(None), is_refused: Cell::new(false) };
    WATCHED
        .scope(watched, async {
            let (mut request, mut timer, mut gone) = (pin!(request), pin!(sleep_until(started + unsure)), None);
            poll_fn(|context| {
                let output = request.as_mut().poll(context);
                let (from, is_refused) = WATCHED.with(|watched| (watched.connected.get().unwrap_or(started), watched.is_refused.get()));
                gone = gone.filter(|by| *by >= from);
                match output {
                    Poll::Ready(output) => Poll::Ready(Some(Sent { from, by: gone.unwrap_or_else(Instant::now), output })),
                    Poll::Pending if is_refused => Poll::Ready(None),
                    Poll::Pending => {
                        if gone.is_none() {
                            gone = without_hitch(timer.as_mut(), from, unsure, context);
                        }
                        Poll::Pending
                    }
                }
            })
            .await
        })
        .await
}

/// When this process had run for `unsure` without a hitch, some time after `from`; `None` while it has not.
fn without_hitch(mut timer: Pin<&mut Sleep>, from: Instant, unsure: Duration, context: &mut Context<'_>) -> Option<Instant> {
    if timer.deadline() < from + unsure {
        timer.as_mut().reset(from + unsure);
    }
    while timer.as_mut().poll(context).is_ready() {
        let now = Instant::now();
        if now <= timer.deadline() + LATE {
            return Some(now);
        }
        timer.as_mut().reset(now + unsure);
    }
    None
}

/// The layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectLayer;

impl<S> Layer<S> for ConnectLayer {
    type Service = Connector<S>;

    fn layer(&self, inner: S) -> Connector<S> {
        Connector { inner }
    }
}

/// A connector that notes when it is done.
#[derive(Debug, Clone)]
pub(crate) struct Connector<S> {
    inner: S,
}

impl<S, R> Service<R> for Connector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await;
            // Outside a watched request (a connection kept for later) there is nobody to tell.
            let is_refused = WATCHED.try_with(|watched| {
                watched.connected.set(Some(Instant::now()));
                watched.is_refused.set(!(watched.may)());
                watched.is_refused.get()
            });
            if is_refused.unwrap_or(false) {
                drop(connection);
                // Whoever watches ends it.
                return std::future::pending().await;
            }
            connection
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Connects at once.
    struct Line;

    impl Service<()> for Line {
        type Response = ();
        type Error = ();
        type Future = std::future::Ready<Result<(), ()>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            std::future::ready(Ok(()))
        }
    }

    const UNSURE: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn what_may_leave_no_more_when_the_connection_stands_does_not() {
        let mut connector = ConnectLayer.layer(Line);
        assert!(watched(connector.call(()), Box::new(|| false), UNSURE).await.is_none());
        let begun = Instant::now();
        let sent = watched(connector.call(()), Box::new(|| true), UNSURE).await.unwrap();
        assert!(begun <= sent.from && sent.from <= sent.by && sent.output.is_ok());
        // On a connection that was kept, nobody is asked.
        assert!(watched(async {}, Box::new(|| false), UNSURE).await.is_some());
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a process that is halted")]
    async fn a_request_that_was_held_up_left_no_earlier_than_that() {
        let (held_up, mut is_first) = (Duration::from_millis(150), true);
        let mut answer = pin!(tokio::time::sleep(held_up + UNSURE * 3));
        let request = poll_fn(|context| {
            if std::mem::take(&mut is_first) {
                std::thread::sleep(held_up);
            }
            answer.as_mut().poll(context)
        });
        let sent = watched(request, Box::new(|| true), UNSURE).await.unwrap();
        assert!(sent.by - sent.from >= held_up + UNSURE, "{sent:?}");
    }
}
