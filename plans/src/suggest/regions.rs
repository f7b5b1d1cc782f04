//! What lists of different countries look like: the shipped tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
            let languages = known.entry(word).or_default();
            if !languages.contains(&language) {
                languages.push(language);
            }
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

/// The language of most of the headers; `None` when they have none, or two alike. One header tells it only if its words are
/// of that language alone: `Telefon` is a word of a dozen.
pub(super) fn language_of<'h>(headers: impl Iterator<Item = &'h str>) -> Option<&'static str> {
    // By language: headers that have a word of it, and those whose words no other language has.
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for header in headers {
        let words = header.split(|c: char| !c.is_alphanumeric()).map(fold_header);
        let known: BTreeSet<&str> = words
            .chain([fold_header(header)])
            .filter_map(|word| LANGUAGES.get(&word))
            .flatten()
            .copied()
            .collect();
        for language in &known {
            let (all, alone) = found.entry(*language).or_default();
            *all += 1;
            *alone += usize::from(known.len() == 1);
        }
    }
    let most = found.values().map(|(all, _)| *all).max()?;
    let mut best = found.into_iter().filter(|(_, (all, _))| *all == most);
    let (language, (_, alone)) = best.next()?;
    (best.next().is_none() && (most > 1 || alone > 0)).then_some(language)
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
        assert_eq!(language("Fornavn|Efternavn|E-mail|Telefon"), Some("da"));
        assert_eq!(language("Förnamn|Efternamn|E-post|Telefon|Ort"), Some("sv"));
        assert_eq!(language("Imię|Nazwisko|E-mail|Telefon"), Some("pl"));
        assert_eq!(language("Ad|Soyad|E-mail|Telefon"), Some("tr"));
        assert_eq!(language("Prenume|Nume|E-mail|Telefon"), Some("ro"));
        assert_eq!(language("Ime|Prezime|E-mail|Telefon|Mobitel"), Some("hr"));
        assert_eq!(language("a|b"), None);
        // Words that many languages share say nothing.
        assert_eq!(language("Telefon|E-mail"), None);
        assert_eq!(language("Telefon|Mobil|Adresse"), None);
        assert_eq!(language("PLZ|x"), Some("de"));
    }
}
