//! `email_key`: what two spellings of one mailbox have in common.
//!
//! Dots stay: only some providers ignore them, and a key that joins two people is worse than one that does not.

use std::borrow::Cow;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::email_clean::email_clean;
use super::is_email::is_address;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The key by which e-mail addresses are matched: cleaned as by `email_clean`, in lower case, without a plus tag (`a+b@c.de` gives `a@c.de`; a local part is never emptied), `googlemail.com` as `gmail.com`, an international domain in its ASCII form. NULL unless `is_email`."#,
    syntax_example = "email_key(text)",
    sql_example = r#"```sql
> SELECT email_key(' Jane+News@GMail.com ');
jane@gmail.com
```"#,
    argument(name = "text", description = "An e-mail address."),
    related_udf(name = "email_clean"),
    related_udf(name = "is_email")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailKey;

scalar_function!(EmailKey, "email_key", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, email_key)
});

/// The name that one provider has in some countries: the same mailboxes.
const GOOGLEMAIL: &str = "googlemail.com";

/// The match key of an address; `None` when it is none.
pub(super) fn email_key<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let mut cleaned = String::new();
    let address = email_clean(text, &mut cleaned)?;
    if !is_address(address) {
        return None;
    }
    let (local, domain) = address.rsplit_once('@')?;
    buffer.clear();
    push_lower_case(without_tag(local), buffer);
    buffer.push('@');
    let domain_at = buffer.len();
    push_lower_case(&ascii_domain(domain), buffer);
    if &buffer[domain_at..] == GOOGLEMAIL {
        buffer.truncate(domain_at);
        buffer.push_str("gmail.com");
    }
    Some(buffer)
}

/// A quoted local part may hold a plus sign that is not a tag; a leading one is a name; nothing may end in a dot.
fn without_tag(local: &str) -> &str {
    match local.split_once('+') {
        Some((mailbox, _)) if !mailbox.is_empty() && !mailbox.ends_with('.') && !local.starts_with('"') => {
            mailbox
        }
        _ => local,
    }
}

/// `müller.de` and `xn--mller-kva.de` are one domain. What cannot be encoded stays as it is.
fn ascii_domain(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() {
        return Cow::Borrowed(domain);
    }
    idna::domain_to_ascii(domain).map_or(Cow::Borrowed(domain), Cow::Owned)
}

fn push_lower_case(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        super::email_key(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn joins_spellings_of_one_mailbox() {
        for (given, wanted) in [
            ("jane@gmail.com", Some("jane@gmail.com")),
            (" JANE@GMAIL.COM ", Some("jane@gmail.com")),
            ("<Jane+news+2@gmail.com>", Some("jane@gmail.com")),
            ("+tag@gmail.com", Some("+tag@gmail.com")),
            ("\"a+b\"@gmail.com", Some("\"a+b\"@gmail.com")),
            ("j.ane@gmail.com", Some("j.ane@gmail.com")),
            ("jane@M\u{fc}ller.de", Some("jane@xn--mller-kva.de")),
            ("\u{c4}nne@x.de", Some("\u{e4}nne@x.de")),
            ("jane@gmail,com", Some("jane@gmail.com")),
            ("jane doe@gmail.com", None),
            ("Jane+x@GoogleMail.com", Some("jane@gmail.com")),
            ("jane@googlemail.com.example.org", Some("jane@googlemail.com.example.org")),
            ("jane@xgooglemail.com", Some("jane@xgooglemail.com")),
            ("jane", None),
            ("", None),
        ] {
            assert_eq!(key(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            key(&text);
        }

        #[test]
        fn a_key_is_its_own_key(local in "[A-Za-z.+]{1,9}", domain in "[A-Za-z]{1,6}\\.[a-z]{2,3}") {
            if let Some(once) = key(&format!("{local}@{domain}")) {
                prop_assert_eq!(key(&once), Some(once.clone()));
            }
        }
    }
}
