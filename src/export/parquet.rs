//! Rows → a Parquet file: zstd, row groups of a bounded size, the schema's name and the versions in its metadata.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, TypePtr};
use serde_json::Value;

use super::columns::{Columns, Values};
use super::preset::{Preset, message};
use crate::article::SCHEMA;
use crate::error::{Error, Result};

/// A row group ends at so many rows, as readers expect that work by row group,
const GROUP_ROWS: usize = 20_000;
/// or when its values take this much memory.
const GROUP_BYTES: usize = 96 << 20;
/// Of zstd, 1 to 22: its own default.
const LEVEL: i32 = 3;

/// A file in the making.
pub(super) struct ParquetFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    schema: TypePtr,
    columns: Columns,
    rows: usize,
}

impl<W: Write + Send> ParquetFile<W> {
    pub(super) fn new(out: W, preset: Preset) -> Result<Self> {
        let schema = Arc::new(parse_message_type(&message(preset)).map_err(internal)?);
        let level = ZstdLevel::try_new(LEVEL).map_err(internal)?;
        let metadata = [("copydesk.schema", SCHEMA), ("copydesk.version", env!("CARGO_PKG_VERSION")), ("copydesk.preset", preset.name())];
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by(format!("copydesk version {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(
                metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect(),
            ));
        // No two bodies are equal: a dictionary of them would be thrown away.
        for path in [vec!["body"], vec!["text"], vec!["articleBody"], vec!["blocks", "list", "element", "text"]] {
            let path = ColumnPath::new(path.into_iter().map(str::to_owned).collect());
            properties = properties.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, Encoding::PLAIN);
        }
        let writer = SerializedFileWriter::new(out, Arc::clone(&schema), Arc::new(properties.build())).map_err(failed)?;
        let columns = Columns::new(&schema)?;
        Ok(Self { writer, schema, columns, rows: 0 })
    }

    pub(super) fn push(&mut self, row: &Value) -> Result<()> {
        self.columns.push(&self.schema, row)?;
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.columns.bytes >= GROUP_BYTES { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> Result<()> {
        let columns = std::mem::replace(&mut self.columns, Columns::new(&self.schema)?);
        self.rows = 0;
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for column in columns.columns {
            let Some(mut writer) = group.next_column().map_err(failed)? else { break };
            let levels = (Some(column.definition.as_slice()), Some(column.repetition.as_slice()));
            let written = match &column.values {
                Values::Text(texts) => writer.typed::<ByteArrayType>().write_batch(texts, levels.0, levels.1),
                Values::Boolean(booleans) => writer.typed::<BoolType>().write_batch(booleans, levels.0, levels.1),
                Values::Int32(numbers) => writer.typed::<Int32Type>().write_batch(numbers, levels.0, levels.1),
                Values::Int64(numbers) => writer.typed::<Int64Type>().write_batch(numbers, levels.0, levels.1),
                Values::Double(numbers) => writer.typed::<DoubleType>().write_batch(numbers, levels.0, levels.1),
            };
            written.and_then(|_| writer.close()).map_err(failed)?;
        }
        group.close().map(drop).map_err(failed)
    }

    /// Writes what is left; gives the output.
    pub(super) fn finish(mut self) -> Result<W> {
        if self.rows > 0 {
            self.group()?;
        }
        self.writer.into_inner().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn internal(error: ParquetError) -> Error {
    Error::Internal(error.to_string())
}

/// An error of the file below keeps its kind: a full disk is told as one.
fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(cause) => Error::io("", *cause),
            Err(cause) => Error::Internal(cause.to_string()),
        },
        other => internal(other),
    }
}
