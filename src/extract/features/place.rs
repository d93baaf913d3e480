//! Where a segment stands among the parts of the page: forms and link lists around it, its distance from the headline
//! in the tree, and the row of elements of one template ("records") that it is part of.
//!
//! Rows of like siblings follow Liu, Grossman and Zhai, "Mining Data Records in Web Pages" (KDD 2003), with class and
//! tag for likeness.

use rustc_hash::FxHashMap;

use super::super::dom::{Dom, NodeId};
use super::super::layout::Layout;
use super::super::tag::Tag;
use super::page::Page;
use super::{Row, flag, float, log};
use crate::text;

/// Elements outwards from a text among which a record is looked for.
const MAX_RECORD_LEVELS: usize = 7;

impl Page<'_> {
    /// What the places of all segments say.
    pub(super) fn places(&self, rows: &mut [(usize, Row)]) {
        let routes = self.routes();
        let title_article = self.title_at.and_then(|at| routes[self.segments[at].container as usize].article);
        let records = Records::new(self.dom, self.layout);
        let (mut first_headings, mut last_heading) = (0usize, None);
        let mut headings = self.segments.iter().enumerate().filter(|(_, segment)| segment.level.is_some()).peekable();
        for (at, row) in rows.iter_mut() {
            let (at, segment) = (*at, &self.segments[*at]);
            while let Some((heading, segment)) = headings.next_if(|(heading, _)| *heading <= at) {
                last_heading = Some(heading);
                first_headings += usize::from(segment.level == Some(1) && self.title_at.is_some_and(|title| heading > title));
            }
            row.heading_gap = last_heading.map_or(9.0, |heading| log(float(at - heading)));
            row.first_headings = float(first_headings).min(5.0);
            self.surroundings(segment.container, row);
            (row.title_up, row.title_down, row.title_article) = (-1.0, -1.0, -1.0);
            if self.title_at.is_some() {
                let route = routes[segment.container as usize];
                (row.title_up, row.title_down) = (float(route.up.into()), float(route.down.into()));
                if title_article.is_some() {
                    row.title_article = flag(route.article == title_article);
                }
            }
            records.measure(self.up(segment.container), row);
        }
    }

    /// Forms and links in the elements around.
    fn surroundings(&self, container: NodeId, row: &mut Row) {
        let mut controls = [0.0; 3];
        let mut linked = [0.0; 3];
        let mut headings = [0.0; 3];
        for (level, id) in self.up(container).skip(1).take(3).enumerate() {
            let node = &self.layout.nodes[id as usize];
            controls[level] = log(float(node.controls as usize));
            linked[level] = node.linked / node.words.max(1.0);
            headings[level] = log(float(node.linked_headings as usize));
        }
        [row.controls_1, row.controls_2, row.controls_3] = controls;
        [row.linked_1, row.linked_2, row.linked_3] = linked;
        [_, row.linked_headings_2, row.linked_headings_3] = headings;
    }

    /// An element and those around it.
    fn up(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |&id| self.dom.parent(id))
    }

    /// The way from each element to the headline through the tree.
    fn routes(&self) -> Vec<Route> {
        let mut routes = vec![Route::default(); self.dom.len()];
        let title = self.title_at.map(|at| self.segments[at].container);
        for (far, id) in (0..).zip(title.into_iter().flat_map(|id| self.up(id))) {
            routes[id as usize] = Route { above_title: true, up: 0, down: far, article: None };
        }
        for &id in self.dom.all_elements() {
            let outer = self.dom.parent(id).map_or_else(Route::default, |parent| routes[parent as usize]);
            let route = &mut routes[id as usize];
            if !route.above_title {
                (route.up, route.down) = (outer.up.saturating_add(1), outer.down);
            }
            route.article = if self.dom.tag(id) == Tag::Article { Some(id) } else { outer.article };
        }
        routes
    }
}

/// The way from a node to the headline.
#[derive(Debug, Clone, Copy, Default)]
struct Route {
    /// The headline stands in this element.
    above_title: bool,
    /// Steps outwards to the element that holds both.
    up: u16,
    /// Steps from there to the headline's block.
    down: u16,
    /// The innermost `<article>` around.
    article: Option<NodeId>,
}

/// Rows of siblings of one tag and class that hold text.
struct Records<'a> {
    dom: &'a Dom<'a>,
    layout: &'a Layout,
    rows: FxHashMap<u64, Twins>,
}

/// What the elements of such a row hold together.
#[derive(Default)]
struct Twins {
    count: f32,
    words: f32,
    linked: f32,
    images: f32,
    good: f32,
}

impl<'a> Records<'a> {
    fn new(dom: &'a Dom<'a>, layout: &'a Layout) -> Self {
        let mut rows: FxHashMap<u64, Twins> = FxHashMap::default();
        for &id in dom.all_elements() {
            let node = &layout.nodes[id as usize];
            if node.words > 0.0 && can_be_record(dom.tag(id)) {
                let twins = rows.entry(key(dom, layout, id)).or_default();
                twins.count += 1.0;
                twins.words += node.words;
                twins.linked += node.linked;
                twins.images += float(node.images as usize);
                twins.good += node.good;
            }
        }
        rows.retain(|_, twins| twins.count > 1.0);
        Self { dom, layout, rows }
    }

    /// Tells of the innermost record around a text.
    fn measure(&self, mut up: impl Iterator<Item = NodeId>, row: &mut Row) {
        let Self { dom, layout, rows } = self;
        let record = up.by_ref().take(MAX_RECORD_LEVELS).enumerate().find_map(|(level, id)| {
            let twins = can_be_record(dom.tag(id)).then(|| rows.get(&key(dom, layout, id)))??;
            Some((level, twins))
        });
        let Some((level, twins)) = record else {
            row.twin_level = 9.0;
            return;
        };
        row.twin_level = float(level);
        row.twins = log(twins.count);
        row.twin_words = log(twins.words / twins.count);
        row.twin_links = twins.linked / twins.words.max(1.0);
        row.twin_images = (twins.images / twins.count).min(5.0);
        row.twin_good = twins.good / layout.total_good.max(1.0);
    }
}

fn can_be_record(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Div | Tag::Li | Tag::Article | Tag::Section | Tag::Aside | Tag::A | Tag::Tr | Tag::Td | Tag::Dd | Tag::Figure | Tag::Other
    )
}

fn key(dom: &Dom, layout: &Layout, id: NodeId) -> u64 {
    text::fold(layout.signature(dom, id), u64::from(dom.parent(id).unwrap_or(Dom::ROOT)))
}
