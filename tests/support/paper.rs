//! A generated newspaper: a front page, sections with pages, articles, copies, faults.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::{Hit, Reply, Server};

/// What it is like.
#[derive(Debug, Clone)]
pub struct Paper {
    pub articles: usize,
    /// Whether some answers fail at first.
    pub faults: bool,
    pub robots: String,
    /// Revision of articles, by number: another text.
    pub edits: Arc<Mutex<HashMap<usize, u32>>>,
    /// Articles that are gone.
    pub gone: Arc<Mutex<Vec<usize>>>,
}

impl Paper {
    pub fn new(articles: usize) -> Self {
        let robots = "User-agent: *\nDisallow: /private/\nSitemap: /sitemap.xml\n".to_owned();
        Self { articles, faults: false, robots, edits: Arc::default(), gone: Arc::default() }
    }

    pub fn with_faults(mut self) -> Self {
        self.faults = true;
        self
    }

    pub fn serve(self) -> Server {
        let seen: Mutex<HashMap<(String, String), u32>> = Mutex::default();
        Server::start(move |hit| {
            let times = {
                let mut seen = seen.lock().unwrap();
                let times = seen.entry((hit.host.clone(), hit.path.clone())).or_default();
                *times += 1;
                *times
            };
            self.reply(hit, times)
        })
    }

    /// Number of the article behind a URL, if it is an article's own.
    pub fn number(url: &str) -> Option<usize> {
        url.split('?').next()?.rsplit_once("/story-")?.1.trim_end_matches(".html").parse().ok()
    }

    pub fn reply(&self, hit: &Hit, times: u32) -> Reply {
        let path = hit.path.split('?').next().unwrap();
        if path == "/robots.txt" {
            let robots = self.robots.replace("Sitemap: /", &format!("Sitemap: http://{}/", hit.host));
            return Reply::text(robots);
        }
        if let Some(fault) = self.fault(path, times) {
            return fault;
        }
        let reply = self.page(path, &hit.host);
        if reply.status != 200 {
            return reply;
        }
        let etag = format!("\"{:x}\"", reply.body.iter().fold(7_u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(*b))));
        if hit.etag.as_ref() == Some(&etag) {
            return Reply { body: vec![], status: 304, ..reply }.header("ETag", &etag);
        }
        reply.header("ETag", &etag)
    }

    fn fault(&self, path: &str, times: u32) -> Option<Reply> {
        let number = Self::number(path).filter(|_| self.faults && times == 1)?;
        let mut reply = Reply::html("<html><title>Half a page</title><p>This is");
        match number % 12 {
            2 if number < 30 => Some(Reply::status(503)),
            4 => {
                reply.short = true;
                Some(reply)
            }
            6 => {
                reply.reset = true;
                Some(reply)
            }
            _ => None,
        }
    }

    fn page(&self, path: &str, host: &str) -> Reply {
        if path == "/" {
            return Reply::html(self.front());
        }
        if path == "/sitemap.xml" {
            return Reply::new(200, "application/xml", self.sitemap(host));
        }
        if let Some(section) = path.strip_prefix("/section-").and_then(|s| s.parse::<usize>().ok()) {
            return if section * 10 < self.articles { Reply::html(self.section(section)) } else { Reply::not_found() };
        }
        if let Some(number) = path.strip_prefix("/old/").and_then(|n| n.parse::<usize>().ok()) {
            return Reply::redirect(&format!("/2024/story-{number}.html"));
        }
        match Self::number(path).filter(|n| *n < self.articles) {
            Some(number) if self.gone.lock().unwrap().contains(&number) => Reply::not_found(),
            Some(number) if number % 10 == 9 => Reply::html(self.article(number, host)).header("X-Robots-Tag", "noindex"),
            Some(number) => Reply::html(self.article(number, host)),
            None => Reply::not_found(),
        }
    }

    fn front(&self) -> String {
        let sections: String =
            (0..self.articles.div_ceil(10)).step_by(4).map(|n| teaser(&format!("/section-{n}"), &format!("Section {n}"))).collect();
        let latest: String =
            (0..self.articles.min(8)).map(|n| teaser(&format!("/2024/story-{n}.html?utm_source=front"), &headline(n))).collect();
        page("The Loopback Courier", &format!("<h1>The Loopback Courier</h1><ul>{sections}{latest}</ul><a href=/private/desk>Desk</a>"))
    }

    fn section(&self, section: usize) -> String {
        let numbers = (section * 10)..(section * 10 + 10).min(self.articles);
        let list: String = numbers
            .map(|n| match n % 5 {
                0 => teaser(&format!("/old/{n}"), &headline(n)),
                1 => teaser(&format!("/amp/2024/story-{n}.html"), &headline(n)),
                _ => teaser(&format!("/2024/story-{n}.html"), &headline(n)),
            })
            .collect();
        let next = format!("<a href=/section-{}>Older stories</a>", section + 1);
        page(&format!("Section {section}"), &format!("<h1>Section {section}</h1><ul>{list}</ul>{next}<a href=/missing-{section}>x</a>"))
    }

    fn sitemap(&self, host: &str) -> String {
        let last = (0..self.articles).filter(|n| n % 4 == 3);
        let urls: String = last.map(|n| format!("<url><loc>http://{host}/2024/story-{n}.html</loc></url>")).collect();
        format!("<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>")
    }

    fn article(&self, number: usize, host: &str) -> String {
        let edit = self.edits.lock().unwrap().get(&number).copied().unwrap_or(0);
        let title = headline(number);
        let own = format!("http://{host}/2024/story-{number}.html");
        let topics =
            ["the harbour bridge", "the night market", "the village school", "the river ferry", "the old observatory", "the tram depot"];
        let topic = topics[number % topics.len()];
        let text: String = (0..5)
            .map(|n| {
                format!(
                    "<p>In paragraph {n} of report {number}, the council explained how {topic} will be run over the next {} months, \
                     and residents of quarter {} asked what edition {edit} of the plan would cost them in taxes and patience.</p>",
                    number * 3 + n + 2,
                    number * 7 + n
                )
            })
            .collect();
        let data = format!(
            "<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"headline\":\"{title}\",\
             \"datePublished\":\"2024-05-{:02}T08:00:00Z\"}}</script><meta property=\"og:type\" content=\"article\"><link rel=\"canonical\" href=\"{own}\">",
            number % 28 + 1
        );
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} - The Loopback Courier</title>{data}</head><body>\
             <nav><a href=\"/\">Home</a></nav><article><h1>{title}</h1><p class=\"byline\">By Ada Quill</p>{text}</article></body></html>"
        )
    }
}

fn headline(number: usize) -> String {
    format!("Council report {number} sets out plans for the quarter")
}

fn teaser(href: &str, title: &str) -> String {
    format!("<li><a href=\"{href}\">{title}</a></li>")
}

fn page(title: &str, body: &str) -> String {
    format!("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body>{body}</body></html>")
}
