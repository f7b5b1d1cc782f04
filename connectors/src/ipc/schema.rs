//! The types in which the library is to deliver: texts as bytes.
//!
//! It would refuse a whole batch for one text that is none. The buffers of texts are those of bytes, so they are asked for as
//! such, and each value is looked at by itself; what the columns are is kept beside.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

/// The schema with its texts as bytes.
pub(super) fn texts_as_bytes(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new_with_metadata(fields(schema.fields()), schema.metadata().clone()))
}

fn fields(given: &Fields) -> Fields {
    given.iter().map(field).collect()
}

/// What else is said of a field, such as the number of its dictionary, stays.
fn field(given: &FieldRef) -> FieldRef {
    Arc::new(Field::clone(given).with_data_type(bytes(given.data_type())))
}

fn bytes(given: &DataType) -> DataType {
    use DataType as T;
    match given {
        T::Utf8 => T::Binary,
        T::LargeUtf8 => T::LargeBinary,
        T::Utf8View => T::BinaryView,
        T::List(item) => T::List(field(item)),
        T::LargeList(item) => T::LargeList(field(item)),
        T::ListView(item) => T::ListView(field(item)),
        T::LargeListView(item) => T::LargeListView(field(item)),
        T::FixedSizeList(item, n) => T::FixedSizeList(field(item), *n),
        T::Map(entries, sorted) => T::Map(field(entries), *sorted),
        T::Struct(given) => T::Struct(fields(given)),
        T::Dictionary(keys, values) => T::Dictionary(keys.clone(), Box::new(bytes(values))),
        // Of runs and unions the text is made by the library.
        other => other.clone(),
    }
}
