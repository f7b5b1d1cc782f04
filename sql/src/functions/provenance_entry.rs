//! `provenance_entry`: one member of the provenance document of a core row: where the value of a field came from, as `"field":{…}` in JSON.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, Signature, Volatility};
use datafusion_macros::user_doc;

use super::arguments::texts;
use super::provenance_json::Entry;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"One member of the provenance document of a core row: where the value of a field came from, as `"field":{…}` in JSON. NULL parts are left out."#,
    syntax_example = "provenance_entry(field, source, at, manual, verified_at, row)",
    sql_example = r#"```sql
> SELECT provenance_entry('email', 'crm', NULL, true, NULL, 7);
"email":{"source":"crm","manual":true,"row":7}
```"#,
    argument(name = "field", description = "The field."),
    argument(name = "source", description = "The source that gave the value."),
    argument(name = "at", description = "The time from which the value holds."),
    argument(name = "manual", description = "A person set the value."),
    argument(name = "verified_at", description = "When the value was verified."),
    argument(name = "row", description = "The sequence number of the row, when it came in this run."),
    related_udf(name = "provenance_fields")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ProvenanceEntry;

scalar_function!(
    ProvenanceEntry,
    "provenance_entry",
    Signature::any(6, Volatility::Immutable),
    DataType::Utf8View,
    lenient,
    |_, args| {
        let rows = args.number_rows;
        let column = |at: usize, wanted: &DataType| -> Result<ArrayRef> {
            match args.args.get(at) {
                Some(value) => Ok(cast(&value.to_array(rows)?, wanted)?),
                None => exec_err!("provenance_entry takes six arguments"),
            }
        };
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        let (field, source) = (column(0, &DataType::Utf8)?, column(1, &DataType::Utf8)?);
        let (at, manual) = (column(2, &time)?, column(3, &DataType::Boolean)?);
        let (verified, row_number) = (column(4, &time)?, column(5, &DataType::Int64)?);
        let (field, source, manual) =
            (field.as_string::<i32>(), source.as_string::<i32>(), manual.as_boolean());
        let at = at.as_primitive::<TimestampMicrosecondType>();
        let verified = verified.as_primitive::<TimestampMicrosecondType>();
        let row_number = row_number.as_primitive::<Int64Type>();
        Ok(ColumnarValue::Array(texts(rows, |row, out| {
            if field.is_null(row) {
                return false;
            }
            let entry = Entry {
                source: source.is_valid(row).then(|| source.value(row)),
                at: at.is_valid(row).then(|| at.value(row)),
                manual: manual.is_valid(row) && manual.value(row),
                verified_at: verified.is_valid(row).then(|| verified.value(row)),
                row: row_number.is_valid(row).then(|| row_number.value(row)),
            };
            out.clear();
            entry.write(field.value(row), out);
            true
        })))
    }
);
