//! Durations, sizes and addresses as people write them: "250ms", "1s", "5m", "6h", "30d"; 4096, "16MiB"; `https://…`.
//!
//! In: the text of a flag or of a configuration value. Out: a `Duration`, a number of bytes, a `Url`, or a
//! sentence that says which forms are known: what is wrong, "; ", what to write. The serde helpers are for the stages' own config structs.

use std::time::Duration;

use serde::de::{Deserializer, Error as _};
use url::Url;

/// Units of time with their length in milliseconds, longest names first where one ends another.
const TIME_UNITS: [(&str, u64); 6] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// Units of size with their length in bytes.
const SIZE_UNITS: [(&str, u64); 7] =
    [("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("b", 1)];

/// Reads a duration with its unit: `"250ms"`, `"1.5s"`, `"0s"`.
///
/// # Errors
/// A sentence that names the known forms.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let known = || format!("`{text}` is no duration; write a number with ms, s, m, h, d or w, as \"250ms\", \"1.5s\", \"5m\" or \"30d\"");
    let (number, unit) = split_unit(text);
    let (_, millis) = TIME_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(known)?;
    let number: f64 = number.parse().map_err(|_| known())?;
    #[expect(clippy::cast_precision_loss, reason = "the units are small")]
    let seconds = number * *millis as f64 / 1000.0;
    Duration::try_from_secs_f64(seconds).map_err(|_| known())
}

/// Reads a duration of a flag: as [`parse_duration`], or a bare number of seconds.
///
/// # Errors
/// A sentence that names the known forms.
pub fn parse_duration_flag(text: &str) -> Result<Duration, String> {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let read = if bare { parse_duration(&format!("{text}s")) } else { parse_duration(text) };
    read.map_err(|wrong| format!("{wrong}; a bare number is seconds"))
}

/// Reads the address of a web page.
///
/// # Errors
/// What is wrong and what to write, parted by "; ".
pub fn parse_address(text: &str) -> Result<Url, String> {
    let trimmed = text.trim();
    match Url::parse(trimmed) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        // `localhost:8080/x` parses, as something of the scheme `localhost:`.
        _ if lacks_scheme(trimmed) => Err(format!("`{text}` has no http:// or https://; write https://{trimmed}")),
        Ok(url) => {
            Err(format!("`{text}`: `{}:` is not a scheme that can be fetched; write an address with http:// or https://", url.scheme()))
        }
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            Err(format!("`{text}` is not an address; write it whole, as https://news.example/story"))
        }
        Err(error) => Err(format!("`{text}` is not an address: {error}; write it whole, as https://news.example/story")),
    }
}

/// Whether a text is an address but for its scheme: a host, with a port or not, and a path or none.
#[must_use]
pub fn lacks_scheme(text: &str) -> bool {
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let named = host == "localhost" || host.contains('.') && host.split('.').all(is_label);
    named && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Reads a number of bytes: `"4096"` or `"16MiB"`.
///
/// # Errors
/// A sentence that names the known forms.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let known = || format!("`{text}` is no size; write a number of bytes, or one with KB, MB, GB, KiB, MiB or GiB, as \"16MiB\"");
    let (number, unit) = split_unit(text);
    let unit = unit.to_ascii_lowercase();
    let factor = if unit.is_empty() { 1 } else { SIZE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(known)?.1 };
    number.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).ok_or_else(known)
}

/// Writes a duration as a person would: the largest unit that it is a whole number of.
#[must_use]
pub fn show_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (unit, length) = TIME_UNITS[..5].iter().rev().find(|(_, length)| millis.is_multiple_of(*length)).unwrap_or(&("ms", 1));
    if millis == 0 { "0s".to_owned() } else { format!("{}{unit}", millis / length) }
}

/// Writes a number of bytes as a person would: "16 MiB", "3.2 KiB".
#[must_use]
pub fn show_size(bytes: u64) -> String {
    const NAMES: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    #[expect(clippy::cast_precision_loss, reason = "shown to one digit")]
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < NAMES.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", NAMES[unit])
}

/// Milliseconds since 1970 of a duration since then; the state keeps times so.
#[must_use]
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// `#[serde(deserialize_with = "units::addresses")]`: a list of addresses of the web.
///
/// # Errors
/// When one of them is none.
pub fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Url>, D::Error> {
    let texts = <Vec<String> as serde::Deserialize>::deserialize(deserializer)?;
    texts.iter().map(|text| parse_address(text).map_err(D::Error::custom)).collect()
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// `#[serde(deserialize_with = "units::duration")]`: a duration with its unit.
///
/// # Errors
/// When the value is no text or no duration.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged, expecting = "a duration has a unit; write it in quotes, as \"250ms\", \"1.5s\", \"5m\" or \"30d\"")]
    enum Written {
        Text(String),
    }
    let Written::Text(text) = <Written as serde::Deserialize>::deserialize(deserializer)?;
    parse_duration(&text).map_err(D::Error::custom)
}

/// `#[serde(deserialize_with = "units::size")]`: bytes as a number or a text with a unit.
///
/// # Errors
/// When the value is neither.
pub fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged, expecting = "a number of bytes or a size as \"16MiB\"")]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match <Size as serde::Deserialize>::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(bytes),
        Size::Text(text) => parse_size(&text).map_err(D::Error::custom),
    }
}

/// `1 host`, `2 hosts`.
#[must_use]
pub fn counted(count: u64, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// A share of 0–1 for people: `91 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A count as a number to reckon with; exact below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts are smaller, and what is made of them is shown in few digits")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("30d"), Ok(Duration::from_hours(30 * 24)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        for bad in ["", "5", "s", "1 fortnight", "-1s", "1e3s", "NaNs"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_duration_flag("5"), Ok(Duration::from_secs(5)));
        assert_eq!(parse_duration_flag("5m"), Ok(Duration::from_mins(5)));
        assert!(parse_duration_flag("").is_err());
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("4096"), Ok(4096));
        assert_eq!(parse_size("16MiB"), Ok(16 << 20));
        assert_eq!(parse_size("1 kb"), Ok(1000));
        assert!(parse_size("16 apples").is_err());
        assert_eq!(show_size(16 << 20), "16.0 MiB");
    }

    #[test]
    fn addresses_without_a_scheme_say_what_to_write() {
        assert_eq!(parse_address(" https://news.example/a ").unwrap().as_str(), "https://news.example/a");
        for text in ["news.example", "www.news.example/a?b", "localhost:8080/x", "münchen.example", "192.0.2.1/x"] {
            let wrong = parse_address(text).unwrap_err();
            assert_eq!(wrong, format!("`{text}` has no http:// or https://; write https://{text}"));
        }
        for text in ["ftp://news.example/", "javascript:alert(1)", "http://", "news", "", "/a.b/c", "./a.b", "mailto:a@b.example"] {
            assert!(!lacks_scheme(text), "{text}");
            assert!(parse_address(text).unwrap_err().contains("; write "), "{text}");
        }
    }

    #[test]
    fn shown_durations_read_back() {
        for text in ["250ms", "1s", "5m", "6h", "30d", "0s", "90s"] {
            assert_eq!(show_duration(parse_duration(text).unwrap()), text);
        }
    }
}
