//! The datasheet of a data set (Gebru et al. 2021, as far as records can tell): where the texts come from, when, in which languages,
//! how complete their fields are, what is there twice, and what their publishers say of reuse.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::article::{Article, SCHEMA};
use crate::text;

/// Rows of a table of many; the rest is one row.
const MAX_ROWS: usize = 30;

/// Whether a record has a field.
type Has = fn(&Article) -> bool;

/// The fields whose completeness is told.
const FIELDS: [(&str, Has); 14] = [
    ("url", |a| a.url.is_some()),
    ("title", |a| a.title.is_some()),
    ("subtitle", |a| a.subtitle.is_some()),
    ("byline", |a| a.byline.is_some()),
    ("authors", |a| !a.authors.is_empty()),
    ("published", |a| a.published.is_some()),
    ("modified", |a| a.modified.is_some()),
    ("language", |a| a.language.is_some()),
    ("site", |a| a.site.is_some()),
    ("section", |a| a.section.is_some()),
    ("tags", |a| !a.tags.is_empty()),
    ("body", |a| !a.body.is_empty()),
    ("captions", |a| !a.captions.is_empty()),
    ("lead_image", |a| a.lead_image.is_some()),
];

/// What a datasheet counts of a record.
#[derive(Debug)]
pub(super) struct Facts {
    host: String,
    language: String,
    year: String,
    kind: String,
    words: usize,
    captions: usize,
    has: [bool; FIELDS.len()],
    signals: Vec<String>,
}

impl Facts {
    pub(super) fn of(article: &Article) -> Self {
        let host = article.url.as_deref().and_then(|url| Some(url::Url::parse(url).ok()?.host_str()?.to_owned()));
        let unknown = || "unknown".to_owned();
        let rights = &article.rights;
        let reserved = rights.tdm_reservation.as_deref().map(|value| format!("TDM-Reservation: {value}"));
        let signals = [
            article.duplicate_of.is_some().then(|| "near copies of another record".to_owned()),
            (article.access.paywalled == Some(true)).then(|| "behind a paywall".to_owned()),
            article.access.truncated.then(|| "text cut short".to_owned()),
            reserved,
            rights.content_signal.as_deref().map(|value| format!("Content-Signal: {value}")),
            rights.license.as_deref().map(|value| format!("licence {value}")),
        ];
        let robots = rights.robots.iter().map(|directive| format!("robots: {directive}"));
        Self {
            host: host.unwrap_or_else(unknown),
            language: article.language.clone().unwrap_or_else(unknown),
            year: article.published.as_deref().and_then(|date| date.get(..4)).map_or_else(unknown, str::to_owned),
            kind: format!("{:?}", article.extraction.page_kind).to_lowercase(),
            words: text::word_count(&article.body),
            captions: article.captions.len(),
            has: FIELDS.map(|(_, has)| has(article)),
            signals: signals.into_iter().flatten().chain(robots).collect(),
        }
    }
}

/// What all records come to.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    records: u64,
    words: u64,
    captions: u64,
    has: [u64; FIELDS.len()],
    hosts: BTreeMap<String, u64>,
    languages: BTreeMap<String, u64>,
    years: BTreeMap<String, u64>,
    kinds: BTreeMap<String, u64>,
    signals: BTreeMap<String, u64>,
}

impl Sheet {
    pub(super) fn count(&mut self, facts: Facts) {
        self.records += 1;
        self.words += facts.words as u64;
        self.captions += facts.captions as u64;
        for (count, has) in self.has.iter_mut().zip(facts.has) {
            *count += u64::from(has);
        }
        for (counts, name) in [
            (&mut self.hosts, facts.host),
            (&mut self.languages, facts.language),
            (&mut self.years, facts.year),
            (&mut self.kinds, facts.kind),
        ] {
            *counts.entry(name).or_default() += 1;
        }
        for signal in facts.signals {
            *self.signals.entry(signal).or_default() += 1;
        }
    }

    /// The sheet as Markdown; nothing in it depends on when or where it was made.
    pub(super) fn markdown(&self, plan: &super::Plan, sources: &[String], summary: &super::Summary) -> String {
        let mut out =
            String::from("# Datasheet\n\nNews articles, made by copydesk. What a line in angle brackets asks for, only people know.\n");
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        line(format!("\n- Records: {}, with {} words and {} captions", self.records, self.words, self.captions));
        line(format!("- Schema: `{SCHEMA}` under the names of `{}`, copydesk {}", plan.preset.name(), env!("CARGO_PKG_VERSION")));
        line(format!("- Made from: {}", sources.iter().map(|source| cell(source)).collect::<Vec<_>>().join(", ")));
        if let Some((condition, _)) = &plan.filter {
            line(format!("- Only where: `{}`", condition.replace('`', "'")));
        }
        for (what, value) in [("Least confidence", plan.min_confidence), ("Sample", plan.sample)] {
            if let Some(value) = value {
                line(format!("- {what}: {value}"));
            }
        }
        if let Some(split) = &plan.split {
            let side = |(name, records, sites): &(String, u64, u64)| format!("{name} {records} records of {sites} sites");
            let sides: Vec<String> = summary.sides.iter().map(side).collect();
            line(format!("- Split by registrable domain (seed {}), no site on two sides: {}", split.seed, sides.join(", ")));
        }
        for (why, count) in &summary.left_out {
            line(format!("- Left out ({why}): {count}"));
        }
        line(format!("- Lines that were no records: {}", summary.damaged));
        line("- Purpose, who made it, how it may be used and whom to ask: <to be written>".to_owned());
        for (title, names, counts) in [
            ("Sources", "host", &self.hosts),
            ("Languages", "language", &self.languages),
            ("Years of publication", "year", &self.years),
            ("Kinds of pages", "kind", &self.kinds),
            ("What publishers and pages say", "signal", &self.signals),
        ] {
            line(format!("\n## {title}\n"));
            line(self.table(names, counts));
        }
        line("## Completeness\n\n| field | records that have it | |\n| --- | ---: | ---: |".to_owned());
        for ((name, _), count) in FIELDS.iter().zip(self.has) {
            line(format!("| `{name}` | {count} | {} |", self.share(count)));
        }
        out
    }

    /// The most frequent first, by name where they are equal.
    fn table(&self, names: &str, counts: &BTreeMap<String, u64>) -> String {
        let mut rows: Vec<(&String, u64)> = counts.iter().map(|(name, count)| (name, *count)).collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut out = format!("| {names} | records | |\n| --- | ---: | ---: |\n");
        let mut row =
            |name: &str, count: u64| writeln!(out, "| {} | {count} | {} |", cell(name), self.share(count)).expect("writing to a string");
        rows.iter().take(MAX_ROWS).for_each(|(name, count)| row(name, *count));
        let rest: u64 = rows.iter().skip(MAX_ROWS).map(|(_, count)| count).sum();
        if rest > 0 {
            row(&format!("{} more", rows.len() - MAX_ROWS), rest);
        }
        out
    }

    fn share(&self, count: u64) -> String {
        let tenths = (count * 1000).checked_div(self.records).unwrap_or_default();
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

/// Text that a table bears.
fn cell(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Plan, Preset, Summary};

    #[test]
    fn a_sheet_of_two_records() {
        let mut article =
            crate::extract("<h1>Lamps</h1><p>The council counted its lamps once more.", Some("https://news.example/a")).unwrap();
        let mut sheet = Sheet::default();
        sheet.count(Facts::of(&article));
        (article.language, article.url) = (Some("e|n".to_owned()), None);
        article.rights.robots = vec!["noai".to_owned()];
        sheet.count(Facts::of(&article));
        let (output, preset) = ("x.jsonl".into(), Preset::Hf);
        let plan = Plan {
            output,
            preset,
            filter: None,
            min_confidence: Some(0.5),
            sample: None,
            split: None,
            rows_per_file: None,
            sheet: None,
            jobs: 1,
        };
        let text = sheet.markdown(&plan, &["in.jsonl".to_owned()], &Summary::default());
        for part in [
            "Records: 2, with 14 words",
            "| news.example | 1 | 50.0 % |",
            "| e\\|n | 1 |",
            "| robots: noai | 1 | 50.0 % |",
            "| `title` | 2 | 100.0 % |",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
