//! What is behind `<!` and `<?`: comments, bogus comments, CDATA sections; a doctype is read in [`super::doctype`].

use memchr::{memchr, memchr_iter};

use super::{Reading, Sink, Tokenizer};

impl<'p, S: Sink<'p>> Tokenizer<'p, S> {
    /// Reads what stands behind a `<!`, from `start` on.
    pub(super) fn declaration(&mut self, start: usize) {
        let rest = &self.bytes[start..];
        if rest.starts_with(b"--") {
            self.comment(start + 2);
        } else if rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"doctype")) {
            self.doctype(start + 7);
        } else if rest.starts_with(b"[CDATA[") && self.sink.is_foreign() {
            self.at = start + 7;
            self.state = Reading::Cdata;
        } else {
            self.bogus_comment(start);
        }
    }

    /// A comment that ends at the first `>`.
    pub(super) fn bogus_comment(&mut self, start: usize) {
        let end = memchr(b'>', &self.bytes[start..]).map(|found| start + found);
        let stop = end.unwrap_or(self.bytes.len());
        self.sink.comment(&self.text[start..stop]);
        self.at = end.map_or(stop, |end| end + 1);
    }

    fn comment(&mut self, start: usize) {
        let (end, after) = comment_end(&self.bytes[start..]);
        self.sink.comment(&self.text[start..start + end]);
        self.at = start + after;
    }
}

/// Where a comment's text ends, and where what follows it starts.
fn comment_end(rest: &[u8]) -> (usize, usize) {
    if rest.starts_with(b">") {
        return (0, 1);
    }
    if rest.starts_with(b"->") {
        return (0, 2);
    }
    for at in memchr_iter(b'>', rest) {
        let before = &rest[..at];
        if before.ends_with(b"--") {
            return (at - 2, at + 1);
        }
        if before.ends_with(b"--!") {
            return (at - 3, at + 1);
        }
    }
    // The page ends: what could have been the comment's end is no text of it.
    let pending = [&b"--!"[..], b"--", b"-"].into_iter().find(|end| rest.ends_with(end)).map_or(0, <[u8]>::len);
    (rest.len() - pending, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(rest: &str) -> (&str, &str) {
        let (end, after) = comment_end(rest.as_bytes());
        (&rest[..end], &rest[after..])
    }

    #[test]
    fn comments_end_where_browsers_end_them() {
        assert_eq!(comment("a-->b"), ("a", "b"));
        assert_eq!(comment(">b"), ("", "b"));
        assert_eq!(comment("->b"), ("", "b"));
        assert_eq!(comment("-->b"), ("", "b"));
        assert_eq!(comment("a--!>b"), ("a", "b"));
        assert_eq!(comment("a--!-->b"), ("a--!", "b"));
        assert_eq!(comment("a->b>--->c"), ("a->b>-", "c"));
        assert_eq!(comment("a--"), ("a", ""));
        assert_eq!(comment("a--!"), ("a", ""));
        assert_eq!(comment("-!>"), ("-!>", ""));
    }
}
