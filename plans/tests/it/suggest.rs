//! Country, order of dates and format of numbers, as the data of whole lists speaks for them.

use importer_plans::header::{HeaderChoices, match_columns};
use importer_plans::project::{DateOrder, Field, FieldType, NumberFormat};
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
    of_numbers(text, region, |field| field.field_type = FieldType::Decimal)
}

/// What is said of the numbers of a list whose columns `Employer` and `Street` are as they are made.
fn of_numbers(text: &str, region: &str, make: impl Fn(&mut Field)) -> Vec<String> {
    let list = List::of(text);
    let mut contract = shipped().entities["volunteers"].contract.clone();
    contract.fields.iter_mut().filter(|f| f.name == "employer" || f.name == "street").for_each(make);
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
fn each_value_of_a_list_speaks_for_its_format() {
    let list = |field: &mut Field| {
        field.field_type = FieldType::List;
        field.options.of = Some(FieldType::Decimal);
    };
    assert_eq!(
        of_numbers("Email|Employer\na@example.org|1.234; 2.500; 12,50\nb@example.org|7", "US", list),
        [
            "--number-format comma: 1 of 4 numbers can only have a comma before the decimals, 2 can be read in two ways"
        ]
    );
    let none: [String; 0] = [];
    let texts = |field: &mut Field| {
        field.field_type = FieldType::List;
        field.options.of = Some(FieldType::Text);
    };
    assert_eq!(of_numbers("Email|Employer\na@example.org|1.234; 12,50", "US", texts), none);
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

#[test]
fn a_word_of_many_languages_makes_no_list_german() {
    let turkish = "Ad|Soyad|E-mail|Telefon
        Ayşe|Yılmaz|ayse@example.com|0532 123 45 67
        Ali|Çelik|ali@example.com|0533 123 45 68
        Can|Demir|can@example.com|0542 123 45 69
        Ece|Kaya|ece@example.com|0555 123 45 70
        Ela|Arslan|ela@example.com|0505 123 45 72";
    let danish = "Fornavn|Efternavn|E-mail|Telefon
        Lars|Holm|lars@example.com|20 12 34 56
        Mette|Skov|mette@example.com|31 23 45 67
        Bo|Kjær|bo@example.com|40123458";
    let romanian = "Prenume|Nume|E-mail|Telefon
        Ion|Popescu|ion@example.com|0722 123 456
        Ana|Ionescu|ana@example.com|0733 123 457
        Dan|Radu|dan@example.com|021 312 3458
        Ema|Stan|ema@example.com|0744123459";
    for (list, own) in [(turkish, "TR"), (danish, "DK"), (romanian, "RO")] {
        for suggestion in suggested(list) {
            assert_eq!(suggestion.value, own, "{suggestion:?}");
        }
    }
    // Without headers of a language nothing but the numbers speaks for a country.
    for suggestion in suggested(&turkish.replace("Ad|Soyad", "a|b")) {
        assert!(suggestion.doubtful, "{suggestion:?}");
    }
}

#[test]
fn numbers_that_name_their_country_are_evidence() {
    let german = "Vorname|Nachname|Telefon
        Ada|Amt|030 23125151
        Bob|Beil|0228 9087651
        Cay|Cohn|0151 23456789
        Dee|Dunn|0731 1234567";
    let abroad = format!("{german}\nEli|Emond|+90 542 123 45 69\nFay|Frost|+90 555 123 45 70");
    let found = suggested(&abroad);
    assert!(found.iter().all(|suggestion| suggestion.doubtful), "{found:?}");
    let why = "2 of 2 numbers with a country code are of other countries";
    assert!(found.iter().any(|suggestion| suggestion.why.contains(why)), "{found:?}");
    let own = format!("{german}\nEli|Emond|+49 30 23125152");
    assert_eq!(told(&own), ["--default-region DE"]);
    assert!(suggested(&own)[0].why.contains("1 of 1 numbers with a country code are its own"));
}

#[test]
fn what_speaks_against_a_country_is_told_and_nothing_taken_on() {
    let mixed = "Vorname|Nachname|E-Mail|Telefon
        Urs|Meier|urs@example.ch|079 123 45 67
        Reto|Keller|reto@example.ch|044 123 45 68
        Franz|Huber|franz@example.at|0664 1234567
        Hans|Berg|hans@example.de|0171 1234567
        Eva|Tal|eva@example.de|030 1234567
        Ida|See|ida@example.de|040 1234567";
    let found = suggested(mixed);
    assert!(found.iter().all(|suggestion| suggestion.doubtful), "{found:?}");
    let few = "Vorname|Nachname|Telefon|PLZ\nAda|Amt|030 23125151|10115\nBob|Beil|0228 9087651|53113";
    let found = suggested(few);
    assert_eq!(told(few), ["--default-region DE?"]);
    assert!(found[0].why.ends_with("so few are possible in many countries"), "{found:?}");
}

#[test]
fn dates_with_full_stops_are_never_month_first() {
    let list = "Nachname|Vorname|E-Mail|Geburtsdatum|Geändert am
        A|Anna|a@example.de|01.02.1980|3/14/2025
        B|Bea|b@example.de|05.06.1981|3/15/2025
        C|Cia|c@example.de|07.08.1982|3/16/2025";
    for suggestion in suggested(list) {
        assert_ne!(suggestion.value, "mdy", "{suggestion:?}");
    }
    let american = AMERICAN.replace("3/4/1985", "3.4.1985");
    assert!(suggested(&american).iter().all(|suggestion| suggestion.value != "mdy"));
}
