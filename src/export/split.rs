//! On which side of a split is a record?
//!
//! In: shares, as `train=0.8,test=0.2`, and records. Out: the side of each, by a hash of its site's registrable domain: no
//! site is on two sides, and the same sites are on the same side in every run. Never: a look at other records.

use serde::Serialize;
use url::{Host, Url};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::article::Article;

/// How far shares may be from 1 together.
const ROUNDING: f64 = 1e-6;

/// The sides of a split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Split {
    /// Another number gives another split.
    pub(super) seed: u64,
    /// Name and share of each side.
    pub(super) sides: Vec<Side>,
}

/// A side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Side {
    pub(super) name: String,
    pub(super) share: f64,
}

impl Split {
    /// Reads `train=0.8,validation=0.1,test=0.1`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut sides: Vec<Side> = Vec::new();
        for part in text.split(',') {
            let (name, share) = part.split_once('=').ok_or("write it as train=0.8,validation=0.1,test=0.1")?;
            let name = name.trim();
            // It becomes part of a file's name.
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
                return Err(format!("{name:?} is no name of a side; use letters, digits, _ and -"));
            }
            if sides.iter().any(|side| side.name == name) {
                return Err(format!("{name} is there twice"));
            }
            let share: Option<f64> = share.trim().parse().ok();
            let share = share.filter(|share| *share > 0.0 && *share <= 1.0).ok_or_else(|| format!("{name} needs a share over 0, to 1"))?;
            sides.push(Side { name: name.to_owned(), share });
        }
        let sum: f64 = sides.iter().map(|side| side.share).sum();
        if (sum - 1.0).abs() > ROUNDING {
            return Err(format!("the shares come to {sum}, not to 1"));
        }
        Ok(Self { seed: 0, sides })
    }

    /// The same sides, with the sites dealt out anew.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The side of a record and a hash of its site; `None` when nobody says where it is from.
    pub(super) fn side(&self, article: &Article) -> Option<(usize, u64)> {
        let site = site(article)?;
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let place = xxh3_64_with_seed(site.as_bytes(), self.seed) as f64 / u64::MAX as f64;
        let mut end = 0.0;
        let side = self.sides.iter().position(|side| {
            end += side.share;
            place < end
        });
        Some((side.unwrap_or(self.sides.len() - 1), xxh3_64(site.as_bytes())))
    }
}

/// The registrable domain that a record is from; a host that is an address is a site of its own.
fn site(article: &Article) -> Option<String> {
    let url = Url::parse(article.url.as_deref().or(article.canonical_url.as_deref())?).ok()?;
    match url.host()? {
        Host::Domain(host) => {
            let host = host.trim_end_matches('.');
            Some(psl::domain_str(host).unwrap_or(host).to_owned())
        }
        address => Some(address.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_mistakes_named() {
        let split = Split::parse("train=0.8, validation=0.1,test=0.1").unwrap();
        assert_eq!(split.sides.iter().map(|side| side.name.as_str()).collect::<Vec<_>>(), ["train", "validation", "test"]);
        for (text, wrong) in [
            ("train", "write it as"),
            ("train=0.8,test=0.1", "come to 0.9"),
            ("train=0.5,train=0.5", "twice"),
            ("a/b=1", "no name of a side"),
            ("train=1,test=0", "test needs a share"),
            ("train=x", "train needs a share"),
        ] {
            assert!(Split::parse(text).unwrap_err().contains(wrong), "{text}");
        }
    }

    #[test]
    fn a_site_is_its_registrable_domain() {
        let mut article = crate::extract("<h1>Lamps</h1><p>The council counted its lamps.", None).unwrap();
        assert_eq!(site(&article), None);
        for (url, expected) in [
            ("https://sport.news.co.uk/a", "news.co.uk"),
            ("https://www.news.example./a", "news.example"),
            ("http://127.0.0.1:8080/a", "127.0.0.1"),
            ("http://localhost/a", "localhost"),
        ] {
            article.url = Some(url.to_owned());
            assert_eq!(site(&article).as_deref(), Some(expected), "{url}");
        }
    }
}
