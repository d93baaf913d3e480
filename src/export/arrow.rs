//! Records → Arrow record batches: the columns of the exported Parquet, and what went wrong with pages that gave no record.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, ListArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};
use parquet::basic::{Repetition, Type as Physical};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use serde_json::{Value, json};

use super::parquet::internal;
use super::preset::{Preset, message, typed_row};
use crate::article::{Article, RecordId, SCHEMA};
use crate::error::{Error, Result};

/// Columns count their bytes and items in 31 bits.
const MAX_OFFSET: usize = i32::MAX as usize;

/// A row of a batch.
#[derive(Debug)]
pub struct Row(Value);

impl Row {
    /// Of a record.
    ///
    /// # Errors
    /// Never in practice: a record has string keys only.
    pub fn record(article: &Article) -> Result<Self> {
        typed_row(Preset::Record, article).map(Self)
    }

    /// Of a page that gave none.
    #[must_use]
    pub fn failure(id: Option<&RecordId>, url: Option<&str>, error: &Error) -> Self {
        Self(json!({ "id": id.map(ToString::to_string), "url": url, "error": { "kind": error.kind(), "message": error.to_string() } }))
    }
}

/// The columns: those of the exported Parquet, all of which may be absent, and `error`, which is there where they are.
///
/// # Errors
/// Never in practice: the columns are written down in the code.
pub fn schema() -> Result<Schema> {
    let message = parse_message_type(&message(Preset::Record)).map_err(internal)?;
    let mut fields = message.get_fields().iter().map(|column| field(column)).collect::<Result<Vec<_>>>()?;
    let cause = ["kind", "message"].map(|name| Field::new(name, DataType::Utf8, true));
    fields.push(Field::new("error", DataType::Struct(Fields::from_iter(cause)), true));
    let metadata = [("copydesk.schema", SCHEMA), ("copydesk.version", env!("CARGO_PKG_VERSION"))];
    Ok(Schema::new_with_metadata(
        fields,
        metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<HashMap<_, _>>(),
    ))
}

/// The rows as a batch of [`schema`].
///
/// # Errors
/// [`Error::BadInput`] when a column would be larger than Arrow's offsets can say.
pub fn batch(rows: &[Row]) -> Result<RecordBatch> {
    let schema = schema()?;
    let rows: Vec<_> = rows.iter().map(|row| Some(&row.0)).collect();
    let columns = schema.fields().iter().map(|field| column(field, &members(&rows, field.name()))).collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|e| fault(&e))
}

/// The Arrow field of a Parquet column. All may be absent, for below an absent record all are, and other writers of Parquet refuse that of
/// fields that always are there.
fn field(column: &Type) -> Result<Field> {
    let kind = if column.is_primitive() {
        match column.get_physical_type() {
            Physical::BYTE_ARRAY => DataType::Utf8,
            Physical::BOOLEAN => DataType::Boolean,
            Physical::INT32 => DataType::Int32,
            // All that have 64 bits are instants.
            Physical::INT64 => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Physical::DOUBLE => DataType::Float64,
            other => return Err(Error::Internal(format!("no column is {other}"))),
        }
    } else {
        match column.get_fields() {
            [list] if list.get_basic_info().repetition() == Repetition::REPEATED => {
                let [element] = list.get_fields() else { return Err(Error::Internal(format!("the column {} is no list", column.name()))) };
                DataType::List(Arc::new(field(element)?))
            }
            fields => DataType::Struct(fields.iter().map(|inner| field(inner)).collect::<Result<_>>()?),
        }
    };
    Ok(Field::new(column.name(), kind, true))
}

/// The values of a key.
fn members<'a>(values: &[Option<&'a Value>], key: &str) -> Vec<Option<&'a Value>> {
    values.iter().map(|value| value.and_then(|value| value.get(key)).filter(|value| !value.is_null())).collect()
}

/// The column of values, each with all that is below it.
fn column(field: &Field, values: &[Option<&Value>]) -> Result<ArrayRef> {
    let nulls = || Some(values.iter().map(Option::is_some).collect::<NullBuffer>());
    let fits = |size: usize| if size > MAX_OFFSET { Err(too_much(field.name())) } else { Ok(()) };
    Ok(match field.data_type() {
        DataType::Utf8 => {
            let texts = || values.iter().map(|value| value.and_then(Value::as_str));
            fits(texts().flatten().map(str::len).sum())?;
            Arc::new(texts().collect::<StringArray>())
        }
        DataType::Boolean => Arc::new(values.iter().map(|value| value.and_then(Value::as_bool)).collect::<BooleanArray>()),
        DataType::Int32 => {
            let number = |value: &Value| value.as_i64().and_then(|n| i32::try_from(n).ok());
            Arc::new(values.iter().map(|value| value.and_then(number)).collect::<Int32Array>())
        }
        DataType::Float64 => Arc::new(values.iter().map(|value| value.and_then(Value::as_f64)).collect::<Float64Array>()),
        DataType::Timestamp(..) => {
            let instants = values.iter().map(|value| value.and_then(Value::as_i64)).collect::<TimestampMicrosecondArray>();
            Arc::new(instants.with_timezone("UTC"))
        }
        DataType::List(element) => {
            let lists = || values.iter().map(|value| value.and_then(Value::as_array));
            let items: Vec<_> = lists().flatten().flatten().map(Some).collect();
            fits(items.len())?;
            let offsets = OffsetBuffer::from_lengths(lists().map(|list| list.map_or(0, Vec::len)));
            Arc::new(ListArray::try_new(Arc::clone(element), offsets, column(element, &items)?, nulls()).map_err(|e| fault(&e))?)
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().map(|inner| column(inner, &members(values, inner.name()))).collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, nulls()).map_err(|e| fault(&e))?)
        }
        other => return Err(Error::Internal(format!("no column is {other}"))),
    })
}

fn too_much(column: &str) -> Error {
    Error::BadInput(format!("the column {column} would hold more than 2 GiB: give fewer pages at a time"))
}

fn fault(error: &ArrowError) -> Error {
    Error::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;

    #[test]
    fn records_and_failures_are_rows() {
        let page = "<h1>Ferry comes home</h1><p>The ferry came home on Monday after nine days at sea, the harbour master said.</p>";
        let article = crate::extract(page, Some("https://news.example/ferry")).unwrap();
        let failure = Row::failure(Some(&RecordId::Signed(-7)), Some("u"), &Error::NoContent);
        let batch = batch(&[Row::record(&article).unwrap(), failure]).unwrap();
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
        assert_eq!((text("title").value(0), text("body").is_null(1)), ("Ferry comes home", true));
        assert_eq!((text("id").value(1), text("url").value(1)), ("-7", "u"));
        let error = batch.column_by_name("error").unwrap().as_struct();
        assert!(error.is_null(0) && error.column_by_name("kind").unwrap().as_string::<i32>().value(1) == "no_content");
        assert_eq!(batch.column_by_name("blocks").unwrap().as_list::<i32>().value(0).len(), 1);
    }

    #[test]
    fn no_rows_are_a_batch() {
        assert_eq!(batch(&[]).unwrap().num_rows(), 0);
    }
}
