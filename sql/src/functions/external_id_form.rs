//! `external_id_form`: what spellings of one external id have in common.
//!
//! The store finds ids by the same form, with an expression of its own (`sql/store/<dialect>/id_form.sql`): it can tell no
//! more than ASCII letters from each other, so neither does this. Spellings that it does not know (`1,002`, digits of
//! other scripts) have the form of the plain id, so a known plain id is found by them, and not the other way round.

use std::borrow::Cow;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::contact_text::plain_digits;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What spellings of one external id have in common: small letters, no zeros in front of it or of the number at its end (`F-007`), no `.0` at the end, no number sign in front of it (`#`, and before a digit `No.`, `Nr.`, `No 7`, `N°`, `N.º` and `№`; `NO7` has none), no commas between thousands, digits of any script as ASCII, and of an 18-character Salesforce id the 15 characters that it was made from. Ids of one form need not be one id: see `external_ids_alike`."#,
    syntax_example = "external_id_form(text)",
    sql_example = r#"```sql
> SELECT external_id_form('000101');
101
```"#,
    argument(name = "text", description = "An external id."),
    related_udf(name = "external_id_clean"),
    related_udf(name = "external_ids_alike")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ExternalIdForm;

scalar_function!(
    ExternalIdForm,
    "external_id_form",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, external_id_form)
);

/// Characters of a Salesforce id whose case counts, and of one that says the case besides.
pub(super) const SHORT: usize = 15;
const LONG: usize = 18;
/// The place of a character that is zero in all of them.
const RESERVED: usize = 5;

/// The form of an id.
pub(super) fn external_id_form<'a>(id: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let plain = match written(id) {
        Cow::Borrowed(id) => return form_of(id, buffer),
        Cow::Owned(plain) => plain,
    };
    let mut scratch = String::new();
    let form = form_of(&plain, &mut scratch)?;
    buffer.clear();
    buffer.push_str(form);
    Some(buffer)
}

/// The id as a program would write it: no number sign in front, ASCII digits, no commas between thousands.
pub(super) fn written(id: &str) -> Cow<'_, str> {
    let bare = bare(id);
    if is_grouped(bare) {
        return Cow::Owned(bare.replace(',', ""));
    }
    plain_digits(bare)
}

/// The id without the sign that says that it is a number: `#1007`, `No. 1007`, `Nr 1007`, `N° 1007`, `№ 1007`.
fn bare(id: &str) -> &str {
    if let Some(rest) = id.strip_prefix('#') {
        let rest = rest.trim_start_matches(' ');
        return if rest.is_empty() { id } else { rest };
    }
    let number = behind_sign(id).map(|rest| rest.trim_start_matches(' '));
    number.filter(|number| number.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(id)
}

/// What stands behind a sign of letters. Something must part it from the number: `NO7` is an id like `AB7`.
fn behind_sign(id: &str) -> Option<&str> {
    if let Some(rest) = id.strip_prefix('\u{2116}') {
        return Some(rest);
    }
    let rest = id.strip_prefix(['N', 'n'])?;
    match rest.strip_prefix(['O', 'o', 'R', 'r']) {
        Some(rest) => rest.strip_prefix(['.', ' ']),
        None => rest.strip_prefix('.').unwrap_or(rest).strip_prefix(['\u{b0}', '\u{ba}']),
    }
}

/// `1,002`: one to three digits, then three each behind a comma.
fn is_grouped(id: &str) -> bool {
    let Some((first, rest)) = id.split_once(',') else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && rest.split(',').all(|three| three.len() == 3 && digits(three))
}

fn form_of<'a>(id: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let kept = kept(id);
    let (prefix, number) = number_at_end(kept);
    if !number.starts_with('0') && !kept.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(kept.trim_start_matches('0'));
    }
    buffer.clear();
    buffer.push_str(prefix.trim_start_matches('0'));
    buffer.push_str(number.trim_start_matches('0'));
    buffer.make_ascii_lowercase();
    Some(buffer)
}

/// The id without what may stand behind it: `.0`, the last three of 18 characters.
pub(super) fn kept(id: &str) -> &str {
    match id.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() => whole,
        _ => long_parts(id).map_or(id, |(short, _)| short),
    }
}

/// What stands before the digits at the end, and these.
pub(super) fn number_at_end(id: &str) -> (&str, &str) {
    id.split_at(id.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

/// The 15 characters of an 18-character Salesforce id, and the three that say which of them are capitals.
pub(super) fn long_parts(id: &str) -> Option<(&str, &str)> {
    let bytes = id.as_bytes();
    if bytes.len() != LONG || bytes[RESERVED] != b'0' || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let tail = &bytes[SHORT..];
    let in_alphabet = tail.iter().all(|byte| byte.is_ascii_alphabetic() || *byte <= b'5');
    // Numbers of 18 digits are none of them.
    (in_alphabet && tail.iter().any(u8::is_ascii_alphabetic)).then(|| id.split_at(SHORT))
}

/// Whether an id looks like the 15 characters that Salesforce shows people.
pub(super) fn is_short(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.len() == SHORT
        && bytes[RESERVED] == b'0'
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn form(id: &str) -> String {
        super::external_id_form(id, &mut "left over".to_owned()).map(str::to_owned).unwrap()
    }

    #[test]
    fn spellings_of_one_id_have_one_form() {
        for (given, wanted) in [
            ("101", "101"),
            ("000101", "101"),
            ("1001.0", "1001"),
            ("V-1001", "v-1001"),
            ("00A1", "a1"),
            ("F-007", "f-7"),
            ("F-7", "f-7"),
            ("acme0012", "acme12"),
            ("2024-007", "2024-7"),
            ("A0B7", "a0b7"),
            ("0A-007.0", "a-7"),
            ("a-00", "a-"),
            ("0", ""),
            (".0", "."),
            ("001D000000IRt53", "1d000000irt53"),
            ("001D000000IRt53IAD", "1d000000irt53"),
            ("001d000000irt53iad", "1d000000irt53"),
            ("100000000000000001", "100000000000000001"),
            ("ABCDEFGHIJKLMNOPQR", "abcdefghijklmnopqr"),
            ("\u{c9}A-1", "\u{c9}a-1"),
            ("#1007", "1007"),
            ("# 007", "7"),
            // The store takes spaces off, and nothing else.
            ("#\t007", "\t7"),
            ("#\u{a0}007", "\u{a0}7"),
            ("#", "#"),
            ("No. 1007", "1007"),
            ("nr.007", "7"),
            ("NR. 1,002", "1002"),
            ("no.reply", "no.reply"),
            ("No.  7", "7"),
            ("Nr 7", "7"),
            ("No 8", "8"),
            ("NO 08", "8"),
            ("N\u{b0} 9", "9"),
            ("n\u{b0}009", "9"),
            ("N\u{ba} 9", "9"),
            ("N.\u{ba} 9", "9"),
            ("N.\u{b0}9", "9"),
            ("\u{2116} 9", "9"),
            ("\u{2116}1,002", "1002"),
            ("NO7", "no7"),
            ("NR-7", "nr-7"),
            ("No", "no"),
            ("No x7", "no x7"),
            ("N.7", "n.7"),
            ("N\u{b0}", "n\u{b0}"),
            ("\u{2116}", "\u{2116}"),
            ("Nora 7", "nora 7"),
            ("North 7", "north 7"),
            ("1,002", "1002"),
            ("1,002,003", "1002003"),
            ("10,02", "10,2"),
            ("\u{ff11}\u{ff10}\u{ff10}\u{ff18}", "1008"),
        ] {
            assert_eq!(form(given), wanted, "{given}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(id in any::<String>()) {
            form(&id);
        }

        #[test]
        fn zeros_case_and_decimals_make_no_difference(prefix in "[A-Z]{0,2}[-/_]?", number in "[1-9][0-9]{0,8}", zeros in "0{0,5}", inner in "0{0,5}", decimals in "(\\.0)?") {
            let spelt = format!("{zeros}{}{inner}{number}{decimals}", prefix.to_lowercase());
            prop_assert_eq!(form(&spelt), form(&format!("{prefix}{number}")));
        }
    }
}
