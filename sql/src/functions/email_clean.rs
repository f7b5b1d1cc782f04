//! `email_clean`: an e-mail address as people and programs wrap it, unwrapped.
//!
//! What is surely not part of the address goes, and a slip with one meaning is mended; whatever could mean two things
//! stays, so that `is_email` can see it.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::clean_text::clean_text;
use super::email_cell::{is_plain, read_cell};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Unwraps an e-mail address: trims, removes invisible characters, surrounding angle brackets (with a display name before them, if any), quotes, `mailto:` and the guards of spreadsheets, applies Unicode NFC and writes the domain in lower case. The local part keeps its case. A slip that leaves one meaning only is mended: a full stop behind the address, a typographic apostrophe, a comma for a dot, blanks around @ and dots, `(at)`, the İ of Turkish capitals. Of several addresses the first is taken: see `email_further` and `email_note`. Text that is no address stays. NULL when nothing is left."#,
    syntax_example = "email_clean(text)",
    sql_example = r#"```sql
> SELECT email_clean(' <mailto:Jane.Doe@GMail.com> ');
Jane.Doe@gmail.com
```"#,
    argument(name = "text", description = "The text of a cell with an e-mail address."),
    related_udf(name = "is_email"),
    related_udf(name = "email_further"),
    related_udf(name = "email_note"),
    related_udf(name = "email_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailClean;

scalar_function!(EmailClean, "email_clean", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, email_clean)
});

/// The first address of a cell, or what is left of its text when it holds none; `None` when nothing is left.
pub(super) fn email_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if is_plain(text) {
        return Some(text);
    }
    if text.is_empty() {
        return None;
    }
    let cell = read_cell(text);
    buffer.clear();
    match cell.addresses.first() {
        Some(address) => buffer.push_str(address),
        None => {
            let mut evened = String::new();
            buffer.push_str(clean_text(&cell.text, &mut evened)?);
        }
    }
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::email_clean(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn unwraps_and_keeps_the_local_part() {
        for (given, wanted) in [
            ("jane@gmail.com", Some("jane@gmail.com")),
            (" Jane.Doe@GMAIL.com\t", Some("Jane.Doe@gmail.com")),
            ("<jane@x.de>", Some("jane@x.de")),
            ("mailto:jane@x.de", Some("jane@x.de")),
            ("MAILTO:<jane@X.de>", Some("jane@x.de")),
            ("<mailto:jane@x.de?subject=Hi>", Some("jane@x.de")),
            ("Jane Doe <jane@x.de>", Some("jane@x.de")),
            ("ja\u{200b}ne@x.de", Some("jane@x.de")),
            ("jane@M\u{dc}LLER.de", Some("jane@m\u{fc}ller.de")),
            ("user@gmail,com", Some("user@gmail.com")),
            ("a@x.de; b@x.de", Some("a@x.de")),
            ("lea  lux@Example.org", Some("lea lux@Example.org")),
            ("a b@c.de", Some("a b@c.de")),
            ("no address", Some("no address")),
            ("", None),
            ("  ", None),
            ("<>", None),
            ("mailto:", None),
        ] {
            assert_eq!(clean(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            clean(&text);
        }

        #[test]
        fn wrapping_is_undone(address in "[a-z]{1,8}@[a-z]{1,8}\\.[a-z]{2,3}", open in "(<|mailto:|<mailto:| )") {
            let close = if open.starts_with('<') { ">" } else { "" };
            prop_assert_eq!(clean(&format!("{open}{address}{close}")), Some(address));
        }
    }
}
