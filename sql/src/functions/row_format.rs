//! Rows as bytes that sort as the rows do, by Arrow's row format; shared by `row_pack`, `row_unpack`, `row_unpack_list`.
//!
//! Fields count in their order, small values first, NULL last. The first bytes say what the fields' types are, so
//! that bytes are never read as something else. The layouts of a text type are one type here.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryArray, Int64Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion_common::{Result, exec_err, plan_err};
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of the mark in front of every row.
const MARK: usize = 9;

/// How rows of one struct type become bytes.
pub(super) struct RowFormat {
    converter: RowConverter,
    fields: Fields,
    mark: i64,
}

impl RowFormat {
    pub(super) fn of(function: &str, data_type: &DataType) -> Result<Self> {
        let DataType::Struct(fields) = data_type else {
            return plan_err!("{function} takes a struct, not {data_type}");
        };
        let kinds: Vec<String> = fields.iter().map(|field| kind(field.data_type()).to_string()).collect();
        let mark = i64::from_ne_bytes(xxh3_64(kinds.join("\n").as_bytes()).to_ne_bytes());
        let options = SortOptions { descending: false, nulls_first: false };
        let sorted = std::iter::once(&DataType::Int64)
            .chain(fields.iter().map(|field| field.data_type()))
            .map(|data_type| SortField::new_with_options(data_type.clone(), options))
            .collect();
        Ok(Self { converter: RowConverter::new(sorted)?, fields: fields.clone(), mark })
    }

    fn rows(&self, columns: &[ArrayRef], count: usize) -> Result<Rows> {
        let mut all: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_value(self.mark, count))];
        all.extend_from_slice(columns);
        Ok(self.converter.convert_columns(&all)?)
    }

    /// One value per row, NULL for a struct that is NULL.
    pub(super) fn pack(&self, rows: &StructArray) -> Result<BinaryArray> {
        let packed = self.rows(rows.columns(), rows.len())?.try_into_binary()?;
        let (offsets, values, _) = packed.into_parts();
        Ok(BinaryArray::new(offsets, values, rows.nulls().cloned()))
    }

    /// The rows again, NULL where the bytes are.
    pub(super) fn unpack<'a>(&self, packed: impl Iterator<Item = Option<&'a [u8]>>) -> Result<StructArray> {
        let nothing: Vec<ArrayRef> =
            self.fields.iter().map(|f| arrow::array::new_null_array(f.data_type(), 1)).collect();
        let nothing = self.rows(&nothing, 1)?;
        let parser = self.converter.parser();
        let (mut rows, mut valid) = (Vec::new(), Vec::new());
        for bytes in packed {
            valid.push(bytes.is_some());
            match bytes {
                None => rows.push(nothing.row(0)),
                Some(bytes) if bytes.get(..MARK) == nothing.row(0).data().get(..MARK) => {
                    rows.push(parser.parse(bytes));
                }
                Some(_) => return exec_err!("the bytes were not packed from a struct of these types"),
            }
        }
        let count = rows.len();
        let columns = self.converter.convert_rows(rows)?.split_off(1);
        let columns = columns
            .iter()
            .zip(&self.fields)
            .map(|(column, field)| cast(column, field.data_type()))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let nulls = Some(NullBuffer::from(valid)).filter(|n| n.null_count() > 0);
        Ok(StructArray::try_new_with_length(nullable(&self.fields), columns, nulls, count)?)
    }
}

/// A struct type whose fields may all be NULL, as unpacked rows have it.
pub(super) fn unpacked_type(function: &str, like: &DataType) -> Result<DataType> {
    match like {
        DataType::Struct(fields) => Ok(DataType::Struct(nullable(fields))),
        other => plan_err!("{function} takes a struct to read the bytes as, not {other}"),
    }
}

fn nullable(fields: &Fields) -> Fields {
    fields.iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true))).collect()
}

/// The type without its layout and the names within.
fn kind(data_type: &DataType) -> DataType {
    let plain = |field: &FieldRef| Arc::new(Field::new("", kind(field.data_type()), true));
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain).collect()),
        DataType::List(item) => DataType::List(plain(item)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, StringArray, StringViewArray};
    use arrow::datatypes::Int64Type;

    fn people() -> StructArray {
        let age: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), None, Some(-1), Some(7)]));
        let name: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), Some(""), None, Some("a")]));
        let fields: Fields =
            vec![Field::new("age", DataType::Int64, true), Field::new("name", DataType::Utf8, true)].into();
        StructArray::new(fields, vec![age, name], Some(NullBuffer::from(vec![true, true, true, true])))
    }

    #[test]
    fn bytes_sort_as_rows_do_and_come_back() {
        let people = people();
        let format = RowFormat::of("row_pack", people.data_type()).unwrap();
        let packed = format.pack(&people).unwrap();
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by_key(|&row| packed.value(row).to_vec());
        assert_eq!(order, [2, 3, 0, 1]);
        assert_eq!(format.unpack(packed.iter()).unwrap(), people);
        let some = format.unpack([Some(packed.value(0)), None].into_iter()).unwrap();
        assert!(some.is_valid(0) && some.is_null(1));
        assert_eq!(some.column(0).as_primitive::<Int64Type>().value(0), 7);
    }

    #[test]
    fn text_of_another_layout_is_the_same_and_another_type_is_refused() {
        let people = people();
        let views: Fields =
            vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8View, true)].into();
        let packed = RowFormat::of("f", people.data_type()).unwrap().pack(&people).unwrap();
        let read = RowFormat::of("f", &DataType::Struct(views)).unwrap().unpack(packed.iter()).unwrap();
        let names = StringViewArray::from(vec![Some("b"), Some(""), None, Some("a")]);
        assert_eq!(read.column(1).as_string_view(), &names);
        let other = DataType::Struct(vec![Field::new("a", DataType::Int64, true)].into());
        assert!(RowFormat::of("f", &other).unwrap().unpack(packed.iter()).is_err());
        assert!(RowFormat::of("f", &other).unwrap().unpack([Some(&b"junk"[..])].into_iter()).is_err());
    }
}
