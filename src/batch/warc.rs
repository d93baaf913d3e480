//! A WARC file in, records out, over threads, in the order of the file.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::batch::answer::Answer;
use crate::batch::flow::{self, Order, Push, Sink};
use crate::batch::output::{Done, Ended, Output, Settings};
use crate::decode::warc::{Archived, Census, Leaf, Reader};
use crate::error::{Error, Result, catching};
use crate::record;

/// What the record says of a page whose body the archive does not hold whole.
const CUT: &str = "the archive holds only the beginning of the page";
/// So many pages go between two words about how far it is.
const PAGES_A_WORD: u64 = 1000;

/// A WARC file to be read.
#[derive(Debug)]
pub struct Archive<R> {
    /// Its bytes, plain or packed.
    pub input: R,
    /// Reading starts with the first record from this byte on.
    pub offset: u64,
    /// Set from outside, reading stops; what was read comes to its end.
    pub stop: Arc<AtomicBool>,
}

/// What is there when a file has been read.
#[derive(Debug)]
pub struct WarcEnded<W> {
    /// Records, and pages that gave none.
    pub ended: Ended<W>,
    /// What the file held.
    pub census: Census,
    /// An offset from which all further records begin, and none that was written.
    pub resume_at: u64,
}

/// Reads an archive and writes a record for each page in it; `open` gives the output when the first record is there.
/// Pages without text, and what is no page, give none and are counted.
///
/// # Errors
/// Those of `open`, and [`Error::Io`], with an empty path, when writing fails.
pub fn run_warc<W: Write>(
    archive: Archive<impl Read + Send + 'static>,
    settings: &Settings,
    open: impl FnOnce() -> Result<W>,
) -> Result<WarcEnded<W>> {
    let Archive { input, offset, stop } = archive;
    let (own, limit) = (settings.clone(), settings.max_body_bytes);
    let source =
        move |push: Push<'_, Archived>| Reader::new(input, offset, limit).read(&mut |page| !stop.load(Ordering::Relaxed) && push(page));
    let work = move |page: Archived| (page.offset, record(page, &own));
    let mut sink = Shelf { output: Output::new(open), pages: 0, resume_at: offset };
    let (census, reading) = flow::run(source, settings.jobs, Order::Kept, work, &mut sink)?;
    let ended = sink.output.end(reading.err())?;
    Ok(WarcEnded { ended, census, resume_at: sink.resume_at })
}

/// The output, and how far in the file it has come.
struct Shelf<W, O> {
    output: Output<W, O>,
    pages: u64,
    resume_at: u64,
}

impl<W: Write, O: FnOnce() -> Result<W>> Sink<(u64, Result<Done>)> for Shelf<W, O> {
    fn take(&mut self, (offset, done): (u64, Result<Done>)) -> Result<()> {
        self.output.take(done)?;
        self.resume_at = offset + 1;
        self.pages += 1;
        if self.pages.is_multiple_of(PAGES_A_WORD) {
            self.output.rest()?;
            tracing::info!(pages = self.pages, records = self.output.tally.records, offset = self.resume_at, "written");
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<()> {
        self.output.rest()
    }
}

fn record(archived: Archived, settings: &Settings) -> Result<Done> {
    let (fetched_at, is_cut) = (archived.fetched_at, archived.is_cut);
    let article = catching(|| match archived.page(settings.max_body_bytes)? {
        Leaf::Page(page) => record::read_article(&page, &settings.options).map(Some),
        Leaf::Other => Ok(None),
    });
    let mut article = match article {
        Ok(Some(article)) => article,
        Ok(None) => return Ok(Done::LeftOut("not_html")),
        Err(error) => return Ok(Done::LeftOut(error.kind())),
    };
    article.fetched_at = fetched_at.and_then(|at| jiff::Timestamp::from_second(at.div_euclid(1000)).ok()).map(|at| at.to_string());
    if is_cut {
        article.extraction.warnings.push(CUT.to_owned());
    }
    let line = Answer::Record(Box::new(article)).line().map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Done::Record(line))
}
