//! The core treats all sites alike: no host and no publisher of the pack is named in its code. Runs where the pack stands
//! beside the checkout.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Letters of a publisher's name from which on it is no ordinary word.
const MIN_NAME: usize = 9;

fn sources(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap().to_lowercase();
            out.push((path, text));
        }
    }
}

/// Whether a text has a word that nothing of a name's letters stands beside.
fn has_word(text: &str, word: &str) -> bool {
    let beside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(beside) && !text[at + word.len()..].starts_with(|c| beside(c) || c == '('))
}

#[test]
fn no_site_of_the_pack_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pack = root.join("../shared/bench/pack");
    if !pack.is_dir() {
        println!("skipped: {} is not here", pack.display());
        return;
    }
    let mut names = BTreeSet::new();
    for set in ["fundus", "trafeval", "wcxb"] {
        for line in fs::read_to_string(pack.join(set).with_extension("jsonl")).unwrap().lines() {
            let page: Value = serde_json::from_str(line).unwrap();
            names.extend(page["domain"].as_str().filter(|domain| domain.contains('.')).map(str::to_owned));
            // fundus/de/DerStandard_2024_05_03
            let publisher = page["id"].as_str().unwrap().rsplit('/').next().unwrap().split('_').next().unwrap().to_lowercase();
            if set == "fundus" && publisher.len() >= MIN_NAME {
                names.insert(publisher);
            }
        }
    }
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let found: Vec<String> = files
        .iter()
        .flat_map(|(path, text)| {
            names.iter().filter(move |name| has_word(text, name)).map(move |name| format!("{name} in {}", path.display()))
        })
        .collect();
    println!("{} names of sites, {} files", names.len(), files.len());
    assert!(names.len() > 1000, "the pack's sites were not read");
    assert!(has_word("class == \"site.example\"", "site.example") && !has_word("mysite.example", "site.example"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
