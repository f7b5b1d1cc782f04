//! Whole header lines: several columns for one field, choices, error reports, what is missing.

use importer_plans::header::{HeaderChoices, HeaderMatch, WhyUnmapped, match_headers};

use crate::shipped_project::shipped;

fn matched(headers: &str) -> HeaderMatch {
    chosen(headers, &[], &[])
}

fn chosen(headers: &str, command_line: &[(&str, &str)], source_file: &[(&str, &str)]) -> HeaderMatch {
    let headers: Vec<String> = headers.split('|').map(|header| header.trim().to_owned()).collect();
    let own =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(h, f)| ((*h).to_owned(), (*f).to_owned())).collect();
    let choices = HeaderChoices { command_line: own(command_line), source_file: own(source_file) };
    match_headers(&headers, &shipped().entities["volunteers"].contract, &choices)
}

/// `first_name=0 email=1 …`, unmapped columns as `?4`.
fn summary(matched: &HeaderMatch) -> String {
    let mut parts: Vec<String> = matched
        .assignments
        .iter()
        .map(|a| {
            format!("{}={}", a.field, a.columns.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
        })
        .collect();
    parts.extend(matched.unmapped.iter().map(|column| format!("?{}", column.index)));
    parts.extend(matched.ignored.iter().map(|column| format!("-{column}")));
    parts.join(" ")
}

fn errors(matched: &HeaderMatch) -> String {
    matched
        .errors
        .iter()
        .map(|error| format!("{}: {error}\n{}", error.error_code(), error.advice()))
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn the_first_of_several_is_the_main_one() {
    let found = matched("First name|Last name|Email|Email 2|Work e-mail|E-Mail (privat)|Mobile|Home phone");
    insta::assert_snapshot!(summary(&found), @"first_name=0 last_name=1 email=2 alternate_emails=4,5,3 phone=6 alternate_phones=7");
    assert!(found.errors.is_empty());
}

#[test]
fn a_main_column_may_stand_behind_others() {
    let found = matched("Vorname|Nachname|Weitere E-Mail|E-Mail|Alternate emails|Telefon 2|Telefon 1");
    insta::assert_snapshot!(summary(&found), @"first_name=0 last_name=1 email=3 alternate_emails=2,4 phone=6 alternate_phones=5");
}

#[test]
fn a_further_column_alone_is_the_main_one() {
    insta::assert_snapshot!(summary(&matched("Name|Secondary email|Other phone")), @"full_name=0 email=1 phone=2");
}

#[test]
fn a_name_beside_one_part_is_the_other_part() {
    insta::assert_snapshot!(summary(&matched("Vorname|Name|E-Mail")), @"first_name=0 last_name=1 email=2");
    insta::assert_snapshot!(summary(&matched("Nom|Prénom")), @"first_name=1 last_name=0");
    insta::assert_snapshot!(summary(&matched("Nombre|Apellidos")), @"first_name=0 last_name=1");
    insta::assert_snapshot!(summary(&matched("Name|First name|Last name")), @"first_name=1 last_name=2 full_name=0");
    insta::assert_snapshot!(summary(&matched("Full name|First name")), @"first_name=1 full_name=0");
}

#[test]
fn known_exports_match() {
    // Salesforce
    let salesforce = "Id|AccountId|LastName|FirstName|Salutation|MailingStreet|MailingCity|MailingPostalCode|MailingCountry|Phone|MobilePhone|HomePhone|AssistantPhone|Email|Birthdate|LastModifiedDate|SystemModstamp|IsDeleted|DoNotCall";
    insta::assert_snapshot!(summary(&matched(salesforce)), @"external_id=0 first_name=3 last_name=2 email=13 phone=9 alternate_phones=10,11 birth_date=14 country=8 street=5 city=6 postal_code=7 source_updated_at=15 is_deleted=17 ?1 ?4 ?12 ?16 ?18");
    // Outlook
    let outlook = "Title|First Name|Middle Name|Last Name|Company|Business Street|Business City|Home Street|Home City|Home Postal Code|Home Country/Region|Assistant's Phone|Business Fax|Business Phone|Business Phone 2|Company Main Phone|Home Phone|Mobile Phone|Other Phone|Birthday|E-mail Address|E-mail Type|E-mail Display Name|E-mail 2 Address|User 1";
    insta::assert_snapshot!(summary(&matched(outlook)), @"first_name=1 last_name=3 email=20 alternate_emails=23 phone=17 alternate_phones=13,16,14,18 birth_date=19 country=10 street=7 city=8 postal_code=9 employer=4 ?0 ?2 ?5 ?6 ?11 ?12 ?15 ?21 ?22 ?24");
    // Google
    let google = "Name|Given Name|Family Name|Birthday|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Label|E-mail 2 - Value|Phone 1 - Label|Phone 1 - Value|Phone 2 - Value|Organization Name|Notes";
    insta::assert_snapshot!(summary(&matched(google)), @"first_name=1 last_name=2 full_name=0 email=5 alternate_emails=7 phone=9 alternate_phones=10 birth_date=3 employer=11 ?4 ?6 ?8 ?12");
}

#[test]
fn the_surer_header_wins_and_the_other_is_listed() {
    let found = matched("First name|Last name|Mailing city|City|Last modified|Updated at");
    insta::assert_snapshot!(summary(&found), @"first_name=0 last_name=1 city=3 source_updated_at=5 ?2 ?4");
    assert_eq!(found.unmapped[0].why, WhyUnmapped::Taken("city".to_owned()));
    assert!(found.errors.is_empty());
}

#[test]
fn the_same_header_twice_is_an_error_for_one_value() {
    let found = matched("First name|Last name|City|Email|City|Email");
    insta::assert_snapshot!(summary(&found), @"first_name=0 last_name=1 email=3 alternate_emails=5 city=2 ?4");
    insta::assert_snapshot!(errors(&found), @r##"
    HDR0002: the field `city` takes one column and 2 are found: `City` (column 3), `City` (column 5)
    choose one: --map "#3=city", or `headers: {"#3": city}` in the source file (`#3` is the column's number)
    "##);
}

#[test]
fn which_column_is_the_id_is_not_guessed() {
    let found = matched("First name|Last name|ID|Member ID");
    insta::assert_snapshot!(errors(&found), @r##"
    HDR0002: the field `external_id` takes one column and 2 are found: `ID` (column 3), `Member ID` (column 4)
    choose one: --map "ID=external_id", or `headers: {"ID": external_id}` in the source file (`#3` is the column's number)
    "##);
    assert!(matched("First name|Last name|ID|External ID").errors.is_empty());
}

#[test]
fn missing_headers_name_the_nearest() {
    insta::assert_snapshot!(errors(&matched("Frist name|Surname|Email")), @r##"
    HDR0001: the file has no column for `first_name`; nearest: `Frist name`
    if `Frist name` is the first_name: --map "Frist name=first_name", or `headers: {"Frist name": first_name}` in the source file
    a single column with the whole name does as well: --map "<header>=full_name"
    headers of the file: `Frist name`, `Surname`, `Email`
    "##);
    insta::assert_snapshot!(errors(&matched("Frst Nam|Last Nmae|Email|Fon")), @r##"
    HDR0001: the file has no column for `first_name` and `last_name`; nearest: `Frst Nam`, `Last Nmae`
    if `Frst Nam` is the first_name: --map "Frst Nam=first_name", or `headers: {"Frst Nam": first_name}` in the source file
    if `Last Nmae` is the last_name: --map "Last Nmae=last_name", or `headers: {"Last Nmae": last_name}` in the source file
    a single column with the whole name does as well: --map "<header>=full_name"
    headers of the file: `Frst Nam`, `Last Nmae`, `Email`, `Fon`
    "##);
    insta::assert_snapshot!(errors(&matched("a|b|c")), @r##"
    HDR0001: the file has no column for `first_name` and `last_name`
    say which column it is: --map "<header>=first_name", or `headers:` in the source file
    a single column with the whole name does as well: --map "<header>=full_name"
    headers of the file: `a`, `b`, `c`
    "##);
    insta::assert_snapshot!(errors(&matched("")), @r##"
    HDR0001: the file has no names of columns, and nothing says which column is `first_name` and `last_name`
    say which column is what, by its number: --no-header --map "#<number>=first_name" --map "#<number>=last_name"
    a single column with the whole name does as well: --map "#<number>=full_name"
    "##);
}

#[test]
fn a_list_of_deletes_needs_no_names() {
    let found = matched("External ID|Deleted at|Reason for deletion");
    insta::assert_snapshot!(summary(&found), @"external_id=0 deleted_at=1 deleted_reason=2");
    assert!(found.errors.is_empty());
}

#[test]
fn choices_win_over_what_would_be_found() {
    let found = chosen(
        "Call name|Last name|Email|Parent email|Legacy",
        &[("call NAME", "first_name"), ("Parent email", "email"), ("#5", "")],
        &[("Last name", ""), ("Header of another file", "city")],
    );
    insta::assert_snapshot!(summary(&found), @"first_name=0 email=3 alternate_emails=2 -1 -4");
    let found = chosen("First|First|Last", &[("#2", "first_name")], &[("#1", "first_name")]);
    insta::assert_snapshot!(summary(&found), @"first_name=1 last_name=2 ?0");
    assert!(found.errors.is_empty());
}

#[test]
fn choices_that_cannot_be_are_refused() {
    let found =
        chosen("First name|Last name|Vorstand", &[("Vorstnd", "employer"), ("Vorstand", "employr")], &[]);
    insta::assert_snapshot!(errors(&found), @r##"
    HDR0003: the header `Vorstand` is mapped to `employr`, which is no field of the contract
    did you mean `employer`?

    HDR0004: `employer` is to be taken from `Vorstnd`, and the file has no such header
    did you mean --map "Vorstand=employer"?
    "##);
}

#[test]
fn an_error_report_is_imported_as_it_is() {
    let found = matched("_row|_line|First name|Last name|Email|_rule|_message|_hint");
    insta::assert_snapshot!(summary(&found), @"first_name=2 last_name=3 email=4 -0 -1 -5 -6 -7");
    assert!(found.is_error_report);
    assert!(!matched("_row|First name|Last name").is_error_report);
}

#[test]
fn columns_without_header_are_told_apart() {
    let found = matched("First name|Last name||column_4|Emial");
    let why: Vec<_> = found.unmapped.iter().map(|column| (&column.why, column.near.as_deref())).collect();
    insta::assert_debug_snapshot!(why);
}
