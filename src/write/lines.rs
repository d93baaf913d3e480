//! A file of lines that only grows by commits: no line of it is ever torn.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::write::append::{AppendFile, Mark};

#[derive(Debug)]
pub(super) struct LineFile(AppendFile);

impl LineFile {
    /// Opens a file to append to, cut to what the state knows of it; its last line is ended first.
    pub(super) fn open(path: &Path, known: Option<Mark>, role: &'static str) -> Result<Self> {
        let mut file = AppendFile::open(path, known, role)?;
        if file.last().is_some_and(|b| b != b'\n') {
            file.push(b"\n");
        }
        Ok(Self(file))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds a line to the next commit.
    pub(super) fn push(&mut self, line: &str) {
        self.0.push(line.as_bytes());
        self.0.push(b"\n");
    }

    /// Writes what was added and makes it safe; how long the file is then goes to `marks`, if that changed.
    pub(super) fn flush(&mut self, marks: &mut Vec<(PathBuf, Mark)>) -> Result<()> {
        self.0.flush_to(marks)
    }

    /// What was flushed is committed.
    pub(super) fn settle(&mut self) {
        self.0.settle();
    }

    /// Takes back what was written since the last commit.
    pub(super) fn abandon(&mut self) -> Result<()> {
        self.0.abandon()
    }

    pub(super) fn mark(&self) -> Mark {
        self.0.mark()
    }

    /// Whether the path leads to another file by now, or to none: it was rotated.
    pub(super) fn was_moved(&self) -> bool {
        self.0.was_moved()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_tail_is_cut_and_a_strange_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/out.jsonl");
        let mut lines = LineFile::open(&path, None, "").unwrap();
        lines.push("one");
        let mut marks = Vec::new();
        lines.flush(&mut marks).unwrap();
        let mark = marks[0].1;
        std::fs::write(&path, "one\ntwo\nthr").unwrap();
        drop(LineFile::open(&path, Some(mark), "").unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
        std::fs::write(&path, "another file").unwrap();
        let mut lines = LineFile::open(&path, Some(mark), "").unwrap();
        lines.push("two");
        lines.flush(&mut marks).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "another file\ntwo\n");
    }
}
