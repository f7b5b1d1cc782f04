//! `uuid_clean`: identifiers of 128 bits, in one spelling.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"A UUID in its usual spelling: 32 hexadecimal digits in small letters, in five groups. Read with or without hyphens, in braces, or behind `urn:uuid:`. NULL for what is none."#,
    syntax_example = "uuid_clean(text)",
    sql_example = r#"```sql
> SELECT uuid_clean('{F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6}');
f81d4fae-7dec-11d0-a765-00a0c91e6bf6
```"#,
    argument(name = "text", description = "The text.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct UuidClean;

scalar_function!(UuidClean, "uuid_clean", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, uuid_clean)
});

const DIGITS: usize = 32;
/// Where the usual spelling has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

pub(super) fn uuid_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let text = text.trim();
    if is_usual(text) {
        return Some(text);
    }
    let bare = match text.get(..9) {
        Some(head) if head.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        _ => match text.strip_prefix('{') {
            Some(inner) => inner.strip_suffix('}')?,
            None => text,
        },
    };
    let hyphened = bare.len() == DIGITS + HYPHENS.len();
    if !hyphened && bare.len() != DIGITS {
        return None;
    }
    buffer.clear();
    for (place, byte) in bare.bytes().enumerate() {
        if hyphened && HYPHENS.contains(&place) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        if !byte.is_ascii_hexdigit() {
            return None;
        }
        if HYPHENS.contains(&buffer.len()) {
            buffer.push('-');
        }
        buffer.push(char::from(byte.to_ascii_lowercase()));
    }
    Some(buffer)
}

fn is_usual(text: &str) -> bool {
    text.len() == DIGITS + HYPHENS.len()
        && text.bytes().enumerate().all(|(place, byte)| match HYPHENS.contains(&place) {
            true => byte == b'-',
            false => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::uuid_clean(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    const USUAL: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

    #[test]
    fn one_spelling_for_one_identifier() {
        for text in [
            USUAL,
            " F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6 ",
            "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
            "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
            "f81d4fae7dec11d0a76500a0c91e6bf6",
            "{F81D4FAE7DEC11D0A76500A0C91E6BF6}",
        ] {
            assert_eq!(clean(text).as_deref(), Some(USUAL), "{text:?}");
        }
    }

    #[test]
    fn near_misses_are_none() {
        for text in [
            "",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf66",
            "g81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "f81d4fae7-dec-11d0-a765-00a0c91e6bf6",
            "f81d4fae_7dec_11d0_a765_00a0c91e6bf6",
            "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
            "urn:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "ä81d4fae-7dec-11d0-a765-00a0c91e6bf",
            "12345",
        ] {
            assert_eq!(clean(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn digits_come_back(digits in "[0-9a-fA-F]{32}") {
            let usual = clean(&digits).expect("an identifier");
            prop_assert_eq!(usual.replace('-', ""), digits.to_lowercase());
            prop_assert_eq!(clean(&usual), Some(usual.clone()));
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "[{u]?[0-9a-fäg-]{28,40}}?") {
            clean(&text);
            clean(&close);
        }
    }
}
