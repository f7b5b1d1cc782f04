//! What cannot be rolled back is refused, with the reason, and nothing is changed.

use importer_engine::Error;
use importer_engine::rollback::RollbackRequest;
use importer_engine::store::{Dialect, LeaseOptions};

use super::stage::{Person, all_of, back, everything, file, host, same, try_back};
use crate::road::ground::{Ground, count, open, succeeded};
use crate::store::harness::{TestStore, on_both};
use importer_engine::request::RunRequest;

fn anna() -> Person {
    Person {
        id: "A",
        first: "Anna",
        last: "Stein",
        email: "anna@example.org",
        city: "Berlin",
        updated: "2025-01-10T00:00:00Z",
        ..Person::default()
    }
}

async fn no(ground: &Ground, request: &RollbackRequest, code: &str, words: &[&str]) -> Error {
    let before = everything(ground.store()).await;
    let runs = count(ground.store(), "SELECT count(*) FROM {import_runs}").await;
    let error = try_back(ground, request).await.expect_err("this cannot be rolled back");
    let told = format!("{error} | {}", error.help().unwrap_or_default());
    if !code.is_empty() {
        assert_eq!(error.code(), Some(code), "{told}");
    }
    for word in words {
        assert!(told.contains(word), "{word} is not in: {told}");
    }
    same(&everything(ground.store()).await, &before, "nothing was changed");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {import_runs}").await, runs, "no run was made");
    error
}

async fn with_reasons(test: &TestStore) {
    let ground = Ground::new(test).await;
    no(&ground, &all_of(1), "", &["there is no run 1"]).await;
    let path = file(&ground, "1.csv", "crm", &[anna()]);
    let run = ground.load(&path).await;
    no(&ground, &all_of(99), "", &["there is no run 99", "1"]).await;

    let mut dry = RunRequest::files([&path]);
    dry.dry_run = true;
    let dry = succeeded(ground.run(&dry).await);
    no(&ground, &all_of(dry.run_id), "ROLLBACK_NOTHING", &["dry run"]).await;

    // The same file again only meets what is there.
    let again = ground.load(&path).await;
    no(&ground, &all_of(again.run_id), "ROLLBACK_NOTHING", &["nothing to roll back"]).await;

    // A file that is refused by the breaker loads nothing.
    let bad = ground.file("bad.csv", "external_id,first_name,last_name,email\nZ,,,nonsense\n");
    let failed = ground.run(&RunRequest::files([&bad])).await;
    assert_eq!(failed.status, "failed");
    no(&ground, &all_of(failed.run_id), "ROLLBACK_NOTHING", &["failed", "loaded nothing"]).await;

    let lease = ground
        .store()
        .acquire_lease("default", run.run_id, "worker:7", LeaseOptions::default())
        .await
        .unwrap();
    no(&ground, &all_of(run.run_id), "ROLLBACK_LIVE", &["at work", "worker:7"]).await;
    lease.release().await.unwrap();

    let report = back(&ground, &all_of(run.run_id)).await;
    let by = report.run_id.unwrap().to_string();
    no(&ground, &all_of(run.run_id), "ROLLBACK_DONE", &["already", &by]).await;
    no(&ground, &RollbackRequest { dry_run: true, ..all_of(run.run_id) }, "ROLLBACK_DONE", &[]).await;
}

async fn too_old(test: &TestStore) {
    let ground = Ground::new(test).await;
    let run = ground.load(&file(&ground, "1.csv", "crm", &[anna()])).await;
    let past = match ground.store().dialect() {
        Dialect::Postgres => "finished_at - interval '31 days'",
        Dialect::Sqlite => "finished_at - 31 * 86400 * 1000000",
    };
    host(&ground, &format!("UPDATE {{import_runs}} SET finished_at = {past}")).await;
    no(&ground, &all_of(run.run_id), "ROLLBACK_RETENTION", &["31 days ago", "30 days", "--rollback-days"])
        .await;
    let mut options = ground.options.clone();
    options.rollback_days = 40;
    let patient = open(&options).await;
    let done =
        Box::pin(patient.rollback(&all_of(run.run_id), std::sync::Arc::new(importer_engine::Silent))).await;
    assert_eq!(done.unwrap().counts.removed, 1);
}

async fn damaged_lake(test: &TestStore) {
    let ground = Ground::new(test).await;
    let run = ground.load(&file(&ground, "1.csv", "crm", &[anna()])).await;
    let folder = ground.lake().join(format!("changes/tenant=default/run_id={}", run.run_id));
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.to_string_lossy().contains("created"));
    let file = files.first().expect("a file of changes");
    let whole = std::fs::read(file).unwrap();
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    std::fs::write(file, &broken).unwrap();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    no(&ground, &all_of(run.run_id), "LAKE_DAMAGED", &[&name, "backup"]).await;
    std::fs::remove_file(file).unwrap();
    no(&ground, &all_of(run.run_id), "LAKE_DAMAGED", &[&name, "missing"]).await;
    std::fs::write(file, &whole).unwrap();

    let manifest = ground.lake().join(format!("_runs/default/{}/resolve.json", run.run_id));
    let text = std::fs::read(&manifest).unwrap();
    std::fs::remove_file(&manifest).unwrap();
    no(&ground, &all_of(run.run_id), "ROLLBACK_CHANGES", &["resolve.json"]).await;
    std::fs::write(&manifest, text).unwrap();
    assert_eq!(back(&ground, &all_of(run.run_id)).await.counts.removed, 1);
}

on_both!(with_reasons, too_old, damaged_lake);
