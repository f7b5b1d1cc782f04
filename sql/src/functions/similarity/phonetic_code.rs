//! `phonetic_code`: how a name sounds, as a short code that stands for many spellings.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use rphonetic::DoubleMetaphone;

use crate::functions::arguments::{evaluate_text, text_signature};
use crate::functions::fold::fold;
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"How a name sounds, as a code: the primary code of Double Metaphone (Philips 2000), of any length, of the folded text. Spellings that sound alike in English mostly have one code. It serves blocking rules, which need one value; to compare two names see `phonetic_codes`, which also hears German and Spanish. NULL when no sound is left."#,
    syntax_example = "phonetic_code(name)",
    sql_example = r#"```sql
> SELECT phonetic_code('Schmidt'), phonetic_code('Stephen'), phonetic_code('Steven');
XMT  STFN  STFN
```"#,
    argument(name = "name", description = "A name, or its key."),
    related_udf(name = "phonetic_codes"),
    related_udf(name = "family_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct PhoneticCode;

scalar_function!(
    PhoneticCode,
    "phonetic_code",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, code)
);

fn code<'a>(name: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let primary = metaphone(fold(name, buffer)?).0;
    *buffer = primary;
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// The primary code of a folded name, and the alternate one.
pub(super) fn metaphone(folded: &str) -> (String, String) {
    // Names are told apart by their ends as well: no code is cut.
    let codes = DoubleMetaphone::new(None).double_metaphone(folded);
    (codes.primary(), codes.alternate())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code_of(name: &str) -> Option<String> {
        code(name, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn published_codes() {
        // Philips, C/C++ Users Journal, June 2000, and the tests of Apache Commons Codec; there cut at four letters.
        for (name, primary, alternate) in [
            ("Acton", "AKTN", "AKTN"),
            ("Allen", "ALN", "ALN"),
            ("Angier", "ANJ", "ANJR"),
            ("jumped", "JMPT", "AMPT"),
            ("Smith", "SM0", "XMT"),
            ("Schmidt", "XMT", "SMT"),
            ("Thomas", "TMS", "TMS"),
            ("Knight", "NT", "NT"),
            ("Wright", "RT", "RT"),
        ] {
            let found = metaphone(&name.to_lowercase());
            assert_eq!((found.0.as_str(), found.1.as_str()), (primary, alternate), "{name}");
            assert_eq!(code_of(name).as_deref(), Some(primary), "{name}");
        }
    }

    #[test]
    fn accents_and_marks_are_not_heard() {
        for (a, b) in [("Ren\u{e9}e", "renee"), ("O'Neill", "oneill"), ("M\u{fc}ller", "MULLER")] {
            assert_eq!(code_of(a), code_of(b), "{a} {b}");
        }
        for silent in ["", "-", "123", "   "] {
            assert_eq!(code_of(silent), None, "{silent:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in any::<String>()) {
            code_of(&name);
        }

        #[test]
        fn case_is_not_heard(name in "[a-zA-Z -]{0,20}") {
            prop_assert_eq!(code_of(&name), code_of(&name.to_uppercase()));
        }
    }
}
