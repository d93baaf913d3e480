//! Finds `id` and `url` in a line that is damaged or too long to keep: byte by byte, with a few bytes of memory.

use crate::article::RecordId;

/// Longest value of a key that is kept, in bytes; an id is short.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// What a damaged line still tells.
#[derive(Debug, Default)]
pub struct Found {
    /// Its `id`.
    pub id: Option<RecordId>,
    /// Its `url`.
    pub url: Option<String>,
}

impl Found {
    /// Searches a line that is at hand.
    pub(super) fn in_line(raw: &[u8]) -> Self {
        let mut scanner = Scanner::default();
        scanner.push(raw);
        scanner.finish()
    }
}

/// A tolerant reader of an object's top level.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The key whose value is being read.
    key: Option<Vec<u8>>,
    /// The key or value as it stands in the line, quotes and all.
    token: Vec<u8>,
    found: Found,
}

impl Scanner {
    /// Reads on.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.step(byte);
        }
    }

    /// What was found up to the end of the line.
    pub(super) fn finish(mut self) -> Found {
        self.end_value();
        self.found
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.token.clear();
            }
            b'}' | b']' => {
                self.end_value();
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.depth == 1 && self.key.is_none() => self.key = Some(std::mem::take(&mut self.token)),
            b',' if self.depth == 1 => self.end_value(),
            _ if !byte.is_ascii_whitespace() => self.keep(byte),
            _ => {}
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() < MAX_VALUE_BYTES && self.key.as_deref().is_none_or(wanted) {
            self.token.push(byte);
        }
    }

    fn end_value(&mut self) {
        if self.depth != 1 {
            return;
        }
        let token = String::from_utf8_lossy(&std::mem::take(&mut self.token)).into_owned();
        match self.key.take().as_deref() {
            Some(b"\"id\"") => self.found.id = serde_json::from_str(&token).ok().or(self.found.id.take()),
            Some(b"\"url\"") => self.found.url = serde_json::from_str(&token).ok().or(self.found.url.take()),
            _ => {}
        }
    }
}

fn wanted(key: &[u8]) -> bool {
    key == b"\"id\"" || key == b"\"url\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_them_at_the_top_level_only() {
        let found = Found::in_line(br#"{"a":{"id":1},"b":["id",2],"html":"\"id\":3, {[","id":4,"url":"u\u0041"#);
        assert_eq!(found.id, Some(RecordId::Unsigned(4)));
        assert_eq!(found.url, None, "cut inside the value");
        assert_eq!(Found::in_line(br#"{"url":"x","id":"k","#).id, Some(RecordId::Text("k".into())));
    }

    #[test]
    fn in_pieces_as_in_one() {
        let line = br#"{"html":"abc\\","id":"k1","url":"http://a.example/"}"#;
        let mut scanner = Scanner::default();
        for byte in line {
            scanner.push(&[*byte]);
        }
        let found = scanner.finish();
        assert_eq!((found.id, found.url.as_deref()), (Some(RecordId::Text("k1".into())), Some("http://a.example/")));
    }
}
