//! `fold`: one key for values that people spell in many ways.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use unicode_normalization::UnicodeNormalization;

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Folds text to a key: transliterated to ASCII, lower case, letters and digits only. Spellings that differ in case, accents, blanks or punctuation fold to the same key. NULL when no letter or digit is left. A key is for comparing, never for showing."#,
    syntax_example = "fold(text)",
    sql_example = r#"```sql
> SELECT fold('Łukasz O''Néill-Straße');
lukaszoneillstrasse
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Fold;

scalar_function!(Fold, "fold", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, fold)
});

/// Folds to lower-case ASCII letters and digits; `None` when there are none.
pub(super) fn fold<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(is_folded) {
        return Some(text);
    }
    buffer.clear();
    fold_onto(text, buffer);
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// Appends the folded text to `folded`.
pub(super) fn fold_onto(text: &str, folded: &mut String) {
    if text.is_ascii() {
        push_folded(text, folded);
        return;
    }
    // Compatibility forms first, so that full-width letters and ligatures fold like plain ones.
    for character in text.nfkc() {
        if let Some(ascii) = deunicode::deunicode_char(character) {
            push_folded(ascii, folded);
        }
    }
}

/// Appends the folded text of a name. Scripts whose letters transliteration runs together keep theirs: Samir and Samira are
/// written alike without the last letter, and many given names are read alike in Chinese.
pub(super) fn fold_name_onto(text: &str, folded: &mut String) {
    if text.is_ascii() || !text.chars().any(keeps_its_letters) {
        return fold_onto(text, folded);
    }
    for character in text.nfkc() {
        if keeps_its_letters(character) {
            folded.extend(one_letter(character));
        } else if let Some(ascii) = deunicode::deunicode_char(character) {
            push_folded(ascii, folded);
        }
    }
}

/// Letters of scripts other than those that are transliterated letter by letter (Latin, Greek, Cyrillic, Armenian, Georgian).
fn keeps_its_letters(character: char) -> bool {
    let transliterated = matches!(
        character,
        '\0'..='\u{58f}' | '\u{10a0}'..='\u{10ff}' | '\u{1c80}'..='\u{1cbf}' | '\u{1d00}'..='\u{2dff}'
            | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}' | '\u{fb00}'..='\u{fb17}'
            | '\u{ff21}'..='\u{ff5a}'
    );
    !transliterated && character.is_alphabetic()
}

/// Letters that people write for each other: forms of alif, final yeh, teh marbuta, Persian letters. A stretched line is none.
fn one_letter(character: char) -> Option<char> {
    Some(match character {
        '\u{622}' | '\u{623}' | '\u{625}' | '\u{671}' => '\u{627}',
        '\u{649}' | '\u{6cc}' => '\u{64a}',
        '\u{629}' => '\u{647}',
        '\u{6a9}' => '\u{643}',
        '\u{640}' => return None,
        other => other,
    })
}

fn push_folded(ascii: &str, folded: &mut String) {
    folded.extend(
        ascii.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())),
    );
}

fn is_folded(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn fold(text: &str) -> Option<String> {
        super::fold(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn folds_case_accents_and_punctuation() {
        for (given, wanted) in [
            ("smith", Some("smith")),
            ("O'Neill", Some("oneill")),
            ("Łukasz", Some("lukasz")),
            ("Jose\u{301}", Some("jose")),
            ("José", Some("jose")),
            ("Straße", Some("strasse")),
            ("de la Cruz", Some("delacruz")),
            ("\u{ff21}nna", Some("anna")),
            ("B2B", Some("b2b")),
            ("", None),
            (" - ", None),
        ] {
            assert_eq!(fold(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_plain_and_folds_to_itself(text in any::<String>()) {
            if let Some(key) = fold(&text) {
                prop_assert!(key.bytes().all(super::is_folded));
                prop_assert_eq!(fold(&key), Some(key.clone()));
            }
        }
    }
}
