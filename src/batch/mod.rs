//! Pages by hand: what `copydesk extract` does with files, streams, JSON Lines and WARC, without the network.
//!
//! In: bytes that a person names. Out: records, or one error for each page that gave none. Never: a
//! page that takes others down with it; a panic in one is caught.

mod answer;
pub(crate) mod flow;
mod jsonl;
mod many;
mod output;
mod page;
mod warc;

pub use answer::Answer;
pub use jsonl::run;
pub use many::{each, each_while};
pub use output::{Ended, Settings, Tally};
pub use page::{Form, Source, read_capped, read_page};
pub use warc::{Archive, WarcEnded, each_of_warc, run_warc};
