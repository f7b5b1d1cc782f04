//! The winner of a field, as survivorship unpacks it: a struct whose members the functions over winners read by name.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StructArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err, plan_err};

/// A column of winners.
pub(super) struct Winners<'a> {
    function: &'static str,
    rows: &'a StructArray,
}

impl<'a> Winners<'a> {
    pub(super) fn of(function: &'static str, column: &'a ArrayRef) -> Result<Self> {
        match column.as_struct_opt() {
            Some(rows) => Ok(Self { function, rows }),
            None => exec_err!("{function} takes the winner of a field, not {}", column.data_type()),
        }
    }

    /// Whether nothing won.
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.rows.is_null(row)
    }

    /// A member under another type.
    pub(super) fn member(&self, name: &str, as_type: &DataType) -> Result<ArrayRef> {
        match self.rows.column_by_name(name) {
            Some(column) => Ok(cast(column, as_type)?),
            None => exec_err!("{} misses the member {name} of a winner", self.function),
        }
    }
}

/// Refuses what is no winner when the query is planned.
pub(super) fn require_winner(function: &str, data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::Struct(_) => Ok(()),
        other => plan_err!("{function} takes the winner of a field, a struct, not {other}"),
    }
}

pub(super) fn flag(column: &BooleanArray, row: usize) -> bool {
    column.is_valid(row) && column.value(row)
}

pub(super) fn number(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}
