//! `family_evidence`: what two family names have to do with each other.

use std::sync::Arc;

use arrow::array::StringViewBuilder;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::name_spelling::{is_one_edit, umlauts_agree};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What the keys of two family names say of each other, as one word: `equal`, `missing` (at least one is), `spelling` (an umlaut written out, or one slip in five letters), `part` (one begins or ends with the other, as `Dietz-Ott` with `Dietz`; four letters at least, and three besides), `other`. Never NULL."#,
    syntax_example = "family_evidence(family_a, family_b)",
    sql_example = r#"```sql
> SELECT family_evidence('mueller', 'muller'), family_evidence('dietzott', 'dietz'), family_evidence('berg', 'stahl');
spelling  part  other
```"#,
    argument(name = "family_a", description = "A family name, as `family_key` gives it."),
    argument(name = "family_b", description = "The other's."),
    related_udf(name = "family_key"),
    related_udf(name = "person_evidence")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct FamilyEvidence {
    signature: Signature,
}

impl FamilyEvidence {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for FamilyEvidence {
    fn name(&self) -> &str {
        "family_evidence"
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
            for row in 0..rows {
                words.append_value(match (a.get(row), b.get(row)) {
                    (Some(a), Some(b)) => said(a, b),
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

/// In shorter names one letter makes another name: Lang, Lange.
const SHORTEST_SLIP: usize = 5;
/// Shorter names are in too many others: Ott, Otto.
const SHORTEST_PART: usize = 4;
/// What is shorter besides is an ending: Peters, Hansen.
const SHORTEST_BESIDES: usize = 3;

fn said(a: &str, b: &str) -> &'static str {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if a == b {
        "equal"
    } else if umlauts_agree(a, b)
        || (short.len() >= SHORTEST_SLIP
            && short.is_ascii()
            && is_one_edit(short.as_bytes(), long.as_bytes()))
    {
        "spelling"
    } else if short.len() >= SHORTEST_PART
        && long.len() >= short.len() + SHORTEST_BESIDES
        && (long.starts_with(short) || long.ends_with(short))
    {
        "part"
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::said;

    #[test]
    fn tells_spellings_and_parts_from_other_names() {
        for (a, b, wanted) in [
            ("berg", "berg", "equal"),
            ("muller", "mueller", "spelling"),
            ("johnson", "jonhson", "spelling"),
            ("johnson", "johnsn", "spelling"),
            ("dietz", "dietzott", "part"),
            ("ottdietz", "dietz", "part"),
            ("peter", "peters", "spelling"),
            ("hans", "hansen", "other"),
            ("lang", "lange", "other"),
            ("ott", "ottmann", "other"),
            ("berg", "stahl", "other"),
            ("smith", "smythe", "other"),
        ] {
            assert_eq!(said(a, b), wanted, "{a} {b}");
            assert_eq!(said(b, a), wanted, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            prop_assert_eq!(said(&a, &b), said(&b, &a));
        }
    }
}
