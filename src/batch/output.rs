//! Where a batch's lines go, and what they come to.

use std::collections::BTreeMap;
use std::io::Write;

use crate::batch::flow::Sink;
use crate::error::{Error, Result};
use crate::record::Options;

/// How a batch runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Worker threads; at least one. One keeps the order of the input.
    pub jobs: usize,
    /// Largest page, in bytes of its text.
    pub max_body_bytes: u64,
    /// Extraction.
    pub options: Options,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Inputs that gave a record.
    pub records: u64,
    /// Inputs that gave an error, in a line of its own.
    pub failures: u64,
    /// Inputs that gave no line, by the stable name of what was wrong with them.
    pub left_out: BTreeMap<&'static str, u64>,
}

/// What is there when a batch has ended.
#[derive(Debug)]
pub struct Ended<W> {
    /// Records and errors.
    pub tally: Tally,
    /// The output, if any answer was written.
    pub output: Option<W>,
    /// Why reading stopped before the end of the input; what was read is answered.
    pub reading: Option<Error>,
}

/// A worker's result.
#[derive(Debug)]
pub(crate) enum Done {
    /// A record, as a line.
    Record(Vec<u8>),
    /// An error, as a line.
    Failure(Vec<u8>),
    /// Nothing to write, and why.
    LeftOut(&'static str),
}

/// An output that is opened when there is something to write.
pub(crate) struct Output<W, O> {
    open: Option<O>,
    opened: Option<W>,
    pub(crate) tally: Tally,
}

impl<W: Write, O: FnOnce() -> Result<W>> Output<W, O> {
    pub(crate) fn new(open: O) -> Self {
        Self { open: Some(open), opened: None, tally: Tally::default() }
    }

    /// Everything is written.
    pub(crate) fn end(mut self, reading: Option<Error>) -> Result<Ended<W>> {
        self.flush()?;
        Ok(Ended { tally: self.tally, output: self.opened, reading })
    }

    fn flush(&mut self) -> Result<()> {
        self.opened.as_mut().map_or(Ok(()), |output| output.flush().map_err(|e| Error::io("", e)))
    }

    fn write(&mut self, line: &[u8]) -> Result<()> {
        if let Some(open) = self.open.take() {
            self.opened = Some(open()?);
        }
        self.opened.as_mut().map_or(Ok(()), |output| output.write_all(line).map_err(|e| Error::io("", e)))
    }
}

impl<W: Write, O: FnOnce() -> Result<W>> Sink<Result<Done>> for Output<W, O> {
    fn take(&mut self, done: Result<Done>) -> Result<()> {
        match done? {
            Done::Record(line) => {
                self.write(&line)?;
                self.tally.records += 1;
            }
            Done::Failure(line) => {
                self.write(&line)?;
                self.tally.failures += 1;
            }
            Done::LeftOut(why) => *self.tally.left_out.entry(why).or_default() += 1,
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<()> {
        self.flush()
    }
}
