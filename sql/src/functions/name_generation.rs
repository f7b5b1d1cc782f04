//! `name_generation`: which of several bearers of one name, by what stands behind it.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::generation_words::{age_of_pair, age_of_word};
use super::personal_name::{clean_name, split_generation_before, split_suffixes};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The generation that stands behind a name, or as `Jr.` in front of it: 1 for `Sr.`, `senior`, `d. Ä.`, `père`; 2 for `Jr.`, `junior`, `II`, `d. J.`, `fils`; 3 for `III`, `3rd`, and so on. NULL when none is written. Two generations of one name are two people."#,
    syntax_example = "name_generation(text)",
    sql_example = r#"```sql
> SELECT name_generation('Smith Jr.'), name_generation('Brand d. Ä.'), name_generation('Smith');
2  1  NULL
```"#,
    argument(name = "text", description = "A family name, a full name, or a given name."),
    related_udf(name = "name_suffix"),
    related_udf(name = "family_key"),
    related_udf(name = "person_evidence")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NameGeneration;

scalar_function!(
    NameGeneration,
    "name_generation",
    text_signature(1),
    DataType::Int64,
    strict,
    |name, args| {
        evaluate(name, &args, |[text], rows| {
            Ok(Arc::new((0..rows).map(|row| text.get(row).and_then(generation)).collect::<Int64Array>()))
        })
    }
);

/// The generation behind a name.
fn generation(text: &str) -> Option<i64> {
    // Most names are one word; nothing stands behind them.
    if !text.bytes().any(|byte| byte == b' ' || byte == b',' || !byte.is_ascii()) {
        return None;
    }
    let mut scratch = String::new();
    let name = clean_name(text, &mut scratch)?;
    let (_, suffixes) = split_suffixes(name);
    if suffixes.is_empty() {
        return age_of_word(split_generation_before(name).0);
    }
    let words: Vec<&str> = suffixes.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    (0..words.len()).find_map(|at| {
        let pair = words.get(at..at + 2).and_then(|pair| age_of_pair(pair[0], pair[1]));
        pair.or_else(|| age_of_word(words[at]))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::generation;

    #[test]
    fn reads_what_stands_behind_a_name() {
        for (given, wanted) in [
            ("Smith Jr.", Some(2)),
            ("Smith, Jr.", Some(2)),
            ("Smith JR", Some(2)),
            ("Smith Junior", Some(2)),
            ("Smith Sr.", Some(1)),
            ("Smith senior", Some(1)),
            ("Smith II", Some(2)),
            ("Smith III", Some(3)),
            ("Smith 3rd", Some(3)),
            ("Smith Jr., PhD", Some(2)),
            ("Smith (Jr.)", Some(2)),
            ("Brand d. \u{c4}.", Some(1)),
            ("Brand d.\u{c4}.", Some(1)),
            ("Brand d. J.", Some(2)),
            ("Brand der J\u{fc}ngere", Some(2)),
            ("Brand the Elder", Some(1)),
            ("Dupont fils", Some(2)),
            ("Karl (senior)", Some(1)),
            ("Nagel (Vater)", Some(1)),
            ("Nagel (Sohn)", Some(2)),
            ("Kern Filho", Some(2)),
            ("Maria Vater", None),
            ("Carl Son", None),
            ("Dupont p\u{e8}re", Some(1)),
            ("Smith", None),
            ("Smith PhD", None),
            ("de la Cruz", None),
            ("Junior", None),
            ("Jr. Moss", Some(2)),
            ("Snr. Moss", Some(1)),
            ("Sr. Moss", None),
            ("Jr.", None),
            ("J.R. Ewing", None),
            ("JR Ewing", None),
            ("Jun Tanaka", None),
            ("M\u{fc}ller", None),
            ("Akira Ii", None),
            ("", None),
        ] {
            assert_eq!(generation(given), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            generation(&text);
        }

        #[test]
        fn a_name_of_plain_words_has_none(text in "[A-Z][a-z]{3,8}( [A-Z][a-z]{5,8}){0,2}") {
            prop_assume!(!text.to_lowercase().contains("nior"));
            prop_assert_eq!(generation(&text), None);
        }
    }
}
