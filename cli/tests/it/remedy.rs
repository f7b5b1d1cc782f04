//! `importer remediate`, `requeue`, `suppress`, `wont-fix`: from the exported report and back.

use crate::harness::Folder;

const PEOPLE: &str = "\
external_id,Vorname,Nachname,E-Mail,status,Notiz
N-1,Anna,Schmidt,anna@example.org,a,=1+1
N-2,Bert,Braun,no address,b,'quoted
N-3,Cora,Claus,not one,c,+49
N-4,Emil
";

fn held() -> Folder {
    let folder = Folder::new();
    let file = folder.write("people.csv", PEOPLE);
    let said = folder.importer(&["run", "-q", "--accept-bad", "--external-system", "crm", "--file", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    folder
}

/// The number of the first finding that fits.
fn number(folder: &Folder, flags: &[&str]) -> String {
    let found = folder.importer(&[&["violations", "--run", "1", "--format", "json"], flags].concat()).json();
    found[0]["violation"].to_string()
}

/// Reads a report, changes cells by rule and line, writes it back under another name.
fn edited(folder: &Folder, report: &str, name: &str, edits: &[(&str, &str, &str, &str)]) -> String {
    let mut reader = csv::Reader::from_path(folder.path(report)).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let at = |column: &str| {
        header.iter().position(|h| h == column).unwrap_or_else(|| panic!("{column} in {header:?}"))
    };
    let mut out = csv::Writer::from_path(folder.path(name)).unwrap();
    out.write_record(&header).unwrap();
    for record in reader.records() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        for (rule, line, column, value) in edits {
            if cells[at("rule_code")] == *rule && cells[at("line")] == *line {
                cells[at(column)] = (*value).to_owned();
            }
        }
        out.write_record(&cells).unwrap();
    }
    out.flush().unwrap();
    name.to_owned()
}

#[test]
fn an_exported_report_comes_back_edited() {
    let folder = held();
    let said = folder.importer(&["violations", "--run", "1", "--out", "findings.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = std::fs::read_to_string(folder.path("findings.csv")).unwrap();
    assert!(
        text.starts_with("violation,run_id,rule_code,severity,status,file,line,row,field,original_value,normalised_value,message,hint,store,row.external_id,row.Vorname,row.Nachname,row.E-Mail,row.status,row.Notiz\n"),
        "{text}"
    );
    assert!(text.contains("\"N-4,Emil\""), "the record that could not be read is shown as it was: {text}");
    assert!(text.contains(",''quoted\n"), "cells are guarded: {text}");

    // Untouched, it changes nothing.
    let said = folder.importer(&["remediate", "--from", "findings.csv"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("no cell differs"), "{}", said.err);

    let file = edited(
        &folder,
        "findings.csv",
        "edited.csv",
        &[
            ("VOL_EMAIL_FORMAT", "3", "row.E-Mail", "bert@example.org"),
            ("VOL_EMAIL_FORMAT", "4", "original_value", "still none"),
            ("CSV_TOO_FEW_FIELDS", "5", "row.external_id", "N-4"),
            ("CSV_TOO_FEW_FIELDS", "5", "row.Vorname", "Emil"),
            ("CSV_TOO_FEW_FIELDS", "5", "row.Nachname", "Erle"),
            ("CSV_TOO_FEW_FIELDS", "5", "row.E-Mail", "emil@example.org"),
        ],
    );
    let said = folder.importer(&["remediate", "--from", &file]);
    assert_eq!(said.code, 3, "one row is held still: {}{}", said.out, said.err);
    assert!(said.out.contains("3 rows went again; succeeded"), "{}", said.out);
    assert!(said.out.contains("2 passed, 1 held still; 2 findings closed"), "{}", said.out);
    assert!(said.out.contains("Still open") && said.out.contains("VOL_EMAIL_FORMAT"), "{}", said.out);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 3);
    let notes = folder.rows("SELECT \"Notiz\" AS n FROM landed WHERE run_id = 2 ORDER BY line_number");
    assert_eq!(
        (&notes[0]["n"], &notes[1]["n"]),
        (&"'quoted".into(), &"+49".into()),
        "cells come back as they were"
    );

    // Exported again, the report has the row as it was left, and its new state.
    folder.importer(&["violations", "--run", "1", "--status", "open", "--out", "again.csv"]);
    let text = std::fs::read_to_string(folder.path("again.csv")).unwrap();
    assert!(text.contains("still none") && !text.contains("bert@example.org"), "{text}");
    let file = edited(
        &folder,
        "again.csv",
        "edited again.csv",
        &[("VOL_EMAIL_FORMAT", "4", "row.E-Mail", "cora@example.org")],
    );
    let said = folder.importer(&["remediate", "--from", &file, "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let run = &said.json()["runs"][0];
    assert_eq!(
        (&run["promoted"], &run["held"], &run["summary"]["kind"]),
        (&1.into(), &0.into(), &"remediation".into())
    );
    let open = folder
        .importer(&[
            "violations",
            "--run",
            "1",
            "--status",
            "open",
            "--severity",
            "error",
            "--format",
            "json",
        ])
        .json();
    assert_eq!(open.as_array().unwrap().len(), 0, "{open}");
}

#[test]
fn findings_of_a_remediation_can_be_mended_from_its_own_report() {
    let folder = held();
    let id = number(&folder, &["--rule", "VOL_EMAIL_FORMAT"]);
    let said = folder.importer(&["remediate", &id, "--set", "email=worse"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    let found = folder.importer(&["violations", "--run", "2", "--format", "json", "--status", "open"]).json();
    assert_eq!(
        (found[0]["violation"].to_string(), &found[0]["run_id"], &found[0]["line"]),
        (id, &1.into(), &3.into()),
        "{found}"
    );
    assert_eq!(found[0]["original_value"], "worse");
    folder.importer(&["violations", "--run", "2", "--out", "two.csv"]);
    let file = edited(
        &folder,
        "two.csv",
        "mended.csv",
        &[("VOL_EMAIL_FORMAT", "3", "row.E-Mail", "bert@example.org")],
    );
    let said = folder.importer(&["remediate", "--from", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn a_list_shows_numbers_and_status() {
    let folder = held();
    let said = folder.importer(&["violations"]);
    assert!(said.out.contains("violation") && said.out.contains("open"), "{}", said.out);
    assert!(said.out.contains("importer remediate <violation>"), "{}", said.out);
    let none = folder.importer(&["violations", "--status", "suppressed"]);
    assert!(none.out.contains("no findings that fit"), "{}", none.out);
    assert_eq!(folder.importer(&["violations", "--status", "closed"]).code, 2);
}

#[test]
fn decisions_in_bulk_and_one_by_one() {
    let folder = held();
    let said = folder.importer(&[
        "suppress",
        "--rule",
        "VOL_EMAIL_FORMAT",
        "--run",
        "1",
        "--reason",
        "checked",
        "--dry-run",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("2 findings would be suppressed"), "{}", said.out);
    let id = number(&folder, &["--rule", "VOL_EMAIL_FORMAT"]);
    let said = folder.importer(&["suppress", &id, "--reason", "checked", "--json"]);
    assert_eq!((said.code, &said.json()["decided"]), (0, &1.into()), "{}", said.err);
    let said = folder.importer(&["wont-fix", "--rule", "CSV_TOO_FEW_FIELDS", "--reason", "test row"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("1 finding is wont_fix"), "{}", said.out);

    let said = folder.importer(&["requeue", "--all", "--dry-run"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("1 of 2 held rows would pass"), "{}", said.out);
    let said = folder.importer(&["requeue", "--all", "--json"]);
    assert_eq!(said.code, 3, "the other row is held still: {}", said.err);
    assert_eq!(
        (&said.json()["rows"], &said.json()["runs"][0]["promoted"]),
        (&2.into(), &1.into()),
        "{}",
        said.out
    );
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 2);
}

#[test]
fn figures() {
    let folder = held();
    let empty = folder.importer(&["remediate", "--stats"]);
    assert!(empty.code == 0 && empty.out.contains("nothing was edited"), "{}{}", empty.out, empty.err);
    let id = number(&folder, &["--rule", "VOL_EMAIL_FORMAT"]);
    assert_eq!(folder.importer(&["remediate", &id, "--set", "email=worse"]).code, 3);
    assert_eq!(
        folder
            .importer(&["remediate", &id, "--set", "E-Mail=bert@example.org", "--set", "Nachname=Brown"])
            .code,
        0
    );
    let stats = folder.importer(&["remediate", "--stats", "--days", "7", "--json"]).json();
    assert_eq!(
        (&stats["attempts"], &stats["fixed"], &stats["still_quarantined"]),
        (&2.into(), &1.into(), &1.into()),
        "{stats}"
    );
    assert_eq!(stats["success_rate"], 0.5);
    assert_eq!(stats["most_edited_fields"][0], serde_json::json!({"name": "email", "times": 2}), "{stats}");
    assert_eq!(
        stats["most_resolved_rules"][0],
        serde_json::json!({"name": "VOL_EMAIL_FORMAT", "times": 1}),
        "{stats}"
    );
    let said = folder.importer(&["remediate", "--stats"]);
    assert!(said.out.contains("50 %") && said.out.contains("last_name"), "{}", said.out);
    assert_eq!(folder.importer(&["remediate", "--stats", "--days", "0"]).code, 2);
}

#[test]
fn wrong_usage_changes_nothing() {
    let folder = held();
    let before = folder.importer(&["runs", "--json"]).out;
    for args in [
        &["remediate"][..],
        &["remediate", "1"],
        &["remediate", "1", "--set", "email"],
        &["remediate", "1", "--set", "=x"],
        &["remediate", "1", "--from", "a.csv"],
        &["remediate", "--from", "nobody.csv"],
        &["remediate", "--days", "3"],
        &["remediate", "999", "--set", "email=a@example.org"],
        &["requeue"],
        &["requeue", "--all", "--run", "1"],
        &["requeue", "--rule", "VOL_NOTHING"],
        &["requeue", "--run", "9"],
        &["suppress", "--reason", "x"],
        &["suppress", "1"],
        &["suppress", "1", "--rule", "VOL_EMAIL_FORMAT", "--reason", "x"],
        &["wont-fix", "999", "--reason", "x"],
        &["wont-fix", "--severity", "bad", "--reason", "x"],
    ] {
        let said = folder.importer(args);
        assert_eq!(said.code, 2, "{args:?}: {}{}", said.out, said.err);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{args:?}");
    }
    assert_eq!(folder.importer(&["runs", "--json"]).out, before);
    for args in [
        &["remediate", "1", "--set", "email=x"][..],
        &["requeue", "--all"],
        &["suppress", "1", "--reason", "x"],
    ] {
        let said = Folder::new().importer(args);
        assert!(said.code == 2 && said.err.contains("there is no store"), "{args:?}: {}", said.err);
    }
}

#[test]
fn a_report_of_another_store_is_refused() {
    let (folder, other) = (held(), held());
    folder.importer(&["violations", "--run", "1", "--out", "findings.csv"]);
    let file = edited(
        &folder,
        "findings.csv",
        "edited.csv",
        &[("VOL_EMAIL_FORMAT", "3", "row.E-Mail", "bert@example.org")],
    );
    let path = folder.path(&file).display().to_string();
    let said = other.importer(&["remediate", "--from", &path, "--json"]);
    assert_eq!(said.code, 2);
    assert!(said.json()["error"]["message"].as_str().unwrap().contains("of another store"), "{}", said.out);
    assert_eq!(other.importer(&["runs", "--json"]).json()["runs"].as_array().unwrap().len(), 1);
}

/// Reads an exported workbook and writes it again, with some cells as a spreadsheet program would leave them.
fn edited_workbook(folder: &Folder, report: &str, name: &str, edits: &[(&str, &str, &str, Typed)]) -> String {
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(folder.path(report)).unwrap();
    let sheet = book.worksheet_range("violations").unwrap();
    let header: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let at = |column: &str| header.iter().position(|h| h == column).unwrap();
    let mut out = rust_xlsxwriter::Workbook::new();
    // Somebody's notes stand on a sheet of their own.
    let (sheets, notes) = (["violations", "notes"], "call Bert");
    for sheet in sheets {
        out.add_worksheet().set_name(sheet).unwrap();
    }
    out.worksheet_from_index(1).unwrap().write_string(0, 0, notes).unwrap();
    let page = out.worksheet_from_index(0).unwrap();
    for (row, cells) in (0..).zip(sheet.rows()) {
        for (column, cell) in (0..).zip(cells) {
            page.write_string(row, column, cell.to_string()).unwrap();
        }
        for (rule, line, column, value) in edits {
            if row > 0 && cells[at("rule_code")] == *rule && cells[at("line")] == *line {
                let column = u16::try_from(at(column)).unwrap();
                match value {
                    Typed::Text(text) => page.write_string(row, column, *text).unwrap(),
                    Typed::Number(number) => page.write_number(row, column, *number).unwrap(),
                    Typed::Date(text) => {
                        let date = rust_xlsxwriter::ExcelDateTime::parse_from_str(text).unwrap();
                        let format = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
                        page.write_datetime_with_format(row, column, &date, &format).unwrap()
                    }
                };
            }
        }
    }
    out.save(folder.path(name)).unwrap();
    name.to_owned()
}

enum Typed {
    Text(&'static str),
    Number(f64),
    Date(&'static str),
}

#[test]
fn an_exported_workbook_comes_back_edited() {
    let folder = Folder::new();
    let people = "external_id,first_name,last_name,email,postal_code,birth_date\nN-1,Anna,Schmidt,no address,53111,1980-02-01\nN-2,Bert,Braun,not one,,\nN-3,Cora,Claus,nobody,01067,\n";
    let file = folder.write("people.csv", people);
    let said = folder.importer(&["run", "-q", "--accept-bad", "--external-system", "crm", "--file", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = folder.importer(&["violations", "--run", "1", "--out", "findings.xlsx"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = folder.importer(&["remediate", "--from", "findings.xlsx"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("no cell differs"), "untouched, it changes nothing: {}", said.err);

    let rule = "VOL_EMAIL_FORMAT";
    let damaged = [(rule, "4", "row.postal_code", Typed::Number(1067.0))];
    let file = edited_workbook(&folder, "findings.xlsx", "damaged.xlsx", &damaged);
    let said = folder.importer(&["remediate", "--from", &file]);
    assert!(said.code == 2 && said.err.contains("leading zeros"), "{}{}", said.out, said.err);

    let edits = [
        (rule, "2", "row.email", Typed::Text("anna@example.org")),
        (rule, "2", "row.postal_code", Typed::Number(53_113.0)),
        (rule, "2", "row.birth_date", Typed::Date("1980-02-03")),
        (rule, "3", "row.email", Typed::Text("bert@example.org")),
    ];
    let file = edited_workbook(&folder, "findings.xlsx", "edited.xlsx", &edits);
    let said = folder.importer(&["remediate", "--from", &file, "--json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let people = folder.rows("SELECT first_name, email, postal_code, CAST(birth_date AS VARCHAR) AS born FROM contacts ORDER BY first_name");
    let anna = serde_json::json!({ "first_name": "Anna", "email": "anna@example.org", "postal_code": "53113", "born": "1980-02-03" });
    assert_eq!((people.len(), &people[0], &people[1]["email"]), (2, &anna, &"bert@example.org".into()));

    folder.write("no.xlsx", "not a workbook");
    let said = folder.importer(&["remediate", "--from", "no.xlsx"]);
    assert!(said.code == 2 && said.err.contains("cannot be read"), "{}", said.err);
    let said = folder.importer(&["remediate", "--from", "old.ods"]);
    assert!(said.code == 2 && said.err.contains("save it as .xlsx"), "{}", said.err);
}
