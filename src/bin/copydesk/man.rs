//! `copydesk man`: the manual page, one for the command and one after another for its commands.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory as _;

/// Print the manual page
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {}

/// Prints it, in roff.
pub(crate) fn run(_args: &ManArgs) -> Result<ExitCode> {
    let mut page = Vec::new();
    let mut command = crate::cli::Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        clap_mangen::Man::new(sub.clone()).render(&mut page)?;
    }
    std::io::stdout().lock().write_all(&page)?;
    Ok(ExitCode::SUCCESS)
}
