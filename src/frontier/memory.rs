//! What the state keeps of a host from run to run.

/// A host as an earlier run left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostMemory {
    /// What the host is held under, where workers share a state.
    pub lease: i64,
    /// When the last request was about to leave, in milliseconds since 1970.
    pub last_request: Option<i64>,
    /// Until when the host asked to be left alone.
    pub hold_until: Option<i64>,
    /// Its robots.txt.
    pub robots: Option<StoredRobots>,
}

/// A robots.txt that was got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRobots {
    /// Its text; empty where the host has none.
    pub text: String,
    /// When it was got, in milliseconds since 1970.
    pub fetched_at: i64,
}
