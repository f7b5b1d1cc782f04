//! `country_code`: countries as people write them, as their two-letter code.
//!
//! The names live in `sql/data/countries.csv`: codes, then names in English, German, French and Spanish, then other
//! spellings, separated by `|`. A line or a spelling more is all it takes to know another one.

use std::collections::HashMap;
use std::sync::LazyLock;

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate_text, text_signature};
use super::fold::{fold, fold_onto};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The ISO 3166 two-letter code of a country, given as two- or three-letter code or as a name in English, German, French or Spanish; case, accents, blanks and punctuation do not matter. NULL when unknown."#,
    syntax_example = "country_code(text)",
    sql_example = r#"```sql
> SELECT country_code('Deutschland'), country_code('usa'), country_code('Côte d''Ivoire');
DE  US  CI
```"#,
    argument(name = "text", description = "A country's code or name.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CountryCode;

scalar_function!(CountryCode, "country_code", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, country_code)
});

/// One line per country; see the module's documentation.
const COUNTRIES: &str = include_str!("../../data/countries.csv");

/// Folded code or name to two-letter code.
static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for line in COUNTRIES.lines().skip(1) {
        let mut fields = line.split(',');
        let Some(code) = fields.next() else { continue };
        // Codes are never shadowed by a name: they come first on the line, and names are longer.
        codes.insert(code.to_ascii_lowercase(), code);
        for name in fields.flat_map(|field| field.split('|')) {
            let mut folded = String::new();
            fold_onto(name, &mut folded);
            if !folded.is_empty() {
                codes.entry(folded).or_insert(code);
            }
        }
    }
    codes
});

/// Whether these two capital letters are the code of a country.
pub fn is_region(code: &str) -> bool {
    CODES.get(&code.to_ascii_lowercase()).is_some_and(|known| *known == code)
}

/// The two-letter code of a country; `None` when unknown.
pub(super) fn country_code<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    if let Some(code) = known(text, buffer) {
        return Some(code);
    }
    // `Germany (DE)`, `DE - Germany`: the same country twice. `Germany (West)` is another one, or none.
    let at = text.find(['(', '-', '\u{2013}', '/', ','])?;
    let (first, second) = text.split_at(at);
    let code = known(first, buffer)?;
    (known(second, buffer)? == code).then_some(code)
}

fn known(text: &str, buffer: &mut String) -> Option<&'static str> {
    CODES.get(fold(text, buffer)?).copied()
}

#[cfg(test)]
mod tests {
    use super::COUNTRIES;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    fn code(text: &str) -> Option<String> {
        super::country_code(text, &mut String::new()).map(str::to_owned)
    }

    #[test]
    fn knows_codes_and_names_in_four_languages() {
        for (given, wanted) in [
            ("Germany", "DE"),
            ("Deutschland", "DE"),
            ("DE", "DE"),
            ("de", "DE"),
            ("DEU", "DE"),
            ("Allemagne", "DE"),
            ("Alemania", "DE"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("United States", "US"),
            ("The United States of America", "US"),
            ("Vereinigte Staaten", "US"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("Espa\u{f1}a", "ES"),
            ("\u{d6}sterreich", "AT"),
            ("C\u{f4}te d'Ivoire", "CI"),
            ("South Korea", "KR"),
            ("T\u{fc}rkiye", "TR"),
            ("NA", "NA"),
            ("Georgia", "GE"),
            ("se", "SE"),
            ("England", "GB"),
            ("Scotland", "GB"),
            ("Wales", "GB"),
            ("Holland", "NL"),
            ("Deutschland ", "DE"),
            ("Czech Republic", "CZ"),
            ("Germany (DE)", "DE"),
            ("DE - Germany", "DE"),
            ("USA/United States", "US"),
            ("Korea, Republic of", "KR"),
            ("Iran, Islamic Republic of", "IR"),
        ] {
            assert_eq!(code(given).as_deref(), Some(wanted), "{given:?}");
        }
        for unknown in [
            "",
            "Atlantis",
            "XX",
            "-",
            "D",
            "F",
            "Germany (West)",
            "Germany/France",
            "DE, 10115 Berlin",
            "United",
        ] {
            assert_eq!(code(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn no_spelling_means_two_countries() {
        let mut seen: HashMap<String, String> = HashMap::new();
        let mut countries = HashSet::new();
        for line in COUNTRIES.lines().skip(1) {
            let fields: Vec<_> = line.split(',').collect();
            assert_eq!(fields.len(), 7, "{line}");
            assert!(countries.insert(fields[0]), "{line}");
            assert_eq!((fields[0].len(), fields[1].len()), (2, 3), "{line}");
            for name in fields.iter().flat_map(|field| field.split('|')).filter(|name| !name.is_empty()) {
                let mut folded = String::new();
                super::fold_onto(name, &mut folded);
                let other = seen.insert(folded, fields[0].to_owned());
                assert!(other.is_none_or(|other| other == fields[0]), "{name}");
            }
        }
        assert!(countries.len() >= 240, "{}", countries.len());
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            code(&text);
        }
    }
}
