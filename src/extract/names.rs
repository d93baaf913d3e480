//! The names of tags and attributes, as numbers.
//!
//! Those that the tree builder or extraction ask for are [`known`] and constants; the others are numbered as a page brings them,
//! up to [`MAX_NAMES`] of them. What comes after that is all one name, [`OTHER`]: no news page has so many.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Different names that a page may have beside the known ones.
const MAX_NAMES: usize = 10_000;
/// Slots of the table in which names are looked for first; a power of two.
const SLOTS: usize = 2048;
/// Slots looked at for a name.
const MAX_STEPS: usize = 8;
/// Names of the page that the table takes; all others are in a map.
const MAX_IN_TABLE: usize = SLOTS / 4;

/// The name of a tag or an attribute: equal numbers are equal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(u16);

macro_rules! known {
    ($($name:ident = $text:literal),* $(,)?) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as their constants")]
        enum Known { $($name),* }

        /// The names that something asks for.
        pub(crate) mod known {
            use super::{Known, Name};
            $(pub(crate) const $name: Name = Name(Known::$name as u16);)*
        }

        const KNOWN: &[&str] = &[$($text),*];
    };
}

known! {
    A = "a", ABBR = "abbr", ACTUATE = "actuate", ADDRESS = "address", ALIGN = "align", ALT = "alt", AMP_IMG = "amp-img",
    ANNOTATION_XML = "annotation-xml", APPLET = "applet", ARCROLE = "arcrole", AREA = "area", ARIA_HIDDEN = "aria-hidden",
    ARIA_LABEL = "aria-label", ARTICLE = "article", ASIDE = "aside", AUDIO = "audio", B = "b", BASE = "base",
    BASEFONT = "basefont", BGSOUND = "bgsound", BIG = "big", BLOCKQUOTE = "blockquote", BODY = "body", BR = "br",
    BUTTON = "button", CANVAS = "canvas", CAPTION = "caption", CENTER = "center", CLASS = "class",
    CODE = "code", COL = "col", COLGROUP = "colgroup", COLOR = "color", CONTENT = "content", DATA_COMPONENT = "data-component",
    DATA_LAZY_SRC = "data-lazy-src", DATA_ORIGINAL = "data-original", DATA_SRC = "data-src", DATA_SRCSET = "data-srcset",
    DATA_TESTID = "data-testid", DATA_TYPE = "data-type", DATETIME = "datetime", DD = "dd",
    DEFINITIONURL = "definitionurl", DEFINITION_URL = "definitionURL", DESC = "desc", DETAILS = "details", DIALOG = "dialog", DIR = "dir", DIV = "div", DL = "dl",
    DT = "dt", EM = "em", EMBED = "embed", FACE = "face", FIELDSET = "fieldset", FIGCAPTION = "figcaption", FIGURE = "figure",
    FONT = "font", FOOTER = "footer", FORM = "form", FRAME = "frame", FRAMESET = "frameset", H1 = "h1", H2 = "h2", H3 = "h3",
    H4 = "h4", H5 = "h5", H6 = "h6", HEAD = "head", HEADER = "header", HGROUP = "hgroup", HIDDEN = "hidden",
    HR = "hr", HREF = "href", HTML = "html", HTTP_EQUIV = "http-equiv", I = "i", ID = "id", IFRAME = "iframe", IMAGE = "image",
    IMG = "img", INPUT = "input", ISINDEX = "isindex", ITEMPROP = "itemprop", ITEMSCOPE = "itemscope", ITEMTYPE = "itemtype",
    KEYGEN = "keygen", LABEL = "label", LANG = "lang", LEGEND = "legend", LI = "li", LINK = "link", LISTING = "listing",
    MAIN = "main", MALIGNMARK = "malignmark", MARQUEE = "marquee", MATH = "math",
    MENU = "menu", META = "meta", MGLYPH = "mglyph", MI = "mi", MN = "mn", MO = "mo", MS = "ms", MTEXT = "mtext", NAME = "name",
    NAV = "nav", NOBR = "nobr", NOEMBED = "noembed", NOFRAMES = "noframes", NOSCRIPT = "noscript", OBJECT = "object", OL = "ol",
    OPTGROUP = "optgroup", OPTION = "option", P = "p", PARAM = "param", PICTURE = "picture",
    PLAINTEXT = "plaintext", PRE = "pre", PROPERTY = "property", RB = "rb", REL = "rel",
    ROLE = "role", RP = "rp", RT = "rt", RTC = "rtc", RUBY = "ruby", S = "s", SCRIPT = "script", SEARCH = "search",
    SECTION = "section", SELECT = "select", SHOW = "show", SIZE = "size", SMALL = "small", SOURCE = "source",
    SPACE = "space", SPAN = "span", SRC = "src", SRCSET = "srcset", STRIKE = "strike", STRONG = "strong", STYLE = "style",
    SUB = "sub", SUMMARY = "summary", SUP = "sup", SVG = "svg", TABLE = "table", TBODY = "tbody", TD = "td",
    TEMPLATE = "template", TEXTAREA = "textarea", TFOOT = "tfoot", TH = "th", THEAD = "thead", TIME = "time", TITLE = "title",
    TR = "tr", TRACK = "track", TT = "tt", TYPE = "type", U = "u", UL = "ul", VAR = "var", VIDEO = "video",
    WBR = "wbr", XLINK = "xlink", XLINK_ACTUATE = "xlink:actuate", XLINK_ARCROLE = "xlink:arcrole",
    XLINK_HREF = "xlink:href", XLINK_ROLE = "xlink:role", XLINK_SHOW = "xlink:show", XLINK_TITLE = "xlink:title",
    XLINK_TYPE = "xlink:type", XML_LANG = "xml:lang", XML_SPACE = "xml:space", XMLNS = "xmlns", XMLNS_XLINK = "xmlns:xlink",
    XMP = "xmp",
}

/// The names of SVG that have capitals (HTML standard, 13.2.6.5), each as tags hold it and as it is: elements, then one that is
/// both, then attributes.
const MIXED: [&str; 188] = [
    "altglyph",
    "altGlyph",
    "altglyphdef",
    "altGlyphDef",
    "altglyphitem",
    "altGlyphItem",
    "animatecolor",
    "animateColor",
    "animatemotion",
    "animateMotion",
    "animatetransform",
    "animateTransform",
    "clippath",
    "clipPath",
    "feblend",
    "feBlend",
    "fecolormatrix",
    "feColorMatrix",
    "fecomponenttransfer",
    "feComponentTransfer",
    "fecomposite",
    "feComposite",
    "feconvolvematrix",
    "feConvolveMatrix",
    "fediffuselighting",
    "feDiffuseLighting",
    "fedisplacementmap",
    "feDisplacementMap",
    "fedistantlight",
    "feDistantLight",
    "fedropshadow",
    "feDropShadow",
    "feflood",
    "feFlood",
    "fefunca",
    "feFuncA",
    "fefuncb",
    "feFuncB",
    "fefuncg",
    "feFuncG",
    "fefuncr",
    "feFuncR",
    "fegaussianblur",
    "feGaussianBlur",
    "feimage",
    "feImage",
    "femerge",
    "feMerge",
    "femergenode",
    "feMergeNode",
    "femorphology",
    "feMorphology",
    "feoffset",
    "feOffset",
    "fepointlight",
    "fePointLight",
    "fespecularlighting",
    "feSpecularLighting",
    "fespotlight",
    "feSpotLight",
    "fetile",
    "feTile",
    "feturbulence",
    "feTurbulence",
    "foreignobject",
    "foreignObject",
    "lineargradient",
    "linearGradient",
    "radialgradient",
    "radialGradient",
    "textpath",
    "textPath",
    "glyphref",
    "glyphRef",
    "attributename",
    "attributeName",
    "attributetype",
    "attributeType",
    "basefrequency",
    "baseFrequency",
    "baseprofile",
    "baseProfile",
    "calcmode",
    "calcMode",
    "clippathunits",
    "clipPathUnits",
    "diffuseconstant",
    "diffuseConstant",
    "edgemode",
    "edgeMode",
    "filterunits",
    "filterUnits",
    "gradienttransform",
    "gradientTransform",
    "gradientunits",
    "gradientUnits",
    "kernelmatrix",
    "kernelMatrix",
    "kernelunitlength",
    "kernelUnitLength",
    "keypoints",
    "keyPoints",
    "keysplines",
    "keySplines",
    "keytimes",
    "keyTimes",
    "lengthadjust",
    "lengthAdjust",
    "limitingconeangle",
    "limitingConeAngle",
    "markerheight",
    "markerHeight",
    "markerunits",
    "markerUnits",
    "markerwidth",
    "markerWidth",
    "maskcontentunits",
    "maskContentUnits",
    "maskunits",
    "maskUnits",
    "numoctaves",
    "numOctaves",
    "pathlength",
    "pathLength",
    "patterncontentunits",
    "patternContentUnits",
    "patterntransform",
    "patternTransform",
    "patternunits",
    "patternUnits",
    "pointsatx",
    "pointsAtX",
    "pointsaty",
    "pointsAtY",
    "pointsatz",
    "pointsAtZ",
    "preservealpha",
    "preserveAlpha",
    "preserveaspectratio",
    "preserveAspectRatio",
    "primitiveunits",
    "primitiveUnits",
    "refx",
    "refX",
    "refy",
    "refY",
    "repeatcount",
    "repeatCount",
    "repeatdur",
    "repeatDur",
    "requiredextensions",
    "requiredExtensions",
    "requiredfeatures",
    "requiredFeatures",
    "specularconstant",
    "specularConstant",
    "specularexponent",
    "specularExponent",
    "spreadmethod",
    "spreadMethod",
    "startoffset",
    "startOffset",
    "stddeviation",
    "stdDeviation",
    "stitchtiles",
    "stitchTiles",
    "surfacescale",
    "surfaceScale",
    "systemlanguage",
    "systemLanguage",
    "tablevalues",
    "tableValues",
    "targetx",
    "targetX",
    "targety",
    "targetY",
    "textlength",
    "textLength",
    "viewbox",
    "viewBox",
    "viewtarget",
    "viewTarget",
    "xchannelselector",
    "xChannelSelector",
    "ychannelselector",
    "yChannelSelector",
    "zoomandpan",
    "zoomAndPan",
];
/// Where the name that is both stands in it.
const MIXED_BOTH: usize = 72;
/// Any name of a page that has far too many.
const OTHER: &str = "other-name";

const FIRST_MIXED: usize = KNOWN.len();
const FIXED: usize = FIRST_MIXED + MIXED.len();

/// A known name that has no constant of its own.
pub(crate) const FOREIGN_OBJECT: Name = Name(index(FIRST_MIXED + 2 * 32 + 1));

#[expect(clippy::cast_possible_truncation, reason = "checked")]
const fn index(at: usize) -> u16 {
    assert!(at <= u16::MAX as usize, "far fewer names than that are kept");
    at as u16
}

impl Name {
    /// How many names are the same on all pages; their numbers are below.
    pub(crate) const FIXED: usize = FIXED;

    /// A number to tell names apart by.
    pub(crate) fn number(self) -> u64 {
        u64::from(self.0)
    }

    /// Its place in a table of names.
    pub(crate) const fn at(self) -> usize {
        self.0 as usize
    }

    /// An SVG element's name as the standard writes it.
    pub(crate) fn as_svg_tag(self) -> Self {
        self.mixed(0, MIXED_BOTH + 2)
    }

    /// An SVG attribute's name as the standard writes it.
    pub(crate) fn as_svg_attribute(self) -> Self {
        self.mixed(MIXED_BOTH, MIXED.len())
    }

    fn mixed(self, from: usize, to: usize) -> Self {
        match usize::from(self.0).checked_sub(FIRST_MIXED) {
            Some(at) if (from..to).contains(&at) && at.is_multiple_of(2) => Self(self.0 + 1),
            _ => self,
        }
    }
}

/// What an attribute may say of its element: a bit each.
pub(crate) mod role {
    /// Words that tell what the element is.
    pub(crate) const WORDS: u8 = 1;
    /// That the element is not shown.
    pub(crate) const HIDES: u8 = 2;
    /// How the element is related to where it leads.
    pub(crate) const RELATES: u8 = 4;
    /// Which property of something the element is.
    pub(crate) const PROPERTY: u8 = 8;
}

/// The roles of the attributes of each known name.
const ROLES: [u8; KNOWN.len()] = {
    let with_words = [
        known::CLASS,
        known::ID,
        known::ITEMPROP,
        known::ROLE,
        known::ARIA_LABEL,
        known::DATA_TESTID,
        known::DATA_COMPONENT,
        known::DATA_TYPE,
    ];
    let mut roles = [0; KNOWN.len()];
    let mut at = 0;
    while at < with_words.len() {
        roles[with_words[at].0 as usize] = role::WORDS;
        at += 1;
    }
    roles[known::ITEMPROP.0 as usize] |= role::PROPERTY;
    roles[known::REL.0 as usize] |= role::RELATES;
    roles[known::HIDDEN.0 as usize] |= role::HIDES;
    roles[known::ARIA_HIDDEN.0 as usize] |= role::HIDES;
    roles[known::STYLE.0 as usize] |= role::HIDES;
    roles
};

impl Name {
    /// What attributes of that name say, see [`role`].
    pub(crate) fn roles(self) -> u8 {
        ROLES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    /// [`EMPTY`] in a slot that nothing stands in.
    name: u16,
}

const EMPTY: u16 = u16::MAX;

/// The names of one page.
#[derive(Debug)]
pub(crate) struct Names {
    table: Box<[Slot; SLOTS]>,
    /// Those that had no place in the table.
    more: HashMap<Box<str>, Name>,
    /// The names that the page brought, one after the other.
    brought: String,
    /// Where each of them ends.
    ends: Vec<usize>,
    scratch: String,
}

impl Names {
    pub(crate) fn new() -> Self {
        /// The table with the names that are the same on all pages.
        static TABLE: LazyLock<Names> = LazyLock::new(|| {
            let mut names = Names {
                table: Box::new([Slot { hash: 0, name: EMPTY }; SLOTS]),
                more: HashMap::new(),
                brought: String::new(),
                ends: Vec::new(),
                scratch: String::new(),
            };
            for (at, text) in KNOWN.iter().chain(&MIXED).enumerate() {
                let hash = hash(text.as_bytes());
                match names.look(hash, text) {
                    Ok(_) => unreachable!("{text} is known twice"),
                    Err(Some(free)) => names.table[free] = Slot { hash, name: index(at) },
                    Err(None) => _ = names.more.insert((*text).into(), Name(index(at))),
                }
            }
            names
        });
        Self { table: TABLE.table.clone(), more: TABLE.more.clone(), brought: String::new(), ends: Vec::new(), scratch: String::new() }
    }

    /// The letters of a name.
    #[inline]
    pub(crate) fn text(&self, name: Name) -> &str {
        KNOWN.get(usize::from(name.0)).map_or_else(|| self.rare_text(name), |known| *known)
    }

    fn rare_text(&self, name: Name) -> &str {
        let at = usize::from(name.0);
        match at.checked_sub(FIXED) {
            None => MIXED[at - FIRST_MIXED],
            Some(brought) => self.ends.get(brought).map_or(OTHER, |end| {
                let start = brought.checked_sub(1).map_or(0, |before| self.ends[before]);
                &self.brought[start..*end]
            }),
        }
    }

    /// The number of a name as it stands.
    pub(crate) fn get(&mut self, text: &str) -> Name {
        let hash = hash(text.as_bytes());
        match self.look(hash, text) {
            Ok(name) => name,
            Err(free) => self.get_rare(hash, text, free),
        }
    }

    /// The number of a name in lower case and with U+FFFD for U+0000.
    pub(crate) fn get_lowered(&mut self, text: &str) -> Name {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        lower_into(&mut scratch, text);
        let out = self.get(&scratch);
        self.scratch = scratch;
        out
    }

    /// The name of that text in the table, or where it would stand there.
    fn look(&self, hash: u32, text: &str) -> Result<Name, Option<usize>> {
        for step in 0..MAX_STEPS {
            let at = (hash as usize + step) % SLOTS;
            let slot = self.table[at];
            if slot.name == EMPTY {
                return Err(Some(at));
            }
            if slot.hash == hash && is_same(self.text(Name(slot.name)).as_bytes(), text.as_bytes()) {
                return Ok(Name(slot.name));
            }
        }
        Err(None)
    }

    #[cold]
    fn get_rare(&mut self, hash: u32, text: &str, free: Option<usize>) -> Name {
        if let Some(known) = self.more.get(text) {
            return *known;
        }
        if self.ends.len() >= MAX_NAMES {
            return Name(index(FIXED + MAX_NAMES));
        }
        let name = Name(index(FIXED + self.ends.len()));
        match free {
            Some(free) if self.ends.len() < MAX_IN_TABLE => self.table[free] = Slot { hash, name: name.0 },
            _ => _ = self.more.insert(text.into(), name),
        }
        self.brought.push_str(text);
        self.ends.push(self.brought.len());
        name
    }
}

/// Appends a name in lower case (ASCII) and with U+FFFD for U+0000.
pub(crate) fn lower_into(out: &mut String, name: &str) {
    out.extend(name.chars().map(|c| if c == '\0' { '\u{fffd}' } else { c.to_ascii_lowercase() }));
}

/// Whether two names are the same. Most are short: they overlap themselves.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().eq(b),
        4..8 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a == b,
    }
}

/// From the length, the first and the last bytes: names that meet in a slot only cost time.
fn hash(text: &[u8]) -> u32 {
    let four = |bytes: [u8; 4]| u64::from(u32::from_le_bytes(bytes));
    let mixed = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23),
        _ => match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            (Some(first), Some(last)) => four(*first) | four(*last) << 32,
            _ => text.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)),
        },
    };
    ((mixed ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_once() {
        let mut names = Names::new();
        for text in ["a", "section", "figcaption", "data-component-name", "noscript", "viewBox", "x-y", "é"] {
            let name = names.get(text);
            assert_eq!(names.text(name), text);
            assert_eq!(names.get(text), name);
        }
        assert_eq!(names.get("href"), known::HREF);
        assert_eq!(names.get_lowered("FIGCAPTION"), known::FIGCAPTION);
        let odd = names.get_lowered("A\0É");
        assert_eq!(names.text(odd), "a\u{fffd}É");
    }

    #[test]
    fn names_with_capitals() {
        let mut names = Names::new();
        let of = |names: &mut Names, text: &str| names.get(text);
        let object = of(&mut names, "foreignobject");
        assert_eq!((object.as_svg_tag(), object.as_svg_attribute()), (FOREIGN_OBJECT, object));
        assert_eq!(names.text(FOREIGN_OBJECT), "foreignObject");
        let view = of(&mut names, "viewbox");
        assert_eq!((names.text(view.as_svg_attribute()), view.as_svg_tag()), ("viewBox", view));
        let both = of(&mut names, "glyphref");
        assert_eq!((names.text(both.as_svg_tag()), names.text(both.as_svg_attribute())), ("glyphRef", "glyphRef"));
        assert!(MIXED.chunks(2).all(|pair| pair[1].to_ascii_lowercase() == pair[0] && pair[0] != pair[1]));
    }

    #[test]
    fn a_flood_of_names_is_one() {
        let mut names = Names::new();
        let numbers: Vec<Name> = (0..3 * MAX_NAMES).map(|n| names.get(&["n", &n.to_string()].concat())).collect();
        assert_eq!(names.text(numbers[777]), "n777");
        assert_eq!(names.text(numbers[MAX_NAMES - 1]), "n9999");
        assert_eq!(names.text(numbers[MAX_NAMES]), OTHER);
        assert_eq!(numbers[MAX_NAMES], numbers[2 * MAX_NAMES]);
        assert_eq!(names.get("n777"), numbers[777]);
    }
}
