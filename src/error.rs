//! Could not: the library's one error type.
//!
//! Few variants, each one that a caller acts on differently. The message says what happened to
//! which input; [`Error::hint`] says what to do about it.

use std::path::PathBuf;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The page has neither title nor text.
    #[error("the page has neither a title nor any text")]
    NoContent,
    /// The bytes are not a page: a PDF, an image, an archive; holds what they look like.
    #[error("this is {0}, not a web page")]
    NotHtml(String),
    /// More bytes than `max_body_bytes`.
    #[error("larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// An input line or document that can't be read; holds the cause.
    #[error("{0}")]
    BadInput(String),
    /// A fault of copydesk itself, caught so that it costs one page only; holds the panic's message.
    #[error("a fault in copydesk: {0}")]
    Internal(String),
    /// Fetching failed.
    #[error("{message}")]
    Fetch {
        /// What kind of failure, a stable name as in `rejected`: `dns`, `connect`, `timeout`, `tls`, `http_status`, …
        kind: &'static str,
        /// HTTP status, where an answer came.
        status: Option<u16>,
        /// Cause in words.
        message: String,
        /// Whether trying again later may help.
        retry: bool,
    },
    /// robots.txt does not let the URL be fetched.
    #[error("robots.txt disallows it ({0})")]
    Robots(String),
    /// A mistake in a configuration or an argument; the text names file, key and line.
    #[error("{message}")]
    Config {
        /// What is wrong and where.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Another run holds the state.
    #[error("another run holds the state {}", path.display())]
    Locked {
        /// Path of the state.
        path: PathBuf,
    },
    /// The state can't be used; holds the cause.
    #[error("the state {} can't be used: {message}", path.display())]
    State {
        /// Path of the state.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file can't be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

/// Result with the library's [`Error`], where no other is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Runs the reading of one page: a panic in it becomes an error of that page.
///
/// # Errors
/// Those of `read`, and [`Error::Internal`] in place of a panic.
pub fn catching<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| payload.downcast_ref::<String>().cloned());
        Err(Error::Internal(text.unwrap_or_else(|| "no message".to_owned())))
    })
}

/// "Connection refused (os error 111)" without the number, which tells a person nothing.
#[must_use]
pub fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => format!("{before}{}", after.split_once(')').map_or("", |(_, rest)| rest)),
        None => text.to_owned(),
    }
}

impl Error {
    /// A file error with its path. A full disk is told in the same words wherever it is met.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        let source = match source.kind() {
            kind @ std::io::ErrorKind::StorageFull => std::io::Error::new(kind, "no space left on the device"),
            _ => source,
        };
        Self::Io { path: path.into(), source }
    }

    /// The stable name of the error, as in `{"error":{"kind"}}` and `rejected`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoContent => "no_content",
            Self::NotHtml(_) => "not_html",
            Self::TooLarge { .. } => "too_large",
            Self::BadInput(_) => "bad_input",
            Self::Internal(_) => "internal",
            Self::Fetch { kind, .. } => kind,
            Self::Robots(_) => "robots",
            Self::Config { .. } => "config",
            Self::Locked { .. } => "locked",
            Self::State { .. } => "state",
            Self::Io { .. } => "io",
        }
    }

    /// What to do about it, where that can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoContent => "check that the address is an article; a page drawn by scripts alone has no text to read",
            Self::NotHtml(_) => "give an HTML page, or name the form with --from text or --from jsonl",
            Self::TooLarge { .. } => "raise the limit with --max-body-bytes or [http] max_body_bytes",
            Self::BadInput(_) => return None,
            Self::Internal(_) => "please report it together with the page",
            Self::Fetch { kind, status, .. } => return fetch_hint(kind, *status),
            Self::Robots(_) => "leave the page out, ask the site, or use --ignore-robots if it is yours",
            Self::Config { hint, .. } => return hint.clone(),
            Self::Locked { .. } => "let it end; overlapping cron runs are harmless",
            Self::State { message, .. } if message.starts_with("no space") => "free some space and run again; what was written stays",
            Self::State { message, .. } if message.starts_with("it can't be reached") => {
                "check [state] url and PGPASSWORD, and that the server is up and lets this user in"
            }
            Self::State { message, .. } if message.starts_with("there is none yet") => "run copydesk crawl first: it makes one",
            Self::State { message, .. } if message.starts_with("it can't be") => "check the path and its permissions",
            Self::State { .. } => "restore it from a backup, or move it away to start afresh (known articles are then written again)",
            Self::Io { path, source } if source.kind() == std::io::ErrorKind::NotFound && path.extension().is_some_and(|e| e == "toml") => {
                "check the path, name a configuration with --config, or make one: copydesk init https://your.site/ -o pipeline.toml"
            }
            Self::Io { source, .. } => return io_hint(source),
        };
        Some(text.to_owned())
    }
}

fn fetch_hint(kind: &str, status: Option<u16>) -> Option<String> {
    let text = match (kind, status) {
        ("address", _) => "use --allow-private-addresses if the host is yours",
        ("dns", _) => "check the host's name",
        ("connect", _) => "check that the address and port are right and the site is up",
        ("timeout", _) => "try later, or raise --timeout",
        ("robots_unreachable", _) => "check the address, or try later: without a site's robots.txt its pages are not fetched",
        ("tls", _) => "the site's certificate is not trusted; check the address and the machine's clock",
        ("redirect", _) => "raise --max-redirects, or give the final address",
        (_, Some(401 | 403)) => "the site refuses this client; see its terms, or ask it for access",
        (_, Some(404 | 410)) => "the page is gone; check the address",
        (_, Some(429)) => "the site asks for fewer requests; try later",
        (_, Some(500..)) => "the site has a fault; try later",
        _ => return None,
    };
    Some(text.to_owned())
}

fn io_hint(source: &std::io::Error) -> Option<String> {
    use std::io::ErrorKind as K;
    let text = match source.kind() {
        K::NotFound => "check the path",
        K::PermissionDenied => "check the permissions of the file and its folder",
        K::StorageFull => "free some space and run again; what was written stays",
        K::ReadOnlyFilesystem => "choose a path that can be written",
        K::AddrInUse => "another program uses the port; end it first",
        K::IsADirectory => "give a file, not a folder",
        K::AlreadyExists | K::NotADirectory => "a file stands where a folder is needed; choose another path",
        _ => return None,
    };
    Some(text.to_owned())
}
