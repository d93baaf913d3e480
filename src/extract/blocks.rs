//! The page as a row of text blocks in reading order.
//!
//! In: the tree. Out: one [`Segment`] for every run of inline text between block elements, split again at
//! `<br><br>`; a data table gives one a row, preformatted text one a line. Nothing is judged here: navigation,
//! captions and footers are segments as well. The leaf-most block as unit follows Kohlschütter et al.,
//! "Boilerplate Detection using Shallow Text Features" (WSDM 2010).

use rustc_hash::{FxBuildHasher, FxHashMap};
use xxhash_rust::xxh3::xxh3_64;

use super::dom::{Dom, NodeId};
use super::names::{known, role};
use super::tag::Tag;
use super::wording::Wording;
use crate::article::BlockKind;
use crate::text;

/// Segments kept of one page; each takes about a kilobyte of measures.
pub(crate) const MAX_SEGMENTS: usize = 30_000;
/// Roughly what a page has.
const NODES_A_SEGMENT: usize = 8;

/// A run of text.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Clean text, never empty.
    pub(crate) text: String,
    /// Equal for equal texts.
    pub(crate) text_hash: u64,
    /// How often the text stands on the page.
    pub(crate) copies: u32,
    /// What the tags make of it.
    pub(crate) kind: BlockKind,
    /// 1–6 for a heading by tag.
    pub(crate) level: Option<u8>,
    /// The innermost block element around the run.
    pub(crate) container: NodeId,
    /// First and last text node of the run.
    pub(crate) nodes: (NodeId, NodeId),
    /// Characters that are not white space.
    pub(crate) chars: u32,
    /// … of these inside links.
    pub(crate) link_chars: u32,
    /// … in bold.
    pub(crate) bold_chars: u32,
    /// … in italics.
    pub(crate) italic_chars: u32,
    /// Links that start in the run.
    pub(crate) links: u32,
    /// Words, as [`text::word_count`] has it.
    pub(crate) words: u32,
    /// Inside an element that is not shown: `hidden`, `display:none`, `aria-hidden`.
    pub(crate) hidden: bool,
    /// Pictures since the segment before.
    pub(crate) images_before: u32,
}

impl Segment {
    /// The text nodes of the run with their raw text, in page order.
    pub(crate) fn text_nodes<'a>(&self, dom: &'a Dom<'a>) -> impl Iterator<Item = (NodeId, &'a str)> + use<'a> {
        let (first, last) = self.nodes;
        let next = move |&id: &NodeId| {
            if id == last {
                None
            } else if dom.tag(id).is_muted() {
                dom.next_outside(id, Dom::ROOT)
            } else {
                dom.next_in(id, Dom::ROOT)
            }
        };
        std::iter::successors(Some(first), next).filter_map(|id| Some((id, dom.text_of(id)?)))
    }
}

/// Cuts a page into segments, with their words.
pub(crate) fn segments(dom: &Dom) -> (Vec<Segment>, Wording) {
    let mut walk = Walk {
        dom,
        out: Vec::with_capacity(dom.len() / NODES_A_SEGMENT),
        wording: Wording::default(),
        run: Run::default(),
        state: State::default(),
        hidden: Vec::new(),
        stand_ins: Vec::new(),
        container: Dom::ROOT,
        images: 0,
    };
    let mut at = dom.first_child(Dom::ROOT);
    while let Some(id) = at {
        let inside = walk.enter(id);
        at = if inside { dom.first_child(id) } else { None };
        let mut done = id;
        while at.is_none() {
            if inside || done != id {
                walk.leave(done);
            }
            at = dom.next_sibling(done);
            if at.is_none() {
                match dom.parent(done) {
                    Some(parent) if parent != Dom::ROOT => done = parent,
                    _ => break,
                }
            }
        }
    }
    walk.flush();
    count_copies(&mut walk.out);
    (walk.out, walk.wording)
}

fn count_copies(segments: &mut [Segment]) {
    let mut copies: FxHashMap<u64, u32> = FxHashMap::with_capacity_and_hasher(segments.len(), FxBuildHasher);
    for segment in &*segments {
        *copies.entry(segment.text_hash).or_default() += 1;
    }
    for segment in segments {
        segment.copies = copies[&segment.text_hash];
    }
}

/// How many elements of each kind are open.
#[derive(Debug, Default)]
struct State {
    links: u32,
    bold: u32,
    italic: u32,
    preformatted: u32,
}

#[derive(Debug, Default)]
struct Run<'a> {
    /// The only text so far.
    only: Option<&'a str>,
    /// All of them, where there are several.
    text: String,
    /// Whether white space follows them.
    gap: bool,
    nodes: Option<(NodeId, NodeId)>,
    chars: u32,
    link_chars: u32,
    bold_chars: u32,
    italic_chars: u32,
    links: u32,
    hidden: bool,
    /// `<br>` since the last visible text.
    breaks: u32,
}

impl<'a> Run<'a> {
    /// Adds a text with something visible in it; white space before the first is no part of the run.
    fn push(&mut self, text: &'a str) {
        if self.nodes.is_none() {
            self.only = Some(text);
        } else {
            self.text.extend(self.only.take());
            if self.gap {
                self.text.push(' ');
            }
            self.text.push_str(text);
        }
        self.gap = false;
    }
}

struct Walk<'a> {
    dom: &'a Dom<'a>,
    out: Vec<Segment>,
    wording: Wording,
    run: Run<'a>,
    state: State,
    /// Open elements that are not shown.
    hidden: Vec<NodeId>,
    /// Open spans that stand for another tag.
    stand_ins: Vec<(NodeId, Tag)>,
    container: NodeId,
    images: u32,
}

/// The tag that a `span` has as its class: `<span class="br">`.
fn stands_for(dom: &Dom, id: NodeId) -> Option<Tag> {
    dom.attr(id, known::CLASS).into_iter().flat_map(str::split_ascii_whitespace).find_map(|class| match class {
        "br" if dom.first_child(id).is_none() => Some(Tag::Br),
        "strong" => Some(Tag::Strong),
        "em" => Some(Tag::Em),
        _ => None,
    })
}

impl<'a> Walk<'a> {
    /// Takes a node in; says whether to go inside it.
    fn enter(&mut self, id: NodeId) -> bool {
        if let Some(text) = self.dom.text_of(id) {
            self.text(id, text);
            return false;
        }
        let mut tag = self.dom.tag(id);
        if tag == Tag::None || tag.is_muted() {
            return false;
        }
        if tag == Tag::Span
            && let Some(meant) = stands_for(self.dom, id)
        {
            tag = meant;
            if !meant.is_void() {
                self.stand_ins.push((id, meant));
            }
        }
        match tag {
            Tag::Br => self.line_break(),
            Tag::Img => self.images += 1,
            Tag::A => self.run.links += 1,
            Tag::Table if self.data_table(id) => return false,
            _ => {}
        }
        if tag.is_block() {
            self.flush();
            self.container = id;
        }
        self.count(tag, true);
        if !tag.is_void() && is_hidden(self.dom, id) {
            self.hidden.push(id);
        }
        !tag.is_void()
    }

    fn leave(&mut self, id: NodeId) {
        let tag = self.stand_ins.pop_if(|(open, _)| *open == id).map_or_else(|| self.dom.tag(id), |(_, meant)| meant);
        if tag.is_block() {
            self.flush();
            self.container = self.dom.ancestors(id).find(|&a| self.dom.tag(a).is_block()).unwrap_or(Dom::ROOT);
        }
        self.count(tag, false);
        self.hidden.pop_if(|hidden| *hidden == id);
    }

    fn count(&mut self, tag: Tag, enter: bool) {
        let state = &mut self.state;
        let add = |n: &mut u32| if enter { *n += 1 } else { *n = n.saturating_sub(1) };
        match tag {
            Tag::A => add(&mut state.links),
            Tag::B | Tag::Strong => add(&mut state.bold),
            Tag::I | Tag::Em => add(&mut state.italic),
            Tag::Pre => add(&mut state.preformatted),
            _ => {}
        }
    }

    fn line_break(&mut self) {
        self.run.breaks += 1;
        if self.run.breaks >= 2 || self.state.preformatted > 0 {
            self.flush();
        } else {
            self.run.gap = true;
        }
    }

    fn text(&mut self, id: NodeId, text: &'a str) {
        if self.state.preformatted > 0 {
            let mut lines = text.split(['\n', '\r']);
            if let Some(first) = lines.next() {
                self.inline(id, first);
            }
            for line in lines {
                self.flush();
                self.inline(id, line);
            }
        } else {
            self.inline(id, text);
        }
    }

    fn inline(&mut self, id: NodeId, text: &'a str) {
        let printed = text::printed_count(text);
        let run = &mut self.run;
        if printed == 0 {
            run.gap |= !text.is_empty();
            return;
        }
        run.push(text);
        let printed = u32::try_from(printed).unwrap_or(u32::MAX);
        run.breaks = 0;
        run.nodes = Some((run.nodes.map_or(id, |n| n.0), id));
        run.chars = run.chars.saturating_add(printed);
        let share = |open: u32| if open > 0 { printed } else { 0 };
        run.link_chars = run.link_chars.saturating_add(share(self.state.links));
        run.bold_chars = run.bold_chars.saturating_add(share(self.state.bold));
        run.italic_chars = run.italic_chars.saturating_add(share(self.state.italic));
        run.hidden |= !self.hidden.is_empty();
    }

    /// Ends the run; what has no visible text is dropped.
    fn flush(&mut self) {
        if let Some(nodes) = self.run.nodes {
            self.end_run(nodes);
        } else {
            // Nothing else of it is set as long as there is no visible text.
            (self.run.links, self.run.breaks, self.run.gap) = (0, 0, false);
        }
    }

    /// Makes a segment of the run, which goes from one node to another.
    fn end_run(&mut self, nodes: (NodeId, NodeId)) {
        let mut run = std::mem::take(&mut self.run);
        let text = text::clean(run.only.unwrap_or(&run.text));
        // The buffer serves the next run.
        run.text.clear();
        self.run.text = std::mem::take(&mut run.text);
        if text.is_empty() || self.out.len() >= MAX_SEGMENTS {
            return;
        }
        let (kind, level) = self.kind();
        let words = self.wording.push(&text);
        self.push(Segment {
            words,
            text_hash: xxh3_64(text.as_bytes()),
            copies: 1,
            text,
            kind,
            level,
            container: self.container,
            nodes,
            chars: run.chars,
            link_chars: run.link_chars,
            bold_chars: run.bold_chars,
            italic_chars: run.italic_chars,
            links: run.links,
            hidden: run.hidden,
            images_before: 0,
        });
    }

    fn push(&mut self, mut segment: Segment) {
        segment.images_before = std::mem::take(&mut self.images);
        self.out.push(segment);
    }

    /// What the elements around the run make of it, the innermost word counting.
    fn kind(&self) -> (BlockKind, Option<u8>) {
        let mut at = Some(self.container);
        for _ in 0..6 {
            let Some(id) = at else { break };
            let tag = self.dom.tag(id);
            if let Some(level) = tag.heading_level() {
                return (BlockKind::Heading, Some(level));
            }
            match tag {
                Tag::Li | Tag::Dd | Tag::Dt => return (BlockKind::ListItem, None),
                Tag::Blockquote => return (BlockKind::Quote, None),
                Tag::Pre | Tag::Xmp | Tag::Plaintext => return (BlockKind::Code, None),
                Tag::Article | Tag::Main | Tag::Body | Tag::Section => break,
                _ => at = self.dom.parent(id),
            }
        }
        (BlockKind::Paragraph, None)
    }

    /// Takes a table of data in, a segment a row; says no to a table that is there for layout.
    fn data_table(&mut self, table: NodeId) -> bool {
        let Some(rows) = data_rows(self.dom, table) else { return false };
        self.flush();
        let hidden = !self.hidden.is_empty() || is_hidden(self.dom, table);
        for (row, nodes, cells, link_chars) in rows {
            let text = cells.join(" | ");
            let chars = u32::try_from(text::printed_count(&text)).unwrap_or(u32::MAX);
            let words = self.wording.push(&text);
            self.push(Segment {
                text_hash: xxh3_64(text.as_bytes()),
                copies: 1,
                text,
                kind: BlockKind::Table,
                level: None,
                container: row,
                nodes,
                chars,
                link_chars,
                bold_chars: 0,
                italic_chars: 0,
                links: 0,
                words,
                hidden,
                images_before: 0,
            });
        }
        true
    }
}

/// A row of a data table: its element, text nodes, cells and characters in links.
type Row = (NodeId, (NodeId, NodeId), Vec<String>, u32);

/// Characters in a cell from which on a table is layout, not data.
const MAX_CELL_CHARS: usize = 300;

/// The rows of a table if it holds data: at least two rows and two columns, no table, list or form inside,
/// and short cells.
fn data_rows(dom: &Dom, table: NodeId) -> Option<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut wide = 0;
    let mut at = dom.first_child(table);
    while let Some(id) = at {
        match dom.tag(id) {
            Tag::Table | Tag::Form | Tag::H1 | Tag::H2 | Tag::Figure | Tag::Ul | Tag::Input | Tag::Iframe | Tag::Article => return None,
            Tag::Tr => rows.push((id, (id, id), Vec::new(), 0)),
            Tag::Td | Tag::Th | Tag::Caption => {
                let cell = text::clean(&dom.text(id, MAX_CELL_CHARS * 8));
                if cell.chars().count() > MAX_CELL_CHARS {
                    return None;
                }
                if dom.tag(id) == Tag::Caption {
                    rows.push((id, (id, id), Vec::new(), 0));
                }
                let row = rows.last_mut()?;
                wide += usize::from(row.2.len() == 1);
                if !cell.is_empty() || row.2.is_empty() {
                    row.2.push(cell);
                }
            }
            _ => {
                if let Some(text) = dom.text_of(id)
                    && let Some(row) = rows.last_mut()
                    && !text.trim().is_empty()
                {
                    row.1 = (if row.1.0 == row.0 { id } else { row.1.0 }, id);
                    if dom.ancestors(id).take(4).any(|a| dom.tag(a) == Tag::A) {
                        row.3 += u32::try_from(text.trim().chars().count()).unwrap_or(0);
                    }
                }
            }
        }
        at = if dom.tag(id).is_muted() { dom.next_outside(id, table) } else { dom.next_in(id, table) };
    }
    for row in &mut rows {
        row.2.retain(|c| !c.is_empty());
    }
    rows.retain(|row| !row.2.is_empty());
    (rows.len() >= 2 && wide >= 2).then_some(rows)
}

/// Whether an element says that it is not shown.
pub(crate) fn is_hidden(dom: &Dom, id: NodeId) -> bool {
    dom.has_role(id, role::HIDES)
        && (dom.attr(id, known::HIDDEN).is_some()
            || dom.attr(id, known::ARIA_HIDDEN).is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || dom.attr(id, known::STYLE).is_some_and(hides))
}

/// Bytes of a style that are read.
const MAX_STYLE: usize = 400;

/// Whether a style says `display: none` or `visibility: hidden`.
fn hides(style: &str) -> bool {
    let (mut plain, mut length) = ([0; MAX_STYLE], 0);
    for byte in style.bytes().take(MAX_STYLE) {
        plain[length] = byte.to_ascii_lowercase();
        length += usize::from(!byte.is_ascii_whitespace());
    }
    let plain = &plain[..length];
    memchr::memchr_iter(b':', plain).any(|colon| {
        let (name, value) = (&plain[..colon], &plain[colon + 1..]);
        name.ends_with(b"display") && value.starts_with(b"none") || name.ends_with(b"visibility") && value.starts_with(b"hidden")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(html: &str) -> Vec<String> {
        segments(&Dom::parse(html)).0.into_iter().map(|s| s.text).collect()
    }

    #[test]
    fn reading_order_and_runs() {
        let html = "<div>lead <b>bold</b><p>one</p>between<ul><li>item <p>inner</p></li></ul>tail</div>";
        assert_eq!(texts(html), ["lead bold", "one", "between", "item", "inner", "tail"]);
    }

    #[test]
    fn line_ends_of_every_kind_are_one() {
        assert_eq!(texts("<pre>\r\none\r\ntwo\rthree\nfour</pre>"), ["one", "two", "three", "four"]);
        assert_eq!(texts("<p\rclass='a\r\nb'>of\r\ntwo &amp;\rthree</p>"), ["of two & three"]);
    }

    #[test]
    fn double_breaks_split_and_single_ones_do_not() {
        assert_eq!(texts("<td>a<br>b<br><br>c <br> &nbsp; <br/>d"), ["a b", "c", "d"]);
    }

    #[test]
    fn tables_of_data_and_of_layout() {
        let data = "<table><tr><th>Year<th>Visitors<tr><td>2023<td>1,200<tr><td>2024<td>1,900</table>";
        assert_eq!(texts(data), ["Year | Visitors", "2023 | 1,200", "2024 | 1,900"]);
        let layout = format!("<table><tr><td>menu<td><p>{}</p><p>two</p></table>", "long text ".repeat(40));
        assert_eq!(texts(&layout).len(), 3);
    }

    #[test]
    fn counts_of_links_bold_and_hidden() {
        let list = segments(&Dom::parse("<p><a href=x>abc</a> de<p style='display: none'><strong>secret</strong>")).0;
        assert_eq!((list[0].chars, list[0].link_chars, list[0].links), (5, 3, 1));
        assert_eq!((list[1].bold_chars, list[1].hidden), (6, true));
    }

    #[test]
    fn styles_that_hide() {
        for (style, hidden) in [
            ("display:none", true),
            ("color: red; DISPLAY :\n none !important", true),
            ("visibility: hidden;", true),
            ("display: block; visibility: visible", false),
            ("background: url(x:none)", false),
            ("overflow: hidden", false),
            ("display", false),
        ] {
            assert_eq!(hides(style), hidden, "{style}");
        }
        assert!(!hides(&format!("{}display:none", " ".repeat(MAX_STYLE))));
    }

    #[test]
    fn spans_stand_for_what_their_class_says() {
        let html =
            "<div>one<span class='x br'></span><span class='br'></span><span class=strong>Two</span><span class=br></span><br>three</div>";
        assert_eq!(texts(html), ["one", "Two", "three"]);
        assert_eq!(segments(&Dom::parse(html)).0[1].bold_chars, 3);
        assert_eq!(texts("<div>one <span class=br>two</span> <span class=br>three</span></div>"), ["one two three"]);
    }

    #[test]
    fn lines_of_code_stay_lines() {
        assert_eq!(texts("<pre>let a = 1;\nlet b = 2;</pre>"), ["let a = 1;", "let b = 2;"]);
    }
}
