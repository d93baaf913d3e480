//! Learned odds of words, and what the words around and in a segment say by them.
//!
//! In: the tree, the texts' words, and the table of the parameters. Out: the minimum, mean and maximum of the odds of
//! class words at each distance and of the text's own words, for each model. The words of an element are read once, however many segments stand in it and whatever elements are like it.

use rustc_hash::FxHashMap;

use super::super::blocks::Segment;
use super::super::class_words;
use super::super::dom::{Dom, NodeId};
use super::super::features::LEVELS;
use super::{MODELS, text_words};

/// Log-odds of a word for each model in thousandths, [`UNKNOWN`] where a model does not know it. A number more than there are
/// models, so that the processor takes them all at once.
type Odds = [i16; MODELS + 1];

/// The odds of all words that any model knows, by hash of level and word. Small, so that most of it stays in the processor's
/// cache: the first half of a hash says where its words stand, and only the other half is kept of each.
#[derive(Debug)]
pub(super) struct OddsTable {
    /// Two bits for each hash, by other bits of it (a Bloom filter): most words that are asked for are in no table.
    known: Vec<u64>,
    /// Where the words of each first half begin; and where the last of them end.
    starts: Vec<u16>,
    /// The words by hash.
    entries: Vec<Entry>,
}

/// A word: the second half of its hash, and its odds.
#[derive(Debug, Clone, Copy)]
struct Entry {
    rest: u16,
    odds: [i16; MODELS],
}

/// The odds of a word that a model does not know.
const UNKNOWN: i16 = i16::MIN;

/// Binary logarithm of how many numbers of 64 bits say whether to look.
const KNOWN_BITS: u32 = 13;

/// In which number the bits for a hash stand, and the bits.
fn known_bits(hash: u32) -> (usize, u64) {
    ((hash >> (u32::BITS - KNOWN_BITS)) as usize, 1 << (hash % u64::BITS) | 1 << (hash / u64::BITS % u64::BITS))
}

/// The halves of a hash.
fn halves(hash: u32) -> (u16, u16) {
    let [a, b, c, d] = hash.to_be_bytes();
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// A word of one model as the parameters have it: its hash and its odds in thousandths.
pub(super) type Known = [u8; 6];

/// A model's words that are still to be read.
struct Unread<'a> {
    known: &'a [Known],
    /// The hash of the next; behind the last, one larger than any.
    hash: u64,
    odds: i16,
}

impl<'a> Unread<'a> {
    fn new(known: &'a [Known]) -> Self {
        let (hash, odds) = match known.first() {
            Some(&[a, b, c, d, low, high]) => (u32::from_le_bytes([a, b, c, d]).into(), i16::from_le_bytes([low, high])),
            None => (u64::MAX, UNKNOWN),
        };
        Self { known, hash, odds }
    }
}

impl OddsTable {
    /// A table of each model's words, which are in the order of their hashes; `None` where they are not, where odds are [`UNKNOWN`], or
    /// where there are too many words.
    pub(super) fn new(models: [&[Known]; MODELS]) -> Option<Self> {
        let most = models.iter().map(|known| known.len()).sum();
        let mut table =
            Self { known: vec![0; 1 << KNOWN_BITS], starts: vec![0; usize::from(u16::MAX) + 2], entries: Vec::with_capacity(most) };
        let mut models = models.map(Unread::new);
        let mut least = 0;
        while let Ok(hash) = u32::try_from(models.iter().map(|model| model.hash).min().unwrap_or(u64::MAX)) {
            if u64::from(hash) < least {
                return None;
            }
            least = u64::from(hash) + 1;
            let (first, rest) = halves(hash);
            let mut entry = Entry { rest, odds: [UNKNOWN; MODELS] };
            for (at, model) in models.iter_mut().enumerate() {
                if model.hash == u64::from(hash) {
                    if model.odds == UNKNOWN {
                        return None;
                    }
                    entry.odds[at] = model.odds;
                    *model = Unread::new(&model.known[1..]);
                }
            }
            table.entries.push(entry);
            // So many before the next first half.
            table.starts[usize::from(first) + 1] = u16::try_from(table.entries.len()).ok()?;
            let (at, bits) = known_bits(hash);
            table.known[at] |= bits;
        }
        // Where no word has a first half, the next begins where it does.
        let mut end = 0;
        for start in &mut table.starts {
            end = end.max(*start);
            *start = end;
        }
        Some(table)
    }

    /// Whether to look for a word: most are in no table.
    fn may_know(&self, hash: u32) -> bool {
        let (at, bits) = known_bits(hash);
        self.known[at] & bits == bits
    }

    /// Where the words stand that may be the one of this hash: all with the same first half.
    fn place(&self, hash: u32) -> (u16, u16) {
        let first = usize::from(halves(hash).0);
        (self.starts[first], self.starts[first + 1])
    }

    fn at(&self, (start, end): (u16, u16)) -> &[Entry] {
        &self.entries[usize::from(start)..usize::from(end)]
    }

    fn find(&self, hash: u32) -> Option<Odds> {
        find_among(self.at(self.place(hash)), hash)
    }
}

fn find_among(like: &[Entry], hash: u32) -> Option<Odds> {
    let (_, rest) = halves(hash);
    let Entry { odds: [body, caption, standfirst], .. } = like.iter().find(|entry| entry.rest == rest)?;
    Some([*body, *caption, *standfirst, UNKNOWN])
}

/// What the words of one distance say to each model, in thousandths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    min: Odds,
    max: Odds,
    sum: [i32; MODELS + 1],
    count: [i16; MODELS + 1],
}

const NOTHING: Said = Said { min: [i16::MAX; MODELS + 1], max: [UNKNOWN; MODELS + 1], sum: [0; MODELS + 1], count: [0; MODELS + 1] };

impl Said {
    fn add(&mut self, odds: Odds) {
        for (at, odds) in odds.into_iter().enumerate() {
            let known = odds != UNKNOWN;
            self.min[at] = self.min[at].min(if known { odds } else { i16::MAX });
            // What is not known is less than all that is.
            self.max[at] = self.max[at].max(odds);
            self.sum[at] += if known { i32::from(odds) } else { 0 };
            self.count[at] += i16::from(known);
        }
    }

    fn merge(&mut self, more: &Self) {
        for at in 0..=MODELS {
            (self.min[at], self.max[at]) = (self.min[at].min(more.min[at]), self.max[at].max(more.max[at]));
            self.sum[at] += more.sum[at];
            self.count[at] += more.count[at];
        }
    }

    /// What is said to a model, if anything is; nothing otherwise.
    fn told(&self, model: usize, thousandths: impl FnOnce() -> f32) -> f32 {
        if self.count[model] == 0 { 0.0 } else { thousandths() / 1000.0 }
    }

    fn min(&self, model: usize) -> f32 {
        self.told(model, || f32::from(self.min[model]))
    }

    #[expect(clippy::cast_precision_loss, reason = "words are few: the sum is a whole number that f32 holds")]
    fn mean(&self, model: usize) -> f32 {
        self.told(model, || self.sum[model] as f32 / f32::from(self.count[model]))
    }

    fn max(&self, model: usize) -> f32 {
        self.told(model, || f32::from(self.max[model]))
    }
}

/// Which of minimum, mean and maximum of the odds a model's trees see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    min: bool,
    mean: bool,
    max: bool,
}

impl Kinds {
    pub(super) fn of_bits(bits: u8) -> Self {
        Self { min: bits & 1 > 0, mean: bits & 2 > 0, max: bits & 4 > 0 }
    }

    pub(super) fn count(self) -> usize {
        usize::from(self.min) + usize::from(self.mean) + usize::from(self.max)
    }

    /// Numbers that it takes in a row.
    pub(super) fn width(self) -> usize {
        LEVELS * self.count() + TEXT_NUMBERS
    }

    /// What they are for a model, level by level; then all that the text says, and the mean of the heading before it.
    pub(super) fn numbers(self, said: &Around, model: usize) -> impl Iterator<Item = f32> {
        let levels = said.classes.iter().flat_map(move |level| {
            let (min, mean, max) =
                (self.min.then(|| level.min(model)), self.mean.then(|| level.mean(model)), self.max.then(|| level.max(model)));
            min.into_iter().chain(mean).chain(max)
        });
        let text = &said.text;
        levels.chain([text.min(model), text.mean(model), text.max(model), said.heading[model]])
    }
}

/// Minimum, mean and maximum of the text's words, and the mean of the heading's.
const TEXT_NUMBERS: usize = 4;

/// What is said around a segment to each model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    classes: [Said; LEVELS],
    text: Said,
    /// The mean of the last heading's words.
    heading: [f32; MODELS],
}

/// The odds of a page's words, looked up once for all elements that have the same.
pub(super) struct PageOdds<'a> {
    dom: &'a Dom<'a>,
    table: &'a OddsTable,
    /// What an element's words say, one element after another.
    found: Vec<Said>,
    /// Where an element's stands, by its shape and distance; [`UNREAD`] for most.
    places: Vec<[u32; LEVELS]>,
    /// What all elements further out say; by the first of them and how many stand before it.
    further: FxHashMap<(NodeId, usize), Said>,
    /// What the last heading said.
    heading: [f32; MODELS],
}

const UNREAD: u32 = u32::MAX;

impl<'a> PageOdds<'a> {
    pub(super) fn new(dom: &'a Dom<'a>, table: &'a OddsTable) -> Self {
        Self {
            dom,
            table,
            found: Vec::new(),
            places: vec![[UNREAD; LEVELS]; dom.shapes()],
            further: FxHashMap::default(),
            heading: [0.0; MODELS],
        }
    }

    /// What is said around the next segment, with its words.
    pub(super) fn around(&mut self, segment: &Segment, words: &[u64]) -> Around {
        let text = self.of_text(words);
        if segment.level.is_some() {
            self.heading = means(&text);
        }
        let mut levels = [NOTHING; LEVELS];
        let mut elements = class_words::elements(self.dom, segment).enumerate();
        while let Some((count, (level, id))) = elements.next() {
            if level < LEVELS - 1 {
                self.add(id, level, &mut levels[level]);
                continue;
            }
            if let Some(said) = self.further.get(&(id, count)) {
                levels[level] = *said;
            } else {
                self.add(id, level, &mut levels[level]);
                elements.by_ref().for_each(|(_, (level, id))| self.add(id, level, &mut levels[level]));
                self.further.insert((id, count), levels[level]);
            }
            break;
        }
        Around { classes: levels, text, heading: self.heading }
    }

    /// Goes past a heading that nothing else is asked of.
    pub(super) fn pass_heading(&mut self, words: &[u64]) {
        self.heading = means(&self.of_text(words));
    }

    /// What a text's own words say.
    fn of_text(&self, words: &[u64]) -> Said {
        // First which words to look for, then where, then all of them: so the processor waits for several at a time.
        let (mut wanted, mut count) = ([0; text_words::MAX_HASHES], 0);
        text_words::each(words, |hash| {
            wanted[count] = hash;
            count += usize::from(self.table.may_know(hash));
        });
        let wanted = &wanted[..count];
        let mut places = [(0, 0); text_words::MAX_HASHES];
        places.iter_mut().zip(wanted).for_each(|(place, hash)| *place = self.table.place(*hash));
        let mut text = NOTHING;
        let found = wanted.iter().zip(places).filter_map(|(hash, place)| find_among(self.table.at(place), *hash));
        found.for_each(|odds| text.add(odds));
        text
    }

    /// Adds what an element's words say at a level.
    fn add(&mut self, id: NodeId, level: usize, said: &mut Said) {
        let Some(place) = self.of_element(id, level) else { return };
        said.merge(&self.found[place as usize]);
    }

    /// Where in `found` an element's stands.
    fn of_element(&mut self, id: NodeId, level: usize) -> Option<u32> {
        let Self { dom, table, found, places, .. } = self;
        let place = &mut places[dom.shape(id)?][level];
        if *place == UNREAD {
            let mut said = NOTHING;
            dom.words(id).for_each(|word| {
                let hash = hash(level, word);
                if table.may_know(hash)
                    && let Some(odds) = table.find(hash)
                {
                    said.add(odds);
                }
            });
            // There are fewer elements than that, at four distances.
            *place = u32::try_from(found.len()).unwrap_or_default();
            found.push(said);
        }
        Some(*place)
    }
}

/// The mean for each model.
fn means(said: &Said) -> [f32; MODELS] {
    std::array::from_fn(|model| said.mean(model))
}

/// FNV-1a over the level's digit and the word, as in `train.py`.
fn hash(level: usize, word: &str) -> u32 {
    let add = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    word.bytes().fold(add(0x811c_9dc5, b'0' + u8::try_from(level).unwrap_or(0)), add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::segments;

    #[test]
    fn words_are_found_at_their_distance() {
        let known = |words: &[(u32, i16)]| {
            let mut known: Vec<(u32, i16)> = words.to_vec();
            known.sort_unstable();
            let bytes = |(hash, odds): &(u32, i16)| -> Known {
                let ([a, b, c, d], [low, high]) = (hash.to_le_bytes(), odds.to_le_bytes());
                [a, b, c, d, low, high]
            };
            known.iter().map(bytes).collect::<Vec<_>>()
        };
        let (story, other) = (hash(0, "story"), hash(1, "box"));
        let [body, caption, standfirst] = [known(&[(story, 1000), (other, 500)]), known(&[(story, -2000)]), known(&[(other, 250)])];
        assert!(OddsTable::new([&[body[1], body[0]], &[], &[]]).is_none(), "out of order");
        let table = OddsTable::new([&body, &caption, &standfirst]).unwrap();
        assert!(table.find(hash(2, "box")).is_none() && table.may_know(hash(1, "box")));
        let dom = Dom::parse("<div class='box box'><p class=story>text</p><p>more</p></div>");
        let list = segments(&dom).0;
        let mut odds = PageOdds::new(&dom, &table);
        let row = |said: &Around, model: usize| {
            let numbers: Vec<String> =
                Kinds::of_bits(2 | 4).numbers(said, model).take(2 * LEVELS).map(|number| number.to_string()).collect();
            numbers.join(" ")
        };
        let said = odds.around(&list[0], &[]);
        let said: Vec<_> = (0..MODELS).map(|model| row(&said, model)).collect();
        assert_eq!(said, ["1 1 0.5 0.5 0 0 0 0", "-2 -2 0 0 0 0 0 0", "0 0 0.25 0.25 0 0 0 0"]);
        assert_eq!(row(&odds.around(&list[1], &[]), 0), "0 0 0.5 0.5 0 0 0 0");
    }
}
