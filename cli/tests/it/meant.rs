//! How a file seems to be meant, columns that nobody takes, lists that end.

use crate::harness::Folder;

const GERMAN: &str = "Vorname;Nachname;Telefon;PLZ;Ort;Geburtsdatum
Ada;Amt;030 23125151;10115;Berlin;04.03.1985
Bob;Beil;0228 9087651;53113;Bonn;05.02.1990
Cay;Cohn;0151 23456780;01067;Dresden;24.12.1977
Dee;Dunn;0731 1234567;89073;Ulm;01.01.1980
";

#[test]
fn a_preview_says_how_a_list_seems_to_be_meant() {
    let folder = Folder::new();
    let file = folder.write("liste.csv", GERMAN);
    let said = folder.importer(&["preview", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in [
        "How the file seems to be meant",
        "--default-region DE",
        "all 4 numbers without country code would be valid in DE",
        "run --dry-run --suggested --file",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    let said = folder.importer(&["preview", "--suggested", &file]);
    assert!(said.out.contains("--default-region DE (taken on)"), "{}", said.out);
    assert!(said.out.contains("run --dry-run --default-region DE"), "{}", said.out);
    let shown = folder.importer(&["preview", "--json", &file]).json();
    assert_eq!(shown["suggestions"][0]["setting"], "default_region");
    assert_eq!(shown["suggestions"][0]["value"], "DE");
}

#[test]
fn a_failed_run_offers_one_command_that_works() {
    let folder = Folder::new();
    let file = folder.write("liste.csv", GERMAN);
    let said = folder.importer(&["run", "--file", &file]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.err.contains("perhaps the file is to be read with --default-region DE"), "{}", said.err);
    let next = said.out.split("Next\n").nth(1).expect("commands");
    let command = next.lines().next().unwrap().trim();
    assert!(command.starts_with("importer run --suggested --file "), "{next}");
    assert_eq!(said.out.matches("--suggested").count(), 1, "{}", said.out);
    // Copied as it is, without the name of the program.
    let copied: Vec<&str> = command.split_whitespace().skip(1).map(|word| word.trim_matches('\'')).collect();
    let said = folder.importer(&copied);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("4 created") && said.out.contains("as suggested"), "{}", said.out);
    let phones = folder.rows("SELECT phone FROM contacts ORDER BY phone");
    assert_eq!(phones[0]["phone"], "+4915123456780");
    // What was taken on is part of the run; nothing is proposed any more.
    assert!(!said.out.contains("How the file seems to be meant"), "{}", said.out);
}

#[test]
fn a_plan_takes_on_what_is_suggested_too() {
    let folder = Folder::new();
    let file = folder.write("liste.csv", GERMAN);
    let said = folder.importer(&["plan", "--file", &file]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("importer plan --suggested --file "), "{}", said.out);
    let said = folder.importer(&["plan", "--suggested", "--file", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let said = folder.importer(&["apply", "2"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 4);
}

#[test]
fn a_flag_that_says_something_else_is_not_argued_with() {
    let folder = Folder::new();
    let file = folder.write("liste.csv", GERMAN);
    let said = folder.importer(&["run", "--default-region", "FR", "--date-order", "dmy", "--file", &file]);
    assert_eq!(said.code, 1);
    assert!(!said.out.contains("--suggested"), "{}", said.out);
}

fn wide(columns: usize) -> String {
    let names: String = (0..columns).map(|n| format!(",Custom field {n}")).collect();
    let cells = ",x".repeat(columns);
    format!("First name,Last name,Email{names}\nAda,Amt,ada.amt@example.org{cells}\n")
}

#[test]
fn twenty_columns_that_nobody_takes_are_listed_and_the_rest_on_demand() {
    let folder = Folder::new();
    let file = folder.write("wide.csv", &wide(300));
    let said = folder.importer(&["run", "--file", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Custom field 19 ") && !said.out.contains("Custom field 20 "), "{}", said.out);
    assert!(said.out.contains("and 280 more columns: importer show 1 --all-columns"), "{}", said.out);
    let said = folder.importer(&["show", "1"]);
    assert!(
        !said.out.contains("Custom field 20 ") && said.out.contains("and 280 more columns"),
        "{}",
        said.out
    );
    let said = folder.importer(&["show", "1", "--all-columns"]);
    assert!(said.out.contains("Custom field 299"), "{}", said.out);
    let said = folder.importer(&["preview", &file]);
    assert!(said.out.contains("and 280 more columns, with --all-columns"), "{}", said.out);
    assert!(said.out.contains("and 283 more"), "{}", said.out);
    let said = folder.importer(&["preview", "--all-columns", &file]);
    assert!(said.out.contains("Custom field 299"), "{}", said.out);
}

#[test]
fn a_preview_proposes_only_what_does_no_harm() {
    let folder = Folder::new();
    let file = folder.write(
        "rows.csv",
        "First name,Last name,Emial,Gender,Geschlecht,Geburtsort,Employer phone,Company email,Member type,Status,Weitere E-Mail Mutter,Firma\n\
         Ada,Amt,ada.amt@example.org,f,w,Bonn,202-555-0100,info@werk.example,full,active,mutter@example.org,nein\n",
    );
    let said = folder.importer(&["preview", &file]);
    assert_eq!(said.out.matches("--map").count(), 1, "{}", said.out);
    assert!(said.out.contains("--map \"Emial=email\""), "{}", said.out);
    assert!(said.out.contains("`mutter` makes it another's"), "{}", said.out);
    assert!(said.out.contains("its header means employer, but its values are answers"), "{}", said.out);
}

#[test]
fn headers_of_reports_do_no_harm_and_come_back() {
    let folder = Folder::new();
    let file = folder.write(
        "rows.csv",
        "First name,Last name,Email,=cmd|' /C calc'!A0,@note\nAda,Amt,ada.amt@example.org,1,2\nBob,Beil,no address,3,\"\n=4\"\n",
    );
    let said = folder.importer(&["run", "--accept-bad", "--file", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let report =
        said.out.lines().find_map(|line| line.trim().strip_prefix("report   ")).expect("a report").to_owned();
    let text = std::fs::read_to_string(&report).expect("the report");
    assert!(text.starts_with("First name,Last name,Email,'=cmd|' /C calc'!A0,'@note,_row,"), "{text}");
    assert!(text.contains("\"'\n=4\""), "{text}");
    let mended = folder.write("mended.csv", &text.replace("no address", "bob.beil@example.org"));
    let said = folder.importer(&["run", "--file", &mended]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let rows = folder.rows("SELECT \"@note\" AS note FROM landed WHERE run_id = 2");
    assert_eq!(rows[0]["note"], "\n=4");
}
