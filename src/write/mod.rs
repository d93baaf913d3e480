//! Clean articles → files. What is written, and what does the state know of it?
//!
//! In: visits, as the pipeline judged them. Out: lines of JSON in the output and in `rejected`, records of
//! the WARC, and the state's tables, in one commit: the files first, made safe, then the transaction that holds
//! how long they are. What no transaction knows of is cut off at the next start. Never: a request.

mod append;
mod apply;
mod boilerplate;
mod ending;
mod fault;
mod held;
mod hosts;
mod lines;
mod lock;
mod member;
mod near;
mod open;
mod outputs;
pub mod render;
mod store;
mod transact;
mod traps;
mod urls;
mod visit;
mod warc;

pub use held::{FIELDS, Held};
pub use open::StoreConfig;
pub use store::{Committed, Store};
pub use transact::Fence;
pub use visit::{Effect, Found, Outcome, Visit};
pub use warc::{Packer, WarcConfig};

use std::time::Duration;

use serde::Deserialize;

use crate::units;

/// `[state]`: where the state is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateConfig {
    /// The file; beside it stand its `.lock` and `SQLite`'s own files.
    pub path: String,
    /// A PostgreSQL server that many workers share instead of a file; empty for none.
    pub url: Secret,
    /// How long a host is a worker's that says nothing any more. Default: one minute.
    #[serde(deserialize_with = "units::duration")]
    pub lease: Duration,
}

impl Default for StateConfig {
    fn default() -> Self {
        Self { path: "state.sqlite".to_owned(), url: Secret::default(), lease: Duration::from_mins(1) }
    }
}

/// A text that is shown to nobody.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "…" })
    }
}

/// `[output]`: where the records go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutputConfig {
    /// The JSONL file; `{date}` becomes the day in UTC, `{worker}` the worker's name.
    pub path: String,
    /// JSONL of pages that gave no record; empty for none.
    pub rejected: String,
    /// Folder of WARC files; empty for none.
    pub warc: String,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self { path: "articles.jsonl".to_owned(), rejected: "rejected.jsonl".to_owned(), warc: String::new() }
    }
}
