//! A whole run, taken back and brought back.

use importer_engine::EngineOptions;

use super::stage::{Person, all_of, back, everything, file, host, records, same, status, value};
use crate::road::ground::{Ground, core, core_counts, count, golden, whole};
use crate::store::harness::{TestStore, on_both};

fn anna() -> Person {
    Person {
        id: "A",
        first: "Anna",
        last: "Schmidt",
        email: "anna@example.org",
        others: "a.schmidt@example.org",
        phone: "+49 30 1234567",
        city: "Berlin",
        employer: "Harbor",
        verified: "2025-01-05T10:00:00.123456Z",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

fn bert() -> Person {
    Person {
        id: "B",
        first: "Bert",
        last: "Braun",
        email: "bert@example.org",
        phone: "+49 30 7654321",
        city: "Kiel",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

fn cora() -> Person {
    Person {
        id: "C",
        first: "Cora",
        last: "Claus",
        email: "cora@example.org",
        city: "Bonn",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

/// Small pieces, so that every case has several.
fn small(options: &mut EngineOptions, _: &std::path::Path) {
    options.chunk_rows = 2;
}

/// A file with doubtful rows and duplicates: created rows of one and of several rows, suggestions, findings.
async fn created_rows_go_and_come_back(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let store = ground.store();
    let empty = everything(store).await;
    let path = golden("volunteers_valid.csv");
    let first = ground.load(&path).await;
    let loaded = records(store).await;

    let mut look = all_of(first.run_id);
    look.dry_run = true;
    let told = back(&ground, &look).await;
    assert_eq!((told.counts.removed, told.counts.kept), (core(&first, "rows_created"), 0), "{told:#?}");
    same(&records(store).await, &loaded, "a look changes nothing");

    let report = back(&ground, &all_of(first.run_id)).await;
    assert_eq!(report.counts, told.counts, "the look told what was done");
    same(&records(store).await, &empty, "nothing is left");
    assert_eq!(status(&ground, first.run_id).await, "rolled_back");
    assert_eq!(count(store, "SELECT count(*) FROM {dq_violations} WHERE status = 'open'").await, 0);
    assert_eq!(
        count(
            store,
            "SELECT count(*) FROM {audit} WHERE action = 'ImportRollbackExecuted' AND actor = 'olga'"
        )
        .await,
        1
    );

    // The rollback is rolled back: everything is there again, under the same ids.
    let again = back(&ground, &all_of(report.run_id.unwrap())).await;
    assert_eq!(again.counts.returned, core(&first, "rows_created"), "{again:#?}");
    same(&records(store).await, &loaded, "everything is back");
    assert_eq!(status(&ground, first.run_id).await, "succeeded");
    assert_eq!(status(&ground, report.run_id.unwrap()).await, "rolled_back");
    whole(store).await;

    // And once more in each direction.
    let third = back(&ground, &all_of(again.run_id.unwrap())).await;
    same(&records(store).await, &empty, "taken back again");
    assert_eq!(status(&ground, first.run_id).await, "rolled_back");
    assert_eq!(third.counts.removed, core(&first, "rows_created"));

    // The same file is new again, and counts as it did the first time.
    let second = ground.load(&path).await;
    assert_eq!(core_counts(&second), core_counts(&first));
    whole(store).await;
}

/// Values, sets, verified times, a delete, a return, new links on old rows: all of it goes back.
async fn updates_go_back(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let store = ground.store();
    ground.load(&file(&ground, "1.csv", "crm", &[anna(), bert(), cora()])).await;
    let gone = Person { deleted: "true", updated: "2025-02-01T00:00:00Z", ..cora() };
    ground.load(&file(&ground, "2.csv", "crm", &[gone])).await;
    // A person whom the host knows and we do not yet.
    host(&ground, "INSERT INTO {contacts} (tenant_id, id, first_name, last_name, email, city) VALUES ('default', 900, 'Dora', 'Dorn', 'dora@example.org', 'Ulm'); INSERT INTO {contact_emails} (tenant_id, contact_id, email_key, email, is_primary) VALUES ('default', 900, 'dora@example.org', 'dora@example.org', TRUE);").await;
    let before = records(store).await;

    let changed = file(
        &ground,
        "3.csv",
        "crm",
        &[
            Person {
                email: "anna.new@example.org",
                others: "anna2@example.org;anna3@example.org",
                city: "Hamburg",
                verified: "2025-03-05T10:00:00.654321Z",
                updated: "2025-03-10T00:00:00Z",
                ..anna()
            },
            Person { deleted: "true", updated: "2025-03-10T00:00:00Z", ..bert() },
            Person { city: "Essen", updated: "2025-03-10T00:00:00Z", ..cora() },
            Person {
                id: "D",
                first: "Dora",
                last: "Dorn",
                email: "dora@example.org",
                city: "Trier",
                employer: "Mill",
                updated: "2025-03-10T00:00:00Z",
                ..Person::default()
            },
            Person {
                id: "E",
                first: "Emil",
                last: "Ernst",
                email: "emil@example.org",
                city: "Jena",
                updated: "2025-03-10T00:00:00Z",
                ..Person::default()
            },
            Person {
                id: "A2",
                first: "Anna",
                last: "Schmidt",
                email: "anna@example.org",
                updated: "2025-03-09T00:00:00Z",
                ..Person::default()
            },
        ],
    );
    let run = ground.load(&changed).await;
    let after = records(store).await;
    for (name, n) in
        [("rows_updated", 2), ("rows_soft_deleted", 1), ("rows_reactivated", 1), ("rows_created", 1)]
    {
        assert_eq!(core(&run, name), n, "{name}: {}", run.counts);
    }

    let report = back(&ground, &all_of(run.run_id)).await;
    assert_eq!((report.counts.kept, report.counts.removed), (0, 1), "{report:#?}");
    same(&records(store).await, &before, "everything is as before the run");
    assert_eq!(status(&ground, run.run_id).await, "rolled_back");
    let logged =
        "SELECT count(*) FROM {change_log} WHERE reason = 'rollback of run 3' AND field_name = 'city'";
    assert!(count(store, logged).await >= 2);

    let again = back(&ground, &all_of(report.run_id.unwrap())).await;
    assert_eq!(again.counts.kept, 0, "{again:#?}");
    same(&records(store).await, &after, "and as after the run");
    back(&ground, &all_of(again.run_id.unwrap())).await;
    same(&records(store).await, &before, "and as before again");

    // The same file does the same again.
    let second = ground.load(&changed).await;
    assert_eq!(core_counts(&second), core_counts(&run));
    assert_eq!(value(&ground, "SELECT city FROM {contacts} WHERE first_name = 'Anna'").await, "Hamburg");
}

on_both!(created_rows_go_and_come_back, updates_go_back);
