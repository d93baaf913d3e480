//! The tags that extraction knows, as one byte, with what each does to text.

use html5ever::{LocalName, local_name};

macro_rules! tags {
    ($($variant:ident = $name:tt),* $(,)?) => {
        /// An HTML tag. `Other` is any tag not listed, `None` a node that is no element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Tag { None, Other, Foreign, $($variant),* }

        impl Tag {
            /// The tag of an HTML element's local name.
            pub(crate) fn of(name: &LocalName) -> Self {
                match *name {
                    $(local_name!($name) => Self::$variant,)*
                    local_name!("image") => Self::Img,
                    _ if **name == *"amp-img" => Self::Img,
                    _ => Self::Other,
                }
            }
        }
    };
}

tags! {
    A = "a", Abbr = "abbr", Address = "address", Area = "area", Article = "article", Aside = "aside", Audio = "audio", B = "b",
    Base = "base", Blockquote = "blockquote", Body = "body", Br = "br", Button = "button", Caption = "caption", Center = "center",
    Code = "code", Col = "col", Dd = "dd", Details = "details", Dialog = "dialog", Div = "div", Dl = "dl", Dt = "dt", Em = "em",
    Embed = "embed", Fieldset = "fieldset", Figcaption = "figcaption", Figure = "figure", Font = "font", Footer = "footer",
    Form = "form", H1 = "h1", H2 = "h2", H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", Head = "head", Header = "header",
    Hgroup = "hgroup", Hr = "hr", Html = "html", I = "i", Iframe = "iframe", Img = "img", Input = "input", Label = "label",
    Legend = "legend", Li = "li", Link = "link", Main = "main", Menu = "menu", Meta = "meta", Nav = "nav", Noscript = "noscript",
    Object = "object", Ol = "ol", Optgroup = "optgroup", Option = "option", P = "p", Picture = "picture", Plaintext = "plaintext",
    Pre = "pre", Rp = "rp", Rt = "rt", Script = "script", Search = "search", Section = "section", Select = "select", Small = "small",
    Source = "source", Span = "span", Strong = "strong", Style = "style", Sub = "sub", Summary = "summary", Sup = "sup",
    Svg = "svg", Table = "table", Tbody = "tbody", Td = "td", Template = "template", Textarea = "textarea", Tfoot = "tfoot",
    Th = "th", Thead = "thead", Time = "time", Title = "title", Tr = "tr", Track = "track", U = "u", Ul = "ul", Video = "video",
    Wbr = "wbr", Xmp = "xmp", Noframes = "noframes", Noembed = "noembed", Canvas = "canvas", Math = "math",
}

impl Tag {
    /// A tag outside the HTML namespace (SVG, `MathML`).
    pub(crate) fn foreign(name: &LocalName) -> Self {
        match *name {
            local_name!("svg") => Self::Svg,
            local_name!("math") => Self::Math,
            _ => Self::Foreign,
        }
    }

    /// No content, no end tag.
    pub(crate) fn is_void(self) -> bool {
        matches!(
            self,
            Self::Area
                | Self::Base
                | Self::Br
                | Self::Col
                | Self::Embed
                | Self::Hr
                | Self::Img
                | Self::Input
                | Self::Link
                | Self::Meta
                | Self::Source
                | Self::Track
                | Self::Wbr
        )
    }

    /// Its start changes how the tokenizer reads on, so it must reach the tree builder at any depth.
    pub(crate) fn switches_tokenizer(self) -> bool {
        matches!(
            self,
            Self::Script
                | Self::Style
                | Self::Title
                | Self::Textarea
                | Self::Xmp
                | Self::Iframe
                | Self::Noembed
                | Self::Noframes
                | Self::Plaintext
        )
    }

    /// What it holds is never text of the page.
    pub(crate) fn is_muted(self) -> bool {
        matches!(
            self,
            Self::Script
                | Self::Style
                | Self::Noscript
                | Self::Template
                | Self::Svg
                | Self::Select
                | Self::Textarea
                | Self::Head
                | Self::Title
                | Self::Iframe
                | Self::Object
                | Self::Audio
                | Self::Video
                | Self::Canvas
                | Self::Noframes
                | Self::Noembed
                | Self::Rp
                | Self::Rt
                | Self::Math
        )
    }

    /// Starts and ends a block of text.
    pub(crate) fn is_block(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Article
                | Self::Aside
                | Self::Blockquote
                | Self::Body
                | Self::Caption
                | Self::Center
                | Self::Dd
                | Self::Details
                | Self::Dialog
                | Self::Div
                | Self::Dl
                | Self::Dt
                | Self::Fieldset
                | Self::Figcaption
                | Self::Figure
                | Self::Footer
                | Self::Form
                | Self::H1
                | Self::H2
                | Self::H3
                | Self::H4
                | Self::H5
                | Self::H6
                | Self::Header
                | Self::Hgroup
                | Self::Hr
                | Self::Html
                | Self::Legend
                | Self::Li
                | Self::Main
                | Self::Menu
                | Self::Nav
                | Self::Ol
                | Self::Optgroup
                | Self::Option
                | Self::P
                | Self::Pre
                | Self::Search
                | Self::Section
                | Self::Summary
                | Self::Table
                | Self::Tbody
                | Self::Td
                | Self::Tfoot
                | Self::Th
                | Self::Thead
                | Self::Tr
                | Self::Ul
                | Self::Plaintext
                | Self::Xmp
                | Self::Button
        )
    }

    /// Text before and after it belongs to different words.
    pub(crate) fn breaks_line(self) -> bool {
        self.is_block() || self == Self::Br
    }

    /// 1–6 for `h1`–`h6`.
    pub(crate) fn heading_level(self) -> Option<u8> {
        match self {
            Self::H1 => Some(1),
            Self::H2 => Some(2),
            Self::H3 => Some(3),
            Self::H4 => Some(4),
            Self::H5 => Some(5),
            Self::H6 => Some(6),
            _ => None,
        }
    }
}
