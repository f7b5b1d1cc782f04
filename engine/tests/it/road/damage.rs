//! Files of the lake and databases that are not what was written: they are named, with their code, and what can be put
//! right is.

use std::path::PathBuf;

use importer_engine::catalogue;
use importer_engine::why::{RowQuestion, Which};

use super::ground::{Ground, golden, open};
use crate::remedy::ground::{PEOPLE, imported, requeue, set, violation};
use crate::store::harness::{TestStore, on_both, on_sqlite};

fn the_file(folder: PathBuf, ending: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found.into_iter().next().expect("a file")
}

/// A bundle that was cut short is put right by the next run of its project, so that all runs can be told and taken back.
async fn a_cut_bundle_is_put_right(test: &TestStore) {
    let ground = Ground::new(test).await;
    let first = ground.load(&golden("volunteers_valid.csv")).await;
    let bundle = the_file(ground.lake().join("_projects"), ".json");
    let whole = std::fs::read(&bundle).expect("the bundle");
    let question = || RowQuestion { run: first.run_id, which: Which::Row(1) };
    for bad in [&whole[..whole.len() / 2], b"{\"format\": 1, \"files\": {}}", b""] {
        std::fs::write(&bundle, bad).expect("it is cut");
        let error = ground.engine.why_row(&question()).await.expect_err("it is damaged");
        assert_eq!(error.code(), Some("LAKE_DAMAGED"), "{error}");
        assert!(error.to_string().contains(&bundle.display().to_string()), "{error}");
        ground.load(&golden("volunteers_valid.csv")).await;
        assert_eq!(std::fs::read(&bundle).expect("the bundle"), whole);
        ground.engine.why_row(&question()).await.expect("it is told again");
    }
}

/// A part file that was cut is named by whoever meets it.
async fn a_cut_part_file_is_named(test: &TestStore) {
    let ground = Ground::new(test).await;
    ground.load(&golden("volunteers_valid.csv")).await;
    let part = the_file(ground.lake().join("links/tenant=default/run_id=1"), ".parquet");
    let whole = std::fs::read(&part).expect("the file");
    std::fs::write(&part, &whole[..whole.len() - 20]).expect("it is cut");
    let context = catalogue::open(&ground.engine).await.expect("a catalogue");
    let error = match catalogue::query(&context, "SELECT * FROM links", None).await {
        Err(error) => error,
        Ok(mut answer) => answer.next().await.expect_err("it is damaged"),
    };
    assert_eq!(error.code, "LAKE_DAMAGED", "{error}");
    assert!(error.message.contains(&part.display().to_string()), "{error}");
    assert!(error.help.as_deref().is_some_and(|h| h.contains("backup")), "{:?}", error.help);
    let told = ground.engine.why_row(&RowQuestion { run: 1, which: Which::Row(1) }).await;
    let error = told.expect_err("it is damaged");
    assert_eq!(error.code(), Some("LAKE_DAMAGED"), "{error}");
    assert!(error.to_string().contains(&part.display().to_string()), "{error}");
}

/// Rows that go again are read from their run: a file of it that was cut, or is gone, is named.
async fn a_file_of_held_rows_is_named(test: &TestStore) {
    let ground = Ground::new(test).await;
    let run = imported(&ground, "people.csv", PEOPLE).await;
    let finding = violation(ground.store(), run.run_id, "VOL_EMAIL_FORMAT", 2).await;
    let edit = [("email", "bert@example.org")];
    let the_part =
        |set: &str| the_file(ground.lake().join(format!("{set}/tenant=default/run_id=1")), ".parquet");
    let named = |error: &importer_engine::Error, part: &std::path::Path| {
        assert_eq!(error.code(), Some("LAKE_DAMAGED"), "{error}");
        assert!(error.to_string().contains(&part.display().to_string()), "{error}");
        assert!(error.help().is_some_and(|help| help.contains("backup")), "{error}");
    };
    for set in ["dq_violations", "staging_volunteers"] {
        let part = the_part(set);
        let whole = std::fs::read(&part).expect("the file");
        std::fs::write(&part, &whole[..whole.len() / 2]).expect("it is cut");
        named(&requeue(&ground, None, None, false).await.expect_err("it is damaged"), &part);
        std::fs::write(&part, whole).expect("it is whole again");
    }
    let part = the_part("landed");
    let whole = std::fs::read(&part).expect("the file");
    std::fs::write(&part, &whole[..whole.len() / 2]).expect("it is cut");
    named(&set(&ground, finding, &edit).await.expect_err("it is damaged"), &part);
    std::fs::remove_dir_all(ground.lake().join("landed")).expect("it is removed");
    let error = set(&ground, finding, &edit).await.expect_err("it is gone");
    named(&error, &part);
    assert!(error.to_string().contains("is missing"), "{error}");
    let question = RowQuestion { run: run.run_id, which: Which::Row(2) };
    named(&ground.engine.why_row(&question).await.expect_err("it is gone"), &part);
    std::fs::create_dir_all(part.parent().expect("a folder")).expect("a folder");
    std::fs::write(&part, whole).expect("it is whole again");
    ground.engine.why_row(&question).await.expect("it is told again");
    set(&ground, finding, &edit).await.expect("it goes again");
}

/// The file that binds a lake to its store.
async fn a_cut_binding_is_named(test: &TestStore) {
    let ground = Ground::new(test).await;
    ground.load(&golden("volunteers_valid.csv")).await;
    let binding = ground.lake().join("_store.json");
    std::fs::write(&binding, "{").expect("it is cut");
    let engine = open(&ground.options).await;
    let request = importer_engine::request::RunRequest::files([golden("volunteers_valid.csv")]);
    let run = Box::pin(engine.run(&request, std::sync::Arc::new(importer_engine::Silent))).await;
    let error = run.expect_err("it is damaged");
    assert_eq!(error.code(), Some("LAKE_DAMAGED"), "{error}");
    assert!(error.to_string().contains("_store.json"), "{error}");
}

on_both!(
    a_cut_bundle_is_put_right,
    a_cut_part_file_is_named,
    a_file_of_held_rows_is_named,
    a_cut_binding_is_named
);

/// A database that is none: its code and advice are not those of a full disk.
#[tokio::test]
async fn a_database_that_is_none() {
    on_sqlite(|test| {
        Box::pin(async move {
            let ground = Ground::new(test).await;
            let file = ground.file("store.db", vec![b'x'; 8192]);
            let mut options = ground.options.clone();
            options.store = format!("sqlite://{}", file.display());
            let error = match Box::pin(importer_engine::Engine::open(options)).await {
                Err(importer_engine::OpenError::Engine(error)) => error,
                Err(other) => panic!("{other:?}"),
                Ok(_) => panic!("it opens"),
            };
            assert_eq!(error.code(), Some("STORE_DAMAGED"), "{error}");
            assert!(
                error.help().is_some_and(|h| h.contains("backup") && !h.contains("disk space")),
                "{error}"
            );
        })
    })
    .await;
}
