//! JSON Lines in, JSON Lines out, over threads: one answer for each line that is not blank, in any order.

use std::io::{BufRead, Write};

use crate::batch::answer::Answer;
use crate::batch::flow::{self, Order, Push};
use crate::batch::output::{Done, Ended, Output, Settings};
use crate::batch::page::read_page;
use crate::decode::jsonl::{self, Line, Lines};
use crate::error::{Error, Result};

/// Reads `input` to its end and writes an answer for each line; `open` gives the output when the first
/// answer is there.
///
/// # Errors
/// Those of `open`, and [`Error::Io`], with an empty path, when writing fails.
pub fn run<W: Write>(input: impl BufRead + Send + 'static, settings: &Settings, open: impl FnOnce() -> Result<W>) -> Result<Ended<W>> {
    let (own, limit) = (settings.clone(), settings.max_body_bytes);
    let source = move |push: Push<'_, (u64, Line)>| read(Lines::new(input, limit), push);
    let work = move |(number, line)| answer(line, number, &own);
    let mut output = Output::new(open);
    let reading = flow::run(source, settings.jobs, Order::Any, work, &mut output)?;
    output.end(reading)
}

/// Why reading stopped before the end, if it did.
fn read(lines: Lines<impl BufRead>, push: Push<'_, (u64, Line)>) -> Option<Error> {
    for line in lines {
        match line {
            Ok(line) => {
                if !push(line) {
                    return None;
                }
            }
            Err(error) => return Some(Error::io("", error)),
        }
    }
    None
}

fn answer(line: Line, number: u64, settings: &Settings) -> Result<Done> {
    let request = jsonl::read(line, number, settings.max_body_bytes);
    let article = request.html.and_then(|html| read_page(html, request.url.as_deref(), &settings.options));
    let answer = match article {
        Ok(mut article) => {
            article.id = request.id;
            Answer::Record(Box::new(article))
        }
        Err(error) => Answer::failure(request.id, request.url, &error),
    };
    let line = answer.line().map_err(|e| Error::Internal(e.to_string()))?;
    Ok(if matches!(answer, Answer::Record(_)) { Done::Record(line) } else { Done::Failure(line) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::output::Tally;
    use crate::record::Options;

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
        assert_eq!(tally, Tally { records: 1, failures: 3, ..Tally::default() });
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
