//! `given_evidence`: what two given names have to do with each other.

use std::sync::Arc;

use arrow::array::StringViewBuilder;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::given_key::given_key;
use super::given_names::{Likeness, likeness};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What two given names say of each other, as one word: `equal`, `missing` (at least one is), `initial`, `nickname`, `beginning`, `slip` (how the first names agree, where no further ones contradict), `other`. It is what `person_evidence` says of names alone. Never NULL."#,
    syntax_example = "given_evidence(given_a, given_b)",
    sql_example = r#"```sql
> SELECT given_evidence('Bob', 'Robert'), given_evidence('J', 'John'), given_evidence('Paul', 'Paula');
nickname  initial  other
```"#,
    argument(name = "given_a", description = "Given names or their key."),
    argument(name = "given_b", description = "The other's."),
    related_udf(name = "person_evidence"),
    related_udf(name = "names_compatible"),
    related_udf(name = "family_evidence")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct GivenEvidence {
    signature: Signature,
}

impl GivenEvidence {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for GivenEvidence {
    fn name(&self) -> &str {
        "given_evidence"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[a, b], rows| {
            let mut words = StringViewBuilder::with_capacity(rows);
            let (mut key_a, mut key_b) = (String::new(), String::new());
            for row in 0..rows {
                let one = a.get(row).and_then(|name| given_key(name, &mut key_a));
                let other = b.get(row).and_then(|name| given_key(name, &mut key_b));
                words.append_value(match (one, other) {
                    (Some(one), Some(other)) => likeness(one, other).map_or("other", Likeness::name),
                    _ => "missing",
                });
            }
            Ok(Arc::new(words.finish()))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
