//! The rules in SVG and `MathML`.

use super::super::names::{Name, known};
use super::super::source::{Namespace, Span};
use super::super::tokenizer::StartTag;
use super::stack::class::{BREAKS_OUT, HTML_IN_SVG, MATH_TEXT};
use super::stack::{Open, is};
use super::{Builder, Done, Step};

impl Builder<'_> {
    /// Whether a start tag here is one of SVG or `MathML`.
    pub(super) fn is_foreign_start(&self, name: Name) -> bool {
        let Some(open) = self.stack.last().filter(|open| open.namespace != Namespace::Html) else { return false };
        if open.is(MATH_TEXT) {
            return matches!(name, known::MGLYPH | known::MALIGNMARK);
        }
        let svg_in_annotation = open.namespace == Namespace::MathMl && open.name == known::ANNOTATION_XML && name == known::SVG;
        !open.is(HTML_IN_SVG) && !svg_in_annotation
    }

    /// Whether text here is text of SVG or `MathML`.
    pub(super) fn is_foreign_text(&self) -> bool {
        self.stack.last().is_some_and(Open::holds_foreign)
    }

    pub(super) fn start_in_foreign(&mut self, tag: StartTag) -> Step {
        if self.breaks_out(tag) {
            self.stack.pop_while(Open::holds_foreign);
            return self.start_in(self.mode, tag);
        }
        let namespace = self.stack.current().namespace;
        let name = if namespace == Namespace::Svg { tag.name.as_svg_tag() } else { tag.name };
        self.enter_foreign(StartTag { name, ..tag }, namespace);
        Done
    }

    /// Whether a tag can't be one of SVG or `MathML`.
    fn breaks_out(&self, tag: StartTag) -> bool {
        match tag.name {
            name if is(name, BREAKS_OUT) => true,
            known::FONT => [known::COLOR, known::FACE, known::SIZE].iter().any(|&name| self.source.value(tag.attributes, name).is_some()),
            _ => false,
        }
    }

    /// Puts an element of SVG or `MathML` in.
    pub(super) fn enter_foreign(&mut self, tag: StartTag, namespace: Namespace) {
        self.adjust(tag.attributes, namespace);
        if tag.self_closing {
            self.insert_element(namespace, tag.name, tag.attributes);
        } else {
            self.open_element(namespace, tag.name, tag.attributes);
        }
    }

    /// Gives attributes the names that the standard writes.
    fn adjust(&mut self, attributes: Span, namespace: Namespace) {
        for attribute in &mut self.source.attributes[attributes.start as usize..attributes.end as usize] {
            (attribute.namespace, attribute.name) = match attribute.name {
                known::XLINK_ACTUATE => (Namespace::Xlink, known::ACTUATE),
                known::XLINK_ARCROLE => (Namespace::Xlink, known::ARCROLE),
                known::XLINK_HREF => (Namespace::Xlink, known::HREF),
                known::XLINK_ROLE => (Namespace::Xlink, known::ROLE),
                known::XLINK_SHOW => (Namespace::Xlink, known::SHOW),
                known::XLINK_TITLE => (Namespace::Xlink, known::TITLE),
                known::XLINK_TYPE => (Namespace::Xlink, known::TYPE),
                known::XML_LANG => (Namespace::Xml, known::LANG),
                known::XML_SPACE => (Namespace::Xml, known::SPACE),
                known::XMLNS => (Namespace::Xmlns, known::XMLNS),
                known::XMLNS_XLINK => (Namespace::Xmlns, known::XLINK),
                known::DEFINITIONURL if namespace == Namespace::MathMl => (attribute.namespace, known::DEFINITION_URL),
                name if namespace == Namespace::Svg => (attribute.namespace, name.as_svg_attribute()),
                _ => continue,
            };
        }
    }

    pub(super) fn end_in_foreign(&mut self, name: Name) -> Step {
        if matches!(name, known::BR | known::P) {
            self.stack.pop_while(Open::holds_foreign);
            return self.end_in(self.mode, name);
        }
        for at in (1..self.stack.len()).rev() {
            let open = self.stack[at];
            if at + 1 < self.stack.len() && open.namespace == Namespace::Html {
                return self.end_in(self.mode, name);
            }
            if open.name == name || open.namespace == Namespace::Svg && open.name == name.as_svg_tag() {
                self.stack.truncate(at);
                return Done;
            }
        }
        Done
    }
}
