//! When did the connection stand? A request leaves only then, and delays run from there.
//!
//! A layer around reqwest's connector tells the request that waits for it: connecting happens inside
//! the request's own future, so a task-local finds the way. A request on a kept connection tells nothing.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static CONNECTED: Cell<Option<Instant>>;
}

/// Runs a request; gives the time when a connection was made for it, if one was.
pub(crate) async fn watched<F: Future>(request: F) -> (Option<Instant>, F::Output) {
    CONNECTED
        .scope(Cell::new(None), async {
            let output = request.await;
            (CONNECTED.with(Cell::get), output)
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
            let _ = CONNECTED.try_with(|at| at.set(Some(Instant::now())));
            connection
        })
    }
}
