//! What training asks besides the pairs of the rules: how strangers answer, and how frequent values are.

use super::gamma::pattern;
use super::planned::RECORDS;
use super::records::is_list;
use super::template::{filled, step};
use crate::compile::ident::ident;
use crate::compile::query::{Keep, Query};
use crate::project::FuzzySpec;

/// The records with the smallest hashes of `$seed` and their content, at most so many.
pub fn sample(spec: &FuzzySpec, records: u64) -> Query {
    let mut content: Vec<String> = spec.compare.iter().map(|value| ident(&value.name)).collect();
    content.extend(["id_system".to_owned(), "link_id".to_owned()]);
    let sql = filled(
        include_str!("../../../../sql/steps/match/fuzzy/sample.sql"),
        &[("content", &content.join(", ")), ("records", &records.to_string())],
    );
    step("sample", Keep::Scratch, &sql)
}

/// The patterns of strangers: each record of the sample beside so many after it.
pub fn strangers(spec: &FuzzySpec, neighbours: u64) -> String {
    filled(
        include_str!("../../../../sql/steps/match/fuzzy/strangers.sql"),
        &[("pattern", &pattern(spec)), ("neighbours", &neighbours.to_string())],
    )
}

/// How many records have a value of one name of `compare`.
pub fn known_count(name: &str) -> String {
    format!("SELECT count({}) AS records\nFROM {RECORDS}", ident(name))
}

/// The most frequent values of one name of `compare`: `value`, `records`.
pub fn term_counts(spec: &FuzzySpec, name: &str, most: usize) -> String {
    let column = ident(name);
    let value = if is_list(spec, name) { format!("unnest(array_distinct({column}))") } else { column };
    let values = format!("SELECT CAST(v AS VARCHAR) AS value FROM (SELECT {value} AS v FROM {RECORDS})");
    filled(
        include_str!("../../../../sql/steps/match/fuzzy/terms.sql"),
        &[("values", &values), ("most", &most.to_string())],
    )
}
