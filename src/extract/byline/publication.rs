//! Is a name the publication's own? It signs where nobody does.
//!
//! In: the site's name, what the page declares of its publisher, and the page's address. Out: yes or no for a name.

use url::Url;

use super::super::metadata::Metadata;
use crate::text;

/// Names for everybody, which say nothing beside a person or an organisation.
const EVERYBODY: [&str; 12] = [
    "agencies",
    "newsagencies",
    "agenturen",
    "agences",
    "agencias",
    "agenzie",
    "agências",
    "ajanslar",
    "agentschappen",
    "wireservices",
    "wirereports",
    "staffandagencies",
];

/// The names by which a publication goes.
#[derive(Debug, Default)]
pub(super) struct Publication {
    /// Comparison keys of its names.
    names: Vec<String>,
    /// The parts between hyphens of the host's own label, and all of it.
    labels: Vec<String>,
}

impl Publication {
    pub(super) fn new(metadata: &Metadata, site: Option<&str>, url: Option<&Url>) -> Self {
        let declared = metadata.first(&["publisher", "dc.publisher"]);
        let names = site.into_iter().chain(declared).map(text::comparison_key).filter(|key| !key.is_empty()).collect();
        let host = url.and_then(Url::host_str).unwrap_or_default().to_ascii_lowercase();
        let label = psl::domain_str(&host).unwrap_or(&host).split('.').next().unwrap_or_default();
        let mut labels = vec![text::comparison_key(label)];
        labels.extend(label.split('-').map(str::to_owned));
        labels.retain(|part| part.len() >= 2);
        Self { names, labels }
    }

    /// Whether a name is the publication's own: as it calls itself, as its host is called, or by its initials.
    pub(super) fn is(&self, name: &str) -> bool {
        if is_domain(name) {
            return true;
        }
        let key = text::comparison_key(name);
        if key.is_empty() || self.names.contains(&key) || self.labels.contains(&key) {
            return true;
        }
        let Some(host) = self.labels.first().filter(|label| label.len() >= 4) else { return self.is_by_initials(name) };
        let within = key.contains(host.as_str()) || key.len() >= 4 && host.contains(key.as_str());
        // "Harbour D" signs for harbournews.example.
        let begins = || {
            let mut words = name.split_whitespace().map(text::comparison_key);
            let first = words.next().unwrap_or_default();
            first.len() >= 5 && host.starts_with(first.as_str()) && words.all(|word| word.chars().count() == 1)
        };
        within || begins() || self.is_by_initials(name)
    }

    fn is_by_initials(&self, name: &str) -> bool {
        let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).flat_map(char::to_lowercase).collect();
        initials.len() >= 2 && self.labels.contains(&initials)
    }

    /// Takes the publication's own names and those for everybody out of a list that names others.
    pub(super) fn leave_out(&self, names: &mut Vec<String>) {
        let everybody = |name: &String| EVERYBODY.contains(&text::comparison_key(name).as_str());
        if names.iter().any(|name| !everybody(name)) {
            names.retain(|name| !everybody(name));
        }
        if names.iter().any(|name| !self.is(name)) {
            names.retain(|name| !self.is(name));
        }
    }
}

/// "news.example": no person.
fn is_domain(name: &str) -> bool {
    !name.contains(char::is_whitespace)
        && name.rsplit_once('.').is_some_and(|(_, end)| (2..=4).contains(&end.len()) && end.chars().all(|c| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> Publication {
        let url = Url::parse(&format!("https://www.{host}/a/story")).ok();
        Publication::new(&Metadata::default(), Some("The Post"), url.as_ref())
    }

    #[test]
    fn its_own_names() {
        for (host, name) in [
            ("news.example", "the post"),
            ("harbourpost.example", "Harbour Post"),
            ("harbour-post.example", "Verein Harbour Post e.V."),
            ("hp.example", "Harbour Post"),
            ("hp-online.example", "HP"),
            ("harbournews.example", "Harbour D"),
            ("news.example", "Elsewhere.net"),
        ] {
            assert!(at(host).is(name), "{host}: {name}");
        }
        for (host, name) in [("harbourpost.example", "Ana Ruiz"), ("hp.example", "Ana Ruiz"), ("news.example", "Harbour D")] {
            assert!(!at(host).is(name), "{host}: {name}");
        }
    }

    #[test]
    fn it_is_left_out_beside_others() {
        let left = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            at("harbour.example").leave_out(&mut names);
            names
        };
        assert_eq!(left(&["Ana Ruiz", "The Post"]), ["Ana Ruiz"]);
        assert_eq!(left(&["The Post", "Agencies"]), ["The Post"]);
        assert_eq!(left(&["Agencies"]), ["Agencies"]);
    }
}
