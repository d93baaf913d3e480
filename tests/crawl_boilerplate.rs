//! What a site prints under article after article leaves the body once a crawl has seen it in enough of them.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use copydesk::article::content_hash;
use serde_json::Value;
use support::{Desk, Reply, Server, State, states};

const HOSTS: [&str; 2] = ["harbour.example", "meadow.example"];
const ARTICLES: usize = 12;
/// Articles that quote the same council resolution: that is no boilerplate.
const QUOTING: [usize; 2] = [3, 8];
const VOCABULARY: &str = "council harbour ferry bridge school market winter report quarter village island tower garden museum \
    station budget meeting engineer teacher farmer captain library theatre bakery orchard valley river concert tunnel workshop \
    repair opening autumn spring decision question answer member visitor letter plan debate vote road lamp cable storm";

/// Own paragraphs of an article; with every edition the third is another one.
fn own(host: &str, number: usize, edition: usize) -> Vec<String> {
    let words: Vec<&str> = VOCABULARY.split_whitespace().collect();
    let paragraph = |at: usize| {
        let edition = if at == 2 { edition } else { 0 };
        let mut state = (host.len() * 7919 + number * 104_729 + at * 1_299_709 + edition * 15_485_863) as u64 | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            words[usize::try_from(state >> 33).unwrap() % words.len()]
        };
        let lead = format!("Part {at} of story {number} says that the {} of the {} will", next(), next());
        let rest: Vec<&str> = (0..24).map(|_| next()).collect();
        format!(
            "{lead} bring the {} and the {} to the {}, as the {}.",
            rest[..8].join(" "),
            rest[8..14].join(" "),
            rest[14],
            rest[15..].join(" ")
        )
    };
    (0..7).map(paragraph).collect()
}

fn footer(host: &str, edition: usize) -> String {
    let paper = host.split('.').next().unwrap();
    let edition = if edition == 0 { "" } else { " and on Sundays" };
    format!("The {paper} courier is printed on the island of Norrholm and carried to its readers by boat every morning{edition}.")
}

fn series(host: &str) -> String {
    format!("This story belongs to our series about the northern islands, which {host} began in the spring of last year.")
}

const RESOLUTION: &str =
    "The resolution reads: no bridge shall be closed before another one has been opened to carts and to people on foot.";

fn page(host: &str, address: &str, number: usize, edits: &Edits) -> String {
    let edition = edits.articles.lock().unwrap().get(&number).copied().unwrap_or(0);
    let mut text: Vec<String> = own(host, number, edition).iter().map(|p| format!("<p>{p}</p>")).collect();
    text.insert(5, format!("<figure><img src=/boat-{number}.jpg><figcaption>The boats of the {number}th of May</figcaption></figure>"));
    if QUOTING.contains(&number) {
        text.insert(4, format!("<p>{RESOLUTION}</p>"));
    }
    text.insert(3, format!("<p>{}</p>", series(host)));
    text.insert(1, "<figure><img src=/quill.jpg><figcaption>Mara Quill, correspondent for the islands</figcaption></figure>".to_owned());
    text.push(format!("<p>{}</p>", footer(host, edits.footer.load(Ordering::SeqCst))));
    let title = format!("Story {number} from the islands of {}", host.split('.').next().unwrap());
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title><meta property=og:type content=article>\
         <link rel=canonical href=\"http://{address}/story-{number}.html\"></head><body><article><h1>{title}</h1>{}</article></body></html>",
        text.concat()
    )
}

/// What changes between runs.
#[derive(Default)]
struct Edits {
    articles: Mutex<BTreeMap<usize, usize>>,
    footer: AtomicUsize,
}

fn serve(edits: &Arc<Edits>) -> Server {
    let edits = Arc::clone(edits);
    Server::start(move |hit| {
        let host = hit.host.split(':').next().unwrap();
        if hit.path == "/" {
            let list: String =
                (0..ARTICLES).map(|n| format!("<li><a href=/story-{n}.html>Story {n} from the islands, as it was told</a></li>")).collect();
            return Reply::html(format!("<title>Front</title><h1>Front</h1><ul>{list}</ul>"));
        }
        let number = hit.path.strip_prefix("/story-").and_then(|rest| rest.strip_suffix(".html")?.parse().ok());
        number.map_or_else(Reply::not_found, |number| Reply::html(page(host, &hit.host, number, &edits)))
    })
}

fn desk(state: State, server: &Server, extra: &str) -> Desk {
    let seeds: Vec<String> = HOSTS.iter().map(|host| format!("\"http://{host}:{}/\"", server.port)).collect();
    let names: String = HOSTS.iter().map(|host| format!("\"{host}\" = \"127.0.0.1\"\n")).collect();
    Desk::with(
        state,
        &format!(
            "[crawl]\nseeds = [{}]\nrevisit_after = \"0s\"\n[http]\nallow_private_addresses = true\n[http.resolve]\n{names}\
         [politeness]\nper_host_delay = \"4ms\"\nper_host_concurrency = 4\ncontact = \"https://desk.invalid/\"\n{extra}",
            seeds.join(", ")
        ),
    )
}

fn crawl(desk: &Desk) -> Vec<Value> {
    let (code, log) = desk.crawl(&[]);
    assert_eq!(code, 0, "{log}");
    desk.lines("articles.jsonl")
}

fn host_of(record: &Value) -> &'static str {
    HOSTS.into_iter().find(|host| record["url"].as_str().unwrap().contains(host)).unwrap()
}

fn number_of(record: &Value) -> usize {
    record["url"].as_str().unwrap().rsplit_once("/story-").unwrap().1.trim_end_matches(".html").parse().unwrap()
}

fn texts<'a>(record: &'a Value, key: &str) -> Vec<&'a str> {
    record[key].as_array().unwrap().iter().map(|part| part["text"].as_str().unwrap()).collect()
}

/// True paragraphs and captions are all there, in order, and the record agrees with itself; gives how many there are.
fn check(record: &Value, edition: usize) -> usize {
    let blocks = texts(record, "blocks");
    let mut expected = own(host_of(record), number_of(record), edition);
    if QUOTING.contains(&number_of(record)) {
        expected.insert(4, RESOLUTION.to_owned());
    }
    let kept: Vec<&str> = blocks.iter().copied().filter(|text| expected.iter().any(|own| own == text)).collect();
    assert_eq!(kept, expected, "{}", record["url"]);
    assert_eq!(record["body"], blocks.join("\n\n"));
    let boats = record["captions"].as_array().unwrap().iter().find(|c| c["text"].as_str().unwrap().starts_with("The boats")).unwrap();
    let before = blocks[usize::try_from(boats["block"].as_u64().unwrap()).unwrap()];
    assert!(before.starts_with("Part 5"), "the picture of {} stands before {before:?}", record["url"]);
    let captions: Vec<(&str, Option<&str>)> =
        record["captions"].as_array().unwrap().iter().map(|c| (c["text"].as_str().unwrap(), c["credit"].as_str())).collect();
    let notes = texts(record, "notes");
    assert_eq!(
        record["content_hash"],
        content_hash(record["title"].as_str(), record["body"].as_str().unwrap(), captions.into_iter(), notes.into_iter())
    );
    expected.len()
}

/// How many records of each host hold each text of its boilerplate.
fn holders(records: &[Value], edition: usize) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut found = BTreeMap::new();
    for record in records {
        let host = host_of(record);
        let all = [texts(record, "blocks"), texts(record, "captions")].concat();
        for (name, text) in [
            ("footer", footer(host, edition)),
            ("series", series(host)),
            ("portrait", "Mara Quill, correspondent for the islands".to_owned()),
        ] {
            *found.entry((host, name)).or_default() += usize::from(all.contains(&text.as_str()));
        }
    }
    found
}

fn warnings(record: &Value) -> Vec<&str> {
    let all = record["extraction"]["warnings"].as_array().unwrap();
    all.iter().map(|w| w.as_str().unwrap()).filter(|w| w.contains("that the site prints with many articles")).collect()
}

#[test]
fn it_is_learned_from_five_articles_and_nothing_else_leaves() {
    states().into_iter().for_each(learned);
}

fn learned(state: State) {
    let edits = Arc::new(Edits::default());
    let server = serve(&edits);
    let desk = desk(state, &server, "");
    let records = crawl(&desk);
    assert_eq!(records.len(), HOSTS.len() * ARTICLES);
    let paragraphs: usize = records.iter().map(|record| check(record, 0)).sum();
    let left = holders(&records, 0);
    assert!(left.values().all(|count| *count == 4), "each text is the site's from its fifth article on: {left:?}");
    println!("{} records, {paragraphs} true paragraphs, 0 lost; boilerplate stands in the first 4 of {ARTICLES}", records.len());
    let said: Vec<&str> = records.iter().flat_map(warnings).collect();
    assert_eq!(said.len(), HOSTS.len() * (ARTICLES - 4));
    assert!(said.iter().all(|w| *w == "2 paragraphs and 1 caption that the site prints with many articles left out"), "{said:?}");

    // That more is known by now makes no new revision.
    assert_eq!(crawl(&desk).len(), records.len());

    // A true edit does, and one alone.
    edits.articles.lock().unwrap().insert(2, 1);
    let revised = crawl(&desk)[records.len()..].to_vec();
    assert_eq!(revised.len(), HOSTS.len());
    for record in &revised {
        assert_eq!((number_of(record), &record["revision"]), (2, &Value::from(2)));
        check(record, 1);
        assert_eq!(warnings(record).len(), 1);
    }

    // Another line under every article is learned anew; who lost the old one before does not change with it.
    let before = records.len() + revised.len();
    edits.footer.store(1, Ordering::SeqCst);
    let revised = crawl(&desk)[before..].to_vec();
    let held = holders(&revised, 1);
    assert!(HOSTS.iter().all(|host| held[&(*host, "footer")] <= 4), "{held:?}");
    assert!(revised.len() <= HOSTS.len() * 8, "{}", revised.len());
    for record in &revised {
        check(record, usize::from(number_of(record) == 2));
    }
    assert_eq!(crawl(&desk).len(), before + revised.len());
}

#[test]
fn switched_off_nothing_happens() {
    let server = serve(&Arc::default());
    let records = crawl(&desk(State::File, &server, "[dedup]\nboilerplate = false\n"));
    assert_eq!(records.len(), HOSTS.len() * ARTICLES);
    assert!(holders(&records, 0).values().all(|count| *count == ARTICLES));
    for record in &records {
        check(record, 0);
        assert!(warnings(record).is_empty());
    }
}

#[test]
fn killed_at_any_moment_no_article_counts_twice() {
    states().into_iter().for_each(killed);
}

fn killed(state: State) {
    let server = serve(&Arc::default());
    let desk = desk(state, &server, "");
    for kill in 0..15 {
        desk.crawl_and_kill(Duration::from_millis(30 + kill * 9));
    }
    let records = crawl(&desk);
    let ids: std::collections::BTreeSet<&str> = records.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!((records.len(), ids.len()), (HOSTS.len() * ARTICLES, HOSTS.len() * ARTICLES));
    for record in &records {
        check(record, 0);
    }
    assert!(holders(&records, 0).values().all(|count| *count == 4));
    if state != State::File {
        return;
    }
    let state = rusqlite::Connection::open(desk.path("state.sqlite")).unwrap();
    let count = |sql: &str| state.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    assert_eq!(count("SELECT count(*) FROM samples"), HOSTS.len() * ARTICLES);
    // Footer, series and portrait of two hosts; the resolution.
    assert_eq!(count(&format!("SELECT count(*) FROM (SELECT text FROM sightings GROUP BY text HAVING count(*) = {ARTICLES})")), 6);
    assert_eq!(count("SELECT count(*) FROM (SELECT text FROM sightings GROUP BY text HAVING count(*) = 2)"), 2);
}
