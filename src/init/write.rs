//! Writes what was found as a configuration, with what each line rests on in comments.

use super::{Site, Source, Unread, Wishes};
use crate::fetch::config::{DEFAULT_MAX_CRAWL_DELAY, DEFAULT_PER_HOST_DELAY};
use crate::text;
use crate::units::show_duration;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The configuration that crawls these sites.
#[must_use]
pub fn configuration(sites: &[Site], unread: &[Unread], wishes: &Wishes) -> String {
    let mut out = Toml(String::new());
    out.comment(concat!("Written by `copydesk init` (copydesk ", env!("CARGO_PKG_VERSION"), ") from what these sites say of themselves:"));
    for site in sites {
        out.site(site);
    }
    for (url, error) in unread {
        out.comment("");
        out.comment(&format!("left out, could not be read: {url}"));
        out.comment(&format!("  {error}"));
    }
    out.comment("");
    out.comment("Name a contact below, then see what it comes to with `copydesk check --config FILE`, which fetches nothing, and");
    out.comment("run `copydesk crawl --config FILE`. Every key with its default stands in the pipeline.toml that copydesk ships with.");
    out.crawl(sites);
    out.politeness(sites, wishes);
    out.http(wishes);
    out.line("");
    out.line("[state]");
    out.comment("What is known of every URL and article; only one run at a time holds it.");
    out.pair("path", "state.sqlite");
    out.line("");
    out.line("[output]");
    out.comment("The records, a line each; \"articles-{date}.jsonl\" makes one file a day.");
    out.pair("path", "articles.jsonl");
    out.comment("Pages that gave no record, with the reason.");
    out.pair("rejected", "rejected.jsonl");
    out.delays(sites);
    out.0
}

/// TOML in the making.
struct Toml(String);

impl Toml {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A comment; nothing that a site says can end its line.
    fn comment(&mut self, words: &str) {
        let indent = words.len() - words.trim_start().len();
        let line = format!("# {}{}", &words[..indent], text::clean(words));
        self.line(line.trim_end());
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {}", quoted(value)));
    }

    fn site(&mut self, site: &Site) {
        self.comment("");
        let name = site.name.as_deref().map_or_else(String::new, |name| format!("{name}, "));
        self.comment(&format!("{name}{}", site.front));
        if site.asked != site.front {
            self.comment(&format!("  {} leads there", site.asked));
        }
        if let Some(delay) = site.crawl_delay {
            self.comment(&format!("  robots.txt asks for {} between two requests", show_duration(delay)));
        }
        if let Some(signal) = &site.content_signal {
            self.comment(&format!("  robots.txt: Content-Signal: {signal}"));
        }
        self.sources("sitemap", &site.sitemaps);
        self.sources("feed", &site.feeds);
        for sample in &site.samples {
            self.comment(&format!("  page {}", sample.url));
            self.comment(&format!("    {}", sample.gives));
        }
        if let Some(doubtful) = site.samples.iter().find(|sample| sample.is_doubtful) {
            self.comment(&format!("  to see why: copydesk inspect '{}' -o page.html", doubtful.url.as_str().replace('\'', "%27")));
        }
    }

    fn sources(&mut self, what: &str, sources: &[Source]) {
        if sources.is_empty() {
            self.comment(&format!("  no {what} is declared"));
        }
        for source in sources {
            let found = source.found.as_ref().unwrap_or_else(|why| why);
            let of_no_use = if source.found.is_err() { "not used: " } else { "" };
            self.comment(&format!("  {what} {}: {of_no_use}{found}", source.url));
        }
    }

    fn crawl(&mut self, sites: &[Site]) {
        self.line("");
        self.line("[crawl]");
        self.comment(
            "Where a run begins: front pages, looked at in every run. Links, and what robots.txt and pages declare, are followed.",
        );
        self.list("seeds", sites.iter().map(|site| site.front.as_str()));
        let useful = |sources: &'static str, list: fn(&Site) -> &[Source]| {
            let urls = sites.iter().flat_map(list).filter(|s| s.found.is_ok()).map(|s| s.url.as_str());
            (sources, urls.collect::<BTreeSet<&str>>())
        };
        for (key, urls) in [useful("sitemaps", |site| &site.sitemaps), useful("feeds", |site| &site.feeds)] {
            self.list(key, urls.into_iter());
        }
        self.comment("Nothing outside of these hosts is fetched, by redirect neither.");
        let hosts: BTreeSet<&str> = sites.iter().flat_map(|site| &site.hosts).map(String::as_str).collect();
        self.list("allow_hosts", hosts.into_iter());
        self.comment("Articles older than this are left out; sitemaps often go back for years.");
        self.line("#max_age = \"30d\"");
        self.comment("Pages of one run; 0: no limit.");
        self.line("#max_pages = 1000");
    }

    fn politeness(&mut self, sites: &[Site], wishes: &Wishes) {
        self.line("");
        self.line("[politeness]");
        self.comment("A URL or e-mail address where the sites reach you; it stands in every request. Please name one.");
        self.line("#contact = \"crawler@your.example\"");
        if let Some(user_agent) = &wishes.user_agent {
            self.pair("user_agent", user_agent);
        }
        self.comment("From the start of one request to the start of the next to a host.");
        self.pair("per_host_delay", &show_duration(DEFAULT_PER_HOST_DELAY));
        let longest = sites.iter().filter_map(|site| site.crawl_delay).max().unwrap_or_default();
        if longest > DEFAULT_MAX_CRAWL_DELAY {
            self.comment("Longest Crawl-delay of robots.txt that is kept; one site asks for this.");
            self.pair("max_crawl_delay", &show_duration(longest));
        }
    }

    fn http(&mut self, wishes: &Wishes) {
        if !wishes.allow_private_addresses && wishes.resolve.is_empty() {
            return;
        }
        self.line("");
        self.line("[http]");
        if wishes.allow_private_addresses {
            self.comment("As asked for with --allow-private-addresses. Leave it out for sites on the internet.");
            self.line("allow_private_addresses = true");
        }
        if !wishes.resolve.is_empty() {
            self.line("");
            self.comment("Addresses of hosts that DNS is not asked for, as given with --resolve.");
            self.line("[http.resolve]");
            for (host, address) in &wishes.resolve {
                self.line(&format!("{} = {}", quoted(host), quoted(&address.to_string())));
            }
        }
    }

    /// Delays that robots.txt asks for, stated for who reads the file: a crawl keeps them anyhow.
    fn delays(&mut self, sites: &[Site]) {
        let mut hosts: BTreeSet<&str> = BTreeSet::new();
        for site in sites {
            let Some(delay) = site.crawl_delay.filter(|delay| *delay > DEFAULT_PER_HOST_DELAY) else { continue };
            if let Some(host) = site.front.host_str().filter(|host| hosts.insert(host)) {
                self.line("");
                self.comment("As its robots.txt asks.");
                self.line("[[site]]");
                self.pair("host", host);
                self.pair("per_host_delay", &show_duration(delay));
            }
        }
    }

    fn list<'a>(&mut self, key: &str, values: impl Iterator<Item = &'a str>) {
        let mut list = String::new();
        for value in values {
            let _ = writeln!(list, "  {},", quoted(value));
        }
        self.line(&if list.is_empty() { format!("{key} = []") } else { format!("{key} = [\n{list}]") });
    }
}

fn quoted(value: &str) -> String {
    toml::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::config::Config;
    use crate::init::Sample;

    fn url(raw: &str) -> Url {
        Url::parse(raw).unwrap()
    }

    #[test]
    fn what_sites_say_stays_in_its_line() {
        let site = Site {
            asked: url("http://news.example/"),
            front: url("https://www.news.example/?a='\\b\"c"),
            name: Some("Evil\n[http]\nallow_private_addresses = true #\u{1b}[31m".to_owned()),
            crawl_delay: Some(Duration::from_millis(45_500)),
            content_signal: Some("ai-train=no\u{2028}x = 1".to_owned()),
            sitemaps: vec![Source { url: url("https://www.news.example/s.xml"), found: Ok("3 pages".to_owned()) }],
            feeds: vec![Source { url: url("https://www.news.example/f"), found: Err("is no feed".to_owned()) }],
            samples: vec![Sample { url: url("https://www.news.example/a';x"), gives: "no article".to_owned(), is_doubtful: true }],
            hosts: ["news.example", "www.news.example"].map(str::to_owned).into(),
        };
        let wishes = Wishes { resolve: [("news.example".to_owned(), "127.0.0.1".parse().unwrap())].into(), ..Wishes::default() };
        let front = site.front.clone();
        let text = configuration(&[site], &[], &wishes);
        let path = std::path::Path::new("pipeline.toml");
        let config = Config::parse(&text, path).unwrap();
        config.check(path).unwrap();
        assert_eq!(config.crawl.seeds, [front]);
        assert_eq!((config.crawl.sitemaps.len(), config.crawl.feeds.len()), (1, 0));
        assert!(!config.http.allow_private_addresses);
        assert_eq!(config.http.resolve.len(), 1);
        assert_eq!(config.site[0].per_host_delay, Some(Duration::from_millis(45_500)));
        assert!(config.politeness.max_crawl_delay >= Duration::from_millis(45_500), "{text}");
        assert!(text.contains("copydesk inspect 'https://www.news.example/a%27;x' -o page.html"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
