//! What stands around the articles of a paper: robots.txt, sitemap, feed, front and section pages.

use std::fmt::Write as _;

use crate::demo::edition::{Answer, Newspaper, Offer, Paper};

const HTML: &str = "text/html; charset=utf-8";

/// An old address that a paper still leads on: host, path, where to.
const MOVED: (&str, &str, &str) = ("harbour-post.example", "/2026/03/old-ferry-link/", "/2026/03/night-ferry-returns/");

/// A generated page of the paper, if there is one at this path.
pub(super) fn answer(paper: &Paper, path: &str) -> Option<Answer> {
    match path {
        "/robots.txt" => return Some(Answer::new(200, "text/plain", robots(paper))),
        "/sitemap.xml" => return Some(Answer::new(200, "application/xml", sitemap(paper))),
        "/feed/" => return Some(Answer::new(200, "application/rss+xml", feed(paper))),
        "/" => return Some(Answer::new(200, HTML, list(paper, &paper.name, &listed(paper)))),
        "/members/" => return Some(Answer::new(200, HTML, "<p>For members.</p>")),
        _ => {}
    }
    if (paper.host.as_str(), path) == (MOVED.0, MOVED.1) {
        let mut moved = Answer::new(301, HTML, "");
        moved.headers.push(("Location", format!("https://{}{}", MOVED.0, MOVED.2)));
        return Some(moved);
    }
    let path = path.split('?').next().unwrap_or(path);
    is_section(path).then(|| {
        let name = path.trim_matches('/').rsplit('/').next().unwrap_or_default().replace('-', " ");
        let own: Vec<&Offer> = listed(paper).into_iter().filter(|o| o.section().is_some_and(|s| s.to_lowercase() == name)).collect();
        let offers = if own.is_empty() { listed(paper) } else { own };
        Answer::new(200, HTML, list(paper, &format!("{name} · {}", paper.name), &offers))
    })
}

/// Whether a path looks like a section, a topic or an author's page: one or two words, no file, no number.
fn is_section(path: &str) -> bool {
    let words = path.trim_matches('/').split('/').count();
    words <= 2 && !path.contains(|c: char| c == '.' || c.is_ascii_digit())
}

/// What a paper says where there is nothing.
pub(super) fn not_found(paper: &Paper) -> String {
    format!("<!DOCTYPE html><title>404</title><h1>404</h1><p>{} has no such page (any more).</p>", escape(&paper.name))
}

/// The news-stand, for a person with a browser: names under `.localhost` lead to this machine.
pub(super) fn stand(newspaper: &Newspaper, authority: &str) -> String {
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    let mut out = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>The news-stand</title><h1>The news-stand</h1>\
                   <p>The invented papers of <code>copydesk demo</code>:</p><ul>"
        .to_owned();
    for paper in newspaper.papers() {
        let label = paper.host.trim_end_matches(".example");
        put(&mut out, format_args!("<li><a href=\"http://{label}.localhost:{port}/\">{}</a></li>", escape(&paper.name)));
    }
    out + "</ul></html>"
}

fn listed(paper: &Paper) -> Vec<&Offer> {
    paper.offers.iter().filter(|o| o.is_listed()).collect()
}

fn sections(paper: &Paper) -> Vec<&str> {
    let mut names: Vec<&str> = listed(paper).into_iter().filter_map(Offer::section).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn robots(paper: &Paper) -> String {
    let mut out = "User-agent: *\nDisallow: /members/\nDisallow: /login\n".to_owned();
    if let Some(signal) = paper.content_signal() {
        put(&mut out, format_args!("Content-Signal: {signal}\n"));
    }
    put(&mut out, format_args!("\nSitemap: https://{}/sitemap.xml\n", paper.host));
    out
}

fn sitemap(paper: &Paper) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n".to_owned();
    for offer in listed(paper) {
        let modified = offer.published().and_then(|p| p.get(..10)).unwrap_or("2026-06-12");
        put(&mut out, format_args!("<url><loc>{}</loc><lastmod>{modified}</lastmod></url>\n", escape(offer.url())));
    }
    out + "</urlset>\n"
}

fn feed(paper: &Paper) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{}</title><link>https://{}/</link><description>{}</description>\n",
        escape(&paper.name),
        paper.host,
        escape(&paper.name)
    );
    for offer in listed(paper) {
        let (url, title) = (escape(offer.url()), escape(offer.title().unwrap_or_default()));
        let mark = if url.contains('?') { "&amp;" } else { "?" };
        put(
            &mut out,
            format_args!(
                "<item><title>{title}</title><link>{url}{mark}utm_source=feed</link><guid isPermaLink=\"false\">{url}</guid></item>\n"
            ),
        );
    }
    out + "</channel></rss>\n"
}

/// A page of links: the front page, or a section.
fn list(paper: &Paper, title: &str, offers: &[&Offer]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>{}</title><meta property=\"og:type\" content=\"website\">\
         <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed/\"></head>\n<body>\n<header><a href=\"/\">{}</a><nav><ul>",
        escape(title),
        escape(&paper.name)
    );
    for section in sections(paper) {
        let path = section.to_lowercase();
        put(&mut out, format_args!("<li><a href=\"/{}/\">{}</a></li>", escape(&path), escape(section)));
    }
    out.push_str("</ul></nav></header>\n<main>\n");
    for offer in offers {
        let (path, title) = (escape(offer.path()), escape(offer.title().unwrap_or_default()));
        put(&mut out, format_args!("<article><h2><a href=\"{path}\">{title}</a></h2><p>{}</p></article>\n", escape(offer.subtitle())));
    }
    out + "</main>\n</body>\n</html>\n"
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
