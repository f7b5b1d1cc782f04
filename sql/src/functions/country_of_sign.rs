//! `country_of_sign`: countries as people write them, the signs on their vehicles among them.
//!
//! In some countries `D`, `A` and `CH` are how one writes a country in a list. A sign is taken only where it is neither
//! a code nor a name of another country; elsewhere a single letter may be anything. The signs live in
//! `sql/data/vehicle_signs.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::country_code::country_code;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The ISO 3166 two-letter code of a country, as by `country_code`, or of the distinguishing sign of its vehicles, such as D, A, CDN or SLO, where that is no code of another country. NULL when unknown."#,
    syntax_example = "country_of_sign(text)",
    sql_example = r#"```sql
> SELECT country_of_sign('D'), country_of_sign('CH'), country_of_sign('Austria');
DE  CH  AT
```"#,
    argument(name = "text", description = "A country's sign, code or name."),
    related_udf(name = "country_code")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CountryOfSign;

scalar_function!(
    CountryOfSign,
    "country_of_sign",
    text_signature(1),
    DataType::Utf8View,
    strict,
    |name, args| evaluate_text(name, &args, country_of_sign)
);

/// One line per sign.
const SIGNS: &str = include_str!("../../data/vehicle_signs.csv");

static CODES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| SIGNS.lines().skip(1).filter_map(|line| line.split_once(',')).collect());

/// The two-letter code of a country or of a sign; `None` when unknown.
fn country_of_sign<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let sign = text.trim().trim_matches(['(', ')', '-', '.']).to_ascii_uppercase();
    match CODES.get(sign.as_str()) {
        Some(code) => Some(code),
        None => country_code(text, buffer),
    }
}

#[cfg(test)]
mod tests {
    use super::{CODES, SIGNS};
    use proptest::prelude::*;

    fn country(text: &str) -> Option<String> {
        super::country_of_sign(text, &mut String::new()).map(str::to_owned)
    }

    #[test]
    fn signs_codes_and_names() {
        for (given, wanted) in [
            ("D", "DE"),
            ("d ", "DE"),
            ("(A)", "AT"),
            ("CH", "CH"),
            ("F", "FR"),
            ("I", "IT"),
            ("NL", "NL"),
            ("FL", "LI"),
            ("SLO", "SI"),
            ("CDN", "CA"),
            ("RUS", "RU"),
            ("ES", "ES"),
            ("ROU", "RO"),
            ("Deutschland", "DE"),
        ] {
            assert_eq!(country(given).as_deref(), Some(wanted), "{given:?}");
        }
        for unknown in ["", "X", "DD", "-", "Atlantis"] {
            assert_eq!(country(unknown), None, "{unknown:?}");
        }
    }

    /// Otherwise a code would mean two countries.
    #[test]
    fn no_sign_is_a_code_or_name_of_a_country() {
        assert!(CODES.len() > 70);
        for line in SIGNS.lines().skip(1) {
            let (sign, code) = line.split_once(',').unwrap();
            assert_eq!(super::country_code(sign, &mut String::new()), None, "{line}");
            assert_eq!(super::country_code(code, &mut String::new()), Some(code), "{line}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            country(&text);
        }
    }
}
