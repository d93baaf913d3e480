//! Is this a web page at all? Magic numbers of what is often served in its place.

use crate::error::{Error, Result};

/// First bytes of formats that are no text, and what to call them.
const MAGIC: [(&[u8], &str); 20] = [
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x00\x00\x01\x00", "an icon"),
];

/// Endings of files of data or code, and what to call them.
const DATA: [(&str, &str); 9] = [
    ("csv", "a CSV file"),
    ("tsv", "a TSV file"),
    ("json", "a JSON file"),
    ("toml", "a TOML file"),
    ("yaml", "a YAML file"),
    ("yml", "a YAML file"),
    ("css", "a style sheet"),
    ("js", "a script"),
    ("parquet", "a Parquet file"),
];

/// Text that is no page.
const NO_PAGES: [&str; 5] = ["text/csv", "text/tab-separated-values", "text/css", "text/javascript", "text/calendar"];

/// Media types that are text for us; an absent type is decided by the bytes alone.
fn is_page_type(media_type: &str) -> bool {
    media_type.is_empty()
        || media_type.starts_with("text/") && !NO_PAGES.contains(&media_type)
        || media_type.contains("html")
        || media_type.contains("xml")
        || media_type == "application/octet-stream"
        || !media_type.contains('/')
}

/// Refuses what is no page, by its media type and its first bytes.
///
/// # Errors
/// [`Error::NotHtml`] naming the format.
pub fn reject_binary(bytes: &[u8], content_type: Option<&str>) -> Result<()> {
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Error::NotHtml((*name).to_owned()));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Err(Error::NotHtml("a video or image (ISO media)".to_owned()));
    }
    let media_type = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !is_page_type(&media_type) {
        return Err(Error::NotHtml(media_type));
    }
    Ok(())
}

/// Refuses a file whose name says that it holds data or code, unless there is markup in it: a page may have any name.
///
/// # Errors
/// [`Error::NotHtml`] naming the format.
pub fn reject_data(bytes: &[u8], name: &str) -> Result<()> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let Some((_, format)) = DATA.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)) else { return Ok(()) };
    // Elements within JSON are a value's text.
    let is_json = bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[");
    let has_markup = || bytes.windows(2).any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'!'));
    if is_json || !has_markup() { Err(Error::NotHtml((*format).to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named() {
        assert_eq!(reject_binary(b"%PDF-1.7 ...", None).unwrap_err().to_string(), "this is a PDF, not a web page");
        assert!(reject_binary(b"<html>", Some("image/png")).is_err());
        assert!(reject_binary(b"<html>", Some("application/xhtml+xml; charset=utf-8")).is_ok());
        assert!(reject_binary(b"", None).is_ok());
        assert_eq!(reject_binary(b"PAR1\x15\x04", None).unwrap_err().to_string(), "this is a Parquet file, not a web page");
        assert!(reject_binary(b"a,b", Some("text/csv; charset=utf-8")).is_err());
        assert!(reject_binary(b"text", Some("text/plain")).is_ok());
    }

    #[test]
    fn files_of_data_are_told_by_name_and_by_what_they_lack() {
        assert_eq!(reject_data(b"id,title\n1,Crane < bridge\n", "a.CSV").unwrap_err().kind(), "not_html");
        assert!(reject_data(br#"{"html": "<p>text"}"#, "x/a.json").is_err());
        assert!(reject_data(b"<!doctype html><p>text", "a.csv").is_ok());
        for name in ["a.html", "a.txt", "a", "csv", "a.md"] {
            assert!(reject_data(b"plain text, with commas", name).is_ok(), "{name}");
        }
    }
}
