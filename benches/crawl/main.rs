//! What a whole crawl costs: against a bare fetch-and-parse loop, in memory, in the state, and against
//! the rate that politeness allows. `cargo bench --bench crawl -- [pages|memory|hosts]`; all without a name.
//!
//! The pages are served by this process on loopback; copydesk and the bare loop run as processes of
//! their own, in alternation, so that processor time and memory can be read for each.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    reason = "a benchmark"
)]

mod bare;
mod measure;
mod server;
mod world;

use std::path::Path;
use std::process::Command;

use measure::{Figures, run};
use server::Server;
use world::World;

/// Requests at a time, for both.
const CONCURRENCY: usize = 16;
/// Rounds of the comparison; the median of them counts.
const ROUNDS: usize = 3;
/// Pages of the comparison.
const PAGES: usize = 600;
/// Pages of the long crawl.
const MANY_PAGES: usize = 50_000;
/// Hosts of the polite crawl, requests that each of them gets at least, and the delay in seconds.
const HOSTS: (usize, usize, u32) = (1_000, 8, 5);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bare", base, pages] => bare::run(base, pages.parse().unwrap(), CONCURRENCY),
        [] => ["pages", "memory", "hosts"].iter().for_each(|name| bench(name)),
        names => names.iter().for_each(|name| bench(name)),
    }
}

fn bench(name: &str) {
    match name {
        "pages" => pages(),
        "memory" => memory(),
        "hosts" => hosts(),
        _ => println!("no benchmark is called `{name}`: pages, memory, hosts"),
    }
}

/// Pages a second and processor time a page, beside a loop that fetches, parses and forgets.
fn pages() {
    let world = World::real(PAGES).unwrap_or_else(|| World::generated(PAGES, 200_000));
    let (count, origin) = (world.len(), world.origin);
    println!(
        "pages: {count} {origin} pages of {} KB on average, {CONCURRENCY} requests at a time, {ROUNDS} rounds",
        world.bytes() / count / 1000
    );
    let server = Server::start(world);
    let mut rounds: Vec<(Figures, Figures)> = Vec::new();
    for _ in 0..ROUNDS {
        let mut bare = Command::new(std::env::current_exe().unwrap());
        bare.args(["bare", &server.base(), &count.to_string()]);
        let bare = run(&mut bare);
        let ours = crawl(&config(&server, 0, CONCURRENCY), |_| {});
        rounds.push((bare, ours));
    }
    let rate = |figures: &Figures| count as f64 / figures.seconds;
    let cost = |figures: &Figures| figures.cpu_seconds * 1000.0 / count as f64;
    for (name, figures) in
        [("bare loop", rounds.iter().map(|r| &r.0).collect::<Vec<_>>()), ("copydesk", rounds.iter().map(|r| &r.1).collect())]
    {
        let (rate, cost) = (median(figures.iter().map(|f| rate(f))), median(figures.iter().map(|f| cost(f))));
        let peak = figures.iter().map(|f| f.peak_kib).max().unwrap_or(0) / 1024;
        println!("  {name:<10} {rate:8.1} pages/s {cost:8.2} CPU ms/page {peak:6} MiB peak");
    }
    println!("  ratio of pages a second: {:.2}", median(rounds.iter().map(|(bare, ours)| rate(ours) / rate(bare))));
}

/// Memory over a long crawl, and what a URL takes in the state.
fn memory() {
    println!("memory: {MANY_PAGES} generated pages of 5 to 60 KB");
    let server = Server::start(World::generated(MANY_PAGES, 20_000));
    let figures = crawl(&config(&server, 0, CONCURRENCY), |state| {
        let (urls, bytes) = measure::state_size(state);
        println!("  state: {urls} URLs, {:.0} bytes each (articles and their signatures apart)", bytes as f64 / urls as f64);
    });
    let half = figures.resident_kib.len() / 2;
    let later = &figures.resident_kib[half..];
    let quarter = |part: &[u64]| median(part.iter().map(|kib| *kib as f64 / 1024.0));
    println!(
        "  {:.0} pages/s; resident: peak {} MiB, third quarter {:.0} MiB, last quarter {:.0} MiB",
        MANY_PAGES as f64 / figures.seconds,
        figures.peak_kib / 1024,
        quarter(&later[..later.len() / 2]),
        quarter(&later[later.len() / 2..])
    );
}

/// The share of the rate that politeness allows, over many hosts.
fn hosts() {
    let (hosts, requests, delay) = HOSTS;
    println!("hosts: {hosts} hosts, a delay of {delay} s, pages of 20 KB");
    let server = Server::start(World::generated(requests, 20_000));
    let figures = crawl(&config(&server, delay, hosts), |_| {});
    let (kept, fewest) = measure::kept_rate(&server.log(), std::time::Duration::from_secs(delay.into()));
    println!("  {} requests in {:.1} s; at least {fewest} of every host", server.log().len(), figures.seconds);
    println!(
        "  {:.1} % of the rate that politeness allows, {:.2} CPU ms/request, {} MiB peak",
        kept * 100.0,
        figures.cpu_seconds * 1000.0 / server.log().len() as f64,
        figures.peak_kib / 1024
    );
}

/// The configuration of a crawl: `delay` in seconds over that many hosts, or one host without a delay.
fn config(server: &Server, delay: u32, many: usize) -> String {
    let names: Vec<String> = match delay {
        0 => vec!["bench.example".to_owned()],
        _ => (0..many).map(|n| format!("h{n}.example")).collect(),
    };
    let port = server.port;
    let seeds: Vec<String> = names.iter().map(|name| format!("\"http://{name}:{port}/\"")).collect();
    let resolve: Vec<String> = names.iter().map(|name| format!("\"{name}\" = \"127.0.0.1\"")).collect();
    let each = if delay == 0 { many } else { 1 };
    format!(
        "[crawl]\nseeds = [{}]\nmax_depth = 0\n[http]\nallow_private_addresses = true\n[http.resolve]\n{}\n[politeness]\ncontact = \"bench@example.invalid\"\n\
         per_host_delay = \"{delay}s\"\nper_host_concurrency = {each}\nglobal_concurrency = {}\n[log]\nlevel = \"error\"\n",
        seeds.join(", "),
        resolve.join("\n"),
        CONCURRENCY.max(if delay == 0 { 0 } else { 64 })
    )
}

/// Runs the command in a folder of its own, and shows the state to `look`.
fn crawl(config: &str, look: impl FnOnce(&Path)) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pipeline.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_copydesk"));
    command.args(["crawl", "--quiet", "--summary-json", "summary.json"]).current_dir(folder.path());
    let figures = run(&mut command);
    let summary: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.path().join("summary.json")).unwrap()).unwrap();
    println!(
        "  copydesk: {} articles, {} requests, left out {}, failed {}",
        summary["new"], summary["requests"], summary["skipped"], summary["failed"]
    );
    look(&folder.path().join("state.sqlite"));
    figures
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
