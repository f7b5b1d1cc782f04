//! `parse_integer`: whole numbers, strictly.

use arrow::array::{ArrayRef, Int64Array};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Reads a whole number: an optional sign and digits, blanks around them allowed, also with `.0` or `.00` behind as spreadsheets write it. Groups of three may be separated by blanks, apostrophes or underscores, or by commas or full stops when there are at least two of them: `1,234,567` is a number, `1,234` might be a decimal and is NULL. Anything else, or more than 64 bits, is NULL."#,
    syntax_example = "parse_integer(text)",
    sql_example = r#"```sql
> SELECT parse_integer('-42'), parse_integer('1 234'), parse_integer('1,234');
-42  1234  NULL
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseInteger;

scalar_function!(ParseInteger, "parse_integer", text_signature(1), DataType::Int64, strict, |name, args| {
    evaluate(name, &args, |[text], rows| {
        let numbers = (0..rows).map(|row| text.get(row).and_then(parse_integer));
        Ok(Arc::new(numbers.collect::<Int64Array>()) as ArrayRef)
    })
});

/// A whole number, or `None` for anything else.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(number) = plain(text) {
        return Some(number);
    }
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = number.strip_suffix(".00").or_else(|| number.strip_suffix(".0")).unwrap_or(number);
    let mut digits = String::with_capacity(whole.len() + 1);
    if negative {
        digits.push('-');
    }
    push_grouped_digits(whole, &mut digits)?;
    plain(&digits)
}

/// A sign and digits; the standard parser accepts nothing else.
fn plain(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Appends the digits of `1 234 567`; `None` when the groups are not of three, or could be a decimal part.
fn push_grouped_digits(number: &str, digits: &mut String) -> Option<()> {
    let separator = number.chars().find(|character| !character.is_ascii_digit());
    let Some(separator) = separator else {
        digits.push_str(number);
        return (!number.is_empty()).then_some(());
    };
    let may_be_decimal = matches!(separator, ',' | '.');
    let is_separator =
        may_be_decimal || matches!(separator, ' ' | '\'' | '_' | '\u{2019}' | '\u{a0}' | '\u{202f}');
    let mut groups = 0;
    for group in number.split(separator) {
        let right_size = if groups == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !right_size || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.push_str(group);
        groups += 1;
    }
    (is_separator && (groups > 2 || !may_be_decimal)).then_some(())
}

#[cfg(test)]
mod tests {
    use super::parse_integer;
    use proptest::prelude::*;

    #[test]
    fn reads_what_can_only_be_a_whole_number() {
        for (given, wanted) in [
            ("42", Some(42)),
            (" -42 ", Some(-42)),
            ("+7", Some(7)),
            ("007", Some(7)),
            ("3.0", Some(3)),
            ("3.00", Some(3)),
            ("1 234", Some(1234)),
            ("1'234'567", Some(1_234_567)),
            ("-1,234,567", Some(-1_234_567)),
            ("1.234.567", Some(1_234_567)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1,234", None),
            ("1.234", None),
            ("1,23,456", None),
            ("1234,567,890", None),
            ("1,234.567", None),
            ("3.5", None),
            ("3.", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("-+1", None),
            ("1e3", None),
            ("0x1f", None),
            ("1  234", None),
            (" ", None),
            (".0", None),
        ] {
            assert_eq!(parse_integer(given), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn every_integer_is_read(number in any::<i64>()) {
            prop_assert_eq!(parse_integer(&number.to_string()), Some(number));
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            parse_integer(&text);
        }
    }
}
