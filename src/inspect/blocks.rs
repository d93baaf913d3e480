//! The left side: the page's blocks in reading order, long runs of what was left out folded.

use maud::{Markup, html};

use super::names;
use super::{Inspection, cut};
use crate::article::BlockKind;
use crate::extract::{Decision, Explained, Probabilities};

/// Blocks left out in a row from which on they are folded.
const FOLD: usize = 5;
/// Characters of one block that are shown; the record has the whole.
const MAX_TEXT_CHARS: usize = 3000;
/// Characters that a fold shows of what is in it.
const MAX_FOLD_CHARS: usize = 90;

/// All blocks.
pub(super) fn list(inspection: &Inspection<'_>) -> Markup {
    let blocks = inspection.blocks;
    let article = inspection.article.ok();
    let language = article.and_then(|a| a.language.as_deref());
    let block = |at: usize, explained: &Explained, language| block(at, explained, language, article.is_some());
    let numbered: Vec<(usize, &Explained)> = blocks.iter().enumerate().collect();
    let runs = numbered.chunk_by(|a, b| (a.1.decision == Decision::LeftOut) == (b.1.decision == Decision::LeftOut));
    html! {
        @if blocks.is_empty() { p.empty { "The page has no text." } }
        ol.blocks {
            @for run in runs {
                @if run.len() >= FOLD && run[0].1.decision == Decision::LeftOut {
                    li.fold.left {
                        details {
                            summary { (run.len()) " blocks left out " span.sample dir="auto" { (sample(run)) } }
                            ol.blocks { @for (at, explained) in run { (block(*at, explained, None)) } }
                        }
                    }
                } @else {
                    @for (at, explained) in run { (block(*at, explained, language)) }
                }
            }
        }
    }
}

fn sample(run: &[(usize, &Explained)]) -> String {
    cut(&run.iter().take(12).map(|(_, block)| block.text.as_str()).collect::<Vec<_>>().join(" · "), MAX_FOLD_CHARS)
}

fn block(at: usize, block: &Explained, language: Option<&str>, is_linked: bool) -> Markup {
    let class = names::class(block.decision);
    // Without a record there is nothing to lead to.
    let part = block.part.filter(|_| is_linked).map(names::part);
    let is_heading = (block.decision, block.kind) == (Decision::Body, BlockKind::Heading);
    html! {
        li.b.(class).heading[is_heading] id=(format!("s-{at}")) tabindex="0" data-kind=(class) data-part=[part.as_deref()] {
            p.meta {
                span.tag { (names::block(block)) }
                @if let Some(scores) = &block.scores { (chances(scores)) }
                @if let (Some(part), Some(id)) = (block.part, &part) {
                    a.to href=(format!("#r-{id}")) { "→ " (names::part_in_words(part)) }
                }
            }
            p.text dir="auto" lang=[language] { (cut(&block.text, MAX_TEXT_CHARS)) }
            p.why { (block.reasons.join(" · ")) }
            @if !block.place.is_empty() { p.place dir="ltr" { code { (block.place) } } }
        }
    }
}

/// The model's probabilities; small ones of caption and standfirst are known as bounds only.
fn chances(scores: &Probabilities) -> Markup {
    let percent = |share: f32| format!("{:.0} %", share * 100.0);
    let caption = if scores.is_caption_exact() { percent(scores.caption) } else { "<1 %".to_owned() };
    html! {
        span.scores {
            span.bar.(step(scores.body)) {}
            "text " b { (percent(scores.body)) }
            " " span.minor { "caption " (caption) }
            @if scores.is_standfirst_exact() { " " span.minor { "standfirst " (percent(scores.standfirst)) } }
        }
    }
}

/// A bar's class, in tenths.
fn step(share: f32) -> String {
    format!("t{:.0}", share * 10.0)
}
