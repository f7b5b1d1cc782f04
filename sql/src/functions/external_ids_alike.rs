//! `external_ids_alike`: two ids that may be one id in two spellings.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{booleans, evaluate, text_signature};
use super::external_id_form::{SHORT, external_id_form, is_short, kept, long_parts, number_at_end, written};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Whether two external ids differ, and only by zeros in front (of them, or of the number at their end, unless it is a decimal: `F-7`, `F-007`), case, `.0` at the end, a number sign in front (`#`, `No.`, `Nr.`), commas between thousands, digits of another script, or as the 15- and the 18-character form of a Salesforce id. In the 15-character form case counts, unless one of the two has lost it altogether."#,
    syntax_example = "external_ids_alike(a, b)",
    sql_example = r#"```sql
> SELECT external_ids_alike('000101', '101');
true
```"#,
    argument(name = "a", description = "An external id."),
    argument(name = "b", description = "Another one of the same namespace."),
    related_udf(name = "external_id_form")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ExternalIdsAlike;

scalar_function!(
    ExternalIdsAlike,
    "external_ids_alike",
    text_signature(2),
    DataType::Boolean,
    strict,
    |name, args| {
        evaluate(name, &args, |[a, b], rows| {
            let (mut form_a, mut form_b) = (String::new(), String::new());
            Ok(booleans(rows, |row| Some(alike(a.get(row)?, b.get(row)?, &mut form_a, &mut form_b))))
        })
    }
);

fn alike(a: &str, b: &str, form_a: &mut String, form_b: &mut String) -> bool {
    if a == b {
        return false;
    }
    let (a, b) = (written(a), written(b));
    let (a, b) = (a.as_ref(), b.as_ref());
    if a == b {
        return true;
    }
    if external_id_form(a, form_a) != external_id_form(b, form_b) || other_number(kept(a), kept(b)) {
        return false;
    }
    match (long_parts(a), long_parts(b)) {
        (Some((_, a)), Some((_, b))) => a.eq_ignore_ascii_case(b),
        (Some((short, tail)), None) => is_long_of(short, tail, b),
        (None, Some((short, tail))) => is_long_of(short, tail, a),
        (None, None) => !(is_short(a) && is_short(b)) || is_folded(a) || is_folded(b),
    }
}

/// Zeros behind a point count: 1.05 is not 1.5. And an id of zeros is more than none: A-0 is not A-.
fn other_number(a: &str, b: &str) -> bool {
    let ((prefix_a, a), (_, b)) = (number_at_end(a), number_at_end(b));
    a != b && (prefix_a.ends_with(['.', ',']) || a.is_empty() || b.is_empty())
}

/// Whether the 18-character form, in its two parts, may be made from these 15 characters.
fn is_long_of(short: &str, tail: &str, id: &str) -> bool {
    short == id
        || is_folded(id)
        || (is_folded(short) && capitals(tail).is_none_or(|set| set == capitals_of(id)))
}

/// An id in capitals only, or in small letters only, has lost its case on the way, or never had any.
fn is_folded(id: &str) -> bool {
    !id.bytes().any(|byte| byte.is_ascii_lowercase()) || !id.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Which of the 15 characters are capitals, one bit each, as the last three say: five bits in each, the first one lowest.
fn capitals(tail: &str) -> Option<u32> {
    tail.bytes().enumerate().try_fold(0, |set, (n, byte)| {
        let five = match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'0'..=b'5' => digit - b'0' + 26,
            _ => return None,
        };
        Some(set | u32::from(five) << (5 * n))
    })
}

fn capitals_of(id: &str) -> u32 {
    let bits = id.bytes().take(SHORT).enumerate();
    bits.fold(0, |set, (n, byte)| set | u32::from(byte.is_ascii_uppercase()) << n)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn alike(a: &str, b: &str) -> bool {
        super::alike(a, b, &mut "left".to_owned(), &mut "over".to_owned())
    }

    #[test]
    fn spellings_of_one_id() {
        for (a, b) in [
            ("000101", "101"),
            ("v-1001", "V-1001"),
            ("1001.0", "1001"),
            ("F-7", "F-007"),
            ("ACME-0012", "ACME-12"),
            ("acme12", "ACME0012"),
            ("2024-1", "2024-01"),
            ("0001001.0", "1001"),
            ("#1007", "1007"),
            ("1007", "No. 1007"),
            ("#1007", "nr.1007"),
            ("N\u{b0} 1007", "No 1007"),
            ("\u{2116}1007", "1007"),
            ("#007", "7"),
            ("1,002", "1002"),
            ("\u{ff11}\u{ff10}\u{ff10}\u{ff18}", "1008"),
            ("001D000000IRt53", "001D000000IRt53IAD"),
            ("001D000000IRt53", "001D000000IRt53AAA"),
            ("001D000000IRt53IAD", "001d000000irt53iad"),
            ("001D000000IRt53", "001d000000irt53"),
            ("001D000000IRt53", "001D000000IRT53"),
            ("001D000000IRt53", "001d000000irt53iad"),
        ] {
            assert!(alike(a, b) && alike(b, a), "{a} {b}");
        }
    }

    #[test]
    fn two_ids() {
        for (a, b) in [
            ("101", "101"),
            ("101", "1010"),
            ("A-10", "A-100"),
            ("A-0", "A-"),
            ("A", "A00"),
            ("1.05", "1.5"),
            ("A-1-B", "A-01-B"),
            ("101", "102"),
            ("10.10", "10.1"),
            ("1,02", "102"),
            ("1,002", "1.002"),
            ("#1007", "#1008"),
            ("No. 1007", "#1008"),
            ("no.reply", "reply"),
            ("NO7", "7"),
            ("North 7", "7"),
            ("001D000000IRt53", "001D000000IrT53"),
            ("001D000000IRt53IAD", "001D000000IrT53"),
            ("001D000000IRt53IAD", "001D000000IRt54IAD"),
            ("001d000000irt53iad", "001D000000IrT53"),
        ] {
            assert!(!alike(a, b) && !alike(b, a), "{a} {b}");
        }
    }

    /// The 18-character form of 15 characters.
    fn long(id: &str) -> String {
        let set = super::capitals_of(id);
        let letter = |n: u32| {
            let five = u8::try_from(set >> (5 * n) & 31).unwrap();
            char::from(if five < 26 { b'A' + five } else { b'0' + five - 26 })
        };
        format!("{id}{}{}{}", letter(0), letter(1), letter(2))
    }

    #[test]
    fn the_known_long_form() {
        assert_eq!(long("001D000000IRt53"), "001D000000IRt53IAD");
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            alike(&a, &b);
        }

        #[test]
        fn only_the_own_long_form_is_alike(id in "00[13Q][0-9a-zA-Z]{2}0[0-9A-Za-z]{9}", other in "00[13Q][0-9a-zA-Z]{2}0[0-9A-Za-z]{9}") {
            let all = long(&id);
            if super::long_parts(&all).is_some() {
                prop_assert!(alike(&id, &all));
                prop_assert!(alike(&id, &all.to_lowercase()));
                prop_assert_eq!(alike(&other, &all), other == id);
            }
        }

        #[test]
        fn ids_that_count_up_are_never_alike(first in 1_u64..1_000_000_000, step in 1_u64..1000) {
            prop_assert!(!alike(&first.to_string(), &(first + step).to_string()));
            let (one, other) = (format!("{first:012}"), format!("{:012}", first + step));
            prop_assert!(!alike(&one, &other));
        }
    }
}
