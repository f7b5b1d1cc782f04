//! One telephone number: digits and the punctuation between them, read as its country's plan says.
//!
//! The rules are libphonenumber's. Its parser never sees a letter here: it would make digits of them.

use std::fmt::Write;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

/// Longer texts are not telephone numbers; the limit keeps a hostile cell cheap.
const LONGEST_TEXT: usize = 250;

/// The calling code of the North American numbering plan.
const NANP: i32 = 1;

/// Digits that a number has without its country's code, as usual plans have them at most. Open plans allow more, which
/// in a cell are more often an extension behind a hyphen.
const USUAL_LENGTH: usize = 11;

/// A number of fewer digits may as well be an area code.
pub(super) const SHORTEST_WHOLE: usize = 7;

/// The region of a two-letter code in any case; `None` for an unknown one.
pub(super) fn region_of(code: &str) -> Option<Region> {
    let code: [u8; 2] = code.trim().as_bytes().try_into().ok()?;
    let code = code.map(|byte| byte.to_ascii_uppercase());
    Region::from_code(str::from_utf8(&code).ok()?).ok()
}

/// Has the numbering plans read and the patterns of usual numbers compiled.
pub(super) fn warm_up() {
    let mut buffer = String::new();
    for text in ["(212) 555-2368", "+44 20 7946 0018"] {
        nanp(text, Some(Region::US), &mut buffer);
        parse(text, Some(Region::US));
    }
}

/// Parses a number and keeps it only when it is valid.
pub(super) fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let direct = if region.is_none() && text.starts_with("00") { None } else { valid(text, region) };
    if let Some(coded) = with_own_code(text, region)
        && (coded.is_meant || direct.is_none())
    {
        return Some(coded.number);
    }
    // 00 stands for + nearly everywhere, also where it is not what one dials.
    direct.or_else(|| valid(&format!("+{}", text.strip_prefix("00")?), None))
}

fn valid(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(text, region).ok().filter(|number| PHONE_NUMBER_UTIL.is_valid_number(number))
}

/// A number that begins with the calling code of its region and has no plus.
struct Coded {
    number: PhoneNumber,
    /// It is no national number without its zero, even where there is one of these digits.
    is_meant: bool,
}

/// As many digits behind a calling code are a usual number. Area codes that begin like the calling code (04921 in
/// Germany) have shorter ones behind them.
const SHORTEST_CODED: usize = 9;

/// `49 171 3920004`: digits that begin with the calling code of the region, where national numbers begin with a zero
/// that is missing here. What is behind the code is a valid number.
fn with_own_code(text: &str, region: Option<Region>) -> Option<Coded> {
    let region = region?;
    let bare = text.trim_start_matches(['(', ' ']);
    let only_digits = text.bytes().all(|b| b.is_ascii_digit() || b" -.()/".contains(&b));
    if !only_digits || bare.starts_with('0') {
        return None;
    }
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region).filter(|code| *code != NANP)?;
    let code = code.to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !digits.starts_with(code.as_str()) || !drops_zero(region) {
        return None;
    }
    let number = valid(&format!("+{digits}"), None)?;
    let stands_apart = bare.bytes().take_while(u8::is_ascii_digit).count() == code.len();
    let is_meant = stands_apart || national_length(&number) >= SHORTEST_CODED;
    Some(Coded { number, is_meant })
}

/// Whether a number is read as if a plus stood before it, though its digits are a national number of the region as well.
pub(super) fn lacks_plus(text: &str, region: Option<Region>) -> bool {
    let text = text.trim();
    with_own_code(text, region).filter(|coded| coded.is_meant).is_some_and(|coded| {
        valid(text, region).is_some_and(|other| other.national_number != coded.number.national_number)
    })
}

pub(super) fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}

/// How many digits a number has without its country's code.
fn national_length(number: &PhoneNumber) -> usize {
    rlibphonenumber::get_national_significant_number_owned(number).len()
}

/// A number and the extension that was cut off behind its last hyphen.
pub(super) struct Read<'a> {
    pub(super) number: PhoneNumber,
    pub(super) extension: Option<&'a str>,
}

impl Read<'_> {
    /// Long enough to be more than an area code.
    pub(super) fn is_whole(&self) -> bool {
        national_length(&self.number) >= SHORTEST_WHOLE
    }

    /// No longer than numbers usually are.
    pub(super) fn is_usual(&self) -> bool {
        national_length(&self.number) <= USUAL_LENGTH
    }
}

/// Reads digits and punctuation. A few digits behind the last hyphen belong to the number (`030 23125-101`), unless it
/// is whole without them and too long with them (`202-555-0143-18`).
pub(super) fn read(text: &str, region: Option<Region>) -> Option<Read<'_>> {
    let whole = parse(text, region);
    if is_long(text)
        && whole.as_ref().is_none_or(|number| national_length(number) > USUAL_LENGTH)
        && let Some((head, tail)) = text.rsplit_once('-')
        && (1..=5).contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_digit())
        && let Some(number) = parse(head, region).filter(|number| national_length(number) >= SHORTEST_WHOLE)
    {
        return Some(Read { number, extension: Some(&text[head.len()..]) });
    }
    Some(Read { number: whole?, extension: None })
}

/// More digits than a usual number has in this spelling.
pub(super) fn is_long(text: &str) -> bool {
    let usual = if text.trim_start().starts_with('+') { USUAL_LENGTH + 1 } else { USUAL_LENGTH };
    text.bytes().filter(u8::is_ascii_digit).count() > usual
}

/// Why digits are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Neither a country's code nor a country.
    Country,
    Short,
    Long,
    Invalid,
}

/// Says what is wrong with digits and punctuation that [`read`] does not take.
pub(super) fn fault(text: &str, region: Option<Region>) -> Fault {
    use rlibphonenumber::errors::ValidationError;

    let text = text.trim_start();
    if region.is_none() && !text.starts_with('+') && !text.starts_with("00") {
        return Fault::Country;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > 15 {
        return Fault::Long;
    }
    if digits < SHORTEST_WHOLE {
        return Fault::Short;
    }
    match PHONE_NUMBER_UTIL.parse(text, region) {
        Ok(number) => match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
            Err(ValidationError::TooShort) => Fault::Short,
            Err(ValidationError::TooLong) => Fault::Long,
            _ => Fault::Invalid,
        },
        Err(_) => Fault::Invalid,
    }
}

/// Whether national numbers of a region are written with a zero in front.
pub(super) fn has_trunk_zero(region: Option<Region>) -> bool {
    region.and_then(example_with_zero).is_some()
}

/// Whether that zero is left out behind the country's code: it is none of the number's own digits, as it is in Italy.
fn drops_zero(region: Region) -> bool {
    example_with_zero(region).is_some_and(|number| number.italian_leading_zero != Some(true))
}

/// A number of a region whose national numbers are written with a zero in front.
fn example_with_zero(region: Region) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.get_example_number(region).ok().filter(|number| {
        let national = PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::National);
        national.trim_start_matches('(').starts_with('0')
    })
}

/// A number of letters and digits behind a toll-free prefix: `1-800-FLOWERS`. `typed` has each letter as its key,
/// `behind` is how many digits stand from the first letter on.
pub(super) fn toll_free(typed: &str, behind: usize, region: Option<Region>) -> Option<PhoneNumber> {
    const PREFIX: usize = 3;

    let number = parse(typed, region)?;
    let before = national_length(&number).checked_sub(behind)?;
    (before >= PREFIX && PHONE_NUMBER_UTIL.get_number_type(&number) == PhoneNumberType::TollFree)
        .then_some(number)
}

/// A North American number in so plain a spelling that the library's parser has nothing to decide: `Some` of whether
/// it is valid, with its E.164 form in the buffer; `None` for any other text.
pub(super) fn nanp(text: &str, region: Option<Region>, buffer: &mut String) -> Option<bool> {
    let national_number = nanp_digits(text, region)?;
    let number = PhoneNumber { country_code: NANP, national_number, ..PhoneNumber::default() };
    // The United States come first in the library's own search, so a yes for them is a yes; it is one pass, not two.
    let valid = PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, Region::US)
        || PHONE_NUMBER_UTIL.is_valid_number(&number);
    // Ten digits, the first of them not zero.
    Some(valid && write!(buffer, "+{NANP}{national_number}").is_ok())
}

/// The ten digits of a plain North American number.
///
/// Plain means: digits, blanks, hyphens, full stops and brackets; `+` only in front, followed by `1` and ten digits;
/// without `+` only for the United States and Canada, ten digits or `1` and ten; the ten not beginning with 0 or 1, which
/// could be a dialling prefix; not a decimal fraction. The test `plain_numbers_are_read_as_the_library_reads_them` holds it to that.
fn nanp_digits(text: &str, region: Option<Region>) -> Option<u64> {
    let text = text.trim_ascii();
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !international && !matches!(region, Some(Region::US | Region::CA))
        || text.len() > 24
        || text.ends_with(".0")
    {
        return None;
    }
    let mut number: u64 = 0;
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
        // Eleven digits are a number of this plan only behind its calling code; with a zero in front they are another
        // country's national spelling.
        11 => number.checked_sub(10_000_000_000)?,
        10 if !international => number,
        _ => return None,
    };
    (2_000_000_000..=9_999_999_999).contains(&national_number).then_some(national_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_library(text: &str, region: Option<Region>) -> Option<String> {
        parse(text, region).map(|number| e164(&number))
    }

    proptest! {
        /// With `PROPTEST_CASES=20000` the comparison covers 320,000 numbers, in about a minute.
        #[test]
        fn plain_numbers_are_read_as_the_library_reads_them(
            text in "[ (]{0,2}(\\+?1|\\+)?[ .(-]{0,2}[0-9]{3}[ .)-]{0,2}[0-9]{3}[ .-]{0,2}[0-9]{4}[ .)-]{0,2}",
            area in "(\\+1 ?|1-?)?\\(?(212|416|787|242|876|800|900|500|700|868|664|671|684|340|809|829|284)\\)?[2-9][0-9]{6}",
            loose in "[+0-9(). -]{0,16}",
            eleven in "\\+?[0-9]{1,3}[ -]?[0-9]{9,10}",
        ) {
            for text in [text, area, loose, eleven] {
                for region in [Some(Region::US), Some(Region::CA), Some(Region::DE), None] {
                    let mut buffer = String::new();
                    let Some(valid) = nanp(&text, region, &mut buffer) else { continue };
                    prop_assert_eq!(valid.then_some(buffer), by_library(&text, region), "{:?} {:?}", text, region);
                }
            }
        }
    }

    #[test]
    fn the_regions_own_code_needs_no_plus() {
        for (text, region, wanted) in [
            ("49 171 3920004", "DE", "+491713920004"),
            ("491713920004", "DE", "+491713920004"),
            ("49171/3920006", "DE", "+491713920006"),
            ("49 (171) 3920004", "DE", "+491713920004"),
            ("(49) 171 3920004", "DE", "+491713920004"),
            ("49-221-1234567", "DE", "+492211234567"),
            ("49 511 123456", "DE", "+49511123456"),
            ("43 50 1234", "AT", "+43501234"),
        ] {
            let region = region_of(region);
            assert_eq!(parse(text, region).map(|number| e164(&number)).as_deref(), Some(wanted), "{text}");
            assert!(lacks_plus(text, region), "{text}");
        }
        // Nothing else could be meant, or the zero is there, or what is behind the code is no number, or a short one.
        for (text, region, wanted) in [
            ("49 30 23125124", "DE", "+493023125124"),
            ("49 0171 3920004", "DE", "+491713920004"),
            ("33 1 99 00 12 35", "FR", "+33199001235"),
            ("44 20 7946 0018", "GB", "+442079460018"),
            ("41 44 668 18 00", "CH", "+41446681800"),
            ("43 1 514440", "AT", "+431514440"),
            ("39 06 12345678", "IT", "+390612345678"),
            ("46 70 174 06 05", "SE", "+46701740605"),
            ("+49 171 3920004", "DE", "+491713920004"),
            ("04917139200", "DE", "+494917139200"),
            ("4917139200", "DE", "+494917139200"),
            ("491 1234567", "DE", "+494911234567"),
            ("4921 12345", "DE", "+49492112345"),
            ("492112345", "DE", "+49492112345"),
            ("411234567", "CH", "+41411234567"),
            ("3902123456", "IT", "+393902123456"),
        ] {
            let region = region_of(region);
            assert_eq!(parse(text, region).map(|number| e164(&number)).as_deref(), Some(wanted), "{text}");
            assert!(!lacks_plus(text, region), "{text}");
        }
    }

    #[test]
    fn eleven_digits_are_american_only_behind_a_one() {
        for text in
            ["030 23125151", "07700 900123", "00000000000", "0 202 555 0143", "+02025550143", "99999999999"]
        {
            let mut buffer = String::new();
            assert_ne!(nanp(text, Some(Region::US), &mut buffer), Some(true), "{text}: {buffer}");
            assert_eq!(by_library(text, Some(Region::US)), None, "{text}");
        }
    }
}
