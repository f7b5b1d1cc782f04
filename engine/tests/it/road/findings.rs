//! Findings in store and lake: the store keeps so many per rule, the lake all; a newer row of a link closes the older
//! findings about it.

use std::fmt::Write as _;

use datafusion::prelude::{ParquetReadOptions, SessionContext};
use importer_engine::request::RunRequest;

use super::ground::{Ground, count, lines, number, succeeded, workspace};
use crate::store::harness::{TestStore, on_both};
use importer_engine::store::Table;

const LIMIT: usize = 3;

/// The shipped project with another limit.
fn project(text: &str) -> String {
    let (key, mut out) = ("max_violations_per_rule:", String::new());
    for line in text.lines() {
        match line.split_once(key) {
            Some((before, _)) => writeln!(out, "{before}{key} {LIMIT}").expect("text"),
            None => writeln!(out, "{line}").expect("text"),
        }
    }
    assert_ne!(out, text);
    out
}

async fn in_lake(ground: &Ground, filter: &str) -> usize {
    let context = SessionContext::new();
    let folder = format!("{}/dq_violations/", ground.lake().display());
    context
        .register_parquet("found", folder, ParquetReadOptions::default())
        .await
        .expect("the lake has findings");
    let frame = context.sql(&format!("SELECT * FROM found WHERE {filter}")).await.expect("a query");
    frame.count().await.expect("a count")
}

async fn capped_and_superseded(test: &TestStore) {
    let ground = Ground::with(test, |options, folder| {
        let shipped =
            std::fs::read_to_string(workspace().join("sql/project/project.yml")).expect("the project");
        let own = folder.join("project");
        std::fs::create_dir(&own).expect("a folder");
        std::fs::write(own.join("project.yml"), project(&shipped)).expect("the project is written");
        options.project = Some(own);
    })
    .await;
    let store = ground.store();
    let mut first = "external_id,first_name,last_name,email,source_updated_at\n".to_owned();
    for n in 1..=8 {
        writeln!(first, "X-{n},Xaver,Bad{},no address {n},2025-01-01T00:00:00Z", char::from(b'a' + n))
            .expect("text");
    }
    for n in 1..=4 {
        writeln!(first, "Y-{n},Yves,Good{},y{n}@example.org,2025-01-01T00:00:00Z", char::from(b'a' + n))
            .expect("text");
    }
    let mut request = RunRequest::files([ground.file("first.csv", &first)]);
    request.accept_bad = true;
    let one = succeeded(ground.run(&request).await);
    assert_eq!(number(&one.counts, "dq", "rows_quarantined"), 8);
    assert_eq!(
        one.counts["dq"]["volunteers"]["rule_counts"]["VOL_EMAIL_FORMAT"], 8,
        "the summary counts all"
    );
    assert_eq!(
        count(store, "SELECT count(*) FROM {dq_violations} WHERE rule_code = 'VOL_EMAIL_FORMAT'").await,
        LIMIT as i64
    );
    assert_eq!(in_lake(&ground, "rule_code = 'VOL_EMAIL_FORMAT'").await, 8, "the lake has all");
    let report = std::fs::read_to_string(&one.report).expect("the report");
    assert_eq!(report.lines().count(), 9, "and so has the report: {report}");

    let mut second = "external_id,first_name,last_name,email,source_updated_at\n".to_owned();
    second.push_str("X-1,Xaver,Badb,x1@example.org,2025-02-01T00:00:00Z\n");
    second.push_str("X-2,Xaver,Badc,still none,2025-02-01T00:00:00Z\n");
    let mut request = RunRequest::files([ground.file("second.csv", &second)]);
    request.accept_bad = true;
    let two = succeeded(ground.run(&request).await);
    let kept = ["link_id", "run_id", "status", "resolution", "resolved_run_id"];
    let all: Vec<String> = store
        .describe_table(&Table::control("dq_violations"))
        .await
        .expect("the table")
        .schema
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .filter(|f| !kept.contains(&f.as_str()))
        .collect();
    let without: Vec<&str> = all.iter().map(String::as_str).collect();
    let found = lines(store, &Table::control("dq_violations"), &without).await;
    let (a, b) = (one.run_id, two.run_id);
    let mut wanted = [
        format!("run_id={a} status=fixed link_id=X-1 resolution=superseded resolved_run_id={b}"),
        format!("run_id={a} status=fixed link_id=X-2 resolution=superseded resolved_run_id={b}"),
        format!("run_id={a} status=open link_id=X-3 resolution=NULL resolved_run_id=NULL"),
        format!("run_id={b} status=open link_id=X-2 resolution=NULL resolved_run_id=NULL"),
    ];
    wanted.sort();
    assert_eq!(found, wanted);
    let closed = "SELECT count(*) FROM {dq_violations} WHERE status = 'fixed' AND resolved_at IS NOT NULL";
    assert_eq!(count(store, closed).await, 2);
}

on_both!(capped_and_superseded);
