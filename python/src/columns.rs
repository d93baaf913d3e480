//! The columns of a batch of pages, read in place.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayAccessor, RecordBatch};
use arrow_schema::DataType;
use copydesk::article::RecordId;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::page::{HtmlView, Page};

/// The value of a row.
type Getter<'a, T> = Box<dyn Fn(usize) -> Option<T> + Send + Sync + 'a>;

/// The columns that count; all others are left alone.
pub(crate) struct Columns<'a> {
    html: Getter<'a, HtmlView<'a>>,
    url: Getter<'a, &'a str>,
    id: Getter<'a, RecordId>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> PyResult<Self> {
        let html = batch.column_by_name("html").ok_or_else(|| {
            let names: Vec<_> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
            PyValueError::new_err(format!("the batch has no column html; it has: {}", names.join(", ")))
        })?;
        let html = pages(html).ok_or_else(|| wrong("html", "string or binary", html))?;
        let url = match batch.column_by_name("url") {
            None => none(),
            Some(column) => texts(column).ok_or_else(|| wrong("url", "string", column))?,
        };
        let id = match batch.column_by_name("id") {
            None => none(),
            Some(column) => ids(column).ok_or_else(|| wrong("id", "string or of integers", column))?,
        };
        Ok(Self { html, url, id })
    }

    pub(crate) fn page(&self, number: usize) -> Page<'a> {
        Page { id: (self.id)(number), url: (self.url)(number), html: (self.html)(number) }
    }
}

fn none<'a, T>() -> Getter<'a, T> {
    Box::new(|_| None)
}

/// Values as they are, but for those that are absent.
fn values<'a, A: ArrayAccessor + Send + Sync + 'a, T>(array: A, of: impl Fn(A::Item) -> T + Send + Sync + 'a) -> Getter<'a, T> {
    Box::new(move |number| array.is_valid(number).then(|| of(array.value(number))))
}

fn texts(column: &dyn Array) -> Option<Getter<'_, &str>> {
    Some(match column.data_type() {
        DataType::Utf8 => values(column.as_string::<i32>(), |text| text),
        DataType::LargeUtf8 => values(column.as_string::<i64>(), |text| text),
        DataType::Utf8View => values(column.as_string_view(), |text| text),
        DataType::Null => none(),
        _ => return None,
    })
}

fn pages(column: &dyn Array) -> Option<Getter<'_, HtmlView<'_>>> {
    Some(match column.data_type() {
        DataType::Binary => values(column.as_binary::<i32>(), HtmlView::Bytes),
        DataType::LargeBinary => values(column.as_binary::<i64>(), HtmlView::Bytes),
        DataType::BinaryView => values(column.as_binary_view(), HtmlView::Bytes),
        _ => {
            let texts = texts(column)?;
            Box::new(move |number| texts(number).map(HtmlView::Text))
        }
    })
}

fn ids(column: &dyn Array) -> Option<Getter<'_, RecordId>> {
    let signed = |n: i64| u64::try_from(n).map_or(RecordId::Signed(n), RecordId::Unsigned);
    Some(match column.data_type() {
        DataType::Int32 => values(column.as_primitive::<Int32Type>(), move |n| signed(n.into())),
        DataType::Int64 => values(column.as_primitive::<Int64Type>(), signed),
        DataType::UInt32 => values(column.as_primitive::<UInt32Type>(), |n| RecordId::Unsigned(n.into())),
        DataType::UInt64 => values(column.as_primitive::<UInt64Type>(), RecordId::Unsigned),
        _ => {
            let texts = texts(column)?;
            Box::new(move |number| texts(number).map(|text| RecordId::Text(text.to_owned())))
        }
    })
}

fn wrong(name: &str, wanted: &str, column: &dyn Array) -> PyErr {
    PyTypeError::new_err(format!("the column {name} has to be {wanted}, not {}", column.data_type()))
}
