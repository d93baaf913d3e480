//! Records → output.

pub mod render;
