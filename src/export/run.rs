//! Lines in, files out, over threads; the same bytes whatever their number.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::filter::Filter;
use super::input::{Source, whole};
use super::manifest::Part;
use super::parts::Parts;
use super::preset::{Preset, typed_row};
use super::sheet::Facts;
use super::split::Split;
use crate::article::{Article, SCHEMA, error_kind};
use crate::batch::flow::{self, Order, Push};
use crate::decode::jsonl::Line;
use crate::error::{Error, Result, catching};

/// Parts of a sample: a record is in it when its hash is under this share of them.
const SAMPLE_PARTS: f64 = 4_294_967_296.0;

/// What a file holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `.parquet`
    Parquet,
    /// `.jsonl`
    Jsonl,
    /// `.jsonl.gz`
    JsonlGzip,
    /// `.jsonl.zst`
    JsonlZstd,
}

impl Form {
    const ENDINGS: [(&'static str, Self); 4] =
        [(".parquet", Self::Parquet), (".jsonl", Self::Jsonl), (".jsonl.gz", Self::JsonlGzip), (".jsonl.zst", Self::JsonlZstd)];

    /// The form of a file, and its name without the ending.
    #[must_use]
    pub fn of(name: &str) -> Option<(Self, &str)> {
        let known = Self::ENDINGS.iter().find_map(|(ending, form)| Some((*form, name.strip_suffix(ending)?)));
        known.filter(|(_, stem)| !stem.is_empty())
    }

    pub(super) fn ending(self) -> &'static str {
        Self::ENDINGS.iter().find(|(_, form)| *form == self).map_or("", |(ending, _)| ending)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to; its name says in which form.
    pub output: PathBuf,
    /// Field names.
    pub preset: Preset,
    /// Which records, as written and as read.
    pub filter: Option<(String, Filter)>,
    /// Least confidence.
    pub min_confidence: Option<f64>,
    /// The share of records that is wanted, 0 to 1; the same records in every run, chosen by their id.
    pub sample: Option<f64>,
    /// The sides that sites are dealt out to, each with a file of its own.
    pub split: Option<Split>,
    /// Records a file: then there are several, numbered, with a manifest.
    pub rows_per_file: Option<u64>,
    /// Where to write a datasheet, if one is wanted.
    pub sheet: Option<PathBuf>,
    /// Worker threads.
    pub jobs: usize,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Records written.
    pub records: u64,
    /// Lines that were no records.
    pub damaged: u64,
    /// Sources that could not be read to their end.
    pub failed: u64,
    /// Lines that were left out, and why: `where`, `min_confidence`, `sample`, `error` (an answer that is an error),
    /// `no_site` (with a split: nobody says where it is from).
    pub left_out: BTreeMap<&'static str, u64>,
    /// What was written.
    pub files: Vec<Part>,
    /// The sides of a split: name, records, sites.
    pub sides: Vec<(String, u64, u64)>,
    /// The manifest, where there are several files.
    pub manifest: Option<PathBuf>,
}

/// Told of a source, a line in it or 0, and what is wrong.
pub type Report<'a> = &'a mut dyn FnMut(&str, u64, &Error);

/// What a worker gets.
enum Item {
    Line(Arc<str>, u64, Line),
    Failed(Arc<str>, Error),
}

/// What a worker gives.
pub(super) enum Done {
    /// With the side of its site, and a hash of that.
    Row(Value, (usize, u64), Option<Box<Facts>>),
    LeftOut(&'static str),
    Damaged(Arc<str>, u64, Error),
    Failed(Arc<str>, Error),
}

/// Writes the records of `sources` as `plan` has it. A line that is no record is reported, and the rest goes on.
///
/// # Errors
/// [`Error::Io`] when the output can't be written: then there is none, parts that were whole before excepted;
/// [`Error::Config`] for a name that says no form.
pub fn run(sources: Vec<Source>, plan: &Plan, report: Report<'_>) -> Result<Summary> {
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let source = move |push: Push<'_, Item>| read(&sources, push);
    let own = plan.clone();
    let (form, _) = plan.form()?;
    let work = move |item| work(item, &own, form);
    let mut parts = Parts::new(plan, form, report);
    flow::run(source, plan.jobs, Order::Kept, work, &mut parts)?;
    parts.end(&names)
}

fn read(sources: &[Source], push: Push<'_, Item>) {
    for source in sources {
        let name: Arc<str> = source.name.as_str().into();
        let lines = match source.lines() {
            Ok(lines) => lines,
            Err(error) => {
                push(Item::Failed(name, error));
                continue;
            }
        };
        for line in lines {
            let (item, ended) = match line {
                Ok((number, line)) => (Item::Line(Arc::clone(&name), number, line), false),
                Err(error) => (Item::Failed(Arc::clone(&name), Error::io("", error)), true),
            };
            if !push(item) {
                return;
            }
            if ended {
                break;
            }
        }
    }
}

fn work(item: Item, plan: &Plan, form: Form) -> Done {
    match item {
        Item::Failed(name, error) => Done::Failed(name, error),
        Item::Line(name, number, line) => {
            catching(|| row(&whole(line)?, plan, form)).unwrap_or_else(|error| Done::Damaged(name, number, error))
        }
    }
}

fn row(raw: &[u8], plan: &Plan, form: Form) -> Result<Done> {
    let article: Article = match serde_json::from_slice(raw) {
        Ok(article) => article,
        Err(error) => return if error_kind(raw).is_some() { Ok(Done::LeftOut("error")) } else { Err(explain(raw, &error)) },
    };
    if article.schema != SCHEMA {
        return Err(Error::BadInput(format!("its schema is {:?}, not {SCHEMA}", article.schema)));
    }
    if plan.min_confidence.is_some_and(|least| article.extraction.confidence < least) {
        return Ok(Done::LeftOut("min_confidence"));
    }
    if plan.filter.as_ref().is_some_and(|(_, filter)| !filter.holds(&article)) {
        return Ok(Done::LeftOut("where"));
    }
    if plan.sample.is_some_and(|share| f64::from(sample_hash(&article)) >= share * SAMPLE_PARTS) {
        return Ok(Done::LeftOut("sample"));
    }
    let side = match &plan.split {
        None => (0, 0),
        Some(split) => match split.side(&article) {
            Some(side) => side,
            None => return Ok(Done::LeftOut("no_site")),
        },
    };
    let row = if form == Form::Parquet { typed_row(plan.preset, &article)? } else { plan.preset.row(&article)? };
    Ok(Done::Row(row, side, plan.sheet.is_some().then(|| Box::new(Facts::of(&article)))))
}

/// The same for a record in every run and every file.
fn sample_hash(article: &Article) -> u32 {
    u32::try_from(xxh3_64(article.id.to_string().as_bytes()) >> 32).unwrap_or(u32::MAX)
}

fn explain(raw: &[u8], error: &serde_json::Error) -> Error {
    let cause = error.to_string();
    let cause = cause.split(" at line ").next().unwrap_or_default();
    let text = match serde_json::from_slice::<Value>(raw) {
        Ok(Value::Object(_)) => format!("not a record of {SCHEMA}: {cause}"),
        Ok(_) => "not a record: the line is no JSON object".to_owned(),
        Err(_) => format!("not a record: {cause} at column {}", error.column()),
    };
    Error::BadInput(text)
}

impl Plan {
    /// The form of the output, and its path without the ending.
    ///
    /// # Errors
    /// [`Error::Config`] naming the endings that are known.
    pub fn form(&self) -> Result<(Form, PathBuf)> {
        let name = self.output.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let hint = Some("end its name in .parquet, .jsonl, .jsonl.gz or .jsonl.zst".to_owned());
        let unknown = || Error::Config { message: format!("{}: the name says no form", self.output.display()), hint };
        let (form, stem) = Form::of(name).ok_or_else(unknown)?;
        if form == Form::Parquet && cfg!(not(feature = "parquet")) {
            let hint = Some("build with the feature `parquet`, or write .jsonl.zst".to_owned());
            return Err(Error::Config { message: "this copydesk was built without Parquet".to_owned(), hint });
        }
        Ok((form, self.output.with_file_name(stem)))
    }
}
