//! The state's schema: one `SQLite` file in WAL mode, versioned.
//!
//! Who reads opens it here; the only writing connection is `write`'s. `due_at` alone says whether a URL
//! is to be fetched in a run: it is when `due_at` is not after the run's start. New URLs have small
//! numbers there (their depth), so that they come in breadth-first order before any revisit.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};

/// `due_at` of a URL that is never fetched again by itself.
pub const NEVER: i64 = i64::MAX;

/// Version of the schema, kept as `user_version`. What a version adds is in [`MIGRATIONS`].
const VERSION: i64 = 4;
/// "cpyd": marks the file as copydesk's.
const APPLICATION_ID: i64 = 0x6370_7964;

/// Version 1.
const SCHEMA: &str = "
CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    authority TEXT NOT NULL UNIQUE,
    last_request INTEGER,
    hold_until INTEGER,
    robots TEXT,
    robots_at INTEGER
) STRICT;
CREATE TABLE urls (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL UNIQUE,
    url TEXT NOT NULL,
    host INTEGER NOT NULL REFERENCES hosts(id),
    kind INTEGER NOT NULL,
    seed INTEGER NOT NULL DEFAULT 0,
    depth INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    standing INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER NOT NULL,
    fetched_at INTEGER,
    lastmod INTEGER,
    etag TEXT,
    last_modified TEXT,
    article INTEGER,
    copy_of INTEGER,
    adopt INTEGER NOT NULL DEFAULT 0,
    cut INTEGER NOT NULL DEFAULT 0,
    fails INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX urls_due ON urls(host, due_at);
CREATE INDEX urls_copies ON urls(copy_of) WHERE copy_of IS NOT NULL;
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    revision INTEGER NOT NULL,
    run INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    gone_at INTEGER
) STRICT;
CREATE TABLE fingerprints (
    article INTEGER PRIMARY KEY REFERENCES articles(id),
    published TEXT,
    print BLOB NOT NULL
) STRICT;
CREATE TABLE bands (
    band INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (band, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX bands_of ON bands(article);
CREATE TABLE rejected (
    key INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (key, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE outputs (
    path TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    tail INTEGER NOT NULL
) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    summary TEXT
) STRICT;
";

/// From version 1 on, what makes the next one of each; a state of an earlier version is brought up to date when it is
/// opened. Steps are never changed once released.
const MIGRATIONS: [&str; 3] = [
    "
CREATE TABLE traps (
    shape TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
",
    // Fingerprints are made in another way, and those of before cannot be compared with them.
    "
DELETE FROM bands;
DELETE FROM fingerprints;
",
    // What an article printed, for what its site prints with many; and what was written of it, which may lack that.
    "
CREATE TABLE samples (
    article INTEGER PRIMARY KEY REFERENCES articles(id),
    host INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sketch BLOB NOT NULL,
    texts BLOB NOT NULL
) STRICT;
CREATE INDEX samples_of ON samples(host, number);
CREATE TABLE sightings (
    text INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (text, article)
) STRICT, WITHOUT ROWID;
ALTER TABLE articles ADD COLUMN written_hash TEXT NOT NULL DEFAULT '';
UPDATE articles SET written_hash = content_hash;
",
];

/// What became of a URL when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not looked at yet.
    Waiting = 0,
    /// It gave an article.
    Article = 1,
    /// A front page, section, feed or sitemap.
    List = 2,
    /// A page that gives no record.
    Rejected = 3,
    /// A copy of the article at another URL.
    Copy = 4,
    /// 404 or 410.
    Gone = 5,
    /// It could not be got.
    Failed = 6,
    /// It redirects to another URL.
    Redirect = 7,
}

impl Standing {
    /// As the state keeps it.
    #[must_use]
    pub fn code(self) -> i64 {
        self as i64
    }

    /// Whether a page that stands so is settled without an article: its copies may be taken instead.
    #[must_use]
    pub fn is_dead_end(code: i64) -> bool {
        [Self::Rejected, Self::Gone].iter().any(|s| s.code() == code)
    }
}

/// Opens the state for writing; makes it when there is none.
///
/// # Errors
/// [`Error::State`] when it is damaged, of another version, no state at all, or cannot be written.
pub fn open_writing(path: &Path) -> Result<Connection> {
    let fail = |e: rusqlite::Error| state_error(path, &e);
    let connection = Connection::open(path).map_err(fail)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32768;")
        .map_err(fail)?;
    prepare(&connection, path)?;
    Ok(connection)
}

/// Opens the state for reading.
///
/// # Errors
/// [`Error::State`] as [`open_writing`].
pub fn open_reading(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| state_error(path, &e))?;
    connection.execute_batch("PRAGMA busy_timeout = 5000;").map_err(|e| state_error(path, &e))?;
    Ok(connection)
}

fn prepare(connection: &Connection, path: &Path) -> Result<()> {
    let fail = |e: rusqlite::Error| state_error(path, &e);
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).map_err(fail);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
    let refuse = |message: &str| Err(Error::State { path: path.to_owned(), message: message.to_owned() });
    if tables == 0 {
        let make = format!("BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1; COMMIT;");
        connection.execute_batch(&make).map_err(fail)?;
    }
    if pragma("application_id")? != APPLICATION_ID {
        return refuse("it is another program's database");
    }
    match pragma("user_version")? {
        newer if newer > VERSION => refuse("a newer copydesk made it"),
        ..1 => refuse("its version is not known"),
        version => migrate(connection, version).map_err(fail),
    }
}

/// Brings a state up to date, each step whole or not at all.
fn migrate(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(version - 1).unwrap_or(0);
    for (step, next) in MIGRATIONS.iter().skip(done).zip(version + 1..) {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {step} PRAGMA user_version = {next}; COMMIT;"))?;
    }
    Ok(())
}

/// The error of a state that `SQLite` could not use.
#[must_use]
pub fn state_error(path: &Path, error: &rusqlite::Error) -> Error {
    let message = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "no space left on the device".to_owned(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "it is damaged".to_owned(),
        Some(ErrorCode::ReadOnly) => "it can't be written".to_owned(),
        Some(ErrorCode::CannotOpen) => "it can't be opened".to_owned(),
        _ => error.to_string(),
    };
    Error::State { path: path.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_first_version_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(&format!("{SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;")).unwrap();
        old.execute("INSERT INTO hosts (authority) VALUES ('news.example:443')", []).unwrap();
        let article =
            "INSERT INTO articles (article_id, content_hash, revision, run, first_seen, last_seen) VALUES ('a', 'f00d', 1, 1, 0, 0)";
        old.execute(article, []).unwrap();
        drop(old);
        for _ in 0..2 {
            let state = open_writing(&path).unwrap();
            let version: i64 = state.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
            let hosts: i64 = state.query_row("SELECT count(*) FROM hosts", [], |row| row.get(0)).unwrap();
            let traps: i64 = state.query_row("SELECT count(*) FROM traps", [], |row| row.get(0)).unwrap();
            let written: String = state.query_row("SELECT written_hash FROM articles", [], |row| row.get(0)).unwrap();
            assert_eq!((version, hosts, traps, written.as_str()), (VERSION, 1, 0, "f00d"));
        }
    }

    #[test]
    fn what_is_no_state_of_ours_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |name: &str, sql: &str| {
            let path = folder.path().join(name);
            Connection::open(&path).unwrap().execute_batch(sql).unwrap();
            open_writing(&path).unwrap_err().to_string()
        };
        assert!(refusal("other", "CREATE TABLE a (b)").contains("another program's"));
        let newer = format!("CREATE TABLE a (b); PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99;");
        assert!(refusal("newer", &newer).contains("a newer copydesk"));
        let unknown = format!("CREATE TABLE a (b); PRAGMA application_id = {APPLICATION_ID};");
        assert!(refusal("unknown", &unknown).contains("not known"));
    }
}
