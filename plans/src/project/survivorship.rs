//! `resolve.yml`: which value wins, field by field.
//!
//! A value that is not there never overwrites one that is. Otherwise a group's `prefer` decides: the first word that
//! tells two values apart names the winner, and a tie leaves core as it is.

use std::collections::BTreeMap;

use super::contract::Contract;
use super::decode::Reader;
use super::diagnostics::{Span, suggestion};
use super::field_type::FieldType;
use super::words::words;

/// The survivorship profile of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolveSpec {
    pub profile: String,
    /// Every core field is in exactly one group, or follows the field that it verifies.
    pub groups: Vec<FieldGroup>,
    /// Fields that no import changes once they have a value.
    pub locks: Vec<String>,
}

/// Fields that are decided by the same preferences.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldGroup {
    pub name: String,
    pub fields: Vec<String>,
    pub prefer: Vec<Preference>,
    /// Field to the timestamp field that says when its value was verified; that timestamp follows the value.
    pub verified_by: BTreeMap<String, String>,
}

words! {
    /// What makes one value better than another.
    Preference {
        /// An edit by a person.
        Manual = "manual",
        /// Verified, and then the later verification.
        Verified = "verified",
        /// The later `effective_at`.
        Freshest = "freshest",
    }
}

impl ResolveSpec {
    /// The group that decides a field, also for the timestamp that follows it.
    pub fn group_of(&self, field: &str) -> Option<&FieldGroup> {
        self.groups.iter().find(|group| {
            group.fields.iter().any(|f| f == field)
                || group.verified_by.values().any(|verified| verified == field)
        })
    }

    /// For an entity without `resolve.yml`: a person's edit, then the later value.
    pub(super) fn of_one_group(contract: &Contract) -> Self {
        let group = FieldGroup {
            name: "all".to_owned(),
            fields: contract.core_fields().map(|field| field.name.clone()).collect(),
            prefer: vec![Preference::Manual, Preference::Freshest],
            verified_by: BTreeMap::new(),
        };
        Self { profile: "default".to_owned(), groups: vec![group], locks: Vec::new() }
    }

    pub(super) fn read(map: Reader<'_>, contract: Option<&Contract>) -> Self {
        let groups: Vec<FieldGroup> = map.map("groups", "`groups`").map_or_else(Vec::new, |groups| {
            groups
                .entries()
                .iter()
                .filter_map(|(key, node)| {
                    let group = Reader::open(map.file(), node, "a field group", map.errors())?;
                    Some(FieldGroup::read(&key.name, group, contract))
                })
                .collect()
        });
        // Words with one choice: the file says what holds, and nothing else is accepted.
        map.word("sets", &[("union", ())]);
        map.word("ties", &[("core", ())]);
        let locks = map.texts("locks");
        for (field, span) in &locks {
            check_core_field(&map, contract, field, *span);
        }
        let spec = Self {
            profile: map.text("profile").unwrap_or_else(|| "default".to_owned()),
            groups,
            locks: locks.into_iter().map(|(field, _)| field).collect(),
        };
        if let Some(contract) = contract {
            spec.cover(&map, contract);
        }
        map.finish();
        spec
    }

    /// Every core field is decided once.
    fn cover(&self, map: &Reader<'_>, contract: &Contract) {
        let decides = |group: &&FieldGroup, field: &str| {
            group.fields.iter().any(|f| f == field) || group.verified_by.values().any(|f| f == field)
        };
        let mut undecided = Vec::new();
        for field in contract.core_fields() {
            let deciding: Vec<&FieldGroup> =
                self.groups.iter().filter(|group| decides(group, &field.name)).collect();
            match deciding.as_slice() {
                [_] => {}
                [] => undecided.push(format!("`{}`", field.name)),
                [first, second, ..] => map.report(
                    map.error(
                        map.span_of("groups"),
                        "PRJ0010",
                        format!(
                            "both `{}` and `{}` decide the field `{}`",
                            first.name, second.name, field.name
                        ),
                    )
                    .help("leave it in one group"),
                ),
            }
        }
        if !undecided.is_empty() {
            map.report(
                map.error(
                    map.span_of("groups"),
                    "PRJ0003",
                    format!("no group decides {}", undecided.join(", ")),
                )
                .label("in none of these groups")
                .help("every core field belongs to the `fields` of one group; `verified_by` counts too"),
            );
        }
    }
}

impl FieldGroup {
    fn read(name: &str, map: Reader<'_>, contract: Option<&Contract>) -> Self {
        let fields = map.texts("fields");
        if fields.is_empty() {
            map.missing("fields");
        }
        for (field, span) in &fields {
            check_core_field(&map, contract, field, *span);
        }
        let fields: Vec<String> = fields.into_iter().map(|(field, _)| field).collect();
        let prefer: Vec<Preference> = map
            .texts("prefer")
            .into_iter()
            .filter_map(|(word, span)| map.choose("prefer", &word, span, Preference::WORDS))
            .collect();
        let verified = map.pairs("verified_by");
        for ((field, span), (timestamp, timestamp_span)) in &verified {
            if !fields.contains(field) {
                let known: Vec<&str> = fields.iter().map(String::as_str).collect();
                map.report(
                    map.error(*span, "PRJ0009", format!("the group `{name}` has no field `{field}`"))
                        .help(suggestion(field, &known)),
                );
            }
            check_core_field(&map, contract, timestamp, *timestamp_span);
            let found = contract.and_then(|contract| contract.field(timestamp));
            if found.is_some_and(|found| found.field_type != FieldType::Timestamp) {
                map.report(
                    map.error(*timestamp_span, "PRJ0013", format!("`{timestamp}` is not a timestamp"))
                        .help("name the field that holds when the value was verified"),
                );
            }
        }
        if prefer.contains(&Preference::Verified) && verified.is_empty() {
            map.report(
                map.error(
                    map.span_of("prefer"),
                    "PRJ0013",
                    format!("nothing says when the fields of `{name}` were verified"),
                )
                .help("add for example `verified_by: {email: email_verified_at}`, or leave out `verified`"),
            );
        }
        let group = Self {
            name: name.to_owned(),
            prefer: if prefer.is_empty() { vec![Preference::Manual, Preference::Freshest] } else { prefer },
            verified_by: verified
                .into_iter()
                .map(|((field, _), (timestamp, _))| (field, timestamp))
                .collect(),
            fields,
        };
        map.finish();
        group
    }
}

fn check_core_field(map: &Reader<'_>, contract: Option<&Contract>, field: &str, span: Span) {
    let Some(contract) = contract else { return };
    let core: Vec<&str> = contract.core_fields().map(|field| field.name.as_str()).collect();
    if !core.contains(&field) {
        map.report(
            map.error(
                span,
                "PRJ0009",
                format!("`{field}` is no field of the core row of {}", contract.entity),
            )
            .label("unknown field")
            .help(suggestion(field, &core)),
        );
    }
}
