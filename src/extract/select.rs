//! Which segments are the article's body.
//!
//! In: segments with the model's probabilities. Out: a yes or no each. One pass: the model's probabilities along
//! the page with a price for every change (Viterbi), then repeats and stray headings leave.

use rustc_hash::FxHashSet;

use super::Parts;
use super::blocks::Segment;
use super::dates;
use super::dom::Dom;
use super::features::{is_good, weight};
use super::model::Scores;
use crate::article::BlockKind;

/// Probability from which on a segment stands on the body's side.
const CUT: f32 = 0.5;
/// Price of a change between body and not body, in log-odds.
const SWITCH: f32 = 0.3;
/// Price of a segment before the headline, in log-odds.
const BEFORE_TITLE: f32 = 1.5;
/// Price of a segment that is not shown, in log-odds, where most of the body is.
const HIDDEN: f32 = 2.2;
/// Words of a body from which on it can be told whether most of it is shown.
const SOME_WORDS: f32 = 60.0;
/// Characters from which on a repeated segment is a copy.
const REPEAT_CHARS: u32 = 60;

/// Chooses the body's segments; `excluded` ones are out whatever the model says.
pub(crate) fn body(dom: &Dom, segments: &[Segment], scores: &[Scores], excluded: &FxHashSet<usize>, title: Option<usize>) -> Vec<bool> {
    let mut gains = gains(scores, excluded, title.unwrap_or(0));
    let mut chosen = smooth(&gains);
    let words_of =
        |hidden: bool| segments.iter().zip(&chosen).filter(|(s, on)| **on && s.hidden == hidden).map(|(s, _)| weight(s)).sum::<f32>();
    let (shown, hidden) = (words_of(false), words_of(true));
    if hidden > 0.0 && shown > hidden.max(SOME_WORDS) {
        segments.iter().zip(&mut gains).filter(|(s, _)| s.hidden).for_each(|(_, gain)| *gain -= HIDDEN);
        chosen = smooth(&gains);
    }
    let mut seen = FxHashSet::default();
    for (at, segment) in segments.iter().enumerate() {
        if chosen[at] && segment.chars >= REPEAT_CHARS && !seen.insert(segment.text_hash) {
            chosen[at] = false;
        }
    }
    bridge_headings(dom, segments, scores, excluded, &mut chosen);
    drop_stray_headings(segments, &mut chosen);
    chosen
}

/// The body of a page on which the model finds none: running text of the element that holds most of it; where
/// there is no running text, whatever is no link and stands in no menu, footer or form.
pub(crate) fn fallback(parts: &Parts, excluded: &FxHashSet<usize>) -> Vec<bool> {
    let Parts { segments, layout, .. } = parts;
    let free = |at: usize| {
        let segment = &segments[at];
        let inside = layout.inside(segment.container);
        let furniture = inside.nav || inside.footer || inside.aside || inside.form || inside.button;
        !excluded.contains(&at)
            && !furniture
            && !segment.hidden
            && segment.link_chars * 2 < segment.chars
            && !dates::is_dateline(&segment.text)
    };
    let running: Vec<bool> =
        (0..segments.len()).map(|at| free(at) && is_good(&segments[at]) && layout.inside(segments[at].container).in_half).collect();
    let mut chosen = if running.contains(&true) { running } else { (0..segments.len()).map(free).collect() };
    let mut seen = FxHashSet::default();
    for (at, segment) in segments.iter().enumerate() {
        chosen[at] &= seen.insert(segment.text_hash);
    }
    drop_stray_headings(segments, &mut chosen);
    chosen
}

/// Words of the chosen segments.
pub(crate) fn words(segments: &[Segment], chosen: &[bool]) -> f32 {
    segments.iter().zip(chosen).filter(|(_, on)| **on).map(|(s, _)| weight(s)).sum()
}

/// What each segment adds to the body, in log-odds; what stands before the headline needs to be surer.
fn gains(scores: &[Scores], excluded: &FxHashSet<usize>, title: usize) -> Vec<f32> {
    let log_odds = |p: f32| (p / (1.0 - p)).ln();
    let cut = log_odds(CUT);
    // Those that are not measured all have the same.
    let mut last = (f32::NAN, 0.0);
    let gain = |(at, score): (usize, &Scores)| {
        let surer = if at < title { BEFORE_TITLE } else { 0.0 };
        if last.0.to_bits() != score.body.to_bits() {
            last = (score.body, log_odds(score.body.clamp(1e-4, 1.0 - 1e-4)));
        }
        if excluded.contains(&at) { -1e6 } else { last.1 - cut - surer }
    };
    scores.iter().enumerate().map(gain).collect()
}

/// The most probable row of yes and no.
fn smooth(gains: &[f32]) -> Vec<bool> {
    let mut cost = [0.0f32, 0.0];
    let mut from: Vec<[bool; 2]> = Vec::with_capacity(gains.len());
    for gain in gains {
        let stay = [cost[0] >= cost[1] - SWITCH, cost[1] >= cost[0] - SWITCH];
        from.push([!stay[0], stay[1]]);
        cost = [if stay[0] { cost[0] } else { cost[1] - SWITCH }, gain + if stay[1] { cost[1] } else { cost[0] - SWITCH }];
    }
    let mut on = cost[1] > cost[0];
    let mut out = vec![false; gains.len()];
    for at in (0..gains.len()).rev() {
        out[at] = on;
        on = from[at][usize::from(on)];
    }
    out
}

/// Headings between two segments of the body belong to it unless the model is sure of the contrary.
fn bridge_headings(dom: &Dom, segments: &[Segment], scores: &[Scores], excluded: &FxHashSet<usize>, chosen: &mut [bool]) {
    for at in 1..segments.len().saturating_sub(1) {
        if segments[at].level.is_none() || chosen[at] {
            continue;
        }
        // A caption between heading and paragraph does not part them.
        let next = (at + 1..segments.len().min(at + 12)).find(|i| !excluded.contains(i)).is_some_and(|i| chosen[i]);
        let parent = |i: usize| dom.parent(segments[i].container);
        let previous = (at.saturating_sub(6)..at).rev().find(|&i| chosen[i]).is_some_and(|i| i + 1 == at || parent(i) == parent(at));
        let heading = segments[at].level.is_some_and(|l| l >= 2) && segments[at].words <= 20 && segments[at].link_chars == 0;
        if heading && previous && next && scores[at].body > 0.05 && !excluded.contains(&at) {
            chosen[at] = true;
        }
    }
}

/// Headings stay only where text follows before the next heading of the same or a higher level.
fn drop_stray_headings(segments: &[Segment], chosen: &mut [bool]) {
    let mut pending: Vec<usize> = Vec::new();
    for at in 0..segments.len() {
        if !chosen[at] {
            continue;
        }
        if segments[at].kind == BlockKind::Heading {
            pending.push(at);
        } else {
            pending.clear();
        }
    }
    for at in pending {
        chosen[at] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_no_between_strong_yes_is_bridged() {
        let row = |p: &[f32], excluded: &FxHashSet<usize>| {
            smooth(&gains(&p.iter().map(|&body| Scores { body, ..Scores::default() }).collect::<Vec<_>>(), excluded, 0))
        };
        assert_eq!(row(&[0.9, 0.48, 0.9], &FxHashSet::default()), [true, true, true]);
        assert_eq!(row(&[0.9, 0.01, 0.9], &FxHashSet::default()), [true, false, true]);
        assert_eq!(row(&[0.9, 0.9, 0.9], &FxHashSet::from_iter([1])), [true, false, true]);
    }

    #[test]
    fn what_is_not_shown_needs_to_be_surer_beside_what_is() {
        let long = "many words of a text that is long enough to be told from others ".repeat(8);
        let page = |shown: &str, hidden: &str| {
            let html = format!("<p>{shown}</p><div style='display:none'><p>{hidden}</p></div>");
            let dom = Dom::parse(&html);
            let segments = super::super::blocks::segments(&dom).0;
            body(&dom, &segments, &[Scores { body: 0.8, ..Scores::default() }; 2], &FxHashSet::default(), None)
        };
        assert_eq!(page(&long, "Enter your address."), [true, false]);
        assert_eq!(page("The first lines.", &long), [true, true]);
    }
}
