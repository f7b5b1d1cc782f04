//! `spreadsheet_safe`: what a spreadsheet program would run is written so that it does not.

use std::borrow::Cow;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::clean_text::{is_blank, is_invisible};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Makes a cell safe to open in a spreadsheet program: puts an apostrophe before text that begins with =, +, -, @, a tabulator, a carriage return, a line feed, one of their full-width or small forms, or an apostrophe; also where blanks or characters that cannot be seen come before one of these. Removing exactly one leading apostrophe (`spreadsheet_restore`) gives every cell back as it was."#,
    syntax_example = "spreadsheet_safe(text)",
    sql_example = r#"```sql
> SELECT spreadsheet_safe('=1+1'), spreadsheet_safe('Anna');
'=1+1  Anna
```"#,
    argument(name = "text", description = "The text."),
    related_udf(name = "spreadsheet_restore")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SpreadsheetSafe;

scalar_function!(
    SpreadsheetSafe,
    "spreadsheet_safe",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, spreadsheet_safe)
);

/// Puts `'` before a cell that a spreadsheet program would take for a formula.
pub(super) fn spreadsheet_safe<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if !is_risky(text) {
        return Some(text);
    }
    buffer.clear();
    buffer.push('\'');
    buffer.push_str(text);
    Some(buffer)
}

/// Puts `'` before a cell that a spreadsheet program would take for a formula, for use from Rust.
pub fn spreadsheet_safe_str(text: &str) -> Cow<'_, str> {
    if is_risky(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// An apostrophe counts as risky, so that the one added can always be told from one that was there.
fn is_risky(text: &str) -> bool {
    match text.as_bytes().first() {
        None => false,
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\n' | b'\r' | b'\'') => true,
        Some(first) if first.is_ascii_graphic() => false,
        // Programs that trim a cell see what is behind the blanks.
        Some(_) => {
            text.trim_start_matches(|c| is_blank(c) || is_invisible(c) || c.is_control()).starts_with(FORMULA)
        }
    }
}

/// What a formula begins with, in all forms that spreadsheet programs take for it.
const FORMULA: [char; 12] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}', '\u{fe63}',
    '\u{fe6b}',
];

#[cfg(test)]
mod tests {
    use super::spreadsheet_safe_str;
    use crate::functions::spreadsheet_restore_str;
    use proptest::prelude::*;

    #[test]
    fn guards_formulas_and_leaves_the_rest() {
        for risky in
            ["=1", "+49", "-1", "@a", "\ta", "\rb", "'c", "\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}1"]
        {
            assert_eq!(spreadsheet_safe_str(risky), format!("'{risky}"));
        }
        for risky in [
            " =1",
            "\n=1",
            "\nAnna",
            "\u{a0}=1",
            "\u{200b}+1",
            "\u{feff}@a",
            " \r\n\u{2060} -1",
            "\u{3000}\u{ff1d}1",
            "\u{fe66}1",
            "\u{0}=1",
        ] {
            assert_eq!(spreadsheet_safe_str(risky), format!("'{risky}"));
        }
        for harmless in ["", " ", "Anna", "1-2", " Anna", "\u{a0}", "a'", " 'c", "Älte=r"] {
            assert_eq!(spreadsheet_safe_str(harmless), harmless);
        }
    }

    proptest! {
        #[test]
        fn risky_cells_come_back(text in "[ '=+@\\-\t\r\n\u{a0}\u{200b}\u{feff}\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}\u{fe66}]{0,4}.*") {
            let safe = spreadsheet_safe_str(&text);
            prop_assert_eq!(spreadsheet_restore_str(&safe), text.as_str());
        }

        #[test]
        fn no_cell_begins_with_a_formula(blank in "[ \t\r\n\u{a0}\u{200b}\u{2003}\u{feff}]{0,3}", text in "[=+@\\-]?[A-Za-z0-9(]{0,4}") {
            let cell = format!("{blank}{text}");
            let safe = spreadsheet_safe_str(&cell);
            let seen = safe.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}');
            prop_assert!(!seen.starts_with(['=', '+', '-', '@']), "{:?}", safe);
        }

        #[test]
        fn any_cell_comes_back(text in any::<String>()) {
            let safe = spreadsheet_safe_str(&text);
            prop_assert_eq!(spreadsheet_restore_str(&safe), text.as_str());
        }
    }
}
