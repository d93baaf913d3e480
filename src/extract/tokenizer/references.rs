//! What does a character reference stand for? `&amp;`, `&#38;`, `&copy` without its semicolon; and what only looks like
//! one, as in `?a=1&copy=2`. The names are html5ever's table.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Longest name that is valid without a semicolon.
const LONGEST_BARE: usize = 6;
/// Longest name of all, without its semicolon.
const LONGEST: usize = 31;

/// The one or two characters of a reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoded {
    bytes: [u8; 8],
    length: usize,
}

impl Decoded {
    fn new(first: char, second: Option<char>) -> Self {
        let mut bytes = [0; 8];
        let mut length = first.encode_utf8(&mut bytes).len();
        if let Some(second) = second {
            length += second.encode_utf8(&mut bytes[length..]).len();
        }
        Self { bytes, length }
    }
}

impl std::ops::Deref for Decoded {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// Reads the reference whose `&` stands before `rest`: its text, and how many bytes of `rest` it took.
pub(super) fn read(rest: &[u8], in_attribute: bool) -> Option<(Decoded, usize)> {
    match rest.first()? {
        b'#' => numeric(rest),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => named(rest, in_attribute),
        _ => None,
    }
}

fn named(rest: &[u8], in_attribute: bool) -> Option<(Decoded, usize)> {
    let word = rest.iter().take(LONGEST + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    if rest.get(word) == Some(&b';')
        && let Some(decoded) = lookup(&rest[..=word])
    {
        return Some((decoded, word + 1));
    }
    if in_attribute {
        // For historical reasons one without a semicolon must end as a word and not be a query's key.
        let whole = (2..=LONGEST_BARE).contains(&word) && rest.get(word) != Some(&b'=');
        return if whole { Some((lookup(&rest[..word])?, word)) } else { None };
    }
    (2..=word.min(LONGEST_BARE)).rev().find_map(|length| Some((lookup(&rest[..length])?, length)))
}

fn lookup(name: &[u8]) -> Option<Decoded> {
    // Those that most pages are full of.
    match name {
        b"amp;" => return Some(Decoded::new('&', None)),
        b"nbsp;" => return Some(Decoded::new('\u{a0}', None)),
        b"quot;" => return Some(Decoded::new('"', None)),
        b"lt;" => return Some(Decoded::new('<', None)),
        b"gt;" => return Some(Decoded::new('>', None)),
        _ => {}
    }
    // The table holds the beginnings of names, too, with nothing to stand for.
    let &(first, second) = NAMED_ENTITIES.get(std::str::from_utf8(name).ok()?)?;
    let first = char::from_u32(first).filter(|&c| c != '\0')?;
    Some(Decoded::new(first, char::from_u32(second).filter(|&c| c != '\0')))
}

fn numeric(rest: &[u8]) -> Option<(Decoded, usize)> {
    let (radix, start) = if matches!(rest.get(1), Some(b'x' | b'X')) { (16, 2) } else { (10, 1) };
    let digits = rest[start..].iter().map_while(|&b| char::from(b).to_digit(radix));
    let (count, value) = digits.fold((0, 0u32), |(count, value), digit| (count + 1, value.saturating_mul(radix).saturating_add(digit)));
    if count == 0 {
        return None;
    }
    let end = start + count;
    Some((Decoded::new(character(value), None), end + usize::from(rest.get(end) == Some(&b';'))))
}

/// The character of a number; windows-1252 is meant by those of C1.
fn character(number: u32) -> char {
    let c1 = number.checked_sub(0x80).and_then(|at| *C1_REPLACEMENTS.get(at as usize)?);
    c1.or_else(|| char::from_u32(number)).filter(|&c| c != '\0').unwrap_or('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rest: &str) -> Option<(String, usize)> {
        read(rest.as_bytes(), false).map(|(decoded, length)| (decoded.to_string(), length))
    }

    fn attribute(rest: &str) -> Option<String> {
        read(rest.as_bytes(), true).map(|(decoded, _)| decoded.to_string())
    }

    #[test]
    fn names() {
        assert_eq!(text("amp;x"), Some(("&".into(), 4)));
        assert_eq!(text("notit;"), Some(("¬".into(), 3)));
        assert_eq!(text("notin;"), Some(("∉".into(), 6)));
        assert_eq!(text("NotEqualTilde;"), Some(("≂̸".into(), 14)));
        assert_eq!(text("CounterClockwiseContourIntegral;"), Some(("∳".into(), 32)));
        assert_eq!(text("unknown;"), None);
        assert_eq!(attribute("copy=2"), None);
        assert_eq!(attribute("copyx"), None);
        assert_eq!(attribute("copy"), Some("©".into()));
    }

    #[test]
    fn the_lengths_named_here_are_the_tables() {
        let names = || NAMED_ENTITIES.entries().filter(|(_, (first, _))| *first != 0).map(|(name, _)| *name);
        assert_eq!(names().filter(|n| !n.ends_with(';')).map(str::len).max(), Some(LONGEST_BARE));
        assert_eq!(names().map(str::len).max(), Some(LONGEST + 1));
        assert!(names().all(|n| n.len() >= 2));
    }

    #[test]
    fn numbers() {
        assert_eq!(text("#38;"), Some(("&".into(), 4)));
        assert_eq!(text("#x26y"), Some(("&".into(), 4)));
        assert_eq!(text("#128;"), Some(("€".into(), 5)));
        assert_eq!(text("#0;"), Some(("\u{fffd}".into(), 3)));
        assert_eq!(text("#xD800;"), Some(("\u{fffd}".into(), 7)));
        assert_eq!(text(&format!("#{}", "9".repeat(100_000))), Some(("\u{fffd}".into(), 100_001)));
        assert_eq!(text("#;"), None);
        assert_eq!(text("#xg"), None);
    }
}
