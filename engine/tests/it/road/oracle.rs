//! Core after a first load, compared with what `scripts/oracle.py` computes a second, independent way.

use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_benches::record::{COLUMNS, Records, TRUTH_COLUMNS};
use importer_engine::RunSummary;
use importer_engine::store::{Store, Table};
use serde_json::Value;

use super::ground::{Ground, adds_up, core, golden, number, python, table, workspace};
use crate::store::harness::{TestStore, on_both};

/// The tables that the oracle compares, as CSV.
async fn export(store: &Store, folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let core = ["contacts", "contact_emails", "contact_phones"].map(Table::core);
    for name in core.into_iter().chain([Table::control("external_id_map")]) {
        let mut out = csv::Writer::from_path(folder.join(format!("{}.csv", name.name))).expect("a file");
        let header = store.describe_table(&name).await.expect("the table is there").schema;
        out.write_record(header.fields().iter().map(|f| f.name())).expect("the header");
        for batch in table(store, &name).await {
            let options = FormatOptions::default().with_null("");
            let cells: Vec<_> =
                batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).expect("text")).collect();
            for row in 0..batch.num_rows() {
                out.write_record(cells.iter().map(|c| c.value(row).to_string())).expect("a row");
            }
        }
        out.flush().expect("the file is written");
    }
}

fn oracle(python: &str, arguments: &[&str]) -> String {
    let run = Command::new(python)
        .arg(workspace().join("scripts/oracle.py"))
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{python} does not start: {e}"));
    let (out, error) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "oracle.py {arguments:?}: {}\n{out}\n{error}", run.status);
    out.into_owned()
}

async fn compare(ground: &Ground, python: &str, file: &Path, truth: Option<&Path>) {
    let summary = ground.load(file).await;
    adds_up(&summary);
    let (expected, actual) = (ground.folder().join("expected"), ground.folder().join("actual"));
    let (file, expected, truth) =
        (file.display().to_string(), expected.display().to_string(), truth.map(|t| t.display().to_string()));
    let mut arguments = vec!["expect", "--csv", &file, "--out", &expected];
    arguments.extend(truth.iter().flat_map(|t| ["--truth", t]));
    let counts: Value = serde_json::from_str(&oracle(python, &arguments)).expect("counts");
    compare_counts(&counts, &summary);
    export(ground.store(), &actual).await;
    let told =
        oracle(python, &["compare", "--expected", &expected, "--actual", &actual.display().to_string()]);
    println!("{}: {}", file, told.trim());
}

fn compare_counts(expected: &Value, summary: &RunSummary) {
    let wanted = |name: &str| expected[name].as_u64().unwrap_or_else(|| panic!("{name} in {expected}"));
    assert_eq!(number(&summary.counts, "staging", "rows_staged"), wanted("rows_staged"));
    assert_eq!(
        number(&summary.counts, "dq", "rows_validated"),
        wanted("rows_validated"),
        "{:?}",
        summary.rules
    );
    for name in [
        "rows_created",
        "rows_skipped_duplicates",
        "rows_deduped_auto",
        "rows_review",
        "rows_missing_external_id",
    ] {
        assert_eq!(core(summary, name), wanted(name), "{name}: {} and {}", expected, summary.counts["core"]);
    }
    let rules = expected["rule_counts"].as_object().expect("rules");
    for (rule, count) in rules {
        assert_eq!(summary.counts["dq"]["volunteers"]["rule_counts"][rule], *count, "{rule}");
    }
}

/// A list of the generator, and the truth about it.
fn generated(ground: &Ground, rows: usize) -> (PathBuf, PathBuf) {
    let (list, truth) = (ground.folder().join("people.csv"), ground.folder().join("truth.csv"));
    let (mut out, mut hidden) =
        (csv::Writer::from_path(&list).expect("a file"), csv::Writer::from_path(&truth).expect("a file"));
    out.write_record(COLUMNS).expect("the header");
    hidden.write_record(TRUTH_COLUMNS).expect("the header");
    for record in Records::new(20_240, 0.08, 0.05).take(rows) {
        out.write_record(&record.cells).expect("a row");
        hidden.write_record(&record.truth).expect("a row");
    }
    out.flush().expect("the list is written");
    hidden.flush().expect("the truth is written");
    (list, truth)
}

async fn generated_rows(test: &TestStore, rows: usize) {
    let Some(python) = python() else { return };
    let ground = Ground::new(test).await;
    let (list, truth) = generated(&ground, rows);
    compare(&ground, &python, &list, Some(&truth)).await;
}

async fn two_thousand_generated_rows(test: &TestStore) {
    generated_rows(test, 2_000).await;
}

async fn a_million_generated_rows(test: &TestStore) {
    generated_rows(test, 1_000_000).await;
}

async fn the_golden_list(test: &TestStore) {
    let Some(python) = python() else { return };
    let ground = Ground::new(test).await;
    compare(&ground, &python, &golden("volunteers_valid.csv"), None).await;
}

on_both!(
    two_thousand_generated_rows,
    the_golden_list,
    #[ignore = "long: ./test --long"]
    a_million_generated_rows,
);
