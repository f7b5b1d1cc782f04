//! Up, down, up again; tampered, foreign and adopted tables.

use importer_engine::store::{Dialect, StoreErrorKind, Table, UpgradeOptions};

use super::harness::{TestStore, on_both};

on_both!(
    up_down_up_and_twice,
    two_processes_upgrade_at_once,
    a_changed_migration_is_noticed,
    a_foreign_table_is_refused,
    a_foreign_table_is_adopted,
    an_unfit_table_is_not_adopted,
    a_full_store_learns_what_is_confirmed,
);

async fn names(test: &TestStore) -> Vec<String> {
    let mut session = test.store.session().await.unwrap();
    let sql = match session.dialect() {
        Dialect::Postgres => {
            "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname IN ('importer', 'public') AND relkind IN ('r', 'v', 'S', 'i') ORDER BY 1"
        }
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
    };
    session.fetch(sql, &[]).await.unwrap().iter().map(|row| row.text(0).unwrap().to_owned()).collect()
}

/// The numbers of the migrations from one on.
fn steps(first: i64) -> Vec<i64> {
    importer_sql::migrations::SQLITE.iter().map(|m| m.version).filter(|version| *version >= first).collect()
}

async fn up_down_up_and_twice(test: &TestStore) {
    let store = &test.store;
    assert_eq!(store.require_current().await.unwrap_err().kind(), StoreErrorKind::Migration);
    assert_eq!(store.upgrade(UpgradeOptions { to: Some(1), adopt: false, tables: None }).await.unwrap(), [1]);
    assert_eq!(store.upgrade(UpgradeOptions::default()).await.unwrap(), steps(2));
    store.require_current().await.unwrap();
    let full = names(test).await;
    assert!(full.iter().any(|name| name == "clean_volunteers"));
    assert!(store.upgrade(UpgradeOptions::default()).await.unwrap().is_empty());
    for to in [-1, 0, 99] {
        let error =
            store.upgrade(UpgradeOptions { to: Some(to), adopt: false, tables: None }).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NotFound, "{to}");
        assert!(error.to_string().contains("this program knows 1 (control), 2 (core)"), "{error}");
    }
    assert_eq!(store.downgrade(99).await.unwrap_err().kind(), StoreErrorKind::NotFound);
    assert!(store.downgrade(1).await.unwrap().into_iter().eq(steps(2).into_iter().rev()));
    assert_eq!(store.downgrade(0).await.unwrap(), [1]);
    assert!(
        names(test).await.iter().all(|name| name.starts_with("schema_migrations")),
        "{:?}",
        names(test).await
    );
    assert_eq!(store.upgrade(UpgradeOptions::default()).await.unwrap(), steps(1));
    assert_eq!(names(test).await, full);
}

async fn two_processes_upgrade_at_once(test: &TestStore) {
    let other = test.reopen().await;
    let (one, two) =
        tokio::join!(test.store.upgrade(UpgradeOptions::default()), other.upgrade(UpgradeOptions::default()));
    let mut applied = [one.unwrap(), two.unwrap()].concat();
    applied.sort_unstable();
    assert_eq!(applied, steps(1));
    other.close().await;
}

async fn a_changed_migration_is_noticed(test: &TestStore) {
    let store = test.upgraded().await;
    let mut session = store.session().await.unwrap();
    let table = Table::control("schema_migrations").sql(store.dialect());
    session.execute(&format!("UPDATE {table} SET checksum = 'other' WHERE version = 1"), &[]).await.unwrap();
    drop(session);
    let error = store.upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Migration);
    assert!(error.to_string().contains("0001_control was changed"), "{error}");
}

async fn a_foreign_table_is_refused(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    session.execute_script("CREATE TABLE contacts (id integer PRIMARY KEY, nickname text)").await.unwrap();
    let wanted = match session.dialect() {
        Dialect::Postgres => StoreErrorKind::NotOurs,
        Dialect::Sqlite => StoreErrorKind::NotOurFile,
    };
    drop(session);
    let error = test.store.upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), wanted);
    assert!(error.to_string().contains("contacts"), "{error}");
    // It was refused before the first migration: nothing is left behind.
    let statuses = test.store.migration_status().await.unwrap();
    assert!(statuses.iter().all(|status| status.applied_at.is_none()));
    assert!(!names(test).await.iter().any(|name| name == "volunteers"));
}

async fn a_foreign_table_is_adopted(test: &TestStore) {
    let mut session = test.store.session().await.unwrap();
    let id = match session.dialect() {
        Dialect::Postgres => "id serial PRIMARY KEY",
        Dialect::Sqlite => "id INTEGER PRIMARY KEY",
    };
    session
        .execute_script(&format!(
            "CREATE TABLE contacts ({id}, first_name varchar(80), email text, nickname text DEFAULT 'x' NOT NULL);
             INSERT INTO contacts (first_name, email) VALUES ('Anna', 'anna@example.org');"
        ))
        .await
        .unwrap();
    drop(session);
    let adopt = UpgradeOptions { to: None, adopt: true, tables: None };
    assert_eq!(test.store.upgrade(adopt.clone()).await.unwrap(), steps(1));
    assert_eq!(test.store.migration_status().await.unwrap()[1].adopted, ["contacts"]);
    let mut session = test.store.session().await.unwrap();
    let row = session
        .fetch_one("SELECT tenant_id, first_name, nickname, birth_date, created_at FROM contacts", &[])
        .await
        .unwrap();
    assert_eq!(row.text(0).unwrap(), "default");
    assert_eq!(row.text(1).unwrap(), "Anna");
    assert_eq!(row.opt_text(3).unwrap(), None);
    assert!(row.opt_timestamp(4).unwrap().is_some());
    session.execute("INSERT INTO volunteers (id, contact_id) VALUES (1, 1)", &[]).await.unwrap();
    drop(session);
    test.store.downgrade(0).await.unwrap();
    let mut session = test.store.session().await.unwrap();
    assert_eq!(session.fetch_one("SELECT count(*) FROM contacts", &[]).await.unwrap().int(0).unwrap(), 1);
    drop(session);
    assert_eq!(test.store.upgrade(adopt.clone()).await.unwrap(), steps(1));
}

/// A store with people goes one migration up and down: its links stay, and the view of all people shows one of each.
async fn a_full_store_learns_what_is_confirmed(test: &TestStore) {
    let store = &test.store;
    store.upgrade(UpgradeOptions { to: Some(6), adopt: false, tables: None }).await.unwrap();
    let (map, provenance) = (
        Table::control("external_id_map").sql(store.dialect()),
        Table::control("core_provenance").sql(store.dialect()),
    );
    let (yes, no, blob) = match store.dialect() {
        Dialect::Postgres => ("true", "false", "'\\x00'"),
        Dialect::Sqlite => ("1", "0", "x'00'"),
    };
    let link = |system: &str, id: &str, core: i64, active: &str, synthetic: &str, run: i64| {
        format!(
            "INSERT INTO {map} (tenant_id, entity_type, external_system, external_id, core_id, is_active, is_synthetic, run_id, last_run_id)
             VALUES ('default', 'volunteers', '{system}', '{id}', {core}, {active}, {synthetic}, 1, {run});"
        )
    };
    let mut script = String::new();
    for core in 1..=4 {
        script.push_str(&format!(
            "INSERT INTO contacts (id, first_name) VALUES ({core}, 'P{core}');
             INSERT INTO volunteers (id, contact_id) VALUES ({core}, {core});
             INSERT INTO {provenance} (tenant_id, entity_type, core_id, fingerprint, source, run_id, load_action)
             VALUES ('default', 'volunteers', {core}, {blob}, 'crm', 1, 'created');"
        ));
    }
    // A synthetic id was met later than a real one; another source was; an inactive one was; and one has none at all.
    script.push_str(&link("crm", "1", 1, yes, no, 1));
    script.push_str(&link("csv", "~1", 1, yes, yes, 9));
    script.push_str(&link("crm", "2", 2, yes, no, 1));
    script.push_str(&link("hr", "22", 2, yes, no, 9));
    script.push_str(&link("hr", "3", 3, yes, no, 1));
    script.push_str(&link("old", "33", 3, no, no, 9));
    store.session().await.unwrap().execute_script(&script).await.unwrap();
    assert_eq!(store.upgrade(UpgradeOptions { to: Some(7), adopt: false, tables: None }).await.unwrap(), [7]);
    let shown = async || {
        let sql = "SELECT id, external_system, external_id FROM clean_volunteers ORDER BY id";
        let mut session = store.session().await.unwrap();
        let rows = session.fetch(sql, &[]).await.unwrap();
        rows.iter()
            .map(|row| {
                let text = |n| row.opt_text(n).unwrap().unwrap_or("-").to_owned();
                format!("{} {} {}", row.int(0).unwrap(), text(1), text(2))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(shown().await, ["1 crm 1", "2 crm 2", "3 hr 3", "4 - -"]);
    let confirmed = format!("SELECT count(*) FROM {map} WHERE last_confirmed_at IS NULL");
    let mut session = store.session().await.unwrap();
    assert_eq!(session.fetch_one(&confirmed, &[]).await.unwrap().int(0).unwrap(), 6);
    drop(session);
    assert_eq!(store.downgrade(6).await.unwrap(), [7]);
    assert_eq!(shown().await.len(), 4, "the old view is back");
    assert_eq!(store.upgrade(UpgradeOptions { to: Some(7), adopt: false, tables: None }).await.unwrap(), [7]);
    assert_eq!(shown().await[0], "1 crm 1");
}

async fn an_unfit_table_is_not_adopted(test: &TestStore) {
    let adopt = UpgradeOptions { to: None, adopt: true, tables: None };
    for (sql, reason) in [
        ("CREATE TABLE volunteers (id integer PRIMARY KEY)", "contact_id"),
        ("CREATE TABLE contact_emails (contact_id integer, email_key integer, email text)", "email_key"),
        (
            "CREATE TABLE contact_phones (contact_id integer, phone_key text, phone text, carrier text NOT NULL)",
            "carrier",
        ),
    ] {
        let mut session = test.store.session().await.unwrap();
        session.execute_script(sql).await.unwrap();
        drop(session);
        let error = test.store.upgrade(adopt.clone()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NotOurs, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        let table = sql.split_whitespace().nth(2).unwrap();
        let mut session = test.store.session().await.unwrap();
        session.execute_script(&format!("DROP TABLE {table}")).await.unwrap();
    }
    test.store.upgrade(adopt.clone()).await.unwrap();
}
