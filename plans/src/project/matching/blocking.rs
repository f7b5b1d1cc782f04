//! `blocking`: which pairs are looked at at all.

use super::Prepared;
use super::compare::check_value;
use crate::project::decode::Reader;

/// One rule: records meet that agree in all of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockingRule {
    pub name: String,
    /// Values of `compare`; a record meets nobody by this rule where one of them is NULL.
    pub on: Vec<String>,
    /// Instead of the file's `max_block`.
    pub max_block: Option<u64>,
    /// The model learns from the rule's pairs.
    pub train: bool,
}

/// Reads the section.
pub(super) fn read(map: &Reader<'_>, values: &[Prepared]) -> Vec<BlockingRule> {
    let mut rules: Vec<BlockingRule> = Vec::new();
    for node in map.list("blocking") {
        let Some(entry) = Reader::open(map.file(), node, "a blocking rule", map.errors()) else { continue };
        let rule = BlockingRule::read(entry, values, &rules);
        rules.push(rule);
    }
    rules
}

impl BlockingRule {
    fn read(map: Reader<'_>, values: &[Prepared], before: &[Self]) -> Self {
        let on = map.texts("on");
        for (value, span) in &on {
            check_value(&map, values, value, *span);
        }
        let name = map.required_text("rule").unwrap_or_default();
        if on.is_empty() {
            map.report(
                map.error(
                    map.span_of("rule"),
                    "PRJ0017",
                    format!("the blocking rule `{name}` names no value of `compare`"),
                )
                .help("write `on: [emails]` with the values that two records must share"),
            );
        }
        if before.iter().any(|rule| rule.name == name) {
            map.report(
                map.error(map.span_of("rule"), "PRJ0010", format!("there are two blocking rules `{name}`"))
                    .help("give one of the two another name"),
            );
        }
        let rule = Self {
            name,
            on: on.into_iter().map(|(value, _)| value).collect(),
            max_block: map.whole("max_block", 2),
            train: map.flag("train").unwrap_or(true),
        };
        map.finish();
        rule
    }
}
