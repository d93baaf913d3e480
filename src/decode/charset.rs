//! Which characters are these bytes? As browsers decide it: byte order mark, HTTP charset, `<meta>`,
//! then detection (WHATWG HTML, "determining the character encoding"; detection by chardetng).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes of a page's head that are searched for a `<meta>` charset, as the HTML standard has it.
const PRESCAN_BYTES: usize = 1024;

/// Bytes from the first that is not ASCII on, by which an encoding is guessed.
const DETECT_BYTES: usize = 1 << 20;

/// Decoded text with the encoding it was read in.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The text; a byte that fits no character is U+FFFD.
    pub text: String,
    /// WHATWG name of the encoding: `UTF-8`, `gb18030`, …
    pub encoding: &'static str,
}

/// Decodes a page's bytes. `content_type` is the HTTP header's value, `host` helps detection by its
/// top-level domain.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>, host: Option<&str>) -> Decoded {
    let encoding = choose(bytes, content_type, host);
    // A byte order mark wins over everything, in `Encoding::decode` itself.
    let (text, used, _) = encoding.decode(bytes);
    Decoded { text: text.into_owned(), encoding: used.name() }
}

fn choose(bytes: &[u8], content_type: Option<&str>, host: Option<&str>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = content_type.and_then(header_charset) {
        return trusted(encoding, bytes, host);
    }
    if let Some(encoding) = meta_charset(&bytes[..bytes.len().min(PRESCAN_BYTES)]) {
        // A page that could be scanned as ASCII for its <meta> is not UTF-16, whatever it says.
        let encoding = if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding };
        return trusted(encoding, bytes, host);
    }
    if let Some(encoding) = bare_utf16(bytes) {
        return encoding;
    }
    detect(bytes, host)
}

/// Pages that say "latin1" or UTF-8 and are not are common enough to check: a declared UTF-8 that is
/// not valid is detected anew, and declared windows-1252 that is valid UTF-8 with non-ASCII is UTF-8.
fn trusted(declared: &'static Encoding, bytes: &[u8], host: Option<&str>) -> &'static Encoding {
    let valid = std::str::from_utf8(bytes);
    if declared == UTF_8 {
        let wrong = match &valid {
            Ok(_) => false,
            // Cut or damaged in a few places only: still UTF-8.
            Err(e) => e.valid_up_to() < bytes.len() && mostly_invalid(bytes),
        };
        return if wrong { detect(bytes, host) } else { UTF_8 };
    }
    if declared == WINDOWS_1252 && valid.is_ok() && !bytes.is_ascii() {
        return UTF_8;
    }
    declared
}

/// Whether more than half of the non-ASCII sequences are no UTF-8.
fn mostly_invalid(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad > good
}

fn detect(bytes: &[u8], host: Option<&str>) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    let start = bytes.iter().position(|b| !b.is_ascii()).unwrap_or_default();
    let (start, end) = (start.saturating_sub(DETECT_BYTES / 4), start.saturating_add(DETECT_BYTES).min(bytes.len()));
    detector.feed(&bytes[start..end], true);
    let tld = host.and_then(|h| h.rsplit('.').next()).filter(|t| t.bytes().all(|b| b.is_ascii_lowercase()));
    detector.guess(tld.map(str::as_bytes), chardetng::Utf8Detection::Allow)
}

/// UTF-16 without a mark: nearly every other byte of an HTML page's start is zero.
fn bare_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(64)];
    if head.len() < 8 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count() * 10 >= head.len() / 2 * 9;
    match (zeros(0), zeros(1)) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        name.trim().eq_ignore_ascii_case("charset").then(|| Encoding::for_label(value.as_bytes())).flatten()
    })
}

/// The HTML standard's prescan, simplified: inside each `<meta …>`, the first `charset=` whose label is known.
fn meta_charset(head: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let mut rest = lower.as_slice();
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if rest.starts_with(b"!--") {
            rest = &rest[memchr::memmem::find(rest, b"-->").unwrap_or(rest.len())..];
            continue;
        }
        let xml = rest.starts_with(b"?xml");
        if !xml && !rest.starts_with(b"meta") {
            continue;
        }
        let tag = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
        let key: &[u8] = if xml { b"encoding" } else { b"charset" };
        if let Some(encoding) = memchr::memmem::find(tag, key).and_then(|at| label_after(&tag[at + key.len()..])) {
            return Some(encoding);
        }
    }
    None
}

fn label_after(rest: &[u8]) -> Option<&'static Encoding> {
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_:.".contains(b))).unwrap_or(rest.len());
    Encoding::for_label(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [(&str, &str); 10] = [
        ("gb18030", "今天上午,市图书馆重新开放,许多读者前来借书。"),
        ("shift_jis", "市立図書館は今朝、改修を終えて再び開館した。"),
        ("euc-jp", "市立図書館は今朝、改修を終えて再び開館した。"),
        ("euc-kr", "시립 도서관이 오늘 아침 다시 문을 열었다."),
        ("big5", "市立圖書館今天上午重新開放,許多讀者前來借書。"),
        ("windows-1251", "Городская библиотека сегодня утром открылась после ремонта."),
        ("koi8-r", "Городская библиотека сегодня утром открылась после ремонта."),
        ("windows-1256", "أعيد افتتاح مكتبة المدينة صباح اليوم بعد الترميم."),
        ("windows-1253", "Η δημοτική βιβλιοθήκη άνοιξε ξανά σήμερα το πρωί."),
        ("iso-8859-2", "Městská knihovna dnes ráno opět otevřela své dveře čtenářům."),
    ];

    #[test]
    fn declared_by_meta_or_header() {
        for (label, text) in SAMPLES {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let page = format!("<html><head><meta charset=\"{label}\"></head><p>{text}</p>");
            let (bytes, _, failed) = encoding.encode(&page);
            assert!(!failed, "{label}");
            assert!(decode(&bytes, None, None).text.contains(text), "meta {label}");
            let (bytes, ..) = encoding.encode(text);
            let header = format!("text/html; Charset=\"{label}\"");
            assert_eq!(decode(&bytes, Some(&header), None).text, text, "header {label}");
        }
    }

    #[test]
    fn detected_when_nothing_is_declared() {
        for (label, text) in SAMPLES.iter().take(7) {
            let long = text.repeat(8);
            let (bytes, ..) = Encoding::for_label(label.as_bytes()).unwrap().encode(&long);
            assert_eq!(decode(&bytes, None, None).text, long, "{label}");
        }
    }

    #[test]
    fn utf_16_with_and_without_mark() {
        let page = "<html><head><title>Bibliothek öffnet</title></head><body><p>Heute früh öffnete sie.</p></body></html>";
        let le: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = page.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&le, &be] {
            assert_eq!(decode(bytes, None, None).text, page);
        }
        let marked = [b"\xff\xfe".as_slice(), &le].concat();
        assert_eq!(decode(&marked, Some("text/html; charset=iso-8859-1"), None).text, page);
    }

    #[test]
    fn a_wrong_declaration_is_not_believed() {
        assert_eq!(decode("<meta charset=iso-8859-1><p>Zürich – Genève".as_bytes(), None, None).encoding, "UTF-8");
        let (bytes, ..) = WINDOWS_1252.encode("<meta charset=utf-8><p>Zürich, Genève, Biel, Köniz, Münsingen");
        assert!(decode(&bytes, None, None).text.contains("Zürich"));
    }

    #[test]
    fn one_damaged_byte_leaves_the_rest() {
        let mut bytes = "<meta charset=utf-8><p>Zürich, Genève, Köniz".as_bytes().to_vec();
        bytes.push(0xff);
        assert!(decode(&bytes, None, None).text.contains("Genève"));
    }
}
