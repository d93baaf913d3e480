//! What kind of page is it, and is its text whole?
//!
//! In: declarations, segments and the choice of body. Out: [`PageKind`], [`Access`].

use url::Url;

use super::blocks::Segment;
use super::declared;
use super::features::weight;
use super::metadata::Metadata;
use crate::article::{Access, PageKind};

/// What the judgement rests on.
pub(crate) struct Evidence<'a> {
    pub(crate) metadata: &'a Metadata,
    pub(crate) segments: &'a [Segment],
    pub(crate) chosen: &'a [bool],
    pub(crate) words: f32,
    pub(crate) captions: usize,
    /// Captions inside elements of a gallery or slider.
    pub(crate) slides: usize,
    pub(crate) published: bool,
    pub(crate) url: Option<&'a Url>,
}

/// Words from which on a text without other signs is an article.
const MIN_WORDS: f32 = 120.0;

/// The kind of page.
pub(crate) fn of(page: &Evidence<'_>) -> PageKind {
    let json_ld = &page.metadata.json_ld;
    if json_ld.of_type("LiveBlogPosting").next().is_some() {
        return PageKind::Live;
    }
    let og_type = page.metadata.first(&["og:type"]).unwrap_or_default().to_ascii_lowercase();
    let declared_article =
        json_ld.article().is_some_and(|a| a.contains_key("datePublished") || a.contains_key("articleBody")) || og_type.contains("article");
    let front = page.url.is_some_and(|u| u.path() == "/" && u.query().is_none());
    if front && !json_ld.article().is_some_and(|a| a.contains_key("articleBody")) {
        return PageKind::Index;
    }
    let listing =
        ["CollectionPage", "SearchResultsPage", "ItemList"].iter().any(|t| json_ld.of_type(t).next().is_some()) && !declared_article;
    if listing && page.words < 400.0 || !declared_article && is_list_of_links(page) {
        return PageKind::Index;
    }
    let video = og_type.starts_with("video") || json_ld.of_type("VideoObject").next().is_some() && json_ld.article().is_none();
    if video && page.words < 250.0 {
        return PageKind::Video;
    }
    let gallery = json_ld.of_type("ImageGallery").chain(json_ld.of_type("MediaGallery")).next().is_some();
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    let captions = page.captions as f32;
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    let slides = page.slides as f32;
    if slides >= 4.0 && page.words < slides * 80.0 {
        return PageKind::Gallery;
    }
    if gallery && page.words < 250.0 || captions >= 4.0 && page.words < captions * 25.0 {
        return PageKind::Gallery;
    }
    if declared_article || page.published || page.words >= MIN_WORDS { PageKind::Article } else { PageKind::Other }
}

/// Many links that read like headlines, and little running text.
fn is_list_of_links(page: &Evidence<'_>) -> bool {
    let headlines = page.segments.iter().filter(|s| s.link_chars * 10 >= s.chars * 9 && weight(s) >= 4.0).count();
    #[expect(clippy::cast_precision_loss, reason = "compared roughly")]
    let headlines = headlines as f32;
    headlines >= 12.0 && page.words < headlines * 8.0 && page.words < 300.0
}

/// Lower-case phrases that stand where a text is cut, in the languages of the field.
const OFFERS: [&str; 22] = [
    "subscribe to continue",
    "to continue reading",
    "continue reading with",
    "subscribe to read",
    "already a subscriber",
    "subscribers only",
    "subscriber-only",
    "weiterlesen mit",
    "jetzt weiterlesen",
    "nur für abonnenten",
    "bereits abonnent",
    "mit abo lesen",
    "réservé aux abonnés",
    "déjà abonné",
    "para suscriptores",
    "ya eres suscriptor",
    "solo para suscriptores",
    "riservato agli abbonati",
    "会員限定",
    "有料会員",
    "구독자 전용",
    "только для подписчиков",
];

/// Paywall as declared, and whether the text is cut short.
pub(crate) fn access(page: &Evidence<'_>, body: &str) -> Access {
    let paywalled = declared::paywalled(page.metadata);
    let ends_open = body.ends_with('…') || body.ends_with("...") || body.ends_with("[…]");
    // Nothing else depends on an offer.
    let matters = paywalled == Some(true) || ends_open;
    let offer = matters
        && page.segments.iter().zip(page.chosen).any(|(s, on)| {
            !on && s.chars <= 300 && {
                let lower = s.text.to_lowercase();
                OFFERS.iter().any(|o| lower.contains(o))
            }
        });
    let truncated = paywalled == Some(true) && (offer || ends_open || page.words < 80.0) || offer && ends_open;
    Access { paywalled: paywalled.or((offer && truncated).then_some(true)), truncated }
}
