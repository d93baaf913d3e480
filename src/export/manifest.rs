//! What a data set is made of, for whoever gets it: files with counts and hashes, versions, what was asked for and left out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::article::SCHEMA;

/// A file of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name, beside the manifest.
    pub name: String,
    /// Records in it.
    pub records: u64,
    /// Its length.
    pub bytes: u64,
    /// Hash of its bytes, in hex digits.
    pub sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema: &'static str,
    version: &'static str,
    preset: &'static str,
    #[serde(rename = "where")]
    filter: Option<&'a str>,
    min_confidence: Option<f64>,
    sample: Option<f64>,
    sources: &'a [String],
    records: u64,
    left_out: &'a BTreeMap<&'static str, u64>,
    files: &'a [Part],
}

/// The manifest as JSON; nothing in it depends on when or where it was made.
pub(super) fn manifest(plan: &super::Plan, sources: &[String], summary: &super::Summary) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&Manifest {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        preset: plan.preset.name(),
        filter: plan.filter.as_ref().map(|(text, _)| text.as_str()),
        min_confidence: plan.min_confidence,
        sample: plan.sample,
        sources,
        records: summary.records,
        left_out: &summary.left_out,
        files: &summary.files,
    })?;
    text.push(b'\n');
    Ok(text)
}
