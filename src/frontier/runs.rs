//! What earlier runs told of themselves, as the state keeps it.

use crate::error::Result;
use crate::frontier::db::{Db, Place, values};

/// Hands on the summaries of the last `limit` runs before run `before`, latest first, each as JSON.
///
/// # Errors
/// [`Error::State`](crate::Error::State) when the state can't be read.
pub fn each_summary(place: &Place, before: i64, limit: usize, mut take: impl FnMut(&str)) -> Result<()> {
    let db = Db::open_reading(place)?;
    let sql = "SELECT summary FROM runs WHERE summary IS NOT NULL AND id < ?1 ORDER BY id DESC LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.query(sql, &values![before, limit], |row| row.get::<String>(0).map(|json| take(&json))).map(drop)
}
