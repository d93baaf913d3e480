//! Which URL next? What a crawl knows of the pages that it has seen and is still to see.
//!
//! In: seeds, sitemaps, feeds and links, and the state. Out: the URLs that are due, and the rules of
//! which belong to the crawl, when they are due again and which of them are one page. Reads only: the
//! state's schema is here, its only writing connection is `write`'s.

pub mod feed;
mod glob;
pub mod identity;
mod memory;
pub mod runs;
mod schedule;
pub mod schema;
mod scope;
mod shape;
pub mod sitemap;
mod state;

pub use glob::Glob;
pub use memory::{HostMemory, StoredRobots};
pub use schedule::Schedule;
pub use scope::{CrawlConfig, DEFAULT_MAX_DEPTH, DEFAULT_REVISIT_AFTER, DEFAULT_REVISIT_FOR, UrlScope, host_matches};
pub use shape::shape;
pub use state::{Due, Frontier, Kind, StateFrontier};
