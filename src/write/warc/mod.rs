//! Exchanges → WARC (ISO 28500:2017). What did the sites answer, so that they can be read again without a new crawl?
//!
//! In: the exchanges of a page and what the page came to. Out: records, each a gzip member of its own, made
//! on the thread that judged the page ([`Packer`]); and the file that they are appended to, which grows by
//! commits as the output does ([`WarcFile`]). Never: a part of an exchange, or one whose page is not committed.

mod file;
mod http;
mod pack;
mod record;

pub use file::WarcConfig;
pub(super) use file::{Claim, WarcFile, is_warc};
pub use pack::Packer;
