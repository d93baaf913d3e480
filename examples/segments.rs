//! Training data for the block model: `{"id","html"}` lines in, `{"id","segments"}` lines out; the first
//! line names the features. See `train/README.md`.

use std::io::{BufRead, Write};

use copydesk::extract::training;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{}", json!({"features": training::feature_names(), "outline": training::OUTLINE}))?;
    for line in std::io::stdin().lock().lines() {
        let page: Value = serde_json::from_str(&line?)?;
        let segments = training::page(page["html"].as_str().unwrap_or_default());
        writeln!(out, "{}", json!({"id": page["id"], "segments": segments}))?;
    }
    Ok(out.flush()?)
}
