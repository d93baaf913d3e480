//! The shipped configuration: complete, and true where it states a default.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use copydesk::config::Config;
use copydesk::demo::{Newspaper, PORT};
use copydesk::sites::SiteRules;

/// Keys whose values differ from the default on purpose; each says so in its comment.
const OWN: [(&str, &str); 8] = [
    ("crawl", "seeds"),
    ("politeness", "contact"),
    ("politeness", "per_host_delay"),
    ("http", "allow_private_addresses"),
    ("http", "resolve"),
    ("state", "path"),
    ("output", "path"),
    ("output", "rejected"),
];

/// Every key of the contract's table.
const KEYS: [(&str, &str); 7] = [
    (
        "crawl",
        "seeds sitemaps feeds discover allow_hosts include exclude max_pages max_pages_per_host max_depth max_run_time revisit_after revisit_for max_age",
    ),
    ("politeness", "user_agent contact per_host_delay per_host_concurrency global_rate global_concurrency respect_robots max_crawl_delay"),
    ("http", "timeout connect_timeout max_body_bytes max_redirects retries proxy headers allow_private_addresses resolve"),
    ("state", "path url lease"),
    ("output", "path rejected warc"),
    ("dedup", "near_duplicates similarity boilerplate"),
    ("log", "level format file"),
];

/// The file with its switched-off keys switched on.
fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline.toml");
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    std::fs::read_to_string(path).unwrap().lines().map(on).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_is_in_it() {
    let table: toml::Table = shipped().parse().unwrap();
    for (section, keys) in KEYS {
        for key in keys.split(' ') {
            assert!(table[section].get(key).is_some(), "[{section}] {key} is missing");
        }
    }
    let site = table["site"].as_array().unwrap()[0].as_table().unwrap();
    assert_eq!(site.len(), 10, "every key of [[site]]");
}

#[test]
fn what_it_states_is_the_default() {
    let path = Path::new("pipeline.toml");
    let mut table: toml::Table = shipped().parse().unwrap();
    for (section, key) in OWN {
        table[section].as_table_mut().unwrap().remove(key).unwrap();
    }
    table.remove("site");
    let text = toml::to_string(&table).unwrap();
    let (stated, plain) = (Config::parse(&text, path).unwrap(), Config::parse("", path).unwrap());
    assert_eq!(stated, plain);
}

#[test]
fn as_shipped_it_is_valid_and_crawls_the_demo() {
    let config = Config::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline.toml")).unwrap();
    let newspaper = Newspaper::new();
    let fronts: Vec<String> = newspaper.papers().map(|p| format!("http://{}:{PORT}/", p.host)).collect();
    assert_eq!(config.crawl.seeds.iter().map(ToString::to_string).collect::<Vec<_>>(), fronts);
    let hosts: Vec<&String> = newspaper.papers().map(|p| &p.host).collect();
    assert_eq!(config.http.resolve.keys().collect::<Vec<_>>(), hosts);
    assert!(config.http.user_agent.starts_with("copydesk/") && config.http.user_agent.contains("(+"));
    assert_eq!(config.site, Vec::<SiteRules>::new());
}
