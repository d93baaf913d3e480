//! Texts to look others up in, whatever their case, marks and white space.
//!
//! In: texts of the page, say what it declares. Out: whether another is one of them, by its [`text::comparison_key`]. Most are not,
//! which the first letters tell.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::text;

/// See the module.
pub(crate) struct Keys<'a> {
    texts: Vec<&'a str>,
    heads: FxHashSet<u64>,
    /// The keys of all, made once one is looked for.
    whole: OnceCell<FxHashSet<String>>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.collect();
        Self { heads: texts.iter().map(|text| text::key_head(text)).collect(), texts, whole: OnceCell::new() }
    }

    /// The key of a text that is one of them.
    pub(crate) fn find(&self, text: &str) -> Option<String> {
        if !self.heads.contains(&text::key_head(text)) {
            return None;
        }
        let key = text::comparison_key(text);
        let whole = self.whole.get_or_init(|| self.texts.iter().map(|text| text::comparison_key(text)).collect());
        whole.contains(&key).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_marks_make_no_difference() {
        let keys = Keys::new(["The bridge at dawn.", "Ferry"].into_iter());
        assert_eq!(keys.find("“The bridge, at dawn”").as_deref(), Some("thebridgeatdawn"));
        assert_eq!((keys.find("The bridge at noon"), keys.find("")), (None, None));
    }
}
