//! `mask`: samples of sensitive fields, in reports and on standard output.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Masks a sensitive sample: its kind stays recognisable, its value does not. Shows the first character of each part of an e-mail address and its top-level domain, the first three and last two characters of a telephone number, the first character of anything else. The number of stars says nothing about the length."#,
    syntax_example = "mask(text)",
    sql_example = r#"```sql
> SELECT mask('jane.doe@gmail.com'), mask('+491701234512'), mask('Anna');
j***@g***.com  +49***12  A***
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Mask;

scalar_function!(Mask, "mask", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, mask)
});

/// The hidden part of every masked value: always the same length, so that it tells nothing.
const STARS: &str = "***";

/// With fewer digits than this, showing two of them would give too much of a number away.
const SHORTEST_NUMBER: usize = 7;

/// Masks a sample value of a sensitive field.
pub(super) fn mask<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    buffer.clear();
    write_masked(text, buffer);
    Some(buffer)
}

/// Masks a sample value of a sensitive field, for use from Rust.
pub fn mask_str(text: &str) -> String {
    let mut masked = String::new();
    write_masked(text, &mut masked);
    masked
}

fn write_masked(text: &str, out: &mut String) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            push_masked_word(local, out);
            out.push('@');
            match domain.rsplit_once('.') {
                Some((name, top)) if is_plain_label(top) => {
                    push_masked_word(name, out);
                    out.push('.');
                    out.push_str(top);
                }
                _ => push_masked_word(domain, out),
            }
        }
        None if is_number(text) => push_masked_number(text, out),
        None => push_masked_word(text, out),
    }
}

/// A top-level domain is common knowledge; anything longer or stranger is not shown.
fn is_plain_label(label: &str) -> bool {
    (2..=6).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= SHORTEST_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-()./ ".contains(&byte))
}

/// `number` is ASCII, as `is_number` saw.
fn push_masked_number(number: &str, out: &mut String) {
    let shown = if number.starts_with('+') { 3 } else { 0 };
    out.push_str(number.get(..shown).unwrap_or_default());
    out.push_str(STARS);
    out.push_str(number.get(number.len() - 2..).unwrap_or_default());
}

fn push_masked_word(word: &str, out: &mut String) {
    out.extend(word.chars().next());
    out.push_str(STARS);
}

#[cfg(test)]
mod tests {
    use super::mask_str;
    use proptest::prelude::*;

    #[test]
    fn shows_the_kind_and_hides_the_value() {
        for (given, wanted) in [
            ("jane.doe@gmail.com", "j***@g***.com"),
            ("jane@mail.example.co.uk", "j***@m***.uk"),
            ("jane@localhost", "j***@l***"),
            ("@", "***@***"),
            ("+49 170 1234512", "+49***12"),
            ("0170 1234512", "***12"),
            ("2024-12-31", "***31"),
            ("12345", "1***"),
            ("Anna", "A***"),
            ("Ägypten", "Ä***"),
            ("", ""),
        ] {
            assert_eq!(mask_str(given), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_shows_more_than_a_few_characters(text in any::<String>()) {
            let masked = mask_str(&text);
            prop_assert!(text.trim().is_empty() || masked.contains("***"));
            prop_assert!(masked.chars().filter(|c| *c != '*').count() <= 10);
        }
    }
}
