//! The `copydesk` command: arguments, progress, messages, exit codes. Everything else is the library's.

mod check;
mod crawl;
mod logging;
mod robots;
mod shared;
mod summary;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use copydesk::error::Error;

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
    Crawl(crawl::CrawlArgs),
    Check(check::CheckArgs),
    Robots(robots::RobotsArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Crawl(args) => crawl::run(args, &cli.shared),
        Command::Check(args) => check::run(args, &cli.shared),
        Command::Robots(args) => robots::run(args, &cli.shared),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is closed too.
            let _ = tell(&error);
            ExitCode::from(match error.downcast_ref::<Error>() {
                Some(Error::Config { .. }) => 2,
                Some(Error::Locked { .. }) => 75,
                _ => 1,
            })
        }
    }
}

fn tell(error: &anyhow::Error) -> std::io::Result<()> {
    let mut out = std::io::stderr().lock();
    writeln!(out, "error: {error:#}")?;
    match error.downcast_ref::<Error>().and_then(Error::hint) {
        Some(hint) => writeln!(out, "hint: {hint}"),
        None => Ok(()),
    }
}
