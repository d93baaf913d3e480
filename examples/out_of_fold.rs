//! Records out of fold: `out_of_fold PAGES.jsonl OOF.jsonl` reads each page with the probabilities of models
//! that saw no page of its domain and writes records for `score.py --pred`. See `train/README.md`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};

use copydesk::decode::Page;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(pages), Some(scores)) = (files.next(), files.next()) else { return Err("usage: out_of_fold PAGES.jsonl OOF.jsonl".into()) };
    let mut rows: HashMap<String, Vec<[f32; 3]>> = HashMap::new();
    for line in BufReader::new(std::fs::File::open(scores)?).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let column = |name: &str| -> Result<Vec<f32>, serde_json::Error> { serde_json::from_value(row[name].clone()) };
        let (body, caption, standfirst) = (column("body")?, column("caption")?, column("standfirst")?);
        let zipped = body.into_iter().zip(caption).zip(standfirst).map(|((b, c), s)| [b, c, s]).collect();
        rows.insert(row["id"].as_str().unwrap_or_default().to_owned(), zipped);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in BufReader::new(std::fs::File::open(pages)?).lines() {
        let page: Value = serde_json::from_str(&line?)?;
        let id = page["id"].as_str().unwrap_or_default();
        let html = page["html"].as_str().unwrap_or_default().to_owned();
        let url = page["url"].as_str().and_then(copydesk::record::usable_url);
        let empty = Vec::new();
        let record = copydesk::record::read_scored(&Page { url, html, ..Page::default() }, rows.get(id).unwrap_or(&empty));
        let mut value = record.map_or_else(|e| json!({"error": {"kind": e.kind(), "message": e.to_string()}}), |r| json!(r));
        value["id"] = json!(id);
        writeln!(out, "{value}")?;
    }
    Ok(out.flush()?)
}
