//! The block model: three sets of gradient-boosted trees (body, caption, standfirst) over the measures of
//! `features` and learned odds of words, of class names and of the texts. A small set of trees before them looks at the
//! outline alone and sets aside what is none of the three (a cascade: Viola and Jones, CVPR 2001).
//!
//! In: a segment's row and words. Out: probabilities. The parameters are `blocks.bin`, written by
//! `train/train.py` and read once; evaluation is table look-ups, bit-stable on every machine.

mod forest;
mod odds;
pub(crate) mod text_words;

use std::sync::OnceLock;

use super::blocks::Segment;
use super::dom::Dom;
use super::features;
use super::features::{COUNT, OUTLINE, Row, STACKED};
use super::wording::Wording;
use forest::{Forest, Table};
use odds::{Kinds, Known, OddsTable, PageOdds};

static BLOB: &[u8] = include_bytes!("blocks.bin");

/// Body, caption, standfirst.
const MODELS: usize = 3;

/// Probabilities of a segment. Those of caption and standfirst are exact from [`SURE_CAPTION`] and
/// [`SURE_STANDFIRST`] on; a smaller one may be less than it is given here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scores {
    pub(crate) body: f32,
    pub(crate) caption: f32,
    pub(crate) standfirst: f32,
}

/// Below it few ask how unlikely a caption is.
pub(crate) const SURE_CAPTION: f32 = 0.008;
/// Below it few ask how unlikely a standfirst is.
pub(crate) const SURE_STANDFIRST: f32 = 0.25;

#[derive(Debug)]
struct Parameters {
    /// Says of the outline whether the segment may be of an article, and the log-odds from which on it may.
    gate: (Forest, f32),
    forests: [Forest; MODELS],
    kinds: [Kinds; MODELS],
    odds: OddsTable,
}

/// What becomes of a segment that is not measured.
const UNMEASURED: Scores = Scores { body: 0.01, caption: 0.0, standfirst: 0.0 };

impl Scores {
    /// Whether a segment may be chosen at all.
    pub(crate) fn is_possible(&self) -> bool {
        self.body > UNMEASURED.body || self.caption > UNMEASURED.caption
    }
}

/// Leaves those segments that may be of an article, by their outlines.
pub(crate) fn let_through(outlines: &mut Vec<(usize, Row)>) {
    let (gate, least) = &parameters().gate;
    let mut rows = Table::new(outlines.len(), OUTLINE);
    for (at, (_, outline)) in outlines.iter().enumerate() {
        rows.write(at, 0, outline.outline());
    }
    rows.close(0..OUTLINE);
    let mut odds = gate.log_odds(&rows, f32::NEG_INFINITY).into_iter();
    outlines.retain(|_| odds.next().is_some_and(|odds| odds >= *least));
}

/// Scores every segment; those that are none of the rows, each with its number, are not of the article.
pub(crate) fn score(dom: &Dom, segments: &[Segment], wording: &Wording, measures: &[(usize, Row)]) -> Vec<Scores> {
    let Parameters { forests, kinds, odds, .. } = parameters();
    let measured: Vec<usize> = measures.iter().map(|(at, _)| *at).collect();
    let mut words = PageOdds::new(dom, odds);
    let mut next = 0;
    let around = |&at: &usize| {
        if let Some(passed) = (next..at).rev().find(|&passed| segments[passed].level.is_some()) {
            words.pass_heading(wording.words(passed));
        }
        next = at + 1;
        words.around(&segments[at], wording.words(at))
    };
    let said: Vec<_> = measured.iter().map(around).collect();
    // Those of the body have no measures of the body around.
    let widths: [usize; MODELS] = std::array::from_fn(|model| COUNT + if model == 0 { 0 } else { STACKED } + kinds[model].width());
    let mut rows = Table::new(measured.len(), widths.into_iter().fold(0, usize::max));
    for (at, ((_, measures), said)) in measures.iter().zip(&said).enumerate() {
        rows.write(at, 0, measures.numbers().into_iter().chain(kinds[0].numbers(said, 0)));
    }
    rows.close(0..widths[0]);
    let mut scores = vec![UNMEASURED; segments.len()];
    for (at, body) in measured.iter().zip(forests[0].probabilities(&rows, 0.0)) {
        scores[*at].body = body;
    }
    let in_body: Vec<f32> = scores.iter().map(|score| score.body).collect();
    let around = features::around_body(&in_body, &measured);
    for (row, around) in around.into_iter().enumerate() {
        rows.write(row, COUNT, around);
    }
    let mut stacked = |model: usize, least: f32| {
        for (row, said) in said.iter().enumerate() {
            rows.write(row, COUNT + STACKED, kinds[model].numbers(said, model));
        }
        rows.close(COUNT..widths[model]);
        forests[model].probabilities(&rows, least)
    };
    let (caption, standfirst) = (stacked(1, SURE_CAPTION), stacked(2, SURE_STANDFIRST));
    for (at, (caption, standfirst)) in measured.iter().zip(caption.into_iter().zip(standfirst)) {
        (scores[*at].caption, scores[*at].standfirst) = (caption, standfirst);
    }
    scores
}

fn parameters() -> &'static Parameters {
    static PARAMETERS: OnceLock<Parameters> = OnceLock::new();
    PARAMETERS.get_or_init(|| parse(BLOB).expect("blocks.bin is written by train.py for these features; a unit test reads it"))
}

/// Reads the parameters; `None` when they are damaged or for other features.
fn parse(blob: &[u8]) -> Option<Parameters> {
    let mut input = Reader(blob.strip_prefix(b"CDBM\x04")?);
    if usize::from(input.u16()?) != COUNT || usize::from(input.u8()?) != MODELS {
        return None;
    }
    let gate = (forest::read(&mut input, OUTLINE)?, input.f32()?);
    let mut next = |measures: usize| {
        let kinds = Kinds::of_bits(input.u8()?);
        let known = input.known()?;
        Some((kinds, known, forest::read(&mut input, measures + kinds.width())?))
    };
    let [body, caption, standfirst] = [next(COUNT)?, next(COUNT + STACKED)?, next(COUNT + STACKED)?];
    let odds = OddsTable::new([body.1, caption.1, standfirst.1])?;
    let (kinds, forests) = ([body.0, caption.0, standfirst.0], [body.2, caption.2, standfirst.2]);
    input.0.is_empty().then_some(Parameters { gate, forests, kinds, odds })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A model's words, behind their number.
    fn known(&mut self) -> Option<&'a [Known]> {
        let number = usize::try_from(u32::from_le_bytes(self.take()?)).ok()?;
        let (known, rest) = self.0.split_at_checked(number.checked_mul(size_of::<Known>())?)?;
        self.0 = rest;
        Some(known.as_chunks().0)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
    fn u8(&mut self) -> Option<u8> {
        Some(self.take::<1>()?[0])
    }
    fn i8(&mut self) -> Option<i8> {
        Some(i8::from_le_bytes(self.take()?))
    }
    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take()?))
    }
    fn f32(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_fit_the_features() {
        let parameters = parse(BLOB).unwrap();
        assert!(parameters.forests.iter().all(|f| f.len() >= 30));
        assert!(BLOB.len() < 2 << 20);
    }

    #[test]
    fn damage_is_noticed() {
        assert!(parse(&BLOB[..BLOB.len() - 1]).is_none());
        assert!(parse(b"CDBM\x04\x01\x00\x03").is_none());
    }
}
