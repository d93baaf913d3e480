//! The body of an HTTP answer as it went over the wire → the page's bytes: chunks joined, content encodings undone.
//!
//! Many archives keep bodies that were unpacked already under heads that still say how they were packed: what does not look
//! packed is taken as it is.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use zstd::stream::read::Decoder as ZstdDecoder;

use super::head::Head;
use crate::error::{Error, Result};

/// A body packed more often than this is a bomb.
const MAX_CODINGS: usize = 4;
/// zstd of the web asks for windows of 8 MiB at most (RFC 9659).
const MAX_WINDOW_LOG: u32 = 23;

/// Undoes what the head says was done to the body. Where the archive holds only the beginning of it, so is the page.
pub(super) fn body(head: &Head, raw: Vec<u8>, is_cut: bool, max_body_bytes: u64) -> Result<Vec<u8>> {
    let chunked = head.all("Transfer-Encoding").any(|value| value.to_ascii_lowercase().contains("chunked"));
    let mut body = if chunked { join_chunks(&raw).unwrap_or(raw) } else { raw };
    let codings: Vec<String> = head.all("Content-Encoding").flat_map(|v| v.split(',')).map(|c| c.trim().to_ascii_lowercase()).collect();
    if codings.len() > MAX_CODINGS {
        return Err(Error::BadInput(format!("its body is packed {} times", codings.len())));
    }
    for coding in codings.iter().rev() {
        body = undo(coding, body, is_cut, max_body_bytes)?;
    }
    if body.len() as u64 > max_body_bytes { Err(Error::TooLarge { limit: max_body_bytes }) } else { Ok(body) }
}

/// The chunks of a body in one piece; `None` where there are no chunks.
fn join_chunks(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    let mut any = false;
    while let Some(end) = memchr::memchr(b'\n', &rest[..rest.len().min(1 << 10)]) {
        let size = rest[..end].split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let Some(size) = std::str::from_utf8(size).ok().and_then(|text| usize::from_str_radix(text, 16).ok()) else { break };
        any = true;
        rest = &rest[end + 1..];
        out.extend_from_slice(&rest[..size.min(rest.len())]);
        if size == 0 || size >= rest.len() {
            break;
        }
        rest = &rest[size..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
    any.then_some(out)
}

fn undo(coding: &str, body: Vec<u8>, is_cut: bool, limit: u64) -> Result<Vec<u8>> {
    let packed = body.as_slice();
    let unpacked = match coding {
        "" | "identity" => return Ok(body),
        "gzip" | "x-gzip" if packed.starts_with(b"\x1f\x8b") => unpack(MultiGzDecoder::new(packed), limit)?,
        "deflate" if is_zlib(packed) => unpack(ZlibDecoder::new(packed), limit)?,
        "deflate" => unpack(DeflateDecoder::new(packed), limit)?,
        "br" => unpack(Decompressor::new(packed, 1 << 12), limit)?,
        "zstd" if packed.starts_with(b"\x28\xb5\x2f\xfd") => {
            let mut decoder = ZstdDecoder::with_buffer(packed).map_err(|e| Error::BadInput(e.to_string()))?;
            decoder.window_log_max(MAX_WINDOW_LOG).map_err(|e| Error::BadInput(e.to_string()))?;
            unpack(decoder, limit)?
        }
        "gzip" | "x-gzip" | "zstd" => return Ok(body),
        other => return Err(Error::BadInput(format!("its content encoding `{}` is not known", other.escape_debug()))),
    };
    match unpacked {
        (page, true) => Ok(page),
        (page, false) if is_cut && !page.is_empty() => Ok(page),
        // Unpacked already: deflate and br have no mark by which to tell.
        _ if body.trim_ascii_start().starts_with(b"<") => Ok(body),
        _ => Err(Error::BadInput(format!("its body can't be unpacked ({coding})"))),
    }
}

/// What comes out, and whether it came to its end.
fn unpack(mut decoder: impl Read, limit: u64) -> Result<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let whole = decoder.by_ref().take(limit.saturating_add(1)).read_to_end(&mut out).is_ok();
    if out.len() as u64 > limit { Err(Error::TooLarge { limit }) } else { Ok((out, whole)) }
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const PAGE: &[u8] = b"<h1>Lamps</h1><p>The council counted its lamps.";

    fn head(fields: &str) -> Head {
        Head::read(&mut format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").as_bytes()).unwrap().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn chunks(bytes: &[u8], size: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in bytes.chunks(size) {
            out.extend_from_slice(format!("{:X};name=\"x\"\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        [out, b"0\r\nTrailer: x\r\n\r\n".to_vec()].concat()
    }

    #[test]
    fn all_codings_and_those_that_were_undone_before() {
        let mut zlib = Vec::new();
        flate2::read::ZlibEncoder::new(PAGE, flate2::Compression::fast()).read_to_end(&mut zlib).unwrap();
        let bare = zlib[2..zlib.len() - 4].to_vec();
        let brotli = b"\x0b\x03\x80<p>lamp\x03".to_vec();
        let cases = [
            ("X: y", PAGE.to_vec(), PAGE),
            ("Content-Encoding: gzip", gzip(PAGE), PAGE),
            ("Content-Encoding: deflate", zlib, PAGE),
            ("Content-Encoding: deflate", bare, PAGE),
            ("Content-Encoding: br", brotli, b"<p>lamp"),
            ("Content-Encoding: zstd", zstd::bulk::compress(PAGE, 1).unwrap(), PAGE),
            ("Content-Encoding: gzip, identity\r\nContent-Encoding: GZIP", gzip(&gzip(PAGE)), PAGE),
            ("Transfer-Encoding: chunked", chunks(PAGE, 7), PAGE),
            ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip", chunks(&gzip(PAGE), 9), PAGE),
            ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip", PAGE.to_vec(), PAGE),
            ("Content-Encoding: br", PAGE.to_vec(), PAGE),
            ("Content-Encoding: deflate", PAGE.to_vec(), PAGE),
        ];
        for (fields, raw, page) in cases {
            assert_eq!(body(&head(fields), raw, false, 1000).unwrap(), page, "{fields}");
        }
    }

    #[test]
    fn bombs_are_cut_and_damage_is_told() {
        let read = |fields: &str, raw: Vec<u8>, is_cut| body(&head(fields), raw, is_cut, 1000);
        let bomb = gzip(&vec![b'x'; 10_000_000]);
        assert_eq!(read("Content-Encoding: gzip", bomb, false).unwrap_err().kind(), "too_large");
        assert_eq!(read("Content-Encoding: br, br, br, br, br", vec![], false).unwrap_err().kind(), "bad_input");
        assert_eq!(read("Content-Encoding: rot13", PAGE.to_vec(), false).unwrap_err().kind(), "bad_input");
        let half = gzip(PAGE)[..40].to_vec();
        assert_eq!(read("Content-Encoding: gzip", half.clone(), false).unwrap_err().kind(), "bad_input");
        assert!(PAGE.starts_with(&read("Content-Encoding: gzip", half, true).unwrap()));
        assert_eq!(read("Transfer-Encoding: chunked", b"5\r\n<h1>L".to_vec(), true).unwrap(), b"<h1>L");
    }
}
