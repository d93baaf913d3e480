//! What earlier runs told of themselves, as the state keeps it.

use std::path::Path;

use rusqlite::Connection;

use crate::error::Result;
use crate::frontier::schema::{open_reading, state_error};

/// Hands on the summaries of the last `limit` runs that ended by themselves, latest first, each as JSON.
///
/// # Errors
/// [`Error::State`](crate::Error::State) when the state can't be read.
pub fn each_summary(path: &Path, limit: usize, mut take: impl FnMut(&str)) -> Result<()> {
    let connection = open_reading(path)?;
    read(&connection, limit, &mut take).map_err(|e| state_error(path, &e))
}

fn read(connection: &Connection, limit: usize, take: &mut impl FnMut(&str)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT summary FROM runs WHERE summary IS NOT NULL ORDER BY id DESC LIMIT ?1")?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        take(row.get_ref(0)?.as_str()?);
    }
    Ok(())
}
