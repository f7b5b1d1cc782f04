//! The types in which the library is to deliver.
//!
//! It would unfold dictionaries, refuse a whole batch for one text in another encoding, and turn the days of INT96 before 1677
//! into wrong ones. So texts are asked for as views of bytes, and INT96 in microseconds; what the columns are is kept beside.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

use crate::columnar::UUID_NAME;

/// What a footer says.
pub(super) struct Footer {
    /// For the reader.
    pub reader: ArrowReaderMetadata,
    /// The columns with the types that they have in the file.
    pub fields: Fields,
}

/// Reads the metadata of a footer.
pub(super) fn read(bytes: &[u8]) -> Result<Footer> {
    let given = Arc::new(ParquetMetaDataReader::decode_metadata(bytes)?);
    // The schema that Arrow writers keep beside is only advice: where it does not fit, it is left out.
    with_advice(bytes, &given, true).or_else(|_| with_advice(bytes, &given, false))
}

fn with_advice(bytes: &[u8], given: &Arc<ParquetMetaData>, advice: bool) -> Result<Footer> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(!advice);
    let stored = ArrowReaderMetadata::try_new(Arc::clone(given), options)?;
    let descriptor = given.file_metadata().schema_descr();
    let mut leaf = 0;
    let both = stored.schema().fields().iter().map(|f| field(f, descriptor, &mut leaf));
    let (asked, fields): (Vec<FieldRef>, Vec<FieldRef>) = both
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| ParquetError::General("schema".to_owned()))?
        .into_iter()
        .unzip();

    let root = as_bytes(descriptor.root_schema_ptr())?;
    let options = ParquetMetaDataOptions::new().with_schema(Arc::new(SchemaDescriptor::new(root)));
    let plain = ParquetMetaDataReader::decode_metadata_with_options(bytes, Some(&options))?;
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(asked)));
    Ok(Footer { reader: ArrowReaderMetadata::try_new(Arc::new(plain), options)?, fields: fields.into() })
}

/// A schema whose texts are bytes.
fn as_bytes(given: TypePtr) -> Result<TypePtr> {
    let info = given.get_basic_info();
    let id = info.has_id().then(|| info.id());
    match given.as_ref() {
        Type::PrimitiveType { physical_type: Physical::BYTE_ARRAY, .. } if is_text(&given) => {
            let builder = Type::primitive_type_builder(given.name(), Physical::BYTE_ARRAY);
            Ok(Arc::new(builder.with_repetition(info.repetition()).with_id(id).build()?))
        }
        Type::PrimitiveType { .. } => Ok(given),
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().map(|f| as_bytes(Arc::clone(f))).collect::<Result<Vec<_>>>()?;
            let mut builder = Type::group_type_builder(given.name())
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_id(id)
                .with_fields(fields);
            if info.has_repetition() {
                builder = builder.with_repetition(info.repetition());
            }
            Ok(Arc::new(builder.build()?))
        }
    }
}

/// Texts, and names of enumerations.
fn is_text(given: &Type) -> bool {
    let info = given.get_basic_info();
    match info.logical_type_ref() {
        Some(logical) => matches!(logical, LogicalType::String | LogicalType::Json | LogicalType::Enum),
        None => {
            matches!(info.converted_type(), ConvertedType::UTF8 | ConvertedType::JSON | ConvertedType::ENUM)
        }
    }
}

/// A field as it is asked for, and as it is in the file. `leaf` counts the columns of the file.
fn field(field: &Field, file: &SchemaDescriptor, leaf: &mut usize) -> Option<(FieldRef, FieldRef)> {
    let (asked, kept, uuid) = types(field.data_type(), file, leaf)?;
    let asked = field.clone().with_data_type(asked);
    let mut kept = Field::new(field.name(), kept, true);
    if uuid {
        kept.set_metadata([("ARROW:extension:name".to_owned(), UUID_NAME.to_owned())].into());
    }
    Some((Arc::new(asked), Arc::new(kept)))
}

/// A type as it is asked for, as it is in the file, and whether it is a UUID.
fn types(given: &DataType, file: &SchemaDescriptor, leaf: &mut usize) -> Option<(DataType, DataType, bool)> {
    let mut inside = |item: &Field| field(item, file, leaf);
    let (asked, kept) = match given {
        DataType::Dictionary(_, value) => return types(value, file, leaf),
        DataType::List(item) => {
            let (asked, kept) = inside(item)?;
            (DataType::List(asked), DataType::List(kept))
        }
        DataType::LargeList(item) => {
            let (asked, kept) = inside(item)?;
            (DataType::LargeList(asked), DataType::LargeList(kept))
        }
        DataType::FixedSizeList(item, n) => {
            let (asked, kept) = inside(item)?;
            (DataType::FixedSizeList(asked, *n), DataType::FixedSizeList(kept, *n))
        }
        DataType::Map(entries, sorted) => {
            let (asked, kept) = inside(entries)?;
            (DataType::Map(asked, *sorted), DataType::Map(kept, *sorted))
        }
        DataType::Struct(fields) => {
            let both = fields.iter().map(|f| inside(f)).collect::<Option<Vec<_>>>()?;
            let (asked, kept): (Vec<_>, Vec<_>) = both.into_iter().unzip();
            (DataType::Struct(asked.into()), DataType::Struct(kept.into()))
        }
        given => return leaf_types(given, file, leaf),
    };
    Some((asked, kept, false))
}

fn leaf_types(
    given: &DataType,
    file: &SchemaDescriptor,
    leaf: &mut usize,
) -> Option<(DataType, DataType, bool)> {
    let column = file.columns().get(*leaf)?;
    *leaf += 1;
    let kind = column.self_type();
    let uuid = matches!(column.logical_type_ref(), Some(LogicalType::Uuid));
    let asked = match given {
        DataType::Timestamp(_, zone) if column.physical_type() == Physical::INT96 => {
            DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::BinaryView,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::BinaryView,
        other => other.clone(),
    };
    let kept =
        if asked == DataType::BinaryView && is_text(kind) { DataType::Utf8View } else { asked.clone() };
    Some((asked, kept, uuid))
}
