//! Exports of well-known programs, questions of forms, lists of several countries: which column is which field, and what is
//! nobody's here.

use importer_plans::header::{HeaderChoices, WhyUnmapped, match_headers};
use importer_plans::project::DateOrder;

use crate::samples::List;
use crate::shipped_project::shipped;

/// `header > field` per entry; a field with several columns names them with numbers, `-` is none.
fn check(name: &str, expected: &[(&str, &str)]) {
    let headers: Vec<String> = expected.iter().map(|(header, _)| (*header).to_owned()).collect();
    let contract = &shipped().entities["volunteers"].contract;
    let matched = match_headers(&headers, contract, &HeaderChoices::default());
    let errors: Vec<String> = matched.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    let wrong: Vec<String> = expected
        .iter()
        .enumerate()
        .filter_map(|(column, (header, field))| {
            let found = matched.field_of(column).unwrap_or("-");
            (found != *field).then(|| format!("{header:?}: expected {field}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
#[rustfmt::skip]
fn address_books_are_known() {
    check("Google Contacts, old", &[
        ("Name", "full_name"), ("Given Name", "first_name"), ("Additional Name", "-"), ("Family Name", "last_name"), ("Yomi Name", "-"), ("Nickname", "-"),
        ("Birthday", "birth_date"), ("Gender", "-"), ("Location", "-"), ("Notes", "-"), ("Group Membership", "-"), ("E-mail 1 - Type", "-"), ("E-mail 1 - Value", "email"),
        ("E-mail 2 - Type", "-"), ("E-mail 2 - Value", "alternate_emails"), ("Phone 1 - Type", "-"), ("Phone 1 - Value", "phone"), ("Phone 2 - Type", "-"),
        ("Phone 2 - Value", "alternate_phones"), ("Address 1 - Type", "-"), ("Address 1 - Formatted", "-"), ("Address 1 - Street", "street"), ("Address 1 - City", "city"),
        ("Address 1 - PO Box", "-"), ("Address 1 - Region", "-"), ("Address 1 - Postal Code", "postal_code"), ("Address 1 - Country", "country"),
        ("Address 2 - City", "-"), ("Organization 1 - Name", "employer"), ("Organization 1 - Title", "-"), ("Website 1 - Value", "-"),
    ]);
    check("Google Contacts, new", &[
        ("First Name", "first_name"), ("Middle Name", "-"), ("Last Name", "last_name"), ("Phonetic First Name", "-"), ("Name Prefix", "-"), ("Name Suffix", "last_name"), ("Nickname", "-"), ("File As", "-"),
        ("Organization Name", "employer"), ("Organization Title", "-"), ("Organization Department", "-"), ("Birthday", "birth_date"), ("Labels", "-"),
        ("E-mail 1 - Label", "-"), ("E-mail 1 - Value", "email"), ("Phone 1 - Label", "-"), ("Phone 1 - Value", "phone"), ("Address 1 - Label", "-"),
        ("Address 1 - Street", "street"), ("Address 1 - Extended Address", "-"), ("Address 1 - City", "city"), ("Address 1 - Postal Code", "postal_code"), ("Address 1 - Country", "country"),
        ("Relation 1 - Value", "-"), ("Event 1 - Value", "-"),
    ]);
    check("Thunderbird", &[
        ("First Name", "first_name"), ("Last Name", "last_name"), ("Display Name", "-"), ("Nickname", "-"), ("Primary Email", "email"), ("Secondary Email", "alternate_emails"), ("Screen Name", "-"),
        ("Work Phone", "alternate_phones"), ("Home Phone", "alternate_phones"), ("Fax Number", "-"), ("Pager Number", "-"), ("Mobile Number", "phone"), ("Home Address", "street"), ("Home Address 2", "-"),
        ("Home City", "city"), ("Home State", "-"), ("Home ZipCode", "postal_code"), ("Home Country", "country"), ("Work Address", "-"), ("Work City", "-"), ("Work ZipCode", "-"), ("Work Country", "-"),
        ("Job Title", "-"), ("Department", "-"), ("Organization", "employer"), ("Web Page 1", "-"), ("Birth Year", "birth_date"), ("Birth Month", "birth_date"), ("Birth Day", "birth_date"), ("Custom 1", "-"), ("Notes", "-"),
    ]);
    check("Thunderbird, German", &[
        ("Vorname", "first_name"), ("Nachname", "last_name"), ("Primäre E-Mail-Adresse", "email"), ("Sekundäre E-Mail-Adresse", "alternate_emails"),
    ]);
    check("Thunderbird, German without umlauts", &[
        ("Vorname", "first_name"), ("Nachname", "last_name"), ("Primaere E-Mail-Adresse", "email"), ("Sekundaere E-Mail-Adresse", "alternate_emails"),
    ]);
    check("Outlook", &[
        ("Title", "-"), ("First Name", "first_name"), ("Middle Name", "-"), ("Last Name", "last_name"), ("Suffix", "last_name"), ("Company", "employer"), ("Department", "-"), ("Job Title", "-"),
        ("Business Street", "-"), ("Business City", "-"), ("Business Postal Code", "-"), ("Business Country/Region", "-"), ("Home Street", "street"), ("Home City", "city"), ("Home State", "-"), ("Home Postal Code", "postal_code"),
        ("Home Country/Region", "country"), ("Other Street", "-"), ("Assistant's Phone", "-"), ("Business Fax", "-"), ("Business Phone", "alternate_phones"), ("Business Phone 2", "alternate_phones"), ("Callback", "-"), ("Car Phone", "-"),
        ("Company Main Phone", "-"), ("Home Fax", "-"), ("Home Phone", "alternate_phones"), ("Mobile Phone", "phone"), ("Other Phone", "alternate_phones"), ("Pager", "-"), ("Primary Phone", "alternate_phones"), ("TTY/TDD Phone", "-"),
        ("Anniversary", "-"), ("Assistant's Name", "-"), ("Birthday", "birth_date"), ("Children", "-"), ("E-mail Address", "email"), ("E-mail Type", "-"), ("E-mail Display Name", "-"), ("E-mail 2 Address", "alternate_emails"),
        ("E-mail 2 Display Name", "-"), ("Manager's Name", "-"), ("Spouse", "-"), ("User 1", "-"),
    ]);
    check("Outlook, German", &[
        ("Anrede", "-"), ("Vorname", "first_name"), ("Weitere Vornamen", "-"), ("Nachname", "last_name"), ("Firma", "employer"), ("Abteilung", "-"), ("Straße geschäftlich", "-"), ("Ort geschäftlich", "-"), ("Straße privat", "street"), ("Ort privat", "city"),
        ("Postleitzahl privat", "postal_code"), ("Land/Region privat", "country"), ("Telefon Assistent", "-"), ("Fax geschäftlich", "-"), ("Telefon geschäftlich", "alternate_phones"), ("Telefon Firma", "-"), ("Telefon (privat)", "alternate_phones"), ("Mobiltelefon", "phone"),
        ("Geburtstag", "birth_date"), ("E-Mail-Adresse", "email"), ("E-Mail-Typ", "-"), ("E-Mail: Angezeigter Name", "-"), ("E-Mail 2: Adresse", "alternate_emails"), ("Partner", "-"),
    ]);
    check("vCard, converted", &[
        ("Formatted Name", "full_name"), ("Given Name", "first_name"), ("Family Name", "last_name"), ("BDAY", "birth_date"), ("ORG", "employer"), ("EMAIL;TYPE=INTERNET;TYPE=HOME", "email"), ("EMAIL;TYPE=WORK", "alternate_emails"), ("TEL;TYPE=CELL", "phone"),
        ("TEL;TYPE=FAX", "-"), ("NOTE", "-"),
    ]);
}

#[test]
#[rustfmt::skip]
fn systems_for_members_and_donors_are_known() {
    check("hitobito", &[
        ("Vorname", "first_name"), ("Nachname", "last_name"), ("Firmenname", "employer"), ("Übername", "-"), ("Firma", "-"), ("Haupt-E-Mail", "email"), ("Adresse", "street"), ("PLZ", "postal_code"), ("Ort", "city"), ("Land", "country"), ("Geschlecht", "-"),
        ("Geburtstag", "birth_date"), ("Rollen", "-"), ("Weitere E-Mail Arbeit", "alternate_emails"), ("Weitere E-Mail Mutter", "-"), ("Telefonnummer Privat", "phone"), ("Telefonnummer Vater", "-"),
    ]);
    check("CiviCRM", &[
        ("Contact ID", "-"), ("Contact Type", "-"), ("Contact Subtype", "-"), ("External Identifier", "external_id"), ("Do Not Email", "-"), ("Do Not Phone", "-"), ("Sort Name", "-"), ("Display Name", "-"), ("Nickname", "-"), ("Legal Name", "-"), ("Contact Hash", "-"), ("Contact Source", "-"),
        ("First Name", "first_name"), ("Middle Name", "-"), ("Last Name", "last_name"), ("Individual Prefix", "-"), ("Email Greeting", "-"), ("Gender", "-"), ("Birth Date", "birth_date"), ("Deceased Date", "-"), ("Household Name", "-"), ("Organization Name", "-"),
        ("Current Employer", "employer"), ("Current Employer ID", "-"), ("Contact is in Trash", "is_deleted"), ("Created Date", "-"), ("Modified Date", "source_updated_at"), ("Street Address", "street"), ("Supplemental Address 1", "-"),
        ("City", "city"), ("State", "-"), ("Postal Code", "postal_code"), ("Country", "country"), ("Phone", "phone"), ("Phone Extension", "-"), ("Email", "email"), ("On Hold", "-"),
    ]);
    check("Salesforce", &[
        ("Contact ID", "external_id"), ("Salutation", "-"), ("First Name", "first_name"), ("Last Name", "last_name"), ("Account Name", "-"), ("Account ID", "-"), ("Mailing Street", "street"), ("Mailing City", "city"), ("Mailing State/Province", "-"),
        ("Mailing Zip/Postal Code", "postal_code"), ("Mailing Country", "country"), ("Phone", "phone"), ("Fax", "-"), ("Mobile", "alternate_phones"), ("Home Phone", "alternate_phones"), ("Asst. Phone", "-"), ("Email", "email"), ("Email Opt Out", "-"), ("Contact Owner", "-"), ("Reports To", "-"),
        ("Birthdate", "birth_date"), ("Last Modified Date", "source_updated_at"), ("Last Activity", "-"), ("Created Date", "-"), ("Lead Source", "-"),
    ]);
    check("HubSpot", &[
        ("Record ID - Contact", "external_id"), ("First Name", "first_name"), ("Last Name", "last_name"), ("Email", "email"), ("Additional email addresses", "alternate_emails"), ("Phone Number", "phone"), ("Mobile Phone Number", "alternate_phones"), ("Contact owner", "-"), ("Lead Status", "-"),
        ("Marketing contact status", "-"), ("Create Date", "-"), ("Last Modified Date", "source_updated_at"), ("Associated Company", "-"), ("Company Name", "employer"), ("Street Address", "street"), ("City", "city"), ("State/Region", "-"), ("Postal Code", "postal_code"), ("Country/Region", "country"), ("Date of birth", "birth_date"),
    ]);
    check("Mailchimp", &[
        ("Email Address", "email"), ("First Name", "first_name"), ("Last Name", "last_name"), ("Address", "street"), ("Phone Number", "phone"), ("Birthday", "birth_date"), ("MEMBER_RATING", "-"), ("OPTIN_TIME", "-"), ("OPTIN_IP", "-"), ("CONFIRM_TIME", "-"), ("CONFIRM_IP", "-"), ("LATITUDE", "-"), ("LONGITUDE", "-"),
        ("GMTOFF", "-"), ("TIMEZONE", "-"), ("CC", "-"), ("REGION", "-"), ("LAST_CHANGED", "source_updated_at"), ("LEID", "-"), ("EUID", "-"), ("NOTES", "-"), ("TAGS", "-"),
    ]);
    check("Eventbrite", &[
        ("Order #", "-"), ("Order Date", "-"), ("Attendee first name", "first_name"), ("Attendee last name", "last_name"), ("Attendee email", "email"), ("Buyer first name", "-"), ("Buyer last name", "-"), ("Buyer email", "-"), ("Purchaser email", "-"), ("Quantity", "-"), ("Ticket Type", "-"), ("Attendee #", "-"), ("Attendee Status", "-"),
        ("Home Address 1", "street"), ("Home Address 2", "-"), ("Home City", "city"), ("Home State", "-"), ("Home Zip", "postal_code"), ("Home Country", "country"), ("Home Phone", "alternate_phones"), ("Cell Phone", "phone"), ("Gender", "-"), ("Age", "-"), ("Birth Date", "birth_date"), ("Billing City", "-"), ("Company", "employer"),
    ]);
    check("SurveyMonkey", &[
        ("Respondent ID", "-"), ("Collector ID", "-"), ("Start Date", "-"), ("End Date", "-"), ("IP Address", "-"), ("Email Address", "email"), ("First Name", "first_name"), ("Last Name", "last_name"), ("Custom Data 1", "-"),
    ]);
}

#[test]
#[rustfmt::skip]
fn lists_of_several_countries_are_known() {
    check("German", &[
        ("Mitgliedsnummer", "external_id"), ("Anrede", "-"), ("Titel", "-"), ("Vorname", "first_name"), ("Nachname", "last_name"), ("Straße", "street"), ("Hausnummer", "street"), ("PLZ", "postal_code"), ("Ort", "city"), ("Telefon privat", "alternate_phones"), ("Telefon dienstlich", "alternate_phones"), ("Mobil", "phone"),
        ("E-Mail", "email"), ("Geburtsdatum", "birth_date"), ("Eintrittsdatum", "-"), ("Notfallkontakt", "-"), ("Telefon Notfallkontakt", "-"), ("E-Mail der Eltern", "-"), ("IBAN", "-"), ("Bemerkung", "-"),
    ]);
    check("French", &[
        ("N° adhérent", "external_id"), ("Civilité", "-"), ("Nom", "last_name"), ("Prénom", "first_name"), ("Adresse", "street"), ("Code postal", "postal_code"), ("Ville", "city"), ("Tél. domicile", "alternate_phones"), ("Tél. portable", "phone"), ("Courriel", "email"), ("Date de naissance", "birth_date"),
        ("Profession", "-"), ("Employeur", "employer"), ("Tél. de la mère", "-"), ("Personne à prévenir en cas d'urgence", "-"), ("Téléphone d'urgence", "-"), ("Cotisation", "-"),
    ]);
    check("British", &[
        ("Title", "-"), ("Forename", "first_name"), ("Surname", "last_name"), ("House number", "street"), ("Street", "street"), ("Town/City", "city"), ("County", "-"), ("Postcode", "postal_code"), ("Home tel", "alternate_phones"), ("Mobile no.", "phone"), ("E-mail", "email"), ("D.O.B.", "birth_date"), ("Next of kin", "-"), ("Next of kin tel", "-"), ("Parent/Carer email", "-"), ("GP", "-"), ("Gift Aid", "-"),
    ]);
    check("Spanish", &[
        ("Nº de socio", "external_id"), ("Nombre", "first_name"), ("Primer apellido", "last_name"), ("Segundo apellido", "last_name"), ("DNI", "-"), ("Dirección", "street"), ("Código postal", "postal_code"), ("Población", "city"), ("Provincia", "-"), ("Teléfono fijo", "phone"), ("Teléfono móvil", "alternate_phones"), ("Correo electrónico", "email"),
        ("Fecha de nacimiento", "birth_date"), ("Teléfono de emergencia", "-"), ("Correo de la madre", "-"),
    ]);
    check("Dutch", &[
        ("Lidnummer", "external_id"), ("Voornaam", "first_name"), ("Tussenvoegsel", "last_name"), ("Achternaam", "last_name"), ("Geslacht", "-"), ("Geboortedatum", "birth_date"), ("Straat", "street"), ("Huisnummer", "street"), ("Postcode", "postal_code"), ("Woonplaats", "city"), ("Telefoonnummer", "phone"), ("Mobiel", "alternate_phones"), ("E-mailadres", "email"), ("Noodcontact telefoon", "-"), ("E-mail ouder", "-"), ("Lid sinds", "-"),
    ]);
}

#[test]
fn civicrm_has_two_numbers() {
    // What was looked for, then the external identifiers of a person, a household and another person.
    for (found, external) in [
        ("External Identifier", ["EXT-1", "", "EXT-4"]),
        ("External Identifier", ["EXT-1", "EXT-2", "EXT-4"]),
        ("Contact ID", ["", "", ""]),
        ("HDR0002", ["EXT-1", "", ""]),
        ("HDR0002", ["EXT-1", "", "EXT-1"]),
    ] {
        let [one, household, two] = external;
        let list = List::of(&format!(
            "Contact ID|Contact Type|First Name|Last Name|Email|External Identifier
             101|Individual|Ann|Lee|ann@example.org|{one}
             102|Household|||house@example.org|{household}
             104|Individual|Bob|Gone|bob@example.org|{two}"
        ));
        let told = list.told();
        if found == "HDR0002" {
            let error = "HDR0002: the field `external_id` takes one column and 2 are found: `Contact ID` (column 1), `External Identifier` (column 6)\n\
                choose one: --map \"Contact ID=external_id\", or `headers: {\"Contact ID\": external_id}` in the source file";
            assert!(told.contains(error), "{external:?}: {told}");
        } else {
            assert!(told.starts_with(&format!("external_id = {found}\n")), "{external:?}: {told}");
            assert!(!told.contains("HDR"), "{external:?}: {told}");
        }
    }
}

#[test]
fn an_empty_external_id_is_no_id() {
    let list = List::of(
        "ID|External ID|First Name|Last Name|Email
         1||Ann|Lee|ann@example.org
         2||Bob|Gone|bob@example.org",
    );
    assert!(list.told().starts_with("external_id = ID\n"), "{}", list.told());
}

#[test]
fn a_form_asks_in_questions() {
    let form = List::of(
        "Timestamp|Email Address|First and last name|What is your phone number?|Emergency contact name|Emergency contact phone|Parent/guardian email|Preferred name|T-shirt size
         7/25/2015 10:59:32|ada.amt@example.org|Ada Amt|202-555-0188|Udo Amt|202-555-0189|eltern@example.org|Adi|L
         7/25/2015 11:29:03||Bob Beil|202-555-0190|||bob.parent@example.org||M",
    );
    assert_eq!(
        form.told(),
        "full_name = First and last name
email = Email Address
phone = What is your phone number?
source_updated_at = Timestamp
? Emergency contact name: `emergency` makes it another's
? Emergency contact phone: `emergency` makes it another's
? Parent/guardian email: `parent` makes it another's
? Preferred name: no field has this name
? T-shirt size: no field has this name"
    );
    for (question, field) in [
        ("What's your full name?", "full_name"),
        ("2. What is your e-mail address?", "email"),
        ("Please enter your date of birth", "birth_date"),
        ("Your last name", "last_name"),
        ("Your last name (as on passport)", "last_name"),
        ("Your mother's last name (as on passport)", "-"),
        ("Bitte geben Sie Ihre E-Mail-Adresse an", "email"),
        ("Wie lautet deine Handynummer?", "phone"),
        ("Wie lautet Ihr Vorname?", "first_name"),
        ("Quel est votre numéro de téléphone ?", "phone"),
        ("Quelle est votre date de naissance ?", "birth_date"),
        ("¿Cuál es tu correo electrónico?", "email"),
        ("Wat is je telefoonnummer?", "phone"),
        ("What is your mother's phone number?", "-"),
        ("What is your emergency contact's e-mail?", "-"),
        ("Is this your e-mail?", "-"),
        ("What is your employer's phone number?", "-"),
        ("Wie lautet die Telefonnummer Ihrer Eltern?", "-"),
        ("Do we have your e-mail?", "-"),
    ] {
        let matched = List::of(question).matched(DateOrder::Auto);
        assert_eq!(matched.field_of(0).unwrap_or("-"), field, "{question}");
    }
}

#[test]
fn a_time_stamp_is_the_time_of_the_record_where_it_can_be_read() {
    let field = |times: &str, order| {
        let text = format!("Name|Email|Zeitstempel\n{times}");
        List::of(&text).matched(order).field_of(2).map(str::to_owned)
    };
    let updated = Some("source_updated_at".to_owned());
    assert_eq!(field("A|a@x.org|25.07.2015 10:59:32\nB|b@x.org|26.07.2015 10:59", DateOrder::Auto), updated);
    assert_eq!(field("A|a@x.org|2015-07-25T10:59:32Z", DateOrder::Auto), updated);
    // Nobody can tell July from May; said so, it can be read.
    assert_eq!(field("A|a@x.org|5/7/2015 10:59:32", DateOrder::Auto), None);
    assert_eq!(field("A|a@x.org|5/7/2015 10:59:32", DateOrder::Mdy), updated);
    assert_eq!(field("A|a@x.org|yesterday\nB|b@x.org|25.07.2015", DateOrder::Auto), None);
    assert_eq!(field("A|a@x.org|", DateOrder::Auto), None);
}

#[test]
fn values_that_cannot_be_the_field_are_not_taken() {
    let list = List::of(
        "Vorname|Nachname|Firma|Telefon|E-Mail|Geburtstag
         Ada|Amt|nein|ja|ada@example.org|14
         Ida|Beil|ja|nein|ida@example.org|3",
    );
    assert_eq!(
        list.told(),
        "first_name = Vorname
last_name = Nachname
email = E-Mail
? Firma: its header means employer, but its values are answers such as yes and no
? Telefon: its header means phone, but its values are answers such as yes and no
? Geburtstag: its header means birth_date, but its values are numbers of one or two digits, no dates"
    );
    let list = List::of("Vorname|Nachname|Firma\nAda|Amt|nein\nIda|Beil|Beil AG");
    assert_eq!(list.matched(DateOrder::Auto).field_of(2), Some("employer"));
}

#[test]
fn parts_of_a_date_are_put_together_or_left() {
    let field = |text: &str| {
        let matched = List::of(text).matched(DateOrder::Auto);
        assert!(matched.errors.is_empty(), "{:?}", matched.errors);
        matched.columns_of("birth_date").to_vec()
    };
    assert_eq!(field("Name|Birth Month|Birth Day|Birth Year\nA|3|14|1985"), [3, 1, 2]);
    assert_eq!(field("Name|Geburtsjahr|Geburtsmonat|Geburtstag\nA|1985|3|14"), [1, 2, 3]);
    assert_eq!(field("Name|Jour de naissance|Mois de naissance|Année de naissance\nA|14|3|1985"), [3, 2, 1]);
    assert_eq!(field("Name|Birth Month|Birth Day\nA|3|14"), [0; 0]);
    assert_eq!(field("Name|Birth Year\nA|1985"), [0; 0]);
    // The whole date is there.
    assert_eq!(field("Name|Date of birth|Birth Year|Birth Month|Birth Day\nA|1985-03-14|1985|3|14"), [1]);
    assert_eq!(field("Name|Birth Day\nA|1985-03-14"), [1]);
}

#[test]
fn proposals_do_no_harm_when_copied() {
    let list = List::of(
        "First name|Last name|Email|Gender|Geschlecht|Geburtsort|Employer phone|Company email|Member type|Status|Phonetic first name|Weitere E-Mail Mutter|MEMBER_RATING|County|State|Created|Last login|Nationality
         Ada|Amt|ada.amt@example.org|f|w|Bonn|202-555-0100|info@werk.example|full|active||mutter@example.org|4|Kent|IL|2024-01-02|2024-01-03|German
         Bob|Beil|bob.beil@example.org|m|m|Kiel|202-555-0101|info@werk.example|full|active||mutter@example.org|4|Kent|IL|2024-01-02|2024-01-03|German",
    );
    let matched = list.matched(DateOrder::Auto);
    let proposed: Vec<String> = matched
        .unmapped
        .iter()
        .filter_map(|column| Some(format!("{}={}", column.header, column.near.as_ref()?)))
        .collect();
    assert_eq!(proposed, [""; 0]);
    assert!(matched.errors.is_empty());
}

#[test]
fn a_slip_is_proposed_where_the_values_agree() {
    let near = |text: &str, column: usize| {
        let matched = List::of(text).matched(DateOrder::Auto);
        matched.unmapped.iter().find(|c| c.index == column).and_then(|c| c.near.clone())
    };
    assert_eq!(near("Name|Emial\nAda Amt|ada@example.org", 1).as_deref(), Some("email"));
    assert_eq!(near("Name|Emial\nAda Amt|yes", 1), None);
    assert_eq!(near("Name|Emial\nAda Amt|", 1), None);
    assert_eq!(near("Name|Email|Telphone\nA B|a@x.org|202-555-0143", 2).as_deref(), Some("phone"));
    assert_eq!(near("Name|Email|Telphone\nA B|a@x.org|2024-01-05", 2), None);
    assert_eq!(near("Name|Email|Geburtsdatm\nA B|a@x.org|23.04.1985", 2).as_deref(), Some("birth_date"));
    assert_eq!(near("Name|Email|Geburtsdatm\nA B|a@x.org|Bonn", 2), None);
    assert_eq!(near("Name|Email|Postleizahl\nA B|a@x.org|53113", 2).as_deref(), Some("postal_code"));
    assert_eq!(near("Name|Email|Postleizahl\nA B|a@x.org|Bonn", 2), None);
    assert_eq!(near("Name|Email|Countri\nA B|a@x.org|Kent", 2), None);
}

#[test]
fn a_file_without_header_is_told_so() {
    let list = List::of(
        "Ada|Amt|ada.amt@example.org|202-555-0171
         Bob|Beil|bob.beil@example.org|202-555-0172
         Cay|Cohn|cay.cohn@example.org|202-555-0173",
    );
    let told = list.told();
    let error = told.split_once("HDR0001").expect("an error").1;
    assert_eq!(
        error,
        r##": the file seems to have no header: its first line holds data, and no column is named `first_name` and `last_name`
say which column is what, by its number: --no-header --map "#3=email" --map "#4=phone" --map "#<number>=first_name" --map "#<number>=last_name"
a single column with the whole name does as well: --map "#<number>=full_name"
if the names of the columns stand further down, say how many lines come before them: --skip-lines <number>"##
    );
    let one = List::of("ada.amt@example.org\nbob.beil@example.org").matched(DateOrder::Auto);
    let told: Vec<String> = one.errors.iter().map(|error| format!("{error} {}", error.advice())).collect();
    assert!(told[0].contains("--no-header --map \"#1=email\"") && !told[0].contains("ada"), "{told:?}");
}

#[test]
fn a_header_below_another_line_is_found() {
    let list = List::of(
        "Person||Contact||Address
         First name|Last name|Email|Phone|City
         Ada|Amt|ada.amt@example.org|202-555-0171|Bonn",
    );
    let told = list.told();
    assert!(told.contains("the first line names no column for `first_name` and `last_name`, and line 2 looks like the header"), "{told}");
    assert!(told.contains("--skip-lines 1"), "{told}");
    let plain = List::of("a|b|c\n1|2|3").told();
    assert!(plain.contains("headers of the file: `a`, `b`, `c`"), "{plain}");
}

#[test]
fn of_two_columns_the_one_without_values_is_no_rival() {
    let list = List::of("First name|Last name|Email|Last name\nAda||ada@example.org|Noll");
    assert_eq!(list.matched(DateOrder::Auto).columns_of("last_name"), [3]);
    let list = List::of("First name|Last name|Email|Last name\nAda|Amt|ada@example.org|Noll");
    let told = list.told();
    assert!(told.contains("HDR0002") && told.contains("--map \"#2=last_name\""), "{told}");
    let list = List::of("Contact ID|External Identifier|First name|Last name\n1||Ada|Amt\n2||Bob|Beil");
    assert_eq!(list.matched(DateOrder::Auto).columns_of("external_id"), [0]);
    let list = List::of("Contact ID|External Identifier|First name|Last name\n1|a-1|Ada|Amt\n2|a-2|Bob|Beil");
    assert_eq!(list.matched(DateOrder::Auto).columns_of("external_id"), [1]);
    // Where some have one, ids of two systems would stand in one column.
    let list = List::of("Contact ID|External Identifier|First name|Last name\n1|a-1|Ada|Amt\n2||Bob|Beil");
    assert_eq!(list.matched(DateOrder::Auto).errors.len(), 1);
}

#[test]
fn the_same_header_twice_is_main_and_further_in_a_set() {
    let list = List::of(
        "First name|Last name|Email|Email|Tel|Tel\nAda|Amt|ada@example.org|ada@example.com|202-555-0143|202-555-0144",
    );
    assert_eq!(
        list.told(),
        "first_name = First name
last_name = Last name
email = Email
alternate_emails = Email (again)
phone = Tel
alternate_phones = Tel (again)"
    );
}

#[test]
fn headers_of_a_report_are_restored() {
    let headers: Vec<String> = ["_row", "_line", "First name", "Last name", "'=Email", "_rule", "_message"]
        .map(str::to_owned)
        .to_vec();
    let contract = &shipped().entities["volunteers"].contract;
    let matched = match_headers(&headers, contract, &HeaderChoices::default());
    assert!(matched.is_error_report);
    assert_eq!(matched.columns_of("email"), [4]);
    let why: Vec<&WhyUnmapped> = matched.unmapped.iter().map(|column| &column.why).collect();
    assert_eq!(why, [&WhyUnmapped::Unknown; 0]);
}
