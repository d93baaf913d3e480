//! What the state knows of the files that it goes with: how long each was at the last commit.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::frontier::db::{Db, Row, Trouble, values};
use crate::write::append::{Mark, repair_closed, repair_moved};
use crate::write::lines::LineFile;
use crate::write::warc::{self, Claim, WarcFile};

/// The files of one worker, as the state knows them; of the only one, the name is empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks<'a> {
    pub(super) db: &'a Db,
    pub(super) worker: &'a str,
}

impl Marks<'_> {
    /// Cuts torn tails off. Once whole, a file is forgotten; those that this run writes to are taken up anew.
    pub(super) fn repair(self) -> Result<()> {
        for (path, mark) in self.known()? {
            let path = Path::new(&path);
            if !repair_closed(path, mark)? && !warc::is_warc(path) {
                repair_moved(path, mark)?;
            }
            if warc::is_warc(path) && mark.bytes == 0 && path.metadata().is_ok_and(|file| file.len() == 0) {
                std::fs::remove_file(path).map_err(|e| Error::io(path, e))?;
            }
            self.forget(path)?;
        }
        Ok(())
    }

    /// Opens a file of lines; the state knows of it before anything is written.
    pub(super) fn open_lines(self, template: &Path, today: &str, role: &'static str) -> Result<LineFile> {
        let path = path_of(template, today);
        let file = LineFile::open(&path, self.known_mark(&path)?, role)?;
        self.remember(&[(path, file.mark())])?;
        Ok(file)
    }

    /// Keeps how long files are.
    pub(super) fn remember(self, marks: &[(PathBuf, Mark)]) -> Result<()> {
        let sql = "INSERT INTO outputs (worker, path, bytes, tail) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (worker, path) DO UPDATE SET bytes = excluded.bytes, tail = excluded.tail";
        let paths: Vec<_> = marks.iter().map(|(path, _)| path.to_string_lossy()).collect();
        let bytes = |mark: &Mark| i64::try_from(mark.bytes).unwrap_or(i64::MAX);
        let rows = paths.iter().zip(marks).map(|(path, (_, mark))| values![self.worker, &**path, bytes(mark), mark.tail]);
        self.db.many(sql, &rows.collect::<Vec<_>>()).map(drop)
    }

    /// The first WARC of a run, or the one after another. A name is claimed before there is a file, and a kill between
    /// the two, or before anything stands in the file, leaves none.
    pub(super) fn open_warc(self, make: impl FnOnce(Claim<'_>) -> Result<WarcFile>) -> Result<WarcFile> {
        let file = make(&|path| self.remember(&[(path.to_owned(), Mark::CLAIM)]))?;
        self.remember(&[(file.path().to_owned(), file.mark())])?;
        Ok(file)
    }

    /// Lets go of a file that is whole and done with.
    pub(super) fn forget(self, path: &Path) -> Result<()> {
        let sql = "DELETE FROM outputs WHERE worker = ?1 AND path = ?2";
        self.db.execute(sql, &values![self.worker, &*path.to_string_lossy()]).map(drop)
    }

    fn known_mark(self, path: &Path) -> Result<Option<Mark>> {
        let sql = "SELECT bytes, tail FROM outputs WHERE worker = ?1 AND path = ?2";
        self.db.find(sql, &values![self.worker, &*path.to_string_lossy()], |row| read_mark(row, 0))
    }

    fn known(self) -> Result<Vec<(String, Mark)>> {
        let sql = "SELECT path, bytes, tail FROM outputs WHERE worker = ?1 ORDER BY path";
        self.db.query(sql, &values![self.worker], |row| Ok((row.get(0)?, read_mark(row, 1)?)))
    }
}

pub(super) fn needs_reopening(file: &LineFile, template: &Path, today: &str) -> bool {
    file.path() != path_of(template, today) || file.was_moved()
}

fn path_of(template: &Path, today: &str) -> PathBuf {
    match template.to_str() {
        Some(text) if text.contains("{date}") => PathBuf::from(text.replace("{date}", today)),
        _ => template.to_owned(),
    }
}

fn read_mark(row: &Row<'_>, first: usize) -> Result<Mark, Trouble> {
    Ok(Mark { bytes: u64::try_from(row.get::<i64>(first)?).unwrap_or(0), tail: row.get(first + 1)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::db::Place;

    #[test]
    fn of_a_claim_nothing_is_left_and_another_s_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (state, empty, other) = (path("state"), path("copydesk-1.warc.gz"), path("copydesk-2.warc.gz"));
        let db = Db::open(&Place::from(state)).unwrap();
        let marks = Marks { db: &db, worker: "" };
        for claimed in [&empty, &other] {
            marks.remember(&[(claimed.clone(), Mark::CLAIM)]).unwrap();
        }
        std::fs::write(&empty, "").unwrap();
        std::fs::write(&other, "another run's").unwrap();
        marks.repair().unwrap();
        assert!(!empty.exists());
        assert_eq!(std::fs::read(&other).unwrap(), b"another run's");
        assert!(marks.known().unwrap().is_empty());
    }
}
