//! `copydesk report`: what the last runs did.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use copydesk::config::{Config, DEFAULT_PATH};
use copydesk::pipeline;
use copydesk::report::{self, Report};

use crate::crawl::write_whole;
use crate::messages;

/// Show what the last runs did: a page with plots, alarms and how complete the records of each site are
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk report -o report.html\n  copydesk report --runs 30 --json report.json -o report.html\n\n\
                        Read from the state of the configuration; nothing is fetched. The page needs no network and holds no script.")]
pub(crate) struct ReportArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// Where the page goes [default: standard output, if that is no terminal]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the same numbers to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Runs that are looked back at
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
}

/// Writes the report.
pub(crate) fn run(args: &ReportArgs) -> Result<ExitCode> {
    if args.output.is_none() && args.json.is_none() {
        messages::refuse_terminal("report.html")?;
    }
    let config = Config::load(&args.config)?;
    let runs = pipeline::history(&config, args.runs.into())?;
    let report = Report::new(&runs);
    if let Some(path) = &args.json {
        write_whole(path, &(serde_json::to_string_pretty(&report).context("the report")? + "\n"))?;
    }
    match &args.output {
        Some(path) => write_whole(path, &report::html(&report))?,
        // Who asked for the numbers, at a terminal, has them.
        None if args.json.is_some() && io::stdout().is_terminal() => {}
        None => messages::print_page(&report::html(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}
