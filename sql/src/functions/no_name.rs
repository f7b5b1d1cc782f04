//! What stands in the place of a name and names nobody: an address, numbers, the headers of a template, a form of address.

use super::is_email::is_address;

/// Forms of address that stand alone in the column of given names; a family name such as Herr stands in its own.
const FORMS_OF_ADDRESS: [&str; 26] = [
    "frau",
    "herr",
    "herrn",
    "fräulein",
    "frÄulein",
    "fraulein",
    "hr",
    "hr.",
    "fr.",
    "mister",
    "miss",
    "madam",
    "madame",
    "monsieur",
    "mademoiselle",
    "señor",
    "seÑor",
    "señora",
    "seÑora",
    "señorita",
    "seÑorita",
    "signor",
    "signora",
    "signorina",
    "meneer",
    "mevrouw",
];

/// Headers of given names and of family names, as a template repeats them for an example.
const GIVEN_HEADERS: [&str; 14] = [
    "first",
    "first name",
    "firstname",
    "first_name",
    "given name",
    "forename",
    "vorname",
    "prénom",
    "prÉnom",
    "prenom",
    "nombre",
    "nombres",
    "voornaam",
    "nome",
];
const FAMILY_HEADERS: [&str; 16] = [
    "last",
    "last name",
    "lastname",
    "last_name",
    "surname",
    "family name",
    "nachname",
    "familienname",
    "name",
    "nom",
    "nom de famille",
    "apellido",
    "apellidos",
    "achternaam",
    "cognome",
    "zuname",
];

/// A form of address in the place of a given name, or headers in the place of both, also crossed. Cheap: every row is asked.
pub(super) fn is_title_or_header(given: &str, family: &str) -> Option<&'static str> {
    let is_one_of = |list: &[&str], text: &str| list.iter().any(|word| word.eq_ignore_ascii_case(text));
    if family.is_empty() {
        return None;
    }
    if is_one_of(&FORMS_OF_ADDRESS, given) {
        return Some("title");
    }
    let headers =
        |one: &str, other: &str| is_one_of(&GIVEN_HEADERS, one) && is_one_of(&FAMILY_HEADERS, other);
    (headers(given, family) || headers(family, given)).then_some("header")
}

/// An address among the names, or names without a letter in any script.
pub(super) fn is_address_or_number(given: &str, family: &str) -> Option<&'static str> {
    let holds_address = |text: &str| text.contains('@') && text.split_whitespace().any(is_address);
    if holds_address(given) || holds_address(family) {
        return Some("address");
    }
    let has_letter = |text: &str| text.chars().any(char::is_alphabetic);
    let both = !given.is_empty() && !family.is_empty();
    (both && !has_letter(given) && !has_letter(family)).then_some("number")
}
