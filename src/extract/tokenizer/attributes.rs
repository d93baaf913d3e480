//! What does a tag say? Its name and its attributes, the first of each name.
//!
//! Of one tag [`MAX_ATTRIBUTES`] attributes are kept, and none whose name is longer than [`MAX_NAME`] bytes: what tree
//! builder, selectors and features do with a tag may then be simple. The rest of the tag is read all the same, so the
//! text behind it stays.

use std::borrow::Cow;
use std::collections::HashSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, TokenSink};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::{memchr2, memchr3};

use super::{Tokenizer, is_space, references};

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

/// The attributes of the tag being read.
struct Kept {
    list: Vec<Attribute>,
    /// Their names, once they are many.
    names: HashSet<LocalName>,
    had_duplicates: bool,
}

impl Kept {
    /// Whether an attribute of this name is still wanted.
    fn wants(&mut self, name: &LocalName) -> bool {
        if self.list.len() >= MAX_ATTRIBUTES {
            return false;
        }
        let known = if self.list.len() <= FEW {
            self.list.iter().any(|a| a.name.local == *name)
        } else {
            if self.names.is_empty() {
                self.names.extend(self.list.iter().map(|a| a.name.local.clone()));
            }
            !self.names.insert(name.clone())
        };
        self.had_duplicates |= known;
        !known
    }
}

impl<S: TokenSink> Tokenizer<'_, S> {
    /// Reads the tag whose name starts at `name`, to behind its `>`; nothing when the page ends before that. An end
    /// tag's attributes are read over.
    pub(super) fn read_tag(&mut self, kind: TagKind, name: usize) -> Option<Tag> {
        let (mut at, changes) = self.name_end(name, TAG_END);
        let name = self.name(name, at, changes);
        let list = if kind == TagKind::StartTag { self.spare.take() } else { Vec::new() };
        let mut kept = Kept { list, names: HashSet::new(), had_duplicates: false };
        let mut self_closing = false;
        loop {
            match self.byte(at)? {
                b'>' => break,
                b'/' if self.byte(at + 1)? == b'>' => {
                    self_closing = true;
                    at += 1;
                    break;
                }
                b'/' => at += 1,
                byte if is_space(byte) => at += 1,
                _ => at = self.read_attribute(at, kind == TagKind::StartTag, &mut kept)?,
            }
        }
        self.at = at + 1;
        Some(Tag { kind, name, self_closing, attrs: kept.list, had_duplicate_attributes: kept.had_duplicates })
    }

    /// The name that stands there.
    fn name(&mut self, start: usize, end: usize, changes: bool) -> LocalName {
        let name = &self.text[start..end];
        if changes { self.names.get_lowered(name) } else { self.names.get(name) }
    }

    /// Where a name ends, and whether it must be changed.
    fn name_end(&self, start: usize, ends: u8) -> (usize, bool) {
        let mut seen = 0;
        for (at, byte) in self.bytes[start..].iter().enumerate() {
            let class = CLASS[usize::from(*byte)];
            if class & ends != 0 {
                return (start + at, seen & CHANGES != 0);
            }
            seen |= class;
        }
        (self.bytes.len(), seen & CHANGES != 0)
    }

    /// Reads the attribute at `start`; gives where it ends.
    fn read_attribute(&mut self, start: usize, wanted: bool, kept: &mut Kept) -> Option<usize> {
        // An `=` may be the first character of a name.
        let first = self.byte(start)?;
        let (end, changes) = self.name_end(start + 1, NAME_END);
        let after = self.skip_space(end);
        let value = if self.byte(after)? == b'=' { self.value(after + 1)? } else { Value { start: end, end, special: false, after } };
        if !wanted || end - start > MAX_NAME || kept.list.len() >= MAX_ATTRIBUTES {
            return Some(value.after);
        }
        let name = self.name(start, end, changes || CLASS[usize::from(first)] & CHANGES != 0);
        if kept.wants(&name) {
            let value = self.decode(&value);
            kept.list.push(Attribute { name: QualName::new(None, ns!(), name), value });
        }
        Some(value.after)
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
        let first = memchr3(quote, b'&', 0, rest)?;
        let special = rest[first] != quote;
        let end = start + if special { first + memchr::memchr(quote, &rest[first..])? } else { first };
        Some(Value { start, end, special, after: end + 1 })
    }

    fn skip_space(&self, from: usize) -> usize {
        from + self.bytes[from..].iter().take_while(|&&b| is_space(b)).count()
    }

    fn decode(&self, value: &Value) -> StrTendril {
        if value.special
            && let Cow::Owned(decoded) = decode(&self.text[value.start..value.end])
        {
            return StrTendril::from(decoded);
        }
        self.slice(value.start, value.end)
    }
}

/// Where a value stands, whether something in it may have to be decoded, and where reading goes on.
struct Value {
    start: usize,
    end: usize,
    special: bool,
    after: usize,
}

/// A value with its references read and U+FFFD for U+0000.
fn decode(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    let mut out = String::new();
    let (mut run, mut at) = (0, 0);
    while let Some(found) = memchr2(b'&', 0, &bytes[at..]) {
        at += found;
        let decoded = if bytes[at] == 0 { None } else { references::read(&bytes[at + 1..], true) };
        match decoded {
            None if bytes[at] != 0 => at += 1,
            decoded => {
                out.push_str(&value[run..at]);
                out.push_str(decoded.as_ref().map_or("\u{fffd}", |(text, _)| text));
                at += 1 + decoded.map_or(0, |(_, length)| length);
                run = at;
            }
        }
    }
    if run == 0 {
        return Cow::Borrowed(value);
    }
    out.push_str(&value[run..]);
    Cow::Owned(out)
}
