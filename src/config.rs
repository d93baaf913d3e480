//! `pipeline.toml`: the stages' own configurations joined, checked before any request.
//!
//! In: a file. Out: [`Config`] with every path resolved against the file's folder, or an error that
//! names file, line, key and the nearest known key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::dedup::DedupConfig;
use crate::error::{Error, Result};
use crate::extract::FieldRules;
use crate::fetch::robots::agent_token;
use crate::fetch::{HttpConfig, Politeness};
use crate::frontier::db::{Place, Server};
use crate::frontier::{CrawlConfig, UrlScope};
use crate::sites::SiteRules;
use crate::write::{OutputConfig, StateConfig};

/// The file that is looked for when none is named.
pub const DEFAULT_PATH: &str = "pipeline.toml";

/// A lease that is shorter would end while it is renewed.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);
/// Characters of a worker's name.
const MAX_WORKER: usize = 64;

/// A whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[crawl]`.
    pub crawl: CrawlConfig,
    /// `[politeness]`.
    pub politeness: Politeness,
    /// `[http]`.
    pub http: HttpConfig,
    /// `[state]`.
    pub state: StateConfig,
    /// `[output]`.
    pub output: OutputConfig,
    /// `[dedup]`.
    pub dedup: DedupConfig,
    /// `[log]`.
    pub log: LogConfig,
    /// `[[site]]`.
    pub site: Vec<SiteRules>,
    /// Folder that relative paths are relative to.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Name of this worker among those that share the state; the machine's, unless `--worker-id` says another.
    #[serde(skip)]
    pub worker: String,
}

/// `[log]`: what is logged where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug` or `trace`. Default: `warn`.
    pub level: String,
    /// `text` or `json`. Default: `text`.
    pub format: String,
    /// A file; empty for standard error.
    pub file: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "warn".to_owned(), format: "text".to_owned(), file: String::new() }
    }
}

/// The name of this machine, as far as it can be part of a file's.
fn machine() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let name: String = name.chars().filter(|c| is_of_a_name(*c)).take(MAX_WORKER).collect();
    if name.is_empty() { "worker".to_owned() } else { name }
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

impl Config {
    /// Names this worker among those that share the state.
    ///
    /// # Errors
    /// [`Error::Config`] when it can't be part of a file's name.
    pub fn name_worker(&mut self, name: &str) -> Result<()> {
        if name.is_empty() || name.len() > MAX_WORKER || !name.chars().all(is_of_a_name) || name.starts_with('.') {
            let message = format!("`{name}` can't be a worker's name");
            return Err(Error::Config { message, hint: Some("use up to 64 letters, digits, dots, hyphens and _".to_owned()) });
        }
        name.clone_into(&mut self.worker);
        Ok(())
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`Error::Io`] when there is none, [`Error::Config`] when it has a mistake.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let config = Self::parse(&text, path)?;
        config.check(path)?;
        Ok(config)
    }

    /// Reads a file for its `[[site]]` rules; what a crawl needs beside them may be missing.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_for_rules(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let config = Self::parse(&text, path)?;
        complain(path, config.site_mistake())?;
        Ok(config)
    }

    /// Where the fields of single sites stand, for extraction.
    #[must_use]
    pub fn site_rules(&self) -> Arc<[FieldRules]> {
        self.site.iter().map(SiteRules::fields).filter(|rules| !rules.is_empty()).collect()
    }

    /// Reads a file's text; `path` is for messages and relative paths.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|e| mistake(text, path, &e))?;
        config.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        config.http.user_agent = config.politeness.header();
        config.worker = machine();
        Ok(config)
    }

    /// A path of the file, resolved.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        let joined = self.folder.join(path);
        std::path::absolute(&joined).unwrap_or(joined)
    }

    /// Where the state is.
    ///
    /// # Errors
    /// [`Error::Config`] when `[state] url` is no address of a server.
    pub fn state(&self) -> Result<Place> {
        if self.state.url.0.is_empty() {
            return Ok(Place::File(self.path(&self.state.path)));
        }
        Server::parse(&self.state.url.0).map(|server| Place::Server(Box::new(server))).map_err(|why| {
            let hint = Some("write postgres://user@host/database; its password may stand in PGPASSWORD".to_owned());
            Error::Config { message: format!("[state] url can't be read: {why}"), hint }
        })
    }

    /// The worker's name, where workers share a state.
    #[must_use]
    pub fn sharing_worker(&self) -> Option<&str> {
        (!self.state.url.0.is_empty()).then_some(self.worker.as_str())
    }

    /// The path of an output: with `{worker}` in it, or where workers share a state, each worker has its own.
    #[must_use]
    pub fn output_path(&self, template: &str) -> PathBuf {
        if template.contains("{worker}") {
            return self.path(&template.replace("{worker}", &self.worker));
        }
        let path = self.path(template);
        let Some(worker) = self.sharing_worker() else { return path };
        let part = |part: Option<&std::ffi::OsStr>| part.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
        let (stem, extension) = (part(path.file_stem()), part(path.extension()));
        let dot = if extension.is_empty() { "" } else { "." };
        path.with_file_name(format!("{stem}-{worker}{dot}{extension}"))
    }

    /// Whether nobody is named whom a site could write to.
    #[must_use]
    pub fn lacks_contact(&self) -> bool {
        self.politeness.contact.trim().is_empty()
            && !self.politeness.user_agent.contains("://")
            && !self.politeness.user_agent.contains('@')
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self, path: &Path) -> Result<()> {
        complain(path, self.first_mistake())
    }

    fn first_mistake(&self) -> Option<(String, String)> {
        let crawl = &self.crawl;
        let mut starts = [("seeds", &crawl.seeds), ("sitemaps", &crawl.sitemaps), ("feeds", &crawl.feeds)]
            .into_iter()
            .flat_map(|(key, urls)| urls.iter().map(move |url| (key, url)))
            .peekable();
        if starts.peek().is_none() {
            return Some(said("[crawl] has nothing to begin with", "name a page in seeds, or a sitemap or feed"));
        }
        if let Some(host) =
            crawl.allow_hosts.iter().find(|h| h.is_empty() || h.contains(['/', ':', ' ']) || h.trim_start_matches("*.").contains('*'))
        {
            return Some(said(
                format!("[crawl] allow_hosts: `{host}` is no host name"),
                "write it as \"news.example\" or \"*.news.example\"",
            ));
        }
        let scope = UrlScope::new(crawl);
        if let Some((key, url)) = starts.find(|(_, url)| scope.refuses_host(url).is_some()) {
            let hint = format!("add \"{}\" to allow_hosts, or take the address out of {key}", url.host_str().unwrap_or_default());
            return Some((format!("[crawl] {key}: the host of {url} is not in allow_hosts, so it could not be fetched"), hint));
        }
        let politeness = &self.politeness;
        if agent_token(&politeness.user_agent).is_empty() {
            return Some(said("[politeness] user_agent has no product name", "begin it with a name of letters, as \"mybot/1.0\""));
        }
        if politeness.per_host_concurrency == 0 || politeness.global_concurrency == 0 {
            return Some(said("[politeness] a concurrency of 0 lets nothing through", "use 1 or more"));
        }
        if !(politeness.global_rate.is_finite() && politeness.global_rate >= 0.0) {
            return Some(said("[politeness] global_rate is no rate", "use requests a second, or 0 for no limit"));
        }
        if !(0.0..=1.0).contains(&self.dedup.similarity) {
            return Some(said(format!("[dedup] similarity = {} is not between 0 and 1", self.dedup.similarity), "0.8 is usual"));
        }
        if self.output.path.is_empty() || self.state.path.is_empty() {
            return Some(said("[output] path and [state] path can't be empty", "name files"));
        }
        if self.state.lease < SHORTEST_LEASE {
            return Some(said("[state] lease is too short to be renewed in time", "use 1s or more; 1m is usual"));
        }
        if let Err(Error::Config { message, hint }) = self.state() {
            return Some((message, hint.unwrap_or_default()));
        }
        self.log_mistake().or_else(|| self.site_mistake())
    }

    fn site_mistake(&self) -> Option<(String, String)> {
        self.site.iter().find_map(SiteRules::mistake).map(|(message, hint)| said(message, hint))
    }

    fn log_mistake(&self) -> Option<(String, String)> {
        if !["error", "warn", "info", "debug", "trace"].contains(&self.log.level.as_str()) {
            return Some(said(format!("[log] level = \"{}\" is not known", self.log.level), "use error, warn, info, debug or trace"));
        }
        (!["text", "json"].contains(&self.log.format.as_str()))
            .then(|| said(format!("[log] format = \"{}\" is not known", self.log.format), "use text or json"))
    }
}

/// A mistake and what to do about it.
fn said(message: impl Into<String>, hint: &str) -> (String, String) {
    (message.into(), hint.to_owned())
}

fn complain(path: &Path, mistake: Option<(String, String)>) -> Result<()> {
    match mistake {
        None => Ok(()),
        Some((message, hint)) => Err(Error::Config { message: format!("{}: {message}", path.display()), hint: Some(hint) }),
    }
}

/// A mistake as toml found it, with file, line and the nearest known key.
fn mistake(text: &str, path: &Path, error: &toml::de::Error) -> Error {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = line.map_or_else(|| path.display().to_string(), |line| format!("{}:{line}", path.display()));
    let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
    if let (true, Some((unknown, known))) = (error.message().starts_with("unknown field"), quoted.split_first()) {
        let table = line.and_then(|line| text.lines().take(line).filter(|l| l.trim_start().starts_with('[')).last()).unwrap_or("").trim();
        let within = if table.is_empty() || table.contains(unknown) { String::new() } else { format!(" in {table}") };
        let hint = nearest(unknown, known).map(|key| format!("did you mean `{key}`?"));
        let hint = hint.unwrap_or_else(|| format!("known are {}", known.join(", ")));
        return Error::Config { message: format!("{place}: `{unknown}` is not a known key{within}"), hint: Some(hint) };
    }
    let message = in_words(error.message().lines().next().unwrap_or("it can't be read"));
    let key = line.and_then(|line| key_of(text.lines().nth(line - 1)?)).map_or_else(String::new, |key| format!("{key}: "));
    // Readers of single values say what to write instead.
    let (message, hint) = match message.split_once("; write ") {
        Some((message, remedy)) => (message.to_owned(), format!("write {remedy}")),
        None => (message, "the shipped pipeline.toml shows the form of every key".to_owned()),
    };
    Error::Config { message: format!("{place}: {key}{message}"), hint: Some(hint) }
}

/// Names of Rust's types in serde's messages, in the words of someone who writes TOML.
fn in_words(message: &str) -> String {
    if let Some((value, known)) = message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, expected one of ")) {
        return format!("`{value}` is not known; write {}", known.replace('`', "\"").replace(", ", " or "));
    }
    match message.rsplit_once("expected ") {
        Some((before, "u16" | "u32" | "u64" | "usize")) => format!("{before}expected a whole number"),
        Some((before, "f64")) => format!("{before}expected a number"),
        Some((before, "a string")) => format!("{before}expected a text in quotes"),
        Some((before, "a sequence")) => format!("{before}expected a list, as [\"…\"]"),
        Some((before, "a boolean")) => format!("{before}expected true or false"),
        _ => message.to_owned(),
    }
}

/// The key that a line gives a value to.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim().trim_matches('"');
    (!key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))).then_some(key)
}

/// The known key that a misspelt one is nearest to.
fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().min_by_key(|key| distance(unknown, key))?;
    (distance(unknown, best) <= 1 + unknown.len() / 3).then_some(*best)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = if x == *y { diagonal } else { diagonal + 1 };
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake_of(text: &str) -> (String, String) {
        let path = Path::new("pipeline.toml");
        let error = Config::parse(text, path).and_then(|c| c.check(path)).unwrap_err();
        (error.to_string(), error.hint().unwrap_or_default())
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let (message, hint) = mistake_of("[crawl]\nseeds = []\n\n[politeness]\nper_host_dealy = \"1s\"\n");
        assert_eq!(message, "pipeline.toml:5: `per_host_dealy` is not a known key in [politeness]");
        assert_eq!(hint, "did you mean `per_host_delay`?");
        let (message, hint) = mistake_of("[crwal]\n");
        assert_eq!((message.as_str(), hint.as_str()), ("pipeline.toml:1: `crwal` is not a known key", "did you mean `crawl`?"));
    }

    #[test]
    fn wrong_values_name_their_line() {
        let (message, _) = mistake_of("[http]\n\ntimeout = \"soon\"\n");
        assert_eq!(message, "pipeline.toml:3: timeout: `soon` is no duration");
        let (message, hint) = mistake_of("[http]\ntimeout = 5\n");
        assert_eq!(message, "pipeline.toml:2: timeout: a duration has a unit");
        assert!(hint.starts_with("write it in quotes, as \"250ms\""), "{hint}");
        let (message, hint) = mistake_of("[crawl]\nseeds = [\"news.example\"]\n");
        assert_eq!(message, "pipeline.toml:2: seeds: `news.example` has no http:// or https://");
        assert_eq!(hint, "write https://news.example");
        let (message, hint) = mistake_of("[http.resolve]\n\"news.example\" = \"10.0.0.0/8\"\n");
        assert_eq!(message, "pipeline.toml:2: news.example: `10.0.0.0/8` is no IP address");
        assert_eq!(hint, "write a single one, as \"192.0.2.1\" or \"2001:db8::1\"");
        let (message, hint) = mistake_of("[dedup]\nnear_duplicates = \"marc\"\n");
        assert_eq!(message, "pipeline.toml:2: near_duplicates: `marc` is not known");
        assert_eq!(hint, "write \"mark\" or \"drop\" or \"off\"");
        for css in ["h1 >", "h1:foo", "h1[x=]", "p::before, {"] {
            let (message, hint) = mistake_of(&format!("[[site]]\nhost = \"a.example\"\ntitle = \"{css}\"\n"));
            assert_eq!(message, format!("pipeline.toml:3: title: `{css}` is no CSS selector"));
            assert!(hint.contains("h1.headline"), "{hint}");
        }
        let (message, hint) = mistake_of("[crawl]\nmax_pages = \"3\"\n");
        assert_eq!(message, "pipeline.toml:2: max_pages: invalid type: string \"3\", expected a whole number");
        assert!(hint.contains("pipeline.toml"), "{hint}");
    }

    #[test]
    fn what_types_cannot_check() {
        for (text, part) in [
            ("", "nothing to begin with"),
            ("[crawl]\nseeds = [\"ftp://news.example/\"]", "`ftp:` is not a scheme that can be fetched"),
            (
                "[crawl]\nseeds = [\"https://news.example/\"]\nfeeds = [\"https://feeds.example/all\"]\nallow_hosts = [\"news.example\"]",
                "feeds: the host of https://feeds.example/all is not in allow_hosts",
            ),
            ("[crawl]\nseeds = [\"https://news.example/\"]\nallow_hosts = [\"https://news.example\"]", "no host name"),
            ("[crawl]\nseeds = [\"https://news.example/\"]\n[politeness]\nuser_agent = \"1\"", ""),
            ("[crawl]\nseeds = [\"https://news.example/\"]\n[dedup]\nsimilarity = 2.0", "similarity"),
            (
                "[crawl]\nseeds = [\"https://news.example/\"]\n[[site]]\nhost = \"a\"\n\nbody = \"h1 >\"",
                "pipeline.toml:6: body: `h1 >` is no CSS selector",
            ),
            ("[crawl]\nseeds = [\"https://news.example/\"]\n[[site]]\nbody = \"p\"", "[[site]] has no host"),
            ("[crawl]\nseeds = [\"https://news.example/\"]\n[[site]]\nhost = \"https://a.example/\"", "no host name"),
        ] {
            if !part.is_empty() {
                assert!(mistake_of(text).0.contains(part), "{text}");
            }
        }
    }
}
