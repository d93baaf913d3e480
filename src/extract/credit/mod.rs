//! Caption and credit, taken apart.
//!
//! In: the text of a caption. Out: the caption without its credit and leading label, and the credit without its
//! marks. Forms: a label in many languages, "©", parentheses, a slash or bar before the last words, and the
//! Chinese, Japanese and Korean ways. Every form is judged by its marks, never by a list of publishers.

mod forms;
mod words;

use forms::{bare_tail, cjk_tail, labelled_tail, marked_end, slash_tail};
use words::{BY_LABELS, CAPTION_LABELS, CJK_LABELS, LABEL_BYTES, LABELS, LOWER_CASE, is_label_start};

/// Longest credit, in characters.
const MAX_CREDIT: usize = 120;

/// Takes a caption apart.
pub(crate) fn split(caption: &str) -> (String, Option<String>) {
    // "A. Name/Copyright 2026 Agency. All rights reserved." is credited to the name.
    let caption = caption.find("/Copyright").map_or(caption, |at| &caption[..at]);
    let (text, credit) = split_once(caption.trim());
    let text = strip_label(text);
    match credit {
        Some(credit) => match more(text) {
            Some((shorter, name)) => (shorter.to_owned(), Some(format!("{name} / {credit}"))),
            None => (text.to_owned(), Some(credit)),
        },
        None => (text.to_owned(), None),
    }
}

/// A second credit before the one that is split off: "… A. Name (AGENCY)", "… (Photo: A. Name) / AGENCY".
fn more(text: &str) -> Option<(&str, String)> {
    let found =
        marked_end(text).and_then(|(rest, credit)| Some((rest, credit?))).or_else(|| labelled_tail(text)).or_else(|| bare_tail(text));
    found.map(|(rest, credit)| (rest.trim(), credit)).filter(|(rest, _)| !rest.is_empty())
}

fn split_once(text: &str) -> (&str, Option<String>) {
    if let Some((rest, Some(credit))) = marked_end(text) {
        return (rest, Some(credit));
    }
    if let Some((rest, credit)) = labelled_tail(text).or_else(|| cjk_tail(text)).or_else(|| slash_tail(text)).or_else(|| bare_tail(text)) {
        return (rest, Some(credit));
    }
    (text, None)
}

/// A leading "Image:" or "Photo:" before more text.
pub(crate) fn strip_label(text: &str) -> &str {
    let near = &text[..text.floor_char_boundary(MAX_LABEL * 2 + '：'.len_utf8())];
    if let Some((at, colon)) = near.char_indices().find(|(_, c)| matches!(c, ':' | '：'))
        && let (label, rest) = (&text[..at], &text[at + colon.len_utf8()..])
        && label.len() <= MAX_LABEL * 2
        && CAPTION_LABELS.contains(&label.trim().to_lowercase().as_str())
        && !rest.trim().is_empty()
    {
        return rest.trim();
    }
    text
}

/// Whether a text carries a credit by a mark that running text does not have.
pub(crate) fn is_marked(text: &str) -> bool {
    is_labelled(text) || slash_tail(text).is_some()
}

/// Whether a text ends with a credit in brackets or behind a label.
pub(crate) fn is_labelled(text: &str) -> bool {
    marked_end(text).is_some_and(|(_, c)| c.is_some()) || labelled_tail(text).is_some()
}

/// The credit that a whole text is, if it is nothing else.
pub(crate) fn whole(text: &str) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > MAX_CREDIT {
        return None;
    }
    let inner = text.strip_prefix(['(', '[', '（', '［']).and_then(|t| t.strip_suffix([')', ']', '）', '］'])).unwrap_or(text).trim();
    if let Some(name) = inner.strip_prefix('/').filter(|n| acceptable(n)) {
        return Some(unmark(name));
    }
    if inner.len() < text.len() && name_like(inner) {
        return Some(unmark(inner));
    }
    after_label(inner).filter(|name| acceptable(name)).map(unmark)
}

/// Takes the marks off a credit.
pub(crate) fn unmark(credit: &str) -> String {
    let mut text = credit.trim();
    // "A. Name/Copyright 2026 Agency. All rights reserved."
    if let Some(rest) = text.strip_prefix("Copyright ") {
        text = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    }
    if let Some(at) = text.to_ascii_lowercase().find("copyright").filter(|at| *at > 3) {
        text = text[..at].trim_end_matches([' ', '/', '|', '-', '–', ',', '(']);
    }
    loop {
        let before = text;
        if let Some(rest) = after_label(text).filter(|r| !r.trim().is_empty()) {
            text = rest.trim();
        }
        text = text.trim_start_matches(['/', '|', '(', '[', '（', '–', '—', '-', ':', '：', '=', '＝', ',', '©', '·', '•', ' ']);
        text = text.trim_end_matches(['/', '|', '–', '—', '-', ',', '·', ' ']);
        if !text.ends_with("Inc.") && !text.ends_with("Co.") && !text.ends_with("Ltd.") && text.chars().filter(|c| *c == '.').count() == 1 {
            text = text.trim_end_matches('.');
        }
        for (open, close) in [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')] {
            if text.ends_with(close) && !text.contains(open) {
                text = text.trim_end_matches(close).trim_end();
            }
        }
        if text == before {
            return text.to_owned();
        }
    }
}

/// What follows a credit's label at the start of the text.
fn after_label(text: &str) -> Option<&str> {
    if !may_begin_label(text) {
        return None;
    }
    if let Some(rest) = text.strip_prefix(['©', 'Ⓒ', 'ⓒ']).or_else(|| text.strip_prefix("(c)")).or_else(|| text.strip_prefix("(C)")) {
        return Some(rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | ',' | ':' | '-')).trim_end());
    }
    let colon = text.char_indices().take(MAX_LABEL + 1).find(|(_, c)| matches!(c, ':' | '：'));
    if let Some((at, colon)) = colon
        && is_label(&text[..at])
    {
        return Some(text[at + colon.len_utf8()..].trim());
    }
    let begins = |label: &str| begins_in_lower_case(text, label) && (text.is_ascii() || text.to_lowercase().len() == text.len());
    if let Some(label) = BY_LABELS.iter().find(|label| begins(label) && text[label.len()..].starts_with(' ')) {
        return Some(text[label.len()..].trim());
    }
    // "Foto dpa/Name", "AP Photo/Name" keep their words; only a slash after the label is a mark: "Photo/Agency".
    if let Some(label) = BEFORE_SLASH.into_iter().find(|label| begins(label)) {
        return Some(text[label.len()..].trim());
    }
    CJK_LABELS.iter().find_map(|label| {
        let rest = text.strip_prefix(label)?;
        rest.strip_prefix(['：', ':', '/', '／', '＝', '=', '｜', '|']).map(str::trim)
    })
}

/// Labels with the slash before the name.
const BEFORE_SLASH: [&str; 4] = ["photo/", "foto/", "image/", "фото/"];

/// Longest label before a colon, in characters.
const MAX_LABEL: usize = 30;

/// Whether any label begins with a text's first four letters: of most texts none does.
#[inline]
fn may_begin_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|first| LABEL_BYTES[usize::from(*first)]) {
        return false;
    }
    match bytes {
        [b'(', second, ..] => second.eq_ignore_ascii_case(&b'c'),
        [a, b, c, d, ..] if (a | b | c | d).is_ascii() => {
            is_label_start(u32::from_le_bytes([*a, *b, *c, *d]) | LOWER_CASE) || a.is_ascii_whitespace()
        }
        other => !other.is_ascii(),
    }
}

/// Whether a text in lower case begins with a prefix, as long as that is in the text.
fn begins_in_lower_case(text: &str, prefix: &str) -> bool {
    let Some(head) = text.as_bytes().get(..prefix.len()) else { return false };
    if prefix.is_ascii() {
        // No other letter is as short in lower case.
        return head.eq_ignore_ascii_case(prefix.as_bytes());
    }
    text.get(..prefix.len()).is_some_and(|head| head.chars().flat_map(char::to_lowercase).eq(prefix.chars()))
}

pub(crate) fn is_label(label: &str) -> bool {
    let lower = label.trim().to_lowercase();
    let bare = lower.trim_start_matches("file ").trim_start_matches("undated ");
    LABELS.contains(&bare) || CJK_LABELS.contains(&bare) || lower.split('/').all(|part| LABELS.contains(&part.trim()))
}

/// Short, begins like a name and isn't a sentence.
fn acceptable(credit: &str) -> bool {
    let credit = credit.trim();
    let count = credit.chars().count();
    let words = credit.split_whitespace().count();
    (2..=MAX_CREDIT).contains(&count)
        && words <= 14
        && credit.chars().any(char::is_alphabetic)
        && !credit.contains(['!', '?', '。'])
        && (words <= 8 || !credit.trim_end_matches('.').contains(". "))
}

/// Whether a text could be nothing but a name: of an agency, of a person.
pub(crate) fn is_name(text: &str) -> bool {
    name_like(text) && !text.trim_end().ends_with(['.', ':', '?']) && text.chars().count() <= 60
}

/// A name-like run without a label: an agency or a person, not ordinary words.
fn name_like(credit: &str) -> bool {
    let credit = credit.trim();
    if is_label(credit.trim_end_matches([':', '：'])) {
        return false;
    }
    let mut words = credit.split(|c: char| c.is_whitespace() || c == '/').filter(|w| !w.is_empty()).peekable();
    words.peek().is_some()
        && acceptable(credit)
        && credit.split_whitespace().count() <= 9
        && words.all(|w| {
            let first = w.chars().find(|c| c.is_alphanumeric());
            first.is_none_or(|c| !c.is_lowercase() && !c.is_ascii_digit())
                || [
                    "via", "for", "de", "von", "van", "der", "di", "the", "and", "of", "e", "y", "et", "und", "la", "le", "file", "dpa",
                    "picture", "alliance", "handout",
                ]
                .contains(&w.to_lowercase().as_str())
        })
}

/// An abbreviation in capitals, or a news agency that writes itself as a word.
fn is_agency(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    (2..=6).contains(&letters) && capitals == letters
        || ["reuters", "getty", "dpa", "xinhua", "shutterstock", "istock", "unsplash", "alamy", "imago", "keystone", "bloomberg"]
            .contains(&text.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::forms::may_hold_label;
    use super::*;

    #[test]
    fn forms_of_credits() {
        for (caption, text, credit) in [
            ("The new bridge, May 24, 2023. /NPA", "The new bridge, May 24, 2023.", "NPA"),
            ("The new bridge. (Photo: Jo Ferris)", "The new bridge.", "Jo Ferris"),
            ("The new bridge. (AP Photo/Jo Ferris)", "The new bridge.", "AP Photo/Jo Ferris"),
            ("The new bridge (Reuters)", "The new bridge", "Reuters"),
            ("The new bridge at dawn. © Jo Ferris/NPA", "The new bridge at dawn.", "Jo Ferris/NPA"),
            ("The new bridge © 2024 Jo Ferris", "The new bridge", "Jo Ferris"),
            ("Die neue Brücke. Foto: Jo Ferris", "Die neue Brücke.", "Jo Ferris"),
            ("The new bridge. Photo by Jo Ferris", "The new bridge.", "Jo Ferris"),
            ("The new bridge. Image source: NPA", "The new bridge.", "NPA"),
            ("Le nouveau pont. Crédit photo : Jo Ferris", "Le nouveau pont.", "Jo Ferris"),
            ("The new bridge on Monday. AP Photo/Jo Ferris", "The new bridge on Monday.", "AP Photo/Jo Ferris"),
            ("The new bridge over the estuary. NPA", "The new bridge over the estuary.", "NPA"),
            (
                "The new bridge over the estuary in 2024.Jo Ferris (NPA via Harbour Images)",
                "The new bridge over the estuary in 2024.",
                "Jo Ferris / NPA via Harbour Images",
            ),
            (
                "The new bridge over the estuary. Jo Ferris/Copyright 2026 NPA. All rights reserved.",
                "The new bridge over the estuary.",
                "Jo Ferris",
            ),
            ("새 다리가 오늘 아침 문을 열고 있다. 하늘통신", "새 다리가 오늘 아침 문을 열고 있다.", "하늘통신"),
            ("The new bridge. | Jo Ferris/NPA", "The new bridge.", "Jo Ferris/NPA"),
            ("Новый мост. Фото: Иван Лесной", "Новый мост.", "Иван Лесной"),
            ("Yeni köprü açıldı. Fotoğraf: Ayşe Orman/NPA", "Yeni köprü açıldı.", "Ayşe Orman/NPA"),
            ("Uusi silta avattiin. Kuva: Aino Lehto", "Uusi silta avattiin.", "Aino Lehto"),
            ("De nieuwe brug is open. Bron: NPA", "De nieuwe brug is open.", "NPA"),
            ("Megnyílt az új híd. Fotó: Hegyi Anna", "Megnyílt az új híd.", "Hegyi Anna"),
            ("Η νέα γέφυρα άνοιξε. Πηγή: NPA", "Η νέα γέφυρα άνοιξε.", "NPA"),
            ("新桥今天开通。图/南浦社", "新桥今天开通。", "南浦社"),
            ("新桥今天开通。（交通局供图）", "新桥今天开通。", "交通局"),
            ("新桥今天开通。李文 摄", "新桥今天开通。", "李文"),
            ("開通した新しい橋＝山本港撮影", "開通した新しい橋", "山本港"),
            ("開通した新しい橋。写真＝港新報", "開通した新しい橋。", "港新報"),
        ] {
            assert_eq!(split(caption), (text.to_owned(), Some(credit.to_owned())), "{caption}");
        }
    }

    #[test]
    fn every_label_may_begin_one() {
        for label in LABELS.iter().chain(&BY_LABELS).chain(&CJK_LABELS) {
            for text in [format!("{label}: A"), format!("FILE {label}: A"), format!("Undated {label}: A"), label.to_uppercase() + ": A"] {
                assert!(may_begin_label(&text), "{text}");
                assert!(may_hold_label(&format!("A bridge. {text}")), "{text}");
            }
        }
        for text in
            BY_LABELS.map(|label| format!("{label} A")).iter().map(String::as_str).chain(BEFORE_SLASH).chain(["(C) A", "ⓒ A", "Ⓒ A"])
        {
            assert!(may_hold_label(&format!("A bridge. {text}")), "{text}");
        }
        for label in CJK_LABELS {
            assert!(may_hold_label(&format!("A bridge. {label}／A")), "{label}");
        }
        assert!(!may_hold_label("The mayor’s bridge (of 1924) opens in the city – a day late."));
        assert!(["police", "in", "the", "com", "nous", "(a)"].into_iter().all(|text| !may_begin_label(text)));
    }

    #[test]
    fn captions_without_a_credit() {
        for caption in [
            "The bridge cost €12/15 million (about $14 million)",
            "Mayor Ana Ruiz (left) and the engineer (right).",
            "The team: Jo, Ana and Lee.",
            "The river (2019)",
            "He asked a question: why now?",
            "The mayor spoke on Jan. 6 with Dr. Ana Ruiz",
            "The engineer with J.J. Weller",
        ] {
            assert_eq!(split(caption), (caption.to_owned(), None));
        }
    }

    #[test]
    fn labels_before_the_caption_go() {
        assert_eq!(split("Image: The new bridge opened on a windy Monday morning.").0, "The new bridge opened on a windy Monday morning.");
        assert_eq!(
            split("Photo: The new bridge, with its long shadow on the water. /NPA"),
            ("The new bridge, with its long shadow on the water.".to_owned(), Some("NPA".to_owned()))
        );
    }

    #[test]
    fn only_a_credit() {
        assert_eq!(whole("Foto: Jo Ferris").as_deref(), Some("Jo Ferris"));
        assert_eq!(whole("© NPA").as_deref(), Some("NPA"));
        assert_eq!(whole("(Photo: NPA)").as_deref(), Some("NPA"));
        assert_eq!(whole("(Harbour Press)").as_deref(), Some("Harbour Press"));
        assert_eq!(whole("The bridge was built by hand"), None);
    }
}
