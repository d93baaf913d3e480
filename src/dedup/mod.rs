//! What is there twice? Captions inside a page.
//!
//! In: every printed caption and the body's blocks. Out: each caption once, and a body without them.

mod captions;

pub use captions::merge as merge_captions;
