//! JSON Lines in, JSON Lines out, over threads: one answer for each line that is not blank, in any order.
//!
//! Reader, workers and writer are joined by bounded channels, so that a slow output holds the input back
//! and memory stays bounded however long the input is.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::batch::answer::Answer;
use crate::decode::jsonl::{self, Line, Lines};
use crate::decode::{Page, Signals};
use crate::error::{Error, Result, catching};
use crate::record::{self, Options};

/// Deep pages nest; a worker's stack is as large as a main thread's.
const WORKER_STACK_BYTES: usize = 8 << 20;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that gave a record.
    pub records: u64,
    /// Lines that gave an error.
    pub failures: u64,
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

/// A worker's result: whether it is a record, and the line to write.
type Done = Result<(bool, Vec<u8>)>;

/// Reads `input` to its end and writes an answer for each line; `open` gives the output when the first
/// answer is there.
///
/// # Errors
/// Those of `open`, and [`Error::Io`], with an empty path, when writing fails.
pub fn run<W: Write>(input: impl BufRead + Send + 'static, settings: &Settings, open: impl FnOnce() -> Result<W>) -> Result<Ended<W>> {
    let jobs = settings.jobs.max(1);
    let (to_workers, lines) = sync_channel(jobs);
    let (to_writer, answers) = sync_channel(jobs * 4);
    let lines = Arc::new(Mutex::new(lines));
    // The threads are not joined: when the output closes early, the reader may wait for input for ever.
    for _ in 0..jobs {
        let (lines, to_writer, settings) = (Arc::clone(&lines), to_writer.clone(), settings.clone());
        spawn(move || work(&lines, &to_writer, &settings))?;
    }
    let limit = settings.max_body_bytes;
    spawn(move || read(Lines::new(input, limit), &to_workers, &to_writer))?;
    write(&answers, open)
}

fn spawn(body: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().stack_size(WORKER_STACK_BYTES).spawn(body).map(drop).map_err(|e| Error::io("a thread", e))
}

fn read(lines: Lines<impl BufRead>, to_workers: &SyncSender<(u64, Line)>, to_writer: &SyncSender<Done>) {
    for line in lines {
        let sent = match line {
            Ok(line) => to_workers.send(line).is_ok(),
            Err(error) => {
                // Past the workers; the answers that are still under way come after it. No writer, no reader.
                let _ = to_writer.send(Err(Error::io("", error)));
                false
            }
        };
        if !sent {
            return;
        }
    }
}

fn work(lines: &Mutex<Receiver<(u64, Line)>>, to_writer: &SyncSender<Done>, settings: &Settings) {
    loop {
        let next = lines.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, line)) = next else { return };
        let answer = answer(line, number, settings);
        let line = answer.line().map_err(|e| Error::Internal(e.to_string()));
        if to_writer.send(line.map(|line| (matches!(answer, Answer::Record(_)), line))).is_err() {
            return;
        }
    }
}

fn answer(line: Line, number: u64, settings: &Settings) -> Answer {
    let request = jsonl::read(line, number, settings.max_body_bytes);
    let url = request.url.as_deref().and_then(record::usable_url);
    let article = request.html.and_then(|html| {
        let page = Page { url, html, signals: Signals::default() };
        catching(|| record::read_article(&page, &settings.options))
    });
    match article {
        Ok(mut article) => {
            article.id = request.id;
            Answer::Record(Box::new(article))
        }
        Err(error) => Answer::failure(request.id, request.url, &error),
    }
}

fn write<W: Write>(answers: &Receiver<Done>, open: impl FnOnce() -> Result<W>) -> Result<Ended<W>> {
    let mut tally = Tally::default();
    let mut open = Some(open);
    let mut output: Option<W> = None;
    let mut reading = None;
    loop {
        let next = match answers.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                // Nothing waits: who reads along sees all that is done.
                if let Some(output) = &mut output {
                    output.flush().map_err(|e| Error::io("", e))?;
                }
                let Ok(next) = answers.recv() else { break };
                next
            }
        };
        let (is_record, line) = match next {
            Ok(done) => done,
            Err(error) => {
                reading = Some(error);
                continue;
            }
        };
        if let Some(open) = open.take() {
            output = Some(open()?);
        }
        if let Some(output) = &mut output {
            output.write_all(&line).map_err(|e| Error::io("", e))?;
        }
        if is_record {
            tally.records += 1;
        } else {
            tally.failures += 1;
        }
    }
    if let Some(output) = &mut output {
        output.flush().map_err(|e: io::Error| Error::io("", e))?;
    }
    Ok(Ended { tally, output, reading })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(input: &'static str, jobs: usize) -> (Tally, Vec<serde_json::Value>) {
        let settings = Settings { jobs, max_body_bytes: 1000, options: Options::default() };
        let mut output = Vec::new();
        let tally = run(input.as_bytes(), &settings, || Ok(&mut output)).unwrap().tally;
        let lines = std::str::from_utf8(&output).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        (tally, lines)
    }

    #[test]
    fn every_line_has_its_answer() {
        let input = "{\"id\":1,\"html\":\"<h1>One</h1>\"}\n\n{\"html\":3}\nnot json\n{\"id\":\"z\",\"html\":\"\",\"url\":\"u\"}";
        let (tally, lines) = batch(input, 1);
        assert_eq!(tally, Tally { records: 1, failures: 3 });
        assert_eq!(lines[0]["title"], "One");
        assert_eq!(lines[1]["id"], 3);
        assert_eq!(lines[2]["error"]["kind"], "bad_input");
        assert_eq!((&lines[3]["id"], &lines[3]["url"], &lines[3]["error"]["kind"]), (&"z".into(), &"u".into(), &"no_content".into()));
    }

    #[test]
    fn many_threads_lose_nothing() {
        let page = |n: u32| format!("{{\"id\":{n},\"html\":\"<h1>Page {n}</h1>\"}}");
        let input: &'static str = (0..500).map(page).collect::<Vec<_>>().join("\n").leak();
        let (tally, lines) = batch(input, 4);
        assert_eq!(tally.records, 500);
        let mut ids: Vec<u64> = lines.iter().map(|l| l["id"].as_u64().unwrap()).collect();
        ids.sort_unstable();
        assert!(ids.into_iter().eq(0..500));
    }

    #[test]
    fn nothing_in_opens_nothing() {
        let settings = Settings { jobs: 2, max_body_bytes: 10, options: Options::default() };
        let ended = run(&b"\n \n"[..], &settings, || -> Result<Vec<u8>> { panic!("opened") }).unwrap();
        assert_eq!(ended.tally, Tally::default());
    }
}
