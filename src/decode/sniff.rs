//! Is this a web page at all? Magic numbers of what is often served in its place.

use crate::error::{Error, Result};

/// First bytes of formats that are no text, and what to call them.
const MAGIC: [(&[u8], &str); 17] = [
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
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x00\x00\x01\x00", "an icon"),
];

/// Media types that are text for us; an absent type is decided by the bytes alone.
fn is_page_type(media_type: &str) -> bool {
    media_type.is_empty()
        || media_type.starts_with("text/")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named() {
        assert_eq!(reject_binary(b"%PDF-1.7 ...", None).unwrap_err().to_string(), "this is a PDF, not a web page");
        assert!(reject_binary(b"<html>", Some("image/png")).is_err());
        assert!(reject_binary(b"<html>", Some("application/xhtml+xml; charset=utf-8")).is_ok());
        assert!(reject_binary(b"", None).is_ok());
    }
}
