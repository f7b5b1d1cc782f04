//! What these tests share: people who may be one, merges, and their way back.

use importer_engine::Error;
use importer_engine::deciding::{MergeReport, MergeRequest, UnmergeReport, UnmergeRequest};

use crate::road::ground::Ground;
use crate::rollback::stage::{Person, file, value};

/// A person of a file of one system.
pub fn person(id: &'static str, first: &'static str, city: &'static str) -> Person {
    Person { id, first, last: "Stein", city, updated: "2025-01-10T00:00:00Z", ..Person::default() }
}

/// Loads a file of people.
pub async fn import(ground: &Ground, name: &str, system: &str, people: &[Person]) -> i64 {
    ground.load(&file(ground, name, system, people)).await.run_id
}

/// The core row of a record.
pub async fn row_of(ground: &Ground, id: &str) -> i64 {
    let sql = format!("SELECT CAST(core_id AS TEXT) FROM {{external_id_map}} WHERE external_id = '{id}'");
    value(ground, &sql).await.parse().expect("a core row")
}

pub async fn try_merge(ground: &Ground, request: MergeRequest) -> Result<MergeReport, Error> {
    let request = MergeRequest {
        entity: request.entity.or_else(|| Some("volunteers".to_owned())),
        show: true,
        triggered_by: Some("stella".to_owned()),
        ..request
    };
    Box::pin(ground.engine.merge(&request)).await
}

/// Makes two rows one, which must not be refused.
pub async fn merge(ground: &Ground, winner: i64, loser: i64) -> MergeReport {
    let request = MergeRequest { rows: Some((winner, loser)), ..MergeRequest::default() };
    try_merge(ground, request).await.unwrap_or_else(|e| panic!("{winner} <- {loser}: {e} ({:?})", e.help()))
}

pub async fn try_unmerge(ground: &Ground, request: UnmergeRequest) -> Result<UnmergeReport, Error> {
    let request = UnmergeRequest { show: true, triggered_by: Some("stella".to_owned()), ..request };
    Box::pin(ground.engine.unmerge(&request)).await
}

/// Takes a merge back, which must not be refused.
pub async fn unmerge(ground: &Ground, merge: Option<i64>) -> UnmergeReport {
    let request = UnmergeRequest { merge: merge.expect("a merge"), ..UnmergeRequest::default() };
    try_unmerge(ground, request.clone())
        .await
        .unwrap_or_else(|e| panic!("unmerge {}: {e} ({:?})", request.merge, e.help()))
}

/// A text of a core row.
pub async fn of(ground: &Ground, id: i64, column: &str) -> String {
    value(ground, &format!("SELECT CAST({column} AS TEXT) FROM {{contacts}} WHERE id = {id}")).await
}
