//! Families of pages that no editor wrote, each of any size: what the tests read small and the bench reads large.
#![allow(clippy::format_collect, reason = "tests")]

use copydesk::batch::{Form, Source};
use url::Url;

/// A way to be hostile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    /// What it is made of.
    pub(crate) name: &'static str,
    /// What must become of it.
    pub(crate) end: End,
    make: Make,
}

#[derive(Debug, Clone, Copy)]
enum Make {
    /// A piece of markup, numbered, behind a short story.
    Body(fn(usize) -> String),
    /// A numbered piece in the head of the page, in front of a short story.
    Head(fn(usize) -> String),
    /// What stands before all pieces, a numbered piece, and what stands behind them; a page without a story.
    Page(&'static str, fn(usize) -> String, &'static str),
    /// Bytes.
    Bytes(fn(usize) -> Vec<u8>),
    /// A line of a plain-text scrape.
    Text(fn(usize) -> String),
}

/// What must become of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A record with the story's headline and text.
    Story,
    /// A record.
    Record,
    /// A record or the error of this name.
    RecordOr(&'static str),
    /// The error of this name.
    Error(&'static str),
}

/// The headline of each page that has a story.
pub(crate) const HEADLINE: &str = "Harbour library reopens after two years";
/// The beginning of its text.
pub(crate) const OPENING: &str = "The harbour library reopened on Monday";

const STORY: &str = "<article><h1>Harbour library reopens after two years</h1>\
    <p>The harbour library reopened on Monday after two years of repairs, and the first readers stood in line from six in the morning.</p>\
    <p>The new roof lets in more light, while the old one let in the rain; the council paid for both, and says that it prefers the new \
    one by far.</p><p>Three thousand books were moved twice, the last of them by the children of the school next door, who asked for \
    cake and got it.</p></article>";

impl Family {
    /// A page of about `bytes` bytes.
    pub(crate) fn page(&self, bytes: usize) -> Source {
        let url = Url::parse("https://harbour.example/2024/library-reopens").ok();
        let (form, bytes) = match self.make {
            Make::Body(piece) => (Form::Html, filled(&format!("{HEAD}</head><body>{STORY}"), bytes, piece, "")),
            Make::Head(piece) => (Form::Html, filled(HEAD, bytes, piece, &format!("</head><body>{STORY}"))),
            Make::Page(before, piece, after) => (Form::Html, filled(before, bytes, piece, after)),
            Make::Bytes(make) => (Form::Html, make(bytes)),
            Make::Text(line) => (Form::Text, filled("Harbour library reopens\n\n", bytes, line, "")),
        };
        Source { bytes, form, url }
    }
}

const HEAD: &str = "<!doctype html><html lang=en><head><title>Harbour library reopens after two years</title>";

fn filled(before: &str, bytes: usize, piece: fn(usize) -> String, after: &str) -> Vec<u8> {
    let mut out = String::with_capacity(bytes + 1024);
    out.push_str(before);
    for n in 0.. {
        if out.len() >= bytes {
            break;
        }
        out.push_str(&piece(n));
    }
    out.push_str(after);
    out.into_bytes()
}

/// Noise that is the same in each run.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

fn utf_16(bytes: usize) -> Vec<u8> {
    let page = format!("{HEAD}</head><body>{STORY}{}", "<p>More of it, and more.</p>".repeat(bytes / 56));
    [0xfeff].into_iter().chain(page.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn invalid_utf_8(bytes: usize) -> Vec<u8> {
    let mut page = format!("<meta charset=utf-8>{STORY}<p>").into_bytes();
    page.extend(b"\xe4\xb8 \xff\xc0\x80 word \xed\xa0\x80 ".repeat(bytes / 19));
    page
}

fn escapes_of_2022(bytes: usize) -> Vec<u8> {
    format!("<meta charset=iso-2022-jp>{STORY}{}", "<p>\x1b$B$\"\x1b(B \x1b(J\x1b$@x".repeat(bytes / 20)).into_bytes()
}

macro_rules! s {
    ($($piece:tt)*) => { |_n| format!($($piece)*) };
}

const fn body(name: &'static str, piece: fn(usize) -> String) -> Family {
    Family { name, end: End::Story, make: Make::Body(piece) }
}

const fn head(name: &'static str, piece: fn(usize) -> String) -> Family {
    Family { name, end: End::Story, make: Make::Head(piece) }
}

/// What it begins in the head has no end in the page, or is the closing tag's of a later one.
const fn open_head(name: &'static str, piece: fn(usize) -> String) -> Family {
    Family {
        name,
        end: End::Record,
        make: Make::Page(HEAD, piece, "\"}]</script><p>The harbour library reopened on Monday after two years."),
    }
}

const fn page(name: &'static str, end: End, before: &'static str, piece: fn(usize) -> String, after: &'static str) -> Family {
    Family { name, end, make: Make::Page(before, piece, after) }
}

const fn bytes(name: &'static str, end: End, make: fn(usize) -> Vec<u8>) -> Family {
    Family { name, end, make: Make::Bytes(make) }
}

const fn text(name: &'static str, line: fn(usize) -> String) -> Family {
    Family { name, end: End::Record, make: Make::Text(line) }
}

/// All of them.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn all() -> Vec<Family> {
    use End::{Error, Record, RecordOr};
    vec![
        // structure
        body("open div", s!("<div>")),
        body("open div with text", s!("<div>word ")),
        body("open unknown elements", s!("<x-a>")),
        body("open paragraphs in quotes", s!("<blockquote><p>word")),
        body("lists in lists", s!("<ul><li>word")),
        body("tables in tables", s!("<table><tr><td>word")),
        body("templates in templates", s!("<template><p>x")),
        body("svg in math in svg", s!("<svg><desc><math><mi>x")),
        body("end tags that end nothing", s!("</x></b></table>")),
        body("empty siblings", s!("<i></i>")),
        body("siblings of one letter", s!("<p>x</p>")),
        body("line breaks", s!("x<br>")),
        body("list items", |n| format!("<li>Item {n} of the list")),
        body("siblings in sections", |n| format!("<div><p>Word number {n} stands here.</p></div>")),
        body("table cells", |n| format!("<td>{n}")),
        body("options", |n| format!("<option>{n}")),
        body("rows of tables", |n| format!("<table><tr><td>{n}<td>x</table>")),
        body("deep, then siblings", |n| if n < 500 { "<div>".into() } else { format!("<p>Word {n}</p>") }),
        body("deep towers", |n| if n % 400 < 200 { "<div>".into() } else { "x</div>".into() }),
        body("frames inside frames", |n| format!("<iframe src=/{n} srcdoc='<iframe><p>x'></iframe><object><embed>")),
        page("a frameset", RecordOr("no_content"), "<html><frameset>", |n| format!("<frame src=/{n}><frameset>"), "</frameset>"),
        // formatting and misnesting
        body("formatting left open", |n| format!("<p><b a={n}>word</p>")),
        body("links left open", |n| format!("<a href=/{n}>word <div>")),
        body("links and formatting left open in cells", |n| format!("<table><tr><td><a href={n}><i><u>x")),
        body("crossed formatting", s!("<b><i>x</b></i>")),
        body("crossed formatting around blocks", s!("<b><p><i>x</b></p>")),
        body("fonts in fonts", |n| format!("<font size={n}>x")),
        body("nobr and buttons", s!("<nobr><button>x")),
        page("text where a table has none", Record, "<title>Table</title><table>", |n| format!("word {n}<b>x</b><tr>"), ""),
        body("forms and bodies", |n| format!("<form><body a{n}=x><html b{n}=x>x")),
        // attributes
        body("one tag of attributes", |n| if n == 0 { "<p a=x".into() } else { format!(" a{n}=x") }),
        body("one tag of one attribute", |n| if n == 0 { "<p".into() } else { " a=x".into() }),
        body("tags of fifty attributes", |n| format!("<p{}>x", (0..50).map(|k| format!(" a{n}-{k}=v")).collect::<String>())),
        body("a huge value", |n| if n == 0 { "<p title='".into() } else { "&amp;word \0".into() }),
        body("huge names", |_| format!("<{} {}=1>x", "x".repeat(20_000), "y".repeat(20_000))),
        body("one huge class", |n| if n == 0 { "<p class='".into() } else { format!("w{n} ") }),
        body("classes of their own", |n| format!("<p class='block-{n} c{} w{n}x'>Word {n}.</p>", n * 31)),
        body("many classes each", |n| {
            format!("<p class='{}'>Word.</p>", (0..200).map(|k| format!("w{} ", n * 200 + k)).collect::<String>())
        }),
        body("ids of their own", |n| format!("<div id=part-{n} data-x='{{\"a\":{n}}}' style='color:#{n:06x};display:block'>w</div>")),
        body("hidden in many ways", |n| format!("<div hidden style='display:none'><p aria-hidden=true>Hidden {n}</p></div>")),
        // text
        body("one text", s!("The harbour lay still and the boats waited. ")),
        body("one word", s!("aaaaaaaaaaaaaaaa")),
        body("one line of Chinese", s!("市图书馆今天上午重新开放。")),
        body("a million <", s!("<")),
        body("entities", s!("&amp;&eacute;&#x41;&#10;&notin;")),
        body("entities that are none", s!("&ampx&nosuch;&#;&#x;&#xd800;&#99999999999;")),
        body("surrogates by number", s!("&#xD83D;&#xDE00;")),
        body("U+0000", s!("\0a")),
        body("carriage returns", s!("\r")),
        body("bidi and zero width", s!("a\u{202e}b\u{200b}\u{2066}\u{feff}")),
        body("combining marks", s!("\u{301}\u{323}\u{307}")),
        body("combining marks in disorder", |n| if n == 0 { "<p>a".into() } else { ["\u{301}", "\u{323}", "\u{345}"][n % 3].into() }),
        body("ligatures that grow", s!("\u{fdfa}\u{fb03}\u{1f88}\u{2f9f4}")),
        body("Hangul apart", s!("\u{1112}\u{1161}\u{11ab}")),
        body("terminal escapes", s!("\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}1m")),
        body("terminal escapes without an end", s!("\u{1b}]")),
        body("control strings without an end", s!("\u{90}x")),
        body("paragraphs of punctuation", s!("<p>. , ; : ! ? « » “ ” - – — … ' \"</p>")),
        body("spaces", s!(" \t\n\u{a0}\u{3000}")),
        body("pipes and dashes", s!("<p>a | b - c » d / e</p>")),
        // paragraphs and captions
        body("equal paragraphs", s!("<p>The same words in the same order.</p>")),
        body(
            "equal long paragraphs",
            s!("<p>The same words in the same order, again and again, until the reader has had enough of them and turns the page.</p>"),
        ),
        body("nearly equal paragraphs", |n| {
            format!("<p>The ferry number {n} left the harbour in the morning, with all its passengers.</p>")
        }),
        body("paragraphs of one word", |n| format!("<p>w{n}</p>")),
        body("headings", |n| format!("<h2>Heading {n}</h2><p>x</p>")),
        body("first headings", |n| format!("<h1>Harbour library reopens, part {n}</h1>")),
        body("equal first headings", s!("<h1>Harbour library reopens after two years</h1>")),
        body("first headings with separators", |n| format!("<h1>Harbour | {n} - Library » News</h1>")),
        body("equal captions", |n| {
            format!("<figure><img src=/{n}.jpg><figcaption>Boats at the old pier on Monday. Photo: A. Reader</figcaption></figure>")
        }),
        body("nearly equal captions", |n| {
            format!(
                "<figure><img src=/{n}.jpg><figcaption>Boat number {n} at the old pier of the harbour on Monday. Photo: A. Reader</figcaption></figure>"
            )
        }),
        body("captions that differ at the end", |n| {
            format!("<figure><img src=/{n}.jpg><figcaption>Boats at the old pier of the harbour on a Monday {n}</figcaption></figure>")
        }),
        body("captions cut short", |n| {
            format!(
                "<figure><img src=/{n}.jpg><figcaption>Boats at the old pier of the harbour{}…</figcaption></figure>",
                " and more".repeat(n % 60)
            )
        }),
        body("captions of pictures alone", |n| {
            format!("<img src=/{n}.jpg alt='Boats at the old pier, seen from the roof {n}' title='The pier {n}'>")
        }),
        body("captions in one figure", |n| {
            if n == 0 { "<figure><img src=a.jpg>".into() } else { format!("<figcaption>Boats {n} at the pier</figcaption>") }
        }),
        body("pictures in one figure", |n| {
            if n == 0 {
                "<figure><figcaption>Boats at the pier</figcaption>".into()
            } else {
                format!("<picture><source srcset='/{n}.jpg 1x, /{n}b.jpg 2x'><img></picture>")
            }
        }),
        body("credits", |n| {
            format!("<figure><img src=/{n}.jpg><figcaption>Boats <span class=credit>Photo: A{n} / B / C</span></figcaption></figure>")
        }),
        body("notes", |n| format!("<p><b>Correction:</b> an earlier version said {n} boats; it is one more.</p>")),
        body("notes outside", |n| {
            format!("<aside><p>Correction: an earlier version said {n} boats.</p></aside><footer><p>Update {n}: more</p></footer>")
        }),
        body("sign-up lines", |n| format!("<p>Sign up for our newsletter {n}</p><p>Read more: Boats {n}</p><p>© Harbour {n}</p>")),
        body("quotes", |n| format!("<blockquote>Word {n}</blockquote><pre>x\n\ny</pre><q>z</q>")),
        // bylines, dates, links
        body("times", |n| format!("<time datetime=2024-05-{:02}T08:00:00Z>May {n}</time>", n % 28 + 1)),
        body("dates in text", |n| format!("<p>May {}, 2024 {:02}:{:02}</p>", n % 28 + 1, n % 24, n % 60)),
        body("bylines", |n| format!("<p class=byline>By <a rel=author href=/a/{n}>Ann Reader{n}</a> and Ben Writer</p>")),
        body("one byline of many names", |n| {
            if n == 0 { "<p class=byline>By Ann Reader".into() } else { format!(", Ben Writer{n} and Cy Poet") }
        }),
        body("microdata", |n| {
            format!(
                "<div itemscope itemtype=https://schema.org/NewsArticle><span itemprop=author>A{n}</span><meta itemprop=datePublished content=2024-05-01>"
            )
        }),
        body("links", |n| format!("<a href=/story/{n}>Story {n}</a> ")),
        body("links up", |n| format!("<a href='{}a/{n}'>x</a>", "../".repeat(50))),
        body("links to nowhere", |n| {
            format!(
                "<a href='javascript:alert({n})'>a</a><a href='data:text/html,{n}'>b</a><a href='file:///etc/{n}'>c</a><img src='javascript:{n}'>"
            )
        }),
        body("links to odd hosts", |n| {
            format!("<a href='http://xn--{n}/'>a</a><a href='//[::{n}'>b</a><a href='http:\\\\0x7f.{n}@x:99999/'>c</a>")
        }),
        body("tag links", |n| format!("<a rel='tag nofollow' href=/t/{n}>Tag {n}</a>")),
        body("list of teasers", |n| {
            format!("<article><a href=/s/{n}><h3>Teaser {n} of many</h3></a><p>Ann Reader, 1 May 2024</p></article>")
        }),
        body("passwords and inputs", |n| format!("<input type=text name=n{n}><label>x</label><select><textarea>y</textarea>")),
        // head
        head("meta", |n| format!("<meta name=n{n} content='value {n}'>")),
        head("meta of one name", |n| format!("<meta property=og:title content='Harbour library {n}'>")),
        head("meta tags", |n| format!("<meta property=article:tag content='Tag {n}'>")),
        head("meta authors", |n| format!("<meta name=author content='Ann Reader{n}, Ben Writer and Cy Poet'>")),
        head("meta dates", |n| format!("<meta property=article:published_time content=2024-05-{:02}T08:00:00>", n % 28 + 1)),
        head("meta robots", |n| format!("<meta name=robots content='a{n},b{n},c{n}'>")),
        open_head("one meta of keywords", |n| if n == 0 { "<meta name=keywords content='".into() } else { format!("word {n},") }),
        head("links of the head", |n| format!("<link rel='alternate canonical next' type=application/rss+xml href=/feed/{n}>")),
        head("bases", |n| format!("<base href='javascript:{n}'><base href=/x{n}/>")),
        head("titles", |n| format!("<title>Other {n}</title>")),
        page(
            "one huge title",
            Record,
            "<title>",
            s!("Harbour library | "),
            "</title><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "escapes in the title",
            Record,
            "<title>",
            s!("\u{1b}[31mHarbour \u{202e}\u{7}"),
            "</title><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "one huge heading",
            Record,
            "<title>Harbour library</title><h1>",
            s!("Harbour library - "),
            "</h1><p>The harbour library reopened on Monday.",
        ),
        page(
            "a long base under links",
            Record,
            "<title>Links</title><p>The harbour library reopened on Monday after two years.",
            |n| {
                if n == 0 {
                    format!("<base href='https://harbour.example/{}/'>", "b/".repeat(4000))
                } else {
                    format!("<a href=s{n}>S {n}</a>")
                }
            },
            "",
        ),
        page(
            "a long base under captions",
            Record,
            "<title>Pictures</title><p>The harbour library reopened on Monday after two years.",
            |n| {
                if n == 0 {
                    format!("<base href='https://harbour.example/{}/'>", "b/".repeat(4000))
                } else {
                    format!("<figure><img src=p{n}.jpg><figcaption>Boats {n} at the pier on {n} days</figcaption></figure>")
                }
            },
            "",
        ),
        // JSON
        head("JSON-LD scripts", |n| {
            format!(
                "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"H {n}\",\"author\":{{\"name\":\"A {n}\"}}}}</script>"
            )
        }),
        head("JSON-LD that is none", |n| format!("<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"a\":{n},,]</script>")),
        open_head("one JSON-LD of objects", |n| {
            let start = if n == 0 { "<script type=application/ld+json>[{}" } else { "" };
            format!("{start},{{\"@type\":\"NewsArticle\",\"@id\":\"#{n}\",\"isPartOf\":{{\"@id\":\"#{}\"}}}}", n + 1)
        }),
        page(
            "a graph of JSON-LD",
            Record,
            HEAD_OF_GRAPH,
            |n| format!(",{{\"@id\":\"#p{n}\",\"@type\":\"Person\",\"name\":\"Ann Reader{n}\"}}"),
            "]}</script><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "authors of JSON-LD",
            Record,
            HEAD_OF_AUTHORS,
            |n| format!(",{{\"@type\":\"Person\",\"name\":\"Ann Reader{n}\"}}"),
            "]}</script><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "authors that point at each other",
            Record,
            HEAD_OF_AUTHORS,
            |n| format!(",{{\"@id\":\"#a{n}\",\"author\":{{\"@id\":\"#a{}\"}}}}", n + 1),
            "]}</script><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "keywords of JSON-LD",
            Record,
            HEAD_OF_KEYWORDS,
            |n| format!(",\"word {n}\""),
            "]}</script><p>The harbour library reopened on Monday after two years.",
        ),
        page(
            "a body of JSON-LD",
            Record,
            HEAD_OF_BODY,
            s!("The harbour lay still.\\n\\nThe boats &amp; crews waited. "),
            "\"}</script><p>The harbour library reopened on Monday after two years.",
        ),
        open_head("deep JSON-LD of lists", |n| if n == 0 { "<script type=application/ld+json>".into() } else { "[".into() }),
        open_head("deep JSON-LD of objects", |n| if n == 0 { "<script type=application/ld+json>".into() } else { "{\"a\":".into() }),
        open_head("JSON-LD of escapes", |n| {
            if n == 0 { "<script type=application/ld+json>{\"headline\":\"".into() } else { "\\ud800\\u0000\\n&quot;".into() }
        }),
        open_head(
            "JSON-LD of keys",
            |n| if n == 0 { "<script type=application/ld+json>{\"a\":1".into() } else { format!(",\"k{n}\":{n}") },
        ),
        open_head("page JSON", |n| {
            if n == 0 {
                "<script id=__NEXT_DATA__ type=application/json>[0".into()
            } else {
                format!(",{{\"headline\":\"H {n}\",\"html\":\"<p>x\"}}")
            }
        }),
        open_head("page state", |n| if n == 0 { "<script>window.__STATE__={a:[0".into() } else { format!(",{{\"body\":\"</p>{n}\"}}") }),
        head("scripts", |n| format!("<script>var a{n}='<p>x</p>';</script><style>.c{n}{{}}</style>")),
        head("noscript", |n| format!("<noscript><img src=/{n}.gif alt='Pixel {n}'></noscript>")),
        // what never ends
        body("a comment", |n| if n == 0 { "<!--".into() } else { "- -- > <!--".into() }),
        body("comments", s!("<!-- x --><!><?x>")),
        body("a script", |n| if n == 0 { "<script>".into() } else { "<!-- <script> </scrip </script".into() }),
        body("a CDATA section", |n| if n == 0 { "<svg><![CDATA[".into() } else { "]] ]> ".into() }),
        body("plaintext", |n| if n == 0 { "<plaintext>".into() } else { "<p>x</p>\n".into() }),
        body("a textarea", |n| if n == 0 { "<textarea>".into() } else { "<p>&amp;".into() }),
        body("tags without an end", s!("<p ")),
        // no page at all
        page(
            "a feed in place of a page",
            RecordOr("no_content"),
            "<?xml version='1.0'?><rss><channel><title>Harbour</title>",
            |n| {
                format!(
                    "<item><title>Item {n}</title><link>https://harbour.example/{n}</link><description><![CDATA[<p>x</p>]]></description></item>"
                )
            },
            "</channel></rss>",
        ),
        page(
            "XML with entities",
            RecordOr("no_content"),
            "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a '&b;&b;'>]><x>",
            s!("<y>&a;&a;</y>"),
            "</x>",
        ),
        page("plain text", Record, "Harbour library reopens\n\n", |n| format!("The library reopened on day {n}.\n\n"), ""),
        page("nothing but tags", Error("no_content"), "", s!("<div></div>"), ""),
        page("nothing but space", Error("no_content"), "", s!(" \n"), ""),
        bytes("noise", RecordOr("no_content"), noise),
        bytes("a picture", Error("not_html"), |n| [b"\x89PNG\r\n\x1a\n".to_vec(), noise(n)].concat()),
        bytes("zeros", Error("no_content"), |n| vec![0; n]),
        bytes("UTF-16", Record, utf_16),
        bytes("invalid UTF-8", Record, invalid_utf_8),
        bytes("shifts between alphabets", Record, escapes_of_2022),
        // scrapes
        text("a scrape of equal lines", s!("The harbour lay still and the boats waited.\n")),
        text("a scrape of short lines", |n| format!("w{n}\n\n")),
        text("a scrape of one line", s!("The boats waited. ")),
        text("a scrape of captions", |n| format!("Boats at the old pier of the harbour, number {n}. Photo: A. Reader\n")),
        text("a scrape of bylines", |n| format!("By Ann Reader{n}\nMay 1, 2024\nCorrection: {n} boats\n")),
    ]
}

const HEAD_OF_GRAPH: &str = "<title>Harbour</title><script type=application/ld+json>{\"@graph\":[{\"@type\":\"NewsArticle\",\
    \"headline\":\"Harbour library reopens\",\"author\":[{\"@id\":\"#p0\"},{\"@id\":\"#p9\"},{\"@id\":\"#none\"}]}";
const HEAD_OF_AUTHORS: &str = "<title>Harbour</title><script type=application/ld+json>{\"@type\":\"NewsArticle\",\
    \"headline\":\"Harbour library reopens\",\"author\":[{\"@id\":\"#a1\"}";
const HEAD_OF_KEYWORDS: &str = "<title>Harbour</title><script type=application/ld+json>{\"@type\":\"NewsArticle\",\
    \"headline\":\"Harbour library reopens\",\"keywords\":[\"boats\"";
const HEAD_OF_BODY: &str = "<title>Harbour</title><script type=application/ld+json>{\"@type\":\"NewsArticle\",\
    \"headline\":\"Harbour library reopens\",\"articleBody\":\"";
