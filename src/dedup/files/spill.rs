//! More entries than memory holds, in order.
//!
//! In: numbers of 128 bits, in any order. Out: all of them, sorted, a part at a time. They go to a temporary file in
//! chunks, each chunk of one part of the range, and a part is read and sorted when its turn comes: time stays linear and
//! memory is a part's. The file has no name, so nothing is left of it however the process ends. Never: a part that holds
//! more than its share unless the entries themselves crowd there.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::error::{Error, Result};

/// Parts of the range.
const PARTS: usize = 64;
/// Entries that wait for each part; 32 KiB.
const CHUNK: usize = 2048;
const ENTRY_BYTES: usize = 16;

/// Entries on their way to the disk and back.
#[derive(Debug)]
pub(crate) struct Spill<'a> {
    folder: &'a Path,
    file: Option<File>,
    /// The number after the highest value of an entry's upper 32 bits.
    limit: u64,
    waiting: Vec<Vec<u128>>,
    /// Numbers of the chunks of each part.
    chunks: Vec<Vec<u32>>,
    written: u32,
}

impl<'a> Spill<'a> {
    /// Entries whose upper 32 bits are any.
    pub(crate) fn of_hashes(folder: &'a Path) -> Self {
        Self::new(folder, 1 << 32)
    }

    /// Entries whose upper 32 bits are under `limit`.
    pub(crate) fn new(folder: &'a Path, limit: u64) -> Self {
        let parts = || (0..PARTS).map(|_| Vec::new());
        Self {
            folder,
            file: None,
            limit: limit.max(1),
            waiting: parts().collect(),
            chunks: (0..PARTS).map(|_| Vec::new()).collect(),
            written: 0,
        }
    }

    /// Takes an entry.
    pub(crate) fn push(&mut self, entry: u128) -> Result<()> {
        let upper = u64::try_from(entry >> 96).unwrap_or(u64::MAX);
        let part = usize::try_from(upper * PARTS as u64 / self.limit).unwrap_or(PARTS).min(PARTS - 1);
        self.waiting[part].push(entry);
        if self.waiting[part].len() == CHUNK { self.write(part) } else { Ok(()) }
    }

    fn write(&mut self, part: usize) -> Result<()> {
        let bytes: Vec<u8> = self.waiting[part].drain(..).flat_map(u128::to_le_bytes).collect();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(temporary(self.folder)?),
        };
        file.write_all(&bytes).map_err(|e| Error::io(self.folder, e))?;
        self.chunks[part].push(self.written);
        self.written += 1;
        Ok(())
    }

    /// Hands each part over, sorted; the parts are in order, too.
    pub(crate) fn each_part(mut self, mut take: impl FnMut(&[u128]) -> Result<()>) -> Result<()> {
        let mut bytes = vec![0; CHUNK * ENTRY_BYTES];
        for part in 0..PARTS {
            let mut entries = std::mem::take(&mut self.waiting[part]);
            entries.reserve_exact(self.chunks[part].len() * CHUNK);
            if let Some(file) = &mut self.file {
                for chunk in std::mem::take(&mut self.chunks[part]) {
                    let at = u64::from(chunk) * bytes.len() as u64;
                    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
                    read.map_err(|e| Error::io(self.folder, e))?;
                    entries.extend(bytes.as_chunks::<ENTRY_BYTES>().0.iter().map(|b| u128::from_le_bytes(*b)));
                }
            }
            entries.sort_unstable();
            take(&entries)?;
        }
        Ok(())
    }
}

/// A file without a name in a folder.
pub(crate) fn temporary(folder: &Path) -> Result<File> {
    tempfile::tempfile_in(folder).map_err(|e| Error::io(folder, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn through(entries: &[u128], limit: u64) -> Vec<u128> {
        let folder = std::env::temp_dir();
        let mut spill = Spill::new(&folder, limit);
        for entry in entries {
            spill.push(*entry).unwrap();
        }
        let mut out = Vec::new();
        spill
            .each_part(|part| {
                out.extend_from_slice(part);
                Ok(())
            })
            .unwrap();
        out
    }

    #[test]
    fn what_went_to_the_disk_comes_back_sorted() {
        let entries: Vec<u128> = (0..300_000u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).collect();
        let mut expected = entries.clone();
        expected.sort_unstable();
        assert!(through(&entries, 1 << 32) == expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(list in proptest::collection::vec((0u32..9, any::<u32>()), 0..200), limit in 1u64..20) {
            let entries: Vec<u128> = list.iter().map(|(high, low)| u128::from(*high) << 96 | u128::from(*low)).collect();
            let mut expected = entries.clone();
            expected.sort_unstable();
            let mut got = through(&entries, limit);
            if limit < 9 {
                got.sort_unstable();
            }
            prop_assert_eq!(got, expected);
        }
    }
}
