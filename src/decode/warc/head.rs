//! Lines `Name: value`, as WARC and HTTP heads have them, read with the patience that old archives need.

use std::io::{self, BufRead, Read};

/// A head larger than this is none.
const MAX_HEAD_BYTES: u64 = 256 << 10;

/// The first line of a head and its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// `WARC/1.0`, `HTTP/1.1 200 OK`.
    pub(super) first: String,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads to the blank line; `None` where the stream ends before it, or the head has no end.
    pub(super) fn read(input: &mut dyn BufRead) -> io::Result<Option<Self>> {
        let mut head = Self::default();
        let mut limited = input.take(MAX_HEAD_BYTES);
        let mut line = Vec::new();
        for number in 0.. {
            line.clear();
            limited.read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                return Ok(None);
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if number == 0 {
                text.clone_into(&mut head.first);
            } else if text.is_empty() {
                break;
            } else if let (true, Some((_, value))) = (text.starts_with([' ', '\t']), head.fields.last_mut()) {
                value.push(' ');
                value.push_str(text.trim_start());
            } else if let Some((name, value)) = text.split_once(':') {
                head.fields.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Ok(Some(head))
    }

    /// A head of one field, for what came without one.
    pub(super) fn with(name: &str, value: &str) -> Self {
        Self { first: String::new(), fields: vec![(name.to_owned(), value.to_owned())] }
    }

    /// All values of a field.
    pub(super) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.fields.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first value of a field that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_bare_feeds_and_lines_that_are_none() {
        let mut input = &b"HTTP/1.1 200 OK\nA: 1\r\nnothing\r\na:\r\nB : x\r\n\ty\r\n\r\nrest"[..];
        let head = Head::read(&mut input).unwrap().unwrap();
        assert_eq!((head.first.as_str(), head.get("a"), head.get("b"), head.get("c")), ("HTTP/1.1 200 OK", Some("1"), Some("x y"), None));
        assert_eq!((head.all("A").count(), input), (2, &b"rest"[..]));
        assert_eq!(Head::read(&mut &b"HTTP/1.1 200 OK\nA: 1"[..]).unwrap(), None);
        let endless = b"a: b\n".repeat(100_000);
        assert_eq!(Head::read(&mut endless.as_slice()).unwrap(), None);
    }
}
