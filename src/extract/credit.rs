//! Caption and credit, taken apart.
//!
//! In: the text of a caption. Out: the caption without its credit and leading label, and the credit without its
//! marks. Forms: a label in many languages, "©", parentheses, a slash or bar before the last words, and the
//! Chinese, Japanese and Korean ways. Every form is judged by its marks, never by a list of publishers.

/// Words that announce a credit when a colon, "by" or the like follows; lower case.
const LABELS: [&str; 62] = [
    "photo",
    "photos",
    "photograph",
    "photographs",
    "photo credit",
    "photo credits",
    "photo courtesy",
    "image",
    "images",
    "image credit",
    "image source",
    "picture",
    "pictures",
    "picture credit",
    "credit",
    "credits",
    "courtesy",
    "source",
    "illustration",
    "screenshot",
    "graphic",
    "video",
    "file photo",
    "foto",
    "fotos",
    "bild",
    "bilder",
    "quelle",
    "bildquelle",
    "fotoquelle",
    "symbolbild",
    "symbolfoto",
    "archivbild",
    "archivfoto",
    "grafik",
    "crédit",
    "crédits",
    "crédit photo",
    "crédits photo",
    "photographie",
    "fotografía",
    "fotografia",
    "imagen",
    "imágenes",
    "fuente",
    "crédito",
    "créditos",
    "foto di",
    "fonte",
    "immagine",
    "zdjęcie",
    "fot.",
    "źródło",
    "zdroj",
    "autor",
    "фото",
    "источник",
    "фотография",
    "снимок",
    "صورة",
    "تصوير",
    "المصدر",
];
/// The same without a colon: a space is enough.
const BY_LABELS: [&str; 14] = [
    "photo by",
    "photos by",
    "photograph by",
    "photographs by",
    "image by",
    "picture by",
    "illustration by",
    "photo courtesy of",
    "courtesy of",
    "credit to",
    "foto von",
    "foto de",
    "foto di",
    "photo de",
];
/// Labels that are set directly before the name, with "：", "/", "＝" or nothing.
const CJK_LABELS: [&str; 20] = [
    "图片来源",
    "图源",
    "图片",
    "图",
    "摄影",
    "供图",
    "攝影",
    "圖片來源",
    "圖",
    "来源",
    "写真提供",
    "写真",
    "画像",
    "提供",
    "撮影",
    "出典",
    "사진제공",
    "사진",
    "출처",
    "자료",
];
/// Labels of the caption itself, which are dropped.
const CAPTION_LABELS: [&str; 10] =
    ["image", "photo", "picture", "caption", "image caption", "photo caption", "bild", "foto", "légende", "bildunterschrift"];
/// Longest credit, in characters.
const MAX_CREDIT: usize = 120;

/// Takes a caption apart.
pub(crate) fn split(caption: &str) -> (String, Option<String>) {
    let (text, credit) = split_once(caption.trim());
    let text = strip_label(text);
    match credit {
        Some(credit) => {
            // Two marks in a row: "… (Photo: A. Name) / AGENCY".
            let (shorter, more) = if text.is_empty() {
                (text.to_owned(), None)
            } else {
                marked_end(text).map_or((text.to_owned(), None), |(t, c)| (t.trim().to_owned(), c))
            };
            let credit = match more {
                Some(more) if !shorter.is_empty() => format!("{more}/{credit}"),
                _ => return (text.to_owned(), Some(credit)),
            };
            (shorter, Some(credit))
        }
        None => (text.to_owned(), None),
    }
}

fn split_once(text: &str) -> (&str, Option<String>) {
    if let Some((rest, Some(credit))) = marked_end(text) {
        return (rest, Some(credit));
    }
    if let Some((rest, credit)) = labelled_tail(text).or_else(|| cjk_tail(text)).or_else(|| slash_tail(text)) {
        return (rest, Some(credit));
    }
    (text, None)
}

/// A leading "Image:" or "Photo:" before more text.
pub(crate) fn strip_label(text: &str) -> &str {
    if let Some((label, rest)) = text.split_once([':', '：'])
        && CAPTION_LABELS.contains(&label.trim().to_lowercase().as_str())
        && !rest.trim().is_empty()
    {
        return rest.trim();
    }
    text
}

/// Whether a text carries a credit by a mark that running text does not have.
pub(crate) fn is_marked(text: &str) -> bool {
    marked_end(text).is_some_and(|(_, c)| c.is_some()) || labelled_tail(text).is_some() || slash_tail(text).is_some()
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
    after_label(inner).filter(|name| acceptable(name)).map(unmark)
}

/// Takes the marks off a credit.
pub(crate) fn unmark(credit: &str) -> String {
    let mut text = credit.trim();
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
    if let Some(rest) = text.strip_prefix(['©', 'Ⓒ', 'ⓒ']).or_else(|| text.strip_prefix("(c)")).or_else(|| text.strip_prefix("(C)")) {
        return Some(rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | ',' | ':' | '-')).trim_end());
    }
    if let Some((label, rest)) = text.split_once([':', '：'])
        && label.chars().count() <= 30
        && is_label(label)
    {
        return Some(rest.trim());
    }
    let lower = text.to_lowercase();
    if lower.len() == text.len() {
        for label in BY_LABELS {
            if lower.starts_with(label) && lower[label.len()..].starts_with(' ') {
                return Some(text[label.len()..].trim());
            }
        }
        // "Foto dpa/Name", "AP Photo/Name" keep their words; only a slash after the label is a mark: "Photo/Agency".
        for label in ["photo/", "foto/", "image/", "фото/"] {
            if lower.starts_with(label) {
                return Some(text[label.len()..].trim());
            }
        }
    }
    CJK_LABELS.iter().find_map(|label| {
        let rest = text.strip_prefix(label)?;
        rest.strip_prefix(['：', ':', '/', '／', '＝', '=', '｜', '|']).map(str::trim)
    })
}

fn is_label(label: &str) -> bool {
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
        && !credit.trim_end_matches('.').contains(". ") | (words <= 8)
}

/// A name-like run without a label: an agency or a person, not ordinary words.
fn name_like(credit: &str) -> bool {
    let credit = credit.trim();
    let mut words = credit.split(|c: char| c.is_whitespace() || c == '/').filter(|w| !w.is_empty()).peekable();
    words.peek().is_some()
        && acceptable(credit)
        && credit.split_whitespace().count() <= 7
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

/// "(Photo: …)", "(AP Photo/…)", "[…]" or "© …" at the end.
fn marked_end(text: &str) -> Option<(&str, Option<String>)> {
    let trimmed = text.trim_end_matches(['.', ' ']);
    for (open, close) in [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')] {
        if let Some(body) = trimmed.strip_suffix(close)
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
            if name_like(inner) && sure && !rest.trim().is_empty() {
                return Some((rest.trim_end(), Some(unmark(inner))));
            }
        }
    }
    if let Some(at) = text.rfind(['©', 'Ⓒ', 'ⓒ'])
        && let Some(name) = after_label(&text[at..]).filter(|n| acceptable(n))
    {
        return Some((trim_joint(&text[..at]), Some(unmark(name))));
    }
    None
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

/// An abbreviation in capitals, or a news agency that writes itself as a word.
fn is_agency(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    (2..=6).contains(&letters) && capitals == letters
        || ["reuters", "getty", "dpa", "xinhua", "shutterstock", "istock", "unsplash", "alamy", "imago", "keystone", "bloomberg"]
            .contains(&text.trim().to_lowercase().as_str())
}

/// "… Photo: Name", "… Photo by Name": the last label that a sentence's end or a bar stands before.
fn labelled_tail(text: &str) -> Option<(&str, String)> {
    let mut starts: Vec<usize> = vec![0];
    starts.extend(
        text.char_indices()
            .filter(|(_, c)| c.is_whitespace() || matches!(c, '|' | '/' | '.' | '。' | '(' | '"' | '”' | '…'))
            .map(|(at, c)| at + c.len_utf8()),
    );
    for &start in starts.iter().rev().take(40) {
        let tail = text[start..].trim_start();
        let Some(name) = after_label(tail).filter(|n| acceptable(n)) else { continue };
        let head = text[..start].trim_end();
        // "File photo: …" at the very start with a long text behind is a caption's label.
        if head.is_empty() && (name.split_whitespace().count() > 6 || !name_like(name)) {
            continue;
        }
        // The longest label wins: "Image source: X" over "source: X".
        let longer = starts
            .iter()
            .filter(|s| **s < start)
            .rev()
            .take(2)
            .find(|s| after_label(text[**s..].trim_start()).is_some_and(|n| n.ends_with(name) && n.len() <= name.len() + 2));
        let head = longer.map_or(head, |s| text[..*s].trim_end());
        return Some((trim_joint(head), unmark(name)));
    }
    None
}

/// "…。图/Name 摄", "…＝Name撮影", "…。写真＝Name提供".
fn cjk_tail(text: &str) -> Option<(&str, String)> {
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

/// "… sentence. /AGENCY", "… sentence. | Name", "… sentence – Agency/Name".
fn slash_tail(text: &str) -> Option<(&str, String)> {
    for mark in [" /", "./", "。/", "。／", " |", " ｜", "|"] {
        if let Some(at) = text.rfind(mark) {
            let name = &text[at + mark.len()..];
            if name_like(name) && !text[..at].trim().is_empty() && name.split_whitespace().count() <= 5 {
                let head =
                    if mark.starts_with(['.', '。']) { &text[..at + mark.chars().next().map_or(0, char::len_utf8)] } else { &text[..at] };
                return Some((trim_joint(head), unmark(name)));
            }
        }
    }
    None
}

/// Takes off what joins caption and credit.
fn trim_joint(head: &str) -> &str {
    head.trim_end_matches(['|', '/', '–', '—', '-', '·', '•', '(', '（', '[', ',', ' ', ';'])
}

#[cfg(test)]
mod tests {
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
            ("The new bridge. | Jo Ferris/NPA", "The new bridge.", "Jo Ferris/NPA"),
            ("Новый мост. Фото: Иван Лесной", "Новый мост.", "Иван Лесной"),
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
    fn captions_without_a_credit() {
        for caption in [
            "The bridge cost €12/15 million (about $14 million)",
            "Mayor Ana Ruiz (left) and the engineer (right).",
            "The team: Jo, Ana and Lee.",
            "The river (2019)",
            "He asked a question: why now?",
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
        assert_eq!(whole("The bridge was built by hand"), None);
    }
}
