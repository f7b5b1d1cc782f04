//! `importer why`: every answer of a story is what `importer sql` gives for the SQL shown beside it; the document keeps
//! its names; wrong questions are answered with what there is.

use serde_json::{Map, Value};

use crate::harness::Folder;

const FIRST: &str = "\
external_id,first_name,last_name,email,city,source_updated_at
C-1,Anna,Schmidt,anna@example.org,Bonn,2026-01-01T00:00:00Z
C-2,Ben,Weber,not-an-address,Köln,2026-01-01T00:00:00Z
C-3,too,many,fields,in,this,row
";
const SECOND: &str = "\
external_id,first_name,last_name,email,city,source_updated_at
C-1,Anna,Schmidt,anna@example.org,Hamburg,2026-03-01T00:00:00Z
";

/// A folder with two runs, the second of which changes what the first one made.
fn two_runs() -> Folder {
    let folder = Folder::new();
    for (name, text) in [("first.csv", FIRST), ("second.csv", SECOND)] {
        let file = folder.write(name, text);
        folder.summary(&["run", "--accept-bad", "--external-system", "crm", "--file", &file]);
    }
    folder
}

fn statements(value: &Value, into: &mut Vec<(String, Value)>) {
    if let (Some(sql), Some(told)) =
        (value["sql"].as_str(), value.get("rows").or_else(|| value.get("verdict")))
    {
        into.push((sql.to_owned(), told.clone()));
    }
    match value {
        Value::Object(object) => object.values().for_each(|inner| statements(inner, into)),
        Value::Array(items) => items.iter().for_each(|inner| statements(inner, into)),
        _ => {}
    }
}

#[test]
fn the_sql_that_is_shown_gives_the_answer_that_is_told() {
    let folder = two_runs();
    let questions: [&[&str]; 5] = [
        &["why", "2", "1"],
        &["why", "1", "2"],
        &["why", "1", "--line", "4", "--file", "first.csv"],
        &["why", "core", "volunteers", "1"],
        &["why", "core", "volunteers", "1", "--field", "city"],
    ];
    let mut seen = std::collections::BTreeSet::new();
    for question in questions {
        let story = folder.importer(&[question, &["--json"]].concat()).json();
        let mut asked = Vec::new();
        statements(&story, &mut asked);
        assert!(!asked.is_empty(), "{question:?}");
        for (sql, told) in asked.into_iter().filter(|(sql, _)| seen.insert(sql.clone())) {
            let rows = folder.rows(&sql);
            match told.as_str() {
                Some("passed") => assert!(rows.is_empty(), "{sql}"),
                Some("failed") => assert_eq!(rows[0]["sequence_number"], 2, "{sql}"),
                Some(_) => {}
                None => assert_eq!(Value::Array(rows), told, "{sql}"),
            }
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
}

/// A document without clocks, sums and the text of statements.
fn lasting(value: &Value) -> Value {
    const PASSING: [&str; 4] = ["project_hash", "triggered_by", "loaded_by", "checksum"];
    match value {
        Value::Object(object) => {
            let kept = object.iter().map(|(name, inner)| {
                // When a run did something is a clock; when a value is from is not.
                let clock = (name.ends_with("_at") && name != "effective_at")
                    || (name == "at" && object.contains_key("triggered_by"))
                    || PASSING.contains(&name.as_str());
                let shown = match (name.as_str(), inner) {
                    (_, Value::Null) => Value::Null,
                    _ if clock => "…".into(),
                    ("sql" | "mapping_sql", _) => "…".into(),
                    // Answers are told above as facts; here it counts which statements there are.
                    ("rows", Value::Array(rows)) => rows.len().into(),
                    ("rules", Value::Array(rules)) => rules.iter().take(2).map(lasting).collect(),
                    _ => lasting(inner),
                };
                (name.clone(), shown)
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(lasting).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_documents_keep_their_names() {
    let folder = two_runs();
    for (name, question) in [
        ("why_updated", &["why", "2", "1", "--json"][..]),
        ("why_quarantined", &["why", "1", "2", "--json"]),
        ("why_rejected", &["why", "1", "--line", "4", "--json"]),
        ("why_core", &["why", "core", "volunteers", "1", "--json"]),
    ] {
        insta::assert_json_snapshot!(name, lasting(&folder.importer(question).json()));
    }
}

#[test]
fn people_can_read_it() {
    let folder = two_runs();
    let said = folder.importer(&["why", "2", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in [
        "Row 1 of run 2 (second.csv, line 2) updated volunteers 1.",
        "mapping volunteers/csv@1",
        "0 rules failed",
        "its external id belongs to core row 1",
        "Hamburg",
        "newer",
        "chunk 1",
        "importer why core volunteers 1",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    assert!(!said.out.contains("SELECT"), "no SQL without --sql\n{}", said.out);
    assert!(said.err.is_empty(), "nothing of a record in logs: {}", said.err);
    let said = folder.importer(&["why", "2", "1", "--sql"]);
    assert!(
        said.out.contains("FROM staging_volunteers") && said.out.contains("gives no row"),
        "{}",
        said.out
    );
    let said = folder.importer(&["why", "1", "2"]);
    for wanted in ["was quarantined by VOL_EMAIL_FORMAT", "\"not-an-address\"", "is_email(email)", "now open"]
    {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    let said = folder.importer(&["why", "1", "--line", "4"]);
    assert!(
        said.out.contains("could not be read as a record") && said.out.contains("C-3,too,many"),
        "{}",
        said.out
    );
    let said = folder.importer(&["why", "core", "volunteers", "1", "--field", "city"]);
    for wanted in ["was made by row 1 of run 1", "run 2, row 1", "from \"Bonn\" to \"Hamburg\"", "C-1"] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    assert!(!said.out.contains("first_name"), "{}", said.out);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let folder = two_runs();
    let wrong: [(&[&str], &str); 9] = [
        (&["why", "7", "1"], "the newest run is 2"),
        (&["why", "1", "3"], "its rows are 1 to 2"),
        (&["why", "1", "--line", "9"], "no record begins at line 9"),
        (&["why", "1", "--line", "2", "--file", "frist.csv"], "did you mean first.csv?"),
        (&["why", "core", "volunters", "1"], "did you mean volunteers?"),
        (&["why", "core", "volunteers", "99"], "go from 1 to 1"),
        (&["why", "core", "volunteers", "1", "--field", "ctiy"], "did you mean city?"),
        (&["why", "1"], "<ROW>"),
        (&["why", "1", "2", "--line", "3"], "cannot be used with"),
    ];
    for (question, wanted) in wrong {
        let said = folder.importer(question);
        assert_eq!(said.code, 2, "{question:?}\n{}", said.out);
        assert!(said.err.contains(wanted), "{question:?}\n{}", said.err);
    }
    let said = folder.importer(&["why", "1", "3", "--json"]);
    assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"NOT_FOUND".into()));
    let empty = Folder::new();
    assert_eq!(empty.importer(&["why", "1", "1"]).code, 2);
    assert!(!empty.path(".importer").exists(), "a question leaves nothing behind");
}
