//! `copydesk extract`: one-off pages, files, streams, JSON Lines and WARC → records.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use copydesk::article::{Article, PageKind};
use copydesk::batch;
use copydesk::config::{Config, LogConfig};
use copydesk::error::Error;
use copydesk::fetch::HttpConfig;
use copydesk::record::Options;
use copydesk::units;
use copydesk::write::render;
use url::Url;

use crate::extract_inputs::{Input, Reader, read_all};
use crate::shared::Shared;
use crate::{logging, messages};

/// Extract articles from URLs, files or standard input
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk extract https://news.example/2026/05/some-story\n  \
                        copydesk extract --format markdown --url https://news.example/some-story page.html\n  \
                        copydesk extract --from jsonl < pages.jsonl > articles.jsonl\n  \
                        copydesk extract CC-NEWS-20260501.warc.gz -o articles.jsonl\n\n\
                        Lines of --from jsonl are {\"id\"?, \"url\"?, \"html\"}; each gives one line, a record or an error with its id.")]
pub(crate) struct ExtractArgs {
    /// A URL, a file, or - for standard input, which is also the default
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// What files and standard input hold [default: text for .txt, jsonl for .jsonl, warc for .warc,
    /// .warc.gz and .warc.zst, else html]
    #[arg(long, value_enum, value_name = "FORM")]
    from: Option<Form>,
    /// Where files and standard input came from; links and pictures resolve against it
    #[arg(long, value_name = "BASE")]
    url: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, value_name = "FORM", default_value = "jsonl")]
    format: Format,
    /// Write to FILE; it is created when the first record is there
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A configuration whose [[site]] rules say where fields stand
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Fetch what robots.txt disallows; for sites of your own
    #[arg(long)]
    ignore_robots: bool,
    /// WARC: begin with the first record at or behind this byte of the file, as CDX indexes count. Records are written in the
    /// order of the file; one that is interrupted says where to go on
    #[arg(long, value_name = "BYTE")]
    offset: Option<u64>,
}

/// What an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// A web page
    Html,
    /// A plain-text scrape of an article page, captions repeated and all
    Text,
    /// Lines {"id"?, "url"?, "html"}; each gives one line
    Jsonl,
    /// A web archive, plain or with each record packed by gzip or zstd: its HTML pages
    Warc,
}

/// What the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One record a line
    Jsonl,
    /// Records for reading: one object, or an array of several
    Json,
    /// The article in Markdown
    Markdown,
    /// The article as plain text
    Text,
}

/// Runs the command; the exit code says whether all, some or no inputs gave a record.
pub(crate) fn run(args: &ExtractArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    let plan = Plan::new(args, shared)?;
    let done = match plan.inputs.first().map(|input| input.form) {
        Some(Form::Jsonl) => plan.jsonl(),
        Some(Form::Warc) => plan.warcs(args.offset.unwrap_or_default(), shared.quiet),
        _ => plan.pages(),
    };
    match done {
        Ok(outcome) if outcome.interrupted => Ok(ExitCode::from(INTERRUPTED)),
        Ok(outcome) => Ok(exit_code(outcome)),
        Err(error) => Err(plan.name_output(error)),
    }
}

/// Exit code of a run that a signal ended.
const INTERRUPTED: u8 = 130;

/// Reads an address that a person typed, behind this flag.
pub(crate) fn address(flag: &str, typed: &str) -> copydesk::Result<Url> {
    units::parse_address(typed).map_err(|wrong| {
        let wrong = if typed.is_empty() { wrong } else { wrong.replace(typed, &messages::shown(typed)) };
        let (cause, remedy) = wrong.rsplit_once("; write ").unwrap_or((&wrong, "https://news.example/story"));
        usage(format!("{flag}{cause}"), Some(&format!("write {remedy}")))
    })
}

/// Records and failures over all inputs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) records: u64,
    pub(crate) failures: u64,
    /// A signal ended it.
    pub(crate) interrupted: bool,
}

fn exit_code(outcome: Outcome) -> ExitCode {
    ExitCode::from(match (outcome.records, outcome.failures) {
        (0, 1..) => 1,
        (_, 0) => 0,
        _ => 3,
    })
}

/// The arguments, checked.
pub(crate) struct Plan<'a> {
    pub(crate) inputs: Vec<Input>,
    format: Format,
    output: Option<&'a Path>,
    jobs: usize,
    reader: Reader,
    quiet: bool,
}

impl<'a> Plan<'a> {
    fn new(args: &'a ExtractArgs, shared: &Shared) -> Result<Self> {
        let mut http = HttpConfig::default();
        shared.apply(&mut http);
        let url = args.url.as_deref().map(|raw| address("--url ", raw)).transpose()?;
        let typed = if args.inputs.is_empty() { vec!["-".to_owned()] } else { args.inputs.clone() };
        let inputs = typed.into_iter().map(|text| Input::new(text, args.from)).collect::<Result<Vec<_>, _>>()?;
        let form = inputs.iter().map(|input| input.form).find(|form| matches!(form, Form::Jsonl | Form::Warc));
        if let Some(form) = form
            && (inputs.iter().any(|input| input.form != form) || args.format != Format::Jsonl || url.is_some())
        {
            let hint = "give them alone, with --format jsonl; they say themselves where each page came from";
            let name = if form == Form::Warc { "WARC files" } else { "JSON Lines" };
            return Err(usage(format!("{name} do not go together with other inputs, forms or --url"), Some(hint)).into());
        }
        if args.offset.is_some() && (form != Some(Form::Warc) || inputs.len() > 1) {
            return Err(usage("--offset is for one WARC file".to_owned(), Some("give that file alone, or leave --offset out")).into());
        }
        if let Some(same) = inputs.iter().find(|i| args.output.as_ref().is_some_and(|o| i.is_file(o))) {
            return Err(usage(format!("{} is input and output", messages::shown(&same.typed)), Some("choose another file for -o")).into());
        }
        let jobs = args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
        let site_rules = args.config.as_deref().map(Config::load_for_rules).transpose()?.map(|config| config.site_rules());
        let options = Options { site_rules: site_rules.unwrap_or_default() };
        let reader = Reader { http, url, ignore_robots: args.ignore_robots, options };
        Ok(Self { inputs, format: args.format, output: args.output.as_deref(), jobs, reader, quiet: shared.quiet })
    }

    pub(crate) fn open(&self) -> copydesk::Result<Box<dyn Write>> {
        Ok(match self.output {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|e| Error::io(path, e))?)),
            None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        })
    }

    /// A failure to write names the output.
    fn name_output(&self, error: anyhow::Error) -> anyhow::Error {
        match (error.downcast::<Error>(), self.output) {
            (Ok(Error::Io { path, source }), output) if path.as_os_str().is_empty() => {
                Error::io(output.unwrap_or(Path::new("standard output")), source).into()
            }
            (Ok(other), _) => other.into(),
            (Err(other), _) => other,
        }
    }

    /// How batches run.
    pub(crate) fn settings(&self) -> batch::Settings {
        batch::Settings { jobs: self.jobs, max_body_bytes: self.reader.http.max_body_bytes, options: self.reader.options.clone() }
    }

    fn jsonl(&self) -> Result<Outcome> {
        /// A page's line is about as long.
        const BUFFER_BYTES: usize = 1 << 18;

        let mut outcome = Outcome::default();
        let settings = self.settings();
        let mut output: Option<Box<dyn Write>> = None;
        for input in &self.inputs {
            let stream = match input.stream() {
                Ok(stream) => BufReader::with_capacity(BUFFER_BYTES, stream),
                Err(error) => {
                    messages::input_failed(&input.typed, &error);
                    outcome.failures += 1;
                    continue;
                }
            };
            let ended = batch::run(stream, &settings, || match output.take() {
                Some(open) => Ok(open),
                None => self.open(),
            })?;
            let tally = ended.tally;
            output = ended.output.or(output);
            if let Some(error) = ended.reading {
                messages::input_failed(&input.typed, &error);
                outcome.failures += 1;
            }
            if tally.failures > 0 {
                let (failures, lines) = (tally.failures, tally.failures + tally.records);
                messages::say(
                    &format!("{}: {failures} of {lines} lines gave an error, see \"error\" in the output", messages::shown(&input.typed)),
                    None,
                );
            }
            outcome.records += tally.records;
            outcome.failures += tally.failures;
        }
        Ok(outcome)
    }

    fn pages(&self) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut output: Option<Box<dyn Write>> = None;
        let array = self.format == Format::Json && self.inputs.len() > 1;
        read_all(&self.inputs, &self.reader, self.jobs, |input, article| {
            match article {
                Ok(article) => {
                    let mut open = match output.take() {
                        Some(open) => open,
                        None => self.open()?,
                    };
                    self.write(&mut open, &article, outcome.records == 0, array).map_err(|e| Error::io("", e))?;
                    output = Some(open);
                    outcome.records += 1;
                    if !self.quiet {
                        doubt(&input.typed, &article);
                    }
                }
                Err(error) => {
                    messages::input_failed(&input.typed, &error);
                    outcome.failures += 1;
                }
            }
            Ok(())
        })?;
        if let Some(mut open) = output {
            let end = if array { open.write_all(b"\n]\n") } else { Ok(()) };
            end.and_then(|()| open.flush()).map_err(|e| Error::io("", e))?;
        }
        Ok(outcome)
    }

    fn write(&self, out: &mut dyn Write, article: &Article, first: bool, array: bool) -> io::Result<()> {
        match self.format {
            Format::Jsonl => {
                serde_json::to_writer(&mut *out, article)?;
                out.write_all(b"\n")?;
            }
            Format::Json => {
                if array {
                    out.write_all(if first { b"[\n" } else { b",\n" })?;
                }
                serde_json::to_writer_pretty(&mut *out, article)?;
                if !array {
                    out.write_all(b"\n")?;
                }
            }
            Format::Markdown | Format::Text => {
                if !first {
                    out.write_all(b"\n---\n\n")?;
                }
                let text = if self.format == Format::Markdown { render::markdown(article) } else { render::text(article) };
                out.write_all(text.as_bytes())?;
            }
        }
        // Each record is seen at once: the next page may take its time.
        out.flush()
    }
}

/// Confidence below which a record is worth a look.
const DOUBTFUL: f64 = 0.3;

/// Says so when a page seems to be no article, or its text may be the wrong one.
fn doubt(typed: &str, article: &Article) {
    let (typed, kind, confidence) = (messages::shown(typed), article.extraction.page_kind, article.extraction.confidence);
    let what = match kind {
        PageKind::Index => "this looks like a front page or a list, not an article",
        kind if !kind.is_article() => "this does not look like an article",
        _ if confidence < DOUBTFUL => "the text may not be the article's",
        _ => return,
    };
    let hint = format!("copydesk inspect {typed} -o page.html shows what was kept and why");
    messages::say(&format!("note: {typed}: {what} (confidence {confidence:.2})"), Some(&hint));
}

/// A usage error: exit code 2.
pub(crate) fn usage(message: String, hint: Option<&str>) -> Error {
    Error::Config { message, hint: hint.map(str::to_owned) }
}
