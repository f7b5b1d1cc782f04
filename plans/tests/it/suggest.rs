//! Country, order of dates and format of numbers, as the data of whole lists speaks for them.

use importer_plans::header::{HeaderChoices, match_columns};
use importer_plans::project::{DateOrder, FieldType, NumberFormat};
use importer_plans::suggest::{Habits, Looked, Suggestion, suggest};

use crate::samples::List;
use crate::shipped_project::shipped;

fn suggested(text: &str) -> Vec<Suggestion> {
    suggested_in(text, Some("US"))
}

fn suggested_in(text: &str, region: Option<&str>) -> Vec<Suggestion> {
    let list = List::of(text);
    let matched = list.matched(DateOrder::Auto);
    let contract = &shipped().entities["volunteers"].contract;
    let looked = Looked { headers: &list.headers, matched: &matched, samples: &list.samples };
    suggest(&[looked], contract, so_far(region))
}

fn so_far(region: Option<&str>) -> Habits<'_> {
    Habits { region, date_order: DateOrder::Auto, number_format: NumberFormat::Auto }
}

fn told(text: &str) -> Vec<String> {
    suggested(text).iter().map(|s| format!("{}{}", s.flag(), if s.doubtful { "?" } else { "" })).collect()
}

const GERMAN: &str = "Vorname|Nachname|Telefon|PLZ|Ort|Geburtsdatum
    Ada|Amt|030 23125151|10115|Berlin|04.03.1985
    Bob|Beil|0228 9087651|53113|Bonn|05.02.1990
    Cay|Cohn|0151 23456789|01067|Dresden|24.12.1977
    Dee|Dunn|0731 1234567|89073|Ulm|01.01.1980";

const FRENCH: &str = "Nom|Prénom|Téléphone|Code postal|Ville
    Amt|Ada|01 99 00 12 34|75001|Paris
    Beil|Bob|06 12 34 56 78|69002|Lyon
    Cohn|Cay|04 91 00 12 35|13001|Marseille";

const BRITISH: &str = "First name|Surname|Mobile|Postcode|D.O.B.
    Ada|Amt|07911 123456|SW1A 1AA|05/03/1985
    Bob|Beil|020 7946 0018|M1 1AE|04/02/1990
    Cay|Cohn|0161 496 0123|EH1 1YZ|25/12/1977";

const DUTCH: &str = "Voornaam|Achternaam|Telefoonnummer|Postcode|Woonplaats
    Ada|Amt|020 123 4567|1012 AB|Amsterdam
    Bob|Beil|06 12345678|3011 CD|Rotterdam
    Cay|Cohn|030 234 5678|3511 EF|Utrecht";

const SPANISH: &str = "Nombre|Apellidos|Teléfono|Código postal|Ciudad
    Ada|Amt|612 345 678|28001|Madrid
    Bob|Beil|912 345 678|08001|Barcelona
    Cay|Cohn|954 123 456|41001|Sevilla";

const AMERICAN: &str = "First name|Last name|Phone|Zip|Birthday
    Ada|Amt|202-555-0171|62704|3/4/1985
    Bob|Beil|212-555-0172|10001|5/6/1990
    Cay|Cohn|(415) 555-0173|94105|7/8/1977";

#[test]
fn lists_of_a_country_are_seen_as_such() {
    assert_eq!(told(GERMAN)[0], "--default-region DE");
    assert_eq!(told(FRENCH), ["--default-region FR"]);
    assert_eq!(told(BRITISH)[0], "--default-region GB");
    assert_eq!(told(DUTCH), ["--default-region NL"]);
    assert_eq!(told(SPANISH), ["--default-region ES"]);
    let none: [String; 0] = [];
    for (list, region) in [(GERMAN, "DE"), (FRENCH, "FR"), (BRITISH, "GB"), (DUTCH, "NL"), (SPANISH, "ES")] {
        let regions: Vec<Suggestion> =
            suggested_in(list, Some(region)).into_iter().filter(|s| s.setting == "default_region").collect();
        assert!(regions.is_empty(), "{regions:?}");
    }
    assert_eq!(told("Vorname|Nachname|Telefon\nAda|Amt|+49 30 23125151\nBob|Beil|0049 228 9087651"), none);
    assert_eq!(told("Vorname|Nachname|E-Mail\nAda|Amt|a@example.de"), none);
}

#[test]
fn the_evidence_is_told() {
    let found = suggested(GERMAN);
    assert_eq!(
        found[0].why,
        "all 4 numbers without country code would be valid in DE, 0 are in US; its headers are in a language of that country; 4 of 4 postal codes have its form"
    );
}

#[test]
fn the_order_of_dates_follows_what_proves_it_else_the_country() {
    assert_eq!(told(BRITISH)[1], "--date-order dmy");
    assert!(
        suggested(BRITISH)[1].why.starts_with("1 of 3 dates can only be day-month-year"),
        "{:?}",
        suggested(BRITISH)
    );
    assert_eq!(told(AMERICAN), ["--date-order mdy"]);
    assert!(suggested(AMERICAN)[0].why.contains("US writes month-day-year"), "{:?}", suggested(AMERICAN));
    // Nothing shows the country of this list.
    let none: [String; 0] = [];
    assert_eq!(told("Name|Email|Birthday\nA B|a@example.org|3/4/1985"), none);
    // Two orders in one column: a person has to look.
    assert_eq!(
        told(
            "Name|Email|Birthday\nA B|a@example.org|13/02/1990\nC D|c@example.org|02/13/1990\nE F|e@example.org|3/4/1985"
        ),
        none
    );
}

#[test]
fn rows_with_a_country_say_themselves_how_they_are_read() {
    let list = "Vorname|Nachname|Telefon|Land|PLZ
        Klaas|Amt|030 23125151||6727
        Ida|Beil|030 23125153|DE|1067";
    let found = suggested(list);
    assert_eq!(found[0].flag(), "--default-region DE");
    assert!(found[0].why.contains("1 of 1 rows with a country name it"), "{found:?}");
}

#[test]
fn what_fits_several_countries_is_for_a_person() {
    let list = "a|Phone|First name|Last name\n1|030 23125151|Ada|Amt\n2|0228 9087651|Bob|Beil\n3|0731 1234567|Cay|Cohn";
    for suggestion in suggested(list) {
        assert!(suggestion.doubtful, "{suggestion:?}");
    }
    let none: [String; 0] = [];
    assert_eq!(told("a|Phone|First name|Last name\n1|12|Ada|Amt\n2|none|Bob|Beil"), none);
    assert_eq!(
        told("First name|Last name|Phone\nAda|Amt|202-555-XXXX\nBob|Beil|ask Anna\nCay|Cohn|555-0171"),
        none
    );
}

/// What is said of the numbers of a list whose columns `Employer` and `Street` hold amounts.
fn of_amounts(text: &str, region: &str) -> Vec<String> {
    let list = List::of(text);
    let mut contract = shipped().entities["volunteers"].contract.clone();
    for field in contract.fields.iter_mut().filter(|f| f.name == "employer" || f.name == "street") {
        field.field_type = FieldType::Decimal;
    }
    let matched =
        match_columns(&list.headers, &list.samples, &contract, &HeaderChoices::default(), DateOrder::Auto);
    let looked = Looked { headers: &list.headers, matched: &matched, samples: &list.samples };
    let found = suggest(&[looked], &contract, so_far(Some(region)));
    let numbers = found.iter().filter(|s| s.setting == "number_format");
    numbers.map(|s| format!("{}{}: {}", s.flag(), if s.doubtful { "?" } else { "" }, s.why)).collect()
}

#[test]
fn the_format_of_numbers_follows_what_proves_it_else_the_country() {
    // One in ten of the column shows it: the run reads it so, and so does the proposal.
    assert_eq!(
        of_amounts("Email|Employer\na@example.org|1.234\nb@example.org|12,50", "US"),
        [
            "--number-format comma: 1 of 2 numbers can only have a comma before the decimals, 1 can be read in two ways"
        ]
    );
    // Another column shows it, and may come from another program.
    assert_eq!(
        of_amounts("Email|Employer|Street\na@example.org|1.234|0,5\nb@example.org|2.500|12,50", "US"),
        [
            "--number-format comma?: 2 of 4 numbers can only have a comma before the decimals, 2 can be read in two ways; what stands in Employer shows too little itself"
        ]
    );
    let german = "Vorname|Nachname|Telefon|PLZ|Ort|Employer
        Ada|Amt|030 23125151|10115|Berlin|1.234
        Bob|Beil|0228 9087651|53113|Bonn|2.500
        Cay|Cohn|0151 23456789|01067|Dresden|80";
    assert_eq!(
        of_amounts(german, "DE"),
        [
            "--number-format comma: 2 of 3 numbers can be read in two ways, and DE writes a comma before the decimals"
        ]
    );
    let shown = german.replace("Ort|Employer", "Ort|Employer|Street").replace("1.234", "1.234|0,5");
    assert_eq!(
        of_amounts(&shown, "DE"),
        [
            "--number-format comma: 1 of 4 numbers can only have a comma before the decimals, 2 can be read in two ways; what stands in Employer shows too little itself, and DE writes a comma before the decimals"
        ]
    );
    let none: [String; 0] = [];
    // Nothing is open; nothing shows it; two formats.
    assert_eq!(of_amounts("Email|Employer\na@example.org|1234.5\nb@example.org|12", "US"), none);
    assert_eq!(of_amounts("Email|Employer\na@example.org|1.234\nb@example.org|2.500", "US"), none);
    assert_eq!(
        of_amounts("Email|Employer\na@example.org|1.234\nb@example.org|2.50\nc@example.org|2,50", "US"),
        none
    );
}

#[test]
fn an_order_that_only_another_column_proves_is_for_a_person() {
    let list =
        "Email|Birthday|Last Modified\na@example.org|3/4/1985|02/13/2025\nb@example.org|5/6/1990|02/14/2025";
    let found = suggested_in(list, None);
    assert_eq!(found[0].flag(), "--date-order mdy");
    assert!(found[0].doubtful, "{found:?}");
    assert!(found[0].why.ends_with("what stands in Birthday shows too little itself"), "{found:?}");
}
