//! Numbers as people of several countries write them: the source says what stands before the decimals, or the column shows
//! it; what could be read in two ways is held back. On both databases.

use std::path::Path;
use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::store::Table;
use importer_engine::{RunSummary, Silent};

use super::students::project;
use crate::road::ground::{Ground, lines};
use crate::store::harness::{TestStore, on_both};

on_both!(
    a_comma_before_the_decimals,
    a_point_before_the_decimals,
    the_format_of_the_project_and_that_of_the_source,
    a_column_that_shows_its_format,
    lists_that_show_their_format,
    a_note_of_nine_thousand_lines_is_one_text,
);

/// What stands in the source file, or under `defaults:` of the project.
fn source_says(line: &'static str) -> impl FnOnce(&Path) {
    move |project| add(project, "sources/courses.yml", line)
}

fn add(project: &Path, file: &str, line: &str) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect("the file");
    std::fs::write(path, format!("{text}{line}\n")).expect("the file");
}

/// Courses with their fees, by number; behind the fee, apart by a semicolon, may stand rates: several numbers in one cell.
async fn load(ground: &Ground, fees: &[&str]) -> RunSummary {
    let mut text = "code;title;fee;rates\n".to_owned();
    for (n, fee) in (1..).zip(fees) {
        let more = if fee.contains(';') { "" } else { ";" };
        text.push_str(&format!("{n};Course {n};{fee}{more}\n"));
    }
    let file = ground.file("fees.csv", text);
    let request = RunRequest { accept_bad: true, ..RunRequest::files([file]) };
    let summary = ground.run(&request).await;
    assert_eq!(summary.status, "succeeded", "{:?} {:?}", summary.error, summary.help);
    summary
}

/// The courses that are in the table: number, fee, and rates where there are any.
async fn fees(ground: &Ground) -> Vec<String> {
    let found = lines(ground.store(), &Table::core("courses"), &["tenant_id", "id"]).await;
    let one = |line: &String| {
        // Numbers of a list are texts in JSON of SQLite.
        let line = line.replace("Course ", "").replace(", ", ",").replace('"', "");
        let part = |name: &str| {
            line.split(' ').find_map(|part| part.strip_prefix(name)).filter(|value| *value != "NULL")
        };
        [part("title="), part("fee="), part("rates=")].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    found.iter().map(one).collect()
}

/// What was found, once each, and how often.
fn found(summary: &RunSummary) -> Vec<(&str, u64)> {
    summary.rules.iter().map(|rule| (rule.rule_code.as_str(), rule.violations)).collect()
}

async fn a_comma_before_the_decimals(test: &TestStore) {
    let ground = project(test, "courses", source_says("number_format: comma")).await;
    let given = [
        "1.234,56",
        "1 234,56",
        "1'234,56;1.234,5|0,25|7",
        "1.234",
        "1,5",
        "12",
        "1.234.567,80",
        "1\u{a0}234,5",
        "1,234.56",
        "1'234.56",
    ];
    let summary = load(&ground, &given).await;
    assert_eq!(
        fees(&ground).await,
        [
            "1 1234.56",
            "2 1234.56",
            "3 1234.56 [1234.500,0.250,7.000]",
            "4 1234.00",
            "5 1.50",
            "6 12.00",
            "7 1234567.80",
            "8 1234.50"
        ]
    );
    // A number in the other format is told and not turned.
    assert_eq!(found(&summary), [("STG_NUMBER_FORMAT", 2)], "{:?}", summary.rules);
    let told = &summary.rules[0];
    assert_eq!(told.example.as_ref().map(|example| example.line), Some(10));
    assert!(told.hint.contains("number_format"), "{}", told.hint);
}

async fn a_point_before_the_decimals(test: &TestStore) {
    let ground = project(test, "courses", source_says("number_format: point")).await;
    let given = [
        "1,234.56",
        "1 234.56",
        "1'234.56;1,234.5|0.25",
        "1,234",
        "1.5",
        "12",
        "1,234,567.8",
        "1.234,56",
        "1 234,56",
    ];
    let summary = load(&ground, &given).await;
    let wanted = [
        "1 1234.56",
        "2 1234.56",
        "3 1234.56 [1234.500,0.250]",
        "4 1234.00",
        "5 1.50",
        "6 12.00",
        "7 1234567.80",
    ];
    assert_eq!(fees(&ground).await, wanted);
    assert_eq!(found(&summary), [("STG_NUMBER_FORMAT", 2)], "{:?}", summary.rules);
    // One and a bit is one and a bit: `1.234` has more decimals than the field, and nothing is rounded.
    let summary = load(&ground, &["1.234"]).await;
    assert_eq!(found(&summary), [("STG_CAST", 1)], "{:?}", summary.rules);
    assert_eq!(fees(&ground).await, wanted);
}

async fn the_format_of_the_project_and_that_of_the_source(test: &TestStore) {
    let ground =
        project(test, "courses", |folder| add(folder, "project.yml", "defaults: {number_format: comma}"))
            .await;
    load(&ground, &["1.234", "1,234"]).await;
    // The second has more decimals than the field.
    assert_eq!(fees(&ground).await, ["1 1234.00"]);
    // The source's own word is the nearer one.
    add(&ground.folder().join("project"), "sources/courses.yml", "number_format: point");
    let engine = crate::road::ground::open(&ground.options).await;
    let request = RunRequest::files([ground.file("again.csv", "code;title;fee\n7;Course 7;1,234\n")]);
    let summary = Box::pin(engine.run(&request, Arc::new(Silent))).await.expect("a run");
    assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    assert_eq!(fees(&ground).await, ["1 1234.00", "7 1234.00"]);
}

/// Nobody says a word of formats: the column shows one, or its doubtful numbers are held back.
async fn a_column_that_shows_its_format(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let summary = load(&ground, &["1.234,56", "1.234", "9,50"]).await;
    assert_eq!(fees(&ground).await, ["1 1234.56", "2 1234.00", "3 9.50"]);
    assert_eq!(found(&summary), [], "{:?}", summary.rules);
    assert!(
        summary.warnings.iter().any(|w| w.contains("a comma before the decimals")),
        "{:?}",
        summary.warnings
    );
    let summary = load(&ground, &["1.234", "1,234", "80"]).await;
    assert_eq!(
        found(&summary).iter().filter(|(rule, _)| *rule == "STG_AMBIGUOUS_NUMBER").collect::<Vec<_>>(),
        [&("STG_AMBIGUOUS_NUMBER", 2)],
        "{:?}",
        summary.rules
    );
    // The row that could be read was taken; those in doubt have changed nothing.
    assert_eq!(fees(&ground).await, ["1 1234.56", "2 1234.00", "3 80.00"]);
    assert!(summary.warnings.iter().any(|w| w.contains("number_format")), "{:?}", summary.warnings);
}

/// The values of lists show it as single numbers do, and each for their own column.
async fn lists_that_show_their_format(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let summary = load(&ground, &["1;1.234,5|0,25", "2;1.234|7", "3"]).await;
    let wanted = ["1 1.00 [1234.500,0.250]", "2 2.00 [1234.000,7.000]", "3 3.00"];
    assert_eq!(fees(&ground).await, wanted);
    assert_eq!(found(&summary), [], "{:?}", summary.rules);
    let told = |summary: &RunSummary, words: &str| {
        summary.warnings.iter().any(|w| w.contains("column rates") && w.contains(words))
    };
    assert!(told(&summary, "a comma before the decimals"), "{:?}", summary.warnings);
    // Nothing shows it: the list is not read, and what to name is said. A value that is no number at all is told as such.
    let summary = load(&ground, &["4;1.234|7", "5;1,234|2.345", "6;1.234|seven"]).await;
    let mut rules = found(&summary);
    rules.sort_unstable();
    assert_eq!(rules, [("STG_AMBIGUOUS_NUMBER", 2), ("STG_CAST", 1)], "{:?}", summary.rules);
    assert!(told(&summary, "--number-format comma or point"), "{:?}", summary.warnings);
    assert_eq!(fees(&ground).await, wanted);
}

/// A cell of many lines that a field takes is one text, in the table as in the file, but for its line breaks.
async fn a_note_of_nine_thousand_lines_is_one_text(test: &TestStore) {
    let ground = project(test, "courses", |_| ()).await;
    let note: Vec<String> = (0..9_000).map(|n| format!("line {n}, of a long note")).collect();
    let text = format!(
        "code,title,fee\n1,\"{}\",1.50\n2,\"never closed,2.50\n3,Short,three\n4,Last,4.50\n",
        note.join("\n")
    );
    assert!(text.len() > 200_000);
    let file = ground.file("notes.csv", text);
    let summary = ground.run(&RunRequest { accept_bad: true, ..RunRequest::files([file]) }).await;
    assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    let places: Vec<(&str, i64)> = summary
        .rules
        .iter()
        .filter_map(|rule| Some((rule.rule_code.as_str(), rule.example.as_ref()?.line)))
        .collect();
    assert_eq!(places, [("CSV_UNCLOSED_QUOTE", 9_002), ("STG_CAST", 9_003)], "{:?}", summary.rules);
    let found = lines(ground.store(), &Table::core("courses"), &["tenant_id", "id"]).await;
    let titles: Vec<&str> =
        found.iter().filter_map(|line| line.split("title=").nth(1)?.split(" fee=").next()).collect();
    assert_eq!(titles, ["Last", &note.join(" ")]);
}
