//! `phone_region`: where a telephone number is at home.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use super::arguments::{evaluate_text, text_signature};
use super::phone_cell::{is_plain, read_cell};
use super::phone_number::parse;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The country of a telephone number in international form (beginning with + or 00), as an ISO 3166 two-letter code. NULL when the number is not valid or belongs to no country."#,
    syntax_example = "phone_region(text)",
    sql_example = r#"```sql
> SELECT phone_region('+493012345678');
DE
```"#,
    argument(name = "text", description = "A telephone number in international form."),
    related_udf(name = "phone_e164")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneRegion;

scalar_function!(PhoneRegion, "phone_region", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, phone_region)
});

/// The country of an international number; `None` for an invalid one.
pub(super) fn phone_region<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let number = if is_plain(text) {
        parse(text, None)?
    } else {
        parse(read_cell(text, None).numbers.first()?, None)?
    };
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number)?;
    if region == Region::World {
        return None;
    }
    buffer.clear();
    buffer.push_str(&region.as_region_str());
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn region(text: &str) -> Option<String> {
        super::phone_region(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn names_the_country() {
        for (given, wanted) in [
            ("+49 30 12345678", Some("DE")),
            ("0049 30 12345678", Some("DE")),
            ("+1 212 555 2368", Some("US")),
            ("+1 416 555 2368", Some("CA")),
            ("+33 1 42 68 53 00", Some("FR")),
            ("+800 1234 5678", None),
            ("030 12345678", None),
            ("", None),
        ] {
            assert_eq!(region(given).as_deref(), wanted, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), digits in "\\+?[0-9 ]{0,20}") {
            region(&text);
            region(&digits);
        }
    }
}
