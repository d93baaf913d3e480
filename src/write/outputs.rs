//! What the state knows of the files that it goes with: how long each was at the last commit.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::frontier::schema::state_error;
use crate::write::append::{Mark, repair_closed, repair_moved};
use crate::write::lines::LineFile;
use crate::write::warc::{self, Claim, WarcFile};

/// Cuts torn tails off. Once whole, a file is forgotten; those that this run writes to are taken up anew.
pub(super) fn repair(db: &Connection, state: &Path) -> Result<()> {
    let fail = |e: rusqlite::Error| state_error(state, &e);
    for (path, mark) in known(db).map_err(fail)? {
        let path = Path::new(&path);
        if !repair_closed(path, mark)? && !warc::is_warc(path) {
            repair_moved(path, mark)?;
        }
        if warc::is_warc(path) && mark.bytes == 0 && path.metadata().is_ok_and(|file| file.len() == 0) {
            std::fs::remove_file(path).map_err(|e| Error::io(path, e))?;
        }
        forget(db, path).map_err(fail)?;
    }
    Ok(())
}

/// Opens a file of lines; the state knows of it before anything is written.
pub(super) fn open_lines(db: &Connection, state: &Path, template: &Path, today: &str, role: &'static str) -> Result<LineFile> {
    let path = path_of(template, today);
    let known = known_mark(db, &path).map_err(|e| state_error(state, &e))?;
    let file = LineFile::open(&path, known, role)?;
    remember(db, &path, file.mark()).map_err(|e| state_error(state, &e))?;
    Ok(file)
}

pub(super) fn needs_reopening(file: &LineFile, template: &Path, today: &str) -> bool {
    file.path() != path_of(template, today) || file.was_moved()
}

/// Keeps how long a file is.
pub(super) fn remember(db: &Connection, path: &Path, mark: Mark) -> rusqlite::Result<()> {
    let sql = "INSERT INTO outputs (path, bytes, tail) VALUES (?1, ?2, ?3) ON CONFLICT (path) DO UPDATE SET bytes = ?2, tail = ?3";
    let bytes = i64::try_from(mark.bytes).unwrap_or(i64::MAX);
    db.prepare_cached(sql)?.execute(params![path.to_string_lossy(), bytes, mark.tail]).map(drop)
}

/// The first WARC of a run, or the one after another. A name is claimed before there is a file, and a kill between
/// the two, or before anything stands in the file, leaves none.
pub(super) fn open_warc(db: &Connection, state: &Path, make: impl FnOnce(Claim<'_>) -> Result<WarcFile>) -> Result<WarcFile> {
    let fail = |e: rusqlite::Error| state_error(state, &e);
    let file = make(&|path| remember(db, path, Mark::CLAIM).map_err(fail))?;
    remember(db, file.path(), file.mark()).map_err(fail)?;
    Ok(file)
}

/// Lets go of a file that is whole and done with.
pub(super) fn forget(db: &Connection, path: &Path) -> rusqlite::Result<()> {
    db.execute("DELETE FROM outputs WHERE path = ?1", [path.to_string_lossy()]).map(drop)
}

fn path_of(template: &Path, today: &str) -> PathBuf {
    match template.to_str() {
        Some(text) if text.contains("{date}") => PathBuf::from(text.replace("{date}", today)),
        _ => template.to_owned(),
    }
}

fn read_mark(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Mark> {
    Ok(Mark { bytes: u64::try_from(row.get::<_, i64>(first)?).unwrap_or(0), tail: row.get(first + 1)? })
}

fn known_mark(db: &Connection, path: &Path) -> rusqlite::Result<Option<Mark>> {
    let sql = "SELECT bytes, tail FROM outputs WHERE path = ?1";
    db.query_row(sql, [path.to_string_lossy()], |row| read_mark(row, 0)).optional()
}

fn known(db: &Connection) -> rusqlite::Result<Vec<(String, Mark)>> {
    let mut statement = db.prepare("SELECT path, bytes, tail FROM outputs ORDER BY path")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, read_mark(row, 1)?)))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::schema::open_writing;

    #[test]
    fn of_a_claim_nothing_is_left_and_another_s_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (state, empty, other) = (path("state"), path("copydesk-1.warc.gz"), path("copydesk-2.warc.gz"));
        let db = open_writing(&state).unwrap();
        for claimed in [&empty, &other] {
            remember(&db, claimed, Mark::CLAIM).unwrap();
        }
        std::fs::write(&empty, "").unwrap();
        std::fs::write(&other, "another run's").unwrap();
        repair(&db, &state).unwrap();
        assert!(!empty.exists());
        assert_eq!(std::fs::read(&other).unwrap(), b"another run's");
        assert!(known(&db).unwrap().is_empty());
    }
}
