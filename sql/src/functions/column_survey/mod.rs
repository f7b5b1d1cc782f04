//! `column_survey`: what a column of a file shows as a whole, counted in one pass before its cells are read.
//!
//! An aggregate over the landed text. Each cell costs a look at its length and bytes; only what is out of the ordinary is
//! looked at closely. The counts do not depend on the order of rows or on how they are spread.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the function |
//! | `how` | what it is asked for |
//! | `survey` | what a column shows, cell by cell; damaged letters |
//! | `dates`, `numbers` | what its dates and its numbers show |
//! | `seen` | a count with the first line |

mod dates;
mod how;
mod numbers;
mod seen;
mod survey;
#[cfg(test)]
mod tests;

pub use dates::DateCounts;
pub use numbers::NumberCounts;
pub use seen::Seen;
pub use survey::ColumnSurvey;

use std::mem::size_of_val;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::types::{logical_int64, logical_string};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{
    Accumulator, AggregateUDFImpl, Coercion, Documentation, Signature, TypeSignature, TypeSignatureClass,
    Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::TextReader;
use super::null_words::NullWords;
use how::How;

#[user_doc(
    doc_section(label = "Aggregate Functions"),
    description = r#"What a column of a file shows as a whole, as JSON: words for nothing, damaged letters, the order of its dates, day counts of a spreadsheet, the format of its numbers, days written as midnights; each with its count and the first line. `kind` and `further` are those of `null_if_word`; `time_zone` is that of `date_in_zone`. Of a cell with several values each one shows the order of its dates or the format of its numbers. A run asks it of every column that a field takes, before it reads the cells."#,
    syntax_example = "column_survey(line_number, text, kind[, further[, time_zone[, separators, item]]])",
    sql_example = r#"```sql
> SELECT column_survey(line, cell, 'date') FROM (VALUES (2, '13/02/1990'), (3, '03/04/1990')) t(line, cell);
{"cells":2,"day_first":{"count":1,"line":2},"either":{"count":1,"line":3}}
```"#,
    argument(name = "line_number", description = "The line of the cell."),
    argument(name = "text", description = "The cell."),
    argument(name = "kind", description = "What the cell is to hold."),
    argument(name = "further", description = "Further words for nothing, separated by `|`."),
    argument(name = "time_zone", description = "Whose midnights are counted among days; empty for none."),
    argument(
        name = "separators",
        description = "Characters, each of which stands between the values of a cell."
    ),
    argument(name = "item", description = "What each of them is to hold, as a kind.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ColumnSurveyFunction {
    signature: Signature,
}

impl ColumnSurveyFunction {
    pub(super) fn new() -> Self {
        let line = Coercion::new_exact(TypeSignatureClass::Native(logical_int64()));
        let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
        let shapes = [2, 3, 4, 6].map(|texts| {
            TypeSignature::Coercible(std::iter::once(line.clone()).chain(vec![text.clone(); texts]).collect())
        });
        Self { signature: Signature::one_of(shapes.to_vec(), Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for ColumnSurveyFunction {
    fn name(&self) -> &str {
        "column_survey"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Survey::default()))
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// A column while it is looked at.
#[derive(Default)]
struct Survey {
    found: ColumnSurvey,
    /// What is looked for, once the first cells have come.
    how: Option<How>,
}

impl std::fmt::Debug for Survey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.found.fmt(f)
    }
}

impl Accumulator for Survey {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [lines, cells, ..] = values else { return exec_err!("column_survey takes a line and a text") };
        if cells.is_empty() || *cells.data_type() == DataType::Null {
            return Ok(());
        }
        if self.how.is_none() {
            self.how = Some(How::of(values)?);
        }
        let Some(how) = &self.how else { return Ok(()) };
        let words = how.further.as_ref().unwrap_or_else(|| NullWords::shipped(how.kind));
        let lines = lines.as_primitive_opt::<Int64Type>();
        let reader = TextReader::try_new(cells, false)?;
        for row in 0..cells.len() {
            if let Some(cell) = reader.get(row).filter(|cell| !cell.is_empty()) {
                let line = lines.map_or(0, |lines| lines.value(row));
                self.found.see(line, cell, how, words);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let text = serde_json::to_string(&self.found).map_err(|e| exec_datafusion_err!("{e}"))?;
        Ok(ScalarValue::Utf8(Some(text)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + (self.found.null_words.len() + self.found.dates.times.len()) * 64
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        let reader = TextReader::try_new(states, false)?;
        for row in 0..states.len() {
            let Some(text) = reader.get(row) else { continue };
            let Some(other) = ColumnSurvey::from_json(text) else {
                return exec_err!("a survey in pieces cannot be read");
            };
            self.found.add(other);
        }
        Ok(())
    }
}
