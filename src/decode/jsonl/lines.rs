//! A stream → its lines, with a bound on what one line may take.

use std::io::{self, BufRead};

use super::scan::{Found, Scanner};

/// A line that is not blank.
#[derive(Debug)]
pub enum Line {
    /// Its bytes, without the line break.
    Whole(Vec<u8>),
    /// Longer than any line with an allowed page; what it told of itself.
    TooLong(Found),
}

/// The lines of a stream, each with its number from 1. A byte order mark is dropped, blank lines are passed over.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    number: u64,
    max_line_bytes: usize,
    /// Bytes of the longest of the last few lines, as far as room is made ahead for the next.
    usual: usize,
}

/// Room that is made for a line before it is read, at most.
const MAX_AHEAD: usize = 1 << 20;

impl<R: BufRead> Lines<R> {
    /// Lines that may hold a page of `max_body_bytes`: JSON writes a byte with six at most (`\u0001`),
    /// and other keys get 1 MiB.
    pub fn new(input: R, max_body_bytes: u64) -> Self {
        let max_line_bytes = usize::try_from(max_body_bytes).unwrap_or(usize::MAX).saturating_mul(6).saturating_add(1 << 20);
        Self { input, number: 0, max_line_bytes, usual: 0 }
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::with_capacity(self.usual);
        let mut overflow: Option<Scanner> = None;
        let mut read_any = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = memchr::memchr(b'\n', chunk);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            read_any |= !chunk.is_empty();
            if let Some(scanner) = &mut overflow {
                scanner.push(part);
            } else if line.len() + part.len() > self.max_line_bytes {
                let mut scanner = Scanner::default();
                scanner.push(&line);
                scanner.push(part);
                line = Vec::new();
                overflow = Some(scanner);
            } else {
                line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            let last = end.is_some() || chunk.is_empty();
            self.input.consume(used);
            if last {
                self.usual = line.len().max(self.usual - self.usual / 8).min(MAX_AHEAD);
                return Ok(read_any.then(|| overflow.map_or(Line::Whole(line), |scanner| Line::TooLong(scanner.finish()))));
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<(u64, Line)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.next_line() {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            self.number += 1;
            match line {
                Line::Whole(mut raw) => {
                    if raw.starts_with(b"\xef\xbb\xbf") {
                        raw.drain(..3);
                    }
                    if !raw.trim_ascii().is_empty() {
                        return Some(Ok((self.number, Line::Whole(raw))));
                    }
                }
                long @ Line::TooLong(_) => return Some(Ok((self.number, long))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::RecordId;

    #[test]
    fn numbers_count_blank_lines() {
        let lines: Vec<_> = Lines::new(&b"\xef\xbb\xbfa\r\n\n \nb\n\nc"[..], 100).map(Result::unwrap).collect();
        let shown: Vec<_> = lines.iter().map(|(n, l)| (*n, if let Line::Whole(raw) = l { raw.trim_ascii() } else { b"long" })).collect();
        assert_eq!(shown, [(1, &b"a"[..]), (4, b"b"), (6, b"c")]);
    }

    #[test]
    fn a_line_too_long_keeps_its_id_and_the_next_line_follows() {
        let text = format!("{{\"html\":\"{}\",\"id\":5}}\n{{}}", "x".repeat(2 << 20));
        let mut lines = Lines::new(io::BufReader::with_capacity(100, text.as_bytes()), 10);
        let (number, Line::TooLong(found)) = lines.next().unwrap().unwrap() else { panic!("a long line") };
        assert_eq!((number, found.id), (1, Some(RecordId::Unsigned(5))));
        assert!(matches!(lines.next().unwrap().unwrap(), (2, Line::Whole(_))));
        assert!(lines.next().is_none());
    }
}
