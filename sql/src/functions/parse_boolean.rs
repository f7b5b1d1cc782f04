//! `parse_boolean`: yes and no, as people tick them.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_boolean, text_signature};
use super::fold::fold_onto;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Reads yes or no: true/false, t/f, yes/no, y/n, on/off, 1/0, x, check marks, and the words in German, French, Spanish, Italian and Portuguese. Case, accents and surrounding blanks do not matter. Anything else is NULL."#,
    syntax_example = "parse_boolean(text)",
    sql_example = r#"```sql
> SELECT parse_boolean('Ja'), parse_boolean('off'), parse_boolean('maybe');
true  false  NULL
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseBoolean;

scalar_function!(
    ParseBoolean,
    "parse_boolean",
    text_signature(1),
    DataType::Boolean,
    strict,
    |name, args| evaluate_boolean(name, &args, parse_boolean)
);

/// Folded words for yes.
const YES: [&str; 22] = [
    "true",
    "t",
    "yes",
    "y",
    "1",
    "10",
    "on",
    "x",
    "ja",
    "j",
    "wahr",
    "an",
    "oui",
    "vrai",
    "si",
    "verdadero",
    "cierto",
    "vero",
    "sim",
    "verdadeiro",
    "checked",
    "enabled",
];

/// Folded words for no.
const NO: [&str; 17] = [
    "false",
    "f",
    "no",
    "n",
    "0",
    "00",
    "off",
    "nein",
    "falsch",
    "aus",
    "non",
    "faux",
    "falso",
    "nao",
    "unchecked",
    "disabled",
    "none",
];

/// Longer texts are no answer.
const LONGEST_WORD: usize = 16;

/// Yes, no, or unknown.
pub(super) fn parse_boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    match text {
        "1" | "true" | "TRUE" | "1.0" | "\u{2713}" | "\u{2714}" | "\u{2611}" | "\u{2705}" => {
            return Some(true);
        }
        "0" | "false" | "FALSE" | "0.0" | "\u{2717}" | "\u{2718}" | "\u{2610}" | "\u{274c}" => {
            return Some(false);
        }
        _ => {}
    }
    let is_word = text.len() <= LONGEST_WORD && text.chars().all(char::is_alphabetic);
    if !is_word {
        return None;
    }
    let mut word = String::with_capacity(LONGEST_WORD);
    fold_onto(text, &mut word);
    if YES.contains(&word.as_str()) {
        Some(true)
    } else if NO.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::parse_boolean;
    use proptest::prelude::*;

    #[test]
    fn reads_yes_and_no_in_several_languages() {
        for yes in [
            "true", "T", "Yes", " y ", "1", "1.0", "on", "X", "Ja", "wahr", "oui", "s\u{ed}", "Si",
            "\u{2713}",
        ] {
            assert_eq!(parse_boolean(yes), Some(true), "{yes:?}");
        }
        for no in
            ["false", "F", "No", "n", "0", "0.0", "OFF", "nein", "falsch", "Non", "n\u{e3}o", "\u{2717}"]
        {
            assert_eq!(parse_boolean(no), Some(false), "{no:?}");
        }
        for unknown in ["", "maybe", "2", "10", "00", "-", "yes no", "yesyesyesyesyesyes"] {
            assert_eq!(parse_boolean(unknown), None, "{unknown:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            parse_boolean(&text);
        }
    }
}
