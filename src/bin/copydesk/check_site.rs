//! `copydesk check --site`: what each rule of `[[site]]` selects on a page, and what the record makes of it.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use copydesk::article::Article;
use copydesk::config::Config;
use copydesk::decode::Page;
use copydesk::error::{self, Error};
use copydesk::extract::{RuleTrial, try_rules};
use copydesk::record::{self, Options};
use copydesk::text;

use crate::extract::{Form, address};
use crate::extract_inputs::{Input, Reader};
use crate::messages;
use crate::shared::Shared;

/// Characters of a value that a line shows.
const MAX_SHOWN_CHARS: usize = 90;

/// Prints a table for each page; the exit code says whether every page could be read and has rules.
pub(crate) fn run(inputs: &[String], url: Option<&str>, config: &Path, shared: &Shared) -> Result<ExitCode> {
    let config = Config::load_for_rules(config)?;
    let mut http = config.http.clone();
    shared.apply(&mut http);
    let url = url.map(|raw| address("--url ", raw)).transpose()?;
    let options = Options { site_rules: config.site_rules() };
    let reader = Reader { http, url, ignore_robots: !config.politeness.respect_robots, options };
    let inputs = inputs.iter().map(|text| Input::new(text.clone(), Some(Form::Html))).collect::<Result<Vec<_>, _>>()?;
    let mut all = true;
    for input in &inputs {
        let tried = reader.page(input).and_then(|page| error::catching(|| table(&page, &reader.options)));
        match tried {
            Ok((host, rows)) => print(&input.typed, &host, &rows)?,
            Err(error) => {
                messages::input_failed(&input.typed, &error);
                all = false;
            }
        }
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A rule's key, how many elements it selects, and what comes of it.
type Row = (&'static str, usize, String);

fn table(page: &Page, options: &Options) -> error::Result<(String, Vec<Row>)> {
    let (host, trials) = try_rules(page, &options.site_rules).ok_or_else(|| no_rules(page))?;
    let article = record::read_article(page, options);
    let rows = trials.into_iter().map(|trial| (trial.key, trial.matches, outcome(&trial, article.as_ref().ok()))).collect();
    Ok((host, rows))
}

fn no_rules(page: &Page) -> Error {
    let message = match page.url.as_ref().and_then(|url| url.host_str()) {
        Some(host) => format!("no [[site]] of the configuration has selectors for {host}"),
        None => "it is not known which host the page is of".to_owned(),
    };
    Error::Config { message, hint: Some("give the page's address with --url, or a [[site]] whose host fits".to_owned()) }
}

/// What the record holds of a field; what was printed where it holds nothing.
fn outcome(trial: &RuleTrial, article: Option<&Article>) -> String {
    if trial.matches == 0 {
        return format!("{} selects nothing", trial.css);
    }
    let by_rule = |a: &&Article| a.extraction.sources.get(source_key(trial.key)).is_some_and(|s| s == "site-rule");
    let value = match (trial.key, article.filter(by_rule)) {
        ("title", Some(a)) => a.title.clone(),
        ("byline", Some(a)) => Some(a.authors.join("; ")).filter(|names| !names.is_empty()).or_else(|| a.byline.clone()),
        ("published", Some(a)) => a.published.clone(),
        ("body", Some(a)) => Some(format!("{} blocks, {} words: {}", a.blocks.len(), text::word_count(&a.body), a.body)),
        ("caption", Some(a)) => a.captions.first().map(|first| format!("{} in the record: {}", a.captions.len(), first.text)),
        ("remove", _) => return cut(&format!("left out: {}", trial.first)),
        _ => None,
    };
    cut(&value.unwrap_or_else(|| format!("nothing can be made of \"{}\"", trial.first)))
}

fn source_key(key: &str) -> &str {
    match key {
        "byline" => "authors",
        "caption" => "captions",
        other => other,
    }
}

fn cut(value: &str) -> String {
    let mut line = text::clean(value);
    if let Some((end, _)) = line.char_indices().nth(MAX_SHOWN_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

fn print(typed: &str, host: &str, rows: &[Row]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: rules of {host}", messages::shown(typed))?;
    writeln!(out, "  {:<10} {:>7}  gives", "key", "matches")?;
    for (key, matches, gives) in rows {
        writeln!(out, "  {key:<10} {matches:>7}  {gives}")?;
    }
    Ok(())
}
