//! What these tests share: people as a file, all tables as lines, and rollbacks.

use std::path::PathBuf;
use std::sync::Arc;

use importer_engine::rollback::{RollbackReport, RollbackRequest};
use importer_engine::store::{Store, Table};
use importer_engine::{Error, Silent};

use crate::road::ground::{Ground, lines, named};

/// A person as a line of a file; what is empty is not told.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub id: &'static str,
    pub first: &'static str,
    pub last: &'static str,
    pub email: &'static str,
    pub others: &'static str,
    pub phone: &'static str,
    pub city: &'static str,
    pub employer: &'static str,
    pub verified: &'static str,
    pub updated: &'static str,
    pub deleted: &'static str,
}

/// A file of people of one system.
pub fn file(ground: &Ground, name: &str, system: &str, people: &[Person]) -> PathBuf {
    let mut text = "external_system,external_id,first_name,last_name,email,alternate_emails,phone,city,employer,email_verified_at,source_updated_at,is_deleted,deleted_reason\n".to_owned();
    for p in people {
        let reason = if p.deleted.is_empty() { "" } else { "moved away" };
        text.push_str(&format!(
            "{system},{},{},{},{},{},{},{},{},{},{},{},{reason}\n",
            p.id,
            p.first,
            p.last,
            p.email,
            p.others,
            p.phone,
            p.city,
            p.employer,
            p.verified,
            p.updated,
            p.deleted
        ));
    }
    ground.file(name, text)
}

/// Columns that tell when something was written, and numbers that stand for nothing.
const CLOCKS: [&str; 6] =
    ["created_at", "updated_at", "updated_by", "last_seen_at", "first_seen_at", "decided_at"];

/// The tables that a run writes for people, as lines.
pub async fn everything(store: &Store) -> Vec<String> {
    let mut all = Vec::new();
    for table in ["contacts", "volunteers", "contact_emails", "contact_phones"] {
        all.extend(told(table, lines(store, &Table::core(table), &CLOCKS).await));
    }
    for table in ["external_id_map", "core_provenance"] {
        all.extend(told(table, lines(store, &Table::control(table), &CLOCKS).await));
    }
    for table in ["dedupe_suggestions", "dq_violations"] {
        let without = [&CLOCKS[..], &["id"]].concat();
        all.extend(told(table, lines(store, &Table::control(table), &without).await));
    }
    all
}

/// The same without the findings: those of a run that was rolled back stay, closed.
pub async fn records(store: &Store) -> Vec<String> {
    everything(store).await.into_iter().filter(|line| !line.starts_with("dq_violations")).collect()
}

fn told(table: &str, lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{table}: {line}")).collect()
}

/// Compares two states line by line.
#[track_caller]
pub fn same(now: &[String], then: &[String], what: &str) {
    let more: Vec<_> = now.iter().filter(|l| !then.contains(l)).collect();
    let less: Vec<_> = then.iter().filter(|l| !now.contains(l)).collect();
    assert!(
        more.is_empty() && less.is_empty() && now.len() == then.len(),
        "{what}\nnow only: {more:#?}\nthen only: {less:#?}"
    );
}

pub async fn try_back(ground: &Ground, request: &RollbackRequest) -> Result<RollbackReport, Error> {
    Box::pin(ground.engine.rollback(request, Arc::new(Silent))).await
}

/// Rolls a run back, which must not be refused.
pub async fn back(ground: &Ground, request: &RollbackRequest) -> RollbackReport {
    let report = try_back(ground, request).await;
    let report = report.unwrap_or_else(|e| panic!("{request:?} is refused: {e} ({:?})", e.help()));
    assert_eq!(report.error, None, "{report:#?}");
    report
}

pub fn all_of(run: i64) -> RollbackRequest {
    RollbackRequest { run, triggered_by: Some("olga".to_owned()), ..RollbackRequest::default() }
}

/// Runs SQL as the host application would; `{contacts}` and the like are table names.
pub async fn host(ground: &Ground, sql: &str) {
    let sql = named(ground.store(), sql);
    ground
        .store()
        .session()
        .await
        .unwrap()
        .execute_script(&sql)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
}

pub async fn status(ground: &Ground, run: i64) -> String {
    ground.engine.get_run(run).await.unwrap().status.to_string()
}

/// One text of one row.
pub async fn value(ground: &Ground, sql: &str) -> String {
    let sql = named(ground.store(), sql);
    let row = ground
        .store()
        .session()
        .await
        .unwrap()
        .fetch_one(&sql, &[])
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.opt_text(0).unwrap().unwrap_or("NULL").to_owned()
}
