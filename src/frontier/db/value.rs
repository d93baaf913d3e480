//! What goes into statements and comes out of rows: integers, texts, bytes, and nothing.

use postgres::types::Type;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, ToSql};

use crate::error::Result;
use crate::frontier::db::Fault;
use crate::frontier::db::postgres::{fault_of, message_of};

/// A value of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// None.
    Null,
    /// A number, a time, a flag.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `values![a, b]`: values of a statement, of whatever becomes a [`Value`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::frontier::db::Value::from($value)),*] };
}
pub(crate) use values;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What a database could not do.
#[derive(Debug)]
pub enum Trouble {
    /// The embedded one.
    File(rusqlite::Error),
    /// The server, or the way there.
    Server(postgres::Error),
    /// The way to the server was broken off before.
    BrokenOff,
}

impl Trouble {
    /// What it means for what was being done.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::File(_) => Fault::Final,
            Self::Server(error) => fault_of(error),
            Self::BrokenOff => Fault::Gone,
        }
    }

    /// In words.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::File(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => "no space left on the device".to_owned(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "it is damaged".to_owned(),
                Some(ErrorCode::ReadOnly) => "it can't be written".to_owned(),
                Some(ErrorCode::CannotOpen) => "it can't be opened".to_owned(),
                _ => error.to_string(),
            },
            Self::Server(error) => message_of(error),
            Self::BrokenOff => "it can't be reached: the connection is broken off".to_owned(),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

impl From<postgres::Error> for Trouble {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// A row of an answer; its values go by number, from 0.
#[derive(Debug)]
pub enum Row<'a> {
    /// Of the embedded database.
    File(&'a rusqlite::Row<'a>),
    /// Of the server.
    Server(&'a postgres::Row),
}

impl Row<'_> {
    /// A value.
    ///
    /// # Errors
    /// [`Trouble`] when it is of another type.
    pub fn get<T: Cell>(&self, index: usize) -> Result<T, Trouble> {
        T::read(self, index)
    }
}

/// What a value of a row is read as.
pub trait Cell: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Trouble`] when it is of another type.
    fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble>;
}

/// Types that both databases give by themselves.
macro_rules! cells {
    ($($kind:ty),*) => { $(impl Cell for $kind {
        fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble> {
            match row {
                Row::File(row) => Ok(row.get(index)?),
                Row::Server(row) => Ok(row.try_get(index)?),
            }
        }
    })* };
}
cells!(String, Option<String>, Vec<u8>);

impl Cell for Option<i64> {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble> {
        match row {
            Row::File(row) => Ok(row.get(index)?),
            // What a statement itself says is smaller than what a table holds.
            Row::Server(row) => match row.columns().get(index).map(postgres::Column::type_) {
                Some(kind) if *kind == Type::INT4 => Ok(row.try_get::<_, Option<i32>>(index)?.map(i64::from)),
                Some(kind) if *kind == Type::BOOL => Ok(row.try_get::<_, Option<bool>>(index)?.map(i64::from)),
                _ => Ok(row.try_get(index)?),
            },
        }
    }
}

impl Cell for i64 {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble> {
        Ok(Option::read(row, index)?.unwrap_or(0))
    }
}

impl Cell for bool {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble> {
        Ok(i64::read(row, index)? != 0)
    }
}

impl Cell for u32 {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, Trouble> {
        Ok(Self::try_from(i64::read(row, index)?).unwrap_or(Self::MAX))
    }
}
