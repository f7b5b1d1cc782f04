//! `phone_e164`: a telephone number as people write it, in the one form that can be compared and dialled.
//!
//! The rules are libphonenumber's. North American numbers in their usual spelling skip its parser, see `phone_number`;
//! whatever is not plainly one number goes the careful way, see `phone_cell`.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use rlibphonenumber::Region;

use super::arguments::{evaluate, text_signature, texts};
use super::phone_cell::{is_plain, read_cell};
use super::phone_number::{e164, nanp, parse, region_of};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The telephone number in E.164 form, such as `+493012345678`. `region` is the country the number is written for, as an ISO 3166 two-letter code (see `country_code`); without a region only numbers that begin with + or 00 can be read. Digits that begin with the code of their own country, without the zero of its national numbers, are read as if a + stood before them. Letters are never digits, except behind a toll-free prefix (`1-800-FLOWERS`); a cell with masks, or with letters that touch the digits, is no number. Of several numbers the first is taken; extensions and words beside it are left out: see `phone_note`. A number that the words beside it call a fax or wrong is not taken. NULL when there is no valid number."#,
    syntax_example = "phone_e164(text, region)",
    sql_example = r#"```sql
> SELECT phone_e164('(212) 555-2368 ext. 7', 'US'), phone_e164('030 12345678', 'DE');
+12125552368  +493012345678
```"#,
    argument(name = "text", description = "The text of a cell with a telephone number."),
    argument(name = "region", description = "The two-letter code of its country; NULL when unknown."),
    related_udf(name = "phone_note"),
    related_udf(name = "phone_further"),
    related_udf(name = "phone_region"),
    related_udf(name = "country_code")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneE164;

scalar_function!(PhoneE164, "phone_e164", text_signature(2), DataType::Utf8View, lenient, |name, args| {
    evaluate(name, &args, |[text, region], rows| {
        Ok(texts(rows, |row, buffer| {
            let region = region.get(row).and_then(region_of);
            text.get(row).is_some_and(|text| phone_e164(text, region, buffer))
        }))
    })
});

/// Writes the first valid number of a cell in E.164 form to the buffer; `false` when it holds none.
pub(super) fn phone_e164(text: &str, region: Option<Region>, buffer: &mut String) -> bool {
    match plain_number(text, region, buffer) {
        Some(valid) => valid,
        None => {
            buffer.clear();
            let cell = read_cell(text, region);
            cell.numbers.first().map(|number| buffer.push_str(number)).is_some()
        }
    }
}

/// A number in a usual spelling: whether it is valid, with its E.164 form in the buffer. `None` for any other text.
pub(super) fn plain_number(text: &str, region: Option<Region>, buffer: &mut String) -> Option<bool> {
    buffer.clear();
    if let Some(valid) = nanp(text, region, buffer) {
        return Some(valid);
    }
    if !is_plain(text) {
        return None;
    }
    let number = parse(text, region);
    if let Some(number) = &number {
        buffer.push_str(&e164(number));
    }
    Some(number.is_some())
}

/// Calls `found` with every valid number of a cell.
pub(super) fn each_number(
    text: &str,
    region: Option<Region>,
    buffer: &mut String,
    mut found: impl FnMut(&str),
) {
    match plain_number(text, region, buffer) {
        Some(true) => found(buffer),
        Some(false) => {}
        None => read_cell(text, region).numbers.iter().for_each(|number| found(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn e164(text: &str, region: &str) -> Option<String> {
        let mut buffer = "left over".to_owned();
        phone_e164(text, region_of(region), &mut buffer).then_some(buffer)
    }

    #[test]
    fn reads_numbers_as_people_write_them() {
        for (text, region, wanted) in [
            ("(212) 555-2368", "US", Some("+12125552368")),
            ("212.555.2368", "us", Some("+12125552368")),
            ("1-212-555-2368", "US", Some("+12125552368")),
            ("+1 212 555 2368", "", Some("+12125552368")),
            ("(212) 555-2368 ext. 7", "US", Some("+12125552368")),
            ("212-555-2368 x7", "US", Some("+12125552368")),
            ("416 555 2368", "CA", Some("+14165552368")),
            ("030 12345678", "DE", Some("+493012345678")),
            ("+49 (0)30 12345678", "", Some("+493012345678")),
            ("0049 30 12345678", "DE", Some("+493012345678")),
            ("0049 30 12345678", "", Some("+493012345678")),
            ("011 49 30 12345678", "US", Some("+493012345678")),
            ("+33 1 42 68 53 00", "US", Some("+33142685300")),
            ("+86 10 6250 3000", "US", Some("+861062503000")),
            ("06 12345678", "IT", Some("+390612345678")),
            ("49 171 3920004", "DE", Some("+491713920004")),
            ("491713920004", "DE", Some("+491713920004")),
            ("49171/3920006", "DE", Some("+491713920006")),
            ("4917139200", "DE", Some("+494917139200")),
            ("Fax: 202-555-0158", "US", None),
            ("Fax 030 23125101; 030 23125102", "DE", Some("+493023125102")),
            ("tel:+49-30-12345678", "", Some("+493012345678")),
            ("030/12345678", "DE", Some("+493012345678")),
            ("030 12345678; 0171 3920001", "DE", Some("+493012345678")),
            ("202-555-XXXX", "US", None),
            ("202-555-HELP", "US", None),
            ("1-800-FLOWERS", "US", Some("+18003569377")),
            ("\u{ff0b}49 30 12345678", "", Some("+493012345678")),
            ("030 12345678", "", None),
            ("030 12345678", "ZZ", None),
            ("555-2368", "US", None),
            ("030 23125151", "US", None),
            ("07700 900123", "US", None),
            ("00000000000", "US", None),
            ("0 202 555 0143", "US", None),
            ("+02025550143", "US", None),
            ("99999999999", "US", None),
            ("112 555 2368", "US", None),
            ("+1 999 999 9999", "", None),
            ("12345", "DE", None),
            ("no number", "DE", None),
            ("", "DE", None),
            ("+", "", None),
            ("00", "", None),
        ] {
            assert_eq!(e164(text, region).as_deref(), wanted, "{text:?} {region:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), region in any::<String>(), close in "[+0-9() a-z/;=.-]{0,30}") {
            e164(&text, &region);
            e164(&close, "DE");
        }

        #[test]
        fn valid_numbers_stay_as_they_are(digits in "\\+(1|49|33|44|39|34)[1-9][0-9]{7,9}") {
            if let Some(once) = e164(&digits, "") {
                prop_assert_eq!(e164(&once, ""), Some(once.clone()));
                prop_assert_eq!(e164(&once, "US"), Some(once.clone()));
            }
        }
    }
}
