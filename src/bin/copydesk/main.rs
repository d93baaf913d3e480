//! The `copydesk` command: arguments, progress, messages, exit codes. Everything else is the library's.

mod cli;
mod completions;
mod demo;
mod extract;
mod extract_inputs;
mod man;
mod messages;
mod robots;
mod schema;
mod shared;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => messages::fail(&error),
    }
}
