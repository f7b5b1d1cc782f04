//! `external_id_clean`: an external id without what spreadsheets and exports wrap around it.
//!
//! What a spreadsheet has spoilt is no id: in scientific notation many ids look the same, `#REF!` and `####` never were one.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::clean_text::clean_text;
use super::scalar_function::scalar_function;
use super::scientific_notation::is_scientific;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"An external id as its source means it: cleaned as by `clean_text`, without the guards of spreadsheets and exports (`'00123`, `="00124"`, `=00126`, quotes around all of it) and without the empty decimals of a number (`1001.0`). Leading zeros and case stay. NULL where nothing is left, and where a spreadsheet has spoilt the id: `scientific_notation`, `####`, error values such as `#REF!`."#,
    syntax_example = "external_id_clean(text)",
    sql_example = r#"```sql
> SELECT external_id_clean('="00124"');
00124
```"#,
    argument(name = "text", description = "The text of the cell."),
    related_udf(name = "scientific_notation"),
    related_udf(name = "external_id_form")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ExternalIdClean;

scalar_function!(
    ExternalIdClean,
    "external_id_clean",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, external_id_clean)
);

/// The id in a cell; `None` where there is none.
pub(super) fn external_id_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if is_plain(text) {
        return Some(text);
    }
    let text = clean_text(text, buffer)?;
    let id = without_decimals(without_guards(text));
    (!id.is_empty() && !is_scientific(id) && !is_spoilt(id)).then_some(id)
}

/// Letters, digits, hyphens and underscores: most ids, in which there is nothing to find.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Apostrophes that are written before a cell so that it stays text, as keyboards and word processors have them.
fn is_apostrophe(character: char) -> bool {
    matches!(
        character,
        '\'' | '`'
            | '\u{b4}'
            | '\u{2b9}'
            | '\u{2bb}'
            | '\u{2bc}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201b}'
            | '\u{2032}'
            | '\u{ff07}'
    )
}

fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\u{ab}'
            | '\u{bb}'
            | '\u{201c}'
            | '\u{201d}'
            | '\u{201e}'
            | '\u{201f}'
            | '\u{2033}'
            | '\u{ff02}'
    )
}

/// Takes off one guard after the other, until none is left: they come one inside the other.
fn without_guards(text: &str) -> &str {
    let mut id = text.trim();
    loop {
        let next = without_guard(id);
        if next.len() == id.len() {
            return id;
        }
        id = next;
    }
}

fn without_guard(id: &str) -> &str {
    if let Some(rest) = id.strip_prefix(is_apostrophe) {
        return rest.strip_suffix(is_apostrophe).unwrap_or(rest).trim();
    }
    if let Some(inside) = id.strip_prefix(is_quote).and_then(|rest| rest.strip_suffix(is_quote)) {
        return inside.trim();
    }
    let Some(formula) = id.strip_prefix(['=', '\u{ff1d}']).map(str::trim_start) else { return id };
    if formula.starts_with(is_quote) || formula.starts_with(is_apostrophe) {
        return formula;
    }
    // T("…") is the formula of a text.
    let text = formula.strip_prefix(['T', 't']).map(str::trim_start);
    if let Some(inside) = text.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')')) {
        return inside.trim();
    }
    // Any other formula is left alone: what it gives stands in the spreadsheet only.
    if is_number(formula) || is_plain(formula) { formula } else { id }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
}

/// `1001.0` is 1001, as programs write a whole number that went through a column of decimals. `1.000` can be a thousand.
fn without_decimals(id: &str) -> &str {
    let Some((whole, decimals)) = id.split_once(['.', ',']) else { return id };
    let zeros = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    let digits = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = decimals.len() == 3 && whole.len() <= 3;
    if zeros && digits && !thousands { whole } else { id }
}

/// `####` where the column was too narrow, and the error values of spreadsheets, in any language: `#REF!`, `#N/A`, `#NV`.
fn is_spoilt(id: &str) -> bool {
    let Some(rest) = id.strip_prefix('#') else { return false };
    let error = rest.ends_with(['!', '?']) || matches!(rest, "N/A" | "NV" | "N/D" | "NA" | "NULL");
    error || (!rest.is_empty() && rest.bytes().all(|byte| byte == b'#'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::external_id_clean(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn guards_go() {
        for (given, wanted) in [
            ("V-1001", "V-1001"),
            ("00123", "00123"),
            ("'00123", "00123"),
            ("'00123'", "00123"),
            ("\u{2019}00123", "00123"),
            ("\u{2018}00123\u{2019}", "00123"),
            ("`00123", "00123"),
            ("\u{ff07}00123", "00123"),
            ("''00123", "00123"),
            ("=\"00124\"", "00124"),
            ("=\u{201c}00124\u{201d}", "00124"),
            ("= \"00124\"", "00124"),
            ("'=\"00124\"", "00124"),
            ("\"=\"\"00124\"\"\"", "00124"),
            ("=T(\"00124\")", "00124"),
            ("=00126", "00126"),
            ("=A-17", "A-17"),
            ("\u{1f}00125", "00125"),
            ("\u{a0}00125\u{200b} ", "00125"),
            ("\"00124\"", "00124"),
            ("1001.0", "1001"),
            ("1001.00", "1001"),
            ("1001,0", "1001"),
            ("00123.0", "00123"),
            ("'1001.0", "1001"),
            ("1001.000", "1001"),
        ] {
            assert_eq!(clean(given).as_deref(), Some(wanted), "{given:?}");
        }
    }

    #[test]
    fn ids_stay() {
        for id in [
            "V 1001",
            "a.b",
            "1.2.0",
            "1.000",
            "12,000",
            "1001.5",
            ".0",
            "0.",
            "A1.0",
            "O'Brien",
            "x'",
            "user@example.org",
            "https://example.org/1",
            "12E5",
            "#17",
            "=A1+B2",
            "=HYPERLINK(\"x\",\"y\")",
            "{0F-1}",
            "99/2024",
            "\u{e9}tude-1",
        ] {
            assert_eq!(clean(id).as_deref(), Some(id), "{id:?}");
        }
    }

    #[test]
    fn what_is_spoilt_is_no_id() {
        for text in [
            "1.00123E+12",
            "1,00123E+12",
            "'1.00123E+12",
            "=\"1.00123E+12\"",
            "1E+12",
            "####",
            "########",
            "#REF!",
            "#N/A",
            "#NAME?",
            "#NV",
            "'",
            "=\"\"",
            "\"\"",
            "''",
            "",
            "  ",
        ] {
            assert_eq!(clean(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            if let Some(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Some(once.clone()));
            }
        }

        #[test]
        fn ids_of_sources_stay(id in "[A-Za-z]{1,4}[-_ ./#:]?[0-9]{1,9}[A-Z]{0,3}|[0-9]{1,18}|00[13][0-9A-Za-z]{12,15}|[0-9]{2}\\.[1-9][0-9]{0,3}") {
            prop_assert_eq!(clean(&id), Some(id.clone()));
        }

        #[test]
        fn any_guard_around_an_id_goes(
            id in "0{0,4}[1-9][0-9]{0,8}",
            before in prop::sample::select(vec!["'", "\u{2019}", "=\"", "=", "'=\"", "\"", " '", "\u{a0}", "\u{1f}"]),
            decimals in prop::sample::select(vec!["", ".0", ".00", ",0"]),
        ) {
            let behind = if before.ends_with('"') { "\"" } else { "" };
            prop_assert_eq!(clean(&format!("{before}{id}{decimals}{behind}")), Some(id));
        }
    }
}
