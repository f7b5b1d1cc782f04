//! What lists of different countries look like: the shipped tables.

use std::collections::HashMap;
use std::sync::LazyLock;

use importer_sql::regions::{HEADER_LANGUAGES, REGIONS};

use crate::header::fold_header;

/// A country and its marks.
pub(super) struct RegionMarks {
    pub region: &'static str,
    /// `dmy`, `mdy`, `ymd`, or nothing where people write both.
    pub date_order: &'static str,
    /// `point`, `comma`, or nothing where people write both.
    pub number_format: &'static str,
    pub languages: Vec<&'static str>,
    pub domains: Vec<&'static str>,
    postal_codes: Vec<&'static str>,
}

/// All countries that are tried.
pub(super) static ALL: LazyLock<Vec<RegionMarks>> = LazyLock::new(|| {
    let lines = REGIONS.lines().filter(|line| !line.starts_with('#')).skip(1);
    let marks = |line: &'static str| {
        let mut cells = line.split(',');
        let mut next = || cells.next().unwrap_or_default();
        let (region, date_order, number_format) = (next(), next(), next());
        let mut words = || next().split_ascii_whitespace().collect::<Vec<_>>();
        RegionMarks {
            region,
            date_order,
            number_format,
            languages: words(),
            domains: words(),
            postal_codes: words(),
        }
    };
    lines.map(marks).collect()
});

static LANGUAGES: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut known: HashMap<String, Vec<&str>> = HashMap::new();
    let lines = HEADER_LANGUAGES.lines().filter(|line| !line.starts_with('#'));
    for (language, words) in lines.filter_map(|line| line.split_once(':')) {
        for word in words.split(',').map(fold_header) {
            known.entry(word).or_default().push(language);
        }
    }
    known
});

/// A country by its code.
pub(super) fn of(region: &str) -> Option<&'static RegionMarks> {
    ALL.iter().find(|marks| marks.region == region)
}

impl RegionMarks {
    /// Whether a postal code has a form that this country's have.
    pub(super) fn has_postal_code(&self, code: &str) -> bool {
        let plain: Vec<char> = code.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        let fits = |(c, form): (&char, char)| match form {
            '9' => c.is_ascii_digit(),
            'A' => c.is_ascii_alphabetic(),
            _ => c.is_ascii_alphanumeric(),
        };
        self.postal_codes
            .iter()
            .any(|form| form.len() == plain.len() && plain.iter().zip(form.chars()).all(fits))
    }
}

/// The language of most of the headers; `None` when they have none, or two alike.
pub(super) fn language_of<'h>(headers: impl Iterator<Item = &'h str>) -> Option<&'static str> {
    let mut found: HashMap<&str, usize> = HashMap::new();
    for header in headers {
        let words = header.split(|c: char| !c.is_alphanumeric()).map(fold_header);
        let known: Vec<&&str> =
            words.chain([fold_header(header)]).filter_map(|w| LANGUAGES.get(&w)).flatten().collect();
        for language in known {
            *found.entry(*language).or_default() += 1;
        }
    }
    let most = found.values().max().copied()?;
    let mut best = found.into_iter().filter(|(_, count)| *count == most).map(|(language, _)| language);
    let first = best.next()?;
    best.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_have_the_form_of_their_country() {
        for (region, code, fits) in [
            ("DE", "01067", true),
            ("DE", "D-01067", true),
            ("DE", "1067", false),
            ("GB", "SW1A 1AA", true),
            ("GB", "M1 1AE", true),
            ("GB", "62704", false),
            ("NL", "1012 AB", true),
            ("US", "62704-1234", true),
            ("PT", "1000-001", true),
        ] {
            assert_eq!(of(region).is_some_and(|marks| marks.has_postal_code(code)), fits, "{region} {code}");
        }
    }

    #[test]
    fn headers_tell_their_language() {
        let language = |headers: &str| language_of(headers.split('|'));
        assert_eq!(language("Vorname|Nachname|E-Mail|Telefon|PLZ|Ort"), Some("de"));
        assert_eq!(language("Nom|Prénom|Courriel|Téléphone|Code postal|Ville"), Some("fr"));
        assert_eq!(language("First name|Last name|Email|Phone|Postcode"), Some("en"));
        assert_eq!(language("Voornaam|Achternaam|Telefoon|Woonplaats"), Some("nl"));
        assert_eq!(language("a|b"), None);
    }
}
