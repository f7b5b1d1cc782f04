//! Load files that do not fit their tables are found before a run, and no run begins.

use std::sync::Arc;

use importer_engine::project_check::compare_tables;
use importer_engine::request::RunRequest;
use importer_engine::store::{Dialect, StoreOptions, UpgradeOptions};
use importer_engine::{ErrorKind, Silent};

use super::students::{HEADER, university, university_with};
use crate::road::ground::count;
use crate::store::harness::{TestStore, on_both};

on_both!(
    load_files_are_compared_with_their_tables,
    texts_do_not_go_into_columns_of_numbers,
    other_peoples_tables_have_a_way_out
);

const LOAD: &str = "entities/students/load/students.sql";

async fn load_files_are_compared_with_their_tables(test: &TestStore) {
    let ground = university(test).await;
    let fits = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    let wrong: Vec<_> = fits.iter().filter(|f| !f.is_warning).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    let change = |project: &std::path::Path| {
        let path = project.join(LOAD);
        let text = std::fs::read_to_string(&path).expect("the load file");
        std::fs::write(path, text.replace("    email,\n", "    email AS e_mail,\n")).expect("the load file");
    };
    let project = ground.folder().join("project");
    change(&project);
    let contract = project.join("entities/students/contract.yml");
    let text = std::fs::read_to_string(&contract).expect("the contract");
    std::fs::write(&contract, text.replace("email: {type: email}", "email: {type: email, core: false}"))
        .expect("it");
    let engine = crate::road::ground::open(&ground.options).await;
    let found = compare_tables(&engine.project, &engine.store).await.expect("the tables");
    let told: Vec<&str> = found.iter().map(|f| f.error.message.as_str()).collect();
    assert!(told.contains(&"the table `students` has no column `e_mail`"), "{told:?}");
    let request = RunRequest::files([ground.file("a.csv", format!("{HEADER}1,Anna,Lee,,,3,Law\n"))]);
    let error = Box::pin(engine.run(&request, Arc::new(Silent))).await.expect_err("no run begins");
    assert_eq!(error.kind(), ErrorKind::Project);
    assert!(error.to_string().starts_with("entities/students/load/students.sql:"), "{error}");
    assert!(error.help().is_some_and(|h| h.contains("did you mean `email`?")), "{:?}", error.help());
    assert_eq!(count(&engine.store, "SELECT count(*) FROM {import_runs}").await, 0);
}

/// SQLite would take them, and nobody could read them again.
async fn texts_do_not_go_into_columns_of_numbers(test: &TestStore) {
    let ground = university_with(test, |project| {
        let path = project.join(LOAD);
        let text = std::fs::read_to_string(&path).expect("the load file");
        std::fs::write(path, text.replace("    semester,\n", "    email AS semester,\n")).expect("it");
    })
    .await;
    let found = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    let told: Vec<&str> = found.iter().filter(|f| !f.is_warning).map(|f| f.error.message.as_str()).collect();
    assert!(told.iter().any(|m| m.starts_with("`email` is of type email in the contract")), "{told:?}");
}

/// A database that holds something else is left as it is, and what the message proposes works.
async fn other_peoples_tables_have_a_way_out(test: &TestStore) {
    let store = &test.store;
    let theirs = "CREATE TABLE contacts (nickname text PRIMARY KEY)";
    store.session().await.unwrap().execute_script(theirs).await.expect("their table");
    let error = store.upgrade(UpgradeOptions::default()).await.expect_err("it is not ours");
    assert!(error.to_string().contains("contacts exists already"), "{error}");
    let status = store.migration_status().await.expect("the status");
    assert!(status.iter().all(|m| m.applied_at.is_none()), "nothing was applied");
    let mut options = test.options.clone();
    match store.dialect() {
        Dialect::Postgres => {
            assert!(error.advice().contains("--core-schema"), "{}", error.advice());
            options.core_schema = "importer_core".to_owned();
        }
        Dialect::Sqlite => {
            assert!(error.advice().contains("--store sqlite://"), "{}", error.advice());
            let url = test.options.url.to_string().replace("store.db", "importer.db");
            options = StoreOptions::new(url.parse().expect("a URL"));
        }
    }
    let other = importer_engine::store::Store::connect(options).await.expect("it opens");
    other.upgrade(UpgradeOptions::default()).await.expect("the way out works");
    assert_eq!(count(&other, "SELECT count(*) FROM {contacts}").await, 0);
    other.close().await;
}
