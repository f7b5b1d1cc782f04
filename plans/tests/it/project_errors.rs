//! What a data engineer sees who has made a mistake: every error, at its place, with what to write instead.

use importer_plans::project::{FileSet, Project, ProjectErrors};
use miette::{GraphicalReportHandler, GraphicalTheme};

/// The shipped project with some files replaced.
fn load(files: &[(&str, &str)]) -> Result<Project, ProjectErrors> {
    let folder = FileSet::new(files.iter().copied());
    Project::load(&FileSet::new(importer_sql::project::files()).overlaid_with(folder))
}

fn text_of(path: &str) -> String {
    FileSet::new(importer_sql::project::files()).get(path).expect("is shipped").to_owned()
}

fn rendered<'e>(errors: impl IntoIterator<Item = &'e dyn miette::Diagnostic>) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(120);
    let mut out = String::new();
    for error in errors {
        handler.render_report(&mut out, error).expect("writes to a string");
        out.push('\n');
    }
    out
}

fn errors_of(files: &[(&str, &str)]) -> String {
    let errors = load(files).expect_err("is wrong");
    rendered(errors.iter().map(|error| error as &dyn miette::Diagnostic))
}

#[test]
fn all_errors_of_all_files_are_shown() {
    let csv = "source: csv\nconector: csv\nentity: volunters\npolicy: upset\nfreshness: {warn_after: 2 days}\nheaders: {Vor Name: fist_name}\n";
    let settings = "name: acme\nsource: cvs\ndefaults: {max_bad: 200%, default_region: usa}\n";
    insta::assert_snapshot!(errors_of(&[("sources/csv.yml", csv), ("project.yml", settings)]));
}

#[test]
fn yaml_that_cannot_be_read() {
    insta::assert_snapshot!(errors_of(&[(
        "sources/csv.yml",
        "source: csv\n  connector: csv\n entity: [volunteers\n"
    )]));
    insta::assert_snapshot!(errors_of(&[(
        "sources/csv.yml",
        "source: csv\nconnector: csv\nsource: b\nentity: volunteers\n"
    )]));
}

#[test]
fn a_rule_with_mistakes() {
    let rule = "/*---\nrule: VOL_X\nseverity: eror\nmessage: m\nfields: [emial]\n---*/\nSELECT sequence_number, 'email' AS field, email AS vale\nFROM staged\nWHERE email IS NULL\n";
    let path = "entities/volunteers/check/VOL_Y.sql";
    insta::assert_snapshot!(errors_of(&[(path, rule)]));
    let star = "/*---\nrule: VOL_Y\nseverity: warn\nmessage: m\nhint: h\n---*/\nSELECT * FROM staged\n";
    let errors = load(&[(path, star)]).expect_err("is wrong");
    let places: Vec<String> =
        errors.iter().map(|error| format!("{} {}", error.place(), error.message())).collect();
    assert_eq!(places, ["entities/volunteers/check/VOL_Y.sql:7:1 a rule names every column that it gives"]);
}

#[test]
fn sql_that_cannot_be_read() {
    let front = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\n";
    let path = "entities/volunteers/check/VOL_X.sql";
    let case = |sql: &str| errors_of(&[(path, &format!("{front}{sql}"))]);
    insta::assert_snapshot!(case("SELECT sequence_number, 'é' AS field,, email AS value\nFROM staged\n"));
    insta::assert_snapshot!(case("SELECT sequence_number FROM staged WHERE (email IS NULL\n"));
    insta::assert_snapshot!(case("DELETE FROM staged\n"));
    insta::assert_snapshot!(case(""));
    insta::assert_snapshot!(errors_of(&[(path, "SELECT sequence_number FROM staged\n")]));
    insta::assert_snapshot!(errors_of(&[(path, "/*---\nrule: VOL_X\nSELECT sequence_number FROM staged\n")]));
}

#[test]
fn a_contract_that_contradicts_itself() {
    let contract = "entity: volunteers\ncore: {table: contacts}\nfields:\n  first_name: {type: name, aliases: [Given, Name]}\n  \
        last_name: {type: name, aliases: [NAME], satisfied_by: ful_name}\n  email: {type: email, set: emails, primary: true}\n  \
        mail2: {type: email, set: mails, primary: true}\n  phone: {type: fone, region: first_name}\n  Birth: {type: date}\nsets: {emails: {key: email_key, value: email}}\n";
    let files = FileSet::new([("project.yml", "name: p\n"), ("entities/volunteers/contract.yml", contract)]);
    let errors = Project::load(&files).expect_err("is wrong");
    insta::assert_snapshot!(rendered(errors.iter().map(|error| error as &dyn miette::Diagnostic)));
}

#[test]
fn matching_and_survivorship_that_cannot_be() {
    let matching = "names: {given: first_name}\nkeys:\n  - {key: email, sets: [email], guard: nme}\n  - {key: household, sets: [phones]}\n";
    let resolve = "groups:\n  a: {fields: [first_name, last_name, full_name], prefer: [manual, newest]}\n  \
        b: {fields: [email, phone, first_name], prefer: [verified]}\nlocks: [emial]\nties: newest\n";
    insta::assert_snapshot!(errors_of(&[
        ("entities/volunteers/match.yml", matching),
        ("entities/volunteers/resolve.yml", resolve),
    ]));
}

#[test]
fn load_files_that_cannot_be() {
    let load = "/*---\ntable: contacts\nmode: row\nkey: [tenant, id]\nafter: [volunteer]\nset: emails\n---*/\nSELECT tenant_id, core_id AS id FROM resolved\n";
    insta::assert_snapshot!(errors_of(&[("entities/volunteers/load/contacts.sql", load)]));
}

#[test]
fn files_in_the_wrong_place() {
    insta::assert_snapshot!(errors_of(&[
        ("sources/crm.yaml", ""),
        ("entities/volunteers/checks/A.sql", ""),
        ("entities/leads/match.yml", ""),
        ("notes.md", "read by nobody, and that is fine"),
    ]));
}

#[test]
fn what_is_doubtful_is_warned_about() {
    let rule = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\nfields: [postal_code]\n---*/\nSELECT sequence_number\nFROM staged AS s\nWHERE s.postal_code > 9000 AND birth_date > current_date()\n";
    let mapping = "/*---\nmapping: csv\n---*/\nSELECT sequence_number, first_name, last_name FROM landed\n";
    let tests = text_of("entities/volunteers/tests/rules.yml")
        + "\n  - name: wrong\n    given: [{emial: x}]\n    expect: [{row: 1, violations: [VOL_EMAIL_FORMT]}]\n";
    let project = load(&[
        ("entities/volunteers/check/VOL_X.sql", rule),
        ("entities/volunteers/map/csv.sql", mapping),
        ("entities/volunteers/tests/rules.yml", &tests),
    ])
    .expect("is valid");
    let warnings = project.check_static();
    assert!(warnings.iter().all(|warning| warning.is_warning()));
    insta::assert_snapshot!(rendered(warnings.iter().map(|warning| warning as &dyn miette::Diagnostic)));
    insta::assert_debug_snapshot!(
        project.entities["volunteers"].rule("VOL_X").and_then(|rule| rule.as_filter())
    );
}

#[test]
fn rules_that_are_more_than_a_filter_run_alone() {
    let front = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\n";
    let more = [
        "SELECT max(sequence_number) AS sequence_number FROM staged",
        "SELECT sequence_number FROM staged WHERE email IN (SELECT email FROM staged GROUP BY email HAVING count(*) > 1)",
        "SELECT sequence_number FROM (SELECT sequence_number, count(*) OVER (PARTITION BY external_id) AS n FROM staged) AS t WHERE n > 1",
        "SELECT s.sequence_number FROM staged s JOIN staged t ON s.email = t.email",
        "SELECT sequence_number FROM staged ORDER BY 1 LIMIT 5",
        "SELECT DISTINCT sequence_number FROM staged",
        "WITH a AS (SELECT * FROM staged) SELECT sequence_number FROM a",
    ];
    for sql in more {
        let path = "entities/volunteers/check/VOL_X.sql";
        let project = load(&[(path, &format!("{front}{sql}"))]).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        let rule = project.entities["volunteers"].rule("VOL_X").expect("is there");
        assert_eq!(rule.as_filter(), None, "{sql}");
    }
}
