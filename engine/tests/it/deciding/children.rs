//! What refers to the row that goes: sign-ups, tables of the host, tables of an organisation's own.

use importer_engine::deciding::MergeRequest;
use importer_engine::store::Table;

use super::stage::{merge, row_of, try_merge, unmerge};
use crate::project::references::{EVENTS, PEOPLE, run, signups};
use crate::road::ground::{Ground, core_counts, count, lines};
use crate::rollback::stage::{host, same, value};
use crate::store::harness::{TestStore, on_both};

on_both!(sign_ups_go_along, two_of_one_event_become_one, foreign_keys_of_the_host_go_along);

const SIGNUPS: &str =
    "Signup ID,Volunteer,Event,Status,Hours\nS-1,V-1,E-1,attended,2\nS-2,V-2,E-2,attended,3\n";

async fn signed_up(test: &TestStore) -> (Ground, i64, i64) {
    let ground = Ground::new(test).await;
    run(&ground, "csv", "people.csv", PEOPLE).await;
    run(&ground, "events", "events.csv", EVENTS).await;
    run(&ground, "signups", "signups.csv", SIGNUPS).await;
    let (a, b) = (row_of(&ground, "V-1").await, row_of(&ground, "V-2").await);
    (ground, a, b)
}

async fn of(ground: &Ground, id: i64) -> i64 {
    count(ground.store(), &format!("SELECT count(*) FROM signups WHERE volunteer_id = {id}")).await
}

async fn sign_ups_go_along(test: &TestStore) {
    let (ground, a, b) = signed_up(test).await;
    let (before, provenance) = (signups(&ground).await, said(&ground).await);
    let report = merge(&ground, a, b).await;
    assert_eq!(report.children, [("signups".to_owned(), 1)], "{report:#?}");
    assert_eq!((of(&ground, a).await, of(&ground, b).await), (2, 0));
    // The reference that changed is no edit of the host: the same file again changes nothing.
    let again = run(&ground, "signups", "again.csv", SIGNUPS).await;
    assert_eq!(
        again.counts["core"]["signups"]["rows_updated"].as_u64().unwrap_or(0),
        0,
        "{:?}",
        core_counts(&again)
    );
    unmerge(&ground, report.merge_id).await;
    same(&signups(&ground).await, &before, "the sign-ups are whose they were");
    same(&said(&ground).await, &provenance, "and so is what is said of them");
}

/// Who says what of the sign-ups; not when, for the same file came once more.
async fn said(ground: &Ground) -> Vec<String> {
    let but = ["run_id", "sequence_number", "effective_at", "load_action"];
    let all = lines(ground.store(), &Table::control("core_provenance"), &but).await;
    all.into_iter().filter(|line| line.contains("signups")).collect()
}

/// Where a table takes one row per person and event, the one that is too many is set aside, and comes back.
async fn two_of_one_event_become_one(test: &TestStore) {
    let (ground, a, b) = signed_up(test).await;
    host(&ground, "DELETE FROM signups WHERE event_id IS NULL; UPDATE signups SET event_id = (SELECT min(event_id) FROM signups); CREATE UNIQUE INDEX once ON signups (volunteer_id, event_id);").await;
    let before = lines(ground.store(), &Table::core("signups"), &[]).await;
    let report = merge(&ground, a, b).await;
    assert_eq!((report.children.len(), report.aside), (0, 1), "{report:#?}");
    assert_eq!((of(&ground, a).await, of(&ground, b).await), (1, 0));
    let link = "SELECT CAST(count(*) AS TEXT) FROM {external_id_map} m WHERE m.entity_type = 'signups' AND NOT EXISTS (SELECT 1 FROM signups s WHERE s.id = m.core_id)";
    assert_eq!(value(&ground, link).await, "0", "no external id leads to nothing");
    let back = unmerge(&ground, report.merge_id).await;
    assert_eq!(back.status, "undone", "{back:#?}");
    same(&lines(ground.store(), &Table::core("signups"), &[]).await, &before, "all columns");
    assert_eq!(value(&ground, link).await, "0");
}

async fn foreign_keys_of_the_host_go_along(test: &TestStore) {
    let (ground, a, b) = signed_up(test).await;
    host(&ground, "CREATE TABLE donations (id BIGINT PRIMARY KEY, tenant_id TEXT NOT NULL, donor BIGINT NOT NULL, amount BIGINT, FOREIGN KEY (tenant_id, donor) REFERENCES {contacts} (tenant_id, id));").await;
    host(&ground, &format!("INSERT INTO donations VALUES (1, 'default', {b}, 5), (2, 'default', {a}, 7)"))
        .await;
    let look = MergeRequest { rows: Some((a, b)), dry_run: true, ..MergeRequest::default() };
    let told = try_merge(&ground, look).await.unwrap();
    assert!(told.children.contains(&("donations".to_owned(), 1)), "{told:#?}");
    let report = merge(&ground, a, b).await;
    let owned = |id: i64| format!("SELECT count(*) FROM donations WHERE donor = {id}");
    assert_eq!(count(ground.store(), &owned(a)).await, 2);
    // What somebody gave to another one since stays there.
    host(&ground, "DELETE FROM donations WHERE id = 1").await;
    let back = unmerge(&ground, report.merge_id).await;
    assert_eq!(back.status, "partly_undone", "{back:#?}");
    assert!(back.told.iter().any(|told| told.what == "child_gone" && told.table == "donations"), "{back:#?}");
    assert_eq!((count(ground.store(), &owned(a)).await, count(ground.store(), &owned(b)).await), (1, 0));
    host(&ground, "DROP TABLE donations").await;
}
