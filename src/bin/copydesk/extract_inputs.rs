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
use url::Url;

use crate::extract::{Form, usage};
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
    let Some((scheme, rest)) = typed.split_once(':') else { return Ok(Place::File) };
    // One letter is a drive.
    let is_scheme = scheme.len() > 1 && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_scheme || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return Ok(Place::File);
    }
    if scheme.contains('.') || rest.starts_with(|c: char| c.is_ascii_digit()) {
        let hint = format!("to fetch a page, write http://{typed}");
        return Err(usage(format!("{}: neither a file nor an http address", messages::shown(typed)), Some(&messages::shown(&hint))));
    }
    match Url::parse(typed.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Place::Web(url)),
        Ok(url) => {
            let message = format!("{}: `{}:` is not a scheme that can be fetched", messages::shown(typed), url.scheme());
            Err(usage(message, Some("give an http or https address, or a file")))
        }
        Err(error) => Err(usage(format!("{}: not an address: {error}", messages::shown(typed)), Some("check the address"))),
    }
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
        let bytes = batch::read_capped(input.stream()?, self.http.max_body_bytes)?;
        Source { bytes, form: batch::Form::Html, url: self.url.clone() }.page()
    }

    fn article(&self, input: &Input) -> Result<Article> {
        if let Place::Web(url) = &input.place {
            return self.fetch(url, input.form);
        }
        let bytes = batch::read_capped(input.stream()?, self.http.max_body_bytes)?;
        let form = if input.form == Form::Text { batch::Form::Text } else { batch::Form::Html };
        Source { bytes, form, url: self.url.clone() }.article(&self.options)
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
