//! The embedded database: one `SQLite` file in WAL mode, versioned.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::error::{Error, Result};
use crate::frontier::db::value::{Row, Trouble, Value};
use crate::frontier::db::{Engine, Take};
use crate::frontier::schema::{MIGRATIONS, SCHEMA, VERSION};

/// "cpyd": marks the file as copydesk's.
const APPLICATION_ID: i64 = 0x6370_7964;
/// Statements that stay prepared: more than there are.
const STATEMENTS: usize = 128;

/// A connection to a state's file.
#[derive(Debug)]
pub(super) struct Sqlite(Connection);

impl Sqlite {
    /// Opens it for writing; makes it when there is none.
    pub(super) fn open_writing(path: &Path) -> Result<Self> {
        let fail = |e: rusqlite::Error| state_error(path, e);
        let connection = Connection::open(path).map_err(fail)?;
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32768;")
            .map_err(fail)?;
        prepare(&connection, path)?;
        // Or SQLite plans many statements anew each time that they get other values.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self(connection))
    }

    /// Opens it for reading.
    pub(super) fn open_reading(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| state_error(path, e))?;
        connection.execute_batch("PRAGMA busy_timeout = 5000;").map_err(|e| state_error(path, e))?;
        Ok(Self(connection))
    }
}

impl Engine for Sqlite {
    fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Trouble> {
        Ok(self.0.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
    }

    fn insert(&self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, Trouble> {
        self.execute(sql, values)?;
        Ok(self.0.last_insert_rowid())
    }

    fn query(&self, sql: &'static str, values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            take(&Row::File(row))?;
        }
        Ok(())
    }

    fn each(&self, sql: &'static str, keys: &[Value<'_>], values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble> {
        let mut statement = self.0.prepare_cached(sql)?;
        for key in keys {
            let mut rows = statement.query(params_from_iter([key].into_iter().chain(values)))?;
            while let Some(row) = rows.next()? {
                take(&Row::File(row))?;
            }
        }
        Ok(())
    }

    fn many(&self, sql: &'static str, width: usize, values: &[Value<'_>]) -> Result<u64, Trouble> {
        let mut statement = self.0.prepare_cached(sql)?;
        values.chunks(width).try_fold(0, |changed, row| Ok(changed + statement.execute(params_from_iter(row))? as u64))
    }

    fn run(&self, sql: &str) -> Result<(), Trouble> {
        Ok(self.0.execute_batch(sql)?)
    }

    fn begin(&self) -> Result<(), Trouble> {
        self.run("BEGIN IMMEDIATE")
    }
}

fn prepare(connection: &Connection, path: &Path) -> Result<()> {
    let fail = |e: rusqlite::Error| state_error(path, e);
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

fn state_error(path: &Path, error: rusqlite::Error) -> Error {
    Error::State { path: path.to_owned(), message: Trouble::from(error).message() }
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
            let state = Sqlite::open_writing(&path).unwrap().0;
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
            Sqlite::open_writing(&path).unwrap_err().to_string()
        };
        assert!(refusal("other", "CREATE TABLE a (b)").contains("another program's"));
        let newer = format!("CREATE TABLE a (b); PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99;");
        assert!(refusal("newer", &newer).contains("a newer copydesk"));
        let unknown = format!("CREATE TABLE a (b); PRAGMA application_id = {APPLICATION_ID};");
        assert!(refusal("unknown", &unknown).contains("not known"));
    }
}
