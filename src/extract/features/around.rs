//! What the neighbours of a segment say: windows of its surroundings, the segments beside it, pictures, and, in a
//! second round, what the body model makes of them.

use super::super::dom::{Dom, NodeId};
use super::super::layout::Layout;
use super::page::Page;
use super::{Row, flag, float, is_good, log, ratio, weight};
use crate::article::BlockKind;

impl Page<'_> {
    /// What the neighbours say.
    pub(super) fn context(&self, rows: &mut [(usize, Row)]) {
        let n = self.segments.len();
        let mut link = vec![0.0f64; n + 1];
        let mut chars = vec![0.0f64; n + 1];
        let mut words = vec![0.0f64; n + 1];
        let mut good = vec![0.0f64; n + 1];
        for (at, s) in self.segments.iter().enumerate() {
            link[at + 1] = link[at] + f64::from(s.link_chars);
            chars[at + 1] = chars[at] + f64::from(s.chars);
            words[at + 1] = words[at] + f64::from(weight(s));
            good[at + 1] = good[at] + if is_good(s) { f64::from(weight(s)) } else { 0.0 };
        }
        let window = |at: usize, reach: usize| (at.saturating_sub(reach), (at + reach + 1).min(n));
        #[expect(clippy::cast_possible_truncation, reason = "features are approximate")]
        let mean = |sums: &[f64], (from, to): (usize, usize), by: f64| ((sums[to] - sums[from]) / by.max(1.0)) as f32;
        let total = good[n];
        let before = self.good_gaps(0..n);
        let after = self.good_gaps((0..n).rev());
        for (at, row) in rows.iter_mut() {
            let at = *at;
            let reach = [2, 5, 12].map(|r| window(at, r));
            [row.links_2, row.links_5, row.links_12] = reach.map(|w| mean(&link, w, chars[w.1] - chars[w.0]));
            row.words_2 = log(mean(&words, reach[0], float(reach[0].1 - reach[0].0).into()));
            row.words_5 = log(mean(&words, reach[1], float(reach[1].1 - reach[1].0).into()));
            row.good_5 = log(mean(&good, reach[1], 1.0));
            row.good_before = mean(&good, (0, at), total);
            row.good_gap_before = before[at];
            row.good_gap_after = after[at];
            if at > 0 {
                let other = &self.segments[at - 1];
                (row.previous_words, row.previous_links) = (log(weight(other)), ratio(other.link_chars, other.chars));
                row.previous_same = self.likeness(at, at - 1);
                row.previous_heading = flag(other.kind == BlockKind::Heading);
            }
            if let Some(other) = self.segments.get(at + 1) {
                (row.next_words, row.next_links) = (log(weight(other)), ratio(other.link_chars, other.chars));
                row.next_same = self.likeness(at, at + 1);
                row.next_heading = flag(other.kind == BlockKind::Heading);
                row.images_next = float(other.images_before as usize).min(5.0);
            }
        }
    }

    /// How far back in this order running text stands, by the logarithm.
    fn good_gaps(&self, order: impl Iterator<Item = usize>) -> Vec<f32> {
        let mut gaps = vec![9.0; self.segments.len()];
        let mut last = None;
        for at in order {
            if let Some(last) = last {
                gaps[at] = log(float(at.abs_diff(last)));
            }
            if self.is_main_good(at) {
                last = Some(at);
            }
        }
        gaps
    }

    fn is_main_good(&self, at: usize) -> bool {
        is_good(&self.segments[at]) && self.layout.inside(self.segments[at].container).in_half
    }

    /// 2 for the same container, 1 for the same parent with the same tag.
    fn likeness(&self, a: usize, b: usize) -> f32 {
        let (a, b) = (self.segments[a].container, self.segments[b].container);
        if a == b { 2.0 } else { flag(self.dom.parent(a) == self.dom.parent(b) && self.dom.tag(a) == self.dom.tag(b)) }
    }
}

/// 3 for a picture in the element before or after the block, 2 one level up, 1 two levels up.
pub(crate) fn image_beside(dom: &Dom, layout: &Layout, container: NodeId) -> f32 {
    let mut at = container;
    for near in [3.0, 2.0, 1.0] {
        let previous = std::iter::successors(dom.previous_sibling(at), |&s| dom.previous_sibling(s)).find(|&s| dom.is_element(s));
        let next = std::iter::successors(dom.next_sibling(at), |&s| dom.next_sibling(s)).find(|&s| dom.is_element(s));
        let picture = |id: NodeId| layout.nodes[id as usize].images > 0 && layout.nodes[id as usize].words < 30.0;
        if previous.is_some_and(picture) || next.is_some_and(picture) {
            return near;
        }
        match dom.parent(at) {
            Some(parent) => at = parent,
            None => return 0.0,
        }
    }
    0.0
}

/// Number of [`around_body`]'s measures.
pub(crate) const STACKED: usize = 7;

/// What the body model's probabilities say around some segments: their own, the best of three before and after,
/// the mean of seventeen, the share of the body before it, and the distances to the body before and after.
/// `train.py` makes the same of out-of-fold probabilities.
pub(crate) fn around_body(body: &[f32], of: &[usize]) -> Vec<[f32; STACKED]> {
    let n = body.len();
    let inside: Vec<usize> = (0..n).filter(|&i| body[i] > 0.5).collect();
    let best = |range: std::ops::Range<usize>| body[range].iter().copied().fold(0.0, f32::max);
    of.iter()
        .map(|&i| {
            let window = &body[i.saturating_sub(8)..(i + 9).min(n)];
            let before = inside.partition_point(|&j| j < i);
            let after = inside.partition_point(|&j| j <= i);
            [
                body[i],
                best(i.saturating_sub(3)..i),
                best(i + 1..(i + 4).min(n)),
                window.iter().sum::<f32>() / float(window.len()),
                float(before) / float(inside.len().max(1)),
                if before > 0 { log(float(i - inside[before - 1])) } else { 9.0 },
                inside.get(after).map_or(9.0, |&j| log(float(j - i))),
            ]
        })
        .collect()
}
