//! The pages that benches read: the pack's article pages where it stands beside the checkout, else the fixtures.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use copydesk::decode::{Page, Signals};
use copydesk::record::{self, Options};

/// Pages taken of the pack at most; `PAGES=n` in the environment says otherwise.
const LIMIT: usize = 300;

/// The pages, and what they are.
pub(crate) fn load() -> (Vec<Page>, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pack = root.join("../shared/bench/pack");
    let pages = pack_pages(&pack).unwrap_or_default();
    if pages.is_empty() {
        let pages = fixtures(&root.join("fixtures"));
        return (pages, "fixtures".to_owned());
    }
    let limit = std::env::var("PAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(LIMIT).max(1);
    let step = pages.len().div_ceil(limit);
    let pages = pages.into_iter().step_by(step).filter_map(|(url, file)| page(&url, &gunzip(&file)?));
    (pages.collect(), "article pages of the pack".to_owned())
}

/// URL and file of the pack's article pages.
fn pack_pages(pack: &Path) -> Option<Vec<(String, PathBuf)>> {
    let mut out = Vec::new();
    for index in ["fundus.jsonl", "trafeval.jsonl", "wcxb.jsonl"] {
        for line in fs::read_to_string(pack.join(index)).ok()?.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).ok()?;
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            if matches!(text("page_type").as_str(), "article" | "") {
                out.push((text("url"), pack.join(text("html"))));
            }
        }
    }
    Some(out)
}

fn gunzip(file: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(file).ok()?).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn fixtures(folder: &Path) -> Vec<Page> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path().join("page.html"))).collect();
    files.sort();
    files.iter().filter_map(|file| page("https://paper.example/story", &fs::read(file).ok()?)).collect()
}

fn page(url: &str, bytes: &[u8]) -> Option<Page> {
    let html = copydesk::decode::decode(bytes, None, None).text;
    let page = Page { url: record::usable_url(url), html, signals: Signals::default() };
    record::read_article(&page, &Options::default()).is_ok().then_some(page)
}
