//! What is kept of single records until it is asked for.
//!
//! In: bytes of a record, records in order. Out: the bytes again, in any order. They lie in a temporary file; memory holds
//! twelve bytes a record. Never: a record put twice.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::spill::temporary;
use crate::error::{Error, Result};

/// The file while it is written.
#[derive(Debug)]
pub(crate) struct Shelf<'a> {
    folder: &'a Path,
    file: BufWriter<File>,
    /// Each record with where its bytes begin.
    places: Vec<(u32, u64)>,
    end: u64,
}

impl<'a> Shelf<'a> {
    pub(crate) fn new(folder: &'a Path) -> Result<Self> {
        Ok(Self { folder, file: BufWriter::with_capacity(1 << 18, temporary(folder)?), places: Vec::new(), end: 0 })
    }

    /// Keeps the bytes of a record that comes after those before.
    pub(crate) fn put(&mut self, record: u32, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| Error::io(self.folder, e))?;
        self.places.push((record, self.end));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Nothing more is put.
    pub(crate) fn close(self) -> Result<Kept<'a>> {
        let file = self.file.into_inner().map_err(|e| Error::io(self.folder, e.into_error()))?;
        Ok(Kept { folder: self.folder, file, places: self.places, end: self.end })
    }
}

/// The file when it is read.
#[derive(Debug)]
pub(crate) struct Kept<'a> {
    folder: &'a Path,
    file: File,
    places: Vec<(u32, u64)>,
    end: u64,
}

impl Kept<'_> {
    /// The bytes of a record, if any were put.
    pub(crate) fn get(&mut self, record: u32) -> Result<Option<Vec<u8>>> {
        let Ok(at) = self.places.binary_search_by_key(&record, |(record, _)| *record) else { return Ok(None) };
        let start = self.places[at].1;
        let end = self.places.get(at + 1).map_or(self.end, |(_, start)| *start);
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(0)];
        let read = self.file.seek(SeekFrom::Start(start)).and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|e| Error::io(self.folder, e))?;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_in_any_order() {
        let folder = std::env::temp_dir();
        let mut shelf = Shelf::new(&folder).unwrap();
        for (record, bytes) in [(3, &b"three"[..]), (7, b""), (9, b"nine")] {
            shelf.put(record, bytes).unwrap();
        }
        let mut kept = shelf.close().unwrap();
        assert_eq!(kept.get(9).unwrap().as_deref(), Some(&b"nine"[..]));
        assert_eq!(kept.get(3).unwrap().as_deref(), Some(&b"three"[..]));
        assert_eq!(kept.get(7).unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(kept.get(4).unwrap(), None);
    }
}
