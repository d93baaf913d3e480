//! robots.txt → groups of lines, as forgiving as Google's parser: any line end, any case, a missing
//! colon, common misspellings of `Disallow`.

use std::time::Duration;

/// Consecutive `User-agent` lines and what stands below them.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Names in lower case, cut at the first character that no name has; `*` for all.
    pub agents: Vec<String>,
    pub lines: Vec<Line>,
}

/// A line of a group.
#[derive(Debug)]
pub(super) enum Line {
    Rule { allow: bool, path: String },
    CrawlDelay(Duration),
    ContentSignal(String),
}

/// Spellings of `Disallow` that Google's parser accepts.
const DISALLOW: [&str; 7] = ["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "dis-allow"];

/// The groups and the sitemaps of a file.
pub(super) fn groups(text: &str) -> (Vec<Group>, Vec<String>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut sitemaps = Vec::new();
    let mut naming = false;
    for (key, value) in text.split(['\n', '\r']).filter_map(key_value) {
        if matches!(key.as_str(), "user-agent" | "useragent" | "user agent") {
            if !naming {
                groups.push(Group::default());
            }
            naming = true;
            if let Some(group) = groups.last_mut() {
                group.agents.push(agent_name(value));
            }
            continue;
        }
        if matches!(key.as_str(), "sitemap" | "site-map") {
            sitemaps.push(value.to_owned());
            continue;
        }
        // A rule above every User-agent line belongs to nobody.
        let Some(line) = line(&key, value) else { continue };
        naming = naming && !matches!(line, Line::Rule { .. });
        if let Some(group) = groups.last_mut() {
            group.lines.push(line);
        }
    }
    for group in &mut groups {
        group.lines.retain(|line| !matches!(line, Line::Rule { path, .. } if path.is_empty()));
    }
    (groups, sitemaps)
}

fn line(key: &str, value: &str) -> Option<Line> {
    match key {
        "allow" => Some(Line::Rule { allow: true, path: value.to_owned() }),
        _ if DISALLOW.contains(&key) => Some(Line::Rule { allow: false, path: value.to_owned() }),
        "crawl-delay" => value.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).map(Line::CrawlDelay),
        "content-signal" if !value.is_empty() => Some(Line::ContentSignal(value.to_owned())),
        _ => None,
    }
}

/// A line's key in lower case and its value; a line without a colon is split at its white space when
/// that leaves exactly two words.
fn key_value(line: &str) -> Option<(String, &str)> {
    let line = line.split('#').next().unwrap_or(line).trim();
    let two_words = || line.split_once(char::is_whitespace).filter(|(_, value)| !value.trim().contains(char::is_whitespace));
    let (key, value) = line.split_once(':').or_else(two_words)?;
    let key = key.trim();
    (!key.is_empty()).then(|| (key.to_ascii_lowercase(), value.trim()))
}

fn agent_name(value: &str) -> String {
    match value.strip_prefix('*') {
        Some(rest) if rest.is_empty() || rest.starts_with(char::is_whitespace) => "*".to_owned(),
        _ => leading_name(value).to_ascii_lowercase(),
    }
}

/// The leading characters that a product name may have; where there are none, all up to a space or slash.
pub(super) fn leading_name(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-')).unwrap_or(text.len());
    match end {
        0 => text.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or(text),
        _ => &text[..end],
    }
}
