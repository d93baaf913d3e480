//! Logs on standard error or in a file, as text or JSON.

use std::fs::File;
use std::sync::Mutex;

use anyhow::Result;
use copydesk::config::LogConfig;
use copydesk::error::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::shared::Shared;

/// Starts logging; flags beat the configuration.
pub(crate) fn start(shared: &Shared, config: &LogConfig) -> Result<()> {
    let level = match (shared.quiet, shared.verbose) {
        (true, _) => "error",
        (_, 0) => config.level.as_str(),
        (_, 1) => "info",
        (_, 2) => "debug",
        _ => "trace",
    };
    // The libraries below are heard of only when all is asked for.
    let filter = EnvFilter::new(if level == "trace" { level.to_owned() } else { format!("warn,copydesk={level}") });
    let json = shared.log_format.as_deref().unwrap_or(&config.format) == "json";
    if config.file.is_empty() {
        install(filter, json, std::io::stderr);
    } else {
        let file = File::options().create(true).append(true).open(&config.file).map_err(|e| Error::io(&config.file, e))?;
        install(filter, json, Mutex::new(file));
    }
    Ok(())
}

fn install<W: for<'a> MakeWriter<'a> + Send + Sync + 'static>(filter: EnvFilter, json: bool, writer: W) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_target(false).with_ansi(false);
    // A second start in one process (there is none today) would change nothing.
    let _ = if json { builder.json().try_init() } else { builder.compact().try_init() };
}
