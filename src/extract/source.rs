//! The page that is read, and what is read of it beside the tree: texts as parts of it, names as numbers, attributes.

use std::borrow::Cow;

use super::names::{Name, Names};

/// Roughly what a page has of them.
const BYTES_AN_ATTRIBUTE: usize = 100;
/// More attributes than that are reserved for no page.
const MAX_RESERVED: usize = 16_384;

/// A part of a page's text, or of what was decoded from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// From the page's start; what is decoded follows the page, one apart, so that nothing stands across both.
    start: u32,
    length: u32,
}

impl Piece {
    /// The part of a page from `start` to `end`.
    pub(crate) fn of_page(start: usize, end: usize) -> Self {
        Self { start: index(start), length: index(end - start) }
    }

    /// Its text.
    pub(crate) fn of<'t>(self, page: &'t str, decoded: &'t str) -> &'t str {
        let (start, length) = (self.start as usize, self.length as usize);
        match start.checked_sub(page.len() + 1) {
            None => &page[start..start + length],
            Some(start) => &decoded[start..start + length],
        }
    }

    /// Its text as the standard has it: each line end of the page is `\n`.
    pub(crate) fn standard_text<'t>(self, page: &'t str, decoded: &'t str) -> Cow<'t, str> {
        let text = self.of(page, decoded);
        if self.is_of_page(page) { lines(text) } else { Cow::Borrowed(text) }
    }

    /// Bytes of the line end that it begins with.
    pub(crate) fn line_end(self, page: &str, decoded: &str) -> usize {
        match self.of(page, decoded).as_bytes() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] if self.is_of_page(page) => 2,
            [b'\r', ..] if self.is_of_page(page) => 1,
            _ => 0,
        }
    }

    fn is_of_page(self, page: &str) -> bool {
        self.start as usize <= page.len()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// What is left behind the first bytes.
    pub(crate) fn without(self, bytes: usize) -> Self {
        let bytes = index(bytes).min(self.length);
        Self { start: self.start + bytes, length: self.length - bytes }
    }

    /// Its first bytes.
    pub(crate) fn first(self, bytes: usize) -> Self {
        Self { length: index(bytes).min(self.length), ..self }
    }

    /// Both, when `next` stands right behind it.
    pub(crate) fn and(self, next: Self) -> Option<Self> {
        (self.start + self.length == next.start).then_some(Self { length: self.length + next.length, ..self })
    }
}

/// A part of a page with `\n` in the place of `\r\n` and `\r`.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('\r').enumerate() {
        if at > 0 && !part.starts_with('\n') {
            out.push('\n');
        }
        out.push_str(part);
    }
    Cow::Owned(out)
}

/// A number that a page's limit keeps small.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a page is limited to far fewer than 2^32 bytes")
}

/// The namespace of an element or an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// That of all attributes but a few.
    None,
    Html,
    Svg,
    MathMl,
    Xlink,
    Xml,
    Xmlns,
}

impl Namespace {
    /// Its name by the standard.
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Html => "http://www.w3.org/1999/xhtml",
            Self::Svg => "http://www.w3.org/2000/svg",
            Self::MathMl => "http://www.w3.org/1998/Math/MathML",
            Self::Xlink => "http://www.w3.org/1999/xlink",
            Self::Xml => "http://www.w3.org/XML/1998/namespace",
            Self::Xmlns => "http://www.w3.org/2000/xmlns/",
        }
    }
}

/// An attribute as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) value: Piece,
    pub(crate) name: Name,
    pub(crate) namespace: Namespace,
}

/// A part of all attributes: those of one element.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn of(self, attributes: &[Kept]) -> &[Kept] {
        &attributes[self.start as usize..self.end as usize]
    }

    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Source<'p> {
    pub(crate) page: &'p str,
    /// Texts and values in which something had to be decoded.
    pub(crate) decoded: String,
    pub(crate) names: Names,
    /// The attributes of all elements, those of one beside each other.
    pub(crate) attributes: Vec<Kept>,
}

impl<'p> Source<'p> {
    pub(crate) fn new(page: &'p str) -> Self {
        let attributes = Vec::with_capacity((page.len() / BYTES_AN_ATTRIBUTE).min(MAX_RESERVED));
        Self { page, decoded: String::new(), names: Names::new(), attributes }
    }

    /// The text of a piece.
    pub(crate) fn text(&self, piece: Piece) -> &str {
        piece.of(self.page, &self.decoded)
    }

    /// The text of a piece as the standard has it.
    pub(crate) fn standard_text(&self, piece: Piece) -> Cow<'_, str> {
        piece.standard_text(self.page, &self.decoded)
    }

    /// What was decoded from `start` on.
    pub(crate) fn decoded_from(&self, start: usize) -> Piece {
        let before = self.page.len() + 1;
        Piece::of_page(before + start, before + self.decoded.len())
    }

    /// A piece with a text of its own.
    pub(crate) fn decode(&mut self, text: &str) -> Piece {
        let start = self.decoded.len();
        self.decoded.push_str(text);
        self.decoded_from(start)
    }

    /// The value of an attribute of no namespace.
    pub(crate) fn value(&self, attributes: Span, name: Name) -> Option<&str> {
        let found = attributes.of(&self.attributes).iter().find(|a| a.name == name && a.namespace == Namespace::None)?;
        Some(self.text(found.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_as_the_standard_has_them() {
        assert_eq!(lines("a\r\nb\rc\n\r\r\n"), "a\nb\nc\n\n\n");
        assert!(matches!(lines("a\nb"), Cow::Borrowed(_)));
        let mut source = Source::new("\r\nx\ry");
        let (page, decoded) = (Piece::of_page(0, 5), source.decode("\r\nz"));
        // What a reference stands for is no line end.
        assert_eq!((source.standard_text(page), source.standard_text(decoded)), ("\nx\ny".into(), "\r\nz".into()));
        let line_end = |piece: Piece| piece.line_end(source.page, &source.decoded);
        assert_eq!((line_end(page), line_end(page.without(3)), line_end(page.without(2)), line_end(decoded)), (2, 1, 0, 0));
    }
}
