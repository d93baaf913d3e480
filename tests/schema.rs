//! The record's shape: every fixture's record validates, keys stand in one order, no field is a constant.

#![allow(clippy::unwrap_used, reason = "a test")]

mod corpus;

use std::collections::{BTreeMap, BTreeSet};

use copydesk::article::{self, Article};
use serde_json::Value;

/// Set by a crawl only; the demo's test looks at them.
const OF_A_CRAWL: [&str; 3] = ["duplicate_of", "revision", "fetched_at"];
/// The same in every record of a version, on purpose.
const OF_A_VERSION: [&str; 2] = ["schema", "extraction.version"];

fn records() -> Vec<(String, Value)> {
    let readable = |f: &corpus::Fixture| f.read().ok().map(|article| (f.slug.clone(), serde_json::to_value(article).unwrap()));
    corpus::all().iter().filter_map(readable).collect()
}

#[test]
fn every_record_validates() {
    let schema = serde_json::to_value(article::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (slug, record) in records() {
        let errors: Vec<String> = validator.iter_errors(&record).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{slug}: {errors:#?}");
        let back: Article = serde_json::from_value(record.clone()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), record, "{slug}: reading a record back gives the same");
    }
}

#[test]
fn the_schema_refuses_what_is_no_record() {
    let schema = serde_json::to_value(article::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, record) = records().remove(0);
    let with = |key: &str, value: Option<Value>| {
        let mut changed = record.clone();
        match value {
            Some(value) => drop(changed.as_object_mut().unwrap().insert(key.to_owned(), value)),
            None => drop(changed.as_object_mut().unwrap().shift_remove(key)),
        }
        changed
    };
    assert!(validator.is_valid(&record));
    assert!(validator.is_valid(&with("id", Some(7.into()))), "an integer id of --from jsonl");
    for broken in [with("byline", None), with("more", Some(1.into())), with("schema", Some("x".into())), with("revision", Some(0.into()))] {
        assert!(!validator.is_valid(&broken));
    }
}

#[test]
fn keys_stand_in_the_order_of_the_schema() {
    let schema = serde_json::to_value(article::json_schema()).unwrap();
    let order: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    for (slug, record) in records() {
        assert_eq!(record.as_object().unwrap().keys().collect::<Vec<_>>(), order, "{slug}");
    }
}

#[test]
fn no_field_is_a_constant() {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, record) in records() {
        collect("", &record, &mut values);
    }
    let exempt = |path: &str| OF_A_CRAWL.contains(&path) || OF_A_VERSION.contains(&path);
    let constant: Vec<&String> = values.iter().filter(|(path, seen)| seen.len() < 2 && !exempt(path)).map(|(path, _)| path).collect();
    assert!(constant.is_empty(), "the same in all fixtures: {constant:?}");
}

#[test]
fn notes_of_every_kind_occur() {
    let kinds: BTreeSet<String> = records()
        .iter()
        .flat_map(|(_, r)| r["notes"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
        .collect();
    assert_eq!(kinds, ["correction", "disclaimer", "editor", "update"].map(str::to_owned).into());
}

/// Values by path; the entries of lists share one path. Sources are a map with free keys: counted as one value.
fn collect(path: &str, value: &Value, values: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(map) if path != "extraction.sources" => {
            for (key, value) in map {
                collect(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, values);
            }
        }
        // A list of objects counts by its length, and its entries share a path.
        Value::Array(list) if list.iter().all(Value::is_object) => {
            values.entry(path.to_owned()).or_default().insert(list.len().to_string());
            for value in list {
                collect(&format!("{path}[]"), value, values);
            }
        }
        _ => drop(values.entry(path.to_owned()).or_default().insert(value.to_string())),
    }
}
