//! Which language is it in?
//!
//! In: the text and what the page declares. Out: a BCP 47 tag: by the text where it is long enough to tell, with
//! the declared region when both agree; else the declared tag. Detection by whatlang (trigrams and scripts), which is
//! not asked where the text's most frequent words are those of the declared language.

use super::metadata::Metadata;

/// Letters from which on the text decides.
const MIN_LETTERS: usize = 80;
/// Characters that are looked at.
const SAMPLE: usize = 400;

/// The language tag and where it came from.
pub(crate) fn find(text: &str, metadata: &Metadata) -> Option<(String, &'static str)> {
    let declared = declared(metadata);
    if let Some(tag) = declared.as_ref().filter(|tag| is_plainly(tag, text)) {
        return Some((tag.clone(), "html"));
    }
    let sample = text.char_indices().nth(SAMPLE).map_or(text, |(end, _)| &text[..end]);
    let letters: usize = sample.chars().map(letters_of).sum();
    if letters >= MIN_LETTERS
        && let Some(info) = whatlang::detect(sample)
        && let Some(code) = two_letters(info.lang())
    {
        let primary = declared.as_deref().map(|d| d.split('-').next().unwrap_or(d).to_owned());
        // Near relatives are told apart by the page's own word when the detector is not sure.
        let related = |a: &str, b: &str| {
            [["nb", "no"], ["nb", "nn"], ["no", "nn"], ["hr", "sr"], ["hr", "bs"], ["sr", "bs"], ["ms", "id"], ["da", "nb"], ["da", "no"]]
                .iter()
                .any(|p| p.contains(&a) && p.contains(&b))
        };
        return match (&declared, primary.as_deref()) {
            (Some(tag), Some(p)) if p == code || related(p, code) || !info.is_reliable() => Some((tag.clone(), "html")),
            _ => Some((code.to_owned(), "text")),
        };
    }
    declared.map(|d| (d, "html"))
}

/// The commonest words of some languages, such as texts in other languages of the list (but for their near relatives) have few of.
const COMMON: [(&str, &[&str]); 14] = [
    (
        "en",
        &[
            "the", "and", "of", "to", "is", "that", "with", "was", "his", "from", "are", "by", "this", "it", "be", "have", "has", "not",
            "you", "they",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "und", "das", "ist", "nicht", "ein", "eine", "mit", "auf", "dem", "zu", "von", "sich", "im", "für", "auch",
            "sind", "wird", "bei",
        ],
    ),
    ("fr", &["le", "les", "des", "est", "dans", "et", "du", "une", "pour", "qui", "au", "sur"]),
    ("es", &["el", "los", "del", "las", "en", "y", "por", "una", "con", "para", "su", "al"]),
    ("pt", &["os", "do", "da", "em", "uma", "não", "para", "com", "dos", "ao", "na", "no"]),
    ("it", &["il", "di", "che", "della", "per", "è", "del", "gli", "nel", "alla", "sono", "una"]),
    ("nl", &["het", "een", "van", "en", "niet", "voor", "zijn", "dat", "op", "met", "ook", "maar"]),
    ("sv", &["och", "att", "är", "för", "inte", "till", "från", "jag", "vid", "eller", "också", "kan"]),
    ("da", &["og", "det", "at", "af", "ikke", "til", "på", "der", "som", "med", "har", "jeg"]),
    ("nb", &["og", "det", "å", "av", "ikke", "til", "på", "som", "med", "har", "jeg", "er"]),
    ("no", &["og", "det", "å", "av", "ikke", "til", "på", "som", "med", "har", "jeg", "er"]),
    ("pl", &["i", "w", "na", "się", "nie", "że", "do", "jest", "z", "to", "o", "przez"]),
    ("tr", &["ve", "bir", "bu", "için", "da", "de", "ile", "olarak", "olan", "daha", "çok", "gibi"]),
    ("id", &["yang", "dan", "di", "dari", "untuk", "dengan", "ini", "itu", "pada", "tidak", "dalam", "akan"]),
];
/// Words of the text that are looked at.
const COMMON_SAMPLE: usize = 60;
/// One of so many has to be among the commonest.
const ONE_COMMON_OF: usize = 10;

/// Whether a text is in the declared language beyond doubt, by its commonest words.
fn is_plainly(tag: &str, text: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or(tag);
    let Some((_, common)) = COMMON.iter().find(|(language, _)| *language == primary) else { return false };
    let (mut all, mut found) = (0, 0);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(COMMON_SAMPLE) {
        all += 1;
        found += usize::from(common.contains(&word));
    }
    all == COMMON_SAMPLE && found * ONE_COMMON_OF >= all
}

/// Letters that a character counts for.
fn letters_of(c: char) -> usize {
    match c {
        _ if c.is_ascii() => usize::from(c.is_ascii_alphabetic()),
        _ if !c.is_alphabetic() => 0,
        _ if crate::text::is_unspaced(c) => 3,
        _ => 1,
    }
}

/// The declared tag in BCP 47's usual case.
fn declared(metadata: &Metadata) -> Option<String> {
    let raw =
        metadata.json_ld.article_text("inLanguage").filter(|l| l.len() <= 12).or_else(|| metadata.lang.clone()).or_else(|| {
            metadata.first(&["content-language", "og:locale", "dc.language", "dcterms.language", "language"]).map(str::to_owned)
        })?;
    tag(&raw)
}

fn tag(raw: &str) -> Option<String> {
    let raw = raw.trim().replace('_', "-");
    let mut parts = raw.split(['-', ',', ' ']);
    let primary = parts.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut out = primary;
    for part in parts.take(3) {
        match (part.len(), part.bytes().all(|b| b.is_ascii_alphabetic())) {
            (2, true) => out = format!("{out}-{}", part.to_ascii_uppercase()),
            (4, true) => out = format!("{out}-{}{}", part[..1].to_ascii_uppercase(), part[1..].to_ascii_lowercase()),
            _ => break,
        }
    }
    Some(out)
}

/// ISO 639-1 for whatlang's languages.
#[expect(clippy::match_wildcard_for_single_variants, reason = "a later whatlang may know more")]
fn two_letters(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang as L;
    Some(match lang {
        L::Epo => "eo",
        L::Eng => "en",
        L::Rus => "ru",
        L::Cmn => "zh",
        L::Spa => "es",
        L::Por => "pt",
        L::Ita => "it",
        L::Ben => "bn",
        L::Fra => "fr",
        L::Deu => "de",
        L::Ukr => "uk",
        L::Kat => "ka",
        L::Ara => "ar",
        L::Hin => "hi",
        L::Jpn => "ja",
        L::Heb => "he",
        L::Yid => "yi",
        L::Pol => "pl",
        L::Amh => "am",
        L::Jav => "jv",
        L::Kor => "ko",
        L::Nob => "nb",
        L::Dan => "da",
        L::Swe => "sv",
        L::Fin => "fi",
        L::Tur => "tr",
        L::Nld => "nl",
        L::Hun => "hu",
        L::Ces => "cs",
        L::Ell => "el",
        L::Bul => "bg",
        L::Bel => "be",
        L::Mar => "mr",
        L::Kan => "kn",
        L::Ron => "ro",
        L::Slv => "sl",
        L::Hrv => "hr",
        L::Srp => "sr",
        L::Mkd => "mk",
        L::Lit => "lt",
        L::Lav => "lv",
        L::Est => "et",
        L::Tam => "ta",
        L::Vie => "vi",
        L::Urd => "ur",
        L::Tha => "th",
        L::Guj => "gu",
        L::Uzb => "uz",
        L::Pan => "pa",
        L::Aze => "az",
        L::Ind => "id",
        L::Tel => "te",
        L::Pes => "fa",
        L::Mal => "ml",
        L::Ori => "or",
        L::Mya => "my",
        L::Nep => "ne",
        L::Sin => "si",
        L::Khm => "km",
        L::Tuk => "tk",
        L::Aka => "ak",
        L::Zul => "zu",
        L::Sna => "sn",
        L::Afr => "af",
        L::Lat => "la",
        L::Slk => "sk",
        L::Cat => "ca",
        L::Tgl => "tl",
        L::Hye => "hy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_their_usual_case() {
        for (raw, expected) in
            [("EN_us", Some("en-US")), ("zh-hans-cn", Some("zh-Hans-CN")), ("de", Some("de")), ("english", None), ("", None)]
        {
            assert_eq!(tag(raw).as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn the_text_decides_where_it_is_long() {
        let mut metadata = Metadata::default();
        metadata.lang = Some("en".into());
        let german = "Die Stadtbibliothek hat am Montag nach zwei Jahren Umbau wieder geöffnet, und viele Besucher kamen schon am Morgen, um die neuen Räume zu sehen.";
        assert_eq!(find(german, &metadata).unwrap().0, "de");
        assert_eq!(find("kurz", &metadata).unwrap().0, "en");
        let more =
            " Der Umbau kostete mehr als geplant, weil das Dach und die alten Leitungen ersetzt werden mussten, und er dauerte länger.";
        let long = german.to_owned() + more + more;
        assert!(is_plainly("de-AT", &long) && !is_plainly("de-AT", german) && !is_plainly("en", &long) && !is_plainly("nl", &long));
        assert_eq!(find(&long, &metadata).unwrap(), ("de".to_owned(), "text"));
    }
}
