//! Values whose types Arrow and a database write in different ways: decimals, times of day, JSON, UUIDs, enums, lists.
//!
//! They travel as text, both ways, and the database makes them its own type: on the way in by a cast to what the column is
//! [declared](super::declared) as, on the way out by [`stored_text`]. Lists travel as JSON. SQLite keeps the texts as they are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;
use importer_sql::functions::lists_of_json;

use super::{Dialect, Result, StoreError};

/// The text of a value of the store, whatever type its column has.
pub fn stored_text(dialect: Dialect, column: &str, is_list: bool) -> String {
    match (dialect, is_list) {
        (Dialect::Sqlite, _) => column.to_owned(),
        (Dialect::Postgres, false) => format!("{column}::text"),
        (Dialect::Postgres, true) => format!("to_jsonb({column})::text"),
    }
}

/// Lists as JSON.
pub(super) fn json_of_lists(array: &ArrayRef, column: &str) -> Result<ArrayRef> {
    let wrong = || StoreError::value(format!("column {column}: a list does not fit JSON"));
    let lists = array.as_list_opt::<i32>().ok_or_else(wrong)?;
    let numeric = lists.value_type().is_integer() || lists.value_type() == DataType::Boolean;
    let items = cast_with_options(lists.values(), &DataType::Utf8, &strict()).map_err(|_| wrong())?;
    let items = items.as_string::<i32>();
    let mut texts = StringBuilder::new();
    for row in 0..lists.len() {
        if lists.is_null(row) {
            texts.append_null();
            continue;
        }
        let offsets = lists.value_offsets();
        let (from, to) = (place(offsets[row])?, place(offsets[row + 1])?);
        let mut text = String::from("[");
        for item in from..to {
            if item > from {
                text.push(',');
            }
            match items.is_valid(item) {
                false => text.push_str("null"),
                true if numeric => text.push_str(items.value(item)),
                // Decimals too: as numbers of JSON they could lose digits.
                true => {
                    let clean = items.value(item).replace('\0', "");
                    text.push_str(&serde_json::to_string(&clean).map_err(|_| wrong())?);
                }
            }
        }
        text.push(']');
        texts.append_value(text);
    }
    Ok(Arc::new(texts.finish()))
}

fn place(offset: i32) -> Result<usize> {
    usize::try_from(offset).map_err(|_| StoreError::internal("a list begins before its values"))
}

/// Whether values of a type come out of the store as text.
pub(super) fn is_read_as_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal128(..) | DataType::Time64(_) | DataType::List(_))
}

/// Texts of the store as the values that they are.
pub(super) fn from_texts(texts: &StringArray, wanted: &DataType, column: &str) -> Result<ArrayRef> {
    let wrong = || StoreError::value(format!("column {column} of the query cannot be read as {wanted}"));
    if let DataType::List(item) = wanted {
        return Ok(Arc::new(lists_of_json(texts, item).map_err(|_| wrong())?));
    }
    let texts: ArrayRef = Arc::new(texts.clone());
    cast_with_options(&texts, wanted, &strict()).map_err(|_| wrong())
}

fn strict() -> CastOptions<'static> {
    CastOptions { safe: false, ..CastOptions::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, ListArray, ListBuilder, Time64MicrosecondArray};
    use arrow::datatypes::{Field, Int64Type, TimeUnit};

    fn there_and_back(array: ArrayRef) {
        let kind = array.data_type().clone();
        let sent = super::super::cells::cast(&array, &DataType::Utf8, "x").unwrap();
        let back = from_texts(sent.as_string::<i32>(), &kind, "x").unwrap();
        assert_eq!(&back, &array);
    }

    #[test]
    fn values_come_back_as_they_were() {
        let decimals = Decimal128Array::from(vec![Some(1_250), None, Some(-7), Some(0)]);
        there_and_back(Arc::new(decimals.with_precision_and_scale(18, 2).unwrap()));
        there_and_back(Arc::new(Time64MicrosecondArray::from(vec![Some(30_600_000_000), None, Some(1)])));
        let lists = vec![Some(vec![Some(1), Some(2)]), None, Some(vec![]), Some(vec![None])];
        there_and_back(Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)));
        let mut texts = ListBuilder::new(StringBuilder::new());
        texts.append_value([Some("a\"b"), Some("ä, {x}")]);
        there_and_back(Arc::new(texts.finish()));
        let decimals = Decimal128Array::from(vec![12_345_678_901_234_567_890_i128]);
        let decimals = decimals.with_precision_and_scale(38, 2).unwrap();
        let item = Arc::new(Field::new_list_field(decimals.data_type().clone(), true));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([1]);
        there_and_back(Arc::new(ListArray::new(item, offsets, Arc::new(decimals), None)));
    }

    #[test]
    fn what_is_none_is_an_error() {
        let wrong = StringArray::from(vec!["x"]);
        for kind in [
            DataType::Decimal128(9, 2),
            DataType::Time64(TimeUnit::Microsecond),
            DataType::new_list(DataType::Int64, true),
        ] {
            assert!(from_texts(&wrong, &kind, "x").is_err(), "{kind}");
        }
    }
}
