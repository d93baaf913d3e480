//! A WARC file (ISO 28500) → the pages it holds. What did the sites answer when somebody else, or an earlier run, asked?
//!
//! In: a stream, plain or packed by record (gzip, zstd), from any tool. Out: for each `response` or `resource` record that
//! holds a page an [`Archived`], read from bytes to [`Page`](crate::decode::Page) by whoever has the time
//! ([`Archived::page`]); the rest is counted in a [`Census`]. Never: a record that is not whole, or more memory than a
//! fixed multiple of the largest page allowed.

mod head;
mod http;
mod member;
mod page;
mod raw;
mod reader;
mod record;

pub use page::{Archived, Leaf};
pub use reader::{Census, Reader};
