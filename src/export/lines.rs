//! Rows → JSON Lines, plain, gzip or zstd; and any output with its length and hash.

use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use zstd::stream::write::Encoder as ZstdEncoder;

use crate::error::{Error, Result};

/// Of gzip, 1 to 9, and of zstd, 1 to 22: their own defaults.
const LEVELS: (u32, i32) = (6, 3);

/// An output that knows how much went into it.
pub(super) struct Counted<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Counted<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// What was written to, how many bytes, and their SHA-256 in hex digits.
    pub(super) fn finish(mut self) -> io::Result<(W, u64, String)> {
        self.inner.flush()?;
        let mut hash = String::with_capacity(64);
        for byte in self.hash.finalize() {
            write!(hash, "{byte:02x}").expect("writing to a string");
        }
        Ok((self.inner, self.bytes, hash))
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// How lines are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// A file of lines in the making.
pub(super) enum LinesFile<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(ZstdEncoder<'static, W>),
}

impl<W: Write> LinesFile<W> {
    pub(super) fn new(out: W, packing: Packing) -> Result<Self> {
        Ok(match packing {
            Packing::Plain => Self::Plain(out),
            Packing::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::new(LEVELS.0))),
            Packing::Zstd => {
                let mut encoder = ZstdEncoder::new(out, LEVELS.1).map_err(|e| Error::io("", e))?;
                encoder.include_checksum(true).map_err(|e| Error::io("", e))?;
                Self::Zstd(encoder)
            }
        })
    }

    pub(super) fn push(&mut self, line: &[u8]) -> Result<()> {
        match self {
            Self::Plain(out) => out.write_all(line),
            Self::Gzip(out) => out.write_all(line),
            Self::Zstd(out) => out.write_all(line),
        }
        .map_err(|e| Error::io("", e))
    }

    pub(super) fn finish(self) -> Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }
        .map_err(|e| Error::io("", e))
    }
}
