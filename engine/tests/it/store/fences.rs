//! Fences: whoever lost a run's lease writes nothing any more, by no function of the store.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use importer_engine::store::{
    AuditEntry, DecidedChange, Decision, Dialect, Fence, IdRequest, LedgerEntry, LinkRow, MatchType,
    MergeDocuments, NewMerge, NewVerdict, ProvenanceRow, Restart, Result, RunLease, RunOutcome, RunStatus,
    Session, StepRecord, StepStatus, Store, StoreErrorKind, SuggestionRow, Table, ViolationRow,
    ViolationWriter,
};
use serde_json::json;

use super::findings::finding;
use super::harness::{TestStore, on_both};
use super::lease::{OPTIONS, acquire_soon};
use super::runs::{ended, new_run, outcome};

on_both!(
    every_write_is_fenced,
    a_fence_is_asked_again_when_its_lock_is_gone,
    a_fence_needs_a_transaction,
    nobody_is_overtaken_by_a_run_that_could_not_begin,
);

/// A run before the one that loses its lease.
const EARLIER: i64 = 1;
/// The run that loses its lease.
const RUN: i64 = 2;

type Done<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// One function of the store that writes as a run.
pub struct Write {
    /// Its file and name.
    pub function: &'static str,
    /// A table whose rows it changes.
    changes: &'static str,
    by: for<'a> fn(&'a Store, &'a Fence) -> Done<'a>,
}

/// Every function of the store that takes a fence, in an order in which each finds what it changes. That none is missing is
/// looked up in the source (`fenced_source`).
pub fn writes() -> Vec<Write> {
    vec![
        Write {
            function: "run.rs set_run_status",
            changes: "import_runs",
            by: |store, fence| {
                Box::pin(async move {
                    store.set_run_status(fence, RunStatus::Running, Some("anna")).await.map(|_| ())
                })
            },
        },
        Write {
            function: "run.rs describe_run",
            changes: "import_runs",
            by: |store, fence| Box::pin(store.describe_run(fence, Some("crm"), Some("v1"), None)),
        },
        Write {
            function: "step.rs record_step",
            changes: "run_steps",
            by: |store, fence| {
                Box::pin(async move {
                    let step = StepRecord {
                        step: "land".into(),
                        attempt: 1,
                        status: StepStatus::Succeeded,
                        rows_in: Some(1),
                        rows_out: Some(1),
                        duration_ms: Some(1),
                        detail_json: json!({}),
                    };
                    store.record_step(fence, &step).await
                })
            },
        },
        Write {
            function: "namespace.rs see_namespaces",
            changes: "namespaces",
            by: |store, fence| {
                Box::pin(async move {
                    let batch = batch(vec![("link_system", texts(&[Some("crm")]))]);
                    store.see_namespaces(fence, (&batch.schema(), &[batch]), 1).await.map(|_| ())
                })
            },
        },
        Write {
            function: "ids.rs take_ids",
            changes: "id_ranges",
            by: |store, fence| {
                Box::pin(async move {
                    let request = IdRequest {
                        entity: "volunteers".into(),
                        round: 0,
                        table: "contacts".into(),
                        id_column: "id".into(),
                        has_tenant: true,
                        count: 5,
                    };
                    store.take_ids(fence, &request).await.map(|_| ())
                })
            },
        },
        Write {
            function: "remedy.rs claim_rows",
            changes: "row_promotions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    send(&mut session, "remedy_rows", held_row()).await?;
                    assert!(session.claim_rows(fence).await?.is_empty());
                    session.commit().await
                })
            },
        },
        Write {
            function: "violations.rs new",
            changes: "dq_violations",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    let mut writer = ViolationWriter::new(fence, "volunteers", 10);
                    writer.write(&mut session, vec![twin()]).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "violations.rs close_twins",
            changes: "dq_violations",
            by: |store, fence| Box::pin(async move { store.close_twins(fence).await.map(|_| ()) }),
        },
        Write {
            function: "suggestions.rs insert_suggestions",
            changes: "dedupe_suggestions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.insert_suggestions(fence, "volunteers", &[suggestion()]).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs insert_merge",
            changes: "merge_log",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.insert_merge(fence, &merge()).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs amend_merge",
            changes: "merge_log",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    let documents = MergeDocuments { after: json!({"b": 2}), ..merge().documents };
                    session.amend_merge(fence, 1, &documents).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs part_merge",
            changes: "merge_log",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.part_merge(fence, 1, (true, &json!({})), "anna").await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs set_provenance",
            changes: "core_provenance",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.set_provenance(fence, "volunteers", 5, Some(&provenance())).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs log_change",
            changes: "change_log",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.log_change(fence, &change()).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "merges.rs move_link",
            changes: "external_id_map",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    link(&mut session).await?;
                    let link = LinkRow { system: "csv".into(), id: "C-1".into(), last_run: 1 };
                    session.move_link(fence, "volunteers", &link, (6, false)).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "pairs.rs move_suggestion",
            changes: "dedupe_suggestions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.move_suggestion(fence, 1, 5, 6).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "pairs.rs reopen_suggestion",
            changes: "dedupe_suggestions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.decide_suggestion("t", 1, (Decision::Merged, None), "anna").await?;
                    session.reopen_suggestion(fence, 1, Decision::Rejected, "anna").await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "pairs.rs revoke_pair",
            changes: "match_decisions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    let (one, other) =
                        (("crm".to_owned(), "1".to_owned()), ("csv".to_owned(), "2".to_owned()));
                    let verdict = NewVerdict {
                        core_table: "contacts",
                        records: (&other, &one),
                        same: true,
                        suggestion: None,
                        run: None,
                        actor: "anna",
                    };
                    session.decide_pair("t", &verdict).await?;
                    session.revoke_pair(fence, "contacts", (&one, &other)).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "remedy.rs settle_rows",
            changes: "row_promotions",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    send(&mut session, "remedy_rows", held_row()).await?;
                    send(&mut session, "remedy_findings", no_findings()).await?;
                    session.settle_rows(fence, "volunteers", "anna").await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "remedy.rs audit_remedies",
            changes: "audit",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    let rows = batch(vec![
                        ("ordinal", numbers(&[0])),
                        ("target_id", texts(&[Some("1")])),
                        ("details_json", texts(&[Some("{}")])),
                    ]);
                    send(&mut session, "remedy_audit", rows).await?;
                    session.audit_remedies(fence, "anna").await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "audit.rs audit_of_run",
            changes: "audit",
            by: |store, fence| Box::pin(async move { store.audit_of_run(fence, &started()).await }),
        },
        Write {
            function: "audit.rs audit_of_run",
            changes: "audit",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.audit_of_run(fence, &started()).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "step.rs insert_ledger",
            changes: "load_ledger",
            by: |store, fence| {
                Box::pin(async move {
                    let entry = LedgerEntry {
                        entity: "volunteers".into(),
                        round: 0,
                        chunk: 0,
                        attempt: 1,
                        lease_epoch: fence.epoch(),
                        changes: 1,
                        applied: 1,
                        refused: 0,
                        detail_json: json!({}),
                    };
                    let mut session = store.begin().await?;
                    session.insert_ledger(fence, &entry).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "undo.rs roll_status",
            changes: "import_runs",
            by: |store, fence| {
                Box::pin(async move {
                    let (from, to) = (RunStatus::Succeeded, RunStatus::RolledBack);
                    let mut session = store.begin().await?;
                    session.roll_status(fence, EARLIER, from, to, "anna").await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "ids.rs forget_ids",
            changes: "id_ranges",
            by: |store, fence| Box::pin(store.forget_ids(fence, 0)),
        },
        Write {
            function: "lease/mod.rs begin_fenced",
            changes: "contacts",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin_fenced(fence).await?;
                    contact(&mut session, 1).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "lease/mod.rs fence",
            changes: "contacts",
            by: |store, fence| {
                Box::pin(async move {
                    let mut session = store.begin().await?;
                    session.fence(fence).await?;
                    contact(&mut session, 2).await?;
                    session.commit().await
                })
            },
        },
        Write {
            function: "run.rs finish_run",
            changes: "source_watermarks",
            by: |store, fence| {
                Box::pin(async move { store.finish_run(fence, &all_of_it(), &ended(RUN)).await })
            },
        },
        Write {
            function: "operate.rs restart_run",
            changes: "import_runs",
            by: |store, fence| {
                Box::pin(async move {
                    let (params, audit) = (json!({"files": []}), ended(RUN));
                    let how = Restart {
                        to: RunStatus::Running,
                        params: Some(&params),
                        forget_violations: true,
                        audit: &audit,
                    };
                    store.restart_run(fence, &how).await.map(|_| ())
                })
            },
        },
    ]
}

async fn every_write_is_fenced(test: &TestStore) {
    let store = test.upgraded().await;
    let other = test.reopen().await;
    let earlier = store.create_run(&new_run("t")).await.unwrap();
    let run = store.create_run(&new_run("t")).await.unwrap();
    assert_eq!((earlier, run), (EARLIER, RUN));
    let (held, lost_earlier) = taken_over(store, &other, earlier).await;
    before(store, &held.fence()).await;
    let (new, lost) = taken_over(store, &other, run).await;
    let current = new.fence();
    assert!(current.epoch() > lost.epoch());
    let stale = [
        ("its lease was taken over", lost),
        ("its lease was never taken, and somebody has it", Fence::of_new("t", run)),
        ("a look has no lease", Fence::of_look("t", run)),
        ("the run that it takes back was taken over", current.clone().over(&lost_earlier)),
    ];
    for write in writes() {
        let rows = content(store).await;
        for (why, stale) in &stale {
            let error = (write.by)(store, stale).await.expect_err(why);
            assert_eq!(error.kind(), StoreErrorKind::LeaseLost, "{}, {why}: {error}", write.function);
        }
        assert_eq!(content(store).await, rows, "{} wrote something", write.function);
        if let Err(error) = (write.by)(store, &current).await {
            panic!("{} under the lease: {error}", write.function);
        }
        let now = content(store).await;
        assert_ne!(now[write.changes], rows[write.changes], "{} wrote nothing", write.function);
    }
    drop((new, held));
    other.close().await;
}

/// A run of which one process lost the lease to another one: what the other holds, and what the first still writes by.
async fn taken_over(store: &Store, other: &Store, run: i64) -> (RunLease, Fence) {
    let lost = store.acquire_lease("t", run, "anna", OPTIONS_OF_ONE_BEAT).await.unwrap();
    let fence = lost.fence();
    drop(lost);
    let new = loop {
        match other.acquire_lease("t", run, "bob", OPTIONS_OF_ONE_BEAT).await {
            Ok(lease) => break lease,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::LeaseHeld),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    (new, fence)
}

/// Signs of life would change the run's row while it is looked at.
const OPTIONS_OF_ONE_BEAT: importer_engine::store::LeaseOptions =
    importer_engine::store::LeaseOptions { heartbeat: Duration::from_secs(600), ..OPTIONS };

/// What the writes of the run will change of the earlier one.
async fn before(store: &Store, fence: &Fence) {
    store.set_run_status(fence, RunStatus::Running, None).await.unwrap();
    let mut session = store.begin().await.unwrap();
    let mut writer = ViolationWriter::new(fence, "volunteers", 10);
    writer.write(&mut session, vec![twin()]).await.unwrap();
    session.commit().await.unwrap();
    store.finish_run(fence, &outcome(RunStatus::Succeeded), &ended(EARLIER)).await.unwrap();
}

/// Every row of every table.
async fn content(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut session = store.session().await.unwrap();
    let tables = match store.dialect() {
        Dialect::Postgres => {
            "SELECT format('%I.%I', table_schema, table_name), table_name::text FROM information_schema.tables WHERE table_schema IN ('importer', 'public') AND table_type = 'BASE TABLE'"
        }
        Dialect::Sqlite => "SELECT name, name FROM sqlite_master WHERE type = 'table'",
    };
    let mut found = BTreeMap::new();
    for table in session.fetch(tables, &[]).await.unwrap() {
        let (place, name) = (table.text(0).unwrap(), table.text(1).unwrap());
        let row = match store.dialect() {
            Dialect::Postgres => "t::text".to_owned(),
            Dialect::Sqlite => {
                let sql = format!("SELECT name FROM pragma_table_info('{name}')");
                let columns = session.fetch(&sql, &[]).await.unwrap();
                let columns: Vec<String> =
                    columns.iter().map(|column| format!("quote({})", column.text(0).unwrap())).collect();
                columns.join(" || ',' || ")
            }
        };
        let rows = session.fetch(&format!("SELECT {row} FROM {place} t ORDER BY 1"), &[]).await.unwrap();
        found.insert(name.to_owned(), rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect());
    }
    assert!(found.len() > 18, "{:?}", found.keys());
    found
}

/// A finding about a row without a link, the same in each run that has it.
fn twin() -> ViolationRow {
    ViolationRow { link_id: None, row_checksum: Some("c".into()), ..finding(Some(1), 2, "A", "email") }
}

/// The row of the earlier run that this one takes on.
fn held_row() -> RecordBatch {
    let yes = || -> ArrayRef { Arc::new(BooleanArray::from(vec![true])) };
    batch(vec![
        ("run_id", numbers(&[EARLIER])),
        ("file_number", numbers(&[0])),
        ("line_number", numbers(&[2])),
        ("sequence_number", numbers(&[1])),
        ("own_number", numbers(&[1])),
        ("promoted", yes()),
        ("edited", yes()),
        ("fields_json", texts(&[None])),
        ("payload_json", texts(&[None])),
    ])
}

fn no_findings() -> RecordBatch {
    let numbers = ["run_id", "file_number", "line_number", "sequence_number"].map(|n| (n, DataType::Int64));
    let texts = [
        "rule_code",
        "field",
        "severity",
        "original_value",
        "normalised_value",
        "message",
        "hint",
        "details_json",
        "link_system",
        "link_id",
        "fields_json",
        "payload_json",
    ];
    let columns = numbers.into_iter().chain(texts.map(|n| (n, DataType::Utf8)));
    RecordBatch::new_empty(Arc::new(Schema::new(
        columns.map(|(name, of)| Field::new(name, of, true)).collect::<Vec<_>>(),
    )))
}

fn numbers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

async fn send(session: &mut Session, name: &str, rows: RecordBatch) -> Result<()> {
    session.temp_from_batches(name, &rows.schema(), &[rows]).await.map(|_| ())
}

async fn contact(session: &mut Session, id: i64) -> Result<()> {
    let sql = "INSERT INTO contacts (tenant_id, id) VALUES ('t', $1)";
    session.execute(sql, &[id.into()]).await.map(|_| ())
}

fn started() -> AuditEntry {
    AuditEntry { action: "IMPORT_RUN_STARTED".into(), ..ended(RUN) }
}

fn suggestion() -> SuggestionRow {
    SuggestionRow {
        natural_key: [7; 16],
        sequence_number: Some(1),
        link_system: Some("csv".into()),
        link_id: Some("C-1".into()),
        core_id: Some(5),
        other_core_id: None,
        match_type: MatchType::Household,
        reason: Some("household".into()),
        score: None,
        confidence_score: Some(1.0),
        features_json: json!({}),
        decision: Decision::Pending,
        made_of: None,
        reopened_from: None,
    }
}

fn merge() -> NewMerge {
    NewMerge {
        entity: "volunteers".into(),
        core_table: "contacts".into(),
        winner: 5,
        loser: 6,
        suggestion: None,
        documents: MergeDocuments { before: json!({}), after: json!({}), undo: json!({}) },
        score: None,
        reason: None,
        decided_by: "anna".into(),
    }
}

fn provenance() -> ProvenanceRow {
    ProvenanceRow {
        fingerprint: vec![1, 2, 3, 4],
        source: "csv".into(),
        effective_at: Some(0),
        run_id: RUN,
        sequence_number: None,
        load_action: "updated".into(),
        fields: Some(r#"{"city":{"source":"crm"}}"#.into()),
    }
}

fn change() -> DecidedChange<'static> {
    DecidedChange {
        entity: "volunteers",
        core_id: 5,
        field: "city",
        ordinal: 0,
        before: None,
        after: Some("Bonn".into()),
        winner: None,
        loser: None,
        reason: "merge of 6".into(),
        changed_by: "anna",
    }
}

/// A link of the core row 5.
async fn link(session: &mut Session) -> Result<()> {
    let map = Table::control("external_id_map").sql(session.dialect());
    let sql = format!(
        "INSERT INTO {map} (tenant_id, entity_type, external_system, external_id, core_id, run_id, last_run_id) VALUES ('t', 'volunteers', 'csv', 'C-1', 5, 1, 1)"
    );
    session.execute(&sql, &[]).await.map(|_| ())
}

/// The end of a run with something for each table.
fn all_of_it() -> RunOutcome {
    RunOutcome {
        files_json: json!([{
            "file_number": 1, "file_name": "a.csv", "dialect": {}, "bytes": 1, "rows_landed": 1,
            "rows_rejected": 0, "rows_blank": 0, "rows_repaired": 0,
        }]),
        inputs_json: json!([{
            "input_number": 1, "input_name": "a.csv", "content_hash": "00", "bytes": 1,
        }]),
        watermarks_json: json!([{
            "partition_key": "p", "partition_name": "p", "watermark": "1", "after_run_id": null,
        }]),
        rules_json: json!([{
            "rule_code": "A", "severity": "error", "mode": "enforce", "rows_evaluated": 1, "violations": 1,
        }]),
        ..outcome(RunStatus::PartiallyFailed)
    }
}

/// What is locked after a savepoint is let go when it is gone back to, and with it what the fence was found by.
async fn a_fence_is_asked_again_when_its_lock_is_gone(test: &TestStore) {
    let store = test.upgraded().await;
    if store.dialect() == Dialect::Sqlite {
        return; // Nobody else writes to the file, and takes no lease, before the transaction ends.
    }
    let other = test.reopen().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let lease = store.acquire_lease("t", run, "anna", OPTIONS).await.unwrap();
    let fence = lease.fence();
    let mut session = store.begin().await.unwrap();
    session.savepoint().await.unwrap();
    session.fence(&fence).await.unwrap();
    session.rollback_to_savepoint().await.unwrap();
    drop(lease);
    let new = acquire_soon(&other, run).await;
    assert_eq!(session.fence(&fence).await.unwrap_err().kind(), StoreErrorKind::LeaseLost);
    session.rollback().await.unwrap();

    // Asked before the savepoint, it stays: the new owner has to wait.
    let fence = new.fence();
    session.begin().await.unwrap();
    session.fence(&fence).await.unwrap();
    session.savepoint().await.unwrap();
    session.rollback_to_savepoint().await.unwrap();
    session.savepoint().await.unwrap();
    session.release().await.unwrap();
    drop(new);
    let takeover = tokio::spawn(async move {
        let lease = acquire_soon(&other, run).await;
        lease.release().await.unwrap();
        other.close().await;
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!takeover.is_finished(), "the new owner must wait");
    session.fence(&fence).await.unwrap();
    session.commit().await.unwrap();
    takeover.await.unwrap();
    session.begin().await.unwrap();
    assert_eq!(session.fence(&fence).await.unwrap_err().kind(), StoreErrorKind::LeaseLost);
    session.rollback().await.unwrap();
}

async fn a_fence_needs_a_transaction(test: &TestStore) {
    let store = test.upgraded().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let fence = Fence::of_new("t", run);
    let mut session = store.session().await.unwrap();
    assert_eq!(session.fence(&fence).await.unwrap_err().kind(), StoreErrorKind::Internal);
    session.begin().await.unwrap();
    session.fence(&fence).await.unwrap();
    let nobody = session.fence(&Fence::of_new("t", 99)).await.unwrap_err();
    assert_eq!(nobody.kind(), StoreErrorKind::NotFound);
    session.rollback().await.unwrap();
}

/// A process that could not get the lease of its new run says that the run has failed, unless somebody is at work on it.
async fn nobody_is_overtaken_by_a_run_that_could_not_begin(test: &TestStore) {
    let store = test.upgraded().await;
    let run = store.create_run(&new_run("t")).await.unwrap();
    let lease = store.acquire_lease("t", run, "bob", OPTIONS).await.unwrap();
    store.set_run_status(&lease.fence(), RunStatus::Running, None).await.unwrap();
    let late = store.set_run_status(&Fence::of_new("t", run), RunStatus::Failed, None).await.unwrap_err();
    assert_eq!(late.kind(), StoreErrorKind::LeaseLost);
    assert_eq!(store.get_run("t", run).await.unwrap().status, RunStatus::Running);
    lease.release().await.unwrap();
    let untouched = store.create_run(&new_run("t")).await.unwrap();
    store.set_run_status(&Fence::of_new("t", untouched), RunStatus::Failed, None).await.unwrap();
}
