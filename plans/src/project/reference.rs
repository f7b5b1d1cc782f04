//! A field that names a record of another entity: `type: reference, to: events, by: external_id`.
//!
//! The contract says what the text of a cell is ([`Reference::by`]); where that is looked for is known once all entities of
//! the project are ([`Reference::found_in`]).

use super::contract::Contract;
use super::decode::Reader;
use super::diagnostics::suggestion;
use super::entity::Entity;
use super::field::Role;
use super::field_type::{FieldType, TypeOptions};
use super::matching::SetPatterns;

/// What a field of type reference is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The entity whose records it names.
    pub to: String,
    /// What its text may be, in the order in which it is tried: `external_id`, `core_id`, a set or a field of that entity.
    pub by: Vec<String>,
    /// The namespace of its external ids, where it is not that of the row.
    pub system: Option<String>,
    /// Where the records stand; `None` until the project is read as a whole, and in one that has errors.
    pub target: Option<ReferenceTarget>,
}

/// The core table of another entity, and how its records are found.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceTarget {
    pub table: String,
    /// Its column with the core id.
    pub id_column: String,
    /// Its rows say whose they are.
    pub has_tenant: bool,
    /// One for each word of `by`.
    pub ways: Vec<ReferenceWay>,
}

/// How a record is found by a text.
#[derive(Debug, Clone, PartialEq)]
pub enum ReferenceWay {
    /// By an id of another system.
    ExternalId,
    /// By its key in the core table.
    CoreId,
    /// By a value of a set.
    Set {
        table: String,
        key_column: String,
        owner_column: String,
        has_tenant: bool,
        is_phone: bool,
        /// Its values that name nobody, as that entity's `match.yml` adds them.
        patterns: SetPatterns,
    },
    /// By a column of its core row.
    Field { column: String, field_type: FieldType, options: Box<TypeOptions> },
}

const EXTERNAL_ID: &str = "external_id";
const CORE_ID: &str = "core_id";

impl Reference {
    /// `to`, `by` and `system` of a field; those of another type are errors.
    pub(super) fn read(map: &Reader<'_>, field_type: FieldType) -> Option<Self> {
        if field_type != FieldType::Reference {
            for key in ["to", "by", "system"] {
                if map.node(key).is_some() {
                    let message = format!("`{key}` belongs to a field of type reference");
                    let error = map.error(map.span_of(key), "PRJ0013", message);
                    map.report(error.help(format!("leave out `{key}`, or write `type: reference`")));
                }
            }
            return None;
        }
        let to = map.required_text("to")?;
        let mut by: Vec<String> = map.texts("by").into_iter().map(|(word, _)| word).collect();
        if by.is_empty() {
            by.push(EXTERNAL_ID.to_owned());
        }
        Some(Self { to, by, system: map.text("system"), target: None })
    }

    /// Where its records stand. An error is the key that is wrong, what is wrong with it, and what to do.
    pub(super) fn found_in(&self, to: &Entity) -> Result<ReferenceTarget, (&'static str, String, String)> {
        let core = to.core_load().ok_or_else(|| {
            let message =
                format!("`{}` has no load file of its core table, so nothing can refer to it", to.name);
            ("to", message, format!("write entities/{}/load/{}.sql", to.name, to.contract.core.table))
        })?;
        let ways: Result<Vec<ReferenceWay>, _> = self.by.iter().map(|word| way(word, to)).collect();
        Ok(ReferenceTarget {
            table: core.table.clone(),
            id_column: core.owner_column().to_owned(),
            has_tenant: core.has_tenant(),
            ways: ways?,
        })
    }
}

fn way(word: &str, to: &Entity) -> Result<ReferenceWay, (&'static str, String, String)> {
    let contract = &to.contract;
    match word {
        EXTERNAL_ID if contract.role(Role::ExternalId).is_some() => return Ok(ReferenceWay::ExternalId),
        CORE_ID => return Ok(ReferenceWay::CoreId),
        _ => {}
    }
    if let Some(found) = set_way(word, to).or_else(|| field_way(word, to)) {
        return Ok(found);
    }
    let message = format!("a record of `{}` cannot be found by `{word}`", to.name);
    Err(("by", message, suggestion(word, &words_of(contract))))
}

fn set_way(word: &str, to: &Entity) -> Option<ReferenceWay> {
    let set = to.contract.set(word)?;
    let load = to.loads.iter().find(|load| load.set.as_deref() == Some(word))?;
    Some(ReferenceWay::Set {
        table: load.table.clone(),
        key_column: set.key.clone(),
        owner_column: load.owner_of(&set.key)?.to_owned(),
        has_tenant: load.has_tenant(),
        is_phone: to.contract.primary_of(word)?.field_type == FieldType::Phone,
        patterns: to.matching.patterns_of(word),
    })
}

fn field_way(word: &str, to: &Entity) -> Option<ReferenceWay> {
    let field = to.contract.field(word).filter(|field| field.core && fits(field.field_type))?;
    Some(ReferenceWay::Field {
        column: to.core_load()?.column_of(word)?.to_owned(),
        field_type: field.field_type,
        options: Box::new(field.options.clone()),
    })
}

/// What both databases compare alike.
fn fits(field_type: FieldType) -> bool {
    matches!(field_type, FieldType::Text | FieldType::Name | FieldType::Integer | FieldType::Date)
}

/// What `by` may say of an entity.
fn words_of(contract: &Contract) -> Vec<&str> {
    let id = contract.role(Role::ExternalId).map(|_| EXTERNAL_ID);
    let fields =
        contract.core_fields().filter(|field| fits(field.field_type)).map(|field| field.name.as_str());
    id.into_iter()
        .chain([CORE_ID])
        .chain(contract.sets.iter().map(|set| set.name.as_str()))
        .chain(fields)
        .collect()
}
