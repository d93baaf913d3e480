//! `copydesk schema`: the JSON Schema of a record.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;

/// Print the JSON Schema of a record
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {}

/// Prints it.
pub(crate) fn run(_args: &SchemaArgs) -> Result<ExitCode> {
    let schema = serde_json::to_string_pretty(&copydesk::article::json_schema())?;
    writeln!(std::io::stdout().lock(), "{schema}")?;
    Ok(ExitCode::SUCCESS)
}
