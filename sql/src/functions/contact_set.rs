//! What the functions over contact values share: the shape of a set, and reading it.
//!
//! A set is a list of `{key, value, is_primary}`: the key is what is compared, the value what is shown. A key stands
//! in a set once; the primary value comes first.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, ListArray, StringBuilder, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs};

static ITEM: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![
        Field::new("key", DataType::Utf8, true),
        Field::new("value", DataType::Utf8, true),
        Field::new("is_primary", DataType::Boolean, true),
    ])
});

/// The type of a set.
pub(super) fn set_type() -> DataType {
    DataType::new_list(DataType::Struct(ITEM.clone()), true)
}

/// Builds a column of sets row by row, without allocating per row.
pub(super) struct SetBuilder {
    keys: StringBuilder,
    values: StringBuilder,
    primary: BooleanBufferBuilder,
    offsets: Vec<i32>,
}

impl SetBuilder {
    pub(super) fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            keys: StringBuilder::new(),
            values: StringBuilder::new(),
            primary: BooleanBufferBuilder::new(rows),
            offsets,
        }
    }

    /// Adds a value to the row at hand, unless its key is there already.
    pub(super) fn add(&mut self, key: &str, value: &str, primary: bool) {
        if self.row_has(key) {
            return;
        }
        self.keys.append_value(key);
        self.values.append_value(value);
        self.primary.append(primary);
    }

    /// Looks at the keys where they were written: a row costs no allocation of its own.
    fn row_has(&self, key: &str) -> bool {
        let first = self.offsets.last().map_or(0, |&at| usize::try_from(at).unwrap_or(0));
        let (bytes, bounds) = (self.keys.values_slice(), self.keys.offsets_slice());
        bounds.get(first..).is_some_and(|row| {
            row.windows(2).any(|b| bytes.get(b[0] as usize..b[1] as usize) == Some(key.as_bytes()))
        })
    }

    /// Ends the row at hand.
    pub(super) fn end_row(&mut self) {
        self.offsets.push(i32::try_from(self.primary.len()).unwrap_or(i32::MAX));
    }

    /// The column. A row without values is an empty set, not NULL.
    pub(super) fn finish(mut self) -> Result<ArrayRef> {
        let items = StructArray::try_new(
            ITEM.clone(),
            vec![
                Arc::new(self.keys.finish()),
                Arc::new(self.values.finish()),
                Arc::new(BooleanArray::new(self.primary.finish(), None)),
            ],
            None,
        )?;
        let item = Arc::new(Field::new_list_field(DataType::Struct(ITEM.clone()), true));
        let offsets = OffsetBuffer::new(self.offsets.into());
        Ok(Arc::new(ListArray::try_new(item, offsets, Arc::new(items), None::<NullBuffer>)?))
    }
}

/// Turns a function's name, its two arguments and the way a key is made into a column of sets.
pub(super) fn evaluate_set(
    name: &str,
    args: &ScalarFunctionArgs,
    key_of: impl for<'a> Fn(&'a str, &'a mut String) -> Option<&'a str>,
) -> Result<ColumnarValue> {
    let [primary, others] = args.args.as_slice() else {
        return exec_err!("{name} takes a primary value and a list of others");
    };
    let primary = cast(&primary.to_array(args.number_rows)?, &DataType::Utf8View)?;
    let (primary, lists) = (primary.as_string_view(), text_lists(others, args.number_rows)?);
    let lists = lists.as_list::<i32>();
    let others = lists.values().as_string::<i32>();
    let mut sets = SetBuilder::new(args.number_rows);
    let mut buffer = String::new();
    let mut add = |sets: &mut SetBuilder, value: &str, is_primary: bool| {
        if let Some(key) = key_of(value, &mut buffer) {
            sets.add(key, value, is_primary);
        }
    };
    for row in 0..args.number_rows {
        if primary.is_valid(row) {
            add(&mut sets, primary.value(row), true);
        }
        if lists.is_valid(row) {
            let bounds = lists.value_offsets();
            for at in bounds[row] as usize..bounds[row + 1] as usize {
                if others.is_valid(at) {
                    add(&mut sets, others.value(at), false);
                }
            }
        }
        sets.end_row();
    }
    Ok(ColumnarValue::Array(sets.finish()?))
}

/// A list of texts, whatever the layout of list and text.
fn text_lists(value: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    let array = value.to_array(rows)?;
    Ok(cast(&array, &DataType::new_list(DataType::Utf8, true))?)
}

/// The sets of the only argument, with keys and values as plain text.
pub(super) fn sets(name: &str, args: &ScalarFunctionArgs) -> Result<ArrayRef> {
    let [value] = args.args.as_slice() else {
        return exec_err!("{name} takes one set");
    };
    let array = value.to_array(args.number_rows)?;
    Ok(match array.data_type() {
        DataType::Null => cast(&array, &set_type())?,
        DataType::List(item) if matches!(item.data_type(), DataType::Struct(_)) => cast(&array, &set_type())?,
        other => return exec_err!("{name} takes a set of contact values, got {other}"),
    })
}

/// Calls `item` with key and primary mark of every value of a row.
pub(super) fn each_item(sets: &ListArray, row: usize, mut item: impl FnMut(&str, bool)) {
    if sets.is_null(row) {
        return;
    }
    let values = sets.values().as_struct();
    let (keys, primary) = (values.column(0).as_string::<i32>(), values.column(2).as_boolean());
    let offsets = sets.value_offsets();
    for at in offsets[row] as usize..offsets[row + 1] as usize {
        if keys.is_valid(at) {
            item(keys.value(at), primary.is_valid(at) && primary.value(at));
        }
    }
}
