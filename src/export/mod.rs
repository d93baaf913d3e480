//! Records → a data set. What do the tools of a data team read without further ado?
//!
//! In: JSON Lines of records, plain or packed. Out: Parquet, or JSON Lines again, whole or in parts with a manifest; under our
//! own field names or those of other tools. Never: a line that costs the others, bytes that depend on the number of threads,
//! or more memory than a row group takes.

#[cfg(feature = "arrow")]
pub mod arrow;
#[cfg(feature = "parquet")]
mod columns;
mod filter;
mod input;
mod lines;
mod manifest;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod preset;
mod run;
mod sheet;
mod split;

pub use filter::Filter;
pub use input::Source;
pub use manifest::Part;
pub use preset::Preset;
pub use run::{Form, Plan, Report, Summary, run};
pub use split::Split;
