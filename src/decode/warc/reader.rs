//! A file → its records in their order; damage costs the damaged record alone.

use std::io::{self, BufRead, Read};

use super::member::{self, Packing};
use super::page::Archived;
use super::raw::Raw;
use super::record::{self, Fault, Record};
use crate::error::{Error, Result};

/// What a block may take beyond the largest page: heads, and the lengths of chunks.
const BLOCK_SLACK_BYTES: u64 = 1 << 20;
/// Damages that are told with their place; of further ones the number is.
const TOLD_DAMAGES: usize = 3;
/// Stands in for a line that was read already.
const VERSION_LINE: &[u8] = b"WARC/1.1\r\n";

/// What a file held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Records that are whole.
    pub records: u64,
    /// Those of them that may hold a page, by what their heads say.
    pub pages: u64,
    /// `revisit` records: what they stand for is in another file.
    pub revisits: u64,
    /// Damaged places; what was between them and the next whole record is left out.
    pub damaged: u64,
    /// The first of them: where in the file, and what is wrong.
    pub damages: Vec<(u64, String)>,
}

/// Reads a file from one end to the other.
#[derive(Debug)]
pub struct Reader<R> {
    raw: Raw<R>,
    dictionary: Vec<u8>,
    shelf: Shelf,
}

/// What becomes of records.
#[derive(Debug)]
struct Shelf {
    max_block_bytes: u64,
    census: Census,
    /// The last page: what the crawler says of it may follow.
    pending: Option<Archived>,
    /// Where the member or record that is being read begins.
    start: u64,
}

/// Told of each page; false when no more are wanted.
type Emit<'a> = &'a mut dyn FnMut(Archived) -> bool;

/// Whether more is wanted, or why a member or record can't be read.
type Step = std::result::Result<bool, Fault>;

impl<R: Read> Reader<R> {
    /// Reads `input` from the first record at or behind `offset` on.
    pub fn new(input: R, offset: u64, max_body_bytes: u64) -> Self {
        let max_block_bytes = max_body_bytes.saturating_add(BLOCK_SLACK_BYTES);
        let keep_bytes = usize::try_from(max_block_bytes.saturating_add(BLOCK_SLACK_BYTES)).unwrap_or(usize::MAX);
        let shelf = Shelf { max_block_bytes, census: Census::default(), pending: None, start: offset };
        Self { raw: Raw::new(input, keep_bytes), dictionary: Vec::new(), shelf }
    }

    /// Hands on the pages, in their order, until `emit` wants no more. What the file held is given also where reading ends
    /// early.
    ///
    /// # Errors
    /// With the census: [`Error::Io`] with an empty path, [`Error::BadInput`] where no record is whole.
    pub fn read(mut self, emit: Emit<'_>) -> (Census, Result<()>) {
        let done = self.records(emit);
        if !matches!(done, Ok(false)) {
            self.shelf.flush(emit);
        }
        let census = self.shelf.census;
        let ended = match done {
            Err(error) => Err(Error::io("", error)),
            Ok(true) if census.records == 0 => Err(Error::BadInput("this is no WARC: there is no whole record in it".to_owned())),
            Ok(_) => Ok(()),
        };
        (census, ended)
    }

    /// False when no more are wanted.
    fn records(&mut self, emit: Emit<'_>) -> io::Result<bool> {
        let mut found = self.shelf.start == 0 || self.skip_to(self.shelf.start)?;
        while found {
            self.raw.mark();
            self.shelf.start = self.raw.offset();
            match self.next(emit) {
                Ok(true) => found = !self.raw.ahead(1)?.is_empty(),
                Ok(false) => return Ok(false),
                Err(fault) => {
                    if let Some(error) = self.raw.failure() {
                        return Err(error);
                    }
                    self.shelf.damage(&fault);
                    self.raw.back_to(self.shelf.start + 1);
                    found = member::find_next(&mut self.raw, &self.dictionary)?;
                }
            }
        }
        Ok(true)
    }

    /// Goes to the first record from a place of the file on, which may be in the middle of one. A dictionary at the file's start is
    /// that of all frames.
    fn skip_to(&mut self, offset: u64) -> io::Result<bool> {
        if Packing::of(self.raw.ahead(8)?) == Some(Packing::Skippable) {
            self.dictionary = member::skip_frame(&mut self.raw)?.unwrap_or_default();
        }
        let left = offset.saturating_sub(self.raw.offset());
        io::copy(&mut (&mut self.raw).take(left), &mut io::sink())?;
        member::find_next(&mut self.raw, &self.dictionary)
    }

    /// Whatever begins here: a member, a record, the line breaks behind one.
    fn next(&mut self, emit: Emit<'_>) -> Step {
        let ahead = self.raw.ahead(8)?;
        match (Packing::of(ahead), ahead.first()) {
            (Some(Packing::Plain), _) => match record::read_head(&mut self.raw)? {
                Some(head) => Ok(self.shelf.put(record::read_block(&mut self.raw, head, self.shelf.max_block_bytes)?, emit)),
                None => Ok(true),
            },
            (Some(Packing::Skippable), _) => {
                self.dictionary = member::skip_frame(&mut self.raw)?.unwrap_or_default();
                Ok(true)
            }
            (Some(packing), _) => self.shelf.unpacked(&mut *member::unpack(&mut self.raw, packing, &self.dictionary)?, emit),
            (None, Some(b'\r' | b'\n') | None) => {
                self.raw.consume(1);
                Ok(true)
            }
            (None, _) => Err(Fault::Form("no record begins there")),
        }
    }
}

impl Shelf {
    /// The records of a member: one, or those of a file that was packed as a whole.
    fn unpacked(&mut self, stream: &mut dyn BufRead, emit: Emit<'_>) -> Step {
        let mut head = record::read_head(stream);
        loop {
            let read = match head {
                Ok(None) => return Ok(true),
                Ok(Some(head)) => record::read_block(stream, head, self.max_block_bytes),
                Err(fault) => Err(fault),
            };
            head = match read {
                Ok(record) => {
                    if !self.put(record, emit) {
                        return Ok(false);
                    }
                    record::read_head(stream)
                }
                Err(fault @ Fault::Form(_)) => {
                    self.damage(&fault);
                    if !record::pass_version_line(stream)? {
                        return Ok(true);
                    }
                    record::read_head(&mut VERSION_LINE.chain(&mut *stream))
                }
                Err(fault) => return Err(fault),
            };
        }
    }

    fn damage(&mut self, fault: &Fault) {
        self.census.damaged += 1;
        if self.census.damages.len() < TOLD_DAMAGES {
            self.census.damages.push((self.start, fault.to_string()));
        }
    }

    /// A record that is whole; gives whether more are wanted.
    fn put(&mut self, record: Record, emit: Emit<'_>) -> bool {
        self.census.records += 1;
        match record.kind().as_str() {
            "response" | "resource" => {
                let more = self.flush(emit);
                self.pending = Archived::of(record, self.start);
                self.census.pages += u64::from(self.pending.is_some());
                more
            }
            "metadata" => {
                if let Some(page) = &mut self.pending {
                    page.learn(&record);
                }
                true
            }
            "revisit" => {
                self.census.revisits += 1;
                self.flush(emit)
            }
            _ => true,
        }
    }

    fn flush(&mut self, emit: Emit<'_>) -> bool {
        self.pending.take().is_none_or(emit)
    }
}
