//! The commands and what they are called with.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::shared::Shared;
use crate::{check, completions, crawl, dedup, demo, diff, export, extract, init, inspect, man, report, robots, schema};

/// News pages in, clean article records out
#[derive(Debug, Parser)]
#[command(name = "copydesk", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done; 1 nothing came of it; 2 usage or configuration; 3 extract: some inputs failed;\n\
                        4 crawl --fail-on-alarm: a site's fields or yield fell; 75 another run holds the state; 130 interrupted, state saved.")]
pub(crate) struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Crawl(crawl::CrawlArgs),
    Extract(extract::ExtractArgs),
    Inspect(inspect::InspectArgs),
    Dedup(dedup::DedupArgs),
    Export(export::ExportArgs),
    Diff(diff::DiffArgs),
    Report(report::ReportArgs),
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Robots(robots::RobotsArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Cli {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match &self.command {
            Command::Demo(args) => demo::run(args, &self.shared),
            Command::Crawl(args) => crawl::run(args, &self.shared),
            Command::Init(args) => init::run(args, &self.shared),
            Command::Check(args) => check::run(args, &self.shared),
            Command::Extract(args) => extract::run(args, &self.shared),
            Command::Inspect(args) => inspect::run(args, &self.shared),
            Command::Dedup(args) => dedup::run(args, &self.shared),
            Command::Export(args) => export::run(args, &self.shared),
            Command::Diff(args) => diff::run(args, &self.shared),
            Command::Report(args) => report::run(args),
            Command::Robots(args) => robots::run(args, &self.shared),
            Command::Schema(args) => schema::run(args),
            Command::Completions(args) => completions::run(args),
            Command::Man(args) => man::run(args),
        }
    }
}
