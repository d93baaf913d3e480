//! `copydesk demo`: the fixture newspaper, served on loopback and crawled.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use copydesk::demo::{self, Newspaper};
use tokio::net::TcpListener;

use crate::messages;
use crate::shared::Shared;

/// Crawl a newspaper that is compiled in; no network needed
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder for the records
    #[arg(short, long, value_name = "DIR", default_value = "out/demo")]
    output: PathBuf,
    /// Only serve the newspaper, for trying pipeline.toml, until Ctrl-C
    #[arg(long)]
    serve: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs, _shared: &Shared) -> Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime does not start")?;
    runtime.block_on(async { if args.serve { serve().await } else { Ok(ExitCode::SUCCESS) } })
}

async fn serve() -> Result<ExitCode> {
    let listener = TcpListener::bind(("127.0.0.1", demo::PORT)).await.with_context(|| format!("port {} on 127.0.0.1", demo::PORT))?;
    messages::say(&format!("The newspaper is at http://127.0.0.1:{}/ until Ctrl-C. In another terminal: copydesk crawl", demo::PORT), None);
    tokio::select! {
        ended = demo::serve(listener, Arc::new(Newspaper::new())) => ended.context("the server ended")?,
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}
