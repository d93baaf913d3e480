//! The names in a line: one person or organisation each.

use super::MAX_AUTHORS;
use super::words::{AND, BY_WORDS, MORE_BY_WORDS, NO_PERSONS, REPORTER, ROLES};
use crate::extract::dates;
use crate::text;

pub(super) fn unique(list: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for name in list {
        if seen.insert(text::comparison_key(&name)) && out.len() < MAX_AUTHORS {
            out.push(name);
        }
    }
    out
}

/// Whether any of a text's characters is from U+3000 on, as all are with which reporters are named: the first byte of
/// these is this or more.
pub(super) fn may_name_reporter(text: &str) -> bool {
    text.bytes().any(|byte| byte >= 0xe3)
}

/// "한서윤 기자", "本报记者 李文", "山本港記者".
pub(super) fn is_reporter_line(line: &str) -> bool {
    may_name_reporter(line)
        && line.chars().count() <= 40
        && REPORTER.iter().any(|w| line.starts_with(w) || line.ends_with(w) || line.contains(&format!("{w} ")))
}

/// Two to four words that each begin with a capital, or a short run of ideographs.
pub(crate) fn looks_like_names(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let unspaced = line.chars().filter(|c| text::is_unspaced(*c)).count();
    if unspaced > 0 {
        let kana = line.chars().all(|c| matches!(c as u32, 0x3040..=0x30ff));
        return !kana && unspaced <= 8 && line.chars().all(|c| text::is_unspaced(c) || c == ' ' || c == '　' || c == '・');
    }
    let capital = |w: &&str| w.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let joint = |w: &&str| ["and", "und", "et", "y", "e", "de", "van", "von", "&", "og", "och", "и"].contains(w);
    (2..=8).contains(&words.len()) && words.iter().all(|w| capital(w) || joint(w)) && !line.contains([':', '?', '!', '|'])
}

/// Whether a line may begin with a word in lower case, by the first byte alone: that of a letter outside ASCII may change with its case.
fn may_begin(line: &str, word: &str) -> bool {
    let (Some(first), Some(wanted)) = (line.bytes().next(), word.bytes().next()) else { return false };
    first.to_ascii_lowercase() == wanted || !first.is_ascii() && !wanted.is_ascii()
}

/// The first two letters of each of some words, as a number; 0 for those outside ASCII.
const fn starts<const N: usize>(words: &[&str; N]) -> [u16; N] {
    let (mut starts, mut at) = ([0; N], 0);
    while at < N {
        if let [first, second, ..] = *words[at].as_bytes()
            && first.is_ascii()
            && second.is_ascii()
        {
            starts[at] = u16::from_le_bytes([first, second]);
        }
        at += 1;
    }
    starts
}

/// Whether a line may begin with any of the words whose [`starts`] these are: of most lines two letters tell.
fn may_begin_any(line: &str, starts: &[u16]) -> bool {
    match line.as_bytes() {
        [first, second, ..] if (first | second).is_ascii() => {
            let start = u16::from_le_bytes([first.to_ascii_lowercase(), second.to_ascii_lowercase()]);
            // Without an early end the compiler takes many numbers at a time.
            starts.iter().filter(|one| **one == start).count() > 0
        }
        _ => true,
    }
}

/// The text after a word like "By"; `None` without one.
pub(crate) fn strip_by(line: &str) -> Option<&str> {
    const STARTS: [u16; BY_WORDS.len()] = starts(&BY_WORDS);
    let line = line.trim_start_matches(['–', '—', '-', '|', ' ', '•']);
    if !may_begin_any(line, &STARTS) {
        return None;
    }
    for word in BY_WORDS.into_iter().filter(|word| may_begin(line, word)) {
        let head = line.get(..word.len()).filter(|head| head.chars().flat_map(char::to_lowercase).eq(word.chars()));
        if head.is_none() {
            continue;
        }
        let rest = &line[word.len()..];
        let bounded =
            word.ends_with([':', '／']) || rest.starts_with([' ', ':', '：', '\u{a0}', '/']) || word.chars().all(text::is_unspaced);
        let rest = rest.trim_start_matches([' ', ':', '：', '/']);
        if bounded && !rest.is_empty() {
            return Some(rest);
        }
    }
    None
}

/// What [`strip_by`] finds, further words like "By", and those that run into the name: `ByAna Ruiz`.
pub(crate) fn after_by(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['–', '—', '-', '|', ' ', '•']);
    let more = MORE_BY_WORDS.iter().filter(|word| may_begin(line, word)).find_map(|word| {
        let head = line.get(..word.len()).filter(|head| head.chars().flat_map(char::to_lowercase).eq(word.chars()))?;
        let rest = &line[head.len()..];
        let rest = rest.strip_prefix([' ', ':', '：', '\u{a0}'])?.trim_start_matches([' ', ':']);
        (!rest.is_empty()).then_some(rest)
    });
    let glued = || {
        let rest = line.strip_prefix("By").or_else(|| line.strip_prefix("by")).or_else(|| line.strip_prefix("Von"))?;
        (rest.starts_with(char::is_uppercase) && rest.contains(' ')).then_some(rest)
    };
    more.or_else(|| strip_by(line)).or_else(glued)
}

/// As a person's name is written: two to four words, capitals first, particles apart; or a short run of ideographs.
pub(super) fn is_strictly_name(name: &str) -> bool {
    const PARTICLES: [&str; 24] = [
        "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "van", "von", "vom", "zu", "der", "den", "ter", "ten", "af",
        "av", "el", "al", "bin", "y",
    ];
    if name.chars().any(text::is_unspaced) {
        return looks_like_names(name);
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let capital = |word: &str| word.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let known = |word: &&str| capital(word) || PARTICLES.contains(word);
    (2..=5).contains(&words.len())
        && words.iter().all(known)
        && capital(words[0])
        && words.iter().filter(|word| capital(word)).count() <= 4
        && words.last().is_some_and(|word| capital(word))
        && name.chars().count() <= 40
        && !name.contains([':', '?', '!', '|', '.', ','].as_slice()) | name.contains(". ")
}

/// [`is_strictly_name`], and none of its words tells a trade, an agency or a rubric.
pub(super) fn is_person(name: &str) -> bool {
    // "RuizEditor": two texts run together.
    let runs_on = |word: &str| {
        let mut chars = word.chars().enumerate().skip(3).zip(word.chars().skip(4));
        chars.any(|((_, a), b)| a.is_lowercase() && b.is_uppercase())
    };
    is_strictly_name(name) && !name.split_whitespace().any(|word| runs_on(word) || NO_PERSONS.contains(&word.to_lowercase().as_str()))
}

/// A line without the place or time behind the name: "Ana Ruiz in Elbtal", "tidewatcher on", "gull unter Allgemein".
pub(super) fn without_place(line: &str) -> &str {
    const BEHIND: [&str; 10] = [" in ", " on ", " under ", " am ", " unter ", " aus ", " à ", " um ", " @ ", " at "];
    const LAST: [&str; 4] = [" on", " am", " at", " um"];
    // Of each of them the first counts, and not at the line's start.
    let mut left = BEHIND.map(Some);
    let is_end = |at: &usize| {
        let begun = left.iter_mut().find(|word| word.is_some_and(|word| line[*at..].starts_with(word)));
        begun.is_some_and(|word| word.take().is_some() && *at > 1)
    };
    let end = memchr::memchr_iter(b' ', line.as_bytes()).find(is_end).unwrap_or(line.len());
    let line = &line[..end];
    LAST.iter().find_map(|word| line.strip_suffix(word)).unwrap_or(line).trim_end()
}

/// The names in a declared value: an organisation ("City Desk Staff") stands as it is.
pub(crate) fn declared_names(value: &str) -> Vec<String> {
    let found = names(value);
    let plain = value.trim();
    let whole = found.is_empty()
        && plain.split_whitespace().count() <= 6
        && plain.chars().count() >= 2
        && !plain.contains(['@', '{', '_', '?', '='])
        && !plain.contains("://")
        && !plain.contains("[at]")
        && !plain.starts_with(['(', '©'])
        && (plain.matches('.').count() < 3 || plain.contains(char::is_whitespace))
        && !plain.starts_with("www.");
    let placeholder = matches!(
        plain.to_lowercase().as_str(),
        "admin" | "administrator" | "unknown" | "null" | "undefined" | "none" | "n/a" | "author" | "editor" | "staff" | "no author"
    );
    if whole && !placeholder && plain.chars().any(char::is_alphabetic) && dates::parse(plain).is_none() {
        vec![plain.to_owned()]
    } else {
        found
    }
}

/// The names in a line.
pub(crate) fn names(line: &str) -> Vec<String> {
    let line = after_by(line.trim()).unwrap_or(line.trim());
    if line.contains("://") || line.starts_with("www.") || line.starts_with(['@', '©']) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for part in split(line) {
        if let Some(name) = name(part) {
            out.push(name);
        } else if out.is_empty() && dates::parse(part).is_some() {
            break;
        }
    }
    unique(out.into_iter())
}

/// Parts of a line between commas, semicolons, bars and words for "and".
fn split(line: &str) -> Vec<&str> {
    // "南浦网记者 李文 通讯员 何青": the words between are names.
    if line.chars().any(text::is_unspaced) && is_reporter_line(line) {
        let spaced = line.split([' ', '\u{3000}', '、', '，', ',', '/']);
        return spaced
            .map(|w| {
                REPORTER
                    .iter()
                    .find_map(|r| w.strip_suffix(r))
                    .map_or(w, |rest| if line.contains("기자") || line.contains("特派員") || line.ends_with("記者") { rest } else { "" })
            })
            .map(|w| REPORTER.iter().find_map(|r| w.strip_prefix(r)).unwrap_or(w))
            .filter(|w| !w.is_empty())
            .collect();
    }
    let mut parts = vec![line];
    let marks = [",", ";", "|", "•", "·", "⋅", "/", "、", "，", "；", " – ", " — ", " - "];
    let ascii = line.is_ascii();
    // The search of `str` makes ready for long texts first.
    let has = |mark: &str| memchr::memmem::find(line.as_bytes(), mark.as_bytes()).is_some();
    for mark in marks.into_iter().chain(AND).filter(|mark| (!ascii || mark.is_ascii()) && has(mark)) {
        parts = parts.into_iter().flat_map(|p| p.split(mark)).collect();
    }
    parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect()
}

/// "Ana (Luz) Ruiz" is Ana Ruiz: what stands in brackets between two words goes.
fn without_brackets(part: &str) -> Option<String> {
    let (before, rest) = part.split_once('(')?;
    let (_, after) = rest.split_once(')')?;
    let after = after.trim();
    let goes_on = after.starts_with(char::is_uppercase) && !before.trim().is_empty();
    goes_on.then(|| format!("{} {after}", before.trim()))
}

/// A name without a trade joined to the paper's name before it: "Post-Korrespondentin Ana Ruiz".
fn without_role(part: &str) -> &str {
    const TRADES: [&str; 12] = [
        "experte",
        "expertin",
        "korrespondent",
        "korrespondentin",
        "redakteur",
        "redakteurin",
        "reporter",
        "reporterin",
        "autor",
        "autorin",
        "mitarbeiter",
        "kolumnist",
    ];
    let Some((first, rest)) = part.split_once(' ') else { return part };
    let lower = first.to_lowercase();
    let is_trade = lower.rsplit_once('-').is_some_and(|(_, trade)| TRADES.contains(&trade));
    if is_trade && rest.trim().contains(' ') { rest.trim() } else { part }
}

/// A part as a name, or nothing.
fn name(part: &str) -> Option<String> {
    let joined = without_brackets(part);
    let part = joined.as_deref().unwrap_or(part);
    let part = part.split(['(', '[', '<', '（']).next().unwrap_or("").trim();
    let part = without_role(strip_by(part).unwrap_or(part));
    let part = part.strip_prefix("and ").unwrap_or(part).trim_matches(['.', ':', '-', '–', '*', '"', '“', '”', ' ']);
    let part = ["记者", "記者", "기자", "特派員", "编辑"].iter().find_map(|s| part.strip_suffix(s)).unwrap_or(part).trim();
    let words: Vec<&str> = part.split_whitespace().collect();
    let count = part.chars().count();
    let lower = part.to_lowercase();
    let bad = !(2..=60).contains(&count)
        || words.len() > 6
        || part.contains(['@', '#', '?', '!', '=', '{', '_', ':'])
        || part.chars().any(|c| c.is_ascii_digit())
        || part.starts_with('©')
        || words.len() == 1 && (part.matches('.').count() >= 3 || dates::is_month(&lower))
        || part.chars().next().is_some_and(char::is_lowercase) && words.len() > 3
        || BY_WORDS.contains(&lower.as_str())
        || words.iter().any(|w| ROLES.contains(&w.to_lowercase().as_str()))
        || matches!(
            lower.as_str(),
            "admin" | "administrator" | "unknown" | "null" | "undefined" | "none" | "n/a" | "jr" | "jr." | "md" | "phd" | "ph.d"
        )
        || lower.contains(".com")
        || (words.len() == 1 && part.chars().next().is_some_and(char::is_lowercase) && !part.contains('.'));
    (!bad).then(|| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_names() {
        for name in ["Ana Ruiz", "Ana de la Cruz", "ANA RUIZ", "Dr. Ana Ruiz", "Ana M. Ruiz", "李文"] {
            assert!(is_strictly_name(name), "{name}");
        }
        assert!(is_person("Ana McDonald") && !is_person("Ana RuizEditor") && !is_person("Harbour Press"));
        for name in ["the river", "Read more", "Ana", "All rights reserved", "tidewatcher", "Harbour: News"] {
            assert!(!is_strictly_name(name), "{name}");
        }
    }

    #[test]
    fn places_behind_names() {
        for (line, name) in [
            ("Ana Ruiz in Elbtal", "Ana Ruiz"),
            ("tidewatcher on", "tidewatcher"),
            ("lupina am", "lupina"),
            ("Gull under Just For Fun", "Gull"),
            ("Ana Ruiz", "Ana Ruiz"),
        ] {
            assert_eq!(without_place(line), name);
        }
    }

    #[test]
    fn lines_of_names() {
        for (line, expected) in [
            ("By Ana Ruiz and Tom Weller", vec!["Ana Ruiz", "Tom Weller"]),
            ("Von Ana Ruiz, Korrespondentin in Elbtal", vec!["Ana Ruiz"]),
            ("Ana Ruiz, Political Editor", vec!["Ana Ruiz"]),
            ("By Ana Ruiz, Harbour Desk | Updated May 3, 2024", vec!["Ana Ruiz"]),
            ("Por Ana Ruiz y Luis Vega", vec!["Ana Ruiz", "Luis Vega"]),
            ("文／李文", vec!["李文"]),
            ("记者 林小渡 通讯员 何又青", vec!["林小渡", "何又青"]),
            ("新桥网记者 罗小满", vec!["罗小满"]),
            ("한서윤 기자", vec!["한서윤"]),
            ("Ana (Luz) Ruiz", vec!["Ana Ruiz"]),
            ("Post-Online-Expertin Ana Ruiz", vec!["Ana Ruiz"]),
            ("ByAna Ruiz", vec!["Ana Ruiz"]),
            ("Verfasst von Ana Ruiz", vec!["Ana Ruiz"]),
            ("Ana Ruiz im Gespräch mit Tom Weller", vec!["Ana Ruiz", "Tom Weller"]),
            ("Ana Ruiz ⋅ Founder", vec!["Ana Ruiz", "Founder"]),
            ("Byron Smith", vec!["Byron Smith"]),
            ("page.head.extra.author", vec![]),
            ("Nov", vec![]),
            ("Von", vec![]),
            ("https://news.example/authors/ana", vec![]),
            ("ana@news.example", vec![]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }
}
