//! How a record is packed: as it is, as a gzip member, as a zstd frame. And where the next one begins after damage.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::raw::Raw;

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// A dictionary for all frames of the file stands in a frame of this kind at its start (IIPC, "WARC with zstd").
const ZSTD_DICTIONARY: &[u8] = b"\x5d\x2a\x4d\x18";
/// Such a dictionary may be as large as this.
const MAX_DICTIONARY_BYTES: usize = 16 << 20;
/// A zstd block, and a bit: from so many bytes it shows how a frame begins.
const PROBE_BYTES: usize = 160 << 10;
/// zstd frames may ask for windows of up to 128 MiB; that much is taken and no more.
const MAX_WINDOW_LOG: u32 = 27;

/// How bytes are packed, by how they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all: a record begins here.
    Plain,
    /// A gzip member.
    Gzip,
    /// A zstd frame.
    Zstd,
    /// A frame of zstd that holds a dictionary, or nothing.
    Skippable,
}

impl Packing {
    /// What begins here, if anything known does.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"WARC/") {
            Some(Self::Plain)
        } else if bytes.starts_with(GZIP) {
            Some(Self::Gzip)
        } else if bytes.starts_with(ZSTD) {
            Some(Self::Zstd)
        } else if bytes.len() >= 8 && bytes[0] & 0xf0 == 0x50 && bytes[1..4] == ZSTD_DICTIONARY[1..] {
            Some(Self::Skippable)
        } else {
            None
        }
    }
}

/// A stream of what is packed in the member that begins here; it ends where the member ends.
pub(super) fn unpack<'a>(input: &'a mut (dyn BufRead + 'a), packing: Packing, dictionary: &[u8]) -> io::Result<Box<dyn BufRead + 'a>> {
    Ok(match packing {
        Packing::Gzip => Box::new(BufReader::new(GzDecoder::new(input))),
        Packing::Zstd => {
            let mut decoder = ZstdDecoder::with_dictionary(input, dictionary)?;
            decoder.window_log_max(MAX_WINDOW_LOG)?;
            Box::new(BufReader::new(decoder.single_frame()))
        }
        Packing::Plain | Packing::Skippable => Box::new(input),
    })
}

/// Passes over a skippable frame; gives the dictionary in it, if it has one that can be used.
pub(super) fn skip_frame<R: Read>(raw: &mut Raw<R>) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 8];
    raw.read_exact(&mut head)?;
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    if !head.starts_with(ZSTD_DICTIONARY) || length as usize > MAX_DICTIONARY_BYTES {
        io::copy(&mut raw.take(length.into()), &mut io::sink())?;
        return Ok(None);
    }
    let mut dictionary = Vec::new();
    raw.take(length.into()).read_to_end(&mut dictionary)?;
    if dictionary.starts_with(ZSTD) {
        let mut packed = dictionary.as_slice();
        let mut unpacked = Vec::new();
        unpack(&mut packed, Packing::Zstd, &[])?.take(MAX_DICTIONARY_BYTES as u64).read_to_end(&mut unpacked)?;
        dictionary = unpacked;
    }
    Ok(Some(dictionary))
}

/// Goes on to where the next record begins: the rest of a line "WARC/1.1", or a member in which one stands first. False at the
/// end of the file.
pub(super) fn find_next<R: Read>(raw: &mut Raw<R>, dictionary: &[u8]) -> io::Result<bool> {
    loop {
        raw.mark();
        let ahead = raw.ahead(PROBE_BYTES + 1)?;
        if ahead.is_empty() {
            return Ok(false);
        }
        let (step, found) = search(ahead, dictionary);
        raw.consume(step);
        if found {
            return Ok(true);
        }
    }
}

/// How far to go, and whether a record begins there.
fn search(bytes: &[u8], dictionary: &[u8]) -> (usize, bool) {
    // Near the end of what is at hand a beginning can't be told: all but that is looked at, and all of a file's last bytes.
    let end = if bytes.len() > PROBE_BYTES { bytes.len() - PROBE_BYTES } else { bytes.len() };
    let mut from = 0;
    while let Some(step) = memchr::memchr3(b'W', GZIP[0], ZSTD[0], &bytes[from..end]) {
        let at = from + step;
        let rest = &bytes[at..];
        let begins = match Packing::of(rest) {
            Some(Packing::Plain) => is_version_line(rest),
            Some(packing @ (Packing::Gzip | Packing::Zstd)) => holds_record(rest, packing, dictionary),
            _ => false,
        };
        if begins {
            return (at, true);
        }
        from = at + 1;
    }
    (end, false)
}

/// "WARC/", a version that there is or was, and the end of the line: other text does not say so.
fn is_version_line(bytes: &[u8]) -> bool {
    let digits = bytes.iter().skip(7).take_while(|byte| byte.is_ascii_digit()).take(3).count();
    matches!(bytes.get(5..7), Some(b"1." | b"0.")) && digits > 0 && matches!(&bytes[7 + digits..], [b'\r', b'\n', ..] | [b'\n', ..])
}

fn holds_record(bytes: &[u8], packing: Packing, dictionary: &[u8]) -> bool {
    let mut input = &bytes[..bytes.len().min(PROBE_BYTES)];
    let mut start = [0; 5];
    unpack(&mut input, packing, dictionary).is_ok_and(|mut member| member.read_exact(&mut start).is_ok()) && &start == b"WARC/"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::bufread::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn the_next_record_is_found_in_all_packings_and_nothing_that_only_looks_like_one() {
        let noise = [&b"no WARC/1.0 here, \x1f\x8b\x08 nor here\n"[..], &gzip(b"<html>"), &vec![b'x'; 300_000]].concat();
        let frame = zstd::bulk::compress(b"WARC/1.1\r\n", 3).unwrap();
        for begins in [b"\nWARC/1.0\r\n".to_vec(), gzip(b"WARC/1.1\r\n"), frame] {
            let file = [noise.clone(), begins.clone()].concat();
            let mut raw = Raw::new(file.as_slice(), 1000);
            assert!(find_next(&mut raw, &[]).unwrap());
            assert_eq!(raw.offset(), (noise.len() + usize::from(begins[0] == b'\n')) as u64);
        }
        assert!(!find_next(&mut Raw::new(noise.as_slice(), 1000), &[]).unwrap());
    }
}
