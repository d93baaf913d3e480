//! Chose not to: reasons why a page gives no record though nothing failed.

use std::fmt;

/// Why a page was left out on purpose. Each has a stable name, counted in summaries and written to
/// the `rejected` file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// robots.txt disallows the URL; holds the rule.
    Robots(String),
    /// robots.txt could not be read, so nothing of the host is fetched in this run; holds why.
    RobotsUnreachable(String),
    /// The page asks not to be indexed (`meta robots` or `X-Robots-Tag`).
    NoIndex,
    /// The page is a front page, section or another list of links.
    IndexPage,
    /// The page is no article; holds its kind.
    NotArticle(String),
    /// A copy of an article (AMP, print, tracking parameters); holds the canonical URL.
    CanonicalElsewhere(String),
    /// Outside `allow_hosts`, `include`/`exclude` or a budget; holds the rule.
    OutOfScope(String),
    /// The answer is 200, but the page says that there is none; holds how it says so.
    SoftNotFound(String),
    /// A sign-in page in place of the one that was asked for; holds what shows it.
    LoginWall(String),
    /// A page that asks for consent in place of the one that was asked for; holds what shows it.
    ConsentWall(String),
    /// One of endless pages of one shape that give nothing (calendars, filters); holds the shape.
    Trap(String),
    /// A near copy, left out under `near_duplicates = "drop"`; holds the earlier id.
    Duplicate(String),
}

impl Skip {
    /// The stable name of the reason, as in `rejected`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Robots(_) => "robots",
            Self::RobotsUnreachable(_) => "robots_unreachable",
            Self::NoIndex => "noindex",
            Self::IndexPage => "index_page",
            Self::NotArticle(_) => "not_article",
            Self::CanonicalElsewhere(_) => "canonical_elsewhere",
            Self::OutOfScope(_) => "out_of_scope",
            Self::SoftNotFound(_) => "soft_404",
            Self::LoginWall(_) => "login_wall",
            Self::ConsentWall(_) => "consent_wall",
            Self::Trap(_) => "trap",
            Self::Duplicate(_) => "duplicate",
        }
    }

    /// What the reason holds, or an empty string.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::NoIndex | Self::IndexPage => "",
            Self::Robots(s)
            | Self::RobotsUnreachable(s)
            | Self::NotArticle(s)
            | Self::CanonicalElsewhere(s)
            | Self::OutOfScope(s)
            | Self::SoftNotFound(s)
            | Self::LoginWall(s)
            | Self::ConsentWall(s)
            | Self::Trap(s)
            | Self::Duplicate(s) => s,
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail() {
            "" => f.write_str(self.reason()),
            detail => write!(f, "{}: {detail}", self.reason()),
        }
    }
}
