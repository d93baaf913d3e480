//! Pages by hand: what `copydesk extract` does with files, streams and JSON Lines, without the network.
//!
//! In: bytes that a person names. Out: records, or one error for each page that gave none. Never: a
//! page that takes others down with it; a panic in one is caught.

mod answer;
mod jsonl;
mod page;

pub use answer::Answer;
pub use jsonl::{Ended, Settings, Tally, run};
pub use page::{Form, Source, read_capped};
