//! A value that the target table refuses costs its own row: a finding with the constraint's name, counts in balance, and
//! the row goes again when it is mended.

use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::store::Dialect;
use importer_engine::why::{RowQuestion, Which};
use importer_engine::{RunSummary, Silent};

use super::students::{HEADER, figure, load, names, run, students, university};
use crate::remedy::ground::{findings, requeue, set, violation};
use crate::road::ground::{Ground, count, workspace};
use crate::rollback::stage::{all_of, back, host};
use crate::store::harness::{TestStore, on_both};

on_both!(
    every_constraint_is_a_finding,
    refused_rows_go_again,
    updates_that_are_refused_change_nothing,
    many_refusals_and_small_chunks,
    all_or_nothing_is_nothing,
    one_transaction_holds_the_others,
    a_rollback_passes_over_them,
    rows_that_a_table_drops_in_silence,
    what_is_looked_at_only_at_the_end,
    the_end_of_one_transaction_names_its_rows,
    a_refusal_that_ends_the_transaction,
    tables_that_settle_conflicts_by_themselves,
);

/// One good row, and one for every way to be refused.
const BAD: &str = "\
1,Anna,Lee,anna@example.org,2001-05-04,3,Law
2,Bob,,bob@example.org,,3,Law
3,Cleo,Noon,anna@example.org,,3,Law
4,Dan,Moss,dan@example.org,,-3,Law
5,Eve,Ross,eve@example.org,,3,Alchemy
6,Robot,Nine,robot@example.org,,3,Music
7,Fay,Abcdefghijklmnopqrstuvwxyz,fay@example.org,,3,Music
8,Abcdefghijklmnopqrstuvwxyz,Gil,gil@example.org,,3,Music
9,Hal,Ivy,hal@example.org,,4,Music
";

/// Every change of the ledger is applied or refused, and every row is somewhere.
async fn balanced(ground: &Ground, summary: &RunSummary) {
    let sql = format!(
        "SELECT count(*) FROM {{load_ledger}} WHERE run_id = {} AND changes <> applied + refused",
        summary.run_id
    );
    assert_eq!(count(ground.store(), &sql).await, 0);
    let n = |stage: &str, name: &str| figure(summary, stage, name);
    assert_eq!(n("dq", "rows_evaluated"), n("dq", "rows_validated") + n("dq", "rows_quarantined"));
    assert_eq!(n("dq", "rows_validated"), n("core", "rows_processed"), "{:?}", summary.counts);
}

fn rule<'a>(summary: &'a RunSummary, code: &str) -> Vec<&'a str> {
    summary.rules.iter().filter(|r| r.rule_code == code).map(|r| r.message.as_str()).collect()
}

async fn every_constraint_is_a_finding(test: &TestStore) {
    let ground = university(test).await;
    let summary = load(&ground, "bad.csv", BAD).await;
    assert_eq!(names(&ground).await, ["Anna", "Hal"], "{:#?}", summary.rules);
    assert_eq!(figure(&summary, "core", "rows_created"), 2);
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 7);
    balanced(&ground, &summary).await;
    let codes: Vec<(&str, u64)> =
        summary.rules.iter().map(|r| (r.rule_code.as_str(), r.violations)).collect();
    assert_eq!(codes.iter().map(|(_, n)| n).sum::<u64>(), 7, "{codes:?}");
    assert!(rule(&summary, "LOAD_NOT_NULL")[0].contains("last_name"), "{:#?}", summary.rules);
    assert!(rule(&summary, "LOAD_UNIQUE")[0].contains("email"), "{:#?}", summary.rules);
    assert!(summary.rules.iter().any(|r| r.rule_code == "LOAD_FOREIGN_KEY"), "{:#?}", summary.rules);
    let told = format!("{:?}", summary.rules.iter().map(|r| &r.message).collect::<Vec<_>>());
    for name in ["semester_counts", "short_enough", "robots do not study"] {
        assert!(told.contains(name) || codes.iter().any(|(_, n)| *n > 1), "{name}: {told}");
    }
    // The store, the report and the story say the same.
    let stored = findings(ground.store(), summary.run_id).await;
    assert_eq!(stored.len(), 7, "{stored:#?}");
    assert!(stored.iter().any(|f| f.starts_with("LOAD_NOT_NULL last_name 2 open")), "{stored:#?}");
    let report = std::fs::read_to_string(&summary.report).expect("the report");
    assert_eq!(report.lines().count(), 8, "{report}");
    assert!(report.contains("LOAD_UNIQUE"), "{report}");
    let question = RowQuestion { run: summary.run_id, which: Which::Row(3) };
    let story = ground.engine.why_row(&question);
    let story = Box::pin(story).await.expect("a story");
    assert!(story.summary.contains("quarantined by LOAD_UNIQUE"), "{}", story.summary);
    assert!(story.stopped.is_some_and(|why| why.contains("the target tables did not take it")));
    // Read again the file finds the same, and loads nothing twice.
    let again = load(&ground, "bad.csv", BAD).await;
    assert_eq!((figure(&again, "core", "rows_created"), figure(&again, "dq", "rows_quarantined")), (0, 7));
    assert_eq!(names(&ground).await, ["Anna", "Hal"]);
}

async fn refused_rows_go_again(test: &TestStore) {
    let ground = university(test).await;
    let first = load(&ground, "bad.csv", "1,Anna,Lee,anna@example.org,,3,Law\n2,Bob,,bob@example.org,,3,Law\n3,Cleo,Noon,cleo@example.org,,3,Alchemy\n").await;
    // Mended by a person.
    let id = violation(ground.store(), first.run_id, "LOAD_NOT_NULL", 2).await;
    let mended = set(&ground, id, &[("last_name", "Moss")]).await.expect("it goes again");
    assert_eq!((mended.promoted, mended.held), (1, 0), "{:#?}", mended.summary);
    // Mended wrongly: the target refuses it again, and it is still held.
    let id = violation(ground.store(), first.run_id, "LOAD_FOREIGN_KEY", 3).await;
    let still = set(&ground, id, &[("email", "anna@example.org")]).await.expect("it goes again");
    assert_eq!((still.promoted, still.held), (0, 1), "{:#?}", still.summary.rules);
    // The faculty is founded, the address is given back: the row passes by itself.
    let found = "INSERT INTO faculties VALUES ('Alchemy')";
    host(&ground, found).await;
    let ids = "UPDATE students SET email = 'a.lee@example.org' WHERE first_name = 'Anna'";
    host(&ground, ids).await;
    let passed = requeue(&ground, None, None, false).await.expect("it goes again");
    assert_eq!(passed.runs.iter().map(|r| r.promoted).sum::<u64>(), 1, "{passed:#?}");
    assert_eq!(names(&ground).await, ["Anna", "Bob", "Cleo"]);
    let open: Vec<String> =
        findings(ground.store(), first.run_id).await.into_iter().filter(|f| f.contains(" open ")).collect();
    assert!(open.is_empty(), "{open:?}");
}

async fn updates_that_are_refused_change_nothing(test: &TestStore) {
    let ground = university(test).await;
    load(&ground, "one.csv", "1,Anna,Lee,anna@example.org,,3,Law\n2,Bob,Moss,bob@example.org,,3,Law\n").await;
    let lines = "1,Anna,Lee,bob@example.org,,4,Law\n2,Bob,Moss,bob@example.org,,5,Law\n3,Cleo,Noon,cleo@example.org,,1,Law\n";
    let summary = load(&ground, "two.csv", lines).await;
    balanced(&ground, &summary).await;
    let found: Vec<String> = students(&ground).await.iter().map(|s| s["email"].clone()).collect();
    assert_eq!(found, ["anna@example.org", "bob@example.org", "cleo@example.org"]);
    let semesters = "SELECT sum(semester) FROM students WHERE first_name IN ('Anna', 'Bob')";
    assert_eq!(count(ground.store(), &format!("SELECT CAST(({semesters}) AS bigint)")).await, 3 + 5);
    assert_eq!(figure(&summary, "core", "rows_updated"), 1);
    assert_eq!(figure(&summary, "core", "rows_created"), 1);
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 1);
    // Nothing counts as loaded of what was refused: the same contents go through once they fit.
    host(&ground, "UPDATE students SET email = 'b@example.org' WHERE first_name = 'Bob'").await;
    let later = load(&ground, "three.csv", "1,Anna,Lee,bob@example.org,,4,Law\n").await;
    assert_eq!(figure(&later, "core", "rows_updated"), 1, "{:?}", later.counts);
}

async fn many_refusals_and_small_chunks(test: &TestStore) {
    let ground = university(test).await;
    let mut text = HEADER.to_owned();
    for n in 0..60 {
        let semester = if n % 7 == 3 { -1 } else { 2 };
        text.push_str(&format!("{n},First{n},Last,s{n}@example.org,,{semester},Law\n"));
    }
    let mut options = ground.options.clone();
    options.chunk_rows = 7;
    let engine = crate::road::ground::open(&options).await;
    let request = RunRequest::files([ground.file("many.csv", text)]);
    let summary = Box::pin(engine.run(&request, Arc::new(Silent))).await.expect("a run");
    assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    let refused = (0..60).filter(|n| n % 7 == 3).count() as u64;
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), refused);
    assert_eq!(figure(&summary, "core", "rows_created"), 60 - refused);
    balanced(&ground, &summary).await;
    // A table that refuses nearly everything does not fit: the run says so, and does not try for ever.
    let bad: String = (0..60).map(|n| format!("x{n},First{n},Last,t{n}@example.org,,-1,Law\n")).collect();
    let stopped = run(&ground, "all.csv", &bad).await;
    assert_ne!(stopped.status, "succeeded");
    assert!(
        stopped
            .error
            .as_deref()
            .is_some_and(|e| e.contains("refused by the target tables") && e.contains("semester_counts")),
        "{:?}",
        stopped.error
    );
}

async fn all_or_nothing_is_nothing(test: &TestStore) {
    let ground = university(test).await;
    let mut request = RunRequest::files([ground.file("bad.csv", format!("{HEADER}{BAD}"))]);
    request.mode = Some(importer_plans::project::ImportMode::AllOrNothing);
    let summary = ground.run(&request).await;
    assert_eq!(summary.status, "failed", "{:?}", summary.error);
    assert!(
        summary.error.as_deref().is_some_and(|e| e.contains("takes all or nothing")),
        "{:?}",
        summary.error
    );
    assert!(names(&ground).await.is_empty());
}

async fn one_transaction_holds_the_others(test: &TestStore) {
    let ground = university(test).await;
    let mut request = RunRequest::files([ground.file("bad.csv", format!("{HEADER}{BAD}"))]);
    request.atomic = true;
    let summary = ground.run(&request).await;
    assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    assert_eq!(names(&ground).await, ["Anna", "Hal"]);
    balanced(&ground, &summary).await;
}

async fn a_rollback_passes_over_them(test: &TestStore) {
    let ground = university(test).await;
    let summary = load(&ground, "bad.csv", BAD).await;
    let report = back(&ground, &all_of(summary.run_id)).await;
    assert_eq!(report.counts.removed, 2, "{report:#?}");
    assert!(names(&ground).await.is_empty());
}

async fn script(ground: &Ground, sql: &str) {
    ground.store().session().await.expect("a session").execute_script(sql).await.expect("it runs");
}

/// The table of SQLite with something of its text changed; it cannot be altered.
async fn made_again(ground: &Ground, from: &str, to: &str) {
    let file = workspace().join("testdata/projects/tables/students.sqlite.sql");
    let text = std::fs::read_to_string(file).expect("the tables");
    let table = &text[text.find("CREATE TABLE students").expect("the table")..];
    assert!(table.contains(from), "{table}");
    script(ground, &format!("DROP TABLE students; {}", table.replace(from, to))).await;
}

/// Nothing counts as loaded that the table does not have.
async fn rows_that_a_table_drops_in_silence(test: &TestStore) {
    let ground = university(test).await;
    let quiet = match ground.store().dialect() {
        Dialect::Sqlite => {
            "CREATE TRIGGER quiet BEFORE INSERT ON students WHEN NEW.last_name = 'Ignore' BEGIN SELECT RAISE(IGNORE); END; CREATE TRIGGER quiet_later BEFORE UPDATE ON students WHEN NEW.semester = 9 BEGIN SELECT RAISE(IGNORE); END;"
        }
        Dialect::Postgres => {
            "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.last_name = 'Ignore' OR NEW.semester = 9 THEN RETURN NULL; END IF; RETURN NEW; END $$; CREATE TRIGGER quiet BEFORE INSERT OR UPDATE ON students FOR EACH ROW EXECUTE FUNCTION quiet();"
        }
    };
    script(&ground, quiet).await;
    let lines = "1,Anna,Lee,anna@example.org,,3,Law\n2,Bob,Ignore,bob@example.org,,3,Law\n3,Cleo,Noon,cleo@example.org,,3,Law\n";
    let summary = load(&ground, "one.csv", lines).await;
    assert_eq!(names(&ground).await, ["Anna", "Cleo"], "{:#?}", summary.rules);
    assert_eq!(figure(&summary, "core", "rows_created"), 2);
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 1);
    assert!(rule(&summary, "LOAD_REFUSED")[0].contains("did not keep it"), "{:#?}", summary.rules);
    balanced(&ground, &summary).await;
    let lines = "1,Anna,Lee,anna@example.org,,9,Law\n3,Cleo,Noon,cleo@example.org,,4,Law\n";
    let later = load(&ground, "two.csv", lines).await;
    assert_eq!(figure(&later, "core", "rows_updated"), 1, "{:?}", later.counts);
    assert_eq!(figure(&later, "dq", "rows_quarantined"), 1, "{:#?}", later.rules);
    balanced(&ground, &later).await;
}

async fn what_is_looked_at_only_at_the_end(test: &TestStore) {
    looked_at_late(test, false).await;
}

async fn the_end_of_one_transaction_names_its_rows(test: &TestStore) {
    looked_at_late(test, true).await;
}

async fn looked_at_late(test: &TestStore, atomic: bool) {
    let ground = university(test).await;
    match ground.store().dialect() {
        Dialect::Sqlite => {
            let (from, to) = ("faculties (name)", "faculties (name) DEFERRABLE INITIALLY DEFERRED");
            made_again(&ground, from, to).await;
        }
        Dialect::Postgres => {
            let sql = "ALTER TABLE students ALTER CONSTRAINT known_faculty DEFERRABLE INITIALLY DEFERRED";
            script(&ground, sql).await;
        }
    }
    let mut request = RunRequest::files([ground.file("bad.csv", format!("{HEADER}{BAD}"))]);
    request.atomic = atomic;
    let summary = ground.run(&request).await;
    assert_eq!(summary.status, "succeeded", "{:?}", summary.error);
    assert_eq!(names(&ground).await, ["Anna", "Hal"], "{:#?}", summary.rules);
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 7);
    balanced(&ground, &summary).await;
}

async fn a_refusal_that_ends_the_transaction(test: &TestStore) {
    if test.store.dialect() == Dialect::Postgres {
        return; // No statement of a trigger can end a transaction there.
    }
    let ground = university(test).await;
    script(&ground, "CREATE TRIGGER out BEFORE INSERT ON students WHEN NEW.last_name = 'Out' BEGIN SELECT RAISE(ROLLBACK, 'out with it'); END;").await;
    let lines = "1,Anna,Lee,,,3,Law\n2,Bob,Out,,,3,Law\n3,Cleo,Noon,,,3,Law\n4,Dan,Moss,,,-3,Law\n5,Eve,Out,,,3,Law\n";
    let mut request = RunRequest::files([ground.file("one.csv", format!("{HEADER}{lines}"))]);
    request.atomic = true;
    let stopped = ground.run(&request).await;
    assert!(stopped.error.as_deref().is_some_and(|e| e.contains("out with it")), "{:?}", stopped.error);
    assert!(names(&ground).await.is_empty());
    let summary = load(&ground, "two.csv", lines).await;
    assert_eq!(names(&ground).await, ["Anna", "Cleo"], "{:#?}", summary.rules);
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 3);
    balanced(&ground, &summary).await;
}

async fn tables_that_settle_conflicts_by_themselves(test: &TestStore) {
    if test.store.dialect() == Dialect::Postgres {
        return; // Tables have no such words there.
    }
    let ground = university(test).await;
    let unique = "students_email_once UNIQUE";
    made_again(&ground, unique, &format!("{unique} ON CONFLICT REPLACE")).await;
    script(&ground, "DROP TRIGGER no_bots; DROP TRIGGER no_bots_later").await;
    let lines = "1,Anna,Lee,a@example.org,,3,Law\n2,Bob,Moss,a@example.org,,3,Law\n";
    let summary = load(&ground, "one.csv", lines).await;
    assert_eq!(names(&ground).await, ["Anna"], "{:#?}", summary.rules);
    assert_eq!(rule(&summary, "LOAD_UNIQUE").len(), 1, "{:#?}", summary.rules);
}

#[cfg(feature = "failpoints")]
mod broken {
    use super::*;
    use crate::road::failpoints::alone_in;
    use crate::store::harness::{on_postgres, on_sqlite};

    /// Killed behind the load and before its findings are written down, the run goes on and tells them.
    async fn goes_on(test: &TestStore) {
        let ground = university(test).await;
        for name in ["run::refused_found", "load::ledger_written"] {
            fail::cfg(name, "1*return").expect("a failpoint");
            let request = RunRequest::files([ground.file("bad.csv", format!("{HEADER}{BAD}"))]);
            let broken = ground.run(&request).await;
            fail::remove(name);
            if broken.status == "succeeded" {
                continue;
            }
            let options = importer_engine::ResumeOptions::default();
            let resumed = ground.engine.resume(broken.run_id, &options, Arc::new(Silent));
            let resumed = Box::pin(resumed).await.expect("it goes on");
            assert_eq!(resumed.status, "succeeded", "{:?}", resumed.error);
            assert_eq!(figure(&resumed, "dq", "rows_quarantined"), 7);
            assert_eq!(findings(ground.store(), resumed.run_id).await.len(), 7);
            assert_eq!(names(&ground).await, ["Anna", "Hal"]);
            balanced(&ground, &resumed).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite_it_goes_on() {
        if alone_in(module_path!(), "on_sqlite_it_goes_on") {
            on_sqlite(|test| Box::pin(goes_on(test))).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres_it_goes_on() {
        if alone_in(module_path!(), "on_postgres_it_goes_on") {
            on_postgres(|test| Box::pin(goes_on(test))).await;
        }
    }
}
