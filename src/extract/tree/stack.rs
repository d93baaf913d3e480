//! The elements that are open, the innermost last, and what the standard asks of them: is there such a one around here?

use std::ops::Index;

use super::super::arena::NodeId;
use super::super::names::{FOREIGN_OBJECT, Name, known};
use super::super::source::Namespace;

/// What kinds of elements the rules tell apart; bits of [`Open::class`].
pub(super) mod class {
    /// Ends a scope; further ends of a list item's, a button's and a table's.
    pub(in super::super) const SCOPE: u32 = 1;
    pub(in super::super) const LIST: u32 = 1 << 1;
    pub(in super::super) const BUTTON: u32 = 1 << 2;
    pub(in super::super) const TABLE_SCOPE: u32 = 1 << 3;
    /// What rows, and what cells, stand in.
    pub(in super::super) const BODY_CONTEXT: u32 = 1 << 4;
    pub(in super::super) const ROW_CONTEXT: u32 = 1 << 5;
    /// Their end tags may be left out; the second inside templates only.
    pub(in super::super) const IMPLIED: u32 = 1 << 6;
    pub(in super::super) const IMPLIED_PART: u32 = 1 << 7;
    pub(in super::super) const HEADING: u32 = 1 << 8;
    /// The standard's "special" ones.
    pub(in super::super) const SPECIAL: u32 = 1 << 9;
    /// A table, its bodies and rows: what stands in them must be a part of it.
    pub(in super::super) const TABLE_PART: u32 = 1 << 10;
    pub(in super::super) const CELL: u32 = 1 << 11;
    /// Text in `MathML`; HTML in SVG.
    pub(in super::super) const MATH_TEXT: u32 = 1 << 12;
    pub(in super::super) const HTML_IN_SVG: u32 = 1 << 13;
    /// What only closes a paragraph and opens.
    pub(in super::super) const PLAIN_BLOCK: u32 = 1 << 14;
    pub(in super::super) const FORMATTING: u32 = 1 << 15;
    /// What the rules of the head are for, wherever it stands.
    pub(in super::super) const OF_HEAD: u32 = 1 << 16;
    /// Parts of a table other than it.
    pub(in super::super) const OF_TABLE: u32 = 1 << 17;
    /// What ends SVG and `MathML`.
    pub(in super::super) const BREAKS_OUT: u32 = 1 << 18;
}

/// The classes of HTML elements.
const CLASSES: [u32; Name::FIXED] = {
    #[allow(clippy::wildcard_imports, reason = "most of them; tests are not asked")]
    use known::*;
    let mut out = [0; Name::FIXED];
    mark(&mut out, class::SCOPE, &[APPLET, CAPTION, HTML, TABLE, TD, TH, MARQUEE, OBJECT, SELECT, TEMPLATE]);
    mark(&mut out, class::LIST, &[OL, UL]);
    mark(&mut out, class::BUTTON, &[known::BUTTON]);
    mark(&mut out, class::TABLE_SCOPE, &[HTML, TABLE, TEMPLATE]);
    mark(&mut out, class::BODY_CONTEXT, &[TBODY, TFOOT, THEAD, TEMPLATE, HTML]);
    mark(&mut out, class::ROW_CONTEXT, &[TR, TEMPLATE, HTML]);
    mark(&mut out, class::IMPLIED, &[DD, DT, LI, OPTION, OPTGROUP, P, RB, RP, RT, RTC]);
    mark(&mut out, class::IMPLIED_PART, &[CAPTION, COLGROUP, TBODY, TD, TFOOT, TH, THEAD, TR]);
    mark(&mut out, class::HEADING, &[H1, H2, H3, H4, H5, H6]);
    mark(&mut out, class::TABLE_PART, &[TABLE, TBODY, TFOOT, THEAD, TR]);
    mark(&mut out, class::CELL, &[TD, TH]);
    mark(&mut out, class::SPECIAL, &[ADDRESS, APPLET, AREA, ARTICLE, ASIDE, BASE, BASEFONT, BGSOUND, BLOCKQUOTE, BODY, BR]);
    mark(&mut out, class::SPECIAL, &[known::BUTTON, CAPTION, CENTER, COL, COLGROUP, DD, DETAILS, DIR, DIV, DL, DT, EMBED, FIELDSET]);
    mark(&mut out, class::SPECIAL, &[FIGCAPTION, FIGURE, FOOTER, FORM, FRAME, FRAMESET, H1, H2, H3, H4, H5, H6, HEAD, HEADER, HGROUP]);
    mark(&mut out, class::SPECIAL, &[HR, HTML, IFRAME, IMG, INPUT, ISINDEX, LI, LINK, LISTING, MAIN, MARQUEE, MENU, META, NAV]);
    mark(&mut out, class::SPECIAL, &[NOEMBED, NOFRAMES, NOSCRIPT, OBJECT, OL, P, PARAM, PLAINTEXT, PRE, SCRIPT, SECTION, SELECT]);
    mark(&mut out, class::SPECIAL, &[SOURCE, STYLE, SUMMARY, TABLE, TBODY, TD, TEMPLATE, TEXTAREA, TFOOT, TH, THEAD, TITLE, TR]);
    mark(&mut out, class::SPECIAL, &[TRACK, UL, WBR, XMP]);
    mark(&mut out, class::PLAIN_BLOCK, &[ADDRESS, ARTICLE, ASIDE, BLOCKQUOTE, CENTER, DETAILS, DIALOG, DIR, DIV, DL, FIELDSET]);
    mark(&mut out, class::PLAIN_BLOCK, &[FIGCAPTION, FIGURE, FOOTER, HEADER, HGROUP, MAIN, MENU, NAV, OL, P, SEARCH, SECTION]);
    mark(&mut out, class::PLAIN_BLOCK, &[SUMMARY, UL]);
    mark(&mut out, class::FORMATTING, &[A, B, BIG, CODE, EM, FONT, I, NOBR, S, SMALL, STRIKE, STRONG, TT, U]);
    mark(&mut out, class::OF_HEAD, &[BASE, BASEFONT, BGSOUND, LINK, META, NOFRAMES, SCRIPT, STYLE, TEMPLATE, TITLE]);
    mark(&mut out, class::OF_TABLE, &[CAPTION, COL, COLGROUP, TBODY, TD, TFOOT, TH, THEAD, TR]);
    mark(&mut out, class::BREAKS_OUT, &[B, BIG, BLOCKQUOTE, BODY, BR, CENTER, CODE, DD, DIV, DL, DT, EM, EMBED, H1, H2, H3, H4]);
    mark(&mut out, class::BREAKS_OUT, &[H5, H6, HEAD, HR, I, IMG, LI, LISTING, MENU, META, NOBR, OL, P, PRE, RUBY, S, SMALL]);
    mark(&mut out, class::BREAKS_OUT, &[SPAN, STRONG, STRIKE, SUB, SUP, TABLE, TT, U, UL, VAR]);
    out
};

const fn mark(classes: &mut [u32; Name::FIXED], class: u32, names: &[Name]) {
    let mut at = 0;
    while at < names.len() {
        classes[names[at].at()] |= class;
        at += 1;
    }
}

/// The classes of a tag.
fn classes(name: Name) -> u32 {
    CLASSES.get(name.at()).copied().unwrap_or_default()
}

/// Whether a tag is of one of these classes.
pub(super) fn is(name: Name, class: u32) -> bool {
    classes(name) & class != 0
}

fn class_of(namespace: Namespace, name: Name) -> u32 {
    match (namespace, name) {
        (Namespace::Html, name) => classes(name),
        (Namespace::MathMl, known::MI | known::MO | known::MN | known::MS | known::MTEXT) => class::SCOPE | class::MATH_TEXT,
        (Namespace::Svg, FOREIGN_OBJECT | known::DESC | known::TITLE) => class::SCOPE | class::HTML_IN_SVG,
        _ => 0,
    }
}

/// An open element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) id: NodeId,
    pub(super) name: Name,
    pub(super) namespace: Namespace,
    class: u32,
}

impl Open {
    pub(super) fn new(id: NodeId, namespace: Namespace, name: Name) -> Self {
        Self { id, name, namespace, class: class_of(namespace, name) }
    }

    /// Whether it is of one of these classes.
    pub(super) fn is(&self, class: u32) -> bool {
        self.class & class != 0
    }

    pub(super) fn is_html(&self, name: Name) -> bool {
        self.name == name && self.namespace == Namespace::Html
    }

    /// Whether what stands in it directly is SVG or `MathML`, and not HTML.
    pub(super) fn holds_foreign(&self) -> bool {
        self.namespace != Namespace::Html && !self.is(class::MATH_TEXT | class::HTML_IN_SVG)
    }

    fn counted(&self) -> Option<usize> {
        (self.namespace == Namespace::Html).then_some(self.name.at())
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// How many HTML elements of each fixed name are open.
    counts: Vec<u32>,
}

impl Index<usize> for Stack {
    type Output = Open;

    fn index(&self, at: usize) -> &Open {
        &self.open[at]
    }
}

impl Stack {
    pub(super) fn new() -> Self {
        Self { open: Vec::with_capacity(64), counts: vec![0; Name::FIXED] }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Open> {
        self.open.iter()
    }

    pub(super) fn last(&self) -> Option<&Open> {
        self.open.last()
    }

    /// The innermost one. The root is never closed.
    pub(super) fn current(&self) -> Open {
        *self.open.last().expect("the root element is open")
    }

    fn count(&mut self, open: &Open, by: i32) {
        if let Some(count) = open.counted().and_then(|at| self.counts.get_mut(at)) {
            *count = count.wrapping_add_signed(by);
        }
    }

    pub(super) fn push(&mut self, id: NodeId, namespace: Namespace, name: Name) {
        let open = Open::new(id, namespace, name);
        self.count(&open, 1);
        self.open.push(open);
    }

    pub(super) fn insert(&mut self, at: usize, open: Open) {
        self.count(&open, 1);
        self.open.insert(at, open);
    }

    pub(super) fn replace(&mut self, at: usize, open: Open) {
        self.count(&open, 1);
        let old = std::mem::replace(&mut self.open[at], open);
        self.count(&old, -1);
    }

    pub(super) fn remove(&mut self, at: usize) {
        let open = self.open.remove(at);
        self.count(&open, -1);
    }

    /// Closes an element, wherever it is.
    pub(super) fn remove_element(&mut self, id: NodeId) {
        if let Some(at) = self.position(id) {
            self.remove(at);
        }
    }

    pub(super) fn position(&self, id: NodeId) -> Option<usize> {
        self.open.iter().rposition(|open| open.id == id)
    }

    pub(super) fn pop(&mut self) {
        if let Some(open) = self.open.pop() {
            self.count(&open, -1);
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        while self.open.len() > length {
            self.pop();
        }
    }

    /// Closes elements while that holds for the innermost.
    pub(super) fn pop_while(&mut self, holds: impl Fn(&Open) -> bool) {
        while self.open.last().is_some_and(&holds) {
            self.pop();
        }
    }

    /// Closes elements up to an HTML element of that name, and it.
    pub(super) fn pop_to(&mut self, name: Name) {
        self.pop_while(|open| !open.is_html(name));
        self.pop();
    }

    /// Closes elements up to one of a class, and it.
    pub(super) fn pop_to_class(&mut self, class: u32) {
        self.pop_while(|open| !open.is(class));
        self.pop();
    }

    /// Closes elements whose end tags may be left out.
    pub(super) fn imply_ends(&mut self) {
        self.pop_while(|open| open.is(class::IMPLIED));
    }

    /// The same, but none of that name.
    pub(super) fn imply_ends_but(&mut self, name: Name) {
        self.pop_while(|open| open.is(class::IMPLIED) && !open.is_html(name));
    }

    /// Whether an HTML element of that name is open.
    pub(super) fn has(&self, name: Name) -> bool {
        match self.counts.get(name.at()) {
            Some(count) => *count > 0,
            None => self.open.iter().any(|open| open.is_html(name)),
        }
    }

    /// Whether one is, and nothing that ends a scope in it.
    pub(super) fn has_in(&self, scope: u32, name: Name) -> bool {
        self.has(name) && self.has_such_in(scope, |open| open.is_html(name))
    }

    /// The same for any kind of element.
    pub(super) fn has_such_in(&self, scope: u32, is_such: impl Fn(&Open) -> bool) -> bool {
        let inner = self.open.iter().rev().find(|open| is_such(open) || open.is(scope));
        inner.is_some_and(is_such)
    }
}
