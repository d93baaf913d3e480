//! What a run tells of the state, and its end.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Result;
use crate::fetch::now_ms;
use crate::frontier::db::{Place, values};
use crate::write::store::Store;

impl Store {
    /// Number of articles that the state knows.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn articles(&mut self) -> Result<u64> {
        let (count, _) = self.transact(|store| store.db.number("SELECT count(*) FROM articles", &[]))?;
        Ok(count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Whether the state knew no article before the run.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn is_first_run(&mut self) -> Result<bool> {
        let (first, _) = self.transact(|store| store.db.number("SELECT first_seen FROM articles ORDER BY id LIMIT 1", &[]))?;
        Ok(first.is_none_or(|at| at >= self.run_start()))
    }

    /// Notes the run's end, with its summary: it is made of what other workers of the run have told of theirs, if there are any.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn end_run(&mut self, mut summary: impl FnMut(Option<String>) -> Result<String>) -> Result<()> {
        self.transact(|store| {
            let sql = "UPDATE runs SET ended_at = ?2 WHERE id = ?1 RETURNING summary";
            let told = store.db.find(sql, &values![store.run, now_ms()], |row| row.get::<Option<String>>(0))?;
            let summary = summary(told.flatten())?;
            store.db.execute("UPDATE runs SET summary = ?2 WHERE id = ?1", &values![store.run, &summary])?;
            if let Some(file) = &store.warc {
                store.marks().forget(file.path())?;
            }
            store.member.as_ref().map_or(Ok(()), |member| member.leave(&store.db))
        })?;
        if self.member.is_none() {
            // A state that is small and in one piece is easy to copy; that it could not be done harms nothing.
            let _ = self.db.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;");
        }
        Ok(())
    }

    /// Leaves a run that came to nothing: others may have what this worker holds. It would be theirs a while later anyhow.
    pub fn leave(&mut self) {
        if let Err(error) = self.take_back().and_then(|()| self.member.as_ref().map_or(Ok(()), |member| member.leave(&self.db))) {
            tracing::debug!(%error, "the worker's hosts are free when their leases end");
        }
    }

    /// Starting points that all workers of the run have read; `None` where there is only one.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn seeds_read(&mut self) -> Result<Option<u64>> {
        let (sum, _) = self.transact(|store| store.member.as_ref().map(|member| member.all_seeds_read(&store.db)).transpose())?;
        Ok(sum)
    }

    /// Bytes that the state and the present output files take on disk, by kind; those of ended files count no more.
    #[must_use]
    pub fn disk(&self) -> BTreeMap<String, u64> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let sql = "SELECT CAST(sum(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'";
        let state = match &self.config.state {
            Place::File(path) => size(path),
            // That it can't be told harms nothing.
            Place::Server(_) => self.db.number(sql, &[]).ok().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        };
        let mut out = BTreeMap::from([("state".to_owned(), state), ("output".to_owned(), size(self.output_path()))]);
        if let Some(rejected) = &self.rejected {
            out.insert("rejected".to_owned(), size(rejected.path()));
        }
        if let Some(warc) = &self.config.warc {
            let files = std::fs::read_dir(&warc.folder).into_iter().flatten().flatten();
            out.insert("warc".to_owned(), files.map(|file| size(&file.path())).sum());
        }
        out
    }
}
