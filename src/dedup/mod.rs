//! What is there twice? Captions inside a page, articles and boilerplate across pages.
//!
//! In: every printed caption and the body's blocks; the text of an article; files of finished records. Out: each caption
//! once, and a body without them; a fingerprint by which near copies are known; the records again, copies marked or left
//! out and the sites' own texts gone. Never: the state, which `write` keeps.

pub(crate) mod boilerplate;
mod captions;
mod config;
mod facts;
pub(crate) mod files;
mod minhash;
mod near;
mod published;

pub use captions::{merge as merge_captions, merge_traced as merge_captions_traced};
pub use config::{DedupConfig, NearDuplicates};
pub use files::{Damage, Settings, Tally, deduplicate};
pub use near::Fingerprint;
pub(crate) use near::Words;
pub use published::instant;
pub(crate) use published::moment;
