//! Which links are not bumped when they are seen again (ADR 0017): those of a run with more than 100,000 sightings that
//! were seen within a day.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use datafusion::common::ScalarValue;
use datafusion::prelude::SessionContext;

const SEEN_LATELY: &str = include_str!("../../../../sql/steps/resolve/seen_lately.sql");

/// The links left alone where so many are seen again: number 1 was last seen two days ago, 2 an hour ago, 3 an hour ago
/// but differs, 4 an hour ago and now with a later time.
async fn left_alone(sightings: i64) -> Vec<i64> {
    let session = SessionContext::new();
    let links = format!(
        "CREATE VIEW links AS SELECT value AS sequence_number, 'unchanged' AS outcome FROM generate_series(1, {sightings}) UNION ALL SELECT 0, 'created'"
    );
    let hits = "CREATE VIEW link_hits AS SELECT seq, unchanged, CAST(seen AS TIMESTAMP) AS seen_at, said_later FROM (VALUES (1, true, '2026-01-08T00:00:00', false), (2, true, '2026-01-09T23:00:00', false), (3, false, '2026-01-09T23:00:00', false), (4, true, '2026-01-09T23:00:00', true)) AS h(seq, unchanged, seen, said_later)";
    for sql in [links.as_str(), hits] {
        session.sql(sql).await.expect("a plan").collect().await.expect("a view");
    }
    let now = ScalarValue::TimestampMicrosecond(Some(1_768_003_200_000_000), None);
    let frame = session.sql(SEEN_LATELY).await.expect("a plan").with_param_values(vec![("landed_at", now)]);
    let batches = frame.expect("parameters").collect().await.expect("rows");
    batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

#[tokio::test]
async fn only_many_sightings_of_today_are_left_alone() {
    assert_eq!(left_alone(100_000).await, Vec::<i64>::new());
    assert_eq!(left_alone(100_001).await, [2]);
}
