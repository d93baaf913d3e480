//! Rows of nested values → columns with levels, as Dremel takes records apart (Melnik et al. 2010) and Parquet keeps them.

use parquet::basic::{Repetition, Type as Physical};
use parquet::data_type::ByteArray;
use parquet::schema::types::Type;
use serde_json::Value;

use crate::error::{Error, Result};

/// The values of a column, by what they are in the file.
#[derive(Debug)]
pub(super) enum Values {
    Text(Vec<ByteArray>),
    Boolean(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Double(Vec<f64>),
}

/// A column of a row group.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) values: Values,
    /// How much of each value's path is there.
    pub(super) definition: Vec<i16>,
    /// At which list each value begins anew.
    pub(super) repetition: Vec<i16>,
}

/// The columns of a row group in the making.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    /// About how many bytes the values take.
    pub(super) bytes: usize,
}

/// How deep a place is: levels of what may be absent, and of lists.
#[derive(Debug, Clone, Copy, Default)]
struct Depth {
    definition: i16,
    /// Of the innermost list around.
    repetition: i16,
    /// What the next value is written with: the list that goes on.
    at: i16,
}

impl Columns {
    /// Empty columns for the leaves of a schema.
    pub(super) fn new(schema: &Type) -> Result<Self> {
        let mut columns = Vec::new();
        for field in schema.get_fields() {
            leaves(field, &mut columns)?;
        }
        Ok(Self { columns, bytes: 0 })
    }

    /// Takes a row apart.
    pub(super) fn push(&mut self, schema: &Type, row: &Value) -> Result<()> {
        let mut leaf = 0;
        for field in schema.get_fields() {
            self.field(field, row.get(field.name()), Depth::default(), &mut leaf)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Type, value: Option<&Value>, mut depth: Depth, leaf: &mut usize) -> Result<()> {
        let value = value.filter(|value| !value.is_null());
        match (field.get_basic_info().repetition(), value) {
            (Repetition::OPTIONAL, None) => return self.absent(field, depth, leaf),
            (Repetition::OPTIONAL, Some(_)) => depth.definition += 1,
            (_, None) => return Err(Error::Internal(format!("the column {} has no value", field.name()))),
            _ => {}
        }
        let Some(value) = value else { return Ok(()) };
        if field.is_primitive() {
            return self.value(field, value, depth, leaf);
        }
        let [list] = field.get_fields() else { return self.group(field, value, depth, leaf) };
        if list.get_basic_info().repetition() != Repetition::REPEATED {
            return self.group(field, value, depth, leaf);
        }
        let (Some(items), [element]) = (value.as_array(), list.get_fields()) else {
            return Err(Error::Internal(format!("the column {} is no list", field.name())));
        };
        if items.is_empty() {
            return self.absent(field, depth, leaf);
        }
        let inner = Depth { definition: depth.definition + 1, repetition: depth.repetition + 1, at: depth.at };
        let first = *leaf;
        for (number, item) in items.iter().enumerate() {
            *leaf = first;
            let at = if number == 0 { depth.at } else { inner.repetition };
            self.field(element, Some(item), Depth { at, ..inner }, leaf)?;
        }
        Ok(())
    }

    fn group(&mut self, field: &Type, value: &Value, depth: Depth, leaf: &mut usize) -> Result<()> {
        field.get_fields().iter().try_for_each(|inner| self.field(inner, value.get(inner.name()), depth, leaf))
    }

    /// No value, for all leaves below.
    fn absent(&mut self, field: &Type, depth: Depth, leaf: &mut usize) -> Result<()> {
        if field.is_primitive() {
            self.level(depth, *leaf)?;
            *leaf += 1;
            return Ok(());
        }
        field.get_fields().iter().try_for_each(|inner| self.absent(inner, depth, leaf))
    }

    fn level(&mut self, depth: Depth, leaf: usize) -> Result<&mut Column> {
        let column = self.columns.get_mut(leaf).ok_or_else(|| Error::Internal("a column too many".to_owned()))?;
        column.definition.push(depth.definition);
        column.repetition.push(depth.at);
        self.bytes += 4;
        Ok(column)
    }

    fn value(&mut self, field: &Type, value: &Value, depth: Depth, leaf: &mut usize) -> Result<()> {
        let wrong = || Error::Internal(format!("the column {} can't hold {value}", field.name()));
        let size = value.as_str().map_or(8, |text| text.len() + 32);
        let column = self.level(depth, *leaf)?;
        *leaf += 1;
        match &mut column.values {
            Values::Text(texts) => texts.push(ByteArray::from(value.as_str().ok_or_else(wrong)?)),
            Values::Boolean(booleans) => booleans.push(value.as_bool().ok_or_else(wrong)?),
            Values::Int32(numbers) => numbers.push(value.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(wrong)?),
            Values::Int64(numbers) => numbers.push(value.as_i64().ok_or_else(wrong)?),
            Values::Double(numbers) => numbers.push(value.as_f64().ok_or_else(wrong)?),
        }
        self.bytes += size;
        Ok(())
    }
}

fn leaves(field: &Type, columns: &mut Vec<Column>) -> Result<()> {
    if !field.is_primitive() {
        return field.get_fields().iter().try_for_each(|inner| leaves(inner, columns));
    }
    let values = match field.get_physical_type() {
        Physical::BYTE_ARRAY => Values::Text(Vec::new()),
        Physical::BOOLEAN => Values::Boolean(Vec::new()),
        Physical::INT32 => Values::Int32(Vec::new()),
        Physical::INT64 => Values::Int64(Vec::new()),
        Physical::DOUBLE => Values::Double(Vec::new()),
        other => return Err(Error::Internal(format!("no column is {other}"))),
    };
    columns.push(Column { values, definition: Vec::new(), repetition: Vec::new() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;
    use serde_json::json;

    #[test]
    fn levels_of_lists_in_lists_and_of_what_is_absent() {
        let schema = parse_message_type(
            "message m { required int32 a; optional group l (LIST) { repeated group list { required group element { optional binary t (STRING); \
             required group n (LIST) { repeated group list { required int32 element; } } } } } }",
        )
        .unwrap();
        let mut columns = Columns::new(&schema).unwrap();
        for row in [
            json!({"a": 1, "l": [{"t": "x", "n": [1, 2]}, {"t": null, "n": []}]}),
            json!({"a": 2, "l": []}),
            json!({"a": 3, "l": null}),
            json!({"a": 4, "l": [{"n": [3]}]}),
        ] {
            columns.push(&schema, &row).unwrap();
        }
        let levels = |n: usize| (columns.columns[n].definition.as_slice(), columns.columns[n].repetition.as_slice());
        assert_eq!(levels(0), (&[0, 0, 0, 0][..], &[0, 0, 0, 0][..]));
        assert_eq!(levels(1), (&[3, 2, 1, 0, 2][..], &[0, 1, 0, 0, 0][..]));
        assert_eq!(levels(2), (&[3, 3, 2, 1, 0, 3][..], &[0, 2, 1, 0, 0, 0][..]));
        assert!(matches!(&columns.columns[2].values, Values::Int32(n) if n == &[1, 2, 3]));
        assert!(columns.push(&schema, &json!({"a": "x"})).is_err() && columns.push(&schema, &json!({})).is_err());
    }
}
