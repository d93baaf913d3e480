//! Files of records, plain or packed → their lines.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use crate::decode::jsonl::{Line, Lines};
use crate::decode::packed::unpacked;
use crate::error::{Error, Result};

/// Records are no larger than the pages that they come from.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// Where records come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// What a person calls it.
    pub name: String,
    /// The file; standard input where there is none.
    pub path: Option<PathBuf>,
}

impl Source {
    /// Its lines; gzip and zstd are known by how they begin.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't be opened.
    pub(crate) fn lines(&self) -> Result<Lines<Box<dyn BufRead>>> {
        let stream: Box<dyn Read> = match &self.path {
            Some(path) => Box::new(File::open(path).map_err(|e| Error::io(path, e))?),
            None => Box::new(io::stdin()),
        };
        let lines = unpacked(stream).map_err(|e| Error::io(&self.name, e))?;
        Ok(Lines::new(lines, MAX_RECORD_BYTES / 6))
    }
}

/// The bytes of a line, or why there are none.
///
/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn whole(line: Line) -> Result<Vec<u8>> {
    match line {
        Line::Whole(raw) => Ok(raw),
        Line::TooLong(_) => Err(Error::TooLarge { limit: MAX_RECORD_BYTES }),
    }
}
