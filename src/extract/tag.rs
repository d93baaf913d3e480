//! The tags that extraction knows, as one byte, with what each does to text.

use super::names::{Name, known};

macro_rules! tags {
    ($($variant:ident = $name:ident),* $(,)?) => {
        /// An HTML tag. `Other` is any tag not listed, `None` a node that is no element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Tag { None, Other, Foreign, $($variant),* }

        impl Tag {
            /// The tag of an HTML element's local name.
            pub(crate) fn of(name: Name) -> Self {
                match name {
                    $(known::$name => Self::$variant,)*
                    known::IMAGE | known::AMP_IMG => Self::Img,
                    _ => Self::Other,
                }
            }
        }
    };
}

tags! {
    A = A, Abbr = ABBR, Address = ADDRESS, Area = AREA, Article = ARTICLE, Aside = ASIDE, Audio = AUDIO, B = B,
    Base = BASE, Blockquote = BLOCKQUOTE, Body = BODY, Br = BR, Button = BUTTON, Caption = CAPTION, Center = CENTER,
    Code = CODE, Col = COL, Dd = DD, Details = DETAILS, Dialog = DIALOG, Div = DIV, Dl = DL, Dt = DT, Em = EM,
    Embed = EMBED, Fieldset = FIELDSET, Figcaption = FIGCAPTION, Figure = FIGURE, Font = FONT, Footer = FOOTER,
    Form = FORM, H1 = H1, H2 = H2, H3 = H3, H4 = H4, H5 = H5, H6 = H6, Head = HEAD, Header = HEADER,
    Hgroup = HGROUP, Hr = HR, Html = HTML, I = I, Iframe = IFRAME, Img = IMG, Input = INPUT, Label = LABEL,
    Legend = LEGEND, Li = LI, Link = LINK, Main = MAIN, Menu = MENU, Meta = META, Nav = NAV, Noscript = NOSCRIPT,
    Object = OBJECT, Ol = OL, Optgroup = OPTGROUP, Option = OPTION, P = P, Picture = PICTURE, Plaintext = PLAINTEXT,
    Pre = PRE, Rp = RP, Rt = RT, Script = SCRIPT, Search = SEARCH, Section = SECTION, Select = SELECT, Small = SMALL,
    Source = SOURCE, Span = SPAN, Strong = STRONG, Style = STYLE, Sub = SUB, Summary = SUMMARY, Sup = SUP,
    Svg = SVG, Table = TABLE, Tbody = TBODY, Td = TD, Template = TEMPLATE, Textarea = TEXTAREA, Tfoot = TFOOT,
    Th = TH, Thead = THEAD, Time = TIME, Title = TITLE, Tr = TR, Track = TRACK, U = U, Ul = UL, Video = VIDEO,
    Wbr = WBR, Xmp = XMP, Noframes = NOFRAMES, Noembed = NOEMBED, Canvas = CANVAS, Math = MATH,
}

impl Tag {
    /// A tag outside the HTML namespace (SVG, `MathML`).
    pub(crate) fn foreign(name: Name) -> Self {
        match name {
            known::SVG => Self::Svg,
            known::MATH => Self::Math,
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
