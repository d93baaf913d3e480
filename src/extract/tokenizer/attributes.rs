//! What does a tag say? Its name and its attributes, the first of each name.
//!
//! Of one tag [`MAX_ATTRIBUTES`] attributes are kept, and none whose name is longer than [`MAX_NAME`] bytes: what tree
//! builder, selectors and features do with a tag may then be simple. The rest of the tag is read all the same, so the
//! text behind it stays.

use memchr::memchr2;
use rustc_hash::FxHashSet;

use super::super::names::Name;
use super::super::source::{self, Kept, Namespace, Piece, Span};
use super::{Sink, StartTag, Tokenizer, is_space, references, special};
use crate::eights::{self, EIGHT};

/// Attributes kept of one tag.
const MAX_ATTRIBUTES: usize = 1000;
/// Bytes of an attribute's name; hundreds of them are common where a quote is missing.
const MAX_NAME: usize = 4096;
/// Up to so many attributes a name is looked for among them one by one.
const FEW: usize = 16;

/// Ends a tag's name; ends an attribute's; an unquoted value; must be changed in a name.
const TAG_END: u8 = 1;
const NAME_END: u8 = 2;
const VALUE_END: u8 = 4;
const CHANGES: u8 = 8;

/// What each byte does.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    table[b'\t' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b'\n' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b'\r' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b'\x0c' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b' ' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b'>' as usize] = TAG_END | NAME_END | VALUE_END;
    table[b'/' as usize] = TAG_END | NAME_END;
    table[b'=' as usize] = NAME_END;
    table[0] = CHANGES;
    let mut letter = b'A';
    while letter <= b'Z' {
        table[letter as usize] = CHANGES;
        letter += 1;
    }
    table
};

/// What is known of the tag being read.
struct Tag {
    /// Where its attributes start among all.
    first: usize,
    /// Their names, once they are many.
    names: FxHashSet<Name>,
}

impl<'p, S: Sink<'p>> Tokenizer<'p, S> {
    /// Reads the start tag whose name starts at `name`, to behind its `>`; nothing when the page ends before that.
    pub(super) fn read_start_tag(&mut self, name: usize) -> Option<StartTag> {
        let (at, changes) = self.name_end(name, TAG_END);
        let name = self.name(name, at, changes);
        let first = self.sink.source().attributes.len();
        let mut tag = Tag { first, names: FxHashSet::default() };
        let (after, self_closing) = self.read_attributes(at, &mut |own: &mut Self, seen| own.keep(&mut tag, &seen))?;
        self.at = after;
        let end = self.sink.source().attributes.len();
        Some(StartTag { name, attributes: Span { start: source::index(first), end: source::index(end) }, self_closing })
    }

    /// Reads the end tag whose name starts at `name`, and over the attributes that it may have.
    pub(super) fn read_end_tag(&mut self, name: usize) -> Option<Name> {
        let (at, changes) = self.name_end(name, TAG_END);
        let name = self.name(name, at, changes);
        (self.at, _) = self.read_attributes(at, &mut |_: &mut Self, _| {})?;
        Some(name)
    }

    /// Reads a tag from behind its name on; gives where it ends, and whether it closes itself.
    fn read_attributes(&mut self, from: usize, each: &mut impl FnMut(&mut Self, Attribute)) -> Option<(usize, bool)> {
        let mut at = from;
        loop {
            match self.byte(at)? {
                b'>' => return Some((at + 1, false)),
                b'/' if self.byte(at + 1)? == b'>' => return Some((at + 2, true)),
                b'/' => at += 1,
                byte if is_space(byte) => at += 1,
                _ => {
                    let attribute = self.read_attribute(at)?;
                    at = attribute.value.after;
                    each(self, attribute);
                }
            }
        }
    }

    /// Keeps an attribute, if it is the first of its name and not one too many.
    fn keep(&mut self, tag: &mut Tag, attribute: &Attribute) {
        let count = self.sink.source().attributes.len() - tag.first;
        if attribute.end - attribute.start > MAX_NAME || count >= MAX_ATTRIBUTES {
            return;
        }
        let name = self.name(attribute.start, attribute.end, attribute.changes);
        let kept = &self.sink.source().attributes[tag.first..];
        let is_new = if count <= FEW {
            kept.iter().all(|a| a.name != name)
        } else {
            if tag.names.is_empty() {
                tag.names.extend(kept.iter().map(|a| a.name));
            }
            tag.names.insert(name)
        };
        if is_new {
            let value = self.decode(&attribute.value);
            self.sink.source().attributes.push(Kept { name, namespace: Namespace::None, value });
        }
    }

    /// The name that stands there.
    fn name(&mut self, start: usize, end: usize, changes: bool) -> Name {
        let (text, names) = (&self.text[start..end], &mut self.sink.source().names);
        if changes { names.get_lowered(text) } else { names.get(text) }
    }

    /// Where a name ends, and whether it must be changed.
    fn name_end(&self, start: usize, ends: u8) -> (usize, bool) {
        let (mut at, mut seen) = (start, 0);
        while let Some(eight) = self.bytes[at..].first_chunk() {
            let eight = u64::from_le_bytes(*eight);
            let own = eights::first(eights::separating(eight));
            seen |= u8::from(eights::first(eights::capitals(eight)) < own) * CHANGES;
            at += own;
            if own < EIGHT {
                break;
            }
        }
        for (more, byte) in self.bytes[at..].iter().enumerate() {
            let class = CLASS[usize::from(*byte)];
            if class & ends != 0 {
                return (at + more, seen & CHANGES != 0);
            }
            seen |= class;
        }
        (self.bytes.len(), seen & CHANGES != 0)
    }

    /// Reads the attribute at `start`.
    fn read_attribute(&self, start: usize) -> Option<Attribute> {
        // An `=` may be the first character of a name.
        let first = self.byte(start)?;
        let (end, changes) = self.name_end(start + 1, NAME_END);
        let after = self.skip_space(end);
        let value = if self.byte(after)? == b'=' { self.value(after + 1)? } else { Value { start: end, end, special: false, after } };
        Some(Attribute { start, end, changes: changes || CLASS[usize::from(first)] & CHANGES != 0, value })
    }

    /// The value behind an `=`.
    fn value(&self, from: usize) -> Option<Value> {
        let start = self.skip_space(from);
        match self.byte(start)? {
            quote @ (b'"' | b'\'') => self.quoted(quote, start + 1),
            b'>' => Some(Value { start, end: start, special: false, after: start }),
            _ => {
                let (end, _) = self.name_end(start, VALUE_END);
                let special = memchr2(b'&', 0, &self.bytes[start..end]).is_some();
                Some(Value { start, end, special, after: end })
            }
        }
    }

    fn quoted(&self, quote: u8, start: usize) -> Option<Value> {
        let rest = &self.bytes[start..];
        let first = special(quote, rest)?;
        let special = rest[first] != quote;
        let end = start + if special { first + memchr::memchr(quote, &rest[first..])? } else { first };
        Some(Value { start, end, special, after: end + 1 })
    }

    fn skip_space(&self, from: usize) -> usize {
        from + self.bytes[from..].iter().take_while(|&&b| is_space(b)).count()
    }

    /// A value with its references read and U+FFFD for U+0000.
    fn decode(&mut self, value: &Value) -> Piece {
        if !value.special {
            return Piece::of_page(value.start, value.end);
        }
        let (text, decoded) = (&self.text[value.start..value.end], &mut self.sink.source().decoded);
        let (before, bytes) = (decoded.len(), text.as_bytes());
        let (mut run, mut at) = (0, 0);
        while let Some(found) = memchr2(b'&', 0, &bytes[at..]) {
            at += found;
            let reference = if bytes[at] == 0 { None } else { references::read(&bytes[at + 1..], true) };
            match reference {
                None if bytes[at] != 0 => at += 1,
                reference => {
                    decoded.push_str(&source::lines(&text[run..at]));
                    decoded.push_str(reference.as_ref().map_or("\u{fffd}", |(text, _)| text));
                    at += 1 + reference.map_or(0, |(_, length)| length);
                    run = at;
                }
            }
        }
        if run == 0 {
            return Piece::of_page(value.start, value.end);
        }
        decoded.push_str(&source::lines(&text[run..]));
        self.sink.source().decoded_from(before)
    }
}

/// Where an attribute's name stands, whether it must be changed, and its value.
struct Attribute {
    start: usize,
    end: usize,
    changes: bool,
    value: Value,
}

/// Where a value stands, whether something in it may have to be decoded, and where reading goes on.
struct Value {
    start: usize,
    end: usize,
    special: bool,
    after: usize,
}
