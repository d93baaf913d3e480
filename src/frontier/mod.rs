//! Which URL next? What a crawl knows of the pages that it has seen and is still to see.

pub mod identity;
mod memory;

pub use memory::{HostMemory, StoredRobots};
