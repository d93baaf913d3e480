//! How many capitals, digits, commas and other marks does a text have?

use crate::text::is_alphabetic;

/// What is counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) commas: u32,
    pub(super) digits: u32,
    pub(super) upper: u32,
    pub(super) letters: u32,
    pub(super) separators: u32,
    pub(super) quotes: u32,
    pub(super) at: u32,
    pub(super) copyright: u32,
}

/// Characters that eight counters of eight bits hold.
const CHUNK: usize = 255;

/// What each ASCII character adds to the counters, eight bits each: commas, digits, capitals, letters, separators,
/// quotes, at signs.
const WEIGHTS: [u64; 256] = {
    let mut weights = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        weights[byte as usize] = matches!(byte, b',') as u64
            | (byte.is_ascii_digit() as u64) << 8
            | (byte.is_ascii_uppercase() as u64) << 16
            | (byte.is_ascii_alphabetic() as u64) << 24
            | (matches!(byte, b'|' | b'/') as u64) << 32
            | (matches!(byte, b'"') as u64) << 40
            | (matches!(byte, b'@') as u64) << 48;
        byte += 1;
    }
    weights
};

impl Marks {
    pub(super) fn count(text: &str) -> Self {
        let mut marks = Self::default();
        for chunk in text.as_bytes().chunks(CHUNK) {
            let sums: u64 = chunk.iter().map(|byte| WEIGHTS[usize::from(*byte)]).sum();
            let [commas, digits, upper, letters, separators, quotes, at, _] = sums.to_le_bytes().map(u32::from);
            marks.commas += commas;
            marks.digits += digits;
            marks.upper += upper;
            marks.letters += letters;
            marks.separators += separators;
            marks.quotes += quotes;
            marks.at += at;
        }
        if !text.is_ascii() {
            text.chars().filter(|c| !c.is_ascii()).for_each(|c| marks.add(c));
        }
        marks
    }

    /// A character outside ASCII.
    fn add(&mut self, c: char) {
        self.commas += u32::from(matches!(c, '，' | '、' | '،'));
        let letter = is_alphabetic(c);
        self.upper += u32::from(letter && c.is_uppercase());
        self.letters += u32::from(letter);
        self.separators += u32::from(matches!(c, '›' | '»' | '·' | '•'));
        self.quotes += u32::from(matches!(c, '“' | '„' | '«' | '」' | '”'));
        self.copyright += u32::from(c == '©');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_every_script() {
        let marks = Marks::count("© 2024 „Ärzte“, Ana | a@b.example › 东京、大阪");
        let expected = Marks { commas: 2, digits: 4, upper: 2, letters: 21, separators: 2, quotes: 2, at: 1, copyright: 1 };
        assert_eq!(marks, expected);
        assert_eq!(Marks::count(&"A,".repeat(1000)).commas, 1000);
    }
}
