//! One page that shows what extraction made of a page: block by block on the left, the record on the right.
//!
//! In: a record with the [`Explained`] blocks of the same run. Out: HTML that stands alone and fetches nothing. Nothing
//! of the page is live in it: all text is escaped, a content security policy lets only the style and the script below
//! in, and addresses are links only where they are http(s). It can be read without its script, which adds keys.

mod blocks;
mod fields;
mod names;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::article::Article;
use crate::error::Error;
use crate::extract::{Decision, Explained, RuleTrial};
use crate::text;
use crate::units::percent;

const STYLE: &str = concat!(include_str!("../page.css"), include_str!("style.css"));
const SCRIPT: &str = include_str!("script.js");

/// What is shown.
#[derive(Debug)]
pub struct Inspection<'a> {
    /// The input as a person named it.
    pub input: &'a str,
    /// The record, or why there is none.
    pub article: Result<&'a Article, &'a Error>,
    /// The page's blocks, in its order.
    pub blocks: &'a [Explained],
    /// The host that the `[[site]]` rules which hold are for, and what each of them selects.
    pub rules: Option<&'a (String, Vec<RuleTrial>)>,
}

/// Decisions in the order of the legend.
const DECISIONS: [Decision; 11] = [
    Decision::Title,
    Decision::Standfirst,
    Decision::Byline,
    Decision::Date,
    Decision::Body,
    Decision::Caption,
    Decision::CaptionCopy,
    Decision::Note,
    Decision::Cleaned,
    Decision::Removed,
    Decision::LeftOut,
];

/// The page, as HTML.
#[must_use]
pub fn page(inspection: &Inspection<'_>) -> String {
    let title = inspection.article.ok().and_then(|a| a.title.as_deref()).map_or_else(|| "No headline".to_owned(), text::clean);
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        fingerprint(STYLE),
        fingerprint(SCRIPT)
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) " · copydesk inspect" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#record" { "To the record" }
                header.top {
                    p.eyebrow { "copydesk inspect" }
                    h1 dir="auto" { (title) }
                    p.input dir="ltr" { (text::clean(inspection.input)) }
                    (summary(inspection))
                    (rules(inspection.rules))
                }
                (legend(inspection.blocks))
                div.panes {
                    main.page {
                        h2 { "The page, block by block" }
                        p.keys.scripted hidden { kbd { "j" } " " kbd { "k" } " next, previous block; " kbd { "Enter" } " its place on the other side" }
                        (blocks::list(inspection))
                    }
                    (fields::record(inspection))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// What is known of the whole: confidence, kind, counts, warnings.
fn summary(inspection: &Inspection<'_>) -> Markup {
    let count = |decision| inspection.blocks.iter().filter(|b| b.decision == decision).count();
    html! {
        @match inspection.article {
            Err(error) => { p.alarm { strong { "No record: " } (error) } }
            Ok(article) => {
                dl.facts {
                    div { dt { "Confidence" } dd {
                        meter min="0" max="1" low="0.5" high="0.8" optimum="1" value=(format!("{:.2}", article.extraction.confidence)) aria-label="Confidence" {}
                        " " (percent(article.extraction.confidence))
                    } }
                    div { dt { "Kind of page" } dd { (names::page_kind(article.extraction.page_kind)) } }
                    div { dt { "Words" } dd { (text::word_count(&article.body)) } }
                    div { dt { "Blocks kept" } dd { (count(Decision::Body)) " of " (inspection.blocks.len()) } }
                    div { dt { "Captions" } dd {
                        (article.captions.len()) ", printed " (article.captions.iter().map(|c| u64::from(c.occurrences)).sum::<u64>()) "×"
                    } }
                }
                @if !article.extraction.warnings.is_empty() {
                    ul.warnings aria-label="Warnings" { @for warning in &article.extraction.warnings { li { (text::clean(warning)) } } }
                }
            }
        }
    }
}

/// What each rule of the site selects.
fn rules(rules: Option<&(String, Vec<RuleTrial>)>) -> Markup {
    html! {
        @if let Some((host, trials)) = rules {
            section.rules {
                h2 { "Rules of [[site]] " (text::clean(host)) }
                div.scroll tabindex="0" role="region" aria-label="Rules" {
                    table {
                        thead { tr { th scope="col" { "key" } th scope="col" { "selector" } th scope="col" { "matches" } th scope="col" { "the first" } } }
                        tbody {
                            @for trial in trials {
                                tr.none[trial.matches == 0] {
                                    th scope="row" { (trial.key) }
                                    td { code { (text::clean(&trial.css)) } }
                                    td { (trial.matches) }
                                    td dir="auto" { (cut(&trial.first, MAX_RULE_CHARS)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The legend, which is the filter, too: without a script, by the style alone.
fn legend(blocks: &[Explained]) -> Markup {
    html! {
        section.legend aria-label="Filter" {
            fieldset {
                legend { "Blocks shown" }
                @for decision in DECISIONS {
                    @let count = blocks.iter().filter(|b| b.decision == decision).count();
                    @if count > 0 {
                        @let id = format!("f-{}", names::class(decision));
                        label class=(names::class(decision)) {
                            input type="checkbox" id=(id) checked;
                            span.name { (names::decision(decision)) }
                            span.count { (count) }
                        }
                    }
                }
            }
        }
    }
}

/// Entries of a list that a browser lays out together, when they come into view.
const CHUNK: usize = 100;

/// Characters of a value in the table of rules.
const MAX_RULE_CHARS: usize = 160;

/// A text, cut where it is long.
fn cut(text: &str, limit: usize) -> String {
    let text = text::clean(text);
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A link for an address that may be one, else its text. Nothing is told to where it leads.
fn address(raw: &str) -> Markup {
    let shown = cut(raw, MAX_ADDRESS_CHARS);
    let usable = crate::record::usable_url(raw);
    html! {
        @if let Some(url) = usable {
            a.url href=(url) rel="noreferrer noopener nofollow external" dir="ltr" { (shown) }
        } @else {
            span.url dir="ltr" { (shown) }
        }
    }
}

/// Characters of an address that are shown.
const MAX_ADDRESS_CHARS: usize = 300;

/// The hash of an inline text as a content security policy names it: SHA-256 in Base64.
fn fingerprint(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in Sha256::digest(text.as_bytes()).chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at > three.len() { '=' } else { letter });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_policies_name_them() {
        assert_eq!(fingerprint(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(fingerprint("alert('Hello, world.');"), "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }

    #[test]
    fn addresses_are_links_only_where_they_may_be() {
        assert!(address("https://news.example/a?b=\"c").into_string().contains("href=\"https://news.example/a?b=%22c\""));
        assert_eq!(address("javascript:alert(1)").into_string(), "<span class=\"url\" dir=\"ltr\">javascript:alert(1)</span>");
    }
}
