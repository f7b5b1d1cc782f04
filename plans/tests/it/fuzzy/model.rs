//! A model is written, read with its project, pinned with it, and refused where it does not belong.

use importer_plans::project::{FileSet, FuzzySpec, Model, ModelFile, Project, Round, Terms, Thresholds};

use super::{PATH, load, people, said, spec};

const FOLDER: &str = "entities/volunteers";

fn file(spec: &FuzzySpec) -> ModelFile {
    let mut model = Model::of_kinds(spec);
    for (value, values) in [
        ("given", vec![("anna".to_owned(), 0.012_345_678), ("o\"tto, \n jr".to_owned(), 0.000_012_345_678)]),
        ("zip", vec![("10115".to_owned(), 0.25)]),
    ] {
        model.terms.insert(value.to_owned(), Terms { values, floor: 0.000_02 });
    }
    ModelFile {
        model,
        seed: 1,
        records: 1_000_000,
        from: "17 rules; recall 0.95".to_owned(),
        rounds: vec![Round { rule: "email".to_owned(), iterations: 9, change: 0.000_07 }],
        pairs_u: 1_000_000,
        thresholds: Thresholds { review: 0.5, matched: 0.9 },
    }
}

/// The project of people with a model beside its `match.yml`.
fn with_model(match_yml: &str, files: &[(String, String)]) -> Result<Project, String> {
    let paths: Vec<String> = files.iter().map(|(name, _)| format!("{FOLDER}/{name}")).collect();
    let mut all: Vec<(&str, &str)> = vec![(PATH, match_yml)];
    all.extend(paths.iter().zip(files).map(|(path, (_, text))| (path.as_str(), text.as_str())));
    load(&all).map_err(|errors| said(&errors))
}

#[test]
fn written_read_and_written_again_it_is_the_same() {
    let people = people();
    let spec = spec(&people);
    let files = file(&spec).write(&spec);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["match.model.json", "match.terms.given.csv", "match.terms.zip.csv"]);
    let project = with_model(&people, &files).unwrap();
    let read = project.entities["volunteers"].matching.fuzzy.clone().unwrap().model.expect("is read");
    assert_eq!(read.hash.len(), 32);
    let again = ModelFile { model: read.clone(), ..file(&spec) }.write(&spec);
    assert_eq!(again, files);
    let known = Model::of_kinds(&spec);
    assert_eq!((&read.weights, &read.household, read.prior), (&known.weights, &known.household, known.prior));
    assert_eq!(read.terms["given"].values[1].0, "o\"tto, \n jr");
}

#[test]
fn a_bundle_has_the_model() {
    let people = people();
    let files = file(&spec(&people)).write(&spec(&people));
    let project = with_model(&people, &files).unwrap();
    let pinned = Project::from_bundle(&project.bundle().json).unwrap();
    assert_eq!(pinned.entities["volunteers"].matching, project.entities["volunteers"].matching);
    assert!(pinned.entities["volunteers"].matching.fuzzy.as_ref().unwrap().model.is_some());
    let without = with_model(&people, &[]).unwrap();
    assert_ne!(project.bundle().hash, without.bundle().hash);
}

#[test]
fn a_model_may_be_laid_out_anew() {
    let people = people();
    let mut files = file(&spec(&people)).write(&spec(&people));
    files[0].1 = files[0].1.replace(",\n", ",\n\n   ").replace("\":", "\" : ");
    assert!(with_model(&people, &files).is_ok());
}

#[test]
fn a_model_that_does_not_belong_is_refused() {
    let people = people();
    let spec = spec(&people);
    let files = file(&spec).write(&spec);
    let with = |at: usize, from: &str, to: &str| {
        let mut files = files.clone();
        assert!(files[at].1.contains(from), "{}", files[at].1);
        files[at].1 = files[at].1.replacen(from, to, 1);
        with_model(&people, &files).expect_err("is refused")
    };
    for (at, from, to, line, said) in [
        (0, "\"seed\":1,", "\"seed\":2,", 1, "changed after it was trained"),
        (0, "\"version\":1", "\"version\":2", 1, "has version 2"),
        (0, "\"compiled\":\"", "\"compiled\":\"0", 2, "trained for other values, rules or levels"),
        (0, "\"seed\":1,", "\"sed\":1,", 3, "cannot be read"),
        (1, "anna", "anne", 6, "`match.terms.given.csv` are not those of the model"),
    ] {
        let all = with(at, from, to);
        assert!(all.starts_with(&format!("PRJ0020 {FOLDER}/match.model.json:")), "{all}");
        assert!(all.contains(said) && all.contains("train again"), "{all} does not say {said}");
        let place =
            all.split(' ').nth(1).and_then(|place| place.split(':').nth(1)).unwrap_or_default().to_owned();
        assert!(at == 1 || place == line.to_string(), "{all} is not on line {line}");
    }
    let other = people.replace("{jaro_winkler: 0.92, label: given", "{jaro_winkler: 0.93, label: given");
    assert!(with_model(&other, &files).expect_err("is refused").contains("restore `compare`"));
    let without_terms = &files[..2];
    assert!(with_model(&people, without_terms).expect_err("is refused").contains("match.terms.zip.csv"));
}

#[test]
fn who_trains_reads_the_project_without_its_models() {
    let people = people();
    let other = people.replace("{jaro_winkler: 0.92, label: given", "{jaro_winkler: 0.93, label: given");
    let named = format!("{other}\nmodel: match.model.json\n");
    let path = format!("{FOLDER}/match.model.json");
    let old = file(&spec(&people)).write(&spec(&people)).remove(0).1;
    for files in [vec![(PATH, named.as_str())], vec![(PATH, named.as_str()), (path.as_str(), old.as_str())]] {
        assert!(load(&files).is_err(), "the model is not there, or of other levels");
        let all = FileSet::new(importer_sql::project::files()).overlaid_with(FileSet::new(files));
        let project = Project::load_untrained(&all).unwrap_or_else(|errors| panic!("{}", said(&errors)));
        let fuzzy = project.entities["volunteers"].matching.fuzzy.as_ref().unwrap();
        assert!(fuzzy.model.is_none() && fuzzy.is_model_named);
    }
}

#[test]
fn labels_and_thresholds_are_not_trained() {
    let people = people();
    let files = file(&spec(&people)).write(&spec(&people));
    let other = people
        .replace("label: same given name", "label: given name is equal")
        .replace("match: 0.90", "match: 0.95");
    assert_ne!(other, people);
    let project = with_model(&other, &files).unwrap();
    assert!(project.entities["volunteers"].matching.fuzzy.as_ref().unwrap().model.is_some());
}

#[test]
fn a_weight_by_hand_holds_over_the_model() {
    let people = people();
    let files = file(&spec(&people)).write(&spec(&people));
    let other = people
        .replace("{is: equal, label: same birth date}", "{is: equal, weight: 3.25, label: same birth date}");
    let project = with_model(&other, &files).unwrap();
    let model = project.entities["volunteers"].matching.fuzzy.clone().unwrap().model.unwrap();
    assert_eq!(model.weights[2][5], 3.25);
    assert_eq!(model.weights[2][4], Model::of_kinds(&spec(&people)).weights[2][4]);
}

#[test]
fn a_model_that_nobody_names_is_refused() {
    let people = people();
    let files = file(&spec(&people)).write(&spec(&people));
    let path = format!("{FOLDER}/other.model.json");
    let all = said(
        &load(&[(PATH, people.as_str()), (path.as_str(), files[0].1.as_str())]).expect_err("is refused"),
    );
    assert!(all.starts_with("PRJ0006") && all.contains("nothing reads this file"), "{all}");
}

#[test]
fn kinds_of_levels_weigh_what_they_mean() {
    let spec = spec(&people());
    let model = Model::of_kinds(&spec);
    assert_eq!(model.hash, "kinds");
    for (comparison, (weights, (m, u))) in
        spec.comparisons.iter().zip(model.weights.iter().zip(model.m.iter().zip(&model.u)))
    {
        assert!(weights[1] < 0.0 && weights[weights.len() - 1] > 0.0, "{}: {weights:?}", comparison.name);
        for parts in [m, u] {
            assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{}: {parts:?}", comparison.name);
        }
    }
    // A household shares what is not personal.
    assert!(model.household[0].iter().all(|bits| *bits == 0.0));
    assert_eq!(model.household[5], model.weights[5]);
}
