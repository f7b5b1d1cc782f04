//! How records of other entities are asked for: a value that names nobody there is not looked up.

use importer_plans::compile::texts::FileTexts;
use importer_plans::compile::{Shape, WayShape, references};
use importer_plans::project::{FileSet, Project};

/// What is asked for the people that sign-ups name by an address.
fn asked_by_address(project: &Project) -> String {
    let shape = Shape::of(&project.entities["signups"]);
    let (field, reference) =
        references::references(&shape).find(|(field, _)| field.name == "volunteer").expect("a reference");
    let (_, way) = reference
        .ways
        .iter()
        .find(|(_, way)| matches!(way, WayShape::Set { .. }))
        .expect("people are named by their addresses");
    let file = ("SELECT * FROM canonical", "SELECT * FROM landed", &FileTexts::default());
    references::wanted_sql(&shape, file, field, way)
}

#[test]
fn a_placeholder_of_the_other_entity_names_nobody() {
    let shipped = FileSet::new(importer_sql::project::files());
    let load = |files: &FileSet| {
        Project::load(files).unwrap_or_else(|errors| panic!("{:?}", miette::Report::new(errors)))
    };
    let plain = asked_by_address(&load(&shipped));
    assert!(plain.contains("'email', '', ''") && plain.contains("<> 'none'"), "{plain}");

    const MATCH: &str = "entities/volunteers/match.yml";
    let text = shipped.get(MATCH).expect("the keys of people");
    let own = format!(
        "{text}\nplaceholders: {{emails: [\"nirgends@*\", \"*@example.com\"]}}\nweak_keys: {{emails: [\"desk@*\"]}}\n"
    );
    let files = shipped.clone().overlaid_with(FileSet::new([(MATCH, own.as_str())]));
    let asked = asked_by_address(&load(&files));
    assert!(asked.contains("'email', 'nirgends@* *@example.com', 'desk@*'"), "{asked}");
}
