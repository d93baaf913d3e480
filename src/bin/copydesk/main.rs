//! The `copydesk` command: arguments, progress, messages, exit codes. Everything else is the library's.

mod check;
mod check_site;
mod cli;
mod completions;
mod crawl;
mod dedup;
mod demo;
mod diff;
mod export;
mod extract;
mod extract_inputs;
mod extract_warc;
mod init;
mod inspect;
mod logging;
mod man;
mod messages;
mod progress;
mod report;
mod robots;
mod schema;
mod shared;
mod summary;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => messages::fail(&error),
    }
}
