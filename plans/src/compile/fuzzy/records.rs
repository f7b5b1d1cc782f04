//! The table of records: one row per record, with everything that its pairs are found and compared by.

use super::planned::RECORDS;
use super::template::{filled, number, step};
use crate::compile::ident::ident;
use crate::compile::query::{Keep, Query};
use crate::project::{FuzzySpec, Model, Terms};

/// The queries that end in the table [`RECORDS`]. `from` is a table, or a query in parentheses, with the staged columns of the entity
/// besides `node` (whole numbers, each once), `core_id` (NULL where no core row is known) and `is_new`. Frequencies come from
/// the tables [`terms_table`] of the model.
pub fn records(spec: &FuzzySpec, from: &str, model: Option<&Model>) -> Vec<Query> {
    let values: String = spec
        .compare
        .iter()
        .map(|value| format!(",\n       {} AS {}", value.sql, ident(&value.name)))
        .collect();
    let prepared = filled(
        include_str!("../../../../sql/steps/match/fuzzy/records.sql"),
        &[("values", &values), ("from", from)],
    );
    let terms: Vec<(&str, &Terms)> = known_terms(spec, model).collect();
    if terms.is_empty() {
        return vec![step(RECORDS, Keep::Scratch, &prepared)];
    }
    // A list is taken apart beside the join, which would make all values twice.
    let is_read_twice = terms.iter().any(|(name, _)| is_list(spec, name));
    let keep = if is_read_twice { Keep::Scratch } else { Keep::View };
    let with_terms = filled(
        include_str!("../../../../sql/steps/match/fuzzy/with_terms.sql"),
        &[("frequencies", &frequencies(&terms)), ("joined", &joined(spec, &terms))],
    );
    vec![step("prepared", keep, &prepared), step(RECORDS, Keep::Scratch, &with_terms)]
}

/// The table with the frequencies of a value: `value` as text, `frequency`.
pub fn terms_table(name: &str) -> String {
    format!("terms_{name}")
}

/// The column of records with the frequency of a value; of a list, that of its most frequent item.
pub(super) fn frequency_column(name: &str) -> String {
    ident(&format!("tf {name}"))
}

/// The values whose frequencies are asked for and which the model knows.
pub(super) fn known_terms<'a>(
    spec: &'a FuzzySpec,
    model: Option<&'a Model>,
) -> impl Iterator<Item = (&'a str, &'a Terms)> {
    let names = spec.term_values().map(|value| value.name.as_str());
    names.filter_map(move |name| Some((name, model?.terms.get(name)?)))
}

pub(super) fn is_list(spec: &FuzzySpec, name: &str) -> bool {
    spec.prepared(name).is_some_and(|value| value.is_list)
}

fn frequencies(terms: &[(&str, &Terms)]) -> String {
    terms
        .iter()
        .enumerate()
        .map(|(n, (name, terms))| {
            format!(", coalesce(t{n}.frequency, {}) AS {}", number(terms.floor), frequency_column(name))
        })
        .collect()
}

/// The records beside the frequencies of their values. What is looked up stands on the left, where joins make their tables.
fn joined(spec: &FuzzySpec, terms: &[(&str, &Terms)]) -> String {
    let mut joined = "prepared p".to_owned();
    for (n, (name, terms)) in terms.iter().enumerate() {
        let (value, table) = (ident(name), ident(&terms_table(name)));
        let floor = number(terms.floor);
        let (looked_up, on) = if is_list(spec, name) {
            let of_items = format!(
                "(\n  SELECT v.node, max(coalesce(t.frequency, {floor})) AS frequency\n  FROM {table} t\n  RIGHT JOIN (SELECT node, unnest({value}) AS value FROM prepared) v ON t.value = CAST(v.value AS VARCHAR)\n  GROUP BY v.node\n)"
            );
            (of_items, format!("t{n}.node = p.node"))
        } else {
            (table, format!("t{n}.value = CAST(p.{value} AS VARCHAR)"))
        };
        let records = if n == 0 { joined } else { format!("({joined})") };
        joined = format!("{looked_up} t{n}\nRIGHT JOIN {records} ON {on}");
    }
    joined
}
