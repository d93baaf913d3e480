//! A path pattern with `*` (any characters) and a final `$` (the end), matched in linear time.

use memchr::memmem;

/// A rule's path, or a URL pattern of the configuration.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The literal pieces between the stars, normal.
    pieces: Vec<Vec<u8>>,
    /// Whether it ends in `$`.
    anchored: bool,
    length: usize,
}

impl Pattern {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (body, anchored) = match text.strip_suffix('$') {
            Some(body) => (body, true),
            None => (text, false),
        };
        let pieces: Vec<Vec<u8>> = body.split('*').map(|piece| normal(piece, false)).collect();
        let length = pieces.iter().map(Vec::len).sum::<usize>() + pieces.len() - 1 + usize::from(anchored);
        Self { pieces, anchored, length }
    }

    /// Its length in octets, by which rules are weighed.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether it matches a normal path. Each piece is taken at its first place
    /// after the one before: with `*` alone between them, no other choice finds more.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return true };
        let Some(mut path) = path.strip_prefix(first.as_slice()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return !self.anchored || path.is_empty() };
        for piece in middle {
            match memmem::find(path, piece) {
                Some(at) => path = &path[at + piece.len()..],
                None => return false,
            }
        }
        if self.anchored { path.ends_with(last) } else { memmem::find(path, last).is_some() }
    }
}

/// A path with its query in the one form that patterns are compared with: escapes in upper case, those
/// of unreserved characters decoded, `*` and `$` escaped, everything outside ASCII escaped.
#[must_use]
pub(super) fn normal_path(path: &str) -> Vec<u8> {
    normal(path, true)
}

fn normal(text: &str, is_path: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%').then(|| escape(bytes, at)).flatten();
        at += if code.is_some() { 3 } else { 1 };
        match code {
            Some(code) if is_unreserved(code) => out.push(code),
            Some(code) => push_escaped(&mut out, code),
            // A star of a path is no wildcard; a dollar is an end only at the end of a pattern.
            None if byte == b'$' || (byte == b'*' && is_path) => push_escaped(&mut out, byte),
            None if byte.is_ascii_graphic() && !b"\"<>`{}\\^|".contains(&byte) => out.push(byte),
            None => push_escaped(&mut out, byte),
        }
    }
    out
}

fn escape(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_ends() {
        for (pattern, path, hit) in [
            ("/a", "/ab", true),
            ("/a$", "/ab", false),
            ("*.gif$", "/x.gif.gif", true),
            ("/a*b*c", "/axxbxxc", true),
            ("/a*bc*b", "/abcb", true),
            ("/a*ab$", "/aab", true),
            ("/a*ab$", "/ab", false),
            ("/%2A", "/*", true),
            ("/a$b", "/a$b", true),
            ("", "/", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(&normal_path(path)), hit, "{pattern} {path}");
        }
    }
}
