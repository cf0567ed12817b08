//! Apache Parquet, written by columns.

use std::{io::Write, sync::Arc};

use journal::{Position, RawEvent};
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use uuid::Uuid;

use crate::{ArchiveError, export::unfit};

const SCHEMA: &str = "message events {
    required int64 position;
    required binary event_id (STRING);
    required binary aggregate_type (STRING);
    required binary aggregate_id (STRING);
    required int64 sequence;
    required binary event_type (STRING);
    required int32 event_version;
    required binary payload (STRING);
    required binary metadata (STRING);
    required int64 recorded_at (TIMESTAMP(MICROS, true));
    required fixed_len_byte_array(32) hash;
}";
/// The most rows that are held for one group: a busy day has several.
const ROWS: usize = 50_000;
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

pub(crate) struct Table<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    rows: Vec<RawEvent>,
}

impl<W: Write + Send> Table<W> {
    pub(crate) fn begin(journal: Uuid, out: W) -> Result<Self, ArchiveError> {
        let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("nalabo ", env!("CARGO_PKG_VERSION")).into())
            .set_key_value_metadata(Some(vec![KeyValue::new("nalabo.journal".into(), journal.to_string())]))
            .build();
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(failed)?;
        Ok(Self { writer, rows: Vec::new() })
    }

    pub(crate) fn take(&mut self, events: &[RawEvent]) -> Result<(), ArchiveError> {
        for event in events {
            let other_day = self.rows.last().is_some_and(|last| last.recorded_at.div_euclid(DAY) != event.recorded_at.div_euclid(DAY));
            if other_day || self.rows.len() >= ROWS {
                self.group()?;
            }
            self.rows.push(event.clone());
        }
        Ok(())
    }

    pub(crate) fn end(mut self) -> Result<(), ArchiveError> {
        self.group()?;
        let mut out = self.writer.into_inner().map_err(failed)?;
        out.flush().map_err(ArchiveError::Write)
    }

    /// Writes what is held as a row group, a column after the other, in the schema's order.
    fn group(&mut self) -> Result<(), ArchiveError> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let versions = rows.iter().map(|row| row.event_version.parse().map_err(|_| unfit(row, "its version is not a number")));
        let versions: Vec<i32> = versions.collect::<Result<_, _>>()?;
        if let Some(row) = rows.iter().find(|row| row.hash.len() != 32) {
            return Err(ArchiveError::Unfit { position: Position(row.position), what: "its hash does not have 32 bytes".into() });
        }
        let mut group = self.writer.next_row_group().map_err(failed)?;
        let mut number = 0;
        while let Some(mut column) = group.next_column().map_err(failed)? {
            let text = |of: fn(&RawEvent) -> &str| rows.iter().map(|row| ByteArray::from(of(row))).collect::<Vec<_>>();
            let numbers = |of: fn(&RawEvent) -> i64| rows.iter().map(of).collect::<Vec<_>>();
            let written = match number {
                0 => column.typed::<Int64Type>().write_batch(&numbers(|row| row.position), None, None),
                1 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.event_id), None, None),
                2 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.aggregate_type), None, None),
                3 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.aggregate_id), None, None),
                4 => column.typed::<Int64Type>().write_batch(&numbers(|row| row.sequence), None, None),
                5 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.event_type), None, None),
                6 => column.typed::<Int32Type>().write_batch(&versions, None, None),
                7 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.payload), None, None),
                8 => column.typed::<ByteArrayType>().write_batch(&text(|row| &row.metadata), None, None),
                9 => column.typed::<Int64Type>().write_batch(&numbers(|row| row.recorded_at), None, None),
                _ => {
                    let hashes: Vec<_> = rows.iter().map(|row| FixedLenByteArray::from(row.hash.clone())).collect();
                    column.typed::<FixedLenByteArrayType>().write_batch(&hashes, None, None)
                }
            };
            written.and_then(|_| column.close()).map_err(failed)?;
            number += 1;
        }
        group.close().map(drop).map_err(failed)
    }
}

fn failed(error: ParquetError) -> ArchiveError {
    ArchiveError::Write(std::io::Error::other(error))
}
