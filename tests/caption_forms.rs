//! Forms in which pages print captions, each on a small page of its own.

use copydesk::decode::Page;
use copydesk::record::{Options, read_article};

const PARAGRAPHS: [&str; 5] = [
    "The ferry to the northern quay was cancelled on Monday after a crack was found in its ramp, the harbour office said.",
    "Engineers looked at the ramp for three hours before they closed it, and passengers were sent to the bridge instead.",
    "\"We would rather be late than wet,\" said the captain, Ida Brandt, who has steered the boat for eleven years.",
    "A spare ramp is being brought from the shipyard at Elbtal, where it had been in store since the spring of last year.",
    "The harbour office expects the ferry to run again on Thursday, first every hour and from the weekend every half hour.",
];

/// The captions, with their credits, of an article with some markup behind its second paragraph.
fn captions(figure: &str) -> (Vec<(String, Option<String>)>, String) {
    let [a, b, rest @ ..] = PARAGRAPHS.map(|text| format!("<p>{text}</p>"));
    let html = format!(
        "<!DOCTYPE html><html lang=en><head><title>Ferry stays in port</title></head><body><nav><a href=/>Home</a> <a href=/n>News</a></nav>\
         <main><article><h1>Ferry stays in port</h1><div class=text>{a}{b}{figure}{}</div></article></main></body></html>",
        rest.concat()
    );
    let page = Page { html, ..Page::default() };
    let article = read_article(&page, &Options::default()).expect("the page has an article");
    (article.captions.into_iter().map(|c| (c.text, c.credit)).collect(), article.body)
}

#[test]
fn captions_in_links_that_enlarge_the_picture() {
    let (found, body) = captions(
        "<a href=/img/ramp-large.jpg><figure><picture><img src=/img/ramp.jpg alt=Enlarge></picture>\
         <figcaption><small>The ramp with the crack, seen from the pier. (Photo: Ana Ruiz/Harbour Pictures)</small></figcaption></figure></a>",
    );
    assert_eq!(found, [("The ramp with the crack, seen from the pier.".to_owned(), Some("Ana Ruiz/Harbour Pictures".to_owned()))]);
    assert!(!body.contains("seen from the pier"));
}

#[test]
fn captions_beside_a_picture_in_the_same_element() {
    let (found, body) = captions(
        "<div class=media><div><div><img src=/img/ramp.jpg alt=''></div></div>\
         <span class=legend>The ramp with the crack, seen from the pier. (Photo: Ana Ruiz)</span></div>",
    );
    assert_eq!(found, [("The ramp with the crack, seen from the pier.".to_owned(), Some("Ana Ruiz".to_owned()))]);
    assert!(!body.contains("seen from the pier"));
}

#[test]
fn teasers_in_links_are_no_captions() {
    let (found, _) = captions(
        "<a href=/2026/bridge-opens><figure><img src=/img/bridge.jpg alt=''><figcaption>The bridge on its first day. (Photo: Ana Ruiz)</figcaption>\
         </figure><h3>Bridge opens a week early after a dry winter in the valley</h3></a>",
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_credit_whose_bracket_opens_in_the_block_before() {
    let credit = |name: &str| format!("<span class=credit> (<div class=camera><span></span>Image:</div>{name})</span>");
    let figure = |text: &str, name: &str| {
        format!(
            "<div class=widget><figure><img src=/img/{name}.jpg alt=''></figure><figcaption class=image__caption>{text}{}</figcaption></div>",
            credit(name)
        )
    };
    let (found, body) = captions(
        &[
            figure("<span class=caption>The ramp with the crack, seen from the pier</span>", "Harbour Pictures"),
            figure("", "iHarbour/Pictures"),
        ]
        .concat(),
    );
    assert_eq!(found, [("The ramp with the crack, seen from the pier".to_owned(), Some("Harbour Pictures".to_owned()))]);
    assert!(!body.contains("Pictures") && !body.contains('('), "{body}");
}
