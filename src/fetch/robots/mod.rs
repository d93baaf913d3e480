//! May this agent fetch this URL? robots.txt as RFC 9309 has it.
//!
//! In: the text of a robots.txt, an agent's name, a URL. Out: allowed or disallowed with the rule
//! that decided, the crawl delay, the sitemaps, the content signals. Matching is linear in the
//! length of path and rule, however many `*` there are. Never: a request; who fetches is `polite`.

mod parse;
mod pattern;

use std::time::Duration;

use url::Url;

use parse::{Group, Line};
pub use pattern::Pattern;

/// Bytes of a robots.txt that are read; RFC 9309 asks for at least 500 KiB.
pub const MAX_ROBOTS_BYTES: usize = 500 * 1024;

/// What one robots.txt says to one agent.
#[derive(Debug, Clone, Default)]
pub struct Robots {
    rules: Vec<Rule>,
    /// `Crawl-delay` of the agent's group.
    pub crawl_delay: Option<Duration>,
    /// `Content-Signal` of the agent's group, raw.
    pub content_signal: Option<String>,
    /// `Sitemap` lines, whoever they stand below.
    pub sitemaps: Vec<String>,
}

/// A rule with the line that it was read from.
#[derive(Debug, Clone)]
struct Rule {
    allow: bool,
    pattern: Pattern,
    line: String,
}

impl Robots {
    /// Reads what a robots.txt says to an agent; `user_agent` may be the whole header.
    #[must_use]
    pub fn parse(text: &str, user_agent: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (groups, sitemaps) = parse::groups(truncate(text));
        let agent = agent_token(user_agent);
        let own: Vec<&Group> = groups.iter().filter(|g| !agent.is_empty() && g.agents.contains(&agent)).collect();
        let chosen = if own.is_empty() { groups.iter().filter(|g| g.agents.iter().any(|a| a == "*")).collect() } else { own };
        let mut robots = Self { sitemaps, ..Self::default() };
        for line in chosen.into_iter().flat_map(|g| &g.lines) {
            robots.add(line);
        }
        robots
    }

    fn add(&mut self, line: &Line) {
        match line {
            Line::Rule { allow, path } => {
                let line = format!("{}: {path}", if *allow { "Allow" } else { "Disallow" });
                // As Google has it: who allows a folder's index page allows the folder.
                if let Some(folder) = path.strip_suffix("index.html").or_else(|| path.strip_suffix("index.htm"))
                    && *allow
                    && folder.ends_with('/')
                {
                    self.rules.push(Rule { allow: true, pattern: Pattern::new(&format!("{folder}$")), line: line.clone() });
                }
                self.rules.push(Rule { allow: *allow, pattern: Pattern::new(path), line });
            }
            Line::CrawlDelay(delay) => self.crawl_delay = self.crawl_delay.or(Some(*delay)),
            Line::ContentSignal(signal) => {
                self.content_signal.get_or_insert_with(|| signal.clone());
            }
        }
    }

    /// The line that forbids a URL; `None` when it may be fetched. The longest matching rule decides,
    /// `Allow` where two are equally long. robots.txt itself is always allowed.
    #[must_use]
    pub fn forbids(&self, url: &Url) -> Option<&str> {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        self.forbids_path(&path)
    }

    /// As [`Robots::forbids`], for a path with its query.
    #[must_use]
    pub fn forbids_path(&self, path: &str) -> Option<&str> {
        if path == "/robots.txt" {
            return None;
        }
        let path = pattern::normal_path(path);
        let matching = self.rules.iter().filter(|rule| rule.pattern.matches(&path));
        let decisive = matching.max_by_key(|rule| (rule.pattern.length(), rule.allow))?;
        (!decisive.allow).then_some(decisive.line.as_str())
    }
}

/// The name that a robots.txt addresses an agent by: the leading product name, in lower case. Of two
/// bare words neither is a product name; a name that starts with a digit counts to its end.
#[must_use]
pub fn agent_token(user_agent: &str) -> String {
    let name = parse::leading_name(user_agent);
    let rest = &user_agent.trim_start()[name.len()..];
    let bare_words = rest.starts_with(char::is_whitespace) && rest.trim_start().starts_with(char::is_alphanumeric);
    if bare_words { String::new() } else { name.to_ascii_lowercase() }
}

/// What may stand in the place of a URL for the `robots` command: a URL, or a path alone.
#[must_use]
pub fn path_of(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if parsed.has_host() => match parsed.query() {
            Some(query) => format!("{}?{query}", parsed.path()),
            None => parsed.path().to_owned(),
        },
        _ if url.starts_with('/') => url.split('#').next().unwrap_or(url).to_owned(),
        _ => format!("/{}", url.split('#').next().unwrap_or(url)),
    }
}

fn truncate(text: &str) -> &str {
    if text.len() <= MAX_ROBOTS_BYTES {
        return text;
    }
    // A rule that was cut short would be another rule: leave out the unfinished line.
    let head = &text[..text.floor_char_boundary(MAX_ROBOTS_BYTES)];
    head.rfind(['\n', '\r']).map_or(head, |end| &head[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 1.5\nSitemap: https://news.example/s.xml\n\
        Content-Signal: ai-train=no\n\nUser-agent: CopyDesk/2 extra\nDisallow: /desk\n";

    fn forbids(agent: &str, path: &str) -> bool {
        Robots::parse(FILE, agent).forbids_path(path).is_some()
    }

    #[test]
    fn groups_and_longest_match() {
        assert!(forbids("other", "/private/x"));
        assert!(!forbids("other", "/private/open/x"));
        assert!(forbids("copydesk/0.1 (+https://desk.example)", "/desk"));
        assert!(!forbids("copydesk/0.1", "/private"));
    }

    #[test]
    fn everything_else_that_it_says() {
        let robots = Robots::parse(FILE, "other");
        assert_eq!(robots.crawl_delay, Some(Duration::from_millis(1500)));
        assert_eq!(robots.content_signal.as_deref(), Some("ai-train=no"));
        assert_eq!(robots.sitemaps, ["https://news.example/s.xml"]);
        assert_eq!(robots.forbids_path("/private/x"), Some("Disallow: /private"));
        assert_eq!(Robots::parse(FILE, "copydesk").crawl_delay, None);
    }

    #[test]
    fn many_stars_are_no_trap() {
        let rule = format!("User-agent: *\nDisallow: /{}b", "*a".repeat(50_000));
        assert!(Robots::parse(&rule, "x").forbids_path(&format!("/{}", "a".repeat(100_000))).is_none());
    }

    #[test]
    fn a_rule_cut_by_the_limit_is_left_out() {
        let text = format!("User-agent: *\n{}\nDisallow: /abc", "#".repeat(MAX_ROBOTS_BYTES - 14 - 13));
        assert!(Robots::parse(&text, "x").forbids_path("/a").is_none());
    }
}
