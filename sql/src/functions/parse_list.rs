//! `parse_list`: several values in one cell.

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Splits a cell into its values at commas, semicolons, vertical bars and line breaks. Values are trimmed, empty ones dropped. A value in double quotes may hold separators; a doubled quote inside it stands for one. NULL when there is no value."#,
    syntax_example = "parse_list(text)",
    sql_example = r#"```sql
> SELECT parse_list('a@x.de; b@x.de');
[a@x.de, b@x.de]
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ParseList;

scalar_function!(
    ParseList,
    "parse_list",
    text_signature(1),
    DataType::new_list(DataType::Utf8, true),
    strict,
    |name, args| {
        evaluate(name, &args, |[text], rows| {
            let mut lists = ListBuilder::with_capacity(StringBuilder::new(), rows);
            for row in 0..rows {
                let mut found = false;
                if let Some(text) = text.get(row) {
                    parse_list(text, |value| {
                        found = true;
                        lists.values().append_value(value);
                    });
                }
                lists.append(found);
            }
            Ok(Arc::new(lists.finish()) as ArrayRef)
        })
    }
);

/// Calls `found` with every value of a cell, in order.
pub(super) fn parse_list(text: &str, mut found: impl FnMut(&str)) {
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.trim_start();
        if let Some((value, behind)) = quoted(start) {
            let value = value.replace("\"\"", "\"");
            let value = value.trim();
            if !value.is_empty() {
                found(value);
            }
            rest = behind;
            continue;
        }
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let value = rest[..end].trim();
        if !value.is_empty() {
            found(value);
        }
        // Separators are one byte each.
        rest = rest.get(end + 1..).unwrap_or_default();
    }
}

/// Adds a value to a list that is shown to people.
pub(super) fn push_item(out: &mut String, value: &str) {
    if !out.is_empty() {
        out.push_str(", ");
    }
    out.push_str(value);
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';' | '|' | '\n' | '\r')
}

/// A value in quotes and what is behind its separator; `None` when the quotes do not enclose a whole value.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let quote = from + inner[from..].find('"')?;
        let behind = &inner[quote + 1..];
        if behind.starts_with('"') {
            from = quote + 2;
            continue;
        }
        let behind = behind.trim_start_matches([' ', '\t']);
        return match behind.chars().next() {
            None => Some((&inner[..quote], "")),
            Some(next) if is_separator(next) => Some((&inner[..quote], &behind[1..])),
            Some(_) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn list(text: &str) -> Vec<String> {
        let mut values = Vec::new();
        super::parse_list(text, |value| values.push(value.to_owned()));
        values
    }

    #[test]
    fn splits_trims_and_drops_the_empty() {
        for (given, wanted) in [
            ("a", vec!["a"]),
            ("a,b;c|d\ne", vec!["a", "b", "c", "d", "e"]),
            (" a ;; b\r\n", vec!["a", "b"]),
            ("\"a, b\"; c", vec!["a, b", "c"]),
            ("\"say \"\"hi\"\"\",x", vec!["say \"hi\"", "x"]),
            ("\"open, c", vec!["\"open", "c"]),
            ("\"a\" b, c", vec!["\"a\" b", "c"]),
            ("5\" pipe, c", vec!["5\" pipe", "c"]),
            ("\"\", \" \"", vec![]),
            (",;|", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(list(given), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn values_come_back_from_quotes(values in prop::collection::vec("[a-z,;|\" ]{0,6}[a-z]", 0..4)) {
            let cell: Vec<_> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            let trimmed: Vec<_> = values.iter().map(|value| value.trim().to_owned()).collect();
            prop_assert_eq!(list(&cell.join(";")), trimmed);
        }

        #[test]
        fn never_panics(text in any::<String>(), marks in "[\",; a]{0,12}") {
            list(&text);
            list(&marks);
        }
    }
}
