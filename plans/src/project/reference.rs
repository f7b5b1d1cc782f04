//! A field that names a record of another entity: `type: reference, to: events, by: external_id`.
//!
//! The contract says what the text of a cell is ([`Reference::by`]); where that is looked for is known once all entities of
//! the project are ([`Reference::found_in`]).

use super::contract::Contract;
use super::diagnostics::suggestion;
use super::entity::Entity;
use super::field::Role;
use super::field_type::FieldType;
use super::type_options::{EXTERNAL_ID, Reference, ReferenceTarget, ReferenceWay};

/// A record by its key in the core table.
const CORE_ID: &str = "core_id";

impl Reference {
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
