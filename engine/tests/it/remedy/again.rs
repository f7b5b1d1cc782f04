//! A request whose process dies before its rows are landed is not lost, and a row that came in one way closes what was
//! found about it elsewhere.

use importer_engine::remedy::Edits;

use super::ground::{PEOPLE, by_name, findings, imported, set, violation};
use super::reports::Sheet;
use crate::road::ground::{Ground, count, whole};
use crate::store::harness::{TestStore, on_both};

on_both!(twins_are_closed_with_their_row, a_line_is_mended_as_a_whole, quality_as_columns);

/// Rows without an id and without a key of their own: no link says that they are the same.
const WITHOUT_ID: &str = "\
first_name,last_name,email,city
Ida,Iske,not an address,Jena
Ole,Otto,neither,Kiel
Jan,Jost
";

async fn open_errors(ground: &Ground) -> i64 {
    count(ground.store(), "SELECT count(*) FROM {dq_violations} WHERE severity = 'error' AND status = 'open'")
        .await
}

async fn twins_are_closed_with_their_row(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "one.csv", WITHOUT_ID).await;
    let before = open_errors(&ground).await;
    // The same list again: its findings speak of the rows now, the records that could not be read included.
    let second = imported(&ground, "again.csv", WITHOUT_ID).await;
    assert_eq!(open_errors(&ground).await, before, "{:#?}", findings(ground.store(), first.run_id).await);
    let old = findings(ground.store(), first.run_id).await;
    assert!(old.iter().all(|f| f.ends_with("fixed superseded")), "{old:#?}");

    // Twice in one file: what is mended in one line is mended.
    let doubled = format!("{WITHOUT_ID}Ida,Iske,not an address,Jena\n");
    let third = imported(&ground, "doubled.csv", &doubled).await;
    let id = violation(ground.store(), third.run_id, "VOL_EMAIL_FORMAT", 1).await;
    let done = set(&ground, id, &[("email", "ida@example.org")]).await.expect("it is mended");
    assert_eq!((done.promoted, done.held), (1, 0), "{done:?}");
    let told = findings(ground.store(), third.run_id).await;
    let of = |row: i64| told.iter().filter(|f| f.contains(&format!(" {row} "))).cloned().collect::<Vec<_>>();
    assert!(of(1).iter().all(|f| f.ends_with("fixed remediated")), "{told:#?}");
    assert!(of(3).iter().all(|f| f.ends_with("fixed superseded")), "{told:#?}");
    assert!(of(2).iter().any(|f| f.contains(" open ")), "another row stays: {told:#?}");
    assert_eq!(by_name(ground.store()).await.len(), 1);
    assert!(findings(ground.store(), second.run_id).await.iter().all(|f| f.contains(" fixed ")));
    whole(ground.store()).await;
}

async fn a_line_is_mended_as_a_whole(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let mut sheet = Sheet::of(&ground, first.run_id, PEOPLE).await;
    let emil = sheet.rows.iter().position(|r| r[2] == "CSV_TOO_FEW_FIELDS").expect("the short line");
    sheet.edit(emil, "original_value", "N-5,Emil,Erle,emil@example.org,,,\"Erfurt, Nord\",,");
    let path = sheet.write(&ground, "mended.csv", b',');
    let done = super::ground::remediate(&ground, Edits::Report(path)).await.expect("it goes");
    assert_eq!((done[0].rows, done[0].promoted), (1, 1), "{done:?}");
    let core = by_name(ground.store()).await;
    assert_eq!(core["Erle"]["city"], "Erfurt, Nord");

    // What is still no record is told, and nothing is done.
    let second =
        imported(&ground, "short.csv", "first_name,last_name,email\nUlf,Uhl\nEva,Ehm,eva@example.org\n")
            .await;
    let mut sheet = Sheet::of(&ground, second.run_id, "first_name,last_name,email\n").await;
    let line = sheet.rows.iter().position(|r| r[2] == "CSV_TOO_FEW_FIELDS").expect("the short line");
    sheet.edit(line, "original_value", "Ulf,Uhl,ulf@example.org,and more");
    let path = sheet.write(&ground, "worse.csv", b',');
    let error = super::ground::remediate(&ground, Edits::Report(path)).await.expect_err("refused");
    assert!(error.to_string().contains("original_value is still no record"), "{error}");
}

async fn quality_as_columns(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = imported(&ground, "people.csv", PEOPLE).await;
    let store = ground.store();
    let figures = "SELECT rows_processed * 10000 + rows_rejected * 1000 + rows_quarantined * 100 + rows_created FROM {run_counts}";
    assert_eq!(count(store, figures).await, 51_301);
    let of_rule = |rule: &str| {
        format!(
            "SELECT rows_evaluated * 100 + violations FROM {{run_rules}} WHERE rule_code = '{rule}' AND severity = 'error'"
        )
    };
    assert_eq!(count(store, &of_rule("VOL_EMAIL_FORMAT")).await, 402);
    assert_eq!(
        count(store, &of_rule("VOL_CONTACT_REQUIRED")).await,
        400,
        "a rule that was silent is told too"
    );
    assert_eq!(
        count(
            store,
            "SELECT rows_landed * 10 + rows_rejected FROM {run_files} WHERE file_name = 'people.csv'"
        )
        .await,
        41
    );
    let held = "SELECT count(*) FROM {held_rows}";
    assert_eq!(count(store, held).await, 4);
    let id = violation(store, first.run_id, "VOL_EMAIL_FORMAT", 2).await;
    set(&ground, id, &[("E-Mail", "bert@example.org")]).await.expect("it is mended");
    assert_eq!(count(store, held).await, 3, "what came in is held no longer");
}

/// Broken off before the rows are landed.
#[cfg(feature = "failpoints")]
mod broken_off {
    use std::sync::Arc;

    use importer_engine::{ResumeOptions, Silent};

    use super::super::ground::{remediate, requeue};
    use super::*;

    async fn newest(ground: &Ground) -> i64 {
        count(ground.store(), "SELECT max(id) FROM {import_runs}").await
    }

    async fn resumed(ground: &Ground, run: i64) {
        let options = ResumeOptions::default();
        let going = ground.engine.resume(run, &options, Arc::new(Silent));
        let summary = Box::pin(going).await.unwrap_or_else(|e| panic!("{e} {:?}", e.help()));
        assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    }

    async fn the_request_is_kept(test: &TestStore) {
        let mut ground = Ground::new(test).await;
        let first = imported(&ground, "people.csv", PEOPLE).await;
        let values = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
        };
        let edits = [
            ("run::begun", 2, values(&[("E-Mail", "bert@example.org")]), "Braun", "bert@example.org"),
            (
                "run::before_manifest",
                3,
                values(&[("E-Mail", "cora@example.org"), ("Mobil", "+49 30 901822")]),
                "Claus",
                "cora@example.org",
            ),
        ];
        for (place, row, values, name, email) in edits {
            let violation = violation(ground.store(), first.run_id, "VOL_EMAIL_FORMAT", row).await;
            let before = newest(&ground).await;
            fail::cfg(place, "1*return").expect("a failpoint");
            let done = remediate(&ground, Edits::Set { violation, values }).await;
            fail::remove(place);
            assert!(!matches!(&done, Ok(done) if done[0].promoted > 0), "{place}: {done:?}");
            // Another process takes it up, with nothing but the number of the run.
            ground.engine = crate::road::ground::open(&ground.options).await;
            let run = newest(&ground).await;
            assert!(run > before, "{place}: {done:?}");
            resumed(&ground, run).await;
            assert_eq!(by_name(ground.store()).await[name]["email"], email, "{place}");
            whole(ground.store()).await;
            let kept = ground.lake().join("_requests");
            let left = std::fs::read_dir(&kept).map(|entries| entries.count()).unwrap_or(0);
            assert_eq!(left, 0, "{place}: what a run has done is not kept: {kept:?}");
        }
        fail::cfg("run::begun", "1*return").expect("a failpoint");
        let held = requeue(&ground, None, None, false).await;
        fail::remove("run::begun");
        assert!(held.is_err(), "{held:?}");
        resumed(&ground, newest(&ground).await).await;
    }

    async fn alone(name: &str, case: impl Future<Output = ()>) {
        if crate::road::failpoints::alone_in(module_path!(), name) {
            case.await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_request_is_kept_on_sqlite() {
        alone(
            "the_request_is_kept_on_sqlite",
            crate::store::harness::on_sqlite(|test| Box::pin(the_request_is_kept(test))),
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_request_is_kept_on_postgres() {
        alone(
            "the_request_is_kept_on_postgres",
            crate::store::harness::on_postgres(|test| Box::pin(the_request_is_kept(test))),
        )
        .await;
    }
}
