//! `jaro_winkler_similarity`: how alike two short texts are, such as names.

use std::sync::Arc;

use arrow::array::Float64Array;
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::jaro_winkler::JaroWinkler;
use super::prepared::Prepared;
use crate::functions::arguments::{evaluate, text_signature};
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"How alike two short texts are, from 0 to 1, by Jaro and Winkler: letters in common that are not far apart count, swapped ones half, and a common beginning counts more. Made for names; compare keys (`given_key`, `family_key`, `fold`), for case and accents are differences. The same in either order. Fast where the first text repeats from row to row."#,
    syntax_example = "jaro_winkler_similarity(text_a, text_b)",
    sql_example = r#"```sql
> SELECT jaro_winkler_similarity('martha', 'marhta'), jaro_winkler_similarity('anna', 'otto');
0.9611111111111111  0.0
```"#,
    argument(name = "text_a", description = "A text; the one that repeats, where one does."),
    argument(name = "text_b", description = "Another text."),
    related_udf(name = "damerau_levenshtein"),
    related_udf(name = "phonetic_codes")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct JaroWinklerSimilarity;

scalar_function!(
    JaroWinklerSimilarity,
    "jaro_winkler_similarity",
    text_signature(2),
    DataType::Float64,
    strict,
    |name, args| {
        evaluate(name, &args, |[a, b], rows| {
            let mut measure = Prepared::new(JaroWinkler::new());
            let alike = (0..rows).map(|row| Some(measure.for_left(a.get(row)?).similarity(b.get(row)?)));
            Ok(Arc::new(alike.collect::<Float64Array>()))
        })
    }
);
