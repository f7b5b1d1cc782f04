//! How the columns of a part file are encoded. These files are written once and read in full by the next step, so that
//! what counts is time: a dictionary where values repeat, plain text where they do not (building a dictionary of
//! unique values costs more than writing them), differences for whole numbers, bounds for what is filtered by.

use std::collections::HashSet;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

/// Rows of a row group; what a writer holds in memory.
const ROW_GROUP: usize = 131_072;
/// Bytes of a page: compressed a moment after they were gathered, while they are in the processor's cache.
const PAGE: usize = 128 << 10;
/// Values looked at to know whether they repeat.
const SAMPLE: usize = 1024;

/// The properties of a file with this schema whose first rows are these.
pub fn properties(schema: &Schema, sample: Option<&RecordBatch>) -> WriterProperties {
    // Snappy and no page index: any tool reads these files, and no step reads a part of them.
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_size_limit(PAGE)
        .set_created_by("importer".to_owned());
    for (index, field) in schema.fields().iter().enumerate() {
        builder = column(builder, field, sample.map(|batch| batch.column(index).as_ref()));
    }
    builder.build()
}

fn column(
    builder: WriterPropertiesBuilder,
    field: &Field,
    sample: Option<&dyn Array>,
) -> WriterPropertiesBuilder {
    let path = ColumnPath::from(vec![field.name().clone()]);
    match field.data_type() {
        DataType::Int64 => builder
            .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
            .set_column_statistics_enabled(path, EnabledStatistics::Chunk),
        DataType::Int32 | DataType::Date32 | DataType::Timestamp(..) => {
            builder.set_column_statistics_enabled(path, EnabledStatistics::Chunk)
        }
        DataType::Utf8 => builder.set_column_dictionary_enabled(path, sample.is_none_or(repeats)),
        _ => builder,
    }
}

/// Whether a text column has at most half as many different values as values; an empty one has.
fn repeats(column: &dyn Array) -> bool {
    let Some(texts) = column.as_string_opt::<i32>() else { return false };
    let mut seen = HashSet::with_capacity(SAMPLE);
    let mut values = 0;
    for text in texts.iter().flatten().take(SAMPLE) {
        values += 1;
        seen.insert(text);
    }
    seen.len() * 2 <= values
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::StringArray;

    use super::*;

    #[test]
    fn a_dictionary_is_made_where_values_repeat() {
        let same: StringArray = (0..100).map(|n| Some(format!("v{}", n % 10))).collect();
        let unique: StringArray = (0..100).map(|n| Some(format!("v{n}"))).collect();
        let schema = Schema::new(vec![
            Field::new("same", DataType::Utf8, true),
            Field::new("unique", DataType::Utf8, true),
            Field::new("empty", DataType::Utf8, true),
        ]);
        let empty = StringArray::new_null(100);
        let batch = RecordBatch::try_new(
            Arc::new(schema.clone()),
            vec![Arc::new(same), Arc::new(unique), Arc::new(empty)],
        )
        .unwrap();
        let properties = properties(&schema, Some(&batch));
        let dictionary = |name: &str| properties.dictionary_enabled(&ColumnPath::from(name));
        assert!(dictionary("same") && dictionary("empty"));
        assert!(!dictionary("unique"));
    }
}
