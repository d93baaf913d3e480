//! What a person typed → bytes → an article.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;
use std::thread;

use copydesk::article::Article;
use copydesk::batch::{self, Source};
use copydesk::decode::{self, Page};
use copydesk::error::{self, Error, Result};
use copydesk::fetch::{self, HttpConfig};
use copydesk::record::{self, Options};
use copydesk::units;
use url::Url;

use crate::extract::{Form, address};
use crate::messages;

/// Where an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Web(Url),
    File,
    Stdin,
}

/// An input as typed.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// The words of the person.
    pub(crate) typed: String,
    /// What it holds.
    pub(crate) form: Form,
    place: Place,
}

impl Input {
    /// Tells URL, file and standard input apart.
    pub(crate) fn new(typed: String, from: Option<Form>) -> Result<Self> {
        let place = place(&typed)?;
        let by_name = || {
            let name = typed.to_ascii_lowercase();
            let ends = |endings: &[&str]| place == Place::File && endings.iter().any(|ending| name.ends_with(ending));
            if ends(&[".txt"]) {
                Form::Text
            } else if ends(&[".jsonl", ".ndjson"]) {
                Form::Jsonl
            } else if ends(&[".warc", ".warc.gz", ".warc.zst"]) {
                Form::Warc
            } else {
                Form::Html
            }
        };
        let form = from.unwrap_or_else(by_name);
        Ok(Self { typed, form, place })
    }

    /// Whether it is this file.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        let same = || Some(path.canonicalize().ok()? == Path::new(&self.typed).canonicalize().ok()?);
        // /dev/null and the like are no loss.
        self.place == Place::File && path.is_file() && same() == Some(true)
    }

    /// Its bytes, as a stream; a URL has none.
    pub(crate) fn stream(&self) -> Result<Box<dyn Read + Send>> {
        if self.place == Place::Stdin {
            if io::stdin().is_terminal() {
                messages::say("reading from the terminal; end with Ctrl-D", None);
            }
            return Ok(Box::new(io::stdin()));
        }
        Ok(Box::new(self.file()?))
    }

    /// Whether it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.place == Place::Stdin
    }

    fn file(&self) -> Result<File> {
        let file = File::open(&self.typed).map_err(|e| Error::io(&self.typed, e))?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(Error::io(&self.typed, io::ErrorKind::IsADirectory.into()));
        }
        Ok(file)
    }
}

fn place(typed: &str) -> Result<Place> {
    if typed == "-" {
        return Ok(Place::Stdin);
    }
    if Path::new(typed).exists() {
        return Ok(Place::File);
    }
    // A name with a dot may be a file's that is not there: only what ends as domains do is taken for a host.
    if units::lacks_scheme(typed.trim()) && is_like_a_host(typed.trim()) {
        return Err(match address("", typed) {
            Err(Error::Config { message, hint }) => Error::Config { message: format!("{message}, and there is no such file"), hint },
            other => return other.map(Place::Web),
        });
    }
    let Some((scheme, _)) = typed.split_once(':') else { return Ok(Place::File) };
    // One letter is a drive.
    let is_scheme = scheme.len() > 1 && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_scheme || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return Ok(Place::File);
    }
    address("", typed).map(Place::Web)
}

/// Endings of files that are domains, too.
const FILE_ENDINGS: [&str; 8] = ["md", "zip", "mov", "ps", "pl", "py", "rs", "sh"];

/// Whether what has no scheme begins with a host rather than a file's name: it has a port, a path or `www.`, or no file ends so.
fn is_like_a_host(typed: &str) -> bool {
    let authority = typed.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let ending = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    port.is_some()
        || host.starts_with("www.")
        || is_domain(&host.to_ascii_lowercase()) && (authority.len() < typed.len() || !FILE_ENDINGS.contains(&ending.as_str()))
}

/// Whether a name ends as the names of hosts do.
fn is_domain(host: &str) -> bool {
    host.ends_with(".example") || psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// How inputs are read.
pub(crate) struct Reader {
    /// Requests.
    pub(crate) http: HttpConfig,
    /// Where files came from.
    pub(crate) url: Option<Url>,
    /// Whether robots.txt is left aside.
    pub(crate) ignore_robots: bool,
    /// Extraction.
    pub(crate) options: Options,
}

impl Reader {
    /// An input as a web page.
    pub(crate) fn page(&self, input: &Input) -> Result<Page> {
        if let Place::Web(url) = &input.place {
            return decode::page_of(&fetch::fetch_once(url, &self.http, self.ignore_robots)?);
        }
        self.source(input)?.page()
    }

    fn article(&self, input: &Input) -> Result<Article> {
        if let Place::Web(url) = &input.place {
            return self.fetch(url, input.form);
        }
        self.source(input)?.article(&self.options)
    }

    fn source(&self, input: &Input) -> Result<Source> {
        let bytes = batch::read_capped(input.stream()?, self.http.max_body_bytes)?;
        let form = if input.form == Form::Text { batch::Form::Text } else { batch::Form::Html };
        if form == batch::Form::Html && input.place == Place::File {
            decode::reject_data(&bytes, &input.typed)?;
        }
        Ok(Source { bytes, form, url: self.url.clone() })
    }

    fn fetch(&self, url: &Url, form: Form) -> Result<Article> {
        let fetched = fetch::fetch_once(url, &self.http, self.ignore_robots)?;
        let page = decode::page_of(&fetched)?;
        let mut article = error::catching(|| match form {
            Form::Text => record::read_text(&page.html, page.url.as_ref(), &self.options),
            _ => record::read_article(&page, &self.options),
        })?;
        article.fetched_at = moment(fetched.fetched_at);
        Ok(article)
    }
}

/// RFC 3339, in UTC and whole seconds.
fn moment(millis: i64) -> Option<String> {
    jiff::Timestamp::from_second(millis.div_euclid(1000)).ok().map(|t| t.to_string())
}

/// Reads the inputs and hands on each in the order they were typed. Files are read `jobs` at a time; URLs one
/// after the other, so that no host gets two requests at once.
pub(crate) fn read_all(
    inputs: &[Input],
    reader: &Reader,
    jobs: usize,
    mut done: impl FnMut(&Input, Result<Article>) -> Result<()>,
) -> Result<()> {
    let parallel = inputs.iter().all(|i| i.place == Place::File);
    for group in inputs.chunks(if parallel { jobs.max(1) } else { 1 }) {
        let articles: Vec<Result<Article>> = thread::scope(|scope| {
            let threads: Vec<_> = group.iter().map(|input| scope.spawn(|| reader.article(input))).collect();
            let ended =
                |t: thread::ScopedJoinHandle<'_, _>| t.join().unwrap_or_else(|_| Err(Error::Internal("a thread ended early".to_owned())));
            threads.into_iter().map(ended).collect()
        });
        for (input, article) in group.iter().zip(articles) {
            done(input, article)?;
        }
    }
    Ok(())
}
