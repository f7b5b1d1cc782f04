//! `phone_e164`: a telephone number as people write it, in the one form that can be compared and dialled.
//!
//! The rules are libphonenumber's. North American numbers in their usual spelling skip its parser; see [`nanp_digits`].

use std::fmt::Write;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::arguments::{evaluate, text_signature, texts};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The telephone number in E.164 form, such as `+493012345678`. `region` is the country the number is written for, as an ISO 3166 two-letter code (see `country_code`); without a region only numbers that begin with + or 00 can be read. An extension is dropped. NULL when it is not a valid number."#,
    syntax_example = "phone_e164(text, region)",
    sql_example = r#"```sql
> SELECT phone_e164('(212) 555-2368 ext. 7', 'US'), phone_e164('030 12345678', 'DE');
+12125552368  +493012345678
```"#,
    argument(name = "text", description = "A telephone number."),
    argument(name = "region", description = "The two-letter code of its country; NULL when unknown."),
    related_udf(name = "phone_region"),
    related_udf(name = "country_code")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneE164 {
    signature: Signature,
}

impl PhoneE164 {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for PhoneE164 {
    fn name(&self) -> &str {
        "phone_e164"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[text, region], rows| {
            Ok(texts(rows, |row, buffer| {
                let region = region.get(row).and_then(region_of);
                text.get(row).is_some_and(|text| phone_e164(text, region, buffer))
            }))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// Longer texts are not telephone numbers; the limit keeps a hostile cell cheap.
const LONGEST_TEXT: usize = 250;

/// The calling code of the North American numbering plan.
const NANP: i32 = 1;

/// The region of a two-letter code in any case; `None` for an unknown one.
pub(super) fn region_of(code: &str) -> Option<Region> {
    let code: [u8; 2] = code.trim().as_bytes().try_into().ok()?;
    let code = code.map(|byte| byte.to_ascii_uppercase());
    Region::from_code(str::from_utf8(&code).ok()?).ok()
}

/// Writes a valid number in E.164 form to the buffer; `false` when it is not one.
pub(super) fn phone_e164(text: &str, region: Option<Region>, buffer: &mut String) -> bool {
    buffer.clear();
    if let Some(national_number) = nanp_digits(text, region) {
        let number = PhoneNumber { country_code: NANP, national_number, ..PhoneNumber::default() };
        // The United States come first in the library's own search, so a yes for them is a yes; it is one pass, not two.
        let valid = PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, Region::US)
            || PHONE_NUMBER_UTIL.is_valid_number(&number);
        // Ten digits, the first of them not zero.
        return valid && write!(buffer, "+{NANP}{national_number}").is_ok();
    }
    let Some(number) = parse(text, region) else {
        return false;
    };
    buffer.push_str(&PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164));
    true
}

/// Has the numbering plans read and the patterns of usual numbers compiled.
pub(super) fn warm_up() {
    let mut buffer = String::new();
    for text in ["(212) 555-2368", "+44 20 7946 0018"] {
        phone_e164(text, Some(Region::US), &mut buffer);
    }
}

/// Parses a number and keeps it only when it is valid.
pub(super) fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let number = match text.strip_prefix("00") {
        Some(rest) if region.is_none() => PHONE_NUMBER_UTIL.parse(format!("+{rest}"), None),
        _ => PHONE_NUMBER_UTIL.parse(text, region),
    }
    .ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then_some(number)
}

/// The ten digits of a North American number that is spelled so plainly that the library's parser has nothing to decide.
///
/// Plain means: an extension of up to six digits behind `x` or `ext`, if any; before it digits, blanks, hyphens, full stops and brackets; `+` only in front, followed by `1` and ten digits; without
/// `+` only for the United States and Canada, ten digits or `1` and ten; the ten not beginning with 0 or 1, which
/// could be a dialling prefix. The test `plain_numbers_are_read_as_the_library_reads_them` holds it to that.
fn nanp_digits(text: &str, region: Option<Region>) -> Option<u64> {
    let text = without_plain_extension(text.trim_ascii());
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !international && !matches!(region, Some(Region::US | Region::CA)) || text.len() > 24 {
        return None;
    }
    let mut number = 0;
    let mut digits = 0;
    for byte in rest.bytes() {
        match byte {
            // One more than the longest; the number could not hold many more either.
            b'0'..=b'9' if digits == 11 => return None,
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return None,
        }
    }
    let national_number = match digits {
        11 => number - 10_000_000_000,
        10 if !international => number,
        _ => return None,
    };
    (2_000_000_000..=9_999_999_999).contains(&national_number).then_some(national_number)
}

/// Cuts `x7`, `ext 7` or `ext. 7` off the end; anything else that is no digit stays, and is for the library to read.
fn without_plain_extension(text: &str) -> &str {
    const LONGEST: usize = 6;

    let Some(at) = text.bytes().position(|byte| byte.is_ascii_alphabetic()) else {
        return text;
    };
    let (number, extension) = text.split_at(at);
    let digits =
        ["ext. ", "ext.", "ext ", "ext", "x ", "x"].iter().find_map(|label| extension.strip_prefix(label));
    match digits {
        Some(digits)
            if (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            number
        }
        _ => text,
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
            ("tel:+49-30-12345678", "", Some("+493012345678")),
            ("\u{ff0b}49 30 12345678", "", Some("+493012345678")),
            ("030 12345678", "", None),
            ("030 12345678", "ZZ", None),
            ("555-2368", "US", None),
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

    /// What the library alone says. With `PROPTEST_CASES=20000` the comparison covers 320,000 numbers, in about a minute.
    fn by_library(text: &str, region: Option<Region>) -> Option<String> {
        let number = parse(text, region)?;
        Some(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
    }

    proptest! {
        #[test]
        fn plain_numbers_are_read_as_the_library_reads_them(
            text in "[ (]{0,2}(\\+?1|\\+)?[ .(-]{0,2}[0-9]{3}[ .)-]{0,2}[0-9]{3}[ .-]{0,2}[0-9]{4}[ .)-]{0,2}",
            area in "(\\+1 ?|1-?)?\\(?(212|416|787|242|876|800|900|500|700|868|664|671|684|340|809|829|284)\\)?[2-9][0-9]{6}",
            loose in "[+0-9().x# -]{0,16}",
            extension in "[ ,]{0,2}(x|ext|extn|ext\\.|#|X)[ .:-]{0,2}[0-9]{0,8}",
        ) {
            let extended = format!("{area}{extension}");
            for text in [text, area, loose, extended] {
                for region in [Some(Region::US), Some(Region::CA), Some(Region::DE), None] {
                    let mut buffer = String::new();
                    let ours = phone_e164(&text, region, &mut buffer).then_some(buffer);
                    prop_assert_eq!(ours, by_library(&text, region), "{:?} {:?}", text, region);
                }
            }
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
