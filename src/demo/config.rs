//! The configuration that crawls the newspaper.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::config::Config;
use crate::demo::Newspaper;
use crate::error::{Error, Result};

/// Names of the files that a run leaves in its folder.
const ARTICLES: &str = "articles.jsonl";
const REJECTED: &str = "rejected.jsonl";
const STATE: &str = "state.sqlite";
/// On loopback nobody minds.
const PER_HOST_DELAY: Duration = Duration::from_millis(10);

/// A crawl of all papers at `port`, into `folder`: each host resolved to loopback, articles due again at once.
///
/// # Errors
/// [`Error::Config`], in practice never: the papers' names make addresses.
pub fn config(newspaper: &Newspaper, port: u16, folder: &Path) -> Result<Config> {
    let mut config = Config { folder: folder.to_owned(), ..Config::default() };
    for paper in newspaper.papers() {
        let front = format!("http://{}:{port}/", paper.host);
        let url = Url::parse(&front).map_err(|e| Error::Config { message: format!("{front}: {e}"), hint: None })?;
        config.crawl.seeds.push(url);
        config.http.resolve.insert(paper.host.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    config.crawl.revisit_after = Duration::ZERO;
    config.http.allow_private_addresses = true;
    config.politeness.per_host_delay = PER_HOST_DELAY;
    "https://copydesk.invalid/demo".clone_into(&mut config.politeness.contact);
    config.http.user_agent = config.politeness.header();
    STATE.clone_into(&mut config.state.path);
    ARTICLES.clone_into(&mut config.output.path);
    REJECTED.clone_into(&mut config.output.rejected);
    Ok(config)
}

/// Makes the folder, and takes out what an earlier demo left there; every other file stays.
///
/// # Errors
/// [`Error::Io`].
pub fn prepare(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
    let state = ["", "-wal", "-shm"].map(|end| format!("{STATE}{end}"));
    for name in state.iter().map(String::as_str).chain([ARTICLES, REJECTED]) {
        let path = folder.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io(path, error)),
            _ => {}
        }
    }
    Ok(())
}
