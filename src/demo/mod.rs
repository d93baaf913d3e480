//! The fixture newspaper: a dozen invented papers, compiled in and served on loopback.
//!
//! In: a listener. Out: HTTP answers as real news sites give them: robots.txt, sitemap, feed, front and
//! section pages, articles in their own charsets, a redirect, dead links, 304 for what is known already.
//! The pages are those of `fixtures/`; the hosts in them get the port that serves them. Never: another
//! machine.

mod config;
mod edition;
mod frame;
mod server;
mod summary;

pub use config::{config, prepare};
pub use edition::{Answer, Newspaper, Paper};
pub use server::serve;
pub use summary::Summary;

/// Port of `copydesk demo --serve`, where the shipped `pipeline.toml` points.
pub const PORT: u16 = 8731;
