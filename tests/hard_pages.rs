//! Pages that no editor wrote: a parse of each takes time in proportion to its size. Where it were quadratic it would
//! take minutes; the bound leaves room for slow machines and builds without optimisation.
#![allow(clippy::print_stdout, reason = "tests")]

use std::time::{Duration, Instant};

use copydesk::extract::probe;

const MILLION: usize = 1_000_000;
const BOUND: Duration = Duration::from_secs(30);

fn numbered(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Parses the page with text behind it; gives the number of nodes.
fn parse(what: &str, page: &str) -> usize {
    let start = Instant::now();
    let nodes = probe::nodes(page);
    let took = start.elapsed();
    println!("{what:<36} {:>9} bytes {nodes:>8} nodes {:>8.1} ms", page.len(), took.as_secs_f64() * 1e3);
    assert!(took < BOUND, "{what}: {took:?}");
    nodes
}

#[test]
fn tags() {
    parse("a million attributes", &format!("<p{}>text", numbered(MILLION, |n| format!(" a{n}=x"))));
    parse("a million attributes of one name", &format!("<p{}>text", " a=x".repeat(MILLION)));
    parse("2 MB of short attributes", &format!("<p{}>text", " a".repeat(MILLION)));
    parse("tags with a thousand attributes each", &format!("<p{}>", numbered(999, |n| format!(" a{n}"))).repeat(400));
    parse("further body tags", &numbered(100_000, |n| format!("<body a{n}=1>")));
    parse("a million open tags", &"<div>".repeat(MILLION));
    parse("a million unknown end tags", &"</x>".repeat(MILLION));
    parse("a name of 2 MB", &format!("<{} {}=1>text", "x".repeat(2 * MILLION), "y".repeat(2 * MILLION)));
    parse("a value of 2 MB", &format!("<p title='{}'>text", "&amp;x\0".repeat(MILLION / 4)));
}

#[test]
fn texts() {
    parse("a million <", &"<".repeat(MILLION));
    parse("a million </", &"</".repeat(MILLION));
    parse("a million &amp", &"&amp".repeat(MILLION));
    parse("a million &", &"&".repeat(MILLION));
    parse("& and a long word", &format!("&{}", "a".repeat(2 * MILLION)));
    parse("a long number", &format!("&#{};", "9".repeat(2 * MILLION)));
    parse("a million U+0000", &"\0".repeat(MILLION));
    parse("a million carriage returns", &"\r".repeat(MILLION));
}

#[test]
fn what_never_ends() {
    parse("comment", &format!("<!--{}", "- -- > <!--".repeat(MILLION / 4)));
    parse("bogus comments", &"<!".repeat(MILLION));
    parse("attribute", &format!("<p title=\"{}", "x &amp; ' > <p ".repeat(MILLION / 4)));
    parse("tag", &"<p ".repeat(MILLION));
    parse("CDATA section", &format!("<svg><![CDATA[{}", "]] ]> ".repeat(MILLION / 4)));
    parse("CDATA sections", &format!("<svg>{}", "<![CDATA[]]>".repeat(MILLION / 8)));
    parse("script", &format!("<script>{}", "<!-- <script> -- </scrip </script".repeat(MILLION / 16)));
    parse("scripts", &"<script><!--<script></script>".repeat(MILLION / 16));
    parse("title", &format!("<title>{}", "</titl &amp <".repeat(MILLION / 8)));
    parse("doctype", &format!("<!doctype html public \"{}", "x' ".repeat(MILLION / 4)));
}

/// Formatting left open is made again in each paragraph: far fewer nodes than paragraphs times open elements.
#[test]
fn formatting() {
    let nodes = parse("formatting left open", &numbered(100_000, |n| format!("<p><b a={n}>word</p>")));
    assert!(nodes < 2 * MILLION);
    let nodes = parse("links left open in cells", &format!("<table>{}", numbered(50_000, |n| format!("<tr><td><a href={n}><i><u>x"))));
    assert!(nodes < 2 * MILLION);
}
