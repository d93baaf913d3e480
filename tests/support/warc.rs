//! A reader of WARC files that takes nothing on trust: a gzip member that is not whole, or not one record, fails the test.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    pub file: PathBuf,
    pub fields: Vec<(String, String)>,
    pub block: Vec<u8>,
}

impl Record {
    /// A field of its head; empty where it has none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub fn is(&self, kind: &str) -> bool {
        self.field("WARC-Type") == kind
    }

    pub fn url(&self) -> &str {
        self.field("WARC-Target-URI")
    }

    /// A line of the block: of a metadata record, or of an HTTP head.
    pub fn line(&self, name: &str) -> Option<String> {
        let (head, _) = self.http();
        head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()))
    }

    /// Head and body of the HTTP message in the block; of other blocks everything is head.
    pub fn http(&self) -> (String, &[u8]) {
        let end = self.block.windows(4).position(|four| four == b"\r\n\r\n").map_or(self.block.len(), |at| at + 4);
        (String::from_utf8(self.block[..end].to_vec()).unwrap(), &self.block[end..])
    }

    /// Status of the HTTP answer in the block.
    pub fn status(&self) -> u16 {
        self.http().0.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// The WARC files of a folder, in the order of their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// All records of a folder's files.
pub fn records(folder: &Path) -> Vec<Record> {
    files(folder).iter().flat_map(|file| read(file)).collect()
}

pub fn read(file: &Path) -> Vec<Record> {
    let bytes = std::fs::read(file).unwrap();
    let mut rest = bytes.as_slice();
    let mut out = Vec::new();
    while !rest.is_empty() {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let mut record = Vec::new();
        member.read_to_end(&mut record).unwrap_or_else(|e| panic!("{}: member {}: {e}", file.display(), out.len()));
        rest = member.into_inner();
        out.push(parse(file, &record));
    }
    out
}

fn parse(file: &Path, mut bytes: &[u8]) -> Record {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        bytes.read_line(&mut line).unwrap();
        match line.strip_suffix("\r\n").unwrap_or_else(|| panic!("no line of a head: {line:?}")) {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    assert_eq!(lines.remove(0), "WARC/1.1");
    let pair = |line: &String| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let fields = lines.iter().map(pair).collect();
    let block = bytes.strip_suffix(b"\r\n\r\n").unwrap_or_else(|| panic!("a record without an end: {lines:?}"));
    let record = Record { file: file.to_owned(), fields, block: block.to_vec() };
    assert_eq!(record.field("Content-Length"), block.len().to_string(), "{lines:?}");
    assert_eq!(record.field("WARC-Block-Digest"), digest(block), "{lines:?}");
    let payload = record.field("WARC-Payload-Digest");
    assert!(payload.is_empty() || payload == digest(record.http().1), "{lines:?}");
    record
}

fn digest(bytes: &[u8]) -> String {
    let hash = Sha1::digest(bytes);
    let group = |five: &[u8]| five.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let letters = |value: u64| {
        (0..8).rev().map(move |n| (value >> (5 * n)) & 31).map(|n| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::try_from(n).unwrap()])
    };
    let text: Vec<u8> = hash.chunks(5).flat_map(|five| letters(group(five))).collect();
    format!("sha1:{}", String::from_utf8(text).unwrap())
}
