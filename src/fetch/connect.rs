//! When did the connection stand? A request leaves only then, if it may leave still, and delays run from there.
//!
//! A layer around reqwest's connector tells the request that waits for it: connecting happens inside
//! the request's own future, so a task-local finds the way. A request on a kept connection tells nothing.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::time::Instant;
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

/// Runs a request; gives its output and the time when a connection was made for it, if one was. `may` is asked then:
/// `None` where it says no, and the request has not left.
pub(crate) async fn watched<F: Future>(request: F, may: Box<dyn Fn() -> bool + Send>) -> Option<(Option<Instant>, F::Output)> {
    let watched = Watched { may, connected: Cell::new(None), is_refused: Cell::new(false) };
    WATCHED
        .scope(watched, async {
            let mut request = pin!(request);
            poll_fn(|context| match request.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some((WATCHED.with(|watched| watched.connected.get()), output))),
                Poll::Pending if WATCHED.with(|watched| watched.is_refused.get()) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await
        })
        .await
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

    #[tokio::test]
    async fn what_may_leave_no_more_when_the_connection_stands_does_not() {
        let mut connector = ConnectLayer.layer(Line);
        assert!(watched(connector.call(()), Box::new(|| false)).await.is_none());
        let (connected, output) = watched(connector.call(()), Box::new(|| true)).await.unwrap();
        assert!(connected.is_some() && output.is_ok());
        // On a connection that was kept, nobody is asked.
        assert!(watched(async {}, Box::new(|| false)).await.is_some_and(|(connected, ())| connected.is_none()));
    }
}
