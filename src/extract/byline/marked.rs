//! Names that the markup itself calls the author's: `rel=author`, hCard (microformats), class words, links to author pages.
//!
//! What stands in such an element may be a nickname: there it counts, anywhere else it would not. Comments, teasers
//! and columns beside the text have authors of their own, and are left out.

use super::super::class_words::{self, Memo};
use super::super::dom::{Dom, NodeId};
use super::super::marked::{Clearest, clearest};
use super::super::names::known;
use super::super::tag::Tag;
use super::names::{after_by, declared_names, names, unique, without_place};
use super::printed::tidy;
use crate::text;

/// Longest text of such an element, in characters.
const MAX_CHARS: usize = 80;
/// Nodes of such an element that are looked at for links.
const MAX_NODES: usize = 1000;
/// More names than this belong to a list of articles, not to one.
const MAX_NAMES: usize = 6;

/// Letters of the longest of the words below.
const MAX_WORD: usize = 12;

/// Whether a word stands for an author in classes and paths.
fn is_author(word: &[u8]) -> bool {
    matches!(
        word,
        b"author"
            | b"authors"
            | b"byline"
            | b"autor"
            | b"autorin"
            | b"autoren"
            | b"auteur"
            | b"auteurs"
            | b"autore"
            | b"autores"
            | b"writer"
            | b"writers"
            | b"reporter"
            | b"newsteam"
            | b"contributor"
            | b"contributors"
            | b"redacteur"
            | b"verfasser"
            | b"forfatter"
            | b"kirjoittaja"
            | b"journalist"
            | b"vcard"
    )
}

/// Whether any of these words begins with that letter.
fn may_begin_author(first: u8) -> bool {
    matches!(first.to_ascii_lowercase(), b'a' | b'b' | b'c' | b'f' | b'j' | b'k' | b'n' | b'r' | b'v' | b'w')
}

/// Words that stand in such elements and are no names.
const NO_NAMES: [&str; 55] = [
    "author",
    "authors",
    "autor",
    "admin",
    "administrator",
    "unknown",
    "anonymous",
    "gast",
    "guest",
    "profile",
    "profil",
    "posts",
    "follow",
    "folgen",
    "mehr",
    "more",
    "website",
    "email",
    "e-mail",
    "twitter",
    "facebook",
    "instagram",
    "about",
    "kontakt",
    "datum",
    "date",
    "posted",
    "publiziert",
    "artikel",
    "beitrag",
    "beiträge",
    "article",
    "articles",
    "kategorie",
    "category",
    "share",
    "teilen",
    "bio",
    "filter",
    "post",
    "privacy",
    "policy",
    "members",
    "menu",
    "search",
    "subscribe",
    "login",
    "quelle",
    "source",
    "fuente",
    "cortesía",
    "cortesia",
    "courtesy",
    "antwort",
    "纠错",
];

/// The authors as marked; nearest behind the headline first. `title` is the headline's first node.
pub(super) fn marked(dom: &Dom, title: Option<NodeId>) -> Vec<String> {
    let read = |dom: &Dom, id| Some(names_in(dom, id)).filter(|names| !names.is_empty());
    let said = Memo::new(dom);
    let Some(Clearest { after, alike }) = clearest(dom, title, |dom, id| strength(dom, id, &said), read) else {
        return Vec::new();
    };
    let distinct = unique(alike.iter().flat_map(|(_, names)| names.iter().cloned()));
    if !after && distinct.len() > 1 || distinct.len() > MAX_NAMES {
        return Vec::new();
    }
    let first = alike.first().and_then(|(id, _)| dom.parent(*id));
    unique(alike.into_iter().filter(|(id, _)| dom.parent(*id) == first).flat_map(|(_, names)| names))
}

/// How clearly an element is an author's name: 3 by relation or hCard, 2 by its own class, 1 by where it links to.
fn strength(dom: &Dom, id: NodeId, said: &Memo<(bool, bool)>) -> u8 {
    if dom.attributes(id).len() == 0 {
        return 0;
    }
    let is_link = dom.tag(id) == Tag::A;
    if is_link && dom.has_relation(id, "author") {
        return 3;
    }
    let (card_name, author) = said.get(dom, id, || {
        let (mut card_name, mut author) = (false, false);
        dom.words(id).for_each(|word| {
            card_name |= word == "fn";
            author |= is_author(word.as_bytes());
        });
        (card_name, author)
    });
    if card_name
        && dom.ancestors(id).skip(1).take(4).any(|outer| class_words::any_of_element(dom, outer, |word| is_author(word.as_bytes())))
    {
        return 3;
    }
    if author {
        return 2;
    }
    let path = if is_link { dom.attr(id, known::HREF).unwrap_or_default() } else { "" };
    u8::from(leads_to_author(path))
}

/// Whether a path has a segment that stands for an author, and another behind it.
fn leads_to_author(path: &str) -> bool {
    let path = path.trim_end_matches(['/', '?']).as_bytes();
    let mut start = 0;
    memchr::memchr2_iter(b'/', b'?', path).any(|end| {
        let segment = &path[std::mem::replace(&mut start, end + 1)..end];
        let mut lower = [0; MAX_WORD];
        let Some(lower) = lower.get_mut(..segment.len()) else { return false };
        if !segment.first().is_some_and(|first| may_begin_author(*first)) {
            return false;
        }
        lower.copy_from_slice(segment);
        lower.make_ascii_lowercase();
        is_author(lower)
    })
}

/// The names in an element: those that it links, where it links any.
fn names_in(dom: &Dom, id: NodeId) -> Vec<String> {
    let links = dom.descendants(id).skip(1).take(MAX_NODES).filter(|&inner| dom.tag(inner) == Tag::A);
    let linked = unique(links.take(MAX_NAMES).flat_map(|link| names_of(dom, link)));
    if linked.is_empty() { names_of(dom, id) } else { linked }
}

fn names_of(dom: &Dom, id: NodeId) -> Vec<String> {
    let raw = text::clean(&dom.text(id, 400));
    if raw.is_empty() || raw.chars().count() > MAX_CHARS {
        return Vec::new();
    }
    let by = after_by(&raw);
    let line = tidy(without_place(by.unwrap_or(&raw)));
    let found = names(&line);
    if !found.is_empty() {
        // One that is none makes a list of other things of the rest.
        let are_names = found.iter().all(|name| is_short(name) && !is_no_name(name));
        return if are_names { found } else { Vec::new() };
    }
    // "By Staff Writer" names nobody, but says who signs.
    if by.is_some() && line.split_whitespace().count() <= 3 && !is_no_name(&line) {
        return declared_names(&line);
    }
    let is_nickname = (2..=30).contains(&line.chars().count())
        && line.chars().any(char::is_alphabetic)
        && line.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !is_no_name(&line);
    if is_nickname { vec![line] } else { Vec::new() }
}

/// As long as names are: what reads like a sentence, or like a list of words, is none.
fn is_short(name: &str) -> bool {
    let most = if name.chars().any(text::is_unspaced) { 10 } else { 40 };
    name.chars().count() <= most && name.split_whitespace().count() <= 5 && !name.contains([':', '：'])
}

pub(super) fn is_no_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.split_whitespace().any(|word| NO_NAMES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> Vec<String> {
        let dom = Dom::parse(html);
        let title = dom.elements(Tag::H1).next();
        marked(&dom, title)
    }

    #[test]
    fn marked_names_nicknames_too() {
        for (html, expected) in [
            (
                "<h1>A</h1><span class='byline'>May 3, 2026 <span class='author vcard'><a class='url fn n' href=/author/x>tidewatcher</a></span></span>",
                vec!["tidewatcher"],
            ),
            ("<h1>A</h1><p>3 May, 2026 | <a rel=author href=/author/fog_horn>FoG_HoRn</a> | <a href=/a>A</a>", vec!["FoG_HoRn"]),
            (
                "<h1>A</h1><div class=article-meta><a class=article-author-name href=/x>Ana Ruiz</a><time>3 May</time></div>",
                vec!["Ana Ruiz"],
            ),
            ("<h1>A</h1><p><span>By</span> <a href=https://news.example/about/newsteam/ana-ruiz>Ana Ruiz</a></p>", vec!["Ana Ruiz"]),
            (
                "<h1>A</h1><p class=meta><a rel=author href=/1>Ana Ruiz</a> und <a rel=author href=/2>Tom Weller</a></p>",
                vec!["Ana Ruiz", "Tom Weller"],
            ),
            ("<h1>A</h1><span class='author'>von admin</span>", vec![]),
            ("<h1>A</h1><div class=byline><span>By</span><span><a href=/x>Ana Ruiz</a></span></div>", vec!["Ana Ruiz"]),
            ("<h1>A</h1><p class=author>Datum</p>", vec![]),
            ("<h1>A</h1><div class=author-name><span>By Staff Writer</span></div>", vec!["Staff Writer"]),
            ("<h1>A</h1><p class=author>By tidewatcher on</p>", vec!["tidewatcher"]),
            ("<div class='page has-sidebar'><h1>A</h1><p><a rel=author href=/x>tidewatcher</a></p></div>", vec!["tidewatcher"]),
        ] {
            assert_eq!(of(html), expected, "{html}");
        }
    }

    #[test]
    fn paths_of_authors() {
        for word in
            ["author", "byline", "contributors", "forfatter", "journalist", "kirjoittaja", "newsteam", "Reporter", "vcard", "WRITER"]
        {
            assert!(leads_to_author(&format!("/{word}/ana-ruiz")) && !leads_to_author(&format!("/x{word}/ana-ruiz")), "{word}");
        }
        assert!(!leads_to_author("/author/") && !leads_to_author("/news/ana-ruiz"));
    }

    #[test]
    fn others_authors_are_not_taken() {
        let comment = "<div class=comment-body><b class='fn author'>grumpy_gull</b></div>";
        let teasers = "<div class=teaser><a rel=author href=/1>Tom Weller</a></div>";
        assert!(of(&format!("<h1>A</h1><p>Text.</p>{comment}{teasers}")).is_empty());
        let list = ["Ann", "Ben", "Cas", "Dot", "Eve", "Fay", "Gus", "Hal"]
            .map(|name| format!("<p><a rel=author href=/{name}>{name} Weller</a></p>"));
        assert!(of(&format!("<h1>A</h1>{}", list.concat())).is_empty());
    }
}
