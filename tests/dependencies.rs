//! Where dependencies come from and under which licences they are, held against `deny.toml` without `cargo deny` or a network.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The members of the workspace.
const OWN: [&str; 2] = ["copydesk", "copydesk-python"];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(name: &str) -> toml::Table {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap().parse().unwrap()
}

/// Every locked package, of all platforms: from crates.io, with a checksum.
#[test]
fn sources() {
    let lock = read("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if OWN.contains(&name) {
            continue;
        }
        assert_eq!(package.get("source").and_then(|s| s.as_str()), Some(REGISTRY), "{name}");
        assert!(package.get("checksum").is_some(), "{name}");
    }
    println!("{} packages of crates.io", packages.len() - OWN.len());
}

/// Whether a licence expression can be met by what is allowed: all terms of one of its alternatives.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    // The innermost bracket first; its outcome takes its place.
    let mut text = expression.replace('/', " OR ");
    while let Some(close) = text.find(')') {
        let open = text[..close].rfind('(').expect("brackets are paired");
        let word = if flat(&text[open + 1..close], allowed) { "YES" } else { "NO" };
        text.replace_range(open..=close, word);
    }
    flat(&text, allowed)
}

fn flat(text: &str, allowed: &BTreeSet<&str>) -> bool {
    let holds = |term: &str| term == "YES" || allowed.contains(term);
    text.split(" OR ").any(|alternative| alternative.split(" AND ").all(|term| holds(term.trim())))
}

/// Name and version of each package that a member is built of, with its licence; or why they can't be told.
fn licensed(member: &str) -> Result<BTreeSet<String>, String> {
    let arguments = "tree --offline --locked --edges normal,build,dev --prefix none --no-dedupe --format {p}|{l} --package";
    let output =
        Command::new(env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments.split(' ')).arg(member).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout).lines().map(str::to_owned).collect()) } else { Err(text(&output.stderr)) }
}

#[test]
fn licences() {
    let deny = read("deny.toml");
    let allowed: BTreeSet<&str> = deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    assert!(is_met("(MIT OR Nothing) AND (Nothing OR Zlib)", &allowed) && !is_met("MIT AND Nothing", &allowed));
    // What the wheel needs besides is not there where only the command line was built.
    let packages = licensed("copydesk").expect("what these tests were built of is here");
    let wheel = licensed("copydesk-python").unwrap_or_else(|why| {
        println!("skipped: the wheel's packages: {why}");
        BTreeSet::new()
    });
    let packages = &packages | &wheel;
    for package in &packages {
        let (name, licence) = package.split_once('|').unwrap();
        let own = deny["licenses"]["exceptions"].as_array().unwrap().iter().filter(|own| name.split(' ').next() == own["crate"].as_str());
        let own = own.flat_map(|own| own["allow"].as_array().unwrap()).map(|l| l.as_str().unwrap());
        let allowed = allowed.iter().copied().chain(own).collect();
        assert!(is_met(licence, &allowed), "{name}: {licence:?}");
    }
    println!("{} packages under allowed licences", packages.len());
}

/// Nothing that a wildcard or a path brings in.
#[test]
fn versions() {
    let manifest = read("Cargo.toml");
    for table in ["dependencies", "dev-dependencies"] {
        for (name, value) in manifest[table].as_table().unwrap() {
            let version = value.as_str().or_else(|| value.get("version").and_then(|v| v.as_str()));
            assert!(version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit())), "{name}");
            assert!(value.get("git").is_none() && value.get("path").is_none(), "{name}");
        }
    }
}
