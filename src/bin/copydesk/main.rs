//! The `copydesk` command: arguments, progress, messages, exit codes. Everything else is the library's.

mod robots;
mod shared;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// News pages in, clean article records out
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    shared: shared::Shared,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Robots(robots::RobotsArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Robots(args) => robots::run(args, &cli.shared),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "errors are for people")]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::from(1)
        }
    }
}
