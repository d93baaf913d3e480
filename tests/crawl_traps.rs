//! Endless pages, missing pages that answer 200, and walls: each is noticed, named, and costs little.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::format_collect, reason = "tests")]

mod support;

use std::collections::BTreeMap;

use support::paper::Paper;
use support::{Desk, Hit, Reply, Server, State, config, field, states};

/// A filter of a shop in a newspaper: each page links to forty others of its kind, for ever.
fn filter(path: &str) -> Reply {
    let number: u64 = path.rsplit(['=', '/']).next().unwrap().parse().unwrap();
    let links: String =
        (1..=40).map(|n| format!("<li><a href=\"/filter?colour={}\">Things of colour {}</a>", number * 40 + n, number * 40 + n)).collect();
    Reply::html(format!("<title>Things</title><h1>Things of colour {number}</h1><ul>{links}</ul>"))
}

fn answer(paper: &Paper, hit: &Hit) -> Reply {
    let story = "<html><head><meta property=og:type content=article></head>";
    match hit.path.as_str() {
        "/" => Reply::html(format!(
            "<h1>Front</h1><ul>{}<li><a href=/filter?colour=1>All things</a></ul>",
            ["/section-0", "/lost", "/members", "/cookies"].map(|p| format!("<li><a href={p}>A headline about {p}</a>")).concat()
        )),
        "/lost" => Reply::html(format!("{story}<title>Page not found</title><h1>Page not found</h1><p>It may have moved.</p>")),
        "/members" => Reply::redirect("/login?to=members"),
        "/login?to=members" => Reply::html("<h1>Good to see you</h1><form><input name=u><input type=password></form>"),
        "/cookies" => {
            Reply::html("<h1>Your choice</h1><p>We set cookies. With your consent our partners set cookies too. Accept cookies?</p>")
        }
        path if path.starts_with("/filter") => filter(path),
        _ => paper.reply(hit, 2),
    }
}

#[test]
fn traps_and_walls_are_named_and_articles_still_come() {
    states().into_iter().for_each(named);
}

fn named(state: State) {
    let paper = Paper::new(30);
    let server = Server::start(move |hit| answer(&paper, hit));
    let desk = Desk::with(state, &config(&server.url("/"), ""));
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    let written = field(&desk.lines("articles.jsonl"), "url");
    assert_eq!(written.iter().filter_map(|url| Paper::number(url)).count(), 27, "{written:?}");
    assert_eq!(written.len(), 27, "no page in another's place is a record: {written:?}");
    let rejected = desk.lines("rejected.jsonl");
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (url, reason) in field(&rejected, "url").into_iter().zip(field(&rejected, "reason")) {
        reasons.entry(reason).or_default().push(url);
    }
    for (reason, path) in [("soft_404", "/lost"), ("login_wall", "/members"), ("consent_wall", "/cookies")] {
        assert_eq!(reasons.get(reason), Some(&vec![server.url(path)]), "{reasons:?}");
    }
    assert!(log.contains("/filter?colour"), "{log}");
    let trapped = &reasons["trap"];
    assert!(!trapped.is_empty() && trapped.iter().all(|url| url.contains("/filter?")));
    let asked = server.hits().iter().filter(|hit| hit.path.starts_with("/filter")).count();
    // Some are under way when the hundredth is judged; how many is a matter of the machine.
    assert!((100..1000).contains(&asked), "{asked} pages of the trap were asked for");
    // The next run knows of it.
    assert_eq!(desk.crawl(&[]).0, 0);
    assert_eq!(server.hits().iter().filter(|hit| hit.path.starts_with("/filter")).count(), 0);
    assert_eq!(desk.lines("articles.jsonl").len(), 27);
}
