//! How much may be bad: nothing where a run takes all or nothing, else a share, and exactly that share is not too much.

use std::fmt::Write as _;
use std::path::Path;

use importer_engine::RunSummary;
use importer_engine::request::RunRequest;
use importer_engine::store::{Store, Table};
use importer_plans::project::ImportMode;

use super::ground::{Ground, adds_up, core, count, lines, succeeded};
use crate::store::harness::{TestStore, on_both};

const ROWS: u8 = 100;
const BAD: u8 = 29;

fn file() -> String {
    let mut text = "external_id,first_name,last_name,email\n".to_owned();
    for n in 1..=ROWS {
        let name = format!("{}{}", char::from(b'a' + n % 26), char::from(b'a' + n / 26));
        let address = if n <= BAD { format!("bad {n}") } else { format!("person{n}@example.org") };
        writeln!(text, "N-{n},Nora{name},Nobody{name},{address}").expect("text");
    }
    text
}

/// Nothing was loaded, and what was wrong is kept.
async fn nothing_but_findings(store: &Store, summary: &RunSummary, findings: i64) {
    assert_eq!(summary.status, "failed", "{:?}", summary.error);
    assert!(summary.error.is_some() && summary.help.is_some());
    let tables = [
        "external_id_map",
        "core_provenance",
        "change_log",
        "dedupe_suggestions",
        "load_ledger",
        "id_ranges",
    ];
    let core = ["contacts", "volunteers", "contact_emails", "contact_phones"].map(Table::core);
    for table in core.into_iter().chain(tables.map(Table::control)) {
        assert_eq!(lines(store, &table, &[]).await, Vec::<String>::new(), "{table}");
    }
    let kept = format!(
        "SELECT count(*) FROM {{dq_violations}} WHERE run_id = {} AND status = 'open'",
        summary.run_id
    );
    assert_eq!(count(store, &kept).await, findings);
    let report = std::fs::read_to_string(Path::new(&summary.report)).expect("a report");
    assert_eq!(report.lines().count(), 1 + findings as usize, "the report has what is to be repaired");
}

async fn too_many_or_just_enough(test: &TestStore) {
    let ground = Ground::new(test).await;
    let path = ground.file("people.csv", file());

    let mut all_or_nothing = RunRequest::files([&path]);
    all_or_nothing.mode = Some(ImportMode::AllOrNothing);
    all_or_nothing.accept_bad = true;
    let summary = ground.run(&all_or_nothing).await;
    nothing_but_findings(ground.store(), &summary, i64::from(BAD)).await;

    let mut limited = RunRequest::files([&path]);
    limited.max_bad = Some(0.28);
    let summary = ground.run(&limited).await;
    nothing_but_findings(ground.store(), &summary, i64::from(BAD)).await;
    let said = summary.error.as_deref().unwrap_or_default();
    assert!(
        said.contains("29 of 100 rows") && said.contains("28 %") && said.contains("VOL_EMAIL_FORMAT"),
        "{said}"
    );

    limited.max_bad = Some(0.29);
    let summary = succeeded(ground.run(&limited).await);
    adds_up(&summary);
    assert_eq!(core(&summary, "rows_created"), u64::from(ROWS - BAD));

    limited.max_bad = Some(1.5);
    let refused = ground.engine.run(&limited, std::sync::Arc::new(importer_engine::Silent)).await;
    assert!(refused.is_err_and(|e| e.kind().exit_code() == 2), "a share is between 0 and 1");
}

on_both!(too_many_or_just_enough);
