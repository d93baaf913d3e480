//! A file that only grows by commits.
//!
//! The state knows how long the file was at the last commit and a hash of its end. At the next start
//! what stands beyond is cut off, if the end is the one that is known; else the file is another one
//! (rotated, truncated, replaced) and is appended to as it is.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::write::fault;

/// Bytes of a file's end by which it is known again.
const TAIL_BYTES: usize = 4096;

/// How long a file was at a commit, and the hash of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub bytes: u64,
    pub tail: i64,
}

impl Mark {
    /// Of a file that is about to be made. No end has this hash: if another's file stands there, it is not cut.
    pub(super) const CLAIM: Self = Self { bytes: 0, tail: 0 };
}

/// Bytes on the disk and bytes of the next commit.
#[derive(Debug)]
pub(super) struct AppendFile {
    path: PathBuf,
    /// What it is, for [`fault`].
    role: &'static str,
    file: File,
    bytes: u64,
    tail: Vec<u8>,
    pending: Vec<u8>,
    /// Length and tail before what was flushed, until that is committed.
    before: Option<(u64, Vec<u8>)>,
}

impl AppendFile {
    /// Opens a file to append to, cut to what the state knows of it.
    pub(super) fn open(path: &Path, known: Option<Mark>, role: &'static str) -> Result<Self> {
        let fail = |e| Error::io(path, e);
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        let is_new = !path.exists();
        let mut file = File::options().create(true).read(true).append(true).open(path).map_err(fail)?;
        if is_new {
            sync_folder(path);
        }
        if let Some(known) = known {
            repair(&mut file, known).map_err(fail)?;
        }
        let bytes = file.metadata().map_err(fail)?.len();
        let tail = read_tail(&mut file, bytes).map_err(fail)?;
        Ok(Self { path: path.to_owned(), role, file, bytes, tail, pending: Vec::new(), before: None })
    }

    /// Makes a file that nobody has made before; `None` when there is one.
    pub(super) fn create(path: &Path, role: &'static str) -> Result<Option<Self>> {
        match File::options().create_new(true).append(true).open(path) {
            Ok(file) => {
                sync_folder(path);
                let (path, tail, pending) = (path.to_owned(), Vec::new(), Vec::new());
                Ok(Some(Self { path, role, file, bytes: 0, tail, pending, before: None }))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(Error::io(path, error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The last byte that stands in it.
    pub(super) fn last(&self) -> Option<u8> {
        self.tail.last().copied()
    }

    /// Adds bytes to the next commit.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// Bytes that wait for the next commit.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Writes what was added and makes it safe; [`Self::settle`] or [`Self::abandon`] follows.
    pub(super) fn flush(&mut self) -> Result<Mark> {
        if !self.pending.is_empty() {
            self.before.get_or_insert_with(|| (self.bytes, self.tail.clone()));
            if let Err(error) = self.write_pending() {
                // The error that led here is the one to tell.
                let _ = self.abandon();
                return Err(Error::io(&self.path, error));
            }
            self.bytes += u64::try_from(self.pending.len()).unwrap_or(0);
            self.tail.extend_from_slice(&self.pending[self.pending.len().saturating_sub(TAIL_BYTES)..]);
            let surplus = self.tail.len().saturating_sub(TAIL_BYTES);
            self.tail.drain(..surplus);
            self.pending.clear();
        }
        Ok(self.mark())
    }

    /// As [`Self::flush`]; the mark goes to `marks`, if it is another than at the last commit.
    pub(super) fn flush_to(&mut self, marks: &mut Vec<(PathBuf, Mark)>) -> Result<()> {
        let mark = self.flush()?;
        if self.before.is_some() {
            marks.push((self.path.clone(), mark));
        }
        Ok(())
    }

    fn write_pending(&mut self) -> std::io::Result<()> {
        let (half, rest) = self.pending.split_at(self.pending.len() / 2);
        self.file.write_all(half)?;
        fault::point(self.role, "half");
        self.file.write_all(rest)?;
        fault::point(self.role, "written");
        // A device or pipe has nothing to be synced.
        if self.file.metadata()?.is_file() {
            self.file.sync_data()?;
        }
        fault::point(self.role, "synced");
        Ok(())
    }

    /// What was flushed is committed.
    pub(super) fn settle(&mut self) {
        self.before = None;
    }

    /// Takes back what was written since the last commit.
    ///
    /// # Errors
    /// [`Error::Io`]: an unfinished end stays until the next start, and nothing may be added behind it.
    pub(super) fn abandon(&mut self) -> Result<()> {
        self.pending.clear();
        if let Some((bytes, tail)) = self.before.take() {
            (self.bytes, self.tail) = (bytes, tail);
        }
        let length = self.file.metadata().map_err(|e| Error::io(&self.path, e))?;
        // A device or pipe takes nothing back.
        if !length.is_file() || length.len() <= self.bytes {
            return Ok(());
        }
        self.file.set_len(self.bytes).map_err(|e| Error::io(&self.path, e))
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { bytes: self.bytes, tail: hash(&self.tail) }
    }

    /// Whether the path leads to another file by now, or to none: it was rotated.
    pub(super) fn was_moved(&self) -> bool {
        match (std::fs::metadata(&self.path), self.file.metadata()) {
            // A device or pipe has no length to be compared.
            (Ok(_), Ok(ours)) if !ours.is_file() => false,
            (Ok(there), Ok(ours)) => !same_file(&there, &ours) || there.len() < self.bytes,
            _ => true,
        }
    }
}

/// Makes a new file's name as safe as its bytes will be. Where folders cannot be synced, nothing can be done.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(path = %path.display(), %error, "the folder can't be synced");
    }
}

/// Cuts off a torn tail of a file that an earlier run wrote to; whether it is there, and the one that is known.
pub(super) fn repair_closed(path: &Path, known: Mark) -> Result<bool> {
    let Ok(mut file) = File::options().read(true).write(true).open(path) else { return Ok(false) };
    repair(&mut file, known).map_err(|e| Error::io(path, e))
}

/// As [`repair_closed`], for a file that may have been renamed meanwhile (`articles.jsonl.1`, `articles-20260314.jsonl`):
/// it is looked for beside its old place, by its end.
pub(super) fn repair_moved(path: &Path, known: Mark) -> Result<bool> {
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else { return Ok(false) };
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(false) };
    let stem = stem.to_string_lossy();
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&*stem)) {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        // Of an empty file nothing is known to tell it by.
        if is_file && known.bytes > 0 && entry.path() != path && repair_closed(&entry.path(), known)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn repair(file: &mut File, known: Mark) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    if length < known.bytes || hash(&read_tail(file, known.bytes)?) != known.tail {
        return Ok(false);
    }
    if length > known.bytes {
        file.set_len(known.bytes)?;
        file.sync_data()?;
    }
    Ok(true)
}

/// The bytes before an offset that a file is known by.
fn read_tail(file: &mut File, end: u64) -> std::io::Result<Vec<u8>> {
    let length = end.min(TAIL_BYTES as u64);
    if length == 0 {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::Start(end - length))?;
    let mut tail = Vec::new();
    Read::by_ref(file).take(length).read_to_end(&mut tail)?;
    Ok(tail)
}

fn hash(tail: &[u8]) -> i64 {
    i64::from_ne_bytes(xxh3_64(tail).to_ne_bytes())
}

#[cfg(unix)]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(_a: &Metadata, _b: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_committed_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        let mut file = AppendFile::create(&path, "").unwrap().unwrap();
        assert!(AppendFile::create(&path, "").unwrap().is_none(), "nobody's file is taken over");
        file.push(b"whole");
        assert_eq!(file.pending(), 5);
        let mark = file.flush().unwrap();
        file.settle();
        file.push(b" and lost");
        file.abandon().unwrap();
        file.push(b" and flushed");
        file.flush().unwrap();
        file.abandon().unwrap();
        assert_eq!(file.mark(), mark);
        assert_eq!((file.pending(), std::fs::read(&path).unwrap()), (0, b"whole".to_vec()));
        std::fs::write(&path, "whole and torn").unwrap();
        assert!(repair_closed(&path, mark).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert!(!repair_closed(&folder.path().join("none"), mark).unwrap());
    }

    #[test]
    fn rotation_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut file = AppendFile::open(&path, None, "").unwrap();
        file.push(b"one\n");
        file.flush().unwrap();
        assert!(!file.was_moved());
        std::fs::rename(&path, folder.path().join("out.jsonl.1")).unwrap();
        assert!(file.was_moved());
        let again = AppendFile::open(&path, Some(file.mark()), "").unwrap();
        assert_eq!(again.mark().bytes, 0);
    }

    #[test]
    fn a_torn_tail_is_cut_where_the_file_went() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut file = AppendFile::open(&path("out.jsonl"), None, "").unwrap();
        file.push(b"one\n");
        let mark = file.flush().unwrap();
        std::fs::remove_file(path("out.jsonl")).unwrap();
        std::fs::write(path("out.jsonl.2"), "zero\none\n").unwrap();
        std::fs::write(path("out-20260314.jsonl"), "one\ntw").unwrap();
        assert!(repair_moved(&path("out.jsonl"), mark).unwrap());
        assert_eq!(std::fs::read(path("out-20260314.jsonl")).unwrap(), b"one\n");
        assert_eq!(std::fs::read(path("out.jsonl.2")).unwrap(), b"zero\none\n");
        assert!(!repair_moved(&path("other.jsonl"), mark).unwrap());
    }
}
