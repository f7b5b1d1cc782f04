//! What others did since stays, and is told with who and when.

use std::collections::BTreeMap;

use importer_engine::EngineOptions;
use importer_engine::rollback::RollbackReport;

use super::stage::{Person, all_of, back, file, host, records, same, status, value};
use crate::road::ground::{Ground, core, count};
use crate::store::harness::{TestStore, on_both};

fn person(id: &'static str, first: &'static str, email: &'static str) -> Person {
    Person {
        id,
        first,
        last: "Stein",
        email,
        city: "Berlin",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

fn three() -> [Person; 3] {
    [
        person("A", "Anna", "anna@example.org"),
        person("B", "Bert", "bert@example.org"),
        person("C", "Cora", "cora@example.org"),
    ]
}

fn small(options: &mut EngineOptions, _: &std::path::Path) {
    options.chunk_rows = 2;
}

fn reasons(report: &RollbackReport) -> BTreeMap<&str, u64> {
    report.reasons.iter().map(|(k, v)| (k.as_str(), *v)).collect()
}

async fn ids(ground: &Ground) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for name in ["Anna", "Bert", "Cora"] {
        let sql = format!("SELECT CAST(min(id) AS TEXT) FROM {{contacts}} WHERE first_name = '{name}'");
        ids.insert(name.to_owned(), value(ground, &sql).await);
    }
    ids
}

/// A row that a later run changed stays, one that it only met again goes.
async fn rows_of_later_runs_stay(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let first = ground.load(&file(&ground, "1.csv", "crm", &three())).await;
    let moved = Person { city: "Hamburg", updated: "2025-02-10T00:00:00Z", ..three()[0].clone() };
    let later = ground.load(&file(&ground, "2.csv", "crm", &[moved, three()[1].clone()])).await;
    assert_eq!((core(&later, "rows_updated"), core(&later, "rows_skipped_no_change")), (1, 1));

    let report = back(&ground, &all_of(first.run_id)).await;
    assert_eq!((report.counts.removed, report.counts.kept), (2, 1), "{report:#?}");
    assert_eq!(reasons(&report), BTreeMap::from([("changed_by_run", 1)]));
    let kept = &report.sample[0];
    assert_eq!((kept.by_run, kept.field.as_deref()), (Some(later.run_id), None), "{kept:?}");
    assert!(kept.at.is_some(), "{kept:?}");
    assert_eq!(report.undone_status, "succeeded", "something stays, so the run still stands");
    assert_eq!(value(&ground, "SELECT city FROM {contacts} WHERE first_name = 'Anna'").await, "Hamburg");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);

    // Once the later run is taken back too, the rest goes.
    back(&ground, &all_of(later.run_id)).await;
    let rest = back(&ground, &all_of(first.run_id)).await;
    assert_eq!((rest.counts.removed, rest.counts.kept), (1, 0), "{rest:#?}");
    assert_eq!(status(&ground, first.run_id).await, "rolled_back");
    assert_eq!(records(ground.store()).await, Vec::<String>::new());
}

/// What the host wrote stays: a value, a member of a set, a state, rows of its own that refer to ours.
async fn edits_of_the_host_stay(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let run = ground
        .load(&file(
            &ground,
            "1.csv",
            "crm",
            &[
                person("A", "Anna", "anna@example.org"),
                person("B", "Bert", "bert@example.org"),
                person("C", "Cora", "cora@example.org"),
                person("D", "Dora", "dora@example.org"),
                person("E", "Emil", "emil@example.org"),
                person("F", "Fritz", "fritz@example.org"),
                person("G", "Gerd", "gerd@example.org"),
            ],
        ))
        .await;
    host(&ground, "UPDATE {contacts} SET city = 'Ulm' WHERE first_name = 'Anna';
        INSERT INTO {contact_emails} (tenant_id, contact_id, email_key, email) SELECT 'default', id, 'b2@example.org', 'b2@example.org' FROM {contacts} WHERE first_name = 'Bert';
        UPDATE {volunteers} SET is_active = FALSE WHERE id = (SELECT id FROM {contacts} WHERE first_name = 'Cora');
        UPDATE {contact_emails} SET email = 'DORA@example.org' WHERE email_key = 'dora@example.org';
        ALTER TABLE {contacts} ADD COLUMN notes TEXT;
        UPDATE {contacts} SET notes = 'plays the violin' WHERE first_name = 'Gerd';
        CREATE TABLE donations (tenant_id TEXT NOT NULL, donor BIGINT NOT NULL, amount BIGINT, FOREIGN KEY (tenant_id, donor) REFERENCES {contacts} (tenant_id, id));
        INSERT INTO donations SELECT 'default', id, 5 FROM {contacts} WHERE first_name = 'Emil';").await;
    let before = records(ground.store()).await;
    let mut look = all_of(run.run_id);
    look.dry_run = true;
    let told = back(&ground, &look).await;
    same(&records(ground.store()).await, &before, "a look changes nothing");

    let report = back(&ground, &all_of(run.run_id)).await;
    assert_eq!(report.counts, told.counts);
    assert_eq!(report.counts.removed, 1, "{report:#?}");
    assert_eq!(reasons(&report), BTreeMap::from([("edited", 5), ("referred", 1)]));
    let who = |name: &str| report.sample.iter().find(|k| k.reason == name).and_then(|k| k.who.clone());
    assert_eq!((who("edited").as_deref(), who("referred").as_deref()), (Some("host"), Some("donations")));
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 6);
    host(&ground, "DROP TABLE donations").await;
}

/// Fields changed since stay, the others go back; and what goes back is no edit of the host afterwards.
async fn fields_changed_since_stay(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let anna = three()[0].clone();
    ground.load(&file(&ground, "1.csv", "crm", &[Person { employer: "Harbor", ..anna.clone() }])).await;
    let second = ground
        .load(&file(
            &ground,
            "2.csv",
            "crm",
            &[Person {
                employer: "Mill",
                city: "Kiel",
                phone: "+49 30 1234567",
                others: "anna2@example.org",
                updated: "2025-02-10T00:00:00Z",
                ..anna.clone()
            }],
        ))
        .await;
    // A later run changes one of the fields, the host another.
    let third = ground
        .load(&file(
            &ground,
            "3.csv",
            "crm",
            &[Person { employer: "Forge", updated: "2025-03-10T00:00:00Z", ..anna.clone() }],
        ))
        .await;
    assert_eq!(core(&third, "rows_updated"), 1, "{}", third.counts);
    host(&ground, "UPDATE {contacts} SET phone = '+49301111111'").await;

    let report = back(&ground, &all_of(second.run_id)).await;
    let told: BTreeMap<_, _> = report
        .sample
        .iter()
        .map(|k| (k.field.clone().unwrap_or_default(), (k.reason.clone(), k.by_run)))
        .collect();
    assert_eq!(told["employer"], ("changed_by_run".to_owned(), Some(third.run_id)), "{report:#?}");
    assert_eq!(told["phone"], ("edited".to_owned(), None));
    assert_eq!(report.undone_status, "succeeded");
    // The third run said the city anew (Berlin), so it is its value that stands.
    assert_eq!(value(&ground, "SELECT employer FROM {contacts}").await, "Forge");
    assert_eq!(value(&ground, "SELECT phone FROM {contacts}").await, "+49301111111");
}

/// A value that goes back under a later run's other change can be imported anew: it does not look like a manual edit.
async fn what_goes_back_can_be_imported_anew(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    let anna = || Person { city: "", ..three()[0].clone() };
    ground.load(&file(&ground, "1.csv", "crm", &[Person { city: "Berlin", ..anna() }])).await;
    let second = ground
        .load(&file(
            &ground,
            "2.csv",
            "crm",
            &[Person { city: "Kiel", updated: "2025-02-10T00:00:00Z", ..anna() }],
        ))
        .await;
    ground
        .load(&file(
            &ground,
            "3.csv",
            "crm",
            &[Person { employer: "Forge", updated: "2025-03-10T00:00:00Z", ..anna() }],
        ))
        .await;
    let report = back(&ground, &all_of(second.run_id)).await;
    assert_eq!(
        (report.counts.fields, report.counts.kept),
        (1, 1),
        "the city goes back, the link was seen since: {report:#?}"
    );
    assert_eq!(report.reasons.get("linked"), Some(&1));
    assert_eq!(value(&ground, "SELECT city FROM {contacts}").await, "Berlin");
    assert_eq!(value(&ground, "SELECT employer FROM {contacts}").await, "Forge");
    let entry = value(&ground, "SELECT CAST(fields_json AS TEXT) FROM {core_provenance}").await;
    assert!(entry.contains("2025-01-10T00:00:00.000000Z"), "the city is from the first file again: {entry}");
    let fourth = ground
        .load(&file(
            &ground,
            "4.csv",
            "crm",
            &[Person { city: "Mainz", updated: "2025-04-10T00:00:00Z", ..anna() }],
        ))
        .await;
    assert_eq!(core(&fourth, "rows_updated"), 1);
    assert_eq!(
        value(&ground, "SELECT city FROM {contacts}").await,
        "Mainz",
        "no edit of the host is in the way"
    );
}

/// Decisions and later links hold a created row.
async fn decisions_and_links_hold(test: &TestStore) {
    let ground = Ground::with(test, small).await;
    // Anna and her daughter share an address: two people and a suggestion.
    let family = [
        three()[0].clone(),
        Person {
            id: "K",
            first: "Klara",
            last: "Stein",
            email: "anna@example.org",
            updated: "2025-01-10T00:00:00Z",
            ..Person::default()
        },
        three()[1].clone(),
        three()[2].clone(),
    ];
    let run = ground.load(&file(&ground, "1.csv", "crm", &family)).await;
    assert_eq!(
        count(ground.store(), "SELECT count(*) FROM {dedupe_suggestions} WHERE match_type = 'household'")
            .await,
        1
    );
    host(&ground, "UPDATE {dedupe_suggestions} SET decision = 'rejected', decided_by = 'stella', decided_at = created_at").await;
    // Another system knows Bert too.
    let other = Person { id: "X9", updated: "2025-01-09T00:00:00Z", ..three()[1].clone() };
    let linked = ground.load(&file(&ground, "2.csv", "erp", &[other])).await;
    assert_eq!(core(&linked, "rows_created"), 0, "{}", linked.counts);
    let before = ids(&ground).await;

    let report = back(&ground, &all_of(run.run_id)).await;
    assert_eq!(report.counts.removed, 1, "{report:#?}");
    assert_eq!(report.reasons.get("decided"), Some(&2), "{report:#?}");
    let decided = report.sample.iter().find(|k| k.reason == "decided").unwrap();
    assert_eq!(decided.who.as_deref(), Some("stella"));
    let bert = report.sample.iter().find(|k| Some(&k.core_id.to_string()) == before.get("Bert")).unwrap();
    assert_eq!(bert.by_run, Some(linked.run_id), "{bert:?}");
    assert_eq!(
        value(&ground, "SELECT decision FROM {dedupe_suggestions} WHERE match_type = 'household'").await,
        "rejected"
    );
}

on_both!(
    rows_of_later_runs_stay,
    edits_of_the_host_stay,
    fields_changed_since_stay,
    what_goes_back_can_be_imported_anew,
    decisions_and_links_hold,
);
