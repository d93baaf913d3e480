//! The interned name of a tag or attribute. Up to seven bytes are stored in the name itself; longer ones cost a strong
//! hash and perhaps a lock, so those seen last are kept at hand.
//!
//! Of a page with more than [`MAX_NAMES`] different long names, further ones are their first seven bytes: the table in
//! which names are interned searches ever longer lists.

use std::collections::HashMap;

use html5ever::LocalName;

/// Different names of more than seven bytes that a page may have.
const MAX_NAMES: usize = 10_000;

/// Slots of the cache; a power of two.
const SLOTS: usize = 256;
/// Bytes that an interned name holds in itself.
const INLINE: usize = 7;

/// Names seen, each at the slot of its hash.
#[derive(Debug)]
pub(super) struct Names {
    slots: Vec<Option<LocalName>>,
    /// All long names of the page.
    known: HashMap<Box<str>, LocalName>,
    scratch: String,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { slots: vec![None; SLOTS], known: HashMap::new(), scratch: String::new() }
    }

    /// The name as it stands.
    pub(super) fn get(&mut self, name: &str) -> LocalName {
        if name.len() <= INLINE {
            return LocalName::from(name);
        }
        let slot = &mut self.slots[slot(name.as_bytes())];
        match slot {
            Some(known) if **known == *name => known.clone(),
            _ => {
                let known = match self.known.get(name) {
                    Some(known) => known.clone(),
                    None if self.known.len() >= MAX_NAMES => return LocalName::from(&name[..name.floor_char_boundary(INLINE)]),
                    None => {
                        let new = LocalName::from(name);
                        self.known.insert(name.into(), new.clone());
                        new
                    }
                };
                slot.insert(known).clone()
            }
        }
    }

    /// The name in lower case and with U+FFFD for U+0000.
    pub(super) fn get_lowered(&mut self, name: &str) -> LocalName {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        lower_into(&mut scratch, name);
        let out = self.get(&scratch);
        self.scratch = scratch;
        out
    }
}

/// Appends a name in lower case (ASCII) and with U+FFFD for U+0000.
pub(super) fn lower_into(out: &mut String, name: &str) {
    out.extend(name.chars().map(|c| if c == '\0' { '\u{fffd}' } else { c.to_ascii_lowercase() }));
}

/// From the length, the first and the last eight bytes: names that meet in a slot only cost time.
fn slot(name: &[u8]) -> usize {
    let eight = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |b| u64::from_le_bytes(*b));
    let mixed = eight(name.first_chunk()) ^ eight(name.last_chunk()).rotate_left(23) ^ (name.len() as u64);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_html5ever() {
        let mut names = Names::new();
        for name in ["a", "section", "figcaption", "data-component-name", "noscript"] {
            assert_eq!(names.get(name), LocalName::from(name));
            assert_eq!(names.get(name), LocalName::from(name));
            assert_eq!(names.get_lowered(&name.to_uppercase()), LocalName::from(name));
        }
        assert_eq!(&*names.get_lowered("A\0É"), "a\u{fffd}É");
    }
}
