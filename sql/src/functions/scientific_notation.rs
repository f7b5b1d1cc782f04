//! `scientific_notation`: numbers as spreadsheets show them when they are too long: `1.00123E+12`.
//!
//! Most of the digits are gone then, and many numbers look the same.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_boolean, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Whether a text is a number in scientific notation, as spreadsheets show long numbers: `1.00123E+12`, `1,00123E+12`, `1E+12`, `1.5 x 10^12`. Without a decimal mark the exponent needs its plus sign: `12E5` is a code like any other."#,
    syntax_example = "scientific_notation(text)",
    sql_example = r#"```sql
> SELECT scientific_notation('1.00123E+12');
true
```"#,
    argument(name = "text", description = "The text."),
    related_udf(name = "external_id_clean")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ScientificNotation;

scalar_function!(
    ScientificNotation,
    "scientific_notation",
    text_signature(1),
    DataType::Boolean,
    strict,
    |name, args| evaluate_boolean(name, &args, |text| Some(is_scientific(text)))
);

/// Digits before the decimal mark: one, or up to three where the exponent goes in steps of three.
const MOST_WHOLE: usize = 3;
/// Digits of an exponent.
const MOST_EXPONENT: usize = 3;

/// Whether a text, blanks around it aside, is a number in scientific notation.
pub(super) fn is_scientific(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix(is_sign).unwrap_or(text);
    let (whole, rest) = digits(text);
    if whole == 0 || whole > MOST_WHOLE {
        return false;
    }
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => digits(rest),
        None => (0, rest),
    };
    if fraction == 0 && text.len() != whole + rest.len() {
        return false;
    }
    let rest = rest.trim_start();
    if let Some(rest) = rest.strip_prefix(['e', 'E']) {
        let rest = rest.trim_start();
        let unsigned = rest.strip_prefix(is_sign).unwrap_or(rest);
        let plus = rest.starts_with(['+', '\u{ff0b}']);
        return (fraction > 0 || plus) && is_exponent(unsigned);
    }
    let power = rest.strip_prefix(['x', 'X', '*', '\u{d7}', '\u{b7}', '\u{22c5}']).map(str::trim_start);
    let Some(exponent) = power.and_then(|power| power.strip_prefix("10^")) else { return false };
    is_exponent(exponent.strip_prefix(is_sign).unwrap_or(exponent))
}

fn is_sign(character: char) -> bool {
    matches!(character, '+' | '-' | '\u{2212}' | '\u{ff0b}' | '\u{ff0d}')
}

fn is_exponent(text: &str) -> bool {
    let (count, rest) = digits(text);
    rest.is_empty() && (1..=MOST_EXPONENT).contains(&count)
}

/// How many digits a text begins with, and what comes behind them.
fn digits(text: &str) -> (usize, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    (count, &text[count..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_scientific;

    #[test]
    fn numbers_of_spreadsheets() {
        for text in [
            "1.00123E+12",
            "1,00123E+12",
            " 1.00123e+12 ",
            "1E+12",
            "9e+09",
            "-1.5E+15",
            "1.5E12",
            "100.1E+09",
            "1.00123E-12",
            "1.00123 E+12",
            "1.5 x 10^12",
            "1,5\u{d7}10^12",
            "1.5*10^+12",
            "1.00123E\u{2212}12",
            "1.00123E\u{ff0b}12",
        ] {
            assert!(is_scientific(text), "{text}");
        }
    }

    #[test]
    fn codes_that_only_look_like_them() {
        for text in [
            "",
            "E",
            "12E5",
            "1E10",
            "1E-5",
            "E+12",
            "1.E+12",
            ".5E+12",
            "1.5E+",
            "1.5E+1234",
            "1.5",
            "1001",
            "1.5E+12a",
            "A1.5E+12",
            "1001.5E+12",
            "1.00.1E+12",
            "1.5 x 11^2",
            "1 x 10",
            "x10^3",
            "0x1E+12",
            "3E-17-2",
            "1E+12+1",
        ] {
            assert!(!is_scientific(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            is_scientific(&text);
        }

        #[test]
        fn what_a_float_is_written_as(mantissa in 1_u32..10, part in 0_u32..100_000, exponent in 10_u32..30) {
            prop_assert!(is_scientific(&format!("{mantissa}.{part}E+{exponent}")), "with a point");
            prop_assert!(is_scientific(&format!("{mantissa},{part}E+{exponent}")), "with a comma");
            prop_assert!(is_scientific(&format!("{:e}", f64::from(mantissa) + f64::from(part) / 1e5 + 1e-6)
                .replace('e', "E+")), "as a program writes it");
        }

        #[test]
        fn ids_are_none(id in "[A-Z]{0,3}[0-9]{1,12}|[0-9a-f]{8}-[0-9]{4}|[0-9]{1,3}E[0-9]{1,3}|[0-9]{4,9}\\.[0-9]{1,3}") {
            prop_assert!(!is_scientific(&id), "{id}");
        }
    }
}
