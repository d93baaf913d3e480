//! The shared database: a PostgreSQL server, by its blocking client.
//!
//! What is written once for both databases is put into PostgreSQL's words here: `$1` for `?1`, and lists as arrays, so that
//! they are one round trip. The client must not wait inside the crawl's runtime without telling it ([`blocking`]).

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as _;
use std::fmt::Write as _;

use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use crate::error::{Error, Result};
use crate::frontier::db::server::Server;
use crate::frontier::db::value::{Row, Trouble, Value};
use crate::frontier::db::{Engine, Fault, Take};
use crate::frontier::schema::{POSTGRES, POSTGRES_VERSION};

/// Every session. All questions go by an index, whatever the planner thinks of tables that were empty when it was asked first.
/// A commit is safe before it is told. A session whose worker is gone ends.
const SESSION: &str = "
SET enable_seqscan = off;
SET jit = off;
SET client_min_messages = warning;
SET idle_in_transaction_session_timeout = '5min';
SET tcp_keepalives_idle = 20;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
";

/// "cpyd": the advisory lock under which the schema is made.
const MAKING: i64 = 0x6370_7964;

/// A connection to a server.
pub(super) struct Postgres {
    server: Server,
    session: RefCell<Session>,
}

/// `None` when it is broken off.
struct Session {
    client: Option<Client>,
    statements: HashMap<String, Statement>,
}

impl Drop for Session {
    fn drop(&mut self) {
        let client = self.client.take();
        blocking(|| drop(client));
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects. `make` makes the schema, if there is none; else it has to be there.
    pub(super) fn open(server: &Server, make: bool) -> Result<Self, (Fault, Error)> {
        let error = |message: String| Error::State { path: server.shown().into(), message };
        let postgres = Self { server: server.clone(), session: RefCell::new(Session { client: None, statements: HashMap::new() }) };
        let version = postgres.connect().and_then(|()| postgres.version()).and_then(|version| match version {
            None if make => postgres.make(),
            version => Ok(version),
        });
        match version.map_err(|trouble| (trouble.fault(), error(trouble.message())))? {
            Some(POSTGRES_VERSION) => Ok(postgres),
            None => Err((Fault::Final, error("there is none yet".to_owned()))),
            Some(newer) if newer > POSTGRES_VERSION => Err((Fault::Final, error("a newer copydesk made it".to_owned()))),
            Some(_) => Err((Fault::Final, error("its version is not known".to_owned()))),
        }
    }

    fn connect(&self) -> Result<(), Trouble> {
        let mut session = self.session.borrow_mut();
        session.statements.clear();
        let broken = session.client.take();
        session.client = Some(blocking(|| {
            drop(broken);
            let mut client = self.server.connect()?;
            client.batch_execute(SESSION)?;
            client.batch_execute(&format!("SET search_path TO {}", self.server.schema()))?;
            Ok::<_, Trouble>(client)
        })?);
        Ok(())
    }

    /// Version of the schema; `None` where there is none.
    fn version(&self) -> Result<Option<i64>, Trouble> {
        let mut version = None;
        let mut take = |row: &Row<'_>| row.get(0).map(|found: i64| version = Some(found));
        let there = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'state_version'";
        self.query(there, &[], &mut take)?;
        if version.replace(0).is_none_or(|tables| tables == 0) {
            return Ok(None);
        }
        let mut take = |row: &Row<'_>| row.get(0).map(|found: i64| version = Some(found));
        self.query("SELECT version FROM state_version", &[], &mut take)?;
        Ok(version)
    }

    /// Makes the schema, if there is none; one worker at a time.
    fn make(&self) -> Result<Option<i64>, Trouble> {
        self.run(&format!("BEGIN; SELECT pg_advisory_xact_lock({MAKING})"))?;
        self.run(&format!("CREATE SCHEMA IF NOT EXISTS {}", self.server.schema()))?;
        if self.version()?.is_none() {
            self.run(POSTGRES)?;
        }
        self.run("COMMIT")?;
        self.version()
    }

    /// A statement, prepared once a connection.
    fn prepared(&self, key: &str, translate: &dyn Fn() -> String) -> Result<Statement, Trouble> {
        let Session { client, statements } = &mut *self.session.borrow_mut();
        if let Some(statement) = statements.get(key) {
            return Ok(statement.clone());
        }
        let client = client.as_mut().ok_or(Trouble::BrokenOff)?;
        let statement = blocking(|| client.prepare(&translate()))?;
        statements.insert(key.to_owned(), statement.clone());
        Ok(statement)
    }

    fn changes(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Trouble> {
        let mut session = self.session.borrow_mut();
        let client = session.client.as_mut().ok_or(Trouble::BrokenOff)?;
        Ok(blocking(|| client.execute(statement, values))?)
    }

    fn rows(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)], take: Take<'_>) -> Result<(), Trouble> {
        let rows = {
            let mut session = self.session.borrow_mut();
            let client = session.client.as_mut().ok_or(Trouble::BrokenOff)?;
            blocking(|| client.query(statement, values))?
        };
        rows.iter().try_for_each(|row| take(&Row::Server(row)))
    }
}

impl Engine for Postgres {
    fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Trouble> {
        self.changes(&self.prepared(sql, &|| numbered(sql, "$"))?, &parameters(values))
    }

    fn insert(&self, sql: &'static str, values: &[Value<'_>]) -> Result<i64, Trouble> {
        let (statement, mut id) = (self.prepared(sql, &|| numbered(sql, "$") + " RETURNING id")?, 0);
        self.rows(&statement, &parameters(values), &mut |row| row.get(0).map(|new| id = new))?;
        Ok(id)
    }

    fn query(&self, sql: &'static str, values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble> {
        self.rows(&self.prepared(sql, &|| numbered(sql, "$"))?, &parameters(values), take)
    }

    fn each(&self, sql: &'static str, keys: &[Value<'_>], values: &[Value<'_>], take: Take<'_>) -> Result<(), Trouble> {
        let keys = keys.to_vec();
        let kind = array_of(keys.first());
        let statement = self.prepared(&format!("each {sql}"), &|| {
            let sql = numbered(&sql.replace("?1", "l.v"), "$");
            format!("SELECT q.* FROM unnest($1::{kind}) AS l(v) CROSS JOIN LATERAL ({sql}) q")
        })?;
        let mut all: Vec<&(dyn ToSql + Sync)> = vec![&keys];
        all.extend(parameters(values));
        self.rows(&statement, &all, take)
    }

    fn many(&self, sql: &'static str, width: usize, values: &[Value<'_>]) -> Result<u64, Trouble> {
        let column = |n: usize| values.iter().copied().skip(n).step_by(width).collect::<Vec<_>>();
        let columns: Vec<Vec<Value<'_>>> = (0..width).map(column).collect();
        let kind = |column: &Vec<Value<'_>>| array_of(column.iter().find(|value| **value != Value::Null));
        let statement = self.prepared(&format!("many {sql}"), &|| of_rows(sql, columns.iter().map(kind)))?;
        let all: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
        self.changes(&statement, &all)
    }

    fn run(&self, sql: &str) -> Result<(), Trouble> {
        let mut session = self.session.borrow_mut();
        let client = session.client.as_mut().ok_or(Trouble::BrokenOff)?;
        blocking(|| client.batch_execute(sql)).map_err(Trouble::Server)
    }

    fn begin(&self) -> Result<(), Trouble> {
        self.run("BEGIN")
    }

    fn revive(&self) -> Result<bool, Trouble> {
        let is_alive = self.session.borrow().client.as_ref().is_some_and(|client| !client.is_closed());
        if is_alive {
            return Ok(false);
        }
        self.connect().map(|()| true)
    }

    fn break_off(&self) {
        let mut session = self.session.borrow_mut();
        let client = session.client.take();
        blocking(|| drop(client));
    }
}

/// What to do about an error.
pub(super) fn fault_of(error: &postgres::Error) -> Fault {
    let Some(state) = error.code() else {
        // A value that can't be written or read is our fault; all else is the connection's.
        return match on_the_way(error) {
            Some(cause) if is_certificate(cause) => Fault::Final,
            None if error.source().is_some() => Fault::Final,
            _ => Fault::Gone,
        };
    };
    let is = |codes: &[SqlState]| codes.contains(state);
    // Somebody else was quicker: what they did is seen the next time.
    if is(&[SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION, SqlState::LOCK_NOT_AVAILABLE])
    {
        return Fault::Conflict;
    }
    let gone = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::QUERY_CANCELED,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    if is(&gone) || state.code().starts_with("08") { Fault::Gone } else { Fault::Final }
}

/// What happened on the way to the server.
fn on_the_way(error: &postgres::Error) -> Option<&std::io::Error> {
    error.source()?.downcast_ref()
}

fn is_certificate(cause: &std::io::Error) -> bool {
    let cause = cause.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_)))
}

/// An error in words; never with what was to be written.
pub(super) fn message_of(error: &postgres::Error) -> String {
    let told = match (error.as_db_error(), error.source()) {
        (Some(told), _) => told.message().to_owned(),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    };
    match error.code() {
        Some(&SqlState::DISK_FULL) => "no space left on the server".to_owned(),
        _ if fault_of(error) == Fault::Gone || on_the_way(error).is_some() => format!("it can't be reached: {told}"),
        Some(state) if ["28", "3D"].iter().any(|class| state.code().starts_with(class)) => format!("it can't be reached: {told}"),
        _ => told,
    }
}

/// Does what waits; a thread of a tokio runtime tells that it will.
fn blocking<T>(wait: impl FnOnce() -> T) -> T {
    if tokio::runtime::Handle::try_current().is_ok() { tokio::task::block_in_place(wait) } else { wait() }
}

fn parameters<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// `?2` → `$2`, or what else stands before the number.
fn numbered(sql: &str, before: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '?' && rest.peek().is_some_and(char::is_ascii_digit) { out.push_str(before) } else { out.push(c) }
    }
    out
}

fn array_of(value: Option<&Value<'_>>) -> &'static str {
    match value {
        Some(Value::Text(_)) => "text[]",
        Some(Value::Blob(_)) => "bytea[]",
        _ => "bigint[]",
    }
}

/// A change of one row → of all rows of arrays.
fn of_rows(sql: &str, kinds: impl Iterator<Item = &'static str>) -> String {
    let (mut arrays, mut names) = (String::new(), String::new());
    for (n, kind) in (1..).zip(kinds) {
        let comma = if n > 1 { ", " } else { "" };
        let _ = write!(arrays, "{comma}${n}::{kind}");
        let _ = write!(names, "{comma}a{n}");
    }
    let rows = format!("unnest({arrays}) AS r({names})");
    let sql = numbered(sql, "r.a");
    if let Some((head, rest)) = sql.split_once(" VALUES (") {
        let (row, tail) = rest.split_once(')').unwrap_or((rest, ""));
        return format!("{head} SELECT {row} FROM {rows}{tail}");
    }
    let (head, condition) = sql.rsplit_once(" WHERE ").unwrap_or((&sql, "true"));
    let word = if head.starts_with("DELETE") { "USING" } else { "FROM" };
    format!("{head} {word} {rows} WHERE {condition}")
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            // The one character that PostgreSQL does not keep in a text.
            Self::Text(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_for_a_row_is_put_into_words_for_many() {
        let all = |sql, kinds: &[&'static str]| of_rows(sql, kinds.iter().copied());
        assert_eq!(
            all("INSERT INTO bands (band, article) VALUES (?1, ?2) ON CONFLICT DO NOTHING", &["bigint[]", "bigint[]"]),
            "INSERT INTO bands (band, article) SELECT r.a1, r.a2 FROM unnest($1::bigint[], $2::bigint[]) AS r(a1, a2) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            all("UPDATE urls SET kind = ?2 WHERE key = ?1", &["bigint[]", "bigint[]"]),
            "UPDATE urls SET kind = r.a2 FROM unnest($1::bigint[], $2::bigint[]) AS r(a1, a2) WHERE key = r.a1"
        );
        assert_eq!(
            all("DELETE FROM hosts WHERE authority = ?1", &["text[]"]),
            "DELETE FROM hosts USING unnest($1::text[]) AS r(a1) WHERE authority = r.a1"
        );
    }
}
