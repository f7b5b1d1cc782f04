//! A lake in a bucket: interrupted and resumed, planned and applied, taken back and asked as one in a folder is.

use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::{Engine, OpenError, ResumeOptions, Silent, catalogue};

use super::ground::{Ground, count, golden, open, succeeded, whole};
use super::resume::stopped_at_every_step_in;
use crate::store::harness::{TestStore, bucket_folder, has_bucket, on_both, on_postgres, on_sqlite};

async fn in_a_bucket(test: &TestStore) -> Ground {
    Ground::with(test, |options, _| options.lake = bucket_folder()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_at_every_step_on_sqlite() {
    if has_bucket() {
        on_sqlite(|test| Box::pin(stopped_at_every_step_in(test, Some(bucket_folder())))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_at_every_step_on_postgres() {
    if has_bucket() {
        on_postgres(|test| Box::pin(stopped_at_every_step_in(test, Some(bucket_folder())))).await;
    }
}

/// A run, the same again, its rows by SQL, its report, and the way back.
async fn the_whole_road(test: &TestStore) {
    if !has_bucket() {
        return;
    }
    let ground = in_a_bucket(test).await;
    let first = ground.load(&golden("volunteers_valid.csv")).await;
    let again = ground.load(&golden("volunteers_valid.csv")).await;
    assert!(again.run_id > first.run_id);
    let context = catalogue::open(&ground.engine).await.expect("a catalogue");
    let mut answer =
        catalogue::query(&context, "SELECT sequence_number FROM links", None).await.expect("rows");
    let mut rows = 0;
    while let Some(batch) = answer.next().await.expect("rows") {
        rows += batch.num_rows();
    }
    assert!(rows >= 25, "{rows}");

    let mut invalid = RunRequest::files([golden("volunteers_invalid.csv")]);
    invalid.accept_bad = true;
    let bad = succeeded(ground.run(&invalid).await);
    let reports: Vec<_> = ground
        .engine
        .lake
        .list(&importer_engine::lake::data_set_root("reports", false))
        .await
        .expect("a listing")
        .into_iter()
        .filter(|object| object.location.as_ref().contains(&format!("run_id={}/", bad.run_id)))
        .collect();
    assert!(reports.iter().any(|object| object.size > 0), "the error report is in the bucket");

    let engine = open(&ground.options).await;
    let highest = engine.lake.highest_run().await.expect("a listing");
    assert_eq!(highest, bad.run_id);
    whole(ground.store()).await;
    assert!(count(ground.store(), "SELECT count(*) FROM {contacts}").await >= 25);
}

/// A bucket that is not there is named, and no run is begun.
async fn no_such_bucket(test: &TestStore) {
    if !has_bucket() {
        return;
    }
    let ground = Ground::new(test).await;
    let mut options = ground.options.clone();
    options.lake = "s3://importer-nowhere/lake".to_owned();
    let request = RunRequest::files([golden("volunteers_valid.csv")]);
    let error = match Engine::open(options).await {
        Ok(engine) => Box::pin(engine.run(&request, Arc::new(Silent))).await.expect_err("there is no lake"),
        Err(OpenError::Engine(error)) => error,
        Err(OpenError::Project(errors)) => panic!("{errors:?}"),
    };
    assert!(error.to_string().contains("importer-nowhere"), "{error}");
    assert!(error.help().is_some(), "{error}");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {import_runs}").await, 0);
    let resumed = ground.engine.resume(1, &ResumeOptions::default(), Arc::new(Silent)).await;
    assert!(resumed.is_err(), "no run was begun");
}

on_both!(the_whole_road, no_such_bucket);
