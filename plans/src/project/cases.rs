//! `tests/*.yml`: given rows, expected outcome; an engineer's own unit tests of mapping and rules.

use std::collections::BTreeMap;

use super::decode::Reader;
use super::policy::ExternalIdPolicy;
use super::yaml::{Node, Value};

/// Rows and what staging and checking must make of them.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCase {
    pub name: String,
    /// File and line where it stands.
    pub path: String,
    pub line: usize,
    /// The source whose mapping and policies hold, the project's default when it names none.
    pub source: Option<String>,
    /// Policy that holds instead of the source's.
    pub external_id: Option<ExternalIdPolicy>,
    /// Field of type reference to the texts that name a record; of other such fields every text does.
    pub known: BTreeMap<String, Vec<String>>,
    /// Column to text; a column that a row leaves out is empty.
    pub given: Vec<BTreeMap<String, String>>,
    pub expect: Vec<ExpectedRow>,
}

/// What must become of one given row.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedRow {
    /// Number of the given row, from 1.
    pub row: usize,
    /// Codes of exactly the violations that the row has, sorted.
    pub violations: Vec<String>,
    /// Staged values as text, lists joined by `, `; `None` for a field that must be empty.
    pub fields: BTreeMap<String, Option<String>>,
}

impl TestCase {
    pub(super) fn read_all(map: Reader<'_>) -> Vec<Self> {
        if map.node("cases").is_none() {
            map.missing("cases");
        }
        let cases = map
            .list("cases")
            .iter()
            .filter_map(|node| {
                Some(Self::read(Reader::open(map.file(), node, "a case", map.errors())?, node))
            })
            .collect();
        map.finish();
        cases
    }

    fn read(map: Reader<'_>, node: &Node) -> Self {
        let given: Vec<BTreeMap<String, String>> = map
            .list("given")
            .iter()
            .filter_map(|row| {
                let row = Reader::open(map.file(), row, "a given row", map.errors())?;
                Some(
                    values(&row).into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect(),
                )
            })
            .collect();
        if given.is_empty() {
            map.missing("given");
        }
        let expect = map
            .list("expect")
            .iter()
            .filter_map(|row| {
                let row = Reader::open(map.file(), row, "an expected row", map.errors())?;
                Some(ExpectedRow::read(row, given.len()))
            })
            .collect();
        let case = Self {
            name: map.required_text("name").unwrap_or_default(),
            path: map.file().path.clone(),
            line: map.error(node.span, "", "").line(),
            source: map.text("source"),
            external_id: map.word("external_id", ExternalIdPolicy::WORDS),
            known: map.map("known", "`known`").map(|known| read_known(&known)).unwrap_or_default(),
            given,
            expect,
        };
        map.finish();
        case
    }
}

impl ExpectedRow {
    fn read(map: Reader<'_>, given: usize) -> Self {
        if map.node("row").is_none() {
            map.missing("row");
        }
        let row = map.whole("row", 1).and_then(|row| usize::try_from(row).ok()).unwrap_or(1);
        if row > given {
            map.report(
                map.error(
                    map.span_of("row"),
                    "PRJ0013",
                    format!("row {row} is expected, and {given} are given"),
                )
                .help("rows are counted from 1"),
            );
        }
        let mut violations: Vec<String> = map.texts("violations").into_iter().map(|(code, _)| code).collect();
        violations.sort();
        let fields = map.map("fields", "`fields`").map(|fields| values(&fields)).unwrap_or_default();
        map.finish();
        Self { row, violations, fields }
    }
}

fn read_known(map: &Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let texts = |name: &str, node| map.items(name, node).into_iter().map(|(text, _)| text).collect();
    map.entries().iter().map(|(key, node)| (key.name.clone(), texts(&key.name, node))).collect()
}

/// Name to value; nothing and `null` give `None`, a list its items.
fn values(map: &Reader<'_>) -> BTreeMap<String, Option<String>> {
    map.entries()
        .iter()
        .map(|(key, node)| {
            let value = match &node.value {
                Value::Null | Value::Map(_) => None,
                Value::Scalar(text) => Some(text.clone()),
                Value::List(items) => Some(items.iter().filter_map(scalar).collect::<Vec<_>>().join(", ")),
            };
            (key.name.clone(), value)
        })
        .collect()
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(text) => Some(text),
        _ => None,
    }
}
