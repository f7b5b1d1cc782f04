//! Core tables are made for the entities that somebody uses, and for others when they come to be used; on both databases.

use std::collections::BTreeSet;

use importer_engine::store::{Table, UpgradeOptions};

use super::harness::{TestStore, on_both};

on_both!(
    tables_that_nobody_uses_are_not_made,
    what_is_left_out_is_made_once_it_is_used,
    somebody_elses_table_stays
);

fn used(tables: &[&str]) -> UpgradeOptions {
    let tables: BTreeSet<String> = tables.iter().map(|table| (*table).to_owned()).collect();
    UpgradeOptions { tables: Some(tables), ..UpgradeOptions::default() }
}

async fn is_there(test: &TestStore, table: &str) -> bool {
    test.store.describe_table(&Table::core(table)).await.is_ok()
}

const PEOPLE: [&str; 4] = ["contacts", "volunteers", "contact_emails", "contact_phones"];

async fn tables_that_nobody_uses_are_not_made(test: &TestStore) {
    test.store.upgrade(used(&["events"])).await.expect("it is upgraded");
    assert!(is_there(test, "events").await);
    for table in PEOPLE.iter().chain(&["leads", "signups", "clean_volunteers", "core_people"]) {
        assert!(!is_there(test, table).await, "{table}");
    }
    assert!(test.store.upgrade(used(&["events"])).await.expect("nothing is missing").is_empty());
    let status = test.store.migration_status().await.expect("the status");
    let left: Vec<&str> = status.iter().flat_map(|m| &m.left_out).map(String::as_str).collect();
    assert!(left.contains(&"contacts") && left.contains(&"clean_volunteers"), "{left:?}");
    test.store.require_current().await.expect("every migration is applied");
    // And all the way back.
    test.store.downgrade(0).await.expect("it is taken back");
    assert!(!is_there(test, "events").await);
}

async fn what_is_left_out_is_made_once_it_is_used(test: &TestStore) {
    test.store.upgrade(used(&["events"])).await.expect("it is upgraded");
    let people = [&PEOPLE[..], &["events"]].concat();
    assert_eq!(test.store.upgrade(used(&people)).await.expect("people are used now"), [2]);
    for table in people.iter().chain(&["clean_volunteers", "core_people"]) {
        assert!(is_there(test, table).await, "{table}");
    }
    assert!(!is_there(test, "leads").await);
    // It is as if it had been made at once.
    let all = test.store.upgrade(UpgradeOptions::default()).await.expect("all are used");
    assert_eq!(all, [13]);
    let everything = [&people[..], &["clean_volunteers", "leads", "signups"]].concat();
    let late = schemas(test, &everything).await;
    test.store.downgrade(0).await.expect("it is taken back");
    test.store.upgrade(UpgradeOptions::default()).await.expect("anew");
    assert_eq!(late, schemas(test, &everything).await);
}

async fn schemas(test: &TestStore, tables: &[&str]) -> Vec<String> {
    let mut schemas = Vec::new();
    for table in tables {
        let table = test.store.describe_table(&Table::core(*table)).await.expect("the table");
        schemas.push(format!("{:?}", table.schema));
    }
    schemas
}

async fn somebody_elses_table_stays(test: &TestStore) {
    let mut session = test.store.session().await.expect("a session");
    session
        .execute_script("CREATE TABLE contacts (shoe_size INTEGER); INSERT INTO contacts VALUES (43);")
        .await
        .expect("theirs");
    drop(session);
    test.store.upgrade(used(&["events"])).await.expect("nobody needs contacts");
    let error = test.store.upgrade(used(&PEOPLE)).await.expect_err("now somebody does");
    assert!(error.to_string().contains("contacts"), "{error}");
    test.store.downgrade(0).await.expect("ours goes");
    let mut session = test.store.session().await.expect("a session");
    let found = session.fetch_optional("SELECT shoe_size FROM contacts", &[]).await.expect("it is there");
    assert_eq!(found.expect("its row").int(0).expect("a number"), 43);
}
