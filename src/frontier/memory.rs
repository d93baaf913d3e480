//! What the state keeps of a host from run to run.

use crate::frontier::db::{Row, Trouble};

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

impl StoredRobots {
    /// The text and the time in a row, from a place on; a host may have none.
    pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Option<Self>, Trouble> {
        let (text, fetched_at): (Option<String>, Option<i64>) = (row.get(first)?, row.get(first + 1)?);
        Ok(text.zip(fetched_at).map(|(text, fetched_at)| Self { text, fetched_at }))
    }
}
