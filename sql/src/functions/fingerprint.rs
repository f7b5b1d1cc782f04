//! `fingerprint`: which of a row's fields changed, in four bytes each.

use arrow::array::{ArrayRef, BinaryBuilder};
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
    description = r#"Four bytes for each argument, one after the other: the low 32 bits of the value's hash, most significant byte first, and four zero bytes for NULL. Values are written for hashing as by `row_checksum`. Two equal values always agree; two different ones agree by chance once in four billion. Never NULL."#,
    syntax_example = "fingerprint(value1[, ..., value_n])",
    sql_example = r#"```sql
> SELECT encode(fingerprint('Anna', NULL), 'hex');
```"#,
    argument(name = "value1", description = "The first value."),
    argument(name = "value_n", description = "Further values, of any type that `row_checksum` takes."),
    related_udf(name = "fingerprint_differs"),
    related_udf(name = "row_checksum")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint {
    signature: Signature,
}

impl Fingerprint {
    pub(super) fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Fingerprint {
    fn name(&self) -> &str {
        "fingerprint"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        check_types(arg_types)?;
        Ok(DataType::Binary)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_encoded(&args, fingerprints)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// Bytes of a fingerprint that belong to one argument.
pub(super) const FIELD_LENGTH: usize = 4;

/// One fingerprint per row.
fn fingerprints(columns: &[EncodedColumn<'_>], rows: usize) -> Result<ArrayRef> {
    let length = columns.len() * FIELD_LENGTH;
    let mut fingerprints = BinaryBuilder::with_capacity(rows, rows * length);
    let mut fingerprint = Vec::with_capacity(length);
    let mut bytes = Vec::new();
    for row in 0..rows {
        fingerprint.clear();
        for column in columns {
            fingerprint.extend_from_slice(&field_hash(column, row, &mut bytes).to_be_bytes());
        }
        fingerprints.append_value(&fingerprint);
    }
    Ok(Arc::new(fingerprints.finish()))
}

/// Zero means NULL, so a value whose hash ends in zeros takes its neighbour.
fn field_hash(column: &EncodedColumn<'_>, row: usize, bytes: &mut Vec<u8>) -> u32 {
    if column.is_null(row) {
        return 0;
    }
    bytes.clear();
    column.encode(row, bytes);
    // The low half is what is documented.
    (xxh3_64(bytes) as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array, StringArray};

    fn fingerprint(columns: &[ArrayRef]) -> Vec<u8> {
        let columns: Vec<_> = columns.iter().map(|column| EncodedColumn::try_new(column).unwrap()).collect();
        fingerprints(&columns, 1).unwrap().as_binary::<i32>().value(0).to_vec()
    }

    #[test]
    fn has_four_bytes_for_each_field_and_zeros_for_null() {
        let anna: ArrayRef = Arc::new(StringArray::from(vec!["Anna"]));
        let seven: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        let null: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>]));
        let whole = fingerprint(&[Arc::clone(&anna), Arc::clone(&null), Arc::clone(&seven)]);
        assert_eq!(whole.len(), 12);
        assert_eq!(whole[..4], fingerprint(&[anna]));
        assert_eq!(whole[4..8], [0; 4]);
        assert_eq!(whole[8..], fingerprint(&[seven]));
    }

    #[test]
    fn the_empty_text_is_not_null() {
        assert_ne!(fingerprint(&[Arc::new(StringArray::from(vec![""]))]), [0; 4]);
    }
}
