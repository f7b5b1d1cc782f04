//! `edited_since`: was a field edited by somebody else since Importer wrote it?

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::Result;
use datafusion_common::types::{logical_binary, logical_boolean};
use datafusion_common::utils::take_function_args;
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::{booleans, finish};
use super::fingerprint_differs::differs;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "Hashing Functions"),
    description = r#"Whether a field was edited since the fingerprint `written` was taken, by the fingerprint `found` of what stands there now. Without `written` Importer never wrote the row: then every value that is there is somebody else's. False where the fingerprints are of different layouts (argument 0 of both is the layout), for then nothing can be said about single fields. Never NULL."#,
    syntax_example = "edited_since(written, found, index, has_value)",
    sql_example = r#"```sql
> SELECT edited_since(fingerprint(1, 'a'), fingerprint(1, 'b'), 1, true), edited_since(NULL, fingerprint(1, 'b'), 1, true), edited_since(fingerprint(1, 'a'), fingerprint(2, 'b'), 1, true);
true  true  false
```"#,
    argument(name = "written", description = "The fingerprint of what Importer wrote last."),
    argument(name = "found", description = "The fingerprint of what stands there."),
    argument(name = "index", description = "Which argument of `fingerprint`, from 0."),
    argument(name = "has_value", description = "Whether the field has a value now."),
    related_udf(name = "fingerprint"),
    related_udf(name = "fingerprint_differs")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EditedSince;

scalar_function!(EditedSince, "edited_since", takes(), DataType::Boolean, lenient, |name, args| {
    let [written, found, index, has_value] = take_function_args(name, &args.args)?;
    let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
    let rows = if constant { 1 } else { args.number_rows };
    let column = |value: &ColumnarValue, data_type| -> Result<ArrayRef> {
        Ok(cast(&value.to_array(rows)?, data_type)?)
    };
    let (written, found) = (column(written, &DataType::Binary)?, column(found, &DataType::Binary)?);
    let (index, has_value) = (column(index, &DataType::Int64)?, column(has_value, &DataType::Boolean)?);
    let (written, found) = (written.as_binary::<i32>(), found.as_binary::<i32>());
    let (index, has_value) = (index.as_primitive::<Int64Type>(), has_value.as_boolean());
    let edited = booleans(rows, |row| {
        if written.is_null(row) {
            return Some(has_value.is_valid(row) && has_value.value(row));
        }
        if found.is_null(row) || index.is_null(row) {
            return Some(false);
        }
        let (written, found) = (written.value(row), found.value(row));
        let same_layout = differs(written, found, LAYOUT) == Some(false);
        Some(same_layout && differs(written, found, index.value(row)) == Some(true))
    });
    finish(edited, constant)
});

fn takes() -> Signature {
    let binary = Coercion::new_exact(TypeSignatureClass::Native(logical_binary()));
    let index = Coercion::new_exact(TypeSignatureClass::Integer);
    let flag = Coercion::new_exact(TypeSignatureClass::Native(logical_boolean()));
    let arguments = vec![binary.clone(), binary, index, flag];
    Signature::coercible(arguments, Volatility::Immutable)
}

/// Where a fingerprint says what its layout is.
const LAYOUT: i64 = 0;
