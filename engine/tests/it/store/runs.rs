//! Runs, steps, ledger, namespaces, audit, locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use importer_engine::store::{
    AuditEntry, AuditFilter, Fence, LedgerEntry, NamespaceStatus, NewRun, RunFilter, RunKind, RunOutcome,
    RunStatus, StepRecord, StepStatus, StoreErrorKind, Table, Value,
};
use serde_json::json;

use super::harness::{TestStore, on_both};
use super::lease::fence_of;

on_both!(
    a_run_from_pending_to_rolled_back,
    run_ids_start_above_the_lake,
    runs_are_listed_and_filtered,
    steps_are_written_over,
    a_chunk_is_committed_once,
    runs_that_the_index_lacks,
    namespaces_are_new_once,
    an_entity_is_loaded_by_one_at_a_time,
    tables_are_described,
);

pub fn new_run(tenant: &str) -> NewRun {
    NewRun {
        tenant: tenant.to_owned(),
        kind: RunKind::Normal,
        entity: "volunteers".to_owned(),
        source: "csv".to_owned(),
        external_system: None,
        dry_run: false,
        policy: Some("upsert".to_owned()),
        mode: None,
        mapping_version: None,
        project_hash: None,
        plan_run_id: None,
        parent_run_id: None,
        ingest_params_json: json!({"files": ["a.csv"]}),
        triggered_by: Some("anna".to_owned()),
        min_id: 1,
    }
}

pub fn outcome(status: RunStatus) -> RunOutcome {
    RunOutcome {
        status,
        files_json: serde_json::json!([]),
        inputs_json: serde_json::json!([]),
        watermarks_json: serde_json::json!([]),
        rules_json: serde_json::json!([]),
        counts_json: json!({"core": {"volunteers": {"rows_created": 3}}}),
        metrics_json: json!({}),
        timings_json: json!({"land": 12}),
        anomaly_flags_json: json!([]),
        error_summary: None,
        max_source_updated_at: Some(1_700_000_000_000_000),
        report_url: Some("reports/1".to_owned()),
    }
}

/// What the audit says of the end of a run.
pub fn ended(run: i64) -> AuditEntry {
    AuditEntry {
        action: "IMPORT_RUN_FINISHED".into(),
        actor: "anna".into(),
        target_type: Some("import_run".into()),
        target_id: Some(run.to_string()),
        run_id: Some(run),
        details_json: json!({}),
    }
}

async fn a_run_from_pending_to_rolled_back(test: &TestStore) {
    let store = test.upgraded().await;
    let id = store.create_run(&new_run("t")).await.unwrap();
    let run = store.get_run("t", id).await.unwrap();
    assert_eq!((run.status, run.attempt, run.lease_epoch), (RunStatus::Pending, 1, 0));
    assert_eq!(run.ingest_params_json, json!({"files": ["a.csv"]}));
    assert!(run.created_at.is_some() && run.started_at.is_none());
    assert_eq!(store.get_run("other", id).await.unwrap_err().kind(), StoreErrorKind::NotFound);

    let fence = fence_of(store, id).await;
    let illegal = store.set_run_status(&fence, RunStatus::Succeeded, None).await.unwrap_err();
    assert_eq!(illegal.kind(), StoreErrorKind::IllegalTransition);
    assert_eq!(store.set_run_status(&fence, RunStatus::Running, Some("bob")).await.unwrap(), 1);
    store.describe_run(&fence, Some("crm"), Some("v1"), Some("abc")).await.unwrap();
    store.describe_run(&fence, None, None, None).await.unwrap();
    store.finish_run(&fence, &outcome(RunStatus::PartiallyFailed), &ended(id)).await.unwrap();
    let run = store.get_run("t", id).await.unwrap();
    assert_eq!(run.counts_json.unwrap()["core"]["volunteers"]["rows_created"], 3);
    assert_eq!(run.max_source_updated_at, Some(1_700_000_000_000_000));
    assert_eq!((run.external_system.as_deref(), run.project_hash.as_deref()), (Some("crm"), Some("abc")));
    assert!(run.finished_at >= run.started_at && run.started_at.is_some());

    // Resumed: a new attempt, which forgets how the last one ended.
    assert_eq!(store.set_run_status(&fence, RunStatus::Running, None).await.unwrap(), 2);
    let run = store.get_run("t", id).await.unwrap();
    assert!(run.finished_at.is_none() && run.counts_json.is_none());
    store.finish_run(&fence, &outcome(RunStatus::Succeeded), &ended(id)).await.unwrap();
    let late = store.finish_run(&fence, &outcome(RunStatus::Failed), &ended(id)).await.unwrap_err();
    assert_eq!(late.kind(), StoreErrorKind::IllegalTransition);
    store.set_run_status(&fence, RunStatus::RolledBack, Some("bob")).await.unwrap();
    assert!(!store.store_info().await.unwrap().store_id.is_empty());
}

async fn run_ids_start_above_the_lake(test: &TestStore) {
    let store = test.upgraded().await;
    assert_eq!(store.create_run(&new_run("t")).await.unwrap(), 1);
    assert_eq!(store.create_run(&NewRun { min_id: 41, ..new_run("t") }).await.unwrap(), 41);
    assert_eq!(store.create_run(&NewRun { min_id: 7, ..new_run("u") }).await.unwrap(), 42);
    let other = test.reopen().await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        let store = if number % 2 == 0 { store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..5 {
                ids.push(store.create_run(&NewRun { min_id: 50, ..new_run("t") }).await.unwrap());
            }
            ids
        }));
    }
    let mut ids = Vec::new();
    for task in tasks {
        ids.extend(task.await.unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (50..90).collect::<Vec<_>>());
    other.close().await;
}

async fn runs_are_listed_and_filtered(test: &TestStore) {
    let store = test.upgraded().await;
    for number in 0..10 {
        let kind = if number % 2 == 0 { RunKind::Normal } else { RunKind::DryRun };
        let run = NewRun { kind, dry_run: kind == RunKind::DryRun, ..new_run("t") };
        let id = store.create_run(&run).await.unwrap();
        if number >= 6 {
            store.set_run_status(&Fence::of_new("t", id), RunStatus::Cancelled, None).await.unwrap();
        }
    }
    store.create_run(&new_run("other")).await.unwrap();
    let ids = |filter: RunFilter| async move {
        store.list_runs("t", &filter).await.unwrap().iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let all = RunFilter::default();
    assert_eq!(ids(all.clone()).await, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(ids(RunFilter { before_id: Some(8), limit: Some(3), ..all.clone() }).await, [7, 6, 5]);
    assert_eq!(ids(RunFilter { status: Some(RunStatus::Cancelled), ..all.clone() }).await, [10, 9, 8, 7]);
    assert_eq!(ids(RunFilter { dry_run: Some(true), ..all.clone() }).await, [10, 8, 6, 4, 2]);
    assert_eq!(
        ids(RunFilter { kind: Some(RunKind::Normal), days: Some(7), ..all.clone() }).await,
        [9, 7, 5, 3, 1]
    );
    assert!(ids(RunFilter { days: Some(0), ..all.clone() }).await.len() <= 10);
    assert!(ids(RunFilter { source: Some("x'; DROP TABLE contacts; --".into()), ..all }).await.is_empty());
}

async fn steps_are_written_over(test: &TestStore) {
    let store = test.upgraded().await;
    let id = store.create_run(&new_run("t")).await.unwrap();
    let fence = fence_of(store, id).await;
    let mut step = StepRecord {
        step: "land".into(),
        attempt: 1,
        status: StepStatus::Running,
        rows_in: None,
        rows_out: None,
        duration_ms: None,
        detail_json: json!({}),
    };
    store.record_step(&fence, &step).await.unwrap();
    step = StepRecord { status: StepStatus::Succeeded, rows_in: Some(9), rows_out: Some(8), ..step };
    store.record_step(&fence, &step).await.unwrap();
    let stage = StepRecord { step: "stage".into(), detail_json: json!({"a": 1}), ..step.clone() };
    store.record_step(&fence, &stage).await.unwrap();
    assert_eq!(store.list_steps("t", id).await.unwrap(), [step.clone(), stage]);
    let unknown = StepRecord { step: "dance".into(), ..step };
    assert_eq!(
        store.record_step(&fence, &unknown).await.unwrap_err().kind(),
        StoreErrorKind::ConstraintViolation
    );
}

async fn a_chunk_is_committed_once(test: &TestStore) {
    let store = test.upgraded().await;
    let id = store.create_run(&new_run("t")).await.unwrap();
    let fence = fence_of(store, id).await;
    let entry = LedgerEntry {
        entity: "volunteers".into(),
        round: 0,
        chunk: 0,
        attempt: 1,
        lease_epoch: 1,
        changes: 5,
        applied: 4,
        refused: 1,
        detail_json: json!({"created": 4}),
    };
    let mut session = store.begin().await.unwrap();
    session.insert_ledger(&fence, &entry).await.unwrap();
    session.rollback().await.unwrap();
    assert!(store.committed_chunks("t", id).await.unwrap().is_empty());
    session.begin().await.unwrap();
    session.insert_ledger(&fence, &entry).await.unwrap();
    session.commit().await.unwrap();
    session.begin().await.unwrap();
    let again = session.insert_ledger(&fence, &entry).await.unwrap_err();
    assert_eq!(again.kind(), StoreErrorKind::Conflict);
    session.rollback().await.unwrap();
    session.begin().await.unwrap();
    let wrong = LedgerEntry { chunk: 1, applied: 3, ..entry.clone() };
    let wrong = session.insert_ledger(&fence, &wrong).await.unwrap_err();
    assert_eq!(wrong.kind(), StoreErrorKind::ConstraintViolation);
    drop(session);
    assert_eq!(store.committed_chunks("t", id).await.unwrap(), [entry]);
}

async fn runs_that_the_index_lacks(test: &TestStore) {
    let store = test.upgraded().await;
    let mut ids = Vec::new();
    for (entity, dry_run, kind) in [
        ("volunteers", false, RunKind::Normal),
        ("volunteers", true, RunKind::DryRun),
        ("events", false, RunKind::Normal),
        ("volunteers", false, RunKind::Rollback),
        ("volunteers", false, RunKind::Remediation),
    ] {
        let run = NewRun { entity: entity.to_owned(), dry_run, kind, ..new_run("t") };
        ids.push(store.create_run(&run).await.unwrap());
    }
    store.create_run(&new_run("u")).await.unwrap();
    let fence = fence_of(store, ids[0]).await;
    let mut session = store.begin().await.unwrap();
    for (round, chunk) in [(0, 0), (0, 1), (1, 0)] {
        let entry = LedgerEntry {
            entity: "volunteers".into(),
            round,
            chunk,
            attempt: 1,
            lease_epoch: 1,
            changes: 1,
            applied: 1,
            refused: 0,
            detail_json: json!({}),
        };
        session.insert_ledger(&fence, &entry).await.unwrap();
    }
    session.commit().await.unwrap();
    drop(session);
    let asked = async |after: i64, open: &[i64]| {
        let runs = store.indexed_runs("t", "volunteers", after, open).await.unwrap();
        runs.into_iter().map(|run| (run.id, run.round)).collect::<Vec<_>>()
    };
    assert_eq!(asked(0, &[]).await, [(ids[0], Some(1)), (ids[4], None)]);
    assert_eq!(asked(ids[0], &[]).await, [(ids[4], None)]);
    assert_eq!(asked(ids[4], &[ids[0]]).await, [(ids[0], Some(1))], "an open run is asked for again");
    assert_eq!(asked(ids[4], &[]).await, []);
}

async fn namespaces_are_new_once(test: &TestStore) {
    let store = test.upgraded().await;
    for tenant in ["t", "t", "t", "u", "v"] {
        store.create_run(&new_run(tenant)).await.unwrap();
    }
    let seen = async |tenant: &str, run: i64, names: &[&str]| {
        let fence = Fence::of_new(tenant, run);
        let column: ArrayRef = Arc::new(StringArray::from(names.to_vec()));
        let batch = RecordBatch::try_from_iter([("link_system", column)]).unwrap();
        let schema = batch.schema();
        let new = store.see_namespaces(&fence, (&schema, &[batch]), 2).await.unwrap();
        (new.count, new.named)
    };
    let all = ["hr", "crm", "events"];
    let (crm, both): (Vec<String>, Vec<String>) = (vec!["crm".into()], vec!["events".into(), "hr".into()]);
    assert_eq!(seen("t", 1, &["crm"]).await, (1, crm.clone()));
    assert_eq!(seen("t", 1, &["crm"]).await, (1, crm.clone()), "a run that is taken up says the same again");
    assert_eq!(seen("t", 2, &all).await, (2, both.clone()));
    assert_eq!(seen("t", 3, &all).await, (0, Vec::new()));
    assert_eq!(seen("u", 4, &all).await, (3, vec!["crm".into(), "events".into()]), "two are named");
    assert_eq!(seen("v", 5, &[]).await, (0, Vec::new()));
    store.decide_namespace("t", "crm", NamespaceStatus::Approved, "anna").await.unwrap();
    let found = store.get_namespace("t", "crm").await.unwrap().unwrap();
    assert_eq!((found.status, found.first_run_id), (NamespaceStatus::Approved, Some(1)));
    let listed = store.list_namespaces("t").await.unwrap();
    assert_eq!((listed.len(), &listed[0]), (3, &found));
    let missing = store.decide_namespace("t", "none", NamespaceStatus::Refused, "anna").await.unwrap_err();
    assert_eq!(missing.kind(), StoreErrorKind::NotFound);
    let entry = AuditEntry {
        action: "NAMESPACE_APPROVED".into(),
        actor: "anna".into(),
        target_type: Some("namespace".into()),
        target_id: Some("crm".into()),
        run_id: None,
        details_json: json!({}),
    };
    store.audit("t", &entry).await.unwrap();
    // The decision wrote its own entry, in its own transaction; the one about a namespace that is not there wrote none.
    let found = store.list_audit("t", &AuditFilter::default()).await.unwrap();
    let actions: Vec<&str> = found.iter().map(|record| record.entry.action.as_str()).collect();
    assert_eq!(actions, ["NAMESPACE_APPROVED", "NAMESPACE_DECIDED"]);
    assert_eq!(found[1].entry.details_json["before"]["status"], "seen");
}

async fn an_entity_is_loaded_by_one_at_a_time(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let inside = Arc::new(AtomicI64::new(0));
    let mut tasks = Vec::new();
    for number in 0..6i64 {
        let store = if number % 2 == 0 { store.clone() } else { other.clone() };
        let inside = Arc::clone(&inside);
        tasks.push(tokio::spawn(async move {
            for _ in 0..5 {
                let mut session = store.begin().await.unwrap();
                session.lock_entity("t", "volunteers").await.unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                // Read, then write: without the lock one of two would be lost or deadlock.
                let sql = "SELECT coalesce(max(id), 0) + 1 FROM contacts";
                let next = session.fetch_one(sql, &[]).await.unwrap().int(0).unwrap();
                let sql = "INSERT INTO contacts (tenant_id, id) VALUES ('t', $1)";
                session.execute(sql, &[Value::Int(next)]).await.unwrap();
                inside.fetch_sub(1, Ordering::SeqCst);
                session.commit().await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut session = store.session().await.unwrap();
    assert_eq!(session.fetch_one("SELECT count(*) FROM contacts", &[]).await.unwrap().int(0).unwrap(), 30);
    assert_eq!(session.lock_entity("t", "x").await.unwrap_err().kind(), StoreErrorKind::Internal);
    other.close().await;
}

async fn tables_are_described(test: &TestStore) {
    use arrow::datatypes::DataType;
    use importer_engine::store::timestamp_type;
    let store = test.upgraded().await;
    let tables = store.known_tables();
    assert!(tables.len() >= 18, "{tables:?}");
    store.create_run(&new_run("t")).await.unwrap();
    let mut session = store.session().await.unwrap();
    for table in &tables {
        let source = store.describe_table(table).await.unwrap();
        let sql = format!("SELECT {} FROM {}", source.expressions.join(", "), source.from);
        session.read_all(&sql, &[], &source.schema).await.unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    let contacts = store.describe_table(&Table::core("contacts")).await.unwrap().schema;
    assert_eq!(contacts.field_with_name("birth_date").unwrap().data_type(), &DataType::Date32);
    assert_eq!(contacts.field_with_name("created_at").unwrap().data_type(), &timestamp_type());
    let people = store.describe_table(&Table::core("core_people")).await.unwrap().schema;
    assert_eq!(people.field_with_name("is_active").unwrap().data_type(), &DataType::Boolean);
    assert_eq!(people.field_with_name("last_verified_at").unwrap().data_type(), &timestamp_type());
    let missing = store.describe_table(&Table::core("nothing")).await.unwrap_err();
    assert_eq!(missing.kind(), StoreErrorKind::Schema);
}
