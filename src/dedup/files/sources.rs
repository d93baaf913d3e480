//! The inputs, to be read several times over.
//!
//! In: what a person named: files, `-` for standard input; plain, gzip or zstd, told by their first bytes. Out: batches of
//! lines, every line with the number of its record. Standard input is kept in a temporary file. Never: a file held in
//! memory.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};

use super::spill::temporary;
use crate::decode::jsonl::{Line, Lines};
use crate::decode::packed::unpacked;
use crate::error::{Error, Result};

/// Largest body of a record, in bytes; a line may be some six times as long.
const MAX_RECORD_BYTES: u64 = 64 << 20;
/// Lines of a batch, unless they come to more bytes than [`BATCH_BYTES`] before.
const BATCH_LINES: usize = 512;
const BATCH_BYTES: usize = 1 << 20;

/// A line with where it stands.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// Number of the record over all inputs, from 0.
    pub(crate) record: u32,
    /// Which input.
    pub(crate) source: usize,
    /// Number of the line in its input, from 1.
    pub(crate) number: u64,
    /// Its bytes; none of a line longer than any record.
    pub(crate) raw: Option<Vec<u8>>,
}

/// An input.
#[derive(Debug)]
enum Source {
    File(PathBuf),
    /// Standard input, kept.
    Kept(File),
}

/// The inputs.
#[derive(Debug)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    /// Looks whether all are there, and keeps what can be read but once.
    pub(crate) fn open(paths: &[PathBuf], folder: &Path) -> Result<Self> {
        let open = |path: &PathBuf| -> Result<Source> {
            if path.as_os_str() == "-" {
                return Self::keep(io::stdin().lock(), path, folder);
            }
            let file = File::open(path).map_err(|e| Error::io(path, e))?;
            if file.metadata().map_err(|e| Error::io(path, e))?.is_file() {
                return Ok(Source::File(path.clone()));
            }
            // A pipe is read once.
            Self::keep(file, path, folder)
        };
        paths.iter().map(open).collect::<Result<_>>().map(Self)
    }

    fn keep(mut stream: impl Read, path: &Path, folder: &Path) -> Result<Source> {
        let mut file = temporary(folder)?;
        let mut bytes = vec![0; 1 << 16];
        loop {
            let count = match stream.read(&mut bytes) {
                Ok(0) => return Ok(Source::Kept(file)),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io(path, error)),
            };
            io::Write::write_all(&mut file, &bytes[..count]).map_err(|e| Error::io(folder, e))?;
        }
    }

    /// Reads all inputs from their beginnings, and hands on batches for as long as they are taken.
    pub(crate) fn read(&self, mut take: impl FnMut(Vec<Numbered>) -> bool) -> Result<()> {
        let mut record = 0u32;
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for (source, input) in self.0.iter().enumerate() {
            let path = match input {
                Source::File(path) => path.as_path(),
                Source::Kept(_) => Path::new("standard input"),
            };
            let file = match input {
                Source::File(path) => File::open(path),
                Source::Kept(file) => file.try_clone().and_then(|mut file| file.rewind().map(|()| file)),
            };
            let stream = file.and_then(unpacked).map_err(|e| Error::io(path, e))?;
            for line in Lines::new(stream, MAX_RECORD_BYTES) {
                let (number, line) = line.map_err(|e| Error::io(path, e))?;
                let raw = if let Line::Whole(raw) = line { Some(raw) } else { None };
                bytes += raw.as_ref().map_or(0, Vec::len);
                batch.push(Numbered { record, source, number, raw });
                // One number stands for "none".
                record = record.checked_add(1).filter(|n| *n < u32::MAX).ok_or_else(too_many)?;
                if batch.len() == BATCH_LINES || bytes >= BATCH_BYTES {
                    bytes = 0;
                    if !take(std::mem::take(&mut batch)) {
                        return Ok(());
                    }
                }
            }
        }
        take(batch);
        Ok(())
    }
}

fn too_many() -> Error {
    Error::Config { message: "more than 4,294,967,294 records".to_owned(), hint: Some("give fewer files at once".to_owned()) }
}
