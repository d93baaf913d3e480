//! `--where`: which records are wanted, in a small language: `language = en and words >= 200 and not kind in (live, gallery)`.

use std::cmp::Ordering;

use crate::article::Article;
use crate::text;

/// Brackets and `not` may be nested this deep.
const MAX_DEPTH: usize = 64;

/// A condition that a record meets or not. A field that the record does not have meets no comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Field, Operator, Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A field that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Language,
    Confidence,
    Date,
    Words,
    Kind,
    Access,
    Host,
    Site,
}

/// The fields by name, with what may be said of them.
const FIELDS: [(&str, Field, &str); 8] = [
    ("language", Field::Language, "en meets en-GB too"),
    ("confidence", Field::Confidence, "0 to 1"),
    ("date", Field::Date, "the day of `published`, as 2026-05-01, 2026-05 or 2026"),
    ("words", Field::Words, "words of the body"),
    ("kind", Field::Kind, "article, live, gallery, video, index, other"),
    ("access", Field::Access, "open, paywalled, truncated; unknown where the page says nothing"),
    ("host", Field::Host, "of the url"),
    ("site", Field::Site, "the publication"),
];

const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::Unequal),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
];

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// A sentence that says what is wrong, where, and what is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Parser { text, at: 0 };
        let node = reader.any(0)?;
        if reader.rest().is_empty() { Ok(Self(node)) } else { Err(reader.error("`and`, `or` or the end was expected")) }
    }

    /// Whether a record is wanted.
    #[must_use]
    pub fn holds(&self, article: &Article) -> bool {
        holds(&self.0, article)
    }
}

fn holds(node: &Node, article: &Article) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, article)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, article)),
        Node::Not(node) => !holds(node, article),
        Node::Test(field, operator, values) => values.iter().any(|value| test(*field, *operator, value, article)),
    }
}

fn test(field: Field, operator: Operator, value: &str, article: &Article) -> bool {
    let number = |own: f64| value.parse().ok().and_then(|value: f64| own.partial_cmp(&value));
    let order = match field {
        Field::Confidence => number(article.extraction.confidence),
        #[expect(clippy::cast_precision_loss, reason = "no body has 2^52 words")]
        Field::Words => number(text::word_count(&article.body) as f64),
        // A date is compared as far as it is said: 2026 holds for all of the year.
        Field::Date => article.published.as_deref().and_then(|date| date.get(..value.len().min(10)).map(|own| own.cmp(value))),
        Field::Language => article.language.as_deref().map(|own| {
            let own = if value.contains('-') { own } else { own.split('-').next().unwrap_or_default() };
            equal(own, value)
        }),
        Field::Kind => Some(equal(&format!("{:?}", article.extraction.page_kind), value)),
        Field::Access => Some(equal(access(article), value)),
        Field::Host => article.url.as_deref().and_then(|url| url::Url::parse(url).ok()).and_then(|url| Some(equal(url.host_str()?, value))),
        Field::Site => article.site.as_deref().map(|own| equal(own, value)),
    };
    order.is_some_and(|order| match operator {
        Operator::Equal => order.is_eq(),
        Operator::Unequal => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::AtMost => order.is_le(),
        Operator::More => order.is_gt(),
        Operator::AtLeast => order.is_ge(),
    })
}

fn access(article: &Article) -> &'static str {
    match (article.access.truncated, article.access.paywalled) {
        (true, _) => "truncated",
        (false, Some(true)) => "paywalled",
        (false, Some(false)) => "open",
        (false, None) => "unknown",
    }
}

/// Equal, or some order that is not: names have none.
fn equal(own: &str, value: &str) -> Ordering {
    if own.to_lowercase() == value.to_lowercase() { Ordering::Equal } else { Ordering::Less }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<Node, String> {
        let mut nodes = vec![self.all(depth)?];
        while self.keyword("or") {
            nodes.push(self.all(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self, depth: usize) -> Result<Node, String> {
        let mut nodes = vec![self.one(depth)?];
        while self.keyword("and") {
            nodes.push(self.one(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn one(&mut self, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(self.error("this is nested too deep"));
        }
        if self.keyword("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.symbol("(") {
            let node = self.any(depth + 1)?;
            return if self.symbol(")") { Ok(node) } else { Err(self.error("`)` is missing")) };
        }
        let field = self.field()?;
        if self.keyword("in") {
            return Ok(Node::Test(field, Operator::Equal, self.list(field)?));
        }
        let operator = OPERATORS.iter().find(|(symbol, _)| self.symbol(symbol)).map(|(_, operator)| *operator);
        let operator = operator.ok_or_else(|| self.error("one of =, !=, <, <=, >, >= and `in` was expected"))?;
        let ordered = matches!(field, Field::Confidence | Field::Words | Field::Date);
        if !ordered && !matches!(operator, Operator::Equal | Operator::Unequal) {
            return Err(self.error("names are compared with =, != and `in` only"));
        }
        Ok(Node::Test(field, operator, vec![self.value(field)?]))
    }

    fn field(&mut self) -> Result<Field, String> {
        let before = self.at;
        let name = self.word();
        let known = FIELDS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
        known.map(|(_, field, _)| *field).ok_or_else(|| {
            self.at = before;
            let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
            self.error(&format!("a field was expected, one of {}", names.join(", ")))
        })
    }

    fn list(&mut self, field: Field) -> Result<Vec<String>, String> {
        if !self.symbol("(") {
            return Err(self.error("`in` needs a list, as in `language in (en, de)`"));
        }
        let mut values = vec![self.value(field)?];
        while self.symbol(",") {
            values.push(self.value(field)?);
        }
        if self.symbol(")") { Ok(values) } else { Err(self.error("`)` is missing")) }
    }

    fn value(&mut self, field: Field) -> Result<String, String> {
        let before = self.at;
        let value = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let rest = &self.rest()[1..];
                let end = rest.find(quote).ok_or_else(|| self.error("the quote is not closed"))?;
                self.at += end + 2;
                rest[..end].to_owned()
            }
            _ => self.word().to_owned(),
        };
        let fits = match field {
            Field::Confidence | Field::Words => value.parse::<f64>().is_ok_and(f64::is_finite),
            Field::Date => is_date(&value),
            Field::Kind => ["article", "live", "gallery", "video", "index", "other"].contains(&value.to_lowercase().as_str()),
            Field::Access => ["open", "paywalled", "truncated", "unknown"].contains(&value.to_lowercase().as_str()),
            Field::Language | Field::Host | Field::Site => !value.is_empty(),
        };
        if fits {
            return Ok(value);
        }
        self.at = before;
        let (name, _, what) = FIELDS.iter().find(|(_, known, _)| *known == field).unwrap_or(&FIELDS[0]);
        Err(self.error(&format!("this is no value for {name} ({what})")))
    }

    /// What is left, from its first character on.
    fn rest(&mut self) -> &'a str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "()=!<>,\"'".contains(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.rest();
        let before = self.at;
        let found = self.word().eq_ignore_ascii_case(keyword);
        if !found {
            self.at = before;
        }
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
        }
        found
    }

    fn error(&mut self, what: &str) -> String {
        let rest: String = self.rest().chars().take(30).collect();
        let place = if rest.is_empty() { "at the end".to_owned() } else { format!("at `{}`", rest.escape_debug()) };
        format!("{place}: {what}")
    }
}

/// A year, a month or a day.
fn is_date(text: &str) -> bool {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() <= 3 && digits(parts[0], 4) && parts[1..].iter().all(|part| digits(part, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article() -> Article {
        let html = "<h1>Lamps</h1><p>The council counted its lamps once more on Monday and found one missing.";
        let mut article = crate::extract(html, Some("https://news.example/lamps")).unwrap();
        (article.language, article.published) = (Some("en-GB".to_owned()), Some("2026-05-12T18:44".to_owned()));
        article.extraction.confidence = 0.8;
        article
    }

    #[test]
    fn what_holds() {
        let mut article = article();
        let holds = |article: &Article, text: &str| Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(article);
        for text in [
            "language=en",
            "language = EN-gb",
            "language in (de, \"en\")",
            "not language = de",
            "confidence >= 0.8",
            "date = 2026-05",
            "date>2025",
            "date >= 2026-05-12 and date < 2026-06-01",
            "words > 10 and words<100",
            "kind != live",
            "host = news.example",
            "access = unknown",
            "(language = de or words >= 5) and not (kind = live)",
            "NOT not language in ('en')",
            "site != x or words > 1",
        ] {
            assert!(holds(&article, text), "{text}");
        }
        for text in ["language = en-US", "date > 2026", "date = 2026-05-13", "site = x", "site != x", "access = open and words > 1"] {
            assert!(!holds(&article, text), "{text}");
        }
        (article.language, article.published) = (None, None);
        assert!(!holds(&article, "language != de") && !holds(&article, "date < 2030") && holds(&article, "not language = de"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, said) in [
            ("", "at the end: a field was expected, one of language"),
            ("colour = red", "at `colour = red`: a field"),
            ("language", "at the end: one of ="),
            ("language > en", "names are compared"),
            ("words > many", "at `many`: this is no value for words"),
            ("date = yesterday", "2026-05-01"),
            ("kind = paper", "article, live"),
            ("language = en words > 1", "at `words > 1`: `and`"),
            ("(language = en", "`)` is missing"),
            ("language in en", "needs a list"),
            ("site = \"x", "not closed"),
        ] {
            let error = Filter::parse(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(Filter::parse(&"(".repeat(100_000)).unwrap_err().contains("too deep"));
    }
}
