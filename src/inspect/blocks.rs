//! The left side: the page's blocks in reading order, long runs of what was left out folded.

use maud::{Markup, html};

use super::names;
use super::{CHUNK, Inspection, cut};
use crate::article::BlockKind;
use crate::extract::{Decision, Explained, Probabilities};
use crate::units;

/// Blocks left out in a row from which on they are folded.
const FOLD: usize = 5;
/// Characters of one block that are shown; the record has the whole.
const MAX_TEXT_CHARS: usize = 3000;
/// Characters that a fold shows of what is in it.
const MAX_FOLD_CHARS: usize = 90;

/// Blocks of one fold: a browser lays out what is unfolded, and no more.
const MAX_FOLDED: usize = 200;

/// A block with its number.
type Numbered<'a> = (usize, &'a Explained);

/// What stands in the list.
enum Entry<'a> {
    Block(Numbered<'a>),
    Fold(&'a [Numbered<'a>]),
}

/// All blocks.
pub(super) fn list(inspection: &Inspection<'_>) -> Markup {
    let numbered: Vec<Numbered> = inspection.blocks.iter().enumerate().collect();
    let article = inspection.article.ok();
    let language = article.and_then(|a| a.language.as_deref());
    let entries = entries(&numbered);
    html! {
        @if numbered.is_empty() { p.empty { "The page has no text." } }
        @for chunk in entries.chunks(CHUNK) {
            ol.blocks.chunk[entries.len() > CHUNK] {
                @for entry in chunk {
                    @match entry {
                        Entry::Block((at, explained)) => (block(*at, explained, language, article.is_some())),
                        Entry::Fold(run) => {
                            li.fold.left {
                                details {
                                    summary { (run.len()) " blocks left out " span.sample dir="auto" { (sample(run)) } }
                                    ol.blocks { @for (at, explained) in *run { (block(*at, explained, None, article.is_some())) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn entries<'a>(numbered: &'a [Numbered<'a>]) -> Vec<Entry<'a>> {
    let is_out = |(_, block): &Numbered| block.decision == Decision::LeftOut;
    let mut entries = Vec::new();
    for run in numbered.chunk_by(|a, b| is_out(a) == is_out(b)) {
        if run.len() >= FOLD && is_out(&run[0]) {
            entries.extend(run.chunks(MAX_FOLDED).map(Entry::Fold));
        } else {
            entries.extend(run.iter().copied().map(Entry::Block));
        }
    }
    entries
}

fn sample(run: &[Numbered]) -> String {
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
            @if !block.place.is_empty() { p.place dir="ltr" { (block.place) } }
        }
    }
}

/// The model's probabilities; small ones of caption and standfirst, which are known as bounds only, are left out.
fn chances(scores: &Probabilities) -> Markup {
    let percent = |share: f32| units::percent(share.into());
    html! {
        span.scores {
            span.bar.(step(scores.body)) {}
            "text " b { (percent(scores.body)) }
            @if scores.is_caption_exact() { " " span.minor { "caption " (percent(scores.caption)) } }
            @if scores.is_standfirst_exact() { " " span.minor { "standfirst " (percent(scores.standfirst)) } }
        }
    }
}

/// A bar's class, in tenths.
fn step(share: f32) -> String {
    format!("t{:.0}", share * 10.0)
}
