//! Is a stream packed, and what does it hold?
//!
//! In: bytes, plain, gzip or zstd, told by how they begin. Out: what was packed. Never: a stream held in memory.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 1 << 18;

/// A stream without its compression.
///
/// # Errors
/// Those of reading its first bytes.
pub(crate) fn unpacked(stream: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut stream = BufReader::with_capacity(BUFFER_BYTES, stream);
    let head = stream.fill_buf()?;
    if head.starts_with(b"\x1f\x8b") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(stream))));
    }
    if head.starts_with(b"\x28\xb5\x2f\xfd") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, ZstdDecoder::with_buffer(stream)?)));
    }
    Ok(Box::new(stream))
}
