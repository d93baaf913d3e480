//! The layering of DESIGN: a module imports only from those to its left.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

/// Left to right; modules of one entry may not import each other, leaves excepted.
const LAYERS: [&[&str]; 13] = [
    &["error", "skip", "article", "eights", "text", "units"],
    &["frontier"],
    &["fetch"],
    &["decode"],
    &["extract"],
    &["sites"],
    &["clean"],
    &["dedup"],
    &["record"],
    &["write"],
    &["config", "batch"],
    &["pipeline", "demo", "export", "diff", "init", "inspect"],
    &["report"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every `crate::module` of a source but those in its tests and comments.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let after = |line: &str| {
        line.split("crate::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    lines.flat_map(after).collect()
}

#[test]
fn modules_import_only_from_their_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let module = relative.split(['/', '.']).next().unwrap().to_owned();
        if module == "lib" || module == "bin" {
            continue;
        }
        let Some(own) = layer(&module) else {
            wrong.push(format!("{relative}: module `{module}` has no layer"));
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("use crate::{") {
            wrong.push(format!("{relative}: one `use crate::module::…;` a module"));
        }
        for import in imports(&text).into_iter().filter(|import| *import != module) {
            match layer(&import) {
                Some(other) if other < own || (other == own && own == 0) => {}
                Some(_) => wrong.push(format!("{relative} imports `{import}`, which is not to its left")),
                None => wrong.push(format!("{relative} imports `{import}`, which has no layer")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_fetch_and_pipeline_are_async() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let allowed = ["fetch", "pipeline", "demo", "bin"].iter().any(|folder| relative.starts_with(folder));
        assert!(allowed || !std::fs::read_to_string(&file).unwrap().contains("async fn"), "{relative}");
    }
}
