//! Captions: each once, in page order, with its credit, its picture and its count.
//!
//! In: every printed copy, in page order. Out: one [`Caption`] for each text. Equal means equal after Unicode
//! forms, case, white space, quotes, a leading label and a credit are set aside; a copy that is cut short with
//! "…" is the same caption; two pictures with one text are one caption. The body loses what a caption says.

use std::collections::HashMap;

use crate::article::Caption;
use crate::extract::{RawBlock, RawCaption};
use crate::text;

/// Letters of a cut copy from which on its beginning is enough.
const MIN_CUT_KEY: usize = 16;

/// Merges the copies. Blocks whose text is a caption's leave `blocks` and count as copies.
#[must_use]
pub fn merge(printed: &[RawCaption], blocks: &mut Vec<RawBlock>) -> Vec<Caption> {
    merge_traced(printed, blocks).into_iter().map(|(caption, _)| caption).collect()
}

/// As [`merge`], each caption with the segments of its copies; the first is the one that it stands at.
#[must_use]
pub fn merge_traced(printed: &[RawCaption], blocks: &mut Vec<RawBlock>) -> Vec<(Caption, Vec<usize>)> {
    let mut groups = Groups::default();
    for caption in printed {
        groups.add(caption);
    }
    groups.fold_cut_copies();
    groups.fold_reworded();
    groups.take_blocks(blocks);
    groups.into_captions(blocks)
}

/// Captions up to which a text is compared with each.
const FEW: usize = 24;

/// All copies of one text.
struct Group {
    text: String,
    credit: Option<String>,
    image: Option<String>,
    segment: usize,
    occurrences: u32,
    /// Segments of the copies.
    copies: Vec<usize>,
    cut: bool,
    /// Some copy stands where a caption stands; copies alone are none.
    placed: bool,
}

#[derive(Default)]
struct Groups {
    list: Vec<Group>,
    by_key: HashMap<String, usize>,
}

impl Groups {
    fn add(&mut self, caption: &RawCaption) {
        let key = text::comparison_key(&caption.text);
        if key.is_empty() {
            return;
        }
        let next = self.list.len();
        let at = *self.by_key.entry(key).or_insert(next);
        if at == next {
            self.list.push(Group {
                text: caption.text.clone(),
                credit: caption.credit.clone(),
                image: caption.image.clone(),
                segment: caption.segment,
                occurrences: 0,
                copies: Vec::new(),
                cut: is_cut(&caption.text),
                placed: false,
            });
        }
        let group = &mut self.list[at];
        group.occurrences += 1;
        group.copies.push(caption.segment);
        // The first copy at a caption's own place gives the position: light boxes often stand elsewhere.
        if !caption.copy_only && !group.placed {
            (group.segment, group.placed) = (caption.segment, true);
        }
        group.credit = longer(group.credit.take(), caption.credit.as_deref());
        group.image = group.image.take().or_else(|| caption.image.clone());
    }

    /// A caption cut with "…" joins the whole one that begins alike.
    fn fold_cut_copies(&mut self) {
        let mut keys: Vec<(String, usize)> = self.by_key.iter().map(|(k, at)| (k.clone(), *at)).collect();
        keys.sort();
        for (index, (key, at)) in keys.iter().enumerate() {
            if !self.list[*at].cut || key.chars().count() < MIN_CUT_KEY {
                continue;
            }
            // Sorted: what begins with the key follows it.
            let whole = keys[index + 1..]
                .iter()
                .take_while(|(k, _)| k.starts_with(key.as_str()))
                .find(|(_, other)| !self.list[*other].cut || self.list[*other].text.len() > self.list[*at].text.len());
            let Some(&(_, target)) = whole else { continue };
            let cut = std::mem::take(&mut self.list[*at].occurrences);
            let copies = std::mem::take(&mut self.list[*at].copies);
            let (segment, placed, credit, image) = {
                let group = &self.list[*at];
                (group.segment, group.placed, group.credit.clone(), group.image.clone())
            };
            let group = &mut self.list[target];
            group.occurrences += cut;
            group.copies.extend(copies);
            if placed && (!group.placed || segment < group.segment) {
                (group.segment, group.placed) = (segment, true);
            }
            group.credit = group.credit.take().or(credit);
            group.image = group.image.take().or(image);
        }
        self.list.retain(|g| g.occurrences > 0);
        self.by_key = self.list.iter().enumerate().map(|(at, g)| (text::comparison_key(&g.text), at)).collect();
    }

    /// A caption that repeats another but for one reworded spot is the same caption: see [`reworded`]. Candidates
    /// share their first or last letters, so time stays near-linear.
    fn fold_reworded(&mut self) {
        let keys: Vec<Vec<char>> = self.list.iter().map(|g| text::comparison_key(&g.text).chars().collect()).collect();
        let mut buckets: HashMap<(bool, Vec<char>), Vec<usize>> = HashMap::new();
        let mut into: Vec<Option<usize>> = vec![None; self.list.len()];
        for at in 0..keys.len() {
            let key = &keys[at];
            if key.len() < MIN_REWORDED_KEY {
                continue;
            }
            for (end, part) in [(false, &key[..20]), (true, &key[key.len() - 20..])] {
                let bucket = buckets.entry((end, part.to_vec())).or_default();
                if into[at].is_none() {
                    into[at] =
                        bucket.iter().rev().take(8).copied().find(|&other| {
                            into[other].is_none() && reworded(&self.list[other].text, &self.list[at].text, &keys[other], key)
                        });
                }
                bucket.push(at);
            }
        }
        for (at, target) in into.iter().enumerate() {
            if let Some(target) = *target {
                let occurrences = std::mem::take(&mut self.list[at].occurrences);
                let (credit, image) = (self.list[at].credit.take(), self.list[at].image.take());
                let copies = std::mem::take(&mut self.list[at].copies);
                let group = &mut self.list[target];
                group.occurrences += occurrences;
                group.copies.extend(copies);
                group.credit = group.credit.take().or(credit);
                group.image = group.image.take().or(image);
            }
        }
        self.list.retain(|g| g.occurrences > 0);
        self.by_key = self.list.iter().enumerate().map(|(at, g)| (text::comparison_key(&g.text), at)).collect();
    }

    fn take_blocks(&mut self, blocks: &mut Vec<RawBlock>) {
        blocks.retain(|block| {
            let Some(at) = self.of_text(&block.block.text) else { return true };
            self.list[at].occurrences += 1;
            self.list[at].copies.push(block.segment);
            false
        });
    }

    /// The caption of a text. Few captions are compared with it one by one, which mostly ends at the first letter.
    fn of_text(&self, text: &str) -> Option<usize> {
        if self.by_key.len() > FEW {
            return self.by_key.get(&text::comparison_key(text)).copied();
        }
        self.by_key.iter().find(|(key, _)| text::has_comparison_key(text, key)).map(|(_, at)| *at)
    }

    fn into_captions(mut self, blocks: &[RawBlock]) -> Vec<(Caption, Vec<usize>)> {
        self.list.sort_by_key(|g| g.segment);
        let caption = |g: Group| {
            let Group { text, credit, image, occurrences, segment, mut copies, .. } = g;
            if let Some(own) = copies.iter().position(|at| *at == segment) {
                copies.swap(0, own);
            }
            (Caption { block: blocks.partition_point(|b| b.segment < segment), text, credit, image, occurrences }, copies)
        };
        self.list.into_iter().map(caption).collect()
    }
}

/// Letters of a caption from which on a reworded copy is looked for.
const MIN_REWORDED_KEY: usize = 60;
/// Share of the letters that two wordings have in common at start and end.
const MIN_COMMON: f64 = 0.85;

/// Whether two captions are one but for a spot that was reworded: the spot is short, has no digits, and its words
/// have a stem in common or one of the two simply lacks them. Other names or numbers make another caption.
fn reworded(a: &str, b: &str, key_a: &[char], key_b: &[char]) -> bool {
    let start = key_a.iter().zip(key_b).take_while(|(x, y)| x == y).count();
    let rest = key_a.len().min(key_b.len()) - start;
    let end = key_a.iter().rev().zip(key_b.iter().rev()).take(rest).take_while(|(x, y)| x == y).count();
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let common = (start + end) as f64 / key_a.len().max(key_b.len()) as f64;
    if common < MIN_COMMON {
        return false;
    }
    let (words_a, words_b) = (text::words(a), text::words(b));
    let own = |mine: &[String], other: &[String]| mine.iter().filter(|w| !other.contains(w)).cloned().collect::<Vec<_>>();
    let (only_a, only_b) = (own(&words_a, &words_b), own(&words_b, &words_a));
    let numbers = only_a.iter().chain(&only_b).any(|w| w.chars().any(char::is_numeric));
    let short = only_a.len() <= 3 && only_b.len() <= 3;
    let stem = |x: &String, y: &String| x.chars().zip(y.chars()).take_while(|(p, q)| p == q).count() >= 5;
    let lacks = only_a.is_empty() || only_b.is_empty();
    let added = only_a.iter().chain(&only_b).all(|w| w.chars().count() <= 4);
    !numbers && short && (only_a.iter().any(|x| only_b.iter().any(|y| stem(x, y))) || lacks && added)
}

fn is_cut(text: &str) -> bool {
    text.ends_with('…') || text.ends_with("...")
}

/// Of two credits the one that says more, if it holds the other; else the first.
fn longer(first: Option<String>, second: Option<&str>) -> Option<String> {
    match (first, second) {
        (Some(a), Some(b)) if b.len() > a.len() && b.contains(&a) => Some(b.to_owned()),
        (None, b) => b.map(str::to_owned),
        (a, _) => a,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(text: &str, credit: Option<&str>, segment: usize) -> RawCaption {
        RawCaption { text: text.to_owned(), credit: credit.map(str::to_owned), image: None, segment, copy_only: false }
    }

    #[test]
    fn copies_merge_in_page_order() {
        let list = vec![
            printed("The new bridge, seen from the old one.", None, 2),
            printed("The mayor cuts the ribbon.", Some("NPA"), 4),
            printed("The new bridge, seen from…", None, 5),
            printed("“The new bridge”, seen  from the old one", Some("Jo Ferris"), 6),
            printed("THE MAYOR CUTS THE RIBBON", None, 9),
        ];
        let merged = merge(&list, &mut Vec::new());
        let short: Vec<_> = merged.iter().map(|c| (c.text.as_str(), c.credit.as_deref(), c.occurrences)).collect();
        assert_eq!(
            short,
            [("The new bridge, seen from the old one.", Some("Jo Ferris"), 3), ("The mayor cuts the ribbon.", Some("NPA"), 2)]
        );
    }

    #[test]
    fn reworded_copies_merge_and_other_names_do_not() {
        let count = |a: &str, b: &str| merge(&[printed(a, None, 1), printed(b, None, 2)], &mut Vec::new()).len();
        let tail = "speaks at the opening of the new bridge over the estuary on Monday, March 9, 2026, in the old harbour";
        assert_eq!(count(&format!("The estuarine engineer {tail}"), &format!("Estuary's engineer {tail}")), 1);
        assert_eq!(count(&format!("Engineer Ana Ruiz {tail}"), &format!("Engineer Tom Weller {tail}")), 2);
        assert_eq!(count(&format!("Engineer Ana Ruiz {tail}"), &format!("Engineer Ana Ruiz {}", tail.replace('9', "8"))), 2);
    }

    proptest! {
        #[test]
        fn nothing_printed_once_is_lost(texts in proptest::collection::hash_set("[a-z]{4,9} [a-z]{4,9}", 0..20)) {
            let list: Vec<_> = texts.iter().enumerate().map(|(at, t)| printed(t, None, at)).collect();
            let merged = merge(&list, &mut Vec::new());
            prop_assert_eq!(merged.iter().map(|c| c.occurrences as usize).sum::<usize>(), list.len());
            for caption in &list {
                let key = text::comparison_key(&caption.text);
                prop_assert!(merged.iter().any(|m| text::comparison_key(&m.text) == key));
            }
        }

        #[test]
        fn merging_twice_is_merging_once(texts in proptest::collection::vec("[ab]{1,3}( [ab]{1,3}){0,3}…?", 0..20)) {
            let once = merge(&texts.iter().enumerate().map(|(at, t)| printed(t, None, at)).collect::<Vec<_>>(), &mut Vec::new());
            let again = merge(&once.iter().enumerate().map(|(at, c)| printed(&c.text, None, at)).collect::<Vec<_>>(), &mut Vec::new());
            prop_assert_eq!(once.iter().map(|c| &c.text).collect::<Vec<_>>(), again.iter().map(|c| &c.text).collect::<Vec<_>>());
        }
    }
}
