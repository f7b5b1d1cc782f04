//! `importer preview`: no store, no lake, any CSV.

use crate::harness::{Folder, golden};

#[test]
fn what_was_detected_and_how_the_header_is_read() {
    let folder = Folder::new();
    let said = folder.importer(&["preview", &golden("encodings/windows1252.csv")]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in
        ["windows-1252", "delimiter", "As volunteers", "first_name", "importer run --dry-run --file"]
    {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    assert!(!folder.path(".importer").exists());
}

#[test]
fn every_encoding_and_dialect_of_the_golden_set_can_be_looked_at() {
    let folder = Folder::new();
    for entry in std::fs::read_dir(golden("encodings")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "case.toml" || name == "expected.csv" {
            continue;
        }
        let shown = folder.importer(&["preview", "--json", path.to_str().unwrap()]);
        assert_eq!(shown.code, 0, "{name}: {}", shown.err);
        let shown = shown.json();
        assert!(shown["counts"]["records"].as_u64().unwrap() > 0, "{name}");
        assert_eq!(shown["counts"]["rejected"], 0, "{name}");
        assert_eq!(shown["mapping"]["errors"].as_array().unwrap().len(), 0, "{name}: {}", shown["mapping"]);
    }
}

#[test]
fn rejects_have_code_line_reason_and_hint() {
    let folder = Folder::new();
    let shown = folder.importer(&["preview", "--json", &golden("ragged_and_torn/torn.csv")]).json();
    let first = &shown["rejects"][0];
    assert_eq!((&first["line"], &first["code"]), (&3.into(), &"CSV_TOO_FEW_FIELDS".into()));
    assert!(first["reason"].is_string() && first["hint"].is_string() && first["raw"].is_string());
    let said = folder.importer(&["preview", &golden("ragged_and_torn/torn.csv")]);
    assert!(said.out.contains("Look at this first: quote"), "{}", said.out);
    assert!(said.out.contains("CSV_NUL_BYTE"), "{}", said.out);
}

#[test]
fn any_csv_without_entity() {
    let folder = Folder::new();
    let file = folder.write("prices.csv", "article|price\nbolt|1,20\nnut|=1+1\n");
    let said = folder.importer(&["preview", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("bolt") && said.out.contains("A run would stop here"), "{}", said.out);
    let said = folder.importer(&["preview", &file, "--format", "csv"]);
    assert_eq!(said.out, "_line,article,price\n2,bolt,\"1,20\"\n3,nut,'=1+1\n");
}

#[test]
fn the_first_rows_or_all() {
    let folder = Folder::new();
    let rows: String = (0..1500).map(|n| format!("name{n}\n")).collect();
    let file = folder.write("long.csv", &format!("name\n{rows}"));
    let said = folder.importer(&["preview", &file]);
    assert!(said.out.contains("name19") && !said.out.contains("name20\n"), "{}", said.out);
    assert!(said.out.contains("1,500 records") && said.out.contains("--all"), "{}", said.out);
    let said = folder.importer(&["preview", &file, "--all"]);
    assert!(said.out.contains("name1499"));
}

#[test]
fn what_a_person_knows_wins() {
    let folder = Folder::new();
    let file = folder.write("odd.csv", "a;b,c\n1;2,3\n");
    let shown = folder.importer(&["preview", "--json", "--delimiter", "comma", &file]).json();
    assert_eq!(shown["columns"], serde_json::json!(["a;b", "c"]));
    let shown = folder.importer(&["preview", "--json", "--no-header", &file]).json();
    assert_eq!(shown["columns"][0], "column_1");
    let said = folder.importer(&["preview", "--delimiter", "x", &file]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("delimiter"), "{}", said.err);
}

#[test]
fn nothing_in_a_file_moves_the_cursor() {
    let folder = Folder::new();
    let file = folder.write("evil.csv", "name,note\nAnna,\"\u{1b}[2Jgone\"\n");
    let said = folder.importer(&["preview", &file]);
    assert!(!said.out.contains('\u{1b}') && said.out.contains("␛[2Jgone"), "{}", said.out);
}

#[test]
fn a_broken_project_does_not_hide_the_file() {
    let folder = Folder::new();
    folder.write("p/project.yml", "name: [");
    let file = folder.write("a.csv", "name\nAnna\n");
    let said = folder.importer(&["preview", "--project", "p", &file]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("Anna") && said.err.contains("PRJ0001"), "{}{}", said.out, said.err);
}
