//! A WARC file in, records out, over threads, in the order of the file.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::article::Article;
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
    let mut sink = Shelf { output: Output::new(open), pages: 0, resume_at: archive.offset };
    let (census, reading) = flow(archive, settings, line, &mut sink)?;
    let ended = sink.output.end(reading.err())?;
    Ok(WarcEnded { ended, census, resume_at: sink.resume_at })
}

/// Reads an archive as [`run_warc`] does, and gives each record to `take`, in the order of the file; an error of `take` ends it.
///
/// # Errors
/// Those of `take`, and [`Error::Io`], with an empty path, when reading fails; what was read before is given.
pub fn each_of_warc(
    archive: Archive<impl Read + Send + 'static>,
    settings: &Settings,
    take: impl FnMut(Article) -> Result<()>,
) -> Result<Census> {
    let (census, reading) = flow(archive, settings, |article| article, &mut Taker(take))?;
    reading.map(|()| census)
}

/// The articles of an archive, or why a page gave none, through `work` into `sink`.
fn flow<D: Send + 'static>(
    archive: Archive<impl Read + Send + 'static>,
    settings: &Settings,
    work: impl Fn(Found) -> D + Send + Sync + 'static,
    sink: &mut impl Sink<(u64, D)>,
) -> Result<(Census, Result<()>)> {
    let Archive { input, offset, stop } = archive;
    let (own, limit) = (settings.clone(), settings.max_body_bytes);
    let source =
        move |push: Push<'_, Archived>| Reader::new(input, offset, limit).read(&mut |page| !stop.load(Ordering::Relaxed) && push(page));
    flow::run(source, settings.jobs, Order::Kept, move |page: Archived| (page.offset, work(read(page, &own))), sink)
}

/// The article of a page, or the stable name of why there is none.
type Found = std::result::Result<Article, &'static str>;

/// Hands articles on.
struct Taker<F>(F);

impl<F: FnMut(Article) -> Result<()>> Sink<(u64, Found)> for Taker<F> {
    fn take(&mut self, (_, found): (u64, Found)) -> Result<()> {
        found.map_or(Ok(()), &mut self.0)
    }

    fn rest(&mut self) -> Result<()> {
        Ok(())
    }
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

fn read(archived: Archived, settings: &Settings) -> Found {
    let (fetched_at, is_cut) = (archived.fetched_at, archived.is_cut);
    let article = catching(|| match archived.page(settings.max_body_bytes)? {
        Leaf::Page(page) => record::read_article(&page, &settings.options).map(Some),
        Leaf::Other => Ok(None),
    });
    let mut article = article.map_err(|error| error.kind())?.ok_or("not_html")?;
    article.fetched_at = fetched_at.and_then(|at| jiff::Timestamp::from_second(at.div_euclid(1000)).ok()).map(|at| at.to_string());
    if is_cut {
        article.extraction.warnings.push(CUT.to_owned());
    }
    Ok(article)
}

fn line(found: Found) -> Result<Done> {
    match found {
        Ok(article) => Answer::Record(Box::new(article)).line().map(Done::Record).map_err(|e| Error::Internal(e.to_string())),
        Err(why) => Ok(Done::LeftOut(why)),
    }
}
