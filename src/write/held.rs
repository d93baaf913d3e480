//! What a written record holds, for the run's figures.

use crate::article::Article;
use crate::text;

/// The fields that a run counts, in the order of the record; `credits` are those of its captions.
pub const FIELDS: [&str; 13] = [
    "title",
    "subtitle",
    "byline",
    "authors",
    "published",
    "language",
    "site",
    "section",
    "tags",
    "body",
    "captions",
    "credits",
    "lead_image",
];

/// What one record holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Those of [`FIELDS`] that are neither `null` nor empty.
    pub fields: Vec<&'static str>,
    /// Words of the body.
    pub words: u64,
    /// The record's language.
    pub language: Option<String>,
    /// Whether it is marked as a near copy.
    pub copy: bool,
    /// Its `extraction.warnings`.
    pub warnings: Vec<String>,
}

impl Held {
    /// Of an article, of which the number of words may be known.
    pub(super) fn of(article: &Article, words: Option<usize>) -> Self {
        let has = [
            article.title.is_some(),
            article.subtitle.is_some(),
            article.byline.is_some(),
            !article.authors.is_empty(),
            article.published.is_some(),
            article.language.is_some(),
            article.site.is_some(),
            article.section.is_some(),
            !article.tags.is_empty(),
            !article.body.is_empty(),
            !article.captions.is_empty(),
            article.captions.iter().any(|caption| caption.credit.is_some()),
            article.lead_image.is_some(),
        ];
        Self {
            fields: FIELDS.into_iter().zip(has).filter(|(_, has)| *has).map(|(name, _)| name).collect(),
            words: words.unwrap_or_else(|| text::word_count(&article.body)) as u64,
            language: article.language.clone(),
            copy: article.duplicate_of.is_some(),
            warnings: article.extraction.warnings.clone(),
        }
    }
}
