//! The bytes of a file as they stand, some of them kept so that reading can go back after damage.

use std::io::{self, BufRead, Read};

/// Bytes that are asked for at a time.
const CHUNK_BYTES: usize = 128 << 10;

/// A stream with its place in the file and a memory of what was just read.
#[derive(Debug)]
pub(super) struct Raw<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    base: u64,
    /// The first byte of the buffer that was not consumed.
    next: usize,
    /// The first byte that is kept.
    mark: usize,
    /// At most so many bytes are kept before the next one.
    keep_bytes: usize,
    /// Why the file can't be read any further.
    failure: Option<io::Error>,
}

impl<R: Read> Raw<R> {
    /// A file from its first byte on.
    pub(super) fn new(input: R, keep_bytes: usize) -> Self {
        Self { input, buffer: Vec::new(), base: 0, next: 0, mark: 0, keep_bytes, failure: None }
    }

    /// Where the next byte stands in the file.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.next as u64
    }

    /// What was read before this place is not needed any more.
    pub(super) fn mark(&mut self) {
        self.mark = self.next;
    }

    /// Goes back to a place of the file, or as near to it as is still known.
    pub(super) fn back_to(&mut self, offset: u64) {
        let at = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.next = at.max(self.mark).min(self.next);
    }

    /// What is there to be read; at least `wanted` bytes, unless the file ends before.
    pub(super) fn ahead(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.next < wanted && self.read_on()? {}
        Ok(&self.buffer[self.next..])
    }

    /// Why the file itself could not be read, where that was the cause.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Reads a chunk more; false at the end of the file.
    fn read_on(&mut self) -> io::Result<bool> {
        let kept = self.mark.max(self.next.saturating_sub(self.keep_bytes));
        // Moving what is left costs its length: only when as much goes.
        if kept > CHUNK_BYTES && kept >= self.buffer.len() - kept {
            self.buffer.drain(..kept);
            self.base += kept as u64;
            self.next -= kept;
            self.mark = self.mark.saturating_sub(kept);
        }
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK_BYTES, 0);
        loop {
            match self.input.read(&mut self.buffer[before..]) {
                Ok(count) => {
                    self.buffer.truncate(before + count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(before);
                    let told = io::Error::new(error.kind(), error.to_string());
                    self.failure = Some(error);
                    return Err(told);
                }
            }
        }
    }
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut ahead = self.fill_buf()?;
        let count = ahead.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Raw<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ahead(1)
    }

    fn consume(&mut self, count: usize) {
        self.next = (self.next + count).min(self.buffer.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_back_to_the_mark_and_no_further_than_it_keeps() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[(n % 2) as usize]).collect();
        let mut raw = Raw::new(bytes.as_slice(), 1 << 20);
        let skip = |raw: &mut Raw<&[u8]>, count: u64| io::copy(&mut raw.take(count), &mut io::sink()).unwrap();
        skip(&mut raw, 100_000);
        raw.mark();
        skip(&mut raw, 500_000);
        raw.back_to(7);
        assert_eq!(raw.offset(), 100_000);
        assert_eq!(raw.ahead(4).unwrap()[..4], bytes[100_000..100_004]);
        skip(&mut raw, 2_500_000);
        raw.back_to(0);
        assert!((500_000..2_600_000).contains(&raw.offset()), "{}", raw.offset());
        assert!(raw.buffer.len() < 4 << 20);
        let at = usize::try_from(raw.offset()).unwrap();
        assert_eq!(raw.ahead(2).unwrap()[..2], bytes[at..at + 2]);
        assert_eq!(skip(&mut raw, 9_000_000), (3_000_000 - at) as u64);
    }
}
