//! Named points at which tests end the process as a kill or a power cut would, with nothing tidied up.
//!
//! `COPYDESK_FAULT=NAME:N` ends it when it comes to the point NAME for the N-th time. Only builds with debug
//! assertions have them. Of a file, `output`, `rejected` or `warc`: `FILE-half` (half of a batch is written),
//! `FILE-written` (all of it, not yet safe), `FILE-synced`; then `before-commit` and `after-commit` of the state.

/// Comes to a point.
#[cfg(debug_assertions)]
pub(super) fn point(file: &str, place: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static TIMES: AtomicU32 = AtomicU32::new(0);
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("COPYDESK_FAULT").ok()?;
        let (name, times) = text.rsplit_once(':')?;
        Some((name.to_owned(), times.parse().ok()?))
    });
    let Some((name, times)) = wanted else { return };
    if name.strip_prefix(file).and_then(|rest| rest.strip_prefix('-')) == Some(place) && TIMES.fetch_add(1, Ordering::SeqCst) + 1 == *times
    {
        std::process::abort();
    }
}

/// Comes to a point: there are none in release builds.
#[cfg(not(debug_assertions))]
pub(super) fn point(_file: &str, _place: &str) {}
