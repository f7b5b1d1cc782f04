//! `jaro_winkler_similarity`: how alike two short texts are, such as names.

use std::sync::Arc;

use arrow::array::Float64Array;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::jaro_winkler::JaroWinkler;
use super::prepared::Prepared;
use crate::functions::arguments::{evaluate, text_signature};

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
pub(in crate::functions) struct JaroWinklerSimilarity {
    signature: Signature,
}

impl JaroWinklerSimilarity {
    pub(in crate::functions) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for JaroWinklerSimilarity {
    fn name(&self) -> &str {
        "jaro_winkler_similarity"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[a, b], rows| {
            let mut measure = Prepared::new(JaroWinkler::new());
            let alike = (0..rows).map(|row| Some(measure.for_left(a.get(row)?).similarity(b.get(row)?)));
            Ok(Arc::new(alike.collect::<Float64Array>()))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
