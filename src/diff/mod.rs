//! What changed between two files of records: a new version of the extractor, two crawls, two revisions?
//!
//! In: JSON Lines of records, old and new, plain or packed. Out: a line or an object for each record that differs, field by
//! field, and for each that only one of the files has. `pairs` finds out which records belong together, `fields` compares
//! two, `texts` finds what changed in a text, `show` prints it. The old file's records lie in a temporary file, memory holds
//! some bytes a record. Never: an output that depends on the number of threads.

mod fields;
mod pairs;
mod show;
mod texts;

pub use fields::Choice;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::dedup::Damage;
use crate::dedup::files::shelf::Kept;
use crate::dedup::files::sources::{Numbered, Sources};
use crate::dedup::files::threads::pass;
use crate::error::{Error, Result};
use pairs::{Head, NONE, Pairs};
use show::Told;

/// Whom the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// For programs: an object a record.
    Jsonl,
}

/// What is compared with what.
#[derive(Debug, Clone)]
pub enum Inputs {
    /// The records of two files.
    Two {
        /// As it was.
        old: PathBuf,
        /// As it is.
        new: PathBuf,
    },
    /// Each revision in a file with the one before it.
    Revisions(PathBuf),
}

/// How files are compared.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom the output is for.
    pub form: Form,
    /// Which fields count.
    pub choice: Choice,
    /// Threads; at least one. The output is the same with any number.
    pub jobs: usize,
    /// Folder for temporary files, which may come to as much as the old file unpacked.
    pub temporary: PathBuf,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records that were compared with their counterpart.
    pub compared: u64,
    /// Those of them that differ in no field that counts.
    pub equal: u64,
    /// In how many records each field differs.
    pub fields: BTreeMap<String, u64>,
    /// Records that only the old file has.
    pub only_old: u64,
    /// Records that only the new file has.
    pub only_new: u64,
    /// Lines that are no records.
    pub damaged: u64,
}

/// Compares records; `open` gives the output when there is something to write, `damaged` hears of each line that
/// is no record, the old file being input 0.
///
/// # Errors
/// [`Error::Io`] when an input can't be read or a temporary file not written, or with an empty path when the output can't;
/// those of `open`.
pub fn diff<W: Write>(
    inputs: &Inputs,
    settings: &Settings,
    open: impl FnOnce() -> Result<W>,
    mut damaged: impl FnMut(&Damage),
) -> Result<Tally> {
    let open_input = |path: &PathBuf| Sources::open(std::slice::from_ref(path), &settings.temporary);
    let (old, new) = match inputs {
        Inputs::Two { old, new } => (open_input(old)?, Some(open_input(new)?)),
        Inputs::Revisions(file) => (open_input(file)?, None),
    };
    let mut tally = Tally::default();
    let mut hear = |damage: Damage| {
        tally.damaged += 1;
        damaged(&damage);
    };
    let Pairs { kept, partners, lonely } = pairs::find(&old, new.as_ref(), settings, &mut hear)?;
    let kept = Mutex::new(kept);
    let (mut open, mut output) = (Some(open), None);
    let mut write = |bytes: &[u8]| {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(open) = open.take() {
            output = Some(open()?);
        }
        output.as_mut().map_or(Ok(()), |output: &mut W| output.write_all(bytes)).map_err(|e| Error::io("", e))
    };
    let between_files = new.is_some();
    let compare = |batch: Vec<Numbered>| -> Result<Told> {
        let mut told = Told::default();
        for line in &batch {
            told.add(line, partners.get(line.record as usize).copied().unwrap_or(NONE), &kept, settings, between_files)?;
        }
        Ok(told)
    };
    pass(new.as_ref().unwrap_or(&old), settings.jobs, compare, |told| {
        let told = told?;
        tally.add(&told.tally);
        write(&told.bytes)
    })?;
    for record in lonely {
        let mut told = Told::default();
        if let Some(raw) = fetch(&kept, record)? {
            told.only(&parsed(&raw), "old", settings.form);
        }
        tally.add(&told.tally);
        write(&told.bytes)?;
    }
    output.map_or(Ok(()), |mut output| output.flush()).map_err(|e| Error::io("", e))?;
    Ok(tally)
}

/// The line of a record of the old file.
fn fetch(kept: &Mutex<Kept<'_>>, record: u32) -> Result<Option<Vec<u8>>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).get(record)
}

/// A line that was read before, as an object.
fn parsed(raw: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(raw).unwrap_or_default()
}

impl Told {
    /// Compares a record with its counterpart.
    fn add(&mut self, line: &Numbered, partner: u32, kept: &Mutex<Kept<'_>>, settings: &Settings, between_files: bool) -> Result<()> {
        let Some(raw) = line.raw.as_deref().filter(|_| Head::read(line).is_ok()) else { return Ok(()) };
        let old = if partner == NONE { None } else { fetch(kept, partner)? };
        match old {
            Some(old) if old == raw => self.equal(),
            Some(old) => self.pair(&parsed(&old), &parsed(raw), settings),
            None if between_files => self.only(&parsed(raw), "new", settings.form),
            None => {}
        }
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.compared += other.compared;
        self.equal += other.equal;
        self.only_old += other.only_old;
        self.only_new += other.only_new;
        for (field, count) in &other.fields {
            *self.fields.entry(field.clone()).or_default() += count;
        }
    }
}
