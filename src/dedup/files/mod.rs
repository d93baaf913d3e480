//! What is there twice in files of finished records?
//!
//! In: JSON Lines, any number of files. Out: the same lines in the same order, with near copies marked or left out and
//! without what a site prints under article after article; a line of which nothing is to be said stays byte for byte.
//! The inputs are read up to five times, and what must be sorted is sorted on the disk, so that memory stays at some bytes
//! a record:
//!
//! 1. `boilerplate` sees which texts many articles of a host hold, and
//! 2. looks at a few of those articles: are they different ones?
//! 3. `copies` takes the bands of every text without its boilerplate, which gives pairs that may be copies, and
//! 4. keeps the fingerprints of those, which settle it.
//! 5. `rewrite` writes each record.
//!
//! Never: an order or a mark that depends on the number of threads.

pub(crate) mod bits;
mod boilerplate;
mod copies;
mod line;
mod patch;
mod rewrite;
pub(crate) mod shelf;
pub(crate) mod sources;
pub(crate) mod spill;
pub(crate) mod threads;

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use crate::dedup::boilerplate::Removal;
use crate::dedup::{DedupConfig, NearDuplicates};
use crate::error::{Error, Result};
use bits::Bits;
use boilerplate::{Boilerplate, Sighting, Survey};
use copies::{Bands, Copies, Traits, particulars};
use line::Record;
use shelf::Shelf;
use sources::{Numbered, Sources};
use threads::pass;

/// How files are deduplicated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is done about near copies and boilerplate.
    pub config: DedupConfig,
    /// Threads; at least one. The output is the same with any number.
    pub jobs: usize,
    /// Folder for temporary files, which may come to as much as the inputs.
    pub temporary: PathBuf,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which input, from 0.
    pub input: usize,
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub cause: String,
}

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records read.
    pub records: u64,
    /// Records that copy another.
    pub copies: u64,
    /// Lines that are no records.
    pub damaged: u64,
    /// Records that lost boilerplate.
    pub trimmed: u64,
    /// Paragraphs that were boilerplate, over all records; sub-headings and the like count, too.
    pub paragraphs: u64,
    /// Captions that were.
    pub captions: u64,
    /// Hosts that have boilerplate.
    pub hosts: u64,
}

/// Deduplicates records; `open` gives the output when the first line is there, `damaged` hears of each line that is none.
///
/// # Errors
/// [`Error::Io`] when an input can't be read or a temporary file not written, or with an empty path when the output can't;
/// those of `open`.
pub fn deduplicate<W: Write>(
    inputs: &[PathBuf],
    settings: &Settings,
    open: impl FnOnce() -> Result<W>,
    damaged: impl FnMut(&Damage),
) -> Result<Tally> {
    let sources = Sources::open(inputs, &settings.temporary)?;
    let boilerplate = if settings.config.boilerplate { learn(&sources, settings)? } else { Boilerplate::default() };
    let found = match settings.config.near_duplicates {
        NearDuplicates::Off => Found::default(),
        NearDuplicates::Mark | NearDuplicates::Drop => find(&sources, settings, &boilerplate)?,
    };
    let tally = write(&sources, settings, &boilerplate, &found, open, damaged)?;
    if found.lines.is_some_and(|lines| lines != tally.records + tally.damaged) {
        return Err(Error::BadInput("an input changed while it was read; run again when it is finished".to_owned()));
    }
    Ok(tally)
}

/// Each line's number with what is made of its record; `None` of lines that are none, or not wanted.
fn each<T>(batch: &[Numbered], wanted: impl Fn(u32) -> bool, make: impl Fn(&Record<'_>) -> Option<T>) -> Vec<(u32, Option<T>)> {
    let one = |line: &Numbered| if wanted(line.record) { Record::read(line).ok().and_then(|record| make(&record)) } else { None };
    batch.iter().map(|line| (line.record, one(line))).collect()
}

/// Finds out what boilerplate the hosts have.
fn learn(sources: &Sources, settings: &Settings) -> Result<Boilerplate> {
    let mut survey = Survey::new(&settings.temporary);
    pass(
        sources,
        settings.jobs,
        |batch| each(&batch, |_| true, Sighting::of),
        |seen| seen.into_iter().try_for_each(|(record, sighting)| survey.add(record, sighting)),
    )?;
    let suspects = survey.suspects()?;
    if suspects.wanted.is_empty() {
        return Ok(Boilerplate::default());
    }
    let mut shelf = Shelf::new(&settings.temporary)?;
    pass(
        sources,
        settings.jobs,
        |batch| each(&batch, |record| suspects.wanted.has(record), |record| suspects.own_words(record)),
        |read| read.into_iter().try_for_each(|(record, words)| words.map_or(Ok(()), |words| shelf.put(record, &words))),
    )?;
    suspects.settle(shelf.close()?)
}

/// What looking for copies gives.
#[derive(Debug, Default)]
struct Found {
    copies: Copies,
    /// Records without boilerplate.
    plain: Bits,
    /// Lines, if anybody looked.
    lines: Option<u64>,
}

/// The text by which a record is compared.
fn own_text<'a>(record: &'a Record<'_>, removal: Option<&Removal>) -> Cow<'a, str> {
    match removal {
        Some(removal) => Cow::Owned(record.body_without(&removal.blocks)),
        None => Cow::Borrowed(record.body.as_ref()),
    }
}

/// Finds the copies.
fn find(sources: &Sources, settings: &Settings, boilerplate: &Boilerplate) -> Result<Found> {
    let (mut bands, mut plain, mut lines) = (Bands::new(&settings.temporary), Bits::default(), 0);
    let traits = |record: &Record<'_>| {
        let removal = boilerplate.of(record);
        Some((Traits::of(record, &own_text(record, removal.as_ref())), removal.is_none()))
    };
    pass(
        sources,
        settings.jobs,
        |batch| each(&batch, |_| true, traits),
        |read| {
            lines += read.len() as u64;
            for (record, traits) in read {
                let Some((traits, is_plain)) = traits else { continue };
                bands.add(record, &traits)?;
                if is_plain {
                    plain.put(record);
                }
            }
            Ok(())
        },
    )?;
    let lines = Some(lines);
    let candidates = bands.candidates(settings.config.similarity)?;
    if candidates.wanted.is_empty() {
        return Ok(Found { plain, lines, ..Found::default() });
    }
    let mut shelf = Shelf::new(&settings.temporary)?;
    pass(
        sources,
        settings.jobs,
        |batch| {
            let particulars = |record: &Record<'_>| Some(particulars(record, &own_text(record, boilerplate.of(record).as_ref())));
            each(&batch, |record| candidates.wanted.has(record), particulars)
        },
        |read| read.into_iter().try_for_each(|(record, bytes)| bytes.map_or(Ok(()), |bytes| shelf.put(record, &bytes))),
    )?;
    Ok(Found { copies: candidates.settle(shelf.close()?)?, plain, lines })
}

/// A batch as it is written, with its part of the tally.
#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    tally: Tally,
    damage: Vec<Damage>,
}

fn write<W: Write>(
    sources: &Sources,
    settings: &Settings,
    boilerplate: &Boilerplate,
    found: &Found,
    open: impl FnOnce() -> Result<W>,
    mut damaged: impl FnMut(&Damage),
) -> Result<Tally> {
    let drops = settings.config.near_duplicates == NearDuplicates::Drop;
    let mut tally = Tally { hosts: boilerplate.hosts() as u64, ..Tally::default() };
    let (mut open, mut output) = (Some(open), None);
    pass(
        sources,
        settings.jobs,
        |batch| {
            let mut written = Written::default();
            for line in &batch {
                written.add(line, boilerplate, found, drops);
            }
            written
        },
        |written| {
            written.damage.iter().for_each(&mut damaged);
            tally.add(&written.tally);
            if written.bytes.is_empty() {
                return Ok(());
            }
            if let Some(open) = open.take() {
                output = Some(open()?);
            }
            output.as_mut().map_or(Ok(()), |output| output.write_all(&written.bytes)).map_err(|e| Error::io("", e))
        },
    )?;
    output.map_or(Ok(()), |mut output| output.flush()).map_err(|e| Error::io("", e))?;
    Ok(tally)
}

impl Written {
    fn add(&mut self, line: &Numbered, boilerplate: &Boilerplate, found: &Found, drops: bool) {
        let original = found.copies.original(line.record);
        if let (true, Some(raw)) = (found.plain.has(line.record), &line.raw) {
            // It has been read before: a record, and nothing leaves it.
            self.tally.records += 1;
            self.tally.copies += u64::from(original.is_some());
            if !(drops && original.is_some()) {
                self.put(raw.trim_ascii_end(), original);
            }
            return;
        }
        let (record, raw) = match (Record::read(line), line.raw.as_deref()) {
            (Ok(record), Some(raw)) => (record, raw.trim_ascii_end()),
            (Err(cause), _) => {
                self.tally.damaged += 1;
                self.damage.push(Damage { input: line.source, line: line.number, cause });
                return;
            }
            (Ok(_), None) => return,
        };
        self.tally.records += 1;
        self.tally.copies += u64::from(original.is_some());
        if drops && original.is_some() {
            return;
        }
        let removal = boilerplate.of(&record);
        if let Some(removal) = &removal {
            self.tally.trimmed += 1;
            self.tally.paragraphs += removal.blocks.len() as u64;
            self.tally.captions += removal.captions.len() as u64;
        }
        let trimmed = removal.map(|removal| rewrite::without(raw, &record, &removal));
        self.put(trimmed.as_deref().unwrap_or(raw), original);
    }

    /// A line, marked where it copies a record.
    fn put(&mut self, line: &[u8], original: Option<&str>) {
        let marked = original.map(|id| rewrite::marked(line, id));
        self.bytes.extend_from_slice(marked.as_deref().unwrap_or(line));
        self.bytes.push(b'\n');
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.copies += other.copies;
        self.damaged += other.damaged;
        self.trimmed += other.trimmed;
        self.paragraphs += other.paragraphs;
        self.captions += other.captions;
        self.hosts += other.hosts;
    }
}
