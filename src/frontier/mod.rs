//! Which URL next? What a crawl knows of the pages that it has seen and is still to see.
//!
//! In: seeds, sitemaps, feeds and links, and the state. Out: the URLs that are due, and the rules of
//! which belong to the crawl, when they are due again and which of them are one page. The
//! state's schema and its databases are here; the only connection that writes what was found is `write`'s.

pub mod db;
pub mod feed;
mod glob;
pub mod identity;
pub mod lease;
mod memory;
mod patience;
pub mod runs;
mod schedule;
pub mod schema;
mod scope;
mod shape;
pub mod sitemap;
mod state;

pub use glob::Glob;
pub use lease::{Entry, Lease, Leases, Part};
pub use memory::{HostMemory, StoredRobots};
pub use patience::{Hurry, Patience, outage};
pub use schedule::Schedule;
pub use scope::{CrawlConfig, DEFAULT_MAX_DEPTH, DEFAULT_REVISIT_AFTER, DEFAULT_REVISIT_FOR, UrlScope, host_matches};
pub use shape::shape;
pub use state::{Due, Frontier, Kind, StateFrontier};
