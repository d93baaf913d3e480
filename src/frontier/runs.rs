//! What earlier runs told of themselves, as the state keeps it.

use std::path::Path;

use rusqlite::Connection;

use crate::error::Result;
use crate::frontier::schema::{open_reading, state_error};

/// The summaries of the last `limit` runs that ended by themselves, oldest first, each as JSON.
///
/// # Errors
/// [`Error::State`](crate::Error::State) when the state can't be read.
pub fn summaries(path: &Path, limit: usize) -> Result<Vec<String>> {
    let connection = open_reading(path)?;
    read(&connection, limit).map_err(|e| state_error(path, &e))
}

fn read(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT summary FROM (SELECT id, summary FROM runs WHERE summary IS NOT NULL ORDER BY id DESC LIMIT ?1) ORDER BY id";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
    rows.collect()
}
