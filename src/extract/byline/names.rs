//! The names in a line: one person or organisation each.

use super::MAX_AUTHORS;
use super::words::{AND, BY_WORDS, REPORTER, ROLES};
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

/// "한서윤 기자", "本报记者 李文", "山本港記者".
pub(super) fn is_reporter_line(line: &str) -> bool {
    // All of them are written with characters from U+3000 on, whose first byte is this or more.
    let unspaced = line.bytes().any(|byte| byte >= 0xe3);
    unspaced
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

/// The text after a word like "By"; `None` without one.
pub(crate) fn strip_by(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['–', '—', '-', '|', ' ', '•']);
    let first = line.bytes().next()?;
    let begins = |word: &&str| word.as_bytes()[0] == first.to_ascii_lowercase() || !first.is_ascii() && !word.as_bytes()[0].is_ascii();
    for word in BY_WORDS.into_iter().filter(begins) {
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

/// The names in a declared value: an organisation ("City Desk Staff") stands as it is.
pub(crate) fn declared_names(value: &str) -> Vec<String> {
    let found = names(value);
    let plain = value.trim();
    let whole = found.is_empty()
        && plain.split_whitespace().count() <= 6
        && plain.chars().count() >= 2
        && !plain.contains(['@', '{', '_', '?', '='])
        && !plain.contains("://")
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
    let line = strip_by(line.trim()).unwrap_or(line.trim());
    if line.contains("://") || line.starts_with("www.") || line.starts_with('@') {
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
    let marks = [",", ";", "|", "•", "·", "/", "、", "，", "；", " – ", " — ", " - "];
    for mark in marks.into_iter().chain(AND).filter(|mark| line.contains(mark)) {
        parts = parts.into_iter().flat_map(|p| p.split(mark)).collect();
    }
    parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect()
}

/// A part as a name, or nothing.
fn name(part: &str) -> Option<String> {
    let part = part.split(['(', '[', '<', '（']).next().unwrap_or("").trim();
    let part = strip_by(part).unwrap_or(part);
    let part = part.strip_prefix("and ").unwrap_or(part).trim_matches(['.', ':', '-', '–', '*', '"', '“', '”', ' ']);
    let part = ["记者", "記者", "기자", "特派員", "编辑"].iter().find_map(|s| part.strip_suffix(s)).unwrap_or(part).trim();
    let words: Vec<&str> = part.split_whitespace().collect();
    let count = part.chars().count();
    let lower = part.to_lowercase();
    let bad = !(2..=60).contains(&count)
        || words.len() > 6
        || part.contains(['@', '#', '?', '!', '=', '{', '_'])
        || part.chars().any(|c| c.is_ascii_digit())
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
            ("Von", vec![]),
            ("https://news.example/authors/ana", vec![]),
            ("ana@news.example", vec![]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }
}
