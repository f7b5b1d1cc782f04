//! `row_hash`: rows that may be the same, by one number instead of every column.

use arrow::array::{ArrayRef, Int64Array};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;
use xxhash_rust::xxh3::xxh3_64;

use super::value_encoding::{EncodedColumn, check_types, evaluate_encoded};

#[user_doc(
    doc_section(label = "Hashing Functions"),
    description = r#"A 64-bit hash (xxh3) of all its arguments, in order, as a whole number. Equal rows have equal numbers; different rows nearly always have different ones, so that a large input can be grouped or joined by the number first and compared in full where the numbers agree. Depends on the values only, as `row_checksum` does. Never NULL. Not for secrets."#,
    syntax_example = "row_hash(value1[, ..., value_n])",
    sql_example = r#"```sql
> SELECT row_hash('Anna', 7, NULL);
```"#,
    argument(name = "value1", description = "The first value."),
    argument(
        name = "value_n",
        description = "Further values, of any type: text, numbers, booleans, dates, times, binary, or lists of these."
    ),
    related_udf(name = "row_checksum")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RowHash {
    signature: Signature,
}

impl RowHash {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowHash {
    fn name(&self) -> &str {
        "row_hash"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        check_types(arg_types)?;
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_encoded(&args, row_hashes)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// One number per row.
fn row_hashes(columns: &[EncodedColumn<'_>], rows: usize) -> Result<ArrayRef> {
    let mut bytes = Vec::new();
    let hash = |row| {
        bytes.clear();
        for column in columns {
            column.encode(row, &mut bytes);
        }
        xxh3_64(&bytes).cast_signed()
    };
    Ok(Arc::new((0..rows).map(hash).collect::<Int64Array>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, StringArray, StringViewArray};
    use arrow::datatypes::Int64Type;

    fn hashes(columns: &[ArrayRef]) -> Vec<i64> {
        let encoded: Vec<_> = columns.iter().map(|column| EncodedColumn::try_new(column).unwrap()).collect();
        let hashes = row_hashes(&encoded, columns[0].len()).unwrap();
        hashes.as_primitive::<Int64Type>().values().to_vec()
    }

    #[test]
    fn depends_on_values_and_their_places_only() {
        let kinds: ArrayRef = Arc::new(StringArray::from(vec!["email", "email", "phone"]));
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "a", "a"]));
        let view: ArrayRef = Arc::new(StringViewArray::from(vec!["a", "a", "a"]));
        let found = hashes(&[Arc::clone(&kinds), keys]);
        assert_eq!(found, hashes(&[Arc::clone(&kinds), Arc::clone(&view)]));
        assert_eq!(found[0], found[1]);
        assert_ne!(found[0], found[2]);
        assert_ne!(found, hashes(&[view, kinds]));
    }
}
