//! `row_checksum`: are two rows the same, without comparing every column?

use arrow::array::{ArrayRef, FixedSizeBinaryBuilder};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{
    ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion_macros::user_doc;
use xxhash_rust::xxh3::xxh3_128;

use super::value_encoding::{EncodedColumn, check_types, evaluate_encoded};

#[user_doc(
    doc_section(label = "Hashing Functions"),
    description = r#"A 128-bit checksum (xxh3) of all its arguments, in order, as 16 bytes. It depends on the values only, not on how they are stored: text layout, integer width, timestamp unit and dictionary encoding do not matter, and it stays the same across versions and machines. NULL and the empty text differ, and no two different rows are written alike before hashing. Never NULL. Not for secrets."#,
    syntax_example = "row_checksum(value1[, ..., value_n])",
    sql_example = r#"```sql
> SELECT encode(row_checksum('Anna', 7, NULL), 'hex');
```"#,
    argument(name = "value1", description = "The first value."),
    argument(
        name = "value_n",
        description = "Further values, of any type: text, numbers, booleans, dates, times, binary, or lists of these."
    ),
    related_udf(name = "fingerprint")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RowChecksum {
    signature: Signature,
}

impl RowChecksum {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowChecksum {
    fn name(&self) -> &str {
        "row_checksum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        check_types(arg_types)?;
        Ok(DataType::FixedSizeBinary(LENGTH))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_encoded(&args, row_checksums)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// Bytes of a checksum.
const LENGTH: i32 = 16;

/// One checksum per row; the bytes of a hash are written most significant first.
fn row_checksums(columns: &[EncodedColumn<'_>], rows: usize) -> Result<ArrayRef> {
    let mut checksums = FixedSizeBinaryBuilder::with_capacity(rows, LENGTH);
    let mut bytes = Vec::new();
    for row in 0..rows {
        bytes.clear();
        for column in columns {
            column.encode(row, &mut bytes);
        }
        checksums.append_value(xxh3_128(&bytes).to_be_bytes())?;
    }
    Ok(Arc::new(checksums.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array, StringArray, StringViewArray};

    fn checksum(columns: &[ArrayRef]) -> Vec<Vec<u8>> {
        let rows = columns[0].len();
        let columns: Vec<_> = columns.iter().map(|column| EncodedColumn::try_new(column).unwrap()).collect();
        let checksums = row_checksums(&columns, rows).unwrap();
        checksums.as_fixed_size_binary().iter().map(|value| value.unwrap().to_vec()).collect()
    }

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(values.iter().collect::<StringArray>())
    }

    #[test]
    fn stays_the_same_across_versions() {
        let row =
            checksum(&[texts(&[Some("Anna")]), Arc::new(Int64Array::from(vec![Some(7)])), texts(&[None])]);
        let hex: String = row[0].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "e9133f331849f485db8eec6417a5e194");
    }

    #[test]
    fn does_not_depend_on_the_layout() {
        let plain = checksum(&[texts(&[Some("Anna"), None]), Arc::new(Int64Array::from(vec![1, 2]))]);
        let view: ArrayRef = Arc::new(StringViewArray::from_iter([Some("Anna"), None]));
        assert_eq!(plain, checksum(&[view, Arc::new(Int64Array::from(vec![1, 2]))]));
    }

    #[test]
    fn tells_rows_apart_that_concatenation_would_not() {
        let checksums = [
            checksum(&[texts(&[Some("ab")]), texts(&[Some("c")])]),
            checksum(&[texts(&[Some("a")]), texts(&[Some("bc")])]),
            checksum(&[texts(&[Some("abc")]), texts(&[Some("")])]),
            checksum(&[texts(&[Some("abc")]), texts(&[None])]),
            checksum(&[texts(&[None]), texts(&[Some("abc")])]),
        ];
        for (at, one) in checksums.iter().enumerate() {
            for other in &checksums[at + 1..] {
                assert_ne!(one, other);
            }
        }
    }
}
