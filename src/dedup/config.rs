//! `[dedup]` of the configuration.

use serde::Deserialize;

/// `[dedup]`: what is there twice over pages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DedupConfig {
    /// What happens to a near copy of an earlier article.
    pub near_duplicates: NearDuplicates,
    /// Jaccard similarity of word 5-grams from which two articles are near copies, 0–1. Default: 0.8.
    pub similarity: f64,
    /// Whether paragraphs and captions that a host prints with many articles are taken out. Default: true.
    pub boilerplate: bool,
}

impl Default for DedupConfig {
    fn default() -> Self {
        Self { near_duplicates: NearDuplicates::Mark, similarity: 0.8, boilerplate: true }
    }
}

/// What happens to a near copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NearDuplicates {
    /// It is written, and names the earlier one in `duplicate_of`.
    Mark,
    /// It is left out.
    Drop,
    /// Nobody looks.
    Off,
}
