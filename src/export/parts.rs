//! Rows → files: one, several in a row, or some for each side of a split; with a manifest and a datasheet.
//!
//! In: rows in their order. Out: files, each under its name when it is whole. Never: half a file under its own name.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::lines::{Counted, LinesFile, Packing};
use super::manifest::{Part, manifest};
#[cfg(feature = "parquet")]
use super::parquet::ParquetFile;
use super::run::{Done, Form, Plan, Report, Summary};
use super::sheet::Sheet;
use crate::batch::flow::Sink;
use crate::error::{Error, Result};

type Out = Counted<BufWriter<File>>;

/// A file in the making, of either kind.
enum Writer {
    #[cfg(feature = "parquet")]
    Parquet(ParquetFile<Out>),
    Lines(LinesFile<Out>),
}

/// The part that is being written, under a name of its own until it is whole.
struct Open {
    writer: Writer,
    draft: PathBuf,
    path: PathBuf,
    records: u64,
}

/// The files of one side of a split, or all there are.
#[derive(Default)]
struct Side {
    name: Option<String>,
    part: Option<Open>,
    files: usize,
    records: u64,
    sites: FxHashSet<u64>,
}

/// All files.
pub(super) struct Parts<'a> {
    plan: &'a Plan,
    form: Form,
    sides: Vec<Side>,
    summary: Summary,
    sheet: Sheet,
    report: Report<'a>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(plan: &'a Plan, form: Form, report: Report<'a>) -> Self {
        let sides = match &plan.split {
            Some(split) => split.sides.iter().map(|side| Side { name: Some(side.name.clone()), ..Side::default() }).collect(),
            None => vec![Side::default()],
        };
        Self { plan, form, sides, summary: Summary::default(), sheet: Sheet::default(), report }
    }

    /// The name of the output with something before its ending.
    fn path(&self, addition: &str) -> Result<PathBuf> {
        let mut name = self.plan.form()?.1.into_os_string();
        name.push(addition);
        Ok(PathBuf::from(name))
    }

    fn open(&self, side: usize) -> Result<Open> {
        let Side { name, files, .. } = &self.sides[side];
        let side = name.as_ref().map(|name| format!("-{name}")).unwrap_or_default();
        let number = self.plan.rows_per_file.map(|_| format!("-{files:05}")).unwrap_or_default();
        let path = self.path(&format!("{side}{number}{}", self.form.ending()))?;
        let mut draft = path.clone().into_os_string();
        draft.push(".new");
        let draft = PathBuf::from(draft);
        let out = Counted::new(BufWriter::with_capacity(1 << 17, File::create(&draft).map_err(|e| Error::io(&path, e))?));
        let writer = match self.form {
            #[cfg(feature = "parquet")]
            Form::Parquet => Writer::Parquet(ParquetFile::new(out, self.plan.preset)?),
            Form::JsonlGzip => Writer::Lines(LinesFile::new(out, Packing::Gzip)?),
            Form::JsonlZstd => Writer::Lines(LinesFile::new(out, Packing::Zstd)?),
            _ => Writer::Lines(LinesFile::new(out, Packing::Plain)?),
        };
        Ok(Open { writer, draft, path, records: 0 })
    }

    fn push(&mut self, row: &Value, side: usize, site: u64) -> Result<()> {
        let mut part = match self.sides[side].part.take() {
            Some(part) => part,
            None => self.open(side)?,
        };
        let written = match &mut part.writer {
            #[cfg(feature = "parquet")]
            Writer::Parquet(file) => file.push(row),
            Writer::Lines(file) => {
                let mut line = serde_json::to_vec(row).map_err(|e| Error::Internal(e.to_string()))?;
                line.push(b'\n');
                file.push(&line)
            }
        };
        part.records += 1;
        let full = self.plan.rows_per_file.is_some_and(|most| part.records >= most);
        let path = part.path.clone();
        self.sides[side].part = Some(part);
        written.map_err(|e| named(e, &path))?;
        self.summary.records += 1;
        self.sides[side].records += 1;
        if self.plan.split.is_some() {
            self.sides[side].sites.insert(site);
        }
        if full { self.close(side) } else { Ok(()) }
    }

    /// Puts the part that is being written in its place.
    fn close(&mut self, side: usize) -> Result<()> {
        let Some(Open { writer, draft, path, records }) = self.sides[side].part.take() else { return Ok(()) };
        let split = self.sides[side].name.clone();
        let finish = || {
            let out = match writer {
                #[cfg(feature = "parquet")]
                Writer::Parquet(file) => file.finish()?,
                Writer::Lines(file) => file.finish()?,
            };
            let (out, bytes, sha256) = out.finish().map_err(|e| Error::io("", e))?;
            let file = out.into_inner().map_err(|e| Error::io("", e.into_error()))?;
            file.sync_all().and_then(|()| std::fs::rename(&draft, &path)).map_err(|e| Error::io("", e))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Part { name, split, records, bytes, sha256 })
        };
        match finish() {
            Ok(part) => {
                self.summary.files.push(part);
                self.sides[side].files += 1;
                Ok(())
            }
            Err(error) => {
                let _ = std::fs::remove_file(&draft);
                Err(named(error, &path))
            }
        }
    }

    /// Nothing more comes.
    pub(super) fn end(mut self, sources: &[String]) -> Result<Summary> {
        // Records that nobody wants are an empty data set, and so is a side that got none; no records at all are no data set.
        let any = self.summary.records > 0 || !self.summary.left_out.is_empty();
        for side in 0..self.sides.len() {
            if any && self.sides[side].part.is_none() && self.sides[side].files == 0 {
                self.sides[side].part = Some(self.open(side)?);
            }
            self.close(side)?;
        }
        let of = |side: &Side| Some((side.name.clone()?, side.records, side.sites.len() as u64));
        self.summary.sides = self.sides.iter().filter_map(of).collect();
        if (self.plan.rows_per_file.is_some() || self.plan.split.is_some()) && !self.summary.files.is_empty() {
            let path = self.path(".manifest.json")?;
            let text = manifest(self.plan, sources, &self.summary).map_err(|e| Error::Internal(e.to_string()))?;
            std::fs::write(&path, text).map_err(|e| Error::io(&path, e))?;
            self.summary.manifest = Some(path);
        }
        if let Some(path) = self.plan.sheet.as_ref().filter(|_| !self.summary.files.is_empty()) {
            std::fs::write(path, self.sheet.markdown(self.plan, sources, &self.summary)).map_err(|e| Error::io(path, e))?;
        }
        Ok(std::mem::take(&mut self.summary))
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        for part in self.sides.iter().filter_map(|side| side.part.as_ref()) {
            let _ = std::fs::remove_file(&part.draft);
        }
    }
}

fn named(error: Error, path: &Path) -> Error {
    match error {
        Error::Io { path: empty, source } if empty.as_os_str().is_empty() => Error::io(path, source),
        other => other,
    }
}

impl Sink<Done> for Parts<'_> {
    fn take(&mut self, done: Done) -> Result<()> {
        match done {
            Done::Row(row, (side, site), facts) => {
                if let Some(facts) = facts {
                    self.sheet.count(*facts);
                }
                return self.push(&row, side, site);
            }
            Done::LeftOut(why) => *self.summary.left_out.entry(why).or_default() += 1,
            Done::Damaged(name, line, error) => {
                self.summary.damaged += 1;
                (self.report)(&name, line, &error);
            }
            Done::Failed(name, error) => {
                self.summary.failed += 1;
                (self.report)(&name, 0, &error);
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<()> {
        Ok(())
    }
}
