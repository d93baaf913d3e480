//! `copydesk demo`: the fixture newspaper, served on loopback and crawled.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use copydesk::demo::{self, Newspaper};
use copydesk::error::Error;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::shared::Shared;
use crate::{crawl, logging, messages};

/// Crawl a newspaper that is compiled in; no network needed
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder for the records
    #[arg(short, long, value_name = "DIR", default_value = "out/demo")]
    output: PathBuf,
    /// Only serve the newspaper, for trying pipeline.toml, until Ctrl-C
    #[arg(long, conflicts_with = "output")]
    serve: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs, shared: &Shared) -> Result<ExitCode> {
    let runtime = Runtime::new().context("the runtime does not start")?;
    let newspaper = Arc::new(Newspaper::new());
    if args.serve { runtime.block_on(serve(newspaper)) } else { show(args, shared, &runtime, &newspaper) }
}

async fn listen(port: u16) -> copydesk::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|e| Error::io(format!("127.0.0.1:{port}"), e))
}

async fn serve(newspaper: Arc<Newspaper>) -> Result<ExitCode> {
    let listener = listen(demo::PORT).await?;
    let address = format!("http://127.0.0.1:{}/", demo::PORT);
    messages::say(&format!("The newspaper is at {address} until Ctrl-C."), None);
    messages::say("In another terminal, where pipeline.toml is: copydesk crawl", None);
    tokio::select! {
        ended = demo::serve(listener, newspaper) => ended.context("the server ended")?,
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Two runs: the first finds everything; the second, after a paper has corrected an article, asks what has changed.
fn show(args: &DemoArgs, shared: &Shared, runtime: &Runtime, newspaper: &Arc<Newspaper>) -> Result<ExitCode> {
    demo::prepare(&args.output)?;
    let listener = runtime.block_on(listen(0))?;
    let port = listener.local_addr().context("the port of the newspaper")?.port();
    runtime.spawn(demo::serve(listener, Arc::clone(newspaper)));
    let mut config = demo::config(newspaper, port, &args.output)?;
    shared.apply(&mut config.http);
    logging::start(shared, &config.log)?;

    let first = crawl::crawl(&config, shared)?;
    newspaper.correct_an_article();
    let second = crawl::crawl(&config, shared)?;

    let (articles, rejected) = (config.path(&config.output.path), config.path(&config.output.rejected));
    let summary = demo::Summary::read(&articles, &rejected)?;
    let mut out = io::stderr().lock();
    let papers = newspaper.papers().count();
    writeln!(out, "{papers} invented papers on 127.0.0.1:{port}, crawled over HTTP by their robots.txt\n")?;
    writeln!(out, "  first run  {} requests in {:.1} s", first.requests, first.seconds)?;
    writeln!(out, "  second     {} requests in {:.1} s, {} answered “not modified”", second.requests, second.seconds, second.not_modified)?;
    out.write_all(summary.text().as_bytes())?;
    writeln!(out, "\nThe records, one line of JSON each: {}", articles.display())?;
    writeln!(out, "What was left out, and why:         {}", rejected.display())?;
    writeln!(out, "Next: copydesk extract --format markdown URL, or write your own pipeline.toml for copydesk crawl.")?;
    Ok(if summary.records() == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
