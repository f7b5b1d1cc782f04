//! What is looked for in a column.

use arrow::array::{Array, ArrayRef};
use datafusion_common::{Result, exec_err};

use crate::functions::arguments::TextReader;
use crate::functions::null_words::{CellKind, NullWords};
use crate::functions::parse_timestamp::Zone;

/// What is looked for in a column.
pub(super) struct How {
    pub(super) kind: CellKind,
    pub(super) further: Option<NullWords>,
    pub(super) zone: Option<Zone>,
    pub(super) list: Option<ListCells>,
}

/// Cells that hold several values.
pub(super) struct ListCells {
    pub(super) separators: String,
    /// What each value is to hold.
    pub(super) kind: CellKind,
}

impl How {
    /// From the arguments of the function, whose first three have rows.
    pub(super) fn of(values: &[ArrayRef]) -> Result<Self> {
        let word = |n: usize| -> Result<Option<String>> {
            let Some(array) = values.get(n).filter(|array| !array.is_empty()) else { return Ok(None) };
            Ok(TextReader::try_new(array, false)?.get(0).map(str::to_owned))
        };
        let kind_of = |name: Option<String>| match name.as_deref().and_then(CellKind::from_name) {
            Some(kind) => Ok(kind),
            None => exec_err!("column_survey knows no kind of cell {name:?}"),
        };
        let given = |n: usize| -> Result<Option<String>> { Ok(word(n)?.filter(|word| !word.is_empty())) };
        let kind = kind_of(word(2)?)?;
        let further = given(3)?.map(|further| NullWords::new(kind, &further));
        let zone = given(4)?.map(|name| Zone::from_name(&name)).transpose()?;
        let list = match given(5)? {
            Some(separators) => Some(ListCells { separators, kind: kind_of(word(6)?)? }),
            None => None,
        };
        Ok(Self { kind, further, zone, list })
    }
}
