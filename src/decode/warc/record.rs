//! One record of an unpacked stream: its head and its block, whole or not at all.

use std::io::{self, BufRead, Read};

use super::head::Head;

/// A record as it stands.
#[derive(Debug)]
pub(super) struct Record {
    /// Its fields.
    pub(super) head: Head,
    /// Its block; empty where nobody wants it, and only the beginning where it is larger than the limit.
    pub(super) block: Vec<u8>,
    /// Whether the block is larger than the limit.
    pub(super) too_large: bool,
}

/// Why there is no record.
#[derive(Debug)]
pub(super) enum Fault {
    /// The stream can't be read on: the file, or how it is packed.
    Stream(io::Error),
    /// The stream ends inside the record.
    Torn,
    /// What stands there is no record as the standard has it.
    Form(&'static str),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Torn } else { Self::Stream(error) }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::Torn => f.write_str("the file ends inside it"),
            Self::Form(what) => f.write_str(what),
        }
    }
}

impl Record {
    /// `WARC-Type`, in lower case.
    pub(super) fn kind(&self) -> String {
        self.head.get("WARC-Type").unwrap_or_default().to_ascii_lowercase()
    }
}

/// The head of the next record; `None` at the end of the stream.
pub(super) fn read_head(stream: &mut dyn BufRead) -> Result<Option<Head>, Fault> {
    if at_end(stream)? {
        return Ok(None);
    }
    let head = Head::read(stream)?.ok_or(Fault::Torn)?;
    if head.first.starts_with("WARC/") { Ok(Some(head)) } else { Err(Fault::Form("no record begins there")) }
}

/// The rest of a record, up to where the next one begins or the stream ends. What comes behind shows whether its length is true.
pub(super) fn read_block(stream: &mut dyn BufRead, head: Head, max_block_bytes: u64) -> Result<Record, Fault> {
    let length = head.get("Content-Length").and_then(|text| text.parse::<u64>().ok()).ok_or(Fault::Form("it has no Content-Length"))?;
    let mut record = Record { head, block: Vec::new(), too_large: length > max_block_bytes };
    let wanted = if matches!(record.kind().as_str(), "response" | "resource" | "metadata") { length.min(max_block_bytes) } else { 0 };
    let kept = stream.take(wanted).read_to_end(&mut record.block)? as u64;
    let passed = io::copy(&mut stream.take(length - wanted), &mut io::sink())?;
    if kept + passed < length {
        return Err(Fault::Torn);
    }
    let mut end = Vec::with_capacity(4);
    while let Some(byte @ (b'\r' | b'\n')) = stream.fill_buf()?.first().copied().filter(|_| end.len() < 4) {
        end.push(byte);
        stream.consume(1);
    }
    // The end of a member shows whether its sum is right. Behind a whole end of a record anything may stand, the damage of
    // another one too.
    let is_last = at_end(stream)?;
    if end != b"\r\n\r\n" && !is_last && stream.fill_buf()?.first() != Some(&b'W') {
        return Err(Fault::Form("its Content-Length is wrong"));
    }
    Ok(record)
}

/// Passes over the line breaks between records.
fn at_end(stream: &mut dyn BufRead) -> io::Result<bool> {
    loop {
        let ahead = stream.fill_buf()?;
        if ahead.is_empty() {
            return Ok(true);
        }
        let blank = ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let all = blank == ahead.len();
        stream.consume(blank);
        if !all {
            return Ok(false);
        }
    }
}

/// Goes on behind the next line that begins a record, in a stream that can't go back. False at its end.
pub(super) fn pass_version_line(stream: &mut dyn BufRead) -> io::Result<bool> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.take(1 << 16).read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        if line.starts_with(b"WARC/1.") || line.starts_with(b"WARC/0.") {
            return Ok(true);
        }
    }
}
