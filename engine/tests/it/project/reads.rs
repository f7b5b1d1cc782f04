//! Rules that read lists of the project and tables of the store, and mappings that read lists; on both databases.

use importer_engine::request::RunRequest;
use importer_engine::why::{RowQuestion, Verdict, Which};
use importer_engine::{load_project, project_check};
use importer_plans::project::ProjectError;

use super::students::{HEADER, copy, university_with};
use crate::road::ground::{Ground, lines, succeeded, workspace};
use crate::store::harness::{TestStore, on_both};
use importer_engine::store::Table;

on_both!(rules_read_lists_and_tables, mappings_read_lists);

const TAUGHT: &str = "faculty,open\nLaw,yes\nMusic,no\n";

/// The faculty must be one that takes students.
const OPEN: &str = "/*---
rule: STU_FACULTY_OPEN
severity: error
message: The faculty takes no students
hint: Name another one
fields: [faculty]
---*/
SELECT s.sequence_number, 'faculty' AS field, s.faculty AS value
FROM staged s
LEFT JOIN lists.faculties f ON f.faculty = s.faculty AND f.open = 'yes'
WHERE s.faculty IS NOT NULL AND f.faculty IS NULL
";

/// The university's own table knows all faculties.
const KNOWN: &str = "/*---
rule: STU_FACULTY_KNOWN
severity: warn
message: The university has no such faculty
hint: Correct the name
fields: [faculty]
---*/
SELECT s.sequence_number, 'faculty' AS field, s.faculty AS value
FROM staged s
LEFT ANTI JOIN core.faculties f ON f.name = s.faculty
WHERE s.faculty IS NOT NULL
";

fn write(project: &std::path::Path, path: &str, text: &str) {
    let path = project.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    std::fs::write(path, text).expect("the file");
}

async fn ground(test: &TestStore) -> Ground {
    university_with(test, |project| {
        write(project, "lists/faculties.csv", TAUGHT);
        write(project, "entities/students/check/STU_FACULTY_OPEN.sql", OPEN);
        write(project, "entities/students/check/STU_FACULTY_KNOWN.sql", KNOWN);
    })
    .await
}

async fn rules_read_lists_and_tables(test: &TestStore) {
    let ground = ground(test).await;
    let project = &ground.engine.project;
    assert!(project_check::plan(project).await.expect("it is planned").is_empty());
    let text =
        format!("{HEADER}1,Anna,Lee,,,1,Law\n2,Bob,Moss,,,1,Music\n3,Cleo,Noon,,,1,Magic\n4,Dan,Ott,,,1,\n");
    let request = RunRequest { accept_bad: true, ..RunRequest::files([ground.file("students.csv", text)]) };
    let summary = succeeded(ground.run(&request).await);
    let found: Vec<_> = summary.rules.iter().map(|r| (r.rule_code.as_str(), r.violations)).collect();
    assert_eq!(found, [("STU_FACULTY_KNOWN", 1), ("STU_FACULTY_OPEN", 2)]);
    let loaded = lines(ground.store(), &Table::core("students"), &["tenant_id", "id", "created_at"]).await;
    assert_eq!(loaded.len(), 2, "{loaded:#?}");
    // The story of a row asks the rules once more.
    let question = RowQuestion { run: summary.run_id, which: Which::Line { file: None, line: 3 } };
    let story = ground.engine.why_row(&question).await.expect("a story");
    let check = story.check.expect("it was checked");
    let failed = check.rules.iter().find(|rule| rule.rule_code == "STU_FACULTY_OPEN").expect("the rule");
    assert_eq!(failed.verdict, Verdict::Failed, "{failed:?}");
}

async fn mappings_read_lists(test: &TestStore) {
    let ground = university_with(test, |project| {
        write(project, "lists/codes.csv", "code,name\nL,Law\nM,Music\n");
        write(
            project,
            "entities/students/map/students.sql",
            "/*---\nmapping: students\nversion: 2\n---*/\nSELECT l.sequence_number, l.number, l.first_name, l.last_name, l.email, l.born, l.semester, c.name AS faculty\nFROM landed l LEFT JOIN lists.codes c ON c.code = l.faculty\n",
        );
    })
    .await;
    let text = format!("{HEADER}1,Anna,Lee,,,1,L\n2,Bob,Moss,,,1,M\n");
    let summary = succeeded(ground.run(&RunRequest::files([ground.file("students.csv", text)])).await);
    assert_eq!(summary.counts["core"]["students"]["rows_created"], 2, "{:?}", summary.counts);
    let loaded = lines(ground.store(), &Table::core("students"), &["tenant_id", "id", "created_at"]).await;
    assert!(loaded[0].ends_with("faculty=Law") && loaded[1].ends_with("faculty=Music"), "{loaded:#?}");
}

/// What is wrong with the project of the university when these files are in it.
fn refused(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&workspace().join("testdata/projects/students"), folder.path());
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    match load_project(Some(folder.path())) {
        Err(importer_engine::ProjectFailure::Files(errors)) => {
            let told = |e: &ProjectError| format!("{}; {}\n", e.message(), e.advice().unwrap_or_default());
            errors.iter().map(told).collect()
        }
        Err(other) => format!("{other:?}"),
        Ok(_) => "nothing".to_owned(),
    }
}

#[test]
fn a_list_that_is_not_there_and_a_mapping_that_reads_the_store_are_refused() {
    let missing = refused(&[("entities/students/check/STU_FACULTY_OPEN.sql", OPEN)]);
    assert!(missing.contains("the project has no list `faculties`"), "{missing}");
    let near =
        refused(&[("entities/students/check/STU_FACULTY_OPEN.sql", OPEN), ("lists/faculty.csv", TAUGHT)]);
    assert!(near.contains("did you mean `faculty`"), "{near}");
    let mapping = "/*---\nmapping: students\nversion: 2\n---*/\nSELECT l.sequence_number, f.name AS faculty\nFROM landed l LEFT JOIN core.faculties f ON f.name = l.faculty\n";
    let refused = refused(&[("entities/students/map/students.sql", mapping)]);
    assert!(refused.contains("a mapping reads no tables of the store"), "{refused}");
}
