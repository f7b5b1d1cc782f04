//! Fuzzy matching: the levels of `match.yml` as SQL, its mistakes, its model, training.

mod levels;
mod mistakes;
mod model;
mod training;

use importer_plans::project::{FileSet, FuzzySpec, MatchSpec, Project, ProjectErrors};

/// Where the tests lay their `match.yml`.
pub const PATH: &str = "entities/volunteers/match.yml";

/// The shipped project with files of volunteers laid over it.
pub fn load(files: &[(&str, &str)]) -> Result<Project, ProjectErrors> {
    let folder = FileSet::new(files.iter().map(|(path, text)| (*path, *text)));
    Project::load(&FileSet::new(importer_sql::project::files()).overlaid_with(folder))
}

pub fn matching(text: &str) -> MatchSpec {
    let project = load(&[(PATH, text)]).unwrap_or_else(|errors| panic!("{}", said(&errors)));
    project.entities["volunteers"].matching.clone()
}

pub fn spec(text: &str) -> FuzzySpec {
    matching(text).fuzzy.expect("has fuzzy sections")
}

/// Each error as code, place and sentence.
pub fn said(errors: &ProjectErrors) -> String {
    let line = |error: &importer_plans::project::ProjectError| {
        let advice = error.advice().unwrap_or("no advice");
        format!("{} {} {} -> {advice}", error.error_code(), error.place(), error.message())
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The people of the tests: everything that `match.yml` can say.
pub fn people() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testdata/projects/fuzzy_people/entities/volunteers/match.yml"
    );
    std::fs::read_to_string(path).expect("is there")
}

/// A `match.yml` of one comparison.
pub fn with_levels(levels: &str) -> String {
    format!(
        "compare: {{given: given_key(first_name), family: last_name, sounds: phonetic_codes(last_name), born: birth_date, phones: set_keys(phones)}}\nblocking:\n  - {{rule: born, on: [born]}}\ncomparisons:\n  - compare: given\n    levels:\n{levels}      - {{else: true}}\ntwo_ids: apart\n"
    )
}
