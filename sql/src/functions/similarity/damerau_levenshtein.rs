//! `damerau_levenshtein`: how many slips of the pen lie between two texts.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::types::{logical_int64, logical_string};
use datafusion_common::{Result, exec_err};
use datafusion_expr::{Coercion, ColumnarValue, Signature, TypeSignature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::edits::Edits;
use super::prepared::Prepared;
use crate::functions::arguments::{TextReader, finish};
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"How many edits lie between two texts: letters left out, put in or exchanged, and neighbours swapped (the unrestricted distance of Damerau and Levenshtein: letters may also be put between those that were swapped, so that `ca` and `abc` are two edits apart). With `most`, whatever is farther comes as `most` + 1, which is quicker where most pairs are far apart. Of texts with more than 4096 letters nothing is looked for between swapped letters: `ca` and `abc` are three apart there. Case and accents are differences. `levenshtein`, which knows no swapping, is DataFusion's own."#,
    syntax_example = "damerau_levenshtein(text_a, text_b[, most])",
    sql_example = r#"```sql
> SELECT damerau_levenshtein('smith', 'smtih'), damerau_levenshtein('smith', 'jones', 2);
1  3
```"#,
    argument(name = "text_a", description = "A text; the one that repeats, where one does."),
    argument(name = "text_b", description = "Another text."),
    argument(name = "most", description = "The largest distance that matters."),
    related_udf(name = "jaro_winkler_similarity")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct DamerauLevenshtein;

scalar_function!(
    DamerauLevenshtein,
    "damerau_levenshtein",
    takes(),
    DataType::Int64,
    strict,
    |name, args| {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let (a, b, most) = match columns.as_slice() {
            [a, b] => (a, b, None),
            [a, b, most] => (a, b, Some(most)),
            _ => return exec_err!("{name} takes two texts and perhaps a number"),
        };
        finish(distances(a, b, most)?, constant)
    }
);

fn takes() -> Signature {
    let exact = |class| Coercion::new_exact(TypeSignatureClass::Native(class));
    let texts = vec![exact(logical_string()); 2];
    let most = Coercion::new_implicit(
        TypeSignatureClass::Native(logical_int64()),
        vec![TypeSignatureClass::Integer],
        datafusion_common::types::NativeType::Int64,
    );
    let bounded = texts.iter().cloned().chain([most]).collect();
    let shapes = vec![TypeSignature::Coercible(texts), TypeSignature::Coercible(bounded)];
    Signature::one_of(shapes, Volatility::Immutable)
}

fn distances(a: &ArrayRef, b: &ArrayRef, most: Option<&ArrayRef>) -> Result<ArrayRef> {
    let rows = a.len();
    let (a, b) = (TextReader::column(a)?, TextReader::column(b)?);
    let most = match most.map(|most| most.as_primitive_opt::<Int64Type>()) {
        None => None,
        Some(Some(most)) => Some(most),
        Some(None) => return exec_err!("the largest distance is a whole number"),
    };
    let bound = |row| match most {
        None => Some(usize::MAX),
        Some(most) => most.is_valid(row).then(|| usize::try_from(most.value(row)).unwrap_or(0)),
    };
    let mut measure = Prepared::new(Edits::new());
    let apart = (0..rows).map(|row| {
        let (left, right, most) = (a.get(row)?, b.get(row)?, bound(row)?);
        i64::try_from(measure.for_left(left).distance(right, most)).ok()
    });
    Ok(Arc::new(apart.collect::<Int64Array>()))
}
