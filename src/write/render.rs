//! A record → something to read: Markdown or plain text.
//!
//! In: an [`Article`]. Out: the article as a page would set it, captions at their place, notes at the
//! end. Never: a word that the record does not hold, apart from the labels of the notes.

use std::fmt::Write as _;

use crate::article::{Article, Block, BlockKind, Caption, NoteKind};

/// The article as Markdown.
#[must_use]
pub fn markdown(article: &Article) -> String {
    let mut parts = Vec::new();
    if let Some(title) = &article.title {
        parts.push(format!("# {}", escape(title)));
    }
    if let Some(subtitle) = &article.subtitle {
        parts.push(format!("*{}*", escape(subtitle)));
    }
    parts.extend(imprint(article).map(|line| escape(&line)));
    body(article, &mut parts, markdown_block, markdown_caption);
    for note in &article.notes {
        parts.push(format!("> **{}:** {}", label(note.kind), escape(&note.text)));
    }
    finish(&parts)
}

/// The article as plain text.
#[must_use]
pub fn text(article: &Article) -> String {
    let mut parts: Vec<String> = [&article.title, &article.subtitle].into_iter().flatten().cloned().collect();
    parts.extend(imprint(article));
    body(article, &mut parts, text_block, |caption| format!("[{}]", with_credit(&caption.text, caption)));
    parts.extend(article.notes.iter().map(|note| format!("{}: {}", label(note.kind), note.text)));
    finish(&parts)
}

/// Byline, day and publication, as far as known.
fn imprint(article: &Article) -> Option<String> {
    let byline = article.byline.clone().or_else(|| (!article.authors.is_empty()).then(|| article.authors.join(", ")));
    let published = article.published.as_deref().map(moment);
    let parts: Vec<String> = [byline, published, article.site.clone()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// `2026-03-14T06:30:00+00:00` → `2026-03-14 06:30`.
fn moment(iso: &str) -> String {
    match iso.split_once('T') {
        Some((day, time)) => format!("{day} {}", time.get(..5).unwrap_or(time)),
        None => iso.to_owned(),
    }
}

/// Blocks in order, each caption before the block that it names; list items and rows of a table stay together.
fn body(article: &Article, parts: &mut Vec<String>, block: fn(&Block, bool) -> String, caption: fn(&Caption) -> String) {
    let mut captions = article.captions.iter().peekable();
    let mut before = None;
    for (index, entry) in article.blocks.iter().enumerate() {
        while let Some(here) = captions.next_if(|c| c.block <= index) {
            parts.push(caption(here));
            before = None;
        }
        let continues = before == Some(entry.kind) && matches!(entry.kind, BlockKind::ListItem | BlockKind::Table);
        let text = block(entry, continues);
        match parts.last_mut() {
            Some(last) if continues => {
                last.push('\n');
                last.push_str(&text);
            }
            _ => parts.push(text),
        }
        before = Some(entry.kind);
    }
    parts.extend(captions.map(caption));
}

fn markdown_block(block: &Block, continues: bool) -> String {
    let text = escape(&block.text);
    match block.kind {
        BlockKind::Paragraph => text,
        BlockKind::Heading => format!("{} {text}", "#".repeat(usize::from(block.level.unwrap_or(2)))),
        BlockKind::Quote => text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        BlockKind::ListItem => format!("- {text}"),
        BlockKind::Table => table(&block.text, continues),
        BlockKind::Code => {
            // The fence is longer than any run of backticks inside.
            let longest = block.text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            format!("{fence}\n{}\n{fence}", block.text)
        }
    }
}

fn table(text: &str, continues: bool) -> String {
    let mut out = String::new();
    for (index, row) in text.lines().enumerate() {
        let cells: Vec<String> = row.split(" | ").map(escape).collect();
        writeln!(out, "| {} |", cells.join(" | ")).expect("writing to a string");
        if index == 0 && !continues {
            writeln!(out, "|{}", " --- |".repeat(cells.len())).expect("writing to a string");
        }
    }
    out.trim_end().to_owned()
}

fn markdown_caption(caption: &Caption) -> String {
    let mut out = String::new();
    if let Some(image) = &caption.image {
        let target = image.replace('(', "%28").replace(')', "%29").replace(' ', "%20");
        writeln!(out, "![]({target})").expect("writing to a string");
    }
    write!(out, "*{}*", with_credit(&escape(&caption.text), caption)).expect("writing to a string");
    out
}

fn with_credit(text: &str, caption: &Caption) -> String {
    match &caption.credit {
        Some(credit) => format!("{text} ({credit})"),
        None => text.to_owned(),
    }
}

fn text_block(block: &Block, _continues: bool) -> String {
    match block.kind {
        BlockKind::ListItem => format!("- {}", block.text),
        BlockKind::Quote => block.text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"),
        _ => block.text.clone(),
    }
}

fn label(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Editor => "Editor’s note",
        NoteKind::Correction => "Correction",
        NoteKind::Update => "Update",
        NoteKind::Disclaimer => "Disclaimer",
    }
}

/// Escapes what Markdown would read as a sign, inside the text and at its start.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, c) in text.char_indices() {
        let start = index == 0 || text[..index].ends_with('\n');
        let sign = matches!(c, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '|' | '~') || (start && matches!(c, '#' | '+' | '-' | '='));
        // "1. " at the start of a line begins a list.
        let ordinal = matches!(c, '.' | ')') && is_number(text[..index].rsplit('\n').next().unwrap_or_default());
        if sign || ordinal {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn is_number(line: &str) -> bool {
    !line.is_empty() && line.len() < 10 && line.bytes().all(|b| b.is_ascii_digit())
}

fn finish(parts: &[String]) -> String {
    let mut out = parts.join("\n\n");
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Note;

    fn article() -> Article {
        let mut article = crate::extract("<h1>A [new] bridge</h1><p>First words of the text.</p>", Some("http://a.example/")).unwrap();
        let block = |kind, level, text: &str| Block { kind, level, text: text.to_owned() };
        article.title = Some("A [new] bridge".to_owned());
        article.subtitle = None;
        article.byline = Some("Ada Foss".to_owned());
        article.published = Some("2026-03-14T06:30:00+00:00".to_owned());
        article.site = None;
        article.blocks = vec![
            block(BlockKind::Paragraph, None, "1. of May, *all* day"),
            block(BlockKind::Heading, Some(3), "Costs"),
            block(BlockKind::ListItem, None, "one"),
            block(BlockKind::ListItem, None, "two"),
            block(BlockKind::Table, None, "a | b"),
            block(BlockKind::Table, None, "1 | 2"),
        ];
        let caption =
            |text: &str, block| Caption { text: text.to_owned(), credit: Some("NPA".to_owned()), image: None, block, occurrences: 2 };
        article.captions = vec![caption("Before", 0), caption("After", 6)];
        article.notes = vec![Note { kind: NoteKind::Correction, text: "It was 4.".to_owned() }];
        article
    }

    #[test]
    fn markdown_reads_as_an_article() {
        let expected = "# A \\[new\\] bridge\n\nAda Foss · 2026-03-14 06:30\n\n*Before (NPA)*\n\n1\\. of May, \\*all\\* day\n\n### Costs\n\n\
                        - one\n- two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n*After (NPA)*\n\n> **Correction:** It was 4.\n";
        assert_eq!(markdown(&article()), expected);
    }

    #[test]
    fn text_has_no_signs() {
        let expected = "A [new] bridge\n\nAda Foss · 2026-03-14 06:30\n\n[Before (NPA)]\n\n1. of May, *all* day\n\nCosts\n\n- one\n- two\n\n\
                        a | b\n1 | 2\n\n[After (NPA)]\n\nCorrection: It was 4.\n";
        assert_eq!(text(&article()), expected);
    }
}
