//! `importer match`: what rules bring together, and a model learned from it.

use crate::harness::{Folder, golden};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/projects/fuzzy_people");

/// A folder whose people were looked at.
fn planned() -> Folder {
    let folder = Folder::new();
    let said = folder.importer(&[
        "--project",
        PROJECT,
        "run",
        "--dry-run",
        "--file",
        &golden("volunteers_valid.csv"),
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    folder
}

#[test]
fn rules_are_told_with_what_they_bring_together() {
    let folder = planned();
    let said = folder.importer(&["--project", PROJECT, "match", "analyze"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for word in ["of volunteers, run 1", "largest blocks", "name_born", "what several rules or values find"] {
        assert!(said.out.contains(word), "{word}: {}", said.out);
    }
    let exact = folder.importer(&["--project", PROJECT, "match", "analyze", "--exact", "--json"]).json();
    assert_eq!(exact["exact"], true);
    assert_eq!(exact["rules"].as_array().map(Vec::len), Some(17));
    assert!(exact["records"].as_u64().is_some_and(|records| records > 1), "{exact}");
}

#[test]
fn a_model_is_written_where_it_was_asked_for() {
    let folder = planned();
    let out = folder.path("model").display().to_string();
    let train = [
        "--project",
        PROJECT,
        "match",
        "train",
        "--out",
        out.as_str(),
        "--report",
        "html",
        "--pairs",
        "1000",
    ];
    let said = folder.importer(&train);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("same given name"), "{}", said.out);
    for name in ["match.model.json", "match.terms.given.csv", "volunteers.model.html"] {
        assert!(folder.path("model").join(name).exists(), "{name}: {}", said.out);
    }
    let again = folder.importer(&[&train[..], &["--json"]].concat()).json();
    let model = std::fs::read_to_string(folder.path("model").join("match.model.json")).unwrap();
    assert!(model.contains(again["hash"].as_str().unwrap()), "the same rows, the same model");
}

/// The model before is no longer one of these levels, and one of its files belongs to nothing any more.
#[test]
fn a_model_is_learned_anew_for_other_levels() {
    let folder = planned();
    let of = folder.path("ours").join("entities/volunteers");
    std::fs::create_dir_all(&of).unwrap();
    let people = std::fs::read_to_string(format!("{PROJECT}/entities/volunteers/match.yml")).unwrap();
    // It is named before it is there.
    let people = format!("{people}\nmodel: match.model.json\n");
    std::fs::write(of.join("match.yml"), &people).unwrap();
    let ours = folder.path("ours").display().to_string();
    let train = ["--project", ours.as_str(), "match", "train", "--pairs", "1000"];
    let first = folder.importer(&train);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(of.join("match.terms.city.csv").exists(), "{}", first.out);
    let other =
        people.replace("term_frequency: city, ", "").replace("jaro_winkler: 0.80", "jaro_winkler: 0.81");
    assert_ne!(other, people);
    std::fs::write(of.join("match.yml"), &other).unwrap();
    let check = ["--project", ours.as_str(), "project", "check"];
    assert_ne!(folder.importer(&check).code, 0, "the model is of other levels");
    let analyzed = folder.importer(&["--project", ours.as_str(), "match", "analyze"]);
    assert_eq!(analyzed.code, 0, "{}", analyzed.err);
    let again = folder.importer(&train);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(!of.join("match.terms.city.csv").exists(), "{}", again.out);
    let checked = folder.importer(&check);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
}

#[test]
fn without_a_place_for_a_model_and_without_rows_nothing_is_learned() {
    let folder = Folder::new();
    let nowhere = folder.importer(&["match", "train"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("the shipped project takes no model"), "{}", nowhere.err);
    folder.summary(&["run", "--file", &golden("volunteers_valid.csv")]);
    let exact_only = folder.importer(&["match", "analyze", "--run", "1"]);
    assert_eq!(exact_only.code, 2);
    assert!(exact_only.err.contains("compares nothing by likeness"), "{}", exact_only.err);
}
