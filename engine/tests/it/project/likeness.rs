//! Levels of `match.yml` over literal values, and what `project check` says of its SQL.

use datafusion::arrow::array::AsArray;
use datafusion::prelude::SessionContext;
use importer_engine::project_check::plan;
use importer_plans::project::{FileSet, Project, When};

use crate::road::ground::workspace;

const PATH: &str = "entities/volunteers/match.yml";

fn with(match_yml: &str) -> Project {
    let folder = FileSet::new([(PATH, match_yml)]);
    let files = FileSet::new(importer_sql::project::files()).overlaid_with(folder);
    Project::load(&files).unwrap_or_else(|errors| panic!("{:?}", errors.iter().collect::<Vec<_>>()))
}

fn people() -> String {
    let path = workspace().join("testdata/projects/fuzzy_people").join(PATH);
    std::fs::read_to_string(path).expect("is there")
}

/// A level and two values of `x`, as SQL, for which it holds, or does not.
const CASES: &[(&str, &str, &str, bool)] = &[
    ("{is: equal}", "'anna'", "'anna'", true),
    ("{is: equal}", "'anna'", "'anne'", false),
    ("{is: equal}", "'anna'", "CAST(NULL AS VARCHAR)", false),
    ("{is: nickname}", "'bob'", "'robert'", true),
    ("{is: nickname}", "'anna'", "'anna'", false),
    ("{is: initial}", "'j'", "'john'", true),
    ("{is: initial}", "'jo'", "'john'", false),
    ("{is: beginning}", "'elliot'", "'elliott'", true),
    ("{is: slip}", "'jessica'", "'jesscia'", true),
    ("{is: slip}", "'robert'", "'hugo'", false),
    ("{is: spelling}", "'Müller'", "'Mueller'", true),
    ("{is: spelling}", "'Berg'", "'Bergmann'", false),
    ("{is: part}", "'Dietz-Ott'", "'Dietz'", true),
    ("{is: part}", "'Berg'", "'Bergmann'", false),
    ("{jaro_winkler: 0.92}", "'johnson'", "'jonhson'", true),
    ("{jaro_winkler: 0.92}", "'johnson'", "'smith'", false),
    ("{edits: 1}", "'smith'", "'smtih'", true),
    ("{edits: 1}", "'smith'", "'smyht'", false),
    ("{edits: 1, of: 'x[1]'}", "make_array('49301', '7')", "make_array('49302')", true),
    ("{edits: 1, of: 'x[2]'}", "make_array('49301', '7')", "make_array('49302')", false),
    ("{edits: 1, any: true}", "make_array('anna', 'otto')", "make_array('hugo', 'ottos')", true),
    ("{edits: 1, any: true}", "make_array('anna')", "make_array('hugo')", false),
    ("{sounds: true}", "'Meier'", "'Maier'", true),
    ("{sounds: true}", "'Meier'", "'Schmidt'", false),
    ("{overlap: 1}", "make_array('a', 'b')", "make_array('b')", true),
    ("{overlap: 2}", "make_array('a', 'b')", "make_array('b')", false),
    ("{date: [swapped]}", "DATE '1984-02-03'", "DATE '1984-03-02'", true),
    ("{date: [digit, digits_swapped]}", "DATE '1984-02-03'", "DATE '1994-02-03'", true),
    ("{date: [digit, digits_swapped]}", "DATE '1984-02-03'", "DATE '1984-03-02'", false),
    ("{days: 31}", "DATE '1984-01-01'", "DATE '1984-02-01'", true),
    ("{days: 31}", "DATE '1984-02-01'", "DATE '1984-01-01'", true),
    ("{days: 31}", "DATE '1984-01-01'", "DATE '1984-02-02'", false),
    ("{within: 2.5}", "10", "12.5", true),
    ("{within: 2.5}", "10", "12.6", false),
    ("{within_share: 10%}", "100", "91", true),
    ("{within_share: 10%}", "100", "80", false),
    ("{sql: length(a.x) = length(b.x)}", "'anna'", "'hugo'", true),
    ("{sql: length(a.x) = length(b.x)}", "'anna'", "'otto '", false),
];

#[tokio::test]
async fn levels_hold_where_they_say() {
    let session = SessionContext::new();
    importer_sql::functions::all().into_iter().for_each(|function| session.register_udf(function));
    for (level, a, b, holds) in CASES {
        let project = with(&format!(
            "compare: {{x: fold(city)}}\nblocking:\n  - {{rule: x, on: [x]}}\ncomparisons:\n  - compare: x\n    levels: [{level}, {{else: true}}]\n"
        ));
        let spec = project.entities["volunteers"].matching.fuzzy.as_ref().expect("is there");
        let When::Condition(condition) = &spec.comparisons[0].levels[1].when else { panic!("{level}") };
        let sql = format!(
            "SELECT coalesce({condition}, false) FROM (SELECT {a} AS x) a CROSS JOIN (SELECT {b} AS x) b"
        );
        let rows = session.sql(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let rows = rows.collect().await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(rows[0].column(0).as_boolean().value(0), *holds, "{level} of {a} and {b}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_the_tests_are_planned() {
    let found = plan(&with(&people())).await.expect("is planned");
    let errors: Vec<String> =
        found.iter().filter(|f| !f.is_warning).map(|f| format!("{}: {}", f.path, f.error.message)).collect();
    assert_eq!(errors, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_types_point_into_the_file() {
    let people = people();
    for (from, to, code, place) in [
        ("city: fold(city)", "city: fold(birth_date)", None, "fold(birth_date)"),
        (
            "names: \"make_array(given, family)\"",
            "names: {sql: \"make_array(given, family)\", list: false}",
            Some("PRJ0013"),
            "make_array",
        ),
        (
            "{sql: a.zip = b.zip, term",
            "{sql: a.zip = b.zip AND fold(a.born) = 'x', term",
            None,
            "a.zip = b.zip AND fold(a.born)",
        ),
        (
            "{sql: a.generation <> b.generation,",
            "{sql: a.generation + b.generation,",
            Some("SQL0006"),
            "a.generation +",
        ),
    ] {
        let text = people.replace(from, to);
        assert_ne!(text, people, "{from}");
        let found = plan(&with(&text)).await.expect("is planned");
        let errors: Vec<_> = found.iter().filter(|finding| !finding.is_warning).collect();
        let [error] = errors.as_slice() else { panic!("{to}: {:?}", errors) };
        assert_eq!(error.path, PATH);
        assert!(code.is_none_or(|code| error.error.code == code), "{to}: {error:?}");
        let span = error.error.span.expect("has a place");
        let line = |at: usize| text[..at].matches('\n').count();
        assert_eq!(
            line(span.offset),
            line(text.find(place).expect("is there")),
            "{to}: {}",
            error.error.message
        );
    }
}
