//! An entity that nobody shipped, from its file to its table and back, on both databases.

use importer_engine::request::RunRequest;
use importer_engine::store::{Dialect, Table};
use importer_engine::{EngineOptions, RunSummary, load_project, project_check};

use crate::road::ground::{Ground, succeeded, workspace};
use crate::road::people::{Person, rows};
use crate::rollback::stage::{all_of, back};
use crate::store::harness::{TestStore, on_both};

on_both!(from_file_to_table_and_back);

pub const HEADER: &str = "Student number,First name,Last name,Email,Born,Semester,Faculty\n";

/// A store with the university's tables, and its project.
pub async fn university(test: &TestStore) -> Ground {
    university_with(test, |_| ()).await
}

/// The same with files of the project changed.
pub async fn university_with(test: &TestStore, change: impl FnOnce(&std::path::Path)) -> Ground {
    project(test, "students", change).await
}

/// A store with the tables of a project of `testdata/projects`, and the project, with files of it changed.
pub async fn project(test: &TestStore, name: &str, change: impl FnOnce(&std::path::Path)) -> Ground {
    project_with(test, name, change, |_| ()).await
}

/// [`project`], with options of the engine changed.
pub async fn project_with(
    test: &TestStore,
    name: &str,
    change: impl FnOnce(&std::path::Path),
    set: impl FnOnce(&mut EngineOptions),
) -> Ground {
    test.upgraded().await;
    let dialect = match test.store.dialect() {
        Dialect::Postgres => "postgres",
        Dialect::Sqlite => "sqlite",
    };
    let tables = format!("{name}.{dialect}.sql");
    let script = std::fs::read_to_string(workspace().join("testdata/projects/tables").join(tables));
    let mut session = test.store.session().await.expect("a session");
    session.execute_script(&script.expect("the tables")).await.expect("the tables are made");
    drop(session);
    Ground::with(test, |options, folder| {
        let project = folder.join("project");
        copy(&workspace().join("testdata/projects").join(name), &project);
        change(&project);
        options.project = Some(project);
        set(options);
    })
    .await
}

pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("a copy");
        }
    }
}

/// A counter of the entity.
pub fn figure(summary: &RunSummary, stage: &str, name: &str) -> u64 {
    summary.counts[stage]["students"][name].as_u64().unwrap_or(0)
}

/// Who is in the table, by first name.
pub async fn students(ground: &Ground) -> Vec<Person> {
    let columns = ["first_name", "last_name", "email", "faculty"];
    let mut found = rows(ground.store(), &Table::core("students"), &columns, "").await;
    found.sort_by(|a, b| a["first_name"].cmp(&b["first_name"]));
    found
}

pub async fn names(ground: &Ground) -> Vec<String> {
    students(ground).await.iter().map(|s| s["first_name"].clone()).collect()
}

async fn from_file_to_table_and_back(test: &TestStore) {
    let ground = university(test).await;
    let reports =
        project_check::run_cases(&ground.engine.project, 1_760_000_000_000_000).await.expect("cases run");
    let failed: Vec<_> = reports.iter().flat_map(|r| &r.differences).collect();
    assert!(failed.is_empty(), "{failed:?}");

    let first = ground.file(
        "one.csv",
        format!("{HEADER}1,Anna,Lee,anna@example.org,2001-05-04,3,Law\n2,Bob,Moss,bob@example.org,,50,\n,Cleo,Noon,,,,\n"),
    );
    let request = RunRequest { accept_bad: true, ..RunRequest::files([&first]) };
    let summary = succeeded(ground.run(&request).await);
    assert_eq!(figure(&summary, "core", "rows_created"), 2, "{:?}", summary.counts);
    // The project has no rule about ids; its source requires them all the same.
    assert_eq!(figure(&summary, "dq", "rows_quarantined"), 1);
    assert!(summary.rules.iter().any(|r| r.rule_code == "STG_EXTERNAL_ID_REQUIRED"), "{:?}", summary.rules);
    assert_eq!(names(&ground).await, ["Anna", "Bob"]);

    let again = succeeded(ground.run(&request).await);
    assert_eq!(figure(&again, "core", "rows_skipped_no_change"), 2);
    let second =
        ground.file("two.csv", format!("{HEADER}1,Anna,Lee,anna.lee@example.org,2001-05-04,4,Law\n"));
    let updated = ground.load(&second).await;
    assert_eq!(figure(&updated, "core", "rows_updated"), 1, "{:?}", updated.counts);
    assert_eq!(students(&ground).await[0]["email"], "anna.lee@example.org");

    // What the shipped project says of all sources holds where this one says nothing.
    let defaults = &ground.engine.project.settings.defaults;
    assert_eq!(defaults.default_region.as_deref(), Some("US"));
    assert_eq!(ground.engine.project.settings.name, "university");

    back(&ground, &all_of(updated.run_id)).await;
    assert_eq!(students(&ground).await[0]["email"], "anna@example.org");
}

/// A sample that nobody reads does not stop the project that it lies beside: it is no UTF-8.
#[test]
fn samples_are_nobodys_business() {
    let folder = workspace().join("testdata/projects/students");
    assert!(folder.join("samples/old_export.csv").exists());
    let project = load_project(Some(&folder)).unwrap_or_else(|e| panic!("{e:?}"));
    assert!(project.files().get("samples/old_export.csv").is_none());
}

/// Runs a file of the university's, whatever comes of it.
pub async fn run(ground: &Ground, name: &str, lines: &str) -> RunSummary {
    let file = ground.file(name, format!("{HEADER}{lines}"));
    ground.run(&RunRequest::files([file])).await
}

/// The same, and it must succeed.
pub async fn load(ground: &Ground, name: &str, lines: &str) -> RunSummary {
    succeeded(run(ground, name, lines).await)
}
