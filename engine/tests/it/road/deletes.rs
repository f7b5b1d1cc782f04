//! A run in which one external id is deleted more than once, and comes back in between: what match makes of such rows.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;
use importer_plans::compile::{Shape, matching};
use importer_plans::project::{FileSet, Project};

/// Rows of a file by their place. None of them is found in the store.
const ROWS: &str = "CREATE TABLE incoming AS
SELECT CAST(seq AS BIGINT) AS seq, link_system, link_id, CAST(told AS TIMESTAMP) AS effective_at, is_delete
FROM (VALUES
  (1, 'crm', 'a', '2025-01-01', true),
  (2, 'crm', 'a', '2025-01-02', true),
  (3, 'crm', 'a', '2025-01-02', false),
  (4, 'crm', 'a', '2025-01-02', true),
  (5, 'crm', 'a', NULL, true),
  (6, 'crm', 'a', '2025-01-01', false),
  (7, 'crm', 'b', '2025-01-01', false),
  (8, 'crm', 'b', '2025-01-01', true),
  (9, 'crm', 'b', '2025-01-02', false),
  (10, 'crm', 'c', NULL, true),
  (11, 'crm', 'c', '2025-01-01', false),
  (12, 'crm', NULL, '2025-01-01', true)
) AS t (seq, link_system, link_id, told, is_delete)";
const FOUND: &str = "CREATE TABLE found_links AS SELECT seq, false AS unchanged FROM incoming WHERE false";
const HITS: &str =
    "CREATE TABLE link_hits AS SELECT seq, false AS unchanged, false AS stale FROM incoming WHERE false";

async fn done(session: &SessionContext, sql: &str) {
    session.sql(sql).await.expect("a plan").collect().await.expect("it is done");
}

/// The numbers of a column, in the order of the rows.
async fn numbers(session: &SessionContext, sql: &str) -> Vec<i64> {
    let batches = session.sql(sql).await.expect("a plan").collect().await.expect("rows");
    let columns = batches.iter().map(|batch| batch.column(0).as_primitive::<Int64Type>());
    columns.flat_map(|column| column.values().to_vec()).collect()
}

#[tokio::test]
async fn many_deletes_of_one_id_are_as_the_last_of_them() {
    let project = Project::load(&FileSet::new(importer_sql::project::files())).expect("the shipped project");
    let keys = matching::keys(&Shape::of(&project.entities["volunteers"]));
    let sql_of = |name: &str| &keys.iter().find(|query| query.name == name).expect("a query").sql;
    let session = SessionContext::new();
    for sql in [ROWS, FOUND, HITS, &format!("CREATE TABLE gone_in_run AS {}", sql_of("gone_in_run"))] {
        done(&session, sql).await;
    }
    // One row for each id, however often it is deleted.
    assert_eq!(numbers(&session, "SELECT gone_seq FROM gone_in_run ORDER BY link_id").await, [4, 8, 10]);
    let at = "SELECT gone_seq FROM gone_in_run WHERE gone_at = TIMESTAMP '2025-01-02 00:00:00'";
    assert_eq!(numbers(&session, at).await, [4]);
    // Older than the last delete, or before it at its time: gone. What is deleted at no time is not.
    let active = format!("SELECT seq FROM (\n{}\n) ORDER BY seq", sql_of("active"));
    assert_eq!(numbers(&session, &active).await, [9, 11]);
    // Behind each the record came back on the same day, whatever came after that.
    let outlived = format!("SELECT seq FROM (\n{}\n) ORDER BY seq", matching::outlived().sql);
    assert_eq!(numbers(&session, &outlived).await, [1, 2]);
}
