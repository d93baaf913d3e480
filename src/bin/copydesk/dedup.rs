//! `copydesk dedup`: finished records → the same without what is there twice.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use copydesk::config::LogConfig;
use copydesk::dedup::{self, Damage, DedupConfig, Settings, Tally};
use copydesk::error::Error;
use copydesk::units::counted;

use crate::extract::usage;
use crate::shared::Shared;
use crate::{logging, messages};

/// Damaged lines of a file that are told one by one; the rest is counted.
const DAMAGE_SHOWN: u64 = 5;

/// Mark near-duplicate articles in files of records, and take out what a site prints with many articles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk dedup articles.jsonl -o deduplicated.jsonl\n  \
                        copydesk dedup --near-duplicates drop 2026-*.jsonl.gz > articles.jsonl\n\n\
                        The files are read several times and the disk holds what does not fit into memory, so any number \
                        of records will do. The output is in the order of the input and the same with any number of threads.")]
pub(crate) struct DedupArgs {
    /// Records as JSON Lines, plain, .gz or .zst; - for standard input
    #[arg(value_name = "FILE", required = true)]
    inputs: Vec<PathBuf>,
    /// Write to FILE; it is created when the first record is there
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What happens to near copies of an earlier article
    #[arg(long, value_enum, value_name = "WHAT", default_value = "mark")]
    near_duplicates: NearDuplicates,
    /// Jaccard similarity of word 5-grams from which two articles are near copies, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = similarity, default_value_t = DedupConfig::default().similarity)]
    similarity: f64,
    /// Take out paragraphs and captions that a host prints with many articles
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1, require_equals = true,
          action = clap::ArgAction::Set)]
    boilerplate: bool,
    /// Folder for temporary files [default: the system's]; they may get as large as the input
    #[arg(long, value_name = "DIR")]
    temporary: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// What happens to near copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum NearDuplicates {
    /// They stay, and name the earlier article
    Mark,
    /// They are left out
    Drop,
    /// Nobody looks
    Off,
}

impl From<NearDuplicates> for dedup::NearDuplicates {
    fn from(what: NearDuplicates) -> Self {
        match what {
            NearDuplicates::Mark => Self::Mark,
            NearDuplicates::Drop => Self::Drop,
            NearDuplicates::Off => Self::Off,
        }
    }
}

fn similarity(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// Runs the command.
pub(crate) fn run(args: &DedupArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    if let Some(same) = args.inputs.iter().find(|input| args.output.as_deref().is_some_and(|output| is_same(input, output))) {
        let message = format!("{} is input and output", messages::shown(&same.to_string_lossy()));
        return Err(usage(message, Some("choose another file for -o")).into());
    }
    if args.inputs.iter().filter(|input| input.as_os_str() == "-").count() > 1 {
        return Err(usage("standard input is named twice".to_owned(), Some("name - once")).into());
    }
    let config = DedupConfig { near_duplicates: args.near_duplicates.into(), similarity: args.similarity, boilerplate: args.boilerplate };
    let jobs = args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let settings = Settings { config, jobs, temporary: args.temporary.clone().unwrap_or_else(std::env::temp_dir) };
    let open = || -> copydesk::Result<Box<dyn Write>> {
        Ok(match &args.output {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|e| Error::io(path, e))?)),
            None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        })
    };
    let mut damage = vec![0; args.inputs.len()];
    let tally = dedup::deduplicate(&args.inputs, &settings, open, |found| tell(found, &args.inputs, &mut damage))
        .map_err(|error| name_output(error, args.output.as_deref()))?;
    tell_rest(&args.inputs, &damage);
    if !shared.quiet {
        messages::say(&told(&tally, args.near_duplicates), None);
    }
    Ok(ExitCode::from(u8::from(tally.records == 0 && tally.damaged > 0)))
}

/// How many lines are no records and were not told one by one.
pub(crate) fn tell_rest(inputs: &[PathBuf], damage: &[u64]) {
    for (input, count) in inputs.iter().zip(damage).filter(|(_, count)| **count > DAMAGE_SHOWN) {
        let more = counted(count - DAMAGE_SHOWN, "more damaged line");
        messages::say(&format!("error: {}: {more} left out", messages::shown(&input.to_string_lossy())), None);
    }
}

/// Says which line is no record, as long as it is one of the first of its file.
pub(crate) fn tell(found: &Damage, inputs: &[PathBuf], damage: &mut [u64]) {
    let (Some(input), Some(count)) = (inputs.get(found.input), damage.get_mut(found.input)) else { return };
    *count += 1;
    if *count <= DAMAGE_SHOWN {
        let input = messages::shown(&input.to_string_lossy());
        messages::say(&format!("error: {input}: line {}: {}; left out", found.line, messages::shown(&found.cause)), None);
    }
}

/// A failure to write names the output.
pub(crate) fn name_output(error: Error, output: Option<&Path>) -> Error {
    match error {
        Error::Io { path, source } if path.as_os_str().is_empty() => Error::io(output.unwrap_or(Path::new("standard output")), source),
        other => other,
    }
}

/// /dev/null and the like are no loss.
pub(crate) fn is_same(input: &Path, output: &Path) -> bool {
    let same = || Some(output.canonicalize().ok()? == input.canonicalize().ok()?);
    output.is_file() && same() == Some(true)
}

/// The summary.
fn told(tally: &Tally, near_duplicates: NearDuplicates) -> String {
    let mut parts = vec![counted(tally.records, "record")];
    match near_duplicates {
        NearDuplicates::Mark => parts.push(format!("{} marked", counted(tally.copies, "duplicate"))),
        NearDuplicates::Drop => parts.push(format!("{} left out", counted(tally.copies, "duplicate"))),
        NearDuplicates::Off => {}
    }
    if tally.trimmed > 0 {
        let (paragraphs, captions) = (counted(tally.paragraphs, "paragraph"), counted(tally.captions, "caption"));
        let (records, hosts) = (counted(tally.trimmed, "record"), counted(tally.hosts, "host"));
        parts.push(format!("boilerplate of {hosts} taken out of {records}: {paragraphs}, {captions}"));
    }
    if tally.damaged > 0 {
        parts.push(format!("{} left out", counted(tally.damaged, "damaged line")));
    }
    parts.join("; ")
}
