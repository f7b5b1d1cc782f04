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
fn what_several_files_do_together_has_a_place_in_one_of_them() {
    let path = "entities/volunteers/load/contacts.sql";
    let load_file = text_of(path).replacen("mode: core\n", "mode: core\nafter: [volunteers]\n", 1);
    let errors = load(&[(path, &load_file)]).expect_err("is wrong");
    let places: Vec<String> = errors.iter().map(|e| format!("{} {}", e.place(), e.message())).collect();
    assert_eq!(places, [format!("{path}:4:1 load files wait for each other")]);
    let contract = "entities/volunteers/contract.yml";
    let text = text_of(contract).replacen("    on_bad_value: warn\n", "    on_bad_value: rule\n", 1);
    let project = load(&[(contract, &text)]).expect("is valid");
    let warnings = project.check_static();
    let places: Vec<String> =
        warnings.iter().filter(|w| w.error_code() == "PRJ0104").map(|w| w.place()).collect();
    assert!(places.iter().all(|place| place.starts_with(&format!("{contract}:"))), "{places:?}");
}

#[test]
fn files_in_the_wrong_place() {
    insta::assert_snapshot!(errors_of(&[
        ("sources/crm.yaml", ""),
        ("entities/volunteers/checks/A.sql", ""),
        ("entities/pets/match.yml", ""),
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

/// What was taken in silence, and changed nothing or could never be meant.
#[test]
fn what_has_no_effect_is_refused() {
    let source = "source: crm\nconnector: excel\nentity: volunteers\nmapping: csv\ntime_zone: Europe/Berln\ndefault_region: UK\n";
    let settings = "name: acme\nsource: csv\ndefaults: {time_zone: Berlin, default_region: EN}\n";
    insta::assert_snapshot!(errors_of(&[("sources/crm.yml", source), ("project.yml", settings)]));
    insta::assert_snapshot!(errors_of(&[
        ("entities/volunteers/check/VOL_X.SQL", ""),
        ("entities/volunteers/check/VOL_Y.sql.txt", ""),
        ("Entities/volunteers/check/VOL_Z.sql", ""),
        ("entities/volunteers/Check/VOL_Q.sql", ""),
        ("source/crm.yml", ""),
        ("Project.yml", ""),
        ("connection.yml", ""),
    ]));
    insta::assert_snapshot!(errors_of(&[(
        "entities/volunteers/match.yml",
        "names: {given: first_name, family: last_name}\nkeys: []\n"
    )]));
    let cases =
        "cases:\n  - name: a\n    source: crn\n    given: [{first_name: A}]\n    expect: [{row: 1}]\n";
    insta::assert_snapshot!(errors_of(&[("entities/volunteers/tests/mine.yml", cases)]));
}

#[test]
fn samples_and_files_of_others_are_nobodys_business() {
    let others = [
        ("samples/crm.csv", "a,b"),
        ("queries/look.sql", "SELECT 1"),
        ("docker-compose.yml", "services: {}"),
        (".github/workflows/ci.yaml", ""),
        ("notes.md", ""),
    ];
    load(&others).expect("nobody reads them");
    assert!(Project::reads("entities/volunteers/check/A.SQL") && Project::reads("sources/a.yml"));
    assert!(!Project::reads("samples/crm.csv") && !Project::reads("queries/look.sql"));
}

#[test]
fn rules_that_could_never_be_meant() {
    let front = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\n";
    let path = "entities/volunteers/check/VOL_X.sql";
    let case = |sql: &str| errors_of(&[(path, &format!("{front}{sql}"))]);
    insta::assert_snapshot!(case("SELECT sequence_number\nFROM staged\nWHERE birth_date > 5\n"));
    insta::assert_snapshot!(case(
        "SELECT sequence_number, CASE WHEN email IS NULL THEN 'emial' ELSE 'phone' END AS field\nFROM staged\n"
    ));
    for wrong in [
        "birth_date BETWEEN 1900 AND 2000",
        "birth_date IN (5)",
        "email_verified_at = 'yesterday'",
        "is_deleted = 1",
        "emails = 'a@example.org'",
        "ingest_version > 'many'",
        "effective_at < -1",
        "5 < birth_date",
    ] {
        let errors = case(&format!("SELECT sequence_number FROM staged WHERE {wrong}\n"));
        assert!(errors.contains("PRJ0014"), "{wrong}: {errors}");
    }
    for right in [
        "birth_date > '1900-01-31'",
        "birth_date > DATE '1900-01-31'",
        "email_verified_at < '2020-01-01T00:00:00Z'",
        "ingest_version > 5",
        "is_deleted = true",
        "is_deleted IS NULL",
        "postal_code = '1'",
        "birth_date < effective_at",
        "extract(year FROM birth_date) > 5",
        "sequence_number > 5",
    ] {
        let sql = format!("{front}SELECT sequence_number FROM staged WHERE {right}\n");
        load(&[(path, &sql)]).unwrap_or_else(|e| panic!("{right}: {e:?}"));
    }
}

#[test]
fn mappings_that_lose_rows() {
    let path = "entities/volunteers/map/csv.sql";
    let case = |sql: &str| errors_of(&[(path, &format!("/*---\nmapping: csv\n---*/\n{sql}\n"))]);
    insta::assert_snapshot!(case(
        "SELECT sequence_number, first_name\nFROM landed\nWHERE first_name IS NOT NULL"
    ));
    for wrong in [
        "SELECT DISTINCT sequence_number, email FROM landed",
        "SELECT sequence_number, email FROM landed LIMIT 5",
        "SELECT sequence_number, min(email) AS email FROM landed GROUP BY sequence_number",
        "SELECT sequence_number + 1 AS sequence_number, email FROM landed",
        "SELECT line_number AS sequence_number, email FROM landed",
        "SELECT sequence_number, email FROM landed UNION ALL SELECT sequence_number, phone FROM landed",
    ] {
        let errors = case(wrong);
        assert!(errors.contains("PRJ0013"), "{wrong}: {errors}");
    }
    let plain = |sql: &str| {
        let project = load(&[(path, &format!("/*---\nmapping: csv\n---*/\n{sql}\n"))]);
        project.unwrap_or_else(|e| panic!("{sql}: {e:?}")).entities["volunteers"].mappings["csv"].row_by_row
    };
    assert!(plain("SELECT l.sequence_number, upper(first_name) AS first_name FROM landed l"));
    for doubtful in [
        "SELECT l.sequence_number, email FROM landed l JOIN (VALUES (1)) v (a) ON true",
        "WITH m AS (SELECT * FROM landed) SELECT sequence_number, email FROM m",
        "SELECT sequence_number, unnest([email, phone]) AS email FROM landed",
    ] {
        assert!(!plain(doubtful), "{doubtful}");
    }
}

#[test]
fn the_second_statement_and_the_unnamed_column_are_marked() {
    let front = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\n";
    let path = "entities/volunteers/check/VOL_X.sql";
    let case = |sql: &str| errors_of(&[(path, &format!("{front}{sql}"))]);
    insta::assert_snapshot!(case("SELECT sequence_number FROM staged;\nSELECT 1\n"));
    insta::assert_snapshot!(case(
        "SELECT sequence_number,\n       count(*)\nFROM staged GROUP BY sequence_number\n"
    ));
}

#[test]
fn shipped_defaults_stay() {
    let project = load(&[("project.yml", "name: acme\n")]).expect("is valid");
    let defaults = &project.settings.defaults;
    assert_eq!(project.settings.source.as_deref(), Some("csv"));
    assert_eq!((defaults.default_region.as_deref(), defaults.max_bad), (Some("US"), 0.2));
    assert_eq!(project.sources["csv"].default_region.as_deref(), Some("US"));
    let project =
        load(&[("project.yml", "name: acme\nsource:\ndefaults: {default_region: , date_order: dmy}\n")]);
    let settings = project.expect("is valid").settings;
    assert_eq!((settings.source, settings.defaults.default_region), (None, None));
    let project =
        load(&[("project.yml", "name: acme\ndefaults: {max_query_time: 90s}\n")]).expect("is valid");
    assert_eq!(project.settings.defaults.max_query_time.as_secs(), 90);
    assert_eq!(project.settings.defaults.default_region.as_deref(), Some("US"));
}

/// A run that began under an older version can be resumed and taken back, though its project is refused today.
#[test]
fn projects_of_old_runs_are_still_read() {
    let files = FileSet::new(importer_sql::project::files()).overlaid_with(FileSet::new([
        ("entities/volunteers/match.yml", "names: {given: first_name, family: last_name}\nkeys: []\n"),
        ("entities/volunteers/check/VOL_X.sql", "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\nSELECT sequence_number FROM staged WHERE birth_date > 5\n"),
        ("sources/old.yml", "source: old\nconnector: excel\nentity: volunteers\nmapping: csv\n"),
    ]));
    assert!(Project::load(&files).is_err());
    let document = serde_json::json!({
        "format": 1,
        "files": files.iter().collect::<std::collections::BTreeMap<_, _>>(),
    });
    Project::from_bundle(&document.to_string()).unwrap_or_else(|e| panic!("{e:?}"));
    let broken = document.to_string().replace("severity: error", "severity: eror");
    assert!(Project::from_bundle(&broken).is_err());
}

#[test]
fn what_is_read_and_does_nothing_is_warned_about() {
    let source = "source: mine\nconnector: csv\nentity: volunteers\nmapping: csv\n";
    let spare = "/*---\nmapping: spare\n---*/\nSELECT * FROM landed\n";
    let contract = text_of("entities/volunteers/contract.yml")
        .replace("\nsets:\n", "\nsets:\n  spare: {key: k, value: v}\n");
    let cases = "cases:\n  - name: nothing\n    given: [{first_name: A}]\n";
    let project = load(&[
        ("sources/mine.yml", source),
        ("entities/volunteers/map/spare.sql", spare),
        ("entities/volunteers/contract.yml", &contract),
        ("entities/volunteers/tests/more.yml", cases),
        ("connections.yml", "a: {}\n"),
    ])
    .expect("is valid");
    let codes: Vec<&str> = project.check_static().iter().map(|warning| warning.error_code()).collect();
    for code in ["PRJ0109", "PRJ0110", "PRJ0111", "PRJ0112"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}

/// The planner would turn the number into text and compare letter by letter, however the two meet.
#[test]
fn text_that_is_compared_with_numbers_is_warned_about() {
    let path = "entities/volunteers/check/VOL_X.sql";
    let lints = |condition: &str| -> Vec<String> {
        let front = "/*---\nrule: VOL_X\nseverity: error\nmessage: m\nhint: h\n---*/\n";
        let sql = format!("{front}SELECT sequence_number FROM staged s WHERE {condition}\n");
        let project = load(&[(path, &sql)]).unwrap_or_else(|e| panic!("{condition}: {e:?}"));
        let warnings = project.check_static().into_iter().filter(|w| w.error_code() == "PRJ0103");
        warnings.map(|warning| warning.message().to_owned()).collect()
    };
    for doubtful in [
        "postal_code = 10115",
        "10115 < postal_code",
        "s.postal_code BETWEEN 10000 AND 19999",
        "postal_code NOT BETWEEN '10000' AND 19999",
        "10115 BETWEEN postal_code AND '2'",
        "postal_code IN ('10115', 10117)",
        "s.postal_code NOT IN (1)",
        "10115 IN ('1', postal_code)",
        "postal_code >= -1",
        "postal_code > (5)",
    ] {
        assert_eq!(lints(doubtful), ["`postal_code` is text and is compared with a number"], "{doubtful}");
    }
    for fine in [
        "postal_code BETWEEN '10000' AND '19999'",
        "postal_code IN ('10115', '10117')",
        "parse_integer(postal_code) BETWEEN 10000 AND 19999",
        "length(postal_code) IN (4, 5)",
    ] {
        assert!(lints(fine).is_empty(), "{fine}");
    }
}
