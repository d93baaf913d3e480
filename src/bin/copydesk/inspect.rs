//! `copydesk inspect`: one page that shows what extraction made of a page, block by block.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use copydesk::config::{Config, LogConfig};
use copydesk::error::{self, Error};
use copydesk::extract;
use copydesk::fetch::HttpConfig;
use copydesk::inspect::{self, Inspection};
use copydesk::record::{self, Options};

use crate::extract::{Form, address, usage};
use crate::extract_inputs::{Input, Reader};
use crate::shared::Shared;
use crate::{logging, messages};

/// Show, block by block, what was kept of a page, what was left out, and why
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    copydesk inspect https://news.example/story -o page.html\n  \
    copydesk inspect story.html --url https://news.example/story -o page.html\n  \
    copydesk inspect --config pipeline.toml https://news.example/story -o page.html   # which [[site]] rule matches what\n\n\
    The page stands alone and fetches nothing; open it in any browser. Nothing of the inspected page is live in it.")]
pub(crate) struct InspectArgs {
    /// A URL, a file, or - for standard input
    #[arg(value_name = "INPUT")]
    input: String,
    /// What the input holds [default: text for .txt, else html]
    #[arg(long, value_parser = ["html", "text"], value_name = "FORM")]
    from: Option<String>,
    /// Where a file or standard input came from; links and pictures resolve against it, and its host says which [[site]] rules hold
    #[arg(long, value_name = "BASE")]
    url: Option<String>,
    /// Write to FILE [default: standard output, if that is no terminal]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A configuration whose [[site]] rules say where fields stand
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Fetch what robots.txt disallows; for sites of your own
    #[arg(long)]
    ignore_robots: bool,
}

/// Runs the command.
pub(crate) fn run(args: &InspectArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    let form = args.from.as_deref().map(|from| if from == "text" { Form::Text } else { Form::Html });
    let input = Input::new(args.input.clone(), form)?;
    if matches!(input.form, Form::Jsonl | Form::Warc) {
        let message = format!("{}: inspect shows one page", messages::shown(&args.input));
        return Err(usage(message, Some("give a page; copydesk extract reads JSON Lines and WARC files")).into());
    }
    if args.output.as_ref().is_some_and(|output| input.is_file(output)) {
        return Err(usage(format!("{} is input and output", messages::shown(&args.input)), Some("choose another file for -o")).into());
    }
    if args.output.is_none() {
        messages::refuse_terminal("page.html")?;
    }
    let html = match inspect(args, &input, shared) {
        Ok(html) => html,
        Err(error @ Error::Config { .. }) => return Err(error.into()),
        Err(error) => {
            messages::input_failed(&args.input, &error);
            return Ok(ExitCode::FAILURE);
        }
    };
    match &args.output {
        Some(path) => fs::write(path, html).map_err(|e| Error::io(path, e))?,
        None => messages::print_page(&html)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn inspect(args: &InspectArgs, input: &Input, shared: &Shared) -> copydesk::Result<String> {
    let config = args.config.as_deref().map(Config::load_for_rules).transpose()?;
    let mut http = config.as_ref().map_or_else(HttpConfig::default, |config| config.http.clone());
    shared.apply(&mut http);
    let url = args.url.as_deref().map(|raw| address("--url ", raw)).transpose()?;
    let options = Options { site_rules: config.map(|config| config.site_rules()).unwrap_or_default() };
    let reader = Reader { http, url, ignore_robots: args.ignore_robots, options };
    let page = reader.page(input)?;
    error::catching(|| {
        let (article, blocks) = match input.form {
            Form::Text => record::explain_text(&page.html, page.url.as_ref()),
            _ => record::explain(&page, &reader.options),
        };
        let rules = extract::try_rules(&page, &reader.options.site_rules);
        if let Err(error) = &article {
            messages::input_failed(&args.input, error);
        }
        Ok(inspect::page(&Inspection { input: &args.input, article: article.as_ref(), blocks: &blocks, rules: rules.as_ref() }))
    })
}
