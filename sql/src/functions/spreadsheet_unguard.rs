//! `spreadsheet_unguard`: the value behind what spreadsheets and exports wrap around a cell, so that it stays text.
//!
//! `'+1 202…`, `="00124"`, `=02141`, `=HYPERLINK("mailto:…","…")` and control characters at the ends are such guards. What
//! only looks like one stays: `'t Hart` and `'s-Gravenhage` are names, `=A1+B2` is a formula that nobody can read here.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::ColumnarValue;
use datafusion_macros::user_doc;

use super::arguments::{TextReader, evaluate, text_signature, texts};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Takes off what spreadsheets and exports put around a value so that it stays text: an apostrophe before a digit or one of + - = @, `="…"`, `=` before a bare number, `=HYPERLINK("…", "…")` (the address of a mailto: or tel: link, else its label), control characters at the ends. Names such as `'t Hart` and other formulas stay as they are."#,
    syntax_example = "spreadsheet_unguard(text)",
    sql_example = r#"```sql
> SELECT spreadsheet_unguard('="00124"'), spreadsheet_unguard('''+1 202 555 0143');
00124  +1 202 555 0143
```"#,
    argument(name = "text", description = "The text of a cell."),
    related_udf(name = "spreadsheet_restore")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SpreadsheetUnguard;

scalar_function!(
    SpreadsheetUnguard,
    "spreadsheet_unguard",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| {
        // A usual column has no guard anywhere: it is given back as it is, without a copy.
        if let [ColumnarValue::Array(column)] = args.args.as_slice()
            && is_unguarded(column)?
        {
            return Ok(ColumnarValue::Array(match column.data_type() {
                DataType::Utf8View => Arc::clone(column),
                _ => arrow::compute::cast(column, &DataType::Utf8View)?,
            }));
        }
        evaluate(name, &args, |[text], rows| {
            Ok(texts(rows, |row, buffer| {
                let Some(text) = text.get(row) else { return false };
                buffer.clear();
                buffer.push_str(&spreadsheet_unguard_str(text));
                true
            }))
        })
    }
);

fn is_unguarded(column: &ArrayRef) -> Result<bool> {
    let texts = TextReader::try_new(column, false)?;
    Ok((0..column.len()).all(|row| texts.get(row).is_none_or(|text| !may_be_guarded(text))))
}

/// A look at the ends: most cells begin with a letter or a digit, and end with a printable character.
pub(super) fn may_be_guarded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |byte: Option<&u8>| byte.is_some_and(|&b| b < b' ' || b == 0x7f);
    matches!(bytes.first(), Some(b'\'' | b'=' | b' ' | 0xc2 | 0xe2 | 0xef))
        || odd(bytes.first())
        || odd(bytes.last())
}

/// Takes the guards of a cell off, for use from Rust; the text itself where it has none.
pub fn spreadsheet_unguard_str(text: &str) -> std::borrow::Cow<'_, str> {
    let mut value = std::borrow::Cow::Borrowed(text);
    if !may_be_guarded(text) {
        return value;
    }
    // A formula may stand behind an apostrophe and hold a guarded value itself.
    for _ in 0..DEEPEST {
        match without_one(&value) {
            Some(inner) => value = std::borrow::Cow::Owned(inner),
            None => break,
        }
    }
    value
}

const DEEPEST: usize = 4;

/// The text with its outermost guard taken off; `None` when it has none.
fn without_one(text: &str) -> Option<String> {
    // Blanks around a value are no guard, but they may stand in front of one.
    let bare = text
        .trim_matches(|c: char| c.is_whitespace() || c.is_control() || super::clean_text::is_invisible(c));
    if let Some(rest) = bare.strip_prefix(['\'', '\u{2018}', '\u{2019}']) {
        return apostrophe(rest).map(str::to_owned);
    }
    if let Some(formula) = bare.strip_prefix(['=', '\u{ff1d}']) {
        return formula_value(formula.trim());
    }
    let trimmed = text.trim_matches(|c: char| c.is_control());
    (trimmed.len() < text.len() && text.chars().any(is_guard_character)).then(|| trimmed.to_owned())
}

/// Control characters that are no blanks: separators and marks of old exports.
fn is_guard_character(character: char) -> bool {
    character.is_control() && !character.is_whitespace()
}

/// What an apostrophe guards: what a spreadsheet would take for a number, a formula or another apostrophe.
fn apostrophe(rest: &str) -> Option<&str> {
    let first = rest.chars().next()?;
    let guarded = first.is_numeric()
        || matches!(first, '+' | '-' | '=' | '@' | '\t' | '\r' | '\'' | '\u{ff0b}' | '\u{ff1d}');
    if !guarded {
        return None;
    }
    // '00123' is a value in quotes.
    match rest.strip_suffix('\'') {
        Some(inner) if !inner.contains('\'') && !inner.is_empty() => Some(inner),
        _ => Some(rest),
    }
}

/// The value of the formulas that exports write for text; `None` for any other formula.
fn formula_value(formula: &str) -> Option<String> {
    if let Some(quoted) = whole_quoted(formula) {
        return Some(quoted);
    }
    if let Some(value) = link(formula) {
        return Some(value);
    }
    let unsigned = formula.strip_prefix(['+', '-']).unwrap_or(formula);
    let number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && unsigned.bytes().any(|b| b.is_ascii_digit())
        && unsigned.bytes().all(|b| b.is_ascii_digit() || b" .-()".contains(&b));
    number.then(|| formula.to_owned())
}

/// `"…"` as a whole, with doubled quotes inside standing for one.
fn whole_quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let single = inner.replace("\"\"", "");
    (!single.contains('"')).then(|| inner.replace("\"\"", "\""))
}

/// The functions that make a link, in the languages of spreadsheets.
const LINKS: [&str; 4] = ["HYPERLINK", "LIEN_HYPERTEXTE", "HIPERVINCULO", "HYPERLIEN"];

/// The address of a mail or telephone link, else what the link shows.
fn link(formula: &str) -> Option<String> {
    let (name, arguments) = formula.split_once('(')?;
    if !LINKS.iter().any(|link| name.trim().eq_ignore_ascii_case(link)) {
        return None;
    }
    let arguments = arguments.trim_end().strip_suffix(')')?;
    let (target, label) = two_texts(arguments)?;
    for scheme in ["mailto:", "tel:"] {
        if let Some(head) = target.get(..scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            let address = &target[scheme.len()..];
            return Some(address.split('?').next().unwrap_or(address).to_owned());
        }
    }
    Some(label.filter(|label| !label.trim().is_empty()).unwrap_or(target))
}

/// One or two quoted texts with a comma or semicolon between.
fn two_texts(arguments: &str) -> Option<(String, Option<String>)> {
    let (first, rest) = quoted_text(arguments)?;
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Some((first, None));
    }
    let (second, rest) = quoted_text(rest.strip_prefix([',', ';'])?)?;
    rest.trim().is_empty().then_some((first, Some(second)))
}

/// A quoted text at the beginning, and what is behind it.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let inner = text.trim_start().strip_prefix('"')?;
    let mut from = 0;
    loop {
        let quote = from + inner.get(from..)?.find('"')?;
        let behind = inner.get(quote + 1..)?;
        if behind.starts_with('"') {
            from = quote + 2;
            continue;
        }
        return Some((inner.get(..quote)?.replace("\"\"", "\""), behind));
    }
}

#[cfg(test)]
mod tests {
    use super::spreadsheet_unguard_str;
    use proptest::prelude::*;

    #[test]
    fn takes_guards_off() {
        for (given, wanted) in [
            ("'00123", "00123"),
            ("'00123'", "00123"),
            ("'+1 202 555 0143", "+1 202 555 0143"),
            ("'-5", "-5"),
            ("'=\"00123\"", "00123"),
            ("\u{2019}+49 30 23125101", "+49 30 23125101"),
            (" '02138", "02138"),
            ("=\"00124\"", "00124"),
            ("= \"00124\" ", "00124"),
            ("=\"+12025550144\"", "+12025550144"),
            ("=\"say \"\"hi\"\"\"", "say \"hi\""),
            ("=\"\"", ""),
            ("=00126", "00126"),
            ("=+12025550146", "+12025550146"),
            ("=202-555-0146", "202-555-0146"),
            ("\u{1f}2025550145", "2025550145"),
            ("02140\u{1f}", "02140"),
            ("\u{0}\u{1}00125\u{2}", "00125"),
            ("=HYPERLINK(\"mailto:ann@example.org\",\"ann@example.org\")", "ann@example.org"),
            ("=HYPERLINK(\"mailto:ann@example.org?subject=Hi\";\"Mail\")", "ann@example.org"),
            ("=Hyperlink(\"https://example.org/\", \"Example\")", "Example"),
            ("=HYPERLINK(\"https://example.org/\")", "https://example.org/"),
            ("=HYPERLINK(\"tel:+12025550143\",\"call\")", "+12025550143"),
            ("''t Hart", "'t Hart"),
        ] {
            assert_eq!(spreadsheet_unguard_str(given), wanted, "{given:?}");
        }
    }

    #[test]
    fn leaves_what_is_no_guard() {
        for given in [
            "'t Hart",
            "'s-Gravenhage",
            "'Anna'",
            "O'Neill",
            "=A1+B2",
            "=1+1",
            "=SUM(A1:A3)",
            "=",
            "'",
            "",
            "=HYPERLINK(A1)",
            "=\"a\"&\"b\"",
            "=\"open",
            "Anna",
            " Anna ",
            "Anna\r\n",
            "12'",
            "= ",
            "5 = five",
        ] {
            assert_eq!(spreadsheet_unguard_str(given), given, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn guards_come_off_whatever_they_hold(value in "[0-9][0-9 .-]{0,12}[0-9]") {
            for guarded in [format!("'{value}"), format!("=\"{value}\""), format!("={value}"), format!("'=\"{value}\""), format!("\u{1f}{value}")] {
                let taken = spreadsheet_unguard_str(&guarded);
                prop_assert_eq!(taken.as_ref(), value.as_str(), "{:?}", guarded);
                prop_assert_eq!(spreadsheet_unguard_str(&taken), taken.as_ref());
            }
        }

        #[test]
        fn never_panics_and_invents_nothing(text in any::<String>(), near in "['=\"(),;+0-9a-zHYPERLINK:@ \u{1f}-]{0,24}") {
            for text in [text, near] {
                let taken = spreadsheet_unguard_str(&text);
                prop_assert!(taken.len() <= text.len());
                prop_assert!(taken.chars().all(|c| text.contains(c)));
            }
        }
    }
}
