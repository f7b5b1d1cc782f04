//! What goes wrong while a run is at work, in a file that somebody has written, is told with that file, its line and what
//! stands there.

use importer_engine::request::RunRequest;

use super::students::{HEADER, run, university_with};
use crate::road::ground::Ground;
use crate::store::harness::on_sqlite;

const GOOD: &str = "1,Anna,Lee,anna@example.org,2001-05-04,3,Law\n2,Bob,Moss,bob@example.org,,0,Law\n3,Cleo,Noon,x,,1,Music\n";

/// What a run says that fails in a file of the project.
async fn told(path: &'static str, text: String) -> String {
    told_of(path, text, GOOD, "").await
}

async fn told_of(path: &'static str, text: String, rows: &'static str, settings: &'static str) -> String {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    on_sqlite(move |test| {
        Box::pin(async move {
            let ground = university_with(test, |project| {
                std::fs::write(project.join(path), text).expect("a file");
                if !settings.is_empty() {
                    std::fs::write(project.join("project.yml"), settings).expect("a file");
                }
            })
            .await;
            let said = said(&ground, rows).await;
            sender.send(said).expect("somebody waits");
        })
    })
    .await;
    receiver.await.expect("an answer")
}

async fn said(ground: &Ground, rows: &str) -> String {
    let file = ground.file("students.csv", format!("{HEADER}{rows}"));
    let request = RunRequest::files([file]);
    let run = ground.engine.run(&request, std::sync::Arc::new(importer_engine::Silent));
    match Box::pin(run).await {
        Ok(summary) => format!("{}: {}", summary.status, summary.error.unwrap_or_default()),
        Err(error) => format!("refused: {error}"),
    }
}

fn rule(sql: &str) -> String {
    format!("/*---\nrule: STU_X\nseverity: error\nmessage: m\nhint: h\n---*/\n{sql}\n")
}

const RULE: &str = "entities/students/check/STU_X.sql";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_fail_while_they_run() {
    let by_zero = told(RULE, rule("SELECT sequence_number\nFROM staged\nWHERE 10 / semester > 4")).await;
    assert_eq!(
        by_zero,
        "failed: entities/students/check/STU_X.sql:9:7: a division by zero; the line is: WHERE 10 / semester > 4"
    );
    let pattern =
        told(RULE, rule("SELECT sequence_number\nFROM staged\nWHERE regexp_like(last_name, '[a-')")).await;
    assert!(pattern.starts_with("failed: entities/students/check/STU_X.sql:9:"), "{pattern}");
    assert!(pattern.ends_with("the line is: WHERE regexp_like(last_name, '[a-')"), "{pattern}");
    let cast =
        told(RULE, rule("SELECT sequence_number\nFROM staged\nWHERE CAST(last_name AS INT) > 4")).await;
    assert!(cast.starts_with("failed: entities/students/check/STU_X.sql:9:12: "), "{cast}");
    assert!(!cast.contains("Lee") && !cast.contains("Moss"), "{cast}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_cannot_be_planned() {
    let cases = [
        ("SELECT sequence_number\nFROM staged\nWHERE last_name", "9:"),
        ("SELECT sequence_number\nFROM landed\nWHERE last_name IS NULL", "8:6"),
        ("SELECT sequence_number\nFROM staged\nWHERE lastname IS NULL", "9:7"),
        ("SELECT sequence_number, lowr(last_name) AS value\nFROM staged", "7:"),
    ];
    for (sql, place) in cases {
        let said = told(RULE, rule(sql)).await;
        assert!(
            said.starts_with(&format!("failed: entities/students/check/STU_X.sql:{place}")),
            "{sql}: {said}"
        );
        assert!(said.contains("; the line is: "), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn findings_for_rows_that_are_not_there() {
    let sql = "SELECT max(sequence_number) + 7 AS sequence_number\nFROM staged";
    let said = told(RULE, rule(sql)).await;
    assert!(said.starts_with("failed: entities/students/check/STU_X.sql:7:12: the rule gives 1 findings for rows that are not in this run (such as sequence_number 10)"), "{said}");
    let sql = "SELECT CAST(NULL AS BIGINT) AS sequence_number FROM staged GROUP BY last_name";
    let said = told(RULE, rule(sql)).await;
    assert!(
        said.contains("3 findings for rows that are not in this run (without a sequence_number)"),
        "{said}"
    );
    let sql = "SELECT max(sequence_number) AS sequence_number, concat('emi', 'al') AS field\nFROM staged";
    let said = told(RULE, rule(sql)).await;
    assert!(said.contains("a field `emial`, which the contract does not have"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_never_ends_is_ended() {
    let endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 0 FROM n)\nSELECT s.sequence_number FROM staged s JOIN n ON n.i = 2";
    let settings = "name: university\nsource: students\ndefaults: {max_query_time: 2s}\n";
    let said = told_of(RULE, rule(endless), GOOD, settings).await;
    assert!(said.starts_with("failed: entities/students/check/STU_X.sql:7:"), "{said}");
    assert!(said.contains("was not done after 2 s") || said.contains("memory limit"), "{said}");
    // One that gives more and more ends at the memory, or at the rows that a mapping can give.
    let growing = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n)\nSELECT s.sequence_number FROM staged s CROSS JOIN n";
    let said = told_of(RULE, rule(growing), GOOD, settings).await;
    assert!(said.starts_with("failed: entities/students/check/STU_X.sql:7:"), "{said}");
}

const MAP: &str = "entities/students/map/students.sql";

fn mapping(sql: &str) -> String {
    format!("/*---\nmapping: students\n---*/\n{sql}\n")
}

const COLUMNS: &str = "number, first_name, last_name, email, born, semester, faculty";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mappings_that_lose_or_double_rows() {
    let inner = format!(
        "SELECT l.sequence_number, {COLUMNS}\nFROM landed l JOIN (VALUES ('Law')) AS f (name) ON f.name = l.faculty"
    );
    let said = told(MAP, mapping(&inner)).await;
    assert!(said.starts_with("failed: entities/students/map/students.sql:4:10: the mapping gives 2 rows for 3 landed records: 1 are left out (such as line 4)"), "{said}");
    let double = format!(
        "SELECT l.sequence_number, {COLUMNS}\nFROM landed l LEFT JOIN (VALUES ('Law'), ('Law')) AS f (name) ON f.name = l.faculty"
    );
    let said = told(MAP, mapping(&double)).await;
    assert!(
        said.contains("gives 5 rows for 3 landed records: 2 are there several times (such as line 2)"),
        "{said}"
    );
    let moved = format!(
        "WITH m AS (SELECT l.sequence_number + 1 AS sequence_number, {COLUMNS} FROM landed l)\nSELECT sequence_number, {COLUMNS} FROM m"
    );
    let said = told(MAP, mapping(&moved)).await;
    assert!(said.contains("gives 3 rows for 3 landed records: 1 are left out (such as line 2), 1 are under numbers of no landed row (such as 4)"), "{said}");
    // Where the text says it already, the project is refused before any run.
    let renumbered = format!(
        "SELECT row_number() OVER (ORDER BY sequence_number DESC) AS sequence_number, {COLUMNS} FROM landed"
    );
    assert!(
        refused_project(MAP, mapping(&renumbered))
            .contains("4:8: a mapping does not give rows other numbers")
    );
    let zero = format!(
        "SELECT sequence_number, number, CAST(1 / (length(last_name) - 3) AS VARCHAR) AS first_name, {}\nFROM landed",
        "last_name, email, born, semester, faculty"
    );
    let said = told(MAP, mapping(&zero)).await;
    assert_eq!(
        said,
        "failed: entities/students/map/students.sql:4:38: a division by zero; the line is: SELECT sequence_number, number, CAST(1 / (length(last_name) - 3) AS VARCHAR) AS first_name, last_name, email, born, semester, faculty"
    );
}

/// A key may be called like a column that the rows have anyway.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_may_have_any_name() {
    let keys = "keys:\n  - {key: born, fields: [born]}\n";
    let said = told("entities/students/match.yml", keys.to_owned()).await;
    assert!(said.starts_with("succeeded"), "{said}");
    let project = changed([("entities/students/match.yml", keys.to_owned())]);
    let found = importer_engine::project_check::plan(&project).await.expect("it is planned");
    assert!(found.is_empty(), "{found:#?}");
}

/// What would end every run is told by the cases, with its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_tell_of_rules_that_fail() {
    let strange = differences("SELECT sequence_number + 1000 AS sequence_number\nFROM staged", "").await;
    assert!(strange.iter().all(|d| d.contains("for rows that are not in this case")), "{strange:?}");
    assert!(strange[0].starts_with("entities/students/check/STU_X.sql:7:8: "), "{strange:?}");
    let cast = differences("SELECT sequence_number\nFROM staged\nWHERE CAST(last_name AS INT) > 4", "").await;
    assert!(cast[0].contains("entities/students/check/STU_X.sql:9:"), "{cast:?}");
    let endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 0 FROM n)\nSELECT s.sequence_number FROM staged s JOIN n ON n.i = 2";
    let settings = "name: university\nsource: students\ndefaults: {max_query_time: 1s}\n";
    let endless = differences(endless, settings).await;
    assert!(endless[0].contains("was not done after 1 s") || endless[0].contains("memory"), "{endless:?}");
}

/// What the cases say of the project with one more rule.
async fn differences(sql: &str, settings: &'static str) -> Vec<String> {
    let mut files = vec![(RULE, rule(sql))];
    if !settings.is_empty() {
        files.push(("project.yml", settings.to_owned()));
    }
    let project = changed(files);
    let cases = importer_engine::project_check::run_cases(&project, 1_760_000_000_000_000);
    let found = cases.await.expect("cases run").into_iter().flat_map(|report| report.differences);
    found.collect()
}

/// A project with files of it changed.
fn changed(files: impl IntoIterator<Item = (&'static str, String)>) -> importer_plans::project::Project {
    use importer_plans::project::{FileSet, Project};
    let folder = crate::road::ground::workspace().join("testdata/projects/students");
    let project = importer_engine::load_project(Some(&folder)).expect("the project");
    let files = project.files().clone().overlaid_with(FileSet::new(files));
    Project::load(&files).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// The errors of a project with one file changed.
fn refused_project(path: &str, text: String) -> String {
    use importer_plans::project::{FileSet, Project};
    let folder = crate::road::ground::workspace().join("testdata/projects/students");
    let project = importer_engine::load_project(Some(&folder)).expect("the project");
    let files = project.files().clone().overlaid_with(FileSet::new([(path, text)]));
    match Project::load(&files) {
        Ok(_) => String::new(),
        Err(errors) => errors.iter().map(|e| format!("{}: {}\n", e.place(), e.message())).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load_files_that_fail() {
    let load = |expression: &str| {
        format!(
            "/*---\ntable: students\nmode: core\nkey: [tenant_id, id]\ninsert_only: [created_at]\n---*/\nSELECT tenant_id, core_id AS id, first_name, last_name, email, born,\n       {expression} AS semester, faculty, loaded_at AS created_at\nFROM resolved\n"
        )
    };
    let path = "entities/students/load/students.sql";
    let said = told(path, load("12 / semester")).await;
    assert!(said.contains("entities/students/load/students.sql:8:8: a division by zero; the line is: 12 / semester AS semester"), "{said}");
    let said = told(path, load("semster")).await;
    assert!(said.contains("entities/students/load/students.sql:8:8: there is no column `semster`"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_zones_are_refused() {
    on_sqlite(|test| {
        Box::pin(async move {
            let ground = university_with(test, |_| ()).await;
            let mut request = RunRequest::files([ground.file("a.csv", format!("{HEADER}{GOOD}"))]);
            request.time_zone = Some("Europe/Berln".to_owned());
            let error = ground
                .engine
                .run(&request, std::sync::Arc::new(importer_engine::Silent))
                .await
                .expect_err("no zone");
            assert!(error.to_string().contains("is no time zone"), "{error}");
            request.time_zone = None;
            request.default_region = Some("UK".to_owned());
            let error = ground
                .engine
                .run(&request, std::sync::Arc::new(importer_engine::Silent))
                .await
                .expect_err("no region");
            assert!(error.to_string().contains("is not a region"), "{error}");
            assert_eq!(run(&ground, "b.csv", GOOD).await.status, "succeeded");
        })
    })
    .await;
}
