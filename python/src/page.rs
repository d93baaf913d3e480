//! A page as Python gives it → its record, or its row.

use copydesk::article::{Article, RecordId};
use copydesk::batch::{self, Form, Source};
use copydesk::export::arrow::Row;
use copydesk::fetch::HttpConfig;
use copydesk::record::{Options, usable_url};
use copydesk::{Error, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyDict, PyString};

/// A page's text or bytes, kept alive.
pub(crate) enum Html {
    Text(PyBackedStr),
    Bytes(PyBackedBytes),
}

/// The same, to be read without the interpreter.
#[derive(Clone, Copy)]
pub(crate) enum HtmlView<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A page with what is known of it.
pub(crate) struct Page<'a> {
    pub(crate) id: Option<RecordId>,
    pub(crate) url: Option<&'a str>,
    pub(crate) html: Option<HtmlView<'a>>,
}

/// An item of a list of pages: the page, or a dict like a line of `--from jsonl`.
pub(crate) struct Request {
    id: Option<RecordId>,
    url: Option<PyBackedStr>,
    html: Option<Html>,
}

impl Html {
    pub(crate) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.cast::<PyString>() {
            return whole(text).map(Self::Text);
        }
        let bytes = value.extract().map(Self::Bytes);
        bytes.map_err(|_| wrong("html", "str or bytes", value))
    }

    pub(crate) fn view(&self) -> HtmlView<'_> {
        match self {
            Self::Text(text) => HtmlView::Text(text),
            Self::Bytes(bytes) => HtmlView::Bytes(bytes),
        }
    }
}

impl HtmlView<'_> {
    /// Reads it as the command line does.
    pub(crate) fn article(self, url: Option<&str>) -> Result<Article> {
        let limit = HttpConfig::default().max_body_bytes;
        let length = match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        };
        if length as u64 > limit {
            return Err(Error::TooLarge { limit });
        }
        let options = Options::default();
        match self {
            Self::Text(text) => batch::read_page(text.to_owned(), url, &options),
            Self::Bytes(bytes) => Source { bytes: bytes.to_vec(), form: Form::Html, url: url.and_then(usable_url) }.article(&options),
        }
    }
}

impl Page<'_> {
    /// Its row: the record, under the id that came with the page, or what went wrong.
    pub(crate) fn row(self) -> Result<Row> {
        let html = self.html.ok_or_else(|| Error::BadInput("the row has no html".to_owned()));
        match html.and_then(|html| html.article(self.url)) {
            Ok(mut article) => {
                article.id = self.id.unwrap_or(article.id);
                Row::record(&article)
            }
            Err(error) => Ok(Row::failure(self.id.as_ref(), self.url, &error)),
        }
    }
}

impl Request {
    pub(crate) fn of(item: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Ok(keys) = item.cast::<PyDict>() else { return Ok(Self { id: None, url: None, html: Some(Html::of(item)?) }) };
        let key = |name: &str| Ok::<_, PyErr>(keys.get_item(name)?.filter(|value| !value.is_none()));
        let url = |value: Bound<'_, PyAny>| value.cast::<PyString>().map_err(|_| wrong("url", "str", &value)).and_then(|text| whole(text));
        Ok(Self {
            id: key("id")?.map(|value| id(&value)).transpose()?,
            url: key("url")?.map(url).transpose()?,
            html: key("html")?.map(|value| Html::of(&value)).transpose()?,
        })
    }

    pub(crate) fn view(&self) -> Page<'_> {
        Page { id: self.id.clone(), url: self.url.as_deref(), html: self.html.as_ref().map(Html::view) }
    }
}

fn id(value: &Bound<'_, PyAny>) -> PyResult<RecordId> {
    let unsigned = || value.extract().map(RecordId::Unsigned);
    let signed = || value.extract().map(RecordId::Signed);
    let text = || value.cast::<PyString>().map_err(PyErr::from).and_then(|text| Ok(RecordId::Text(whole(text)?.to_string())));
    text().or_else(|_| unsigned()).or_else(|_| signed()).map_err(|_| wrong("id", "str or an int of 64 bits", value))
}

/// The text of a string. Halves of a surrogate pair, which Python's strings may hold, become U+FFFD as in lines of `--from jsonl`.
fn whole(text: &Bound<'_, PyString>) -> PyResult<PyBackedStr> {
    if let Ok(whole) = text.clone().try_into() {
        return Ok(whole);
    }
    let bytes = text.call_method1("encode", ("utf-16-le", "surrogatepass"))?;
    let units: Vec<u16> = bytes.cast::<PyBytes>()?.as_bytes().chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    PyString::new(text.py(), &String::from_utf16_lossy(&units)).try_into()
}

fn wrong(name: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let given = value.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{name} has to be {wanted}, not {given}"))
}
