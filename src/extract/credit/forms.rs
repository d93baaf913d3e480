//! Each form in which a credit stands at the end of a caption: a function a form, from the text to what is left of
//! it and the credit.

use super::words::{ABBREVIATIONS, CJK_LABELS};
use super::{MAX_CREDIT, acceptable, after_label, is_agency, may_begin_label, name_like, unmark};

/// "(Photo: …)", "(AP Photo/…)", "[…]" or "© …" at the end.
pub(super) fn marked_end(text: &str) -> Option<(&str, Option<String>)> {
    let trimmed = text.trim_end_matches(['.', ' ']);
    // The last bytes of what closes.
    let closed = matches!(trimmed.bytes().next_back(), Some(b')' | b']' | 0x89 | 0xbd));
    for (open, close) in [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')] {
        if closed
            && let Some(body) = trimmed.strip_suffix(close)
            && let Some(at) = matching_open(body, open, close)
        {
            let inner = body[at + open.len_utf8()..].trim();
            let rest = &trimmed[..at];
            if let Some(name) = after_label(inner).filter(|n| acceptable(n)) {
                return Some((rest.trim_end(), Some(unmark(name))));
            }
            let agency = inner.to_lowercase();
            let sure = agency.contains("photo")
                || agency.contains("foto")
                || agency.contains("images")
                || agency.contains('/')
                || is_agency(inner);
            let after_sentence = rest.trim_end().ends_with(['.', '。', '!', '?', '”', '"']) && inner.split_whitespace().count() <= 6;
            if name_like(inner) && (sure || after_sentence) && !rest.trim().is_empty() {
                return Some((rest.trim_end(), Some(unmark_cjk(inner))));
            }
        }
    }
    if !text.is_ascii()
        && let Some(at) = ["©", "Ⓒ", "ⓒ"].iter().filter_map(|sign| last(text, sign)).max()
        && let Some(name) = after_label(&text[at..]).filter(|n| acceptable(n))
    {
        return Some((trim_joint(&text[..at]), Some(unmark(name))));
    }
    None
}

/// Where a mark stands in a text for the last time. Its second byte is rarer than its first, which may be a space.
fn last(text: &str, mark: &str) -> Option<usize> {
    let (text, mark) = (text.as_bytes(), mark.as_bytes());
    let rarest = mark.len().min(2).checked_sub(1)?;
    memchr::memrchr_iter(mark[rarest], text).filter_map(|at| at.checked_sub(rarest)).find(|at| text[*at..].starts_with(mark))
}

fn matching_open(body: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in body.char_indices().rev().take(MAX_CREDIT + 20) {
        if c == close {
            depth += 1;
        } else if c == open {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
    }
    None
}

/// Characters of the longest label and credit together.
const MAX_TAIL: usize = MAX_CREDIT + 80;

/// Whether a label may stand in a text. Without a colon, which most have none of, it takes a sign of copyright, a word of those that
/// "by" and the like or a slash stand behind, or, in another script, a mark that does what a colon does.
pub(super) fn may_hold_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    if memchr::memchr2(b':', FULL_WIDTH, bytes).is_some() {
        return true;
    }
    // So many bytes at a time, and each with the two behind it, as the processor takes them; the last of them once more.
    if let Some(last) = bytes.len().checked_sub(BLOCK + 2) {
        let mut starts = (0..last).step_by(BLOCK).chain([last]);
        starts.any(|start| bytes[start..].first_chunk().is_some_and(holds_word))
    } else {
        let mut short = [0; BLOCK + 2];
        short[..bytes.len()].copy_from_slice(bytes);
        holds_word(&short)
    }
}

/// Bytes that are looked at together.
const BLOCK: usize = 32;

#[expect(clippy::needless_bitwise_bool, reason = "without a branch the compiler takes many bytes at a time")]
fn holds_word(bytes: &[u8; BLOCK + 2]) -> bool {
    let mut any = false;
    for at in 0..BLOCK {
        let (first, second, third) = (bytes[at], bytes[at + 1], bytes[at + 2]);
        let (a, b, c) = (first | 0x20, second | 0x20, third | 0x20);
        let is = |word: &[u8; 3]| (a == word[0]) & (b == word[1]) & (c == word[2]);
        // Of photo and foto, image, picture, illustration, courtesy, credit.
        any |= is(b"oto") | is(b"mag") | is(b"ctu") | is(b"lus") | is(b"esy") | is(b"cre");
        // "(c)", ©, Ⓒ, ⓒ.
        any |= (first == b'(') & (b == b'c') | (first == 0xc2) & (second == 0xa9) | (first == 0xe2) & (second & 0xfe == 0x92);
        // Behind a label in Cyrillic, Chinese, Japanese or Korean.
        any |= !second.is_ascii() & matches!(third, b'/' | b'=' | b'|');
    }
    any
}

/// "… Photo: Name", "… Photo by Name": the last label that a sentence's end or a bar stands before.
pub(super) fn labelled_tail(text: &str) -> Option<(&str, String)> {
    let reach = MAX_TAIL * if text.is_ascii() { 1 } else { 4 };
    if !may_hold_label(&text[text.floor_char_boundary(text.len().saturating_sub(reach))..]) {
        return None;
    }
    let starts = || starts_from_end(text).take_while(|start| text.len() - start <= reach);
    for start in starts().take(40) {
        // Of most words the first letters tell.
        if !may_begin_label(&text[start..]) {
            continue;
        }
        let tail = text[start..].trim_start();
        let Some(name) = after_label(tail).filter(|n| acceptable(n)) else { continue };
        let head = text[..start].trim_end();
        // "File photo: …" at the very start with a long text behind is a caption's label.
        if head.is_empty() && (name.split_whitespace().count() > 6 || !name_like(name)) {
            continue;
        }
        // "AP Photo/A. Name": the agency's word before the label is part of the credit.
        let agency = head.rsplit(' ').next().filter(|w| is_agency(w) && tail.to_lowercase().starts_with("photo/"));
        if let Some(agency) = agency
            && head.len() > agency.len()
        {
            return Some((trim_joint(&head[..head.len() - agency.len()]), format!("{agency} {}", tail.trim_end_matches('.'))));
        }
        // The longest label wins: "Image source: X" over "source: X".
        let longer = starts()
            .filter(|s| *s < start)
            .take(2)
            .find(|s| after_label(text[*s..].trim_start()).is_some_and(|n| n.ends_with(name) && n.len() <= name.len() + 2));
        let head = longer.map_or(head, |s| text[..s].trim_end());
        return Some((trim_joint(head), unmark(name)));
    }
    None
}

/// Bytes at which a word may begin behind: ASCII joints, and the first bytes of others and of white space in UTF-8.
const MAY_JOIN: [bool; 256] = {
    let mut may = [false; 256];
    let joints = b"|/.(\" \t\n\x0b\x0c\r\xc2\xe1\xe2\xe3";
    let mut at = 0;
    while at < joints.len() {
        may[joints[at] as usize] = true;
        at += 1;
    }
    may
};

/// Where words begin, the last first: behind white space, full stops, bars, slashes, opening brackets and quotes.
fn starts_from_end(text: &str) -> impl Iterator<Item = usize> {
    let joint = |at: usize| match text.as_bytes()[at] {
        byte if byte.is_ascii() => Some(at + 1),
        _ => text[at..].chars().next().filter(|c| c.is_whitespace() || matches!(c, '。' | '”' | '…')).map(|c| at + c.len_utf8()),
    };
    (0..text.len()).rev().filter(|at| MAY_JOIN[usize::from(text.as_bytes()[*at])]).filter_map(joint).chain(std::iter::once(0))
}

/// "…。图/Name 摄", "…＝Name撮影", "…。写真＝Name提供".
pub(super) fn cjk_tail(text: &str) -> Option<(&str, String)> {
    // Its labels and names are in these scripts.
    if !text.chars().any(|c| c >= '\u{3000}' || crate::text::is_unspaced(c)) {
        return None;
    }
    for label in CJK_LABELS {
        for mark in ['：', ':', '/', '／', '＝', '='] {
            let key = format!("{label}{mark}");
            if let Some(at) = text.rfind(&key)
                && acceptable(&text[at + key.len()..])
                && text[at + key.len()..].chars().count() <= 30
            {
                return Some((trim_joint(&text[..at]), unmark_cjk(&text[at + key.len()..])));
            }
        }
    }
    if let Some(at) = text.rfind(['＝', '='])
        && at > 0
        && text.chars().any(crate::text::is_unspaced)
    {
        let name = text[at..].trim_start_matches(['＝', '=']);
        if acceptable(name) && name.chars().count() <= 30 {
            return Some((trim_joint(&text[..at]), unmark_cjk(name)));
        }
    }
    // "…。新闻社记者 某某 摄"
    for suffix in ["摄", "攝", "撮影", "提供", "供图", "供圖"] {
        if let Some(body) = text.trim_end_matches(['）', ')', '。']).strip_suffix(suffix)
            && let Some(at) = body.rfind(['。', '.', '（', '('])
        {
            let joint = body[at..].chars().next().map_or(1, char::len_utf8);
            let name = body[at + joint..].trim();
            if (2..=20).contains(&name.chars().count()) {
                let keep = if body[at..].starts_with(['。', '.']) { at + joint } else { at };
                return Some((text[..keep].trim_end(), unmark_cjk(name)));
            }
        }
    }
    None
}

fn unmark_cjk(name: &str) -> String {
    let name = name.trim().trim_end_matches(['）', ')', '。', ' ']);
    let name = ["撮影", "提供", "供图", "供圖", "摄", "攝"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
    unmark(name.trim())
}

/// The first byte of full-width forms.
const FULL_WIDTH: u8 = 0xef;

/// "… sentence. /AGENCY", "… sentence. | Name", "… sentence – Agency/Name".
pub(super) fn slash_tail(text: &str) -> Option<(&str, String)> {
    // The first byte of all full-width forms is the same. A dash counts only before a name with a slash.
    let first = memchr::memchr3(b'/', b'|', FULL_WIDTH, text.as_bytes())?;
    let has = |byte: u8| memchr::memchr(byte, &text.as_bytes()[first..]).is_some();
    let (slash, bar, full_width, wide) = (has(b'/'), has(b'|'), has(FULL_WIDTH), !text.is_ascii());
    for mark in [" /", "./", "。/", "。／", " |", " ｜", "|", " - ", " – ", " — "] {
        let possible = match mark {
            " /" | "./" => slash,
            "。/" => slash && wide,
            " |" | "|" => bar,
            " - " => slash,
            " – " | " — " => slash && wide,
            _ => full_width,
        };
        if possible && let Some(at) = last(text, mark) {
            let name = &text[at + mark.len()..];
            let dash = mark.contains(['-', '–', '—']);
            if name_like(name)
                && !text[..at].trim().is_empty()
                && (!dash || crate::text::word_count(&text[..at]) >= 6 && name.contains('/'))
                && name.split_whitespace().count() <= if mark.contains(['|', '｜']) { 9 } else { 5 }
            {
                let head =
                    if mark.starts_with(['.', '。']) { &text[..at + mark.chars().next().map_or(0, char::len_utf8)] } else { &text[..at] };
                return Some((trim_joint(head), unmark(name)));
            }
        }
    }
    None
}

/// A name behind the caption's last sentence: "… on Monday. AGENCY", "… 2024.A. Name", "…한다. 통신사".
pub(super) fn bare_tail(text: &str) -> Option<(&str, String)> {
    let (at, mark) = text.char_indices().rev().skip(1).take(80).find(|(at, c)| {
        matches!(c, '.' | '。' | '!' | '?' | '”' | '"') && {
            let before = text[..*at].split(|c: char| !c.is_alphanumeric()).next_back().unwrap_or_default();
            // Ordinals ("50. Marathon") and abbreviations end no sentence.
            let ordinal = before.chars().count() <= 2 && before.chars().all(char::is_numeric);
            let short = ordinal || before.chars().count() < 2 || ABBREVIATIONS.contains(&before.to_lowercase().as_str());
            !(*c == '.' && short)
        }
    })?;
    let head = &text[..at + mark.len_utf8()];
    let name = text[at + mark.len_utf8()..].trim();
    let hangul = name.chars().any(|c| matches!(c as u32, 0xac00..=0xd7a3));
    let fits =
        if hangul { name.chars().count() <= 8 } else { name.split_whitespace().count() <= 6 && name.chars().any(char::is_uppercase) };
    (fits && name_like(name) && crate::text::word_count(head) >= 4 && !name.ends_with([',', ':', ';']))
        .then(|| (head, unmark(name.trim_end_matches("기자").trim())))
}

/// Takes off what joins caption and credit.
fn trim_joint(head: &str) -> &str {
    head.trim_end_matches(['|', '/', '–', '—', '-', '·', '•', '(', '（', '[', ',', ' ', ';'])
}
