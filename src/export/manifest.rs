//! What a data set is made of, for whoever gets it: files with counts and hashes, versions, what was asked for and left out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::article::SCHEMA;

/// A file of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name, beside the manifest.
    pub name: String,
    /// The side of the split that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<Dealt<'a>>,
    sources: &'a [String],
    records: u64,
    left_out: &'a BTreeMap<&'static str, u64>,
    files: &'a [Part],
}

/// A split by site.
#[derive(Serialize)]
struct Dealt<'a> {
    by: &'static str,
    seed: u64,
    sides: Vec<Side<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    name: &'a str,
    share: f64,
    records: u64,
    sites: u64,
}

/// The manifest as JSON; nothing in it depends on when or where it was made.
pub(super) fn manifest(plan: &super::Plan, sources: &[String], summary: &super::Summary) -> serde_json::Result<Vec<u8>> {
    let split = plan.split.as_ref().map(|split| Dealt {
        by: "registrable domain",
        seed: split.seed,
        sides: (split.sides.iter().zip(&summary.sides))
            .map(|(side, (name, records, sites))| Side { name, share: side.share, records: *records, sites: *sites })
            .collect(),
    });
    let mut text = serde_json::to_vec_pretty(&Manifest {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        preset: plan.preset.name(),
        filter: plan.filter.as_ref().map(|(text, _)| text.as_str()),
        min_confidence: plan.min_confidence,
        sample: plan.sample,
        split,
        sources,
        records: summary.records,
        left_out: &summary.left_out,
        files: &summary.files,
    })?;
    text.push(b'\n');
    Ok(text)
}
