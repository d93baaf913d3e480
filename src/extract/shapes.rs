//! Which elements of a page are alike in their name and in the attributes that words are read from?
//!
//! In: each element's name and attributes, as it is made. Out: a number, the same for all elements that are alike, so
//! that what depends on these words alone is found out once for all of them.

use std::sync::LazyLock;

use html5ever::{Attribute, LocalName, local_name};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::text::fold;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Shapes(FxHashMap<u64, u32>);

impl Shapes {
    /// The number of an element's shape; numbers ascend from 0.
    pub(crate) fn number(&mut self, name: &LocalName, attributes: &[Attribute]) -> u32 {
        let mut key = name.get_hash();
        for attribute in attributes.iter().filter(|attribute| has_words(&attribute.name.local)) {
            key = fold(key, xxh3_64(attribute.value.as_bytes()));
        }
        // There are fewer shapes than elements, which are limited.
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(key).or_insert(next)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Whether words are read from an attribute's value.
pub(crate) fn has_words(attribute: &LocalName) -> bool {
    /// Those that no standard names, each interned for good.
    static DATA: LazyLock<[LocalName; 3]> = LazyLock::new(|| ["data-testid", "data-component", "data-type"].map(LocalName::from));
    match *attribute {
        local_name!("class") | local_name!("id") | local_name!("itemprop") | local_name!("role") | local_name!("aria-label") => true,
        _ => DATA.contains(attribute),
    }
}
