//! `email_clean`: an e-mail address as people and programs wrap it, unwrapped.
//!
//! Only what is surely not part of the address goes: it repairs nothing, so a typo stays a typo that `is_email` can see.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::clean_text::clean_text;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Unwraps an e-mail address: trims, removes invisible characters, surrounding angle brackets (with a display name before them, if any) and `mailto:`, applies Unicode NFC and writes the domain in lower case. The local part keeps its case. Nothing is invented: a wrong address stays wrong. NULL when nothing is left."#,
    syntax_example = "email_clean(text)",
    sql_example = r#"```sql
> SELECT email_clean(' <mailto:Jane.Doe@GMail.com> ');
Jane.Doe@gmail.com
```"#,
    argument(name = "text", description = "An e-mail address."),
    related_udf(name = "is_email"),
    related_udf(name = "email_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailClean {
    signature: Signature,
}

impl EmailClean {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(1) }
    }
}

impl ScalarUDFImpl for EmailClean {
    fn name(&self) -> &str {
        "email_clean"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate_text(self.name(), &args, email_clean)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

const SCHEME: &str = "mailto:";

/// Unwraps an address; `None` when nothing is left.
pub(super) fn email_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if is_clean(text) {
        return Some(text);
    }
    let mut evened = String::new();
    let address = unwrap(clean_text(text, &mut evened)?);
    buffer.clear();
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            buffer.push_str(local);
            buffer.push('@');
            buffer.extend(domain.chars().flat_map(char::to_lowercase));
        }
        None => buffer.push_str(address),
    }
    (!buffer.is_empty()).then_some(buffer.as_str())
}

/// Brackets may hold the scheme and the scheme may hold brackets, so both are tried until neither applies.
fn unwrap(mut address: &str) -> &str {
    loop {
        let before = address.len();
        if let Some((name, rest)) = address.split_once('<')
            && let Some(inner) = rest.strip_suffix('>')
            && !inner.contains(['<', '>'])
            && !name.contains('@')
        {
            address = inner.trim();
        }
        if let Some(scheme) = address.get(..SCHEME.len())
            && scheme.eq_ignore_ascii_case(SCHEME)
        {
            let rest = &address[SCHEME.len()..];
            // `?subject=` and the like belong to the link, not to the address.
            address = rest.split_once('?').map_or(rest, |(address, _)| address).trim();
        }
        if address.len() == before {
            return address;
        }
    }
}

/// True for the usual address that needs nothing done: it is then not copied.
fn is_clean(text: &str) -> bool {
    let Some(at) = text.bytes().rposition(|byte| byte == b'@') else {
        return false;
    };
    let bytes = text.as_bytes();
    bytes[..at].iter().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(byte))
        && bytes[at..].iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'@'))
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
            ("user@gmail,com", Some("user@gmail,com")),
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
