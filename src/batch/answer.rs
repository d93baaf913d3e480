//! The line that answers a line: a record, or what went wrong with which input.

use serde::Serialize;

use crate::article::{Article, RecordId};
use crate::error::Error;

/// An output line of `--from jsonl`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The record, under the input's id.
    Record(Box<Article>),
    /// Why there is none.
    Failure {
        /// The input's id.
        id: RecordId,
        /// The input's URL, as given.
        url: Option<String>,
        /// What went wrong.
        error: Cause,
    },
}

/// An error as it stands in a line.
#[derive(Debug, Serialize)]
pub struct Cause {
    /// Stable name.
    pub kind: &'static str,
    /// In words.
    pub message: String,
}

impl Answer {
    /// A failure of the input `id`.
    #[must_use]
    pub fn failure(id: RecordId, url: Option<String>, error: &Error) -> Self {
        Self::Failure { id, url, error: Cause { kind: error.kind(), message: error.to_string() } }
    }

    /// The answer as a line of JSON, with its line break.
    ///
    /// # Errors
    /// Never in practice: an answer has string keys only.
    pub fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}
