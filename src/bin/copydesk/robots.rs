//! `copydesk robots`: what a robots.txt says to an agent about a URL.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use copydesk::error::Error;
use copydesk::fetch::robots::{Robots, path_of};
use serde::{Deserialize, Serialize};

use crate::shared::Shared;

/// Say whether a robots.txt lets an agent fetch a URL
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk robots --agent copydesk --url https://news.example/story robots.txt\n  \
                        copydesk robots --from jsonl < cases.jsonl")]
pub(crate) struct RobotsArgs {
    /// The agent's name, or its whole User-Agent header
    #[arg(long, required_unless_present = "from")]
    agent: Option<String>,
    /// The URL (or its path) to be fetched
    #[arg(long, required_unless_present = "from")]
    url: Option<String>,
    /// The robots.txt; `-` is standard input
    #[arg(required_unless_present = "from")]
    file: Option<PathBuf>,
    /// Read lines {"id","agent","url","robots"} from FILE or standard input, write lines {"id","allowed"}
    #[arg(long, value_parser = ["jsonl"], conflicts_with_all = ["agent", "url"])]
    from: Option<String>,
}

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    agent: String,
    url: String,
    robots: String,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    allowed: bool,
}

/// Answers on standard output.
pub(crate) fn run(args: &RobotsArgs, _shared: &Shared) -> Result<ExitCode> {
    let input = read(args.file.as_ref())?;
    let mut out = io::stdout().lock();
    if args.from.is_some() {
        batch(&input, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (agent, url) = (args.agent.as_deref().unwrap_or_default(), args.url.as_deref().unwrap_or_default());
    let allowed = is_allowed(&String::from_utf8_lossy(&input), agent, url);
    writeln!(out, "{}", if allowed { "allowed" } else { "disallowed" })?;
    Ok(ExitCode::SUCCESS)
}

fn batch(input: &[u8], out: &mut impl Write) -> Result<()> {
    for (number, line) in input.lines().enumerate() {
        let line = line.context("standard input")?;
        if line.trim().is_empty() {
            continue;
        }
        let question: Question = serde_json::from_str(&line).map_err(|e| Error::BadInput(format!("line {}: {e}", number + 1)))?;
        let answer = Answer { id: question.id, allowed: is_allowed(&question.robots, &question.agent, &question.url) };
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
    }
    Ok(())
}

fn is_allowed(robots: &str, agent: &str, url: &str) -> bool {
    Robots::parse(robots, agent).forbids_path(&path_of(url)).is_none()
}

fn read(file: Option<&PathBuf>) -> Result<Vec<u8>> {
    match file {
        Some(path) if path.as_os_str() != "-" => std::fs::read(path).map_err(|e| Error::io(path, e).into()),
        _ => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
            Ok(bytes)
        }
    }
}
