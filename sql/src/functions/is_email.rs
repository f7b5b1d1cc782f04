//! `is_email`: is this one well-formed address?
//!
//! The grammar is the `email_address` crate's, which follows the RFCs. On top of it the domain must look like one that
//! mail can be sent to: letters, digits and hyphens, at least two labels, the last of them without digits. A mailbox whose
//! letters are hidden (`j***n`, `XXXX`) is none.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use email_address::{EmailAddress, Options};

use super::arguments::{evaluate_boolean, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True when the text is one well-formed e-mail address with a full domain name; no display name, no address literal, no mask (`j***n@…`, `XXXX@…`), no blanks around it (see `email_clean`). It says nothing about whether the mailbox exists."#,
    syntax_example = "is_email(text)",
    sql_example = r#"```sql
> SELECT is_email('jane@gmail.com'), is_email('user@gmail,com');
true  false
```"#,
    argument(name = "text", description = "An e-mail address."),
    related_udf(name = "email_clean")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct IsEmail;

scalar_function!(IsEmail, "is_email", text_signature(1), DataType::Boolean, strict, |name, args| {
    evaluate_boolean(name, &args, is_email)
});

const OPTIONS: Options =
    Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };

/// Whether the text is one well-formed address.
fn is_email(text: &str) -> Option<bool> {
    Some(is_address(text))
}

/// Whether the text is one well-formed address.
pub(super) fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| is_domain(domain) && !is_masked(local))
        && EmailAddress::parse_with_options(text, OPTIONS).is_ok()
}

/// Whether signs stand for letters in the part before the `@`: `a****`, `j***n`, `x*x`, `XXXX`. The grammar allows them.
pub(super) fn is_masked(local: &str) -> bool {
    const SHORTEST: usize = 3;

    let crosses = local.bytes().filter(|byte| matches!(byte, b'x' | b'X')).count();
    local.contains(['*', '\u{2022}', '\u{2026}'])
        || local.contains("##")
        || local.contains("??")
        || crosses >= SHORTEST && local.bytes().all(|byte| b"xX._-".contains(&byte))
}

fn is_domain(domain: &str) -> bool {
    let labels_are_plain = domain.chars().all(|character| match character {
        '-' | '.' => true,
        character if character.is_ascii() => character.is_ascii_alphanumeric(),
        // Marks follow the letters of many scripts.
        character => !character.is_whitespace() && !character.is_control(),
    });
    labels_are_plain && domain.contains('.') && !has_digits_at_end(domain)
}

/// Whether the last label of a domain has a digit in it: `example.c0m`. No such domain exists but those in ASCII form.
pub(super) fn has_digits_at_end(domain: &str) -> bool {
    let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
    let in_ascii_form = top.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    top.is_empty() || top.bytes().any(|byte| byte.is_ascii_digit()) && !in_ascii_form
}

#[cfg(test)]
mod tests {
    use super::is_address;
    use proptest::prelude::*;

    #[test]
    fn accepts_addresses_and_nothing_else() {
        for good in [
            "jane@gmail.com",
            "Jane.Doe+news@mail.example.co.uk",
            "o'neill@x.ie",
            "\"jane doe\"@x.de",
            "jane@m\u{fc}ller.de",
            "j@xn--mller-kva.de",
            "x@example.org",
            "xx@example.org",
            "maxxx@example.org",
            "xxx.berg@example.org",
            "o#neill@example.org",
            "x@example.xn--p1ai",
            "x@24.de",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "user@gmail,com",
            "a b@c.de",
            "x@y.",
            "@x.de",
            "test@",
            "l@.com",
            "x@y",
            "x@y..de",
            "x@@y.de",
            "x@y.de,z@y.de",
            ".x@y.de",
            "x.@y.de",
            "x..y@z.de",
            "x@-y.de",
            "x@y-.de",
            "x@[127.0.0.1]",
            "Jane <x@y.de>",
            "<x@y.de>",
            " x@y.de",
            "x@y.de ",
            "x@1.2",
            "ann46@example.c0m",
            "x@example.org1",
            "x@y_z.de",
            "x@a$b.com",
            "a****@x.example",
            "XXXX@x.example",
            "xxx@x.example",
            "XXX.XXXX@x.example",
            "j***n@example.org",
            "x*x@example.org",
            "j\u{2022}\u{2022}n@example.org",
            "an##@example.org",
            "",
            "@",
            "jane",
            "jane.x.de",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            is_address(&text);
        }

        #[test]
        fn addresses_are_accepted(text in "[a-wyz0-9]{1,9}(\\.[a-z0-9]{1,5})?(\\+[a-z]{1,4})?@[a-z]{2,9}\\.[a-z]{2,4}") {
            prop_assert!(is_address(&text));
        }
    }
}
