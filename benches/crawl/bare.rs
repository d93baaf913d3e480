//! The loop to compare with: reqwest and tokio fetch, scraper parses, nothing is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fetches and parses `pages` pages, as many at a time as said.
pub(crate) fn run(base: &str, pages: usize, concurrency: usize) {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (client, next) = (reqwest::Client::builder().no_proxy().build().unwrap(), Arc::new(AtomicUsize::new(0)));
    let parsed = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..concurrency {
            let (client, next, parsed, base) = (client.clone(), Arc::clone(&next), Arc::clone(&parsed), base.to_owned());
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= pages {
                        return;
                    }
                    let text = client.get(format!("{base}/bench-story-{number}.html")).send().await.unwrap().text().await.unwrap();
                    let nodes = tokio::task::spawn_blocking(move || scraper::Html::parse_document(&text).tree.nodes().count());
                    parsed.fetch_add(usize::from(nodes.await.unwrap() > 0), Ordering::Relaxed);
                }
            });
        }
        tasks.join_all().await;
    });
    assert_eq!(parsed.load(Ordering::Relaxed), pages);
}
