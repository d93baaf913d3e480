//! What is there twice? Captions inside a page, articles across pages.
//!
//! In: every printed caption and the body's blocks; the text of an article. Out: each caption once, and a body without
//! them; a fingerprint by which near copies are known. Never: the state, which `write` keeps.

mod captions;
mod config;
mod near;

pub use captions::merge as merge_captions;
pub use config::{DedupConfig, NearDuplicates};
pub use near::Fingerprint;
