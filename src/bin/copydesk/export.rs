//! `copydesk export`: records → Parquet, or JSON Lines in parts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use copydesk::config::LogConfig;
use copydesk::error::Error;
use copydesk::export::{self, Filter, Plan, Preset, Source, Split, Summary};
use copydesk::units::counted;

use crate::extract::usage;
use crate::shared::Shared;
use crate::{logging, messages};

/// Turn records into a data set: Parquet, or JSON Lines in parts with a manifest
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk export articles.jsonl -o articles.parquet\n  \
                        copydesk export articles.jsonl -o out.parquet --where 'language = en and words >= 200' --min-confidence 0.5")]
pub(crate) struct ExportArgs {
    /// JSON Lines of records, .gz and .zst too, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Where to; the name says what: .parquet, .jsonl, .jsonl.gz, .jsonl.zst
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Field names of another tool
    #[arg(long, value_enum, value_name = "NAME")]
    preset: Option<Names>,
    /// Only records for which this holds, as 'language = en and words >= 200'; =, !=, <, <=, >, >=, in (…), and, or, not over
    /// language, confidence, date, words, kind, access, host, site
    #[arg(long = "where", value_name = "CONDITION", value_parser = read_filter)]
    filter: Option<(String, Filter)>,
    /// Only records of at least this confidence, 0 to 1
    #[arg(long, value_name = "X", value_parser = share)]
    min_confidence: Option<f64>,
    /// Only this share of the records, 0 to 1: the same ones in every run, chosen by their id
    #[arg(long, value_name = "SHARE", value_parser = share)]
    sample: Option<f64>,
    /// Deal the sites out to sides, as train=0.8,validation=0.1,test=0.1: a file each, NAME-train.parquet and so on. A site
    /// (registrable domain) is on one side with all of its records
    #[arg(long, value_name = "NAME=SHARE,…", value_parser = Split::parse)]
    split: Option<Split>,
    /// Another number gives another split
    #[arg(long, value_name = "N", requires = "split", default_value_t = 0)]
    seed: u64,
    /// Records a file: NAME-00000.parquet and so on, and NAME.manifest.json with counts and hashes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rows_per_file: Option<u64>,
    /// Write a datasheet of the data set: sources, dates, languages, completeness, copies, rights
    #[arg(long, value_name = "FILE")]
    datasheet: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// Whose field names.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Names {
    /// text, id, and everything else as metadata
    Datatrove,
    /// title, text, domain, date, description, url and more, as news data sets have them
    Hf,
    /// headline, author and more, as schema.org names what an article has
    SchemaOrg,
}

fn read_filter(text: &str) -> Result<(String, Filter), String> {
    Filter::parse(text).map(|filter| (text.to_owned(), filter))
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "write a number from 0 to 1".to_owned())
}

/// Damaged lines that are told one by one; of further ones the number is.
const TOLD: u64 = 20;

/// Runs the command.
pub(crate) fn run(args: &ExportArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    let preset = match args.preset {
        None => Preset::Record,
        Some(Names::Datatrove) => Preset::Datatrove,
        Some(Names::Hf) => Preset::Hf,
        Some(Names::SchemaOrg) => Preset::SchemaOrg,
    };
    let plan = Plan {
        output: args.output.clone(),
        preset,
        filter: args.filter.clone(),
        min_confidence: args.min_confidence,
        sample: args.sample,
        split: args.split.clone().map(|split| split.seeded(args.seed)),
        rows_per_file: args.rows_per_file,
        sheet: args.datasheet.clone(),
        jobs: args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
    };
    plan.form()?;
    let target = args.output.canonicalize().ok();
    if let Some(file) = args.files.iter().find(|file| target.is_some() && Path::new(file).canonicalize().ok() == target) {
        return Err(usage(format!("{} is input and output", messages::shown(file)), Some("choose another file for -o")).into());
    }
    let source = |name: &String| Source { name: name.clone(), path: (name != "-").then(|| PathBuf::from(name)) };
    let mut told = 0;
    let summary = export::run(args.files.iter().map(source).collect(), &plan, &mut |name, line, error| {
        told += 1;
        if line == 0 {
            messages::input_failed(name, error);
        } else if told <= TOLD {
            messages::input_failed(&format!("{name}:{line}"), error);
        }
    })?;
    Ok(tell(&summary, shared.quiet))
}

fn tell(summary: &Summary, quiet: bool) -> ExitCode {
    if summary.damaged > TOLD {
        messages::say(&format!("{} lines are no records; the first {TOLD} were named", summary.damaged), None);
    }
    if summary.files.is_empty() {
        let empty = Error::BadInput("no record was read, nothing is written".to_owned());
        messages::say(&format!("error: {empty}"), Some("give the output of crawl, extract or dedup"));
        return ExitCode::FAILURE;
    }
    if !quiet {
        let mut line = format!("{} in {}", counted(summary.records, "record"), counted(summary.files.len() as u64, "file"));
        for (side, records, sites) in &summary.sides {
            let _ = write!(line, ", {side} {records} (of {sites} sites)");
        }
        for (why, count) in &summary.left_out {
            let _ = write!(line, ", {count} left out ({why})");
        }
        if summary.damaged > 0 {
            let _ = write!(line, ", {} damaged lines", summary.damaged);
        }
        messages::say(&line, None);
    }
    if summary.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
