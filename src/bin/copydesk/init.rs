//! `copydesk init`: looks at sites and writes a configuration that crawls them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use anyhow::Result;
use copydesk::config::LogConfig;
use copydesk::error::Error;
use copydesk::fetch::{HttpConfig, Politeness, Visitor};
use copydesk::init::{self, Site, Unread, Wishes};
use url::Url;

use crate::extract::{address, usage};
use crate::shared::Shared;
use crate::{logging, messages};

/// Look at sites and write a commented configuration that crawls them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    copydesk init https://news.example/ -o pipeline.toml\n  \
    copydesk init https://news.example/ https://other.example/politics/ > pipeline.toml\n  \
    copydesk check --config pipeline.toml && copydesk crawl --config pipeline.toml\n\n\
    A site gets about ten requests, by its robots.txt and a second or its Crawl-delay apart. Sites that can't be read are \
    named and left out; the exit code is 1 when none could be read.")]
pub(crate) struct InitArgs {
    /// Front pages or sections
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// Write to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over FILE where it exists
    #[arg(long, requires = "output")]
    force: bool,
    /// An address of a host that DNS is not asked for, as news.example=192.0.2.1; it goes into the configuration, too
    #[arg(long, value_name = "HOST=IP", value_parser = pinned)]
    resolve: Vec<(String, IpAddr)>,
}

fn pinned(text: &str) -> Result<(String, IpAddr), String> {
    let (host, address) = text.split_once('=').ok_or("write it as news.example=192.0.2.1")?;
    let address = address.parse().map_err(|_| format!("`{address}` is no IP address"))?;
    Ok((host.to_ascii_lowercase(), address))
}

/// Sites that are looked at at a time.
const AT_A_TIME: usize = 8;
/// Further attempts for a page of a site; a crawl has more patience.
const RETRIES: u32 = 1;

/// Runs the command.
pub(crate) fn run(args: &InitArgs, shared: &Shared) -> Result<ExitCode> {
    logging::start(shared, &LogConfig::default())?;
    let mut urls: Vec<Url> = Vec::new();
    for raw in &args.urls {
        let url = address("", raw)?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    if let Some(path) = args.output.as_deref().filter(|path| !args.force && path.exists()) {
        return Err(exists(path).into());
    }
    let resolve: BTreeMap<String, IpAddr> = args.resolve.iter().cloned().collect();
    let mut http = HttpConfig { resolve: resolve.clone(), retries: RETRIES, ..HttpConfig::default() };
    shared.apply(&mut http);
    let wishes = Wishes { user_agent: shared.user_agent.clone(), allow_private_addresses: shared.allow_private_addresses, resolve };
    let (sites, unread) = look(&urls, &http, shared.quiet)?;
    for (url, error) in &unread {
        messages::input_failed(url.as_str(), error);
    }
    if sites.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    write(args, &init::configuration(&sites, &unread, &wishes))?;
    if let Some(path) = args.output.as_deref().filter(|_| !shared.quiet) {
        let shown = messages::shown(&path.to_string_lossy());
        messages::say(&format!("{shown} is written. Name a contact in it, then: copydesk crawl --config {shown}"), None);
    }
    Ok(ExitCode::SUCCESS)
}

/// Looks at the sites, several at a time; each host keeps its pace whoever asks.
fn look(urls: &[Url], http: &HttpConfig, quiet: bool) -> Result<(Vec<Site>, Vec<Unread>)> {
    let visitor = Visitor::new(http, &Politeness::default())?;
    let (mut sites, mut unread) = (Vec::new(), Vec::new());
    for group in urls.chunks(AT_A_TIME) {
        let looked = thread::scope(|scope| {
            let look = |url| {
                if !quiet {
                    messages::say(&format!("looking at {url}"), None);
                }
                init::look(&visitor, url, &http.user_agent)
            };
            let threads: Vec<_> = group.iter().map(|url| scope.spawn(move || look(url))).collect();
            let ended =
                |t: thread::ScopedJoinHandle<'_, _>| t.join().unwrap_or_else(|_| Err(Error::Internal("a thread ended early".to_owned())));
            threads.into_iter().map(ended).collect::<Vec<_>>()
        });
        for (url, site) in group.iter().zip(looked) {
            match site {
                Ok(site) => sites.push(site),
                Err(error) => unread.push((url.clone(), error)),
            }
        }
    }
    Ok((sites, unread))
}

fn write(args: &InitArgs, text: &str) -> Result<()> {
    let Some(path) = &args.output else {
        io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Error::io("standard output", e))?;
        return Ok(());
    };
    if args.force {
        return Ok(fs::write(path, text).map_err(|e| Error::io(path, e))?);
    }
    // Somebody may have made it meanwhile.
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = opened.map_err(|e| if e.kind() == io::ErrorKind::AlreadyExists { exists(path) } else { Error::io(path, e) })?;
    Ok(file.write_all(text.as_bytes()).map_err(|e| Error::io(path, e))?)
}

fn exists(path: &Path) -> Error {
    usage(
        format!("{} exists already", messages::shown(&path.to_string_lossy())),
        Some("name another file, or give --force to write over it"),
    )
}
