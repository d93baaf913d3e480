//! Where does the text of a `<title>`, a `<style>` or a `<script>` end? At its own end tag; inside a script an HTML
//! comment with a `<script>` in it hides that.

use memchr::{memchr, memchr2};

use super::{Raw, is_space};

/// Position of the end tag's `<`.
pub(super) fn end(page: &[u8], from: usize, kind: Raw, name: &str) -> Option<usize> {
    if kind == Raw::Script { Script { page, at: from, name: name.as_bytes() }.end() } else { plain(page, from, name.as_bytes()) }
}

fn plain(page: &[u8], mut at: usize, name: &[u8]) -> Option<usize> {
    loop {
        at += memchr(b'<', &page[at..])?;
        if is_end(page, at, name) {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether the end tag `name` starts at the `<` at `at`.
fn is_end(page: &[u8], at: usize, name: &[u8]) -> bool {
    let Some(after) = page[at + 1..].strip_prefix(b"/") else { return false };
    let Some((read, rest)) = after.split_at_checked(name.len()) else { return false };
    read.eq_ignore_ascii_case(name) && rest.first().is_some_and(|&b| ends_name(b))
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || byte == b'/' || byte == b'>'
}

/// A script being read.
struct Script<'p> {
    page: &'p [u8],
    at: usize,
    name: &'p [u8],
}

/// What a part of a script is: outside comments, in one, in a `<script>` in one.
#[derive(Clone, Copy)]
enum Part {
    Plain,
    Escaped,
    DoubleEscaped,
}

impl Script<'_> {
    fn end(mut self) -> Option<usize> {
        let mut part = Part::Plain;
        loop {
            if !matches!(part, Part::Plain) && self.comment_ends()? {
                part = Part::Plain;
                continue;
            }
            if matches!(part, Part::Plain) {
                self.at += memchr(b'<', &self.page[self.at..])?;
            }
            if !matches!(part, Part::DoubleEscaped) && is_end(self.page, self.at, self.name) {
                return Some(self.at);
            }
            part = self.less_than(part);
        }
    }

    /// Reads over a `<` that ends nothing; gives what the script then is.
    fn less_than(&mut self, part: Part) -> Part {
        let opens = self.page[self.at..].starts_with(b"<!--");
        self.at += 1;
        match part {
            Part::Plain if opens => {
                // Past the `!` only: the dashes that open the comment may be those that close it, `<!-->`.
                self.at += 1;
                Part::Escaped
            }
            Part::Plain => Part::Plain,
            Part::Escaped if self.word_is_script() => Part::DoubleEscaped,
            Part::Escaped => Part::Escaped,
            Part::DoubleEscaped => {
                let closes = self.page[self.at..].starts_with(b"/");
                self.at += usize::from(closes);
                if closes && self.word_is_script() { Part::Escaped } else { Part::DoubleEscaped }
            }
        }
    }

    /// Goes on to what comes first in a comment: past its end (true), or to a `<` (false).
    fn comment_ends(&mut self) -> Option<bool> {
        loop {
            self.at += memchr2(b'<', b'-', &self.page[self.at..])?;
            if self.page[self.at] == b'<' {
                return Some(false);
            }
            if self.page[self.at..].starts_with(b"-->") {
                self.at += 3;
                return Some(true);
            }
            self.at += 1;
        }
    }

    /// Whether the letters here are `script` and end as a tag's name does; they are read either way.
    fn word_is_script(&mut self) -> bool {
        let rest = &self.page[self.at..];
        let word = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let ended = rest.get(word).is_some_and(|&b| ends_name(b));
        self.at += word;
        ended && rest[..word].eq_ignore_ascii_case(b"script")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: &str) -> Option<&str> {
        end(page.as_bytes(), 0, Raw::Script, "script").map(|at| &page[..at])
    }

    #[test]
    fn scripts_end_where_browsers_end_them() {
        assert_eq!(text("a</script>"), Some("a"));
        assert_eq!(text("a</scripty></SCRIPT >"), Some("a</scripty>"));
        assert_eq!(text("<!-- </script>"), Some("<!-- "));
        assert_eq!(text("<!-- <script> </script> </script>"), Some("<!-- <script> </script> "));
        assert_eq!(text("<!-- <script> --></script>"), Some("<!-- <script> -->"));
        assert_eq!(text("<!--><script></script>"), Some("<!--><script>"));
        assert_eq!(text("<!-- <script> </script>"), None);
        assert_eq!(text("</script"), None);
    }
}
