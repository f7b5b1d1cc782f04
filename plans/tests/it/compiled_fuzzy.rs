//! The compiled queries of fuzzy matching, as text.

use importer_plans::compile::Query;
use importer_plans::compile::fuzzy::{
    PairUse, block_sizes, largest_blocks, members, pairs, records, sample, strangers, term_counts,
};
use importer_plans::project::{FuzzySpec, Model, Terms};

use crate::fuzzy::{people, spec};

/// One of everything: a list, a value with a frequency, a costly level, a household.
const SMALL: &str = "\
compare: {given: given_key(first_name), zip: postal_code, phones: set_keys(phones)}
blocking:
  - {rule: phone, on: [phones]}
  - {rule: given_zip, on: [given, zip], max_block: 50}
comparisons:
  - compare: given
    term_frequency: true
    levels:
      - {is: equal, label: same given name}
      - {jaro_winkler: 0.9, label: given names are alike}
      - {else: true, label: another given name}
  - compare: phones
    levels:
      - {overlap: 1, label: a phone number in common}
      - {else: true, label: other phone numbers}
personal: [given]
never:
  - {sql: a.zip = '1' AND b.zip = '2', because: these are two towns}
two_ids: apart
";

fn shown(queries: &[Query]) -> String {
    queries.iter().map(|query| format!("-- {} ({:?})\n{};\n\n", query.name, query.keep, query.sql)).collect()
}

fn with_terms(spec: &FuzzySpec) -> Model {
    let mut model = Model::of_kinds(spec);
    for value in spec.term_values() {
        let terms = Terms { values: vec![("anna".to_owned(), 0.02)], floor: 0.000_5 };
        model.terms.insert(value.name.clone(), terms);
    }
    model
}

#[test]
fn records_blocks_and_members() {
    let spec = spec(SMALL);
    let mut queries = records(&spec, "staged", None);
    queries.extend(members(&spec));
    insta::assert_snapshot!(shown(&queries));
}

#[test]
fn records_with_the_frequencies_of_their_values() {
    let spec = spec(SMALL);
    insta::assert_snapshot!(shown(&records(&spec, "staged", Some(&with_terms(&spec)))));
}

#[test]
fn pairs_counted_and_compared() {
    let spec = spec(SMALL);
    let queries = [pairs(&spec, PairUse::Count), pairs(&spec, PairUse::Patterns)];
    insta::assert_snapshot!(shown(&queries));
}

#[test]
fn pairs_scored() {
    let spec = spec(SMALL);
    let model = with_terms(&spec);
    insta::assert_snapshot!(shown(&[pairs(&spec, PairUse::Scores { model: &model, floor: 0.5 })]));
}

#[test]
fn strangers_and_what_is_told_of_blocks() {
    let spec = spec(SMALL);
    let told = [
        sample(&spec, 200_000).sql,
        strangers(&spec, 5),
        term_counts(&spec, "phones", 5_001),
        block_sizes(&spec, 1),
        largest_blocks(&spec, 1, 3),
    ];
    insta::assert_snapshot!(told.join(";\n\n"));
}

/// `IS NOT DISTINCT FROM` beside `=` makes the planner take away the hash join.
#[test]
fn everything_that_people_say_is_filled_in() {
    let spec = spec(&people());
    let model = with_terms(&spec);
    let mut queries = records(&spec, "staged", Some(&model));
    queries.extend(members(&spec));
    for use_ in [PairUse::Count, PairUse::Patterns, PairUse::Scores { model: &model, floor: 0.5 }] {
        queries.push(pairs(&spec, use_));
    }
    queries.push(sample(&spec, 10));
    for query in queries {
        assert!(!query.sql.contains(['{', '}']), "{}", query.sql);
        assert!(!query.sql.contains("DISTINCT FROM"), "{}", query.sql);
    }
}
