//! A record → a row under the names that a tool reads.

use serde_json::{Map, Value, json};

use crate::article::Article;
use crate::dedup;
use crate::error::{Error, Result};

/// Whose field names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preset {
    /// Those of the record.
    #[default]
    Record,
    /// datatrove's: `text`, `id`, and everything else as metadata.
    Datatrove,
    /// Those of news data sets on Hugging Face (`cc_news`): `title`, `text`, `domain`, `date`, `description`, `url`, `image_url`, …
    Hf,
    /// schema.org's `NewsArticle`.
    SchemaOrg,
}

impl Preset {
    /// The name on the command line and in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Datatrove => "datatrove",
            Self::Hf => "hf",
            Self::SchemaOrg => "schema-org",
        }
    }

    /// The row of JSON Lines.
    pub(crate) fn row(self, article: &Article) -> Result<Value> {
        match self {
            Self::Record => serde_json::to_value(article).map_err(|e| Error::Internal(e.to_string())),
            Self::Datatrove => Ok(datatrove(article)),
            Self::Hf => Ok(hf(article)),
            Self::SchemaOrg => Ok(schema_org(article)),
        }
    }
}

fn domain(article: &Article) -> Option<String> {
    let url = url::Url::parse(article.url.as_deref().or(article.canonical_url.as_deref())?).ok()?;
    url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned())
}

fn captions(article: &Article) -> Vec<Value> {
    article.captions.iter().map(|c| json!({"text": c.text, "credit": c.credit, "image": c.image})).collect()
}

fn datatrove(article: &Article) -> Value {
    json!({
        "text": article.body,
        "id": article.id.to_string(),
        "url": article.url,
        "date": article.published,
        "title": article.title,
        "subtitle": article.subtitle,
        "authors": article.authors,
        "site": article.site,
        "section": article.section,
        "tags": article.tags,
        "language": article.language,
        "captions": captions(article),
        "paywalled": article.access.paywalled,
        "truncated": article.access.truncated,
        "robots": article.rights.robots,
        "content_signal": article.rights.content_signal,
        "tdm_reservation": article.rights.tdm_reservation,
        "license": article.rights.license,
        "duplicate_of": article.duplicate_of.as_ref().map(ToString::to_string),
        "content_hash": article.content_hash,
        "fetched_at": article.fetched_at,
        "page_kind": article.extraction.page_kind,
        "confidence": article.extraction.confidence,
    })
}

fn hf(article: &Article) -> Value {
    json!({
        "id": article.id.to_string(),
        "title": article.title,
        "text": article.body,
        "domain": domain(article),
        "date": article.published,
        "description": article.subtitle,
        "url": article.url,
        "image_url": article.lead_image,
        "authors": article.authors,
        "language": article.language,
        "section": article.section,
        "tags": article.tags,
        "captions": captions(article),
        "robots": article.rights.robots,
        "license": article.rights.license,
        "tdm_reservation": article.rights.tdm_reservation,
        "duplicate_of": article.duplicate_of.as_ref().map(ToString::to_string),
        "confidence": article.extraction.confidence,
    })
}

fn schema_org(article: &Article) -> Value {
    let named = |name: &Option<String>| name.as_ref().map(|name| json!({"name": name}));
    let images: Vec<Value> =
        article.captions.iter().map(|c| json!({"contentUrl": c.image, "caption": c.text, "creditText": c.credit})).collect();
    json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": article.id.to_string(),
        "url": article.url,
        "mainEntityOfPage": article.canonical_url,
        "headline": article.title,
        "alternativeHeadline": article.subtitle,
        "author": article.authors.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "datePublished": article.published,
        "dateModified": article.modified,
        "inLanguage": article.language,
        "publisher": named(&article.site),
        "articleSection": article.section,
        "keywords": article.tags,
        "articleBody": article.body,
        "associatedMedia": images,
        "image": article.lead_image,
        "isAccessibleForFree": article.access.paywalled.map(|paywalled| !paywalled),
        "license": article.rights.license,
    })
}

/// The row of formats with types.
pub(crate) fn typed_row(preset: Preset, article: &Article) -> Result<Value> {
    Ok(match preset.row(article)? {
        Value::Object(fields) => Value::Object(typed(fields, article)),
        row => row,
    })
}

/// What Parquet has besides: text that is a number in some records, pairs in place of free keys, and instants.
fn typed(mut row: Map<String, Value>, article: &Article) -> Map<String, Value> {
    let instant = |date: &Option<String>| date.as_deref().and_then(micros).map_or(Value::Null, Value::from);
    if row.contains_key("schema") {
        row.insert("id".to_owned(), article.id.to_string().into());
        row.insert("duplicate_of".to_owned(), article.duplicate_of.as_ref().map(ToString::to_string).into());
        if let Some(extraction) = row.get_mut("extraction").and_then(Value::as_object_mut) {
            let sources = article.extraction.sources.iter().map(|(field, source)| json!({"field": field, "source": source}));
            extraction.insert("sources".to_owned(), sources.collect());
        }
        row.insert("published_at".to_owned(), instant(&article.published));
        row.insert("modified_at".to_owned(), instant(&article.modified));
    }
    if row.contains_key("fetched_at") {
        row.insert("fetched_at".to_owned(), instant(&article.fetched_at));
    }
    row
}

/// Microseconds since 1970. A day is its first moment, and a time without an offset is read as UTC.
fn micros(date: &str) -> Option<i64> {
    dedup::moment(date).map(jiff::Timestamp::as_microsecond)
}

/// The columns of Parquet, as its own language of schemas has them.
#[cfg(feature = "parquet")]
pub(crate) fn message(preset: Preset) -> String {
    let texts = |name: &str| format!("required group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }} ");
    let list = |name: &str, fields: &str| {
        format!("required group {name} (LIST) {{ repeated group list {{ required group element {{ {fields} }} }} }} ")
    };
    let pictures = list("captions", "required binary text (STRING); optional binary credit (STRING); optional binary image (STRING);");
    let optional =
        |names: &[&str]| names.iter().map(|name| ["optional binary ", name, " (STRING); "].concat()).collect::<Vec<_>>().concat();
    let columns = match preset {
        Preset::Record => [
            "required binary schema (STRING); required binary id (STRING); ",
            &optional(&["url", "canonical_url", "title", "subtitle", "byline"]),
            &texts("authors"),
            &optional(&["published", "modified", "language", "site", "section"]),
            &texts("tags"),
            "required binary body (STRING); ",
            &list("blocks", "required binary kind (STRING); optional int32 level; required binary text (STRING);"),
            &list(
                "captions",
                "required binary text (STRING); optional binary credit (STRING); optional binary image (STRING); required int32 block; \
                 required int32 occurrences;",
            ),
            &list("notes", "required binary kind (STRING); required binary text (STRING);"),
            &optional(&["lead_image"]),
            "required group access { optional boolean paywalled; required boolean truncated; } required group rights { ",
            &texts("robots"),
            &optional(&["content_signal", "tdm_reservation", "license"]),
            "} ",
            &optional(&["duplicate_of"]),
            "required int32 revision; required binary content_hash (STRING); optional int64 fetched_at (TIMESTAMP(MICROS,true)); \
             required group extraction { required binary version (STRING); required double confidence; required binary page_kind (STRING); ",
            &list("sources", "required binary field (STRING); required binary source (STRING);"),
            &texts("warnings"),
            "} optional int64 published_at (TIMESTAMP(MICROS,true)); optional int64 modified_at (TIMESTAMP(MICROS,true)); ",
        ]
        .concat(),
        Preset::Datatrove => [
            "required binary text (STRING); required binary id (STRING); ",
            &optional(&["url", "date", "title", "subtitle"]),
            &texts("authors"),
            &optional(&["site", "section"]),
            &texts("tags"),
            &optional(&["language"]),
            &pictures,
            "optional boolean paywalled; required boolean truncated; ",
            &texts("robots"),
            &optional(&["content_signal", "tdm_reservation", "license", "duplicate_of"]),
            "required binary content_hash (STRING); optional int64 fetched_at (TIMESTAMP(MICROS,true)); \
             required binary page_kind (STRING); required double confidence; ",
        ]
        .concat(),
        Preset::Hf => [
            "required binary id (STRING); optional binary title (STRING); required binary text (STRING); ",
            &optional(&["domain", "date", "description", "url", "image_url"]),
            &texts("authors"),
            &optional(&["language", "section"]),
            &texts("tags"),
            &pictures,
            &texts("robots"),
            &optional(&["license", "tdm_reservation", "duplicate_of"]),
            "required double confidence; ",
        ]
        .concat(),
        Preset::SchemaOrg => [
            "required binary identifier (STRING); ",
            &optional(&["url", "mainEntityOfPage", "headline", "alternativeHeadline"]),
            &list("author", "required binary name (STRING);"),
            &optional(&["datePublished", "dateModified", "inLanguage"]),
            "optional group publisher { required binary name (STRING); } ",
            &optional(&["articleSection"]),
            &texts("keywords"),
            "required binary articleBody (STRING); ",
            &list("associatedMedia", "optional binary contentUrl (STRING); required binary caption (STRING); optional binary creditText (STRING);"),
            &optional(&["image"]),
            "optional boolean isAccessibleForFree; ",
            &optional(&["license"]),
        ]
        .concat(),
    };
    format!("message article {{ {columns} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_dates_as_exact_as_they_are() {
        for (date, shown) in [
            ("2026-05-12", "2026-05-12T00:00:00Z"),
            ("2026-05-12T18:44", "2026-05-12T18:44:00Z"),
            ("2026-05-12T18:44+02:00", "2026-05-12T16:44:00Z"),
            ("2026-05-12T18:44:01.5Z", "2026-05-12T18:44:01.5Z"),
        ] {
            assert_eq!(micros(date), Some(shown.parse::<jiff::Timestamp>().unwrap().as_microsecond()), "{date}");
        }
        assert_eq!(micros("2026-05"), None);
    }
}
