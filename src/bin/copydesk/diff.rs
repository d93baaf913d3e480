//! `copydesk diff`: two files of records → what changed between them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use copydesk::article;
use copydesk::config::LogConfig;
use copydesk::diff::{self, Choice, Inputs, Settings, Tally};
use copydesk::error::Error;
use copydesk::units::counted;

use crate::dedup::{is_same, name_output, tell, tell_rest};
use crate::extract::usage;
use crate::shared::Shared;
use crate::{logging, messages};

/// What changed between two files of records, by record and field
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    copydesk diff before.jsonl after.jsonl                  what a new version or another crawl made of the same pages\n  \
    copydesk diff --fields title,body a.jsonl.gz b.jsonl    headlines and texts alone\n  \
    copydesk diff --format jsonl a.jsonl b.jsonl | jq -r 'select(.fields.body.removed) | .url'\n  \
    copydesk diff --revisions articles.jsonl                what changed from one revision of an article to the next\n\n\
    Lines begin with ~ for a record that differs, - for one that only OLD has, + for one that only NEW has. Records are matched \
    by id; where an id stands in a file more than once, by id and revision. The exit code is 0 whether something differs or not.")]
pub(crate) struct DiffArgs {
    /// Records as they were: JSON Lines, plain, .gz or .zst; - for standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Records as they are
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,
    /// Compare each revision in one file, OLD, with the one before it
    #[arg(long)]
    revisions: bool,
    /// Whom the output is for
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    format: Form,
    /// Compare these fields alone, as title,body,extraction.confidence [default: all but `fetched_at`, `content_hash` and
    /// `extraction.version`]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', value_parser = field)]
    fields: Vec<String>,
    /// Leave these fields out
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', value_parser = field)]
    ignore: Vec<String>,
    /// Write to FILE; it is created when there is something to write
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Folder for temporary files [default: the system's]; they may get as large as OLD, unpacked
    #[arg(long, value_name = "DIR")]
    temporary: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// Whom the output is for.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    /// People: a line a record, and what changed in it
    Text,
    /// Programs: {"id","url","revision","fields":{…}} a record that differs; `only_in` stands in place of `fields` for others
    Jsonl,
}

/// A field of a record, or a member of one.
fn field(name: &str) -> Result<String, String> {
    let schema = article::json_schema();
    let known = schema.get("properties").and_then(|fields| fields.as_object());
    let top = name.split('.').next().unwrap_or_default();
    if known.is_some_and(|known| known.contains_key(top)) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = known.into_iter().flat_map(|known| known.keys()).map(String::as_str).collect();
    Err(format!("a record has {}", names.join(", ")))
}

/// Runs the command.
pub(crate) fn run(args: &DiffArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    let inputs = match (&args.new, args.revisions) {
        (Some(new), false) if *new == args.old && new.as_os_str() == "-" => {
            return Err(usage("standard input is named twice".to_owned(), Some("name - once")).into());
        }
        (Some(new), false) => Inputs::Two { old: args.old.clone(), new: new.clone() },
        (None, true) => Inputs::Revisions(args.old.clone()),
        (Some(_), true) => return Err(usage("--revisions looks into one file".to_owned(), Some("name one file")).into()),
        (None, false) => {
            let hint = "name OLD and NEW, or use --revisions for what changed inside one file";
            return Err(usage("there is nothing to compare with".to_owned(), Some(hint)).into());
        }
    };
    let files: Vec<PathBuf> = std::iter::once(&args.old).chain(&args.new).cloned().collect();
    if let Some(same) = files.iter().find(|input| args.output.as_deref().is_some_and(|output| is_same(input, output))) {
        let message = format!("{} is input and output", messages::shown(&same.to_string_lossy()));
        return Err(usage(message, Some("choose another file for -o")).into());
    }
    let settings = Settings {
        form: match args.format {
            Form::Text => diff::Form::Text,
            Form::Jsonl => diff::Form::Jsonl,
        },
        choice: Choice::new(args.fields.clone(), args.ignore.clone()),
        jobs: args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
        temporary: args.temporary.clone().unwrap_or_else(std::env::temp_dir),
    };
    let open = || -> copydesk::Result<Box<dyn Write>> {
        Ok(match &args.output {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|e| Error::io(path, e))?)),
            None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        })
    };
    let mut damage = vec![0; files.len()];
    let tally = diff::diff(&inputs, &settings, open, |found| tell(found, &files, &mut damage))
        .map_err(|error| name_output(error, args.output.as_deref()))?;
    tell_rest(&files, &damage);
    if !shared.quiet {
        messages::say(&told(&tally, args.revisions), None);
    }
    let records = tally.compared + tally.only_old + tally.only_new;
    Ok(ExitCode::from(u8::from(records == 0 && tally.damaged > 0)))
}

/// The summary.
fn told(tally: &Tally, revisions: bool) -> String {
    let what = if revisions { "revision" } else { "record" };
    let mut fields: Vec<(&String, &u64)> = tally.fields.iter().collect();
    fields.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let fields: Vec<String> = fields.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
    let changed = tally.compared - tally.equal;
    let mut parts = vec![format!("{} compared: {} equal, {changed} changed{fields}", counted(tally.compared, what), tally.equal)];
    for (count, side) in [(tally.only_old, "OLD"), (tally.only_new, "NEW")] {
        if count > 0 {
            parts.push(format!("{} only in {side}", counted(count, "record")));
        }
    }
    if tally.damaged > 0 {
        parts.push(format!("{} left out", counted(tally.damaged, "damaged line")));
    }
    parts.join("; ")
}
