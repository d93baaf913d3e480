//! Eight bytes of a text at a time, as one number: for texts too short to make a vector unit ready for.
//!
//! In: bytes. Out: masks with the highest bit of each byte that is asked for; the first byte is the lowest. (Lamport,
//! "Multiple byte processing with full-word instructions", CACM 18(8), 1975.)

/// How many there are.
pub(crate) const EIGHT: usize = size_of::<u64>();
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = ONES << 7;

/// The eight bytes from `at` on; zeros for those behind the end.
pub(crate) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    let eight = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut last = [0; EIGHT];
        last[..rest.len()].copy_from_slice(rest);
        last
    });
    u64::from_le_bytes(eight)
}

/// Bytes that are `from` or more, among bytes below 128, as is `from`.
fn at_least(bytes: u64, from: u8) -> u64 {
    (bytes + ONES * u64::from(0x80 - from)) & HIGHEST
}

/// Bytes from one to another, among bytes below 128.
fn among(bytes: u64, from: u8, to: u8) -> u64 {
    at_least(bytes, from) & !at_least(bytes, to + 1)
}

/// Where all bytes are below 128, and what they are otherwise without their highest bits.
fn split(bytes: u64) -> (u64, u64) {
    (!bytes & HIGHEST, bytes & !HIGHEST)
}

/// ASCII letters in small, and digits: all others are made something else, too.
pub(crate) fn small(bytes: u64) -> u64 {
    bytes | (ONES * 0x20)
}

/// ASCII letters.
pub(crate) fn letters(bytes: u64) -> u64 {
    let (ascii, low) = split(bytes);
    among(small(low), b'a', b'z') & ascii
}

/// ASCII capitals.
pub(crate) fn capitals(bytes: u64) -> u64 {
    let (ascii, low) = split(bytes);
    among(low, b'A', b'Z') & ascii
}

/// ASCII digits.
pub(crate) fn digits(bytes: u64) -> u64 {
    let (ascii, low) = split(bytes);
    among(low, b'0', b'9') & ascii
}

/// Printed ASCII, the space left out.
fn graphic(bytes: u64) -> u64 {
    let (ascii, low) = split(bytes);
    among(low, b'!', b'~') & ascii
}

/// Bytes that are this one, which is below 128.
pub(crate) fn equal(bytes: u64, byte: u8) -> u64 {
    let (ascii, low) = split(bytes ^ (ONES * u64::from(byte)));
    !at_least(low, 1) & ascii
}

/// White space and controls, and what may stand behind a name in a tag: `/`, `=` and `>`.
pub(crate) fn separating(bytes: u64) -> u64 {
    let (ascii, low) = split(bytes);
    !at_least(low, b'!') & ascii | equal(bytes, b'/') | equal(bytes, b'=') | equal(bytes, b'>')
}

/// Bytes outside ASCII.
pub(crate) fn beyond_ascii(bytes: u64) -> u64 {
    bytes & HIGHEST
}

/// Bytes that no character begins with (UTF-8).
fn continuing(bytes: u64) -> u64 {
    bytes & !(bytes << 1) & HIGHEST
}

/// How many bytes at the start are in a mask.
pub(crate) fn leading(mask: u64) -> usize {
    first(!mask & HIGHEST)
}

/// Where the first byte of a mask is; eight for none.
pub(crate) fn first(mask: u64) -> usize {
    mask.trailing_zeros() as usize / 8
}

/// A bit for each byte of a mask, the first the lowest.
pub(crate) fn bits(mask: u64) -> u64 {
    ((mask >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56
}

/// How many bytes behind the first `from`, of which there are fewer than eight, are not in a mask.
pub(crate) fn gap(mask: u64, from: usize) -> usize {
    first(mask >> (8 * from)).min(EIGHT - from)
}

/// How many bytes are in a mask.
fn count(mask: u64) -> usize {
    ((mask >> 7).wrapping_mul(ONES) >> 56) as usize
}

/// How many of the bytes begin a character that is no ASCII white space.
pub(crate) fn printed(bytes: u64) -> usize {
    let (ascii, low) = split(bytes);
    EIGHT - count(continuing(bytes) | among(low, b'\t', b'\r') & ascii | equal(bytes, b' '))
}

/// Whether all bytes are printed ASCII with single spaces between, none of them first or last.
pub(crate) fn is_plain(bytes: u64) -> bool {
    let spaces = equal(bytes, b' ');
    (graphic(bytes) | spaces) == HIGHEST && spaces & (spaces << 8 | HIGHEST << 56 | 0x80) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_in_every_place() {
        type Told = (fn(u64) -> u64, fn(u8) -> bool);
        let masks: [Told; 8] = [
            (letters, |byte| byte.is_ascii_alphabetic()),
            (capitals, |byte| byte.is_ascii_uppercase()),
            (digits, |byte| byte.is_ascii_digit()),
            (graphic, |byte| byte.is_ascii_graphic()),
            (beyond_ascii, |byte| !byte.is_ascii()),
            (separating, |byte| byte <= b' ' || matches!(byte, b'/' | b'=' | b'>')),
            (continuing, |byte| (0x80..0xc0).contains(&byte)),
            (|bytes| equal(bytes, b'&'), |byte| byte == b'&'),
        ];
        // All bytes at all places, among all others.
        for start in 0..=u8::MAX {
            let bytes: [u8; EIGHT] = std::array::from_fn(|at| start.wrapping_add(u8::try_from(at * 31).unwrap()));
            for (mask, is) in masks {
                let expected: [u8; EIGHT] = bytes.map(|byte| if is(byte) { 0x80 } else { 0 });
                assert_eq!(mask(u64::from_le_bytes(bytes)).to_le_bytes(), expected, "{bytes:?}");
            }
            let printed_bytes = bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf | b'\t'..=b'\r' | b' ')).count();
            assert_eq!(printed(u64::from_le_bytes(bytes)), printed_bytes, "{bytes:?}");
            if start.is_ascii_uppercase() {
                assert_eq!(small(u64::from_le_bytes([start; EIGHT])), u64::from_le_bytes([start.to_ascii_lowercase(); EIGHT]));
            }
        }
        assert_eq!((leading(letters(load(b"ab3", 0))), first(digits(load(b"ab3", 0))), first(0)), (2, 2, 8));
        assert_eq!(load(b"abcdefghi", 8), u64::from(b'i'));
        assert_eq!((bits(letters(load(b"ab3-cd-e", 0))), bits(HIGHEST), bits(0)), (0b1011_0011, 0xff, 0));
        let mask = letters(load(b"ab - c-", 0));
        assert_eq!((gap(mask, 2), gap(mask, 6), gap(mask, 5), gap(0, 3)), (3, 2, 0, 5));
    }

    #[test]
    fn plain_eights() {
        for (text, plain) in [
            (b"The town", true),
            (b"a b c d!", true),
            (b" he town", false),
            (b"The tow ", false),
            (b"The  own", false),
            (b"The\ntown", false),
            (b"The t\xc3\xb6w", false),
            (b"The t\x7fwn", false),
        ] {
            assert_eq!(is_plain(u64::from_le_bytes(*text)), plain, "{text:?}");
        }
    }
}
