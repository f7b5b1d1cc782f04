//! One row, one field; and rollbacks that break off.

use importer_engine::EngineOptions;
use importer_engine::rollback::RollbackRequest;

use super::stage::{Person, all_of, back, file, records, same, status, try_back, value};
use crate::road::ground::Ground;
#[cfg(feature = "failpoints")]
use crate::road::ground::{count, whole};
use crate::store::harness::{TestStore, on_both};

fn person(id: &'static str, first: &'static str, email: &'static str) -> Person {
    Person {
        id,
        first,
        last: "Stein",
        email,
        city: "Berlin",
        employer: "Harbor",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

fn people() -> Vec<Person> {
    vec![
        person("A", "Anna", "anna@example.org"),
        person("B", "Bert", "bert@example.org"),
        person("C", "Cora", "cora@example.org"),
    ]
}

fn moved() -> Vec<Person> {
    let mut people: Vec<Person> = people()
        .into_iter()
        .map(|p| Person { city: "Kiel", employer: "Mill", updated: "2025-02-10T00:00:00Z", ..p })
        .collect();
    people.push(person("D", "Dora", "dora@example.org"));
    people
}

fn small(options: &mut EngineOptions, _: &std::path::Path) {
    options.chunk_rows = 2;
}

async fn city(ground: &Ground, name: &str) -> String {
    value(ground, &format!("SELECT city FROM {{contacts}} WHERE first_name = '{name}'")).await
}

async fn one_row_or_one_field(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    ground.load(&file(&ground, "1.csv", "crm", &people())).await;
    let before = records(ground.store()).await;
    let run = ground.load(&file(&ground, "2.csv", "crm", &moved())).await;
    let after = records(ground.store()).await;

    let row = RollbackRequest { row: Some(2), ..all_of(run.run_id) };
    let report = back(&ground, &row).await;
    assert_eq!((report.counts.restored, report.counts.fields), (1, 2), "{report:#?}");
    assert_eq!(
        (city(&ground, "Anna").await, city(&ground, "Bert").await),
        ("Kiel".to_owned(), "Berlin".to_owned())
    );
    assert_eq!(status(&ground, run.run_id).await, "succeeded", "the run still stands");
    back(&ground, &all_of(report.run_id.unwrap())).await;
    same(&records(ground.store()).await, &after, "the row is back");
    assert_eq!(status(&ground, run.run_id).await, "succeeded");

    let field = RollbackRequest { field: Some("city".to_owned()), ..all_of(run.run_id) };
    let report = back(&ground, &field).await;
    assert_eq!(
        (report.counts.restored, report.counts.fields, report.counts.removed),
        (3, 3, 0),
        "{report:#?}"
    );
    assert_eq!(city(&ground, "Cora").await, "Berlin");
    assert_eq!(value(&ground, "SELECT employer FROM {contacts} WHERE first_name = 'Cora'").await, "Mill");
    back(&ground, &all_of(report.run_id.unwrap())).await;
    same(&records(ground.store()).await, &after, "the field is back, its provenance too");

    let both = RollbackRequest { field: Some("city".to_owned()), row: Some(1), ..all_of(run.run_id) };
    assert_eq!(back(&ground, &both).await.counts.fields, 1);
    // What is left of the run goes with all of it.
    let rest = back(&ground, &all_of(run.run_id)).await;
    assert_eq!((rest.counts.kept, rest.counts.removed), (0, 1), "{rest:#?}");
    same(&records(ground.store()).await, &before, "everything is as before the run");
    assert_eq!(status(&ground, run.run_id).await, "rolled_back");

    for (request, word) in [
        (RollbackRequest { row: Some(77), ..all_of(1) }, "row 77"),
        (RollbackRequest { field: Some("town".to_owned()), ..all_of(1) }, "city"),
    ] {
        let error = try_back(&ground, &request).await.expect_err("there is no such thing");
        assert!(format!("{error} {:?}", error.help()).contains(word), "{error} {:?}", error.help());
    }
}

on_both!(one_row_or_one_field);

/// Broken off at every place, gone on with, and the same in the end.
#[cfg(feature = "failpoints")]
mod broken_off {
    use super::*;

    async fn at_every_place(test: &TestStore) {
        let ground = Ground::with(test, small).await;
        ground.load(&file(&ground, "1.csv", "crm", &people())).await;
        let before = records(ground.store()).await;
        let path = file(&ground, "2.csv", "crm", &moved());
        let places = [
            "rollback::before_write",
            "rollback::after_write",
            "store::before_commit",
            "store::after_commit",
            "rollback::before_closing",
        ];
        for place in places {
            for nth in 0..2 {
                let run = ground.load(&path).await;
                fail::cfg(place, &format!("{nth}*off->1*return")).expect("a failpoint");
                let outcome = try_back(&ground, &all_of(run.run_id)).await;
                fail::remove(place);
                whole(ground.store()).await;
                if !matches!(&outcome, Ok(report) if report.error.is_none()) {
                    let other = RollbackRequest { row: Some(1), ..all_of(run.run_id) };
                    let sum = "SELECT CAST(coalesce(sum(applied + refused), 0) AS BIGINT) FROM {load_ledger} l JOIN {import_runs} r ON r.tenant_id = l.tenant_id AND r.id = l.run_id WHERE r.kind = 'rollback' AND r.status <> 'succeeded' AND r.status <> 'rolled_back'";
                    if count(ground.store(), sum).await > 0
                        && status(&ground, run.run_id).await != "rolled_back"
                    {
                        let error = try_back(&ground, &other).await.expect_err("another one is not begun");
                        assert_eq!(error.code(), Some("ROLLBACK_UNFINISHED"), "{place} {nth}: {error}");
                    }
                    if status(&ground, run.run_id).await != "rolled_back" {
                        let report = back(&ground, &all_of(run.run_id)).await;
                        assert_eq!(report.counts.kept, 0, "{place} {nth}: {report:#?}");
                    }
                }
                assert_eq!(status(&ground, run.run_id).await, "rolled_back", "{place} {nth}");
                same(&records(ground.store()).await, &before, &format!("{place} {nth}"));
            }
        }
    }

    /// Failpoints are of the whole process: these run in one of their own.
    async fn alone(name: &str, case: impl Future<Output = ()>) {
        if crate::road::failpoints::alone_in(module_path!(), name) {
            case.await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn at_every_place_on_sqlite() {
        alone(
            "at_every_place_on_sqlite",
            crate::store::harness::on_sqlite(|test| Box::pin(at_every_place(test))),
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn at_every_place_on_postgres() {
        alone(
            "at_every_place_on_postgres",
            crate::store::harness::on_postgres(|test| Box::pin(at_every_place(test))),
        )
        .await;
    }
}
