//! What the compiler needs to know of an entity, in one flat form.

use super::core_table::CoreTable;
use super::ident::literal;
use super::kinds::{self, FieldKind, How, KindOptions, SetKind, kind_of, kind_options};
use super::reference_shape::ReferenceShape;
use crate::project::{
    Entity, Field, FieldType, Guard, KeyValues, LoadFile, LoadMode, MatchKey, NullWords, OnBadValue, Role,
    SetPatterns,
};

/// One field of the contract.
#[derive(Debug, Clone)]
pub struct FieldShape {
    pub name: String,
    pub kind: FieldKind,
    /// What its kind is told.
    pub options: KindOptions,
    /// The record of another entity that it names.
    pub reference: Option<ReferenceShape>,
    /// The core row has it.
    pub core: bool,
    /// It belongs to this set of values.
    pub set: Option<String>,
    /// It is the first value of its set.
    pub primary: bool,
    /// The field whose country tells how a phone number is written.
    pub region: Option<String>,
    /// Who reports text that cannot be read: the built-in check, as error or warning, or a rule of the project.
    pub bad_value: BadValue,
    /// The field that tells when this one was verified, where verified values win.
    pub verified_by: Option<String>,
    /// Never changed by an import.
    pub locked: bool,
    /// Shown masked.
    pub sensitive: bool,
    /// This field, when the file has it, gives the value (a full name that the mapping splits).
    pub satisfied_by: Option<String>,
    /// A date that never lies in the future.
    pub past: bool,
    /// The first year in which a date can lie.
    pub since: Option<u64>,
    /// Words for nothing beside the shipped ones.
    pub null_words: NullWords,
}

impl FieldShape {
    /// Several values in one cell.
    pub fn is_list(&self) -> bool {
        self.kind.is_list()
    }

    /// The kind of what stands in its cells: of each of their values, where they are lists.
    pub(super) fn value_kind(&self) -> FieldKind {
        if self.kind == FieldKind::List { self.options.item } else { self.kind }
    }

    /// Stage says more of its cells than their value, in the column `<field>_told`.
    pub(super) fn is_told(&self) -> bool {
        self.kind.is_contact() || self.kind == FieldKind::Reference || self.value_kind() == FieldKind::Decimal
    }

    /// The Arrow name of the type of its values.
    pub fn type_name(&self) -> String {
        kinds::type_name(self.kind, &self.options)
    }

    /// The first day on which a date can lie.
    pub(super) fn first_day(&self) -> Option<String> {
        self.since.map(|year| format!("CAST('{year:04}-01-01' AS DATE)"))
    }

    /// A value of it, out of text.
    pub(super) fn read(&self, text: &str, how: &How<'_>) -> String {
        kinds::read(self.kind, text, &self.options, how)
    }

    /// A value of it as people see it.
    pub fn shown(&self, value: &str) -> String {
        kinds::shown(self.kind, value)
    }

    /// A value of it that comes from the store.
    pub(super) fn of_store(&self, value: &str) -> String {
        kinds::from_store(self.kind, value, &self.options)
    }
}

/// Who reports a value that cannot be read as its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadValue {
    Error,
    Warn,
    Rule,
}

/// A way to find a record, in the order of `match.yml`.
#[derive(Debug, Clone)]
pub struct KeyShape {
    /// What its matches are called.
    pub name: String,
    /// The key types (see [`SetShape::key_type`]) whose values are looked up.
    pub types: Vec<String>,
    /// The fields that are the key together, where it is none of sets. Its only type is their names.
    pub fields: Vec<String>,
    /// Further values are looked up as well as the main one.
    pub any_value: bool,
    /// A hit counts only with equal family names.
    pub same_family: bool,
    /// A hit counts whoever it is.
    pub unguarded: bool,
}

/// A set of values of one core row.
#[derive(Debug, Clone)]
pub struct SetShape {
    pub name: String,
    pub kind: SetKind,
    /// Some key of `match.yml` looks its values up.
    pub is_key: bool,
    /// The name of the field that feeds it.
    key_type: String,
    /// Values that are no keys, and those that say little, beside the shipped ones.
    pub patterns: SetPatterns,
    /// The table with one row per value, its column of keys and its column of values.
    pub table: String,
    pub key_column: String,
    pub value_column: String,
    pub primary_column: String,
    /// Its column with the core id.
    pub owner_column: String,
    /// Its rows say whose they are.
    pub has_tenant: bool,
}

impl SetShape {
    /// The name of its keys in match results.
    pub fn key_type(&self) -> &str {
        &self.key_type
    }
}

/// Fields that mean something to the road itself.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    pub external_system: Option<String>,
    pub external_id: Option<String>,
    pub source_updated_at: Option<String>,
    pub ingest_version: Option<String>,
    pub is_deleted: Option<String>,
    pub deleted_at: Option<String>,
    pub deleted_reason: Option<String>,
}

/// An entity as the compiler sees it.
#[derive(Debug, Clone)]
pub struct Shape {
    pub entity: String,
    pub fields: Vec<FieldShape>,
    pub sets: Vec<SetShape>,
    /// How records are found by their values, the first that answers wins.
    pub keys: Vec<KeyShape>,
    pub roles: Roles,
    pub given: Option<String>,
    pub family: Option<String>,
    pub born: Option<String>,
    /// The table whose sequence gives core ids and which holds the core fields.
    pub core_table: String,
    /// What that table calls its columns.
    pub core: CoreTable,
    /// The table that says whether the record is active, and its column with the core id.
    pub state: Option<StateTable>,
}

/// Where `is_active` of a core row stands.
#[derive(Debug, Clone)]
pub struct StateTable {
    pub table: String,
    pub owner_column: String,
    /// Its rows say whose they are.
    pub has_tenant: bool,
    /// Its column for whether the row is active.
    pub active_column: String,
    /// Its column for the time since when the row is not active, where it has one.
    pub since_column: Option<String>,
    /// Its column for the reason, where it has one.
    pub reason_column: Option<String>,
}

impl Shape {
    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&FieldShape> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The fields of the core row, in contract order.
    pub fn core_fields(&self) -> impl Iterator<Item = &FieldShape> {
        self.fields.iter().filter(|f| f.core)
    }

    /// The fingerprint of a core row: four bytes for the layout, then four per field and set. What was written under
    /// another layout cannot be compared field by field.
    pub fn fingerprint(&self, column: impl Fn(&str) -> String) -> String {
        let layout: Vec<&str> = self
            .core_fields()
            .map(|f| f.name.as_str())
            .chain(self.sets.iter().map(|s| s.name.as_str()))
            .collect();
        let mut parts = vec![literal(&layout.join(","))];
        parts.extend(self.core_fields().map(|f| column(&f.name)));
        parts.extend(self.sets.iter().map(|s| format!("set_keys({})", column(&s.name))));
        format!("fingerprint({})", parts.join(", "))
    }

    /// The single value field that gives a set its first value.
    pub fn primary_of(&self, set: &str) -> Option<&FieldShape> {
        self.fields.iter().find(|f| f.primary && f.set.as_deref() == Some(set))
    }

    /// The first set of e-mails, and the field with its main value.
    pub fn main_mail(&self) -> Option<(&SetShape, &FieldShape)> {
        let set = self.sets.iter().find(|set| set.kind == SetKind::Email)?;
        Some((set, self.primary_of(&set.name)?))
    }

    /// The list field that gives a set its further values.
    pub fn list_of(&self, set: &str) -> Option<&FieldShape> {
        self.fields.iter().find(|f| f.is_list() && f.set.as_deref() == Some(set))
    }
}

impl Shape {
    /// The shape of a loaded entity.
    pub fn of(entity: &Entity) -> Self {
        let contract = &entity.contract;
        let role = |role: Role| contract.role(role).map(|f| f.name.clone());
        let names = entity.matching.names.as_ref();
        let sets: Vec<SetShape> = contract.sets.iter().filter_map(|s| set_shape(entity, &s.name)).collect();
        Self {
            entity: entity.name.clone(),
            fields: contract.fields.iter().map(|f| field_shape(entity, f)).collect(),
            keys: entity.matching.keys.iter().map(|key| key_shape(key, &sets)).collect(),
            sets,
            roles: Roles {
                external_system: role(Role::ExternalSystem),
                external_id: role(Role::ExternalId),
                source_updated_at: role(Role::SourceUpdatedAt),
                ingest_version: role(Role::IngestVersion),
                is_deleted: role(Role::IsDeleted),
                deleted_at: role(Role::DeletedAt),
                deleted_reason: role(Role::DeletedReason),
            },
            given: names.map(|n| n.given.clone()),
            family: names.map(|n| n.family.clone()),
            born: names.and_then(|n| n.birth.clone()),
            core_table: contract.core.table.clone(),
            core: CoreTable::of(entity),
            state: entity.loads.iter().find_map(state_table),
        }
    }
}

fn state_table(load: &LoadFile) -> Option<StateTable> {
    let column = |name: &str| load.column_of(name).map(str::to_owned);
    Some(StateTable {
        table: load.table.clone(),
        owner_column: load.owner_column().to_owned(),
        has_tenant: load.has_tenant(),
        active_column: column("is_active")?,
        since_column: column("deactivated_at"),
        reason_column: column("deleted_reason"),
    })
}

fn field_shape(entity: &Entity, field: &Field) -> FieldShape {
    let group = entity.resolve.group_of(&field.name);
    FieldShape {
        name: field.name.clone(),
        kind: match field.role {
            Some(Role::ExternalId) if field.field_type == FieldType::Text => FieldKind::Id,
            _ => kind_of(field.field_type),
        },
        options: kind_options(&field.options),
        reference: field.options.reference.as_ref().and_then(ReferenceShape::of),
        core: field.core,
        set: field.set.clone(),
        primary: field.primary,
        region: field.region.clone(),
        bad_value: match field.on_bad_value {
            OnBadValue::Error => BadValue::Error,
            OnBadValue::Warn => BadValue::Warn,
            OnBadValue::Rule => BadValue::Rule,
        },
        verified_by: group.and_then(|g| g.verified_by.get(&field.name).cloned()),
        locked: entity.resolve.locks.contains(&field.name),
        sensitive: field.sensitive,
        satisfied_by: field.satisfied_by.clone(),
        past: field.past,
        since: field.since,
        null_words: field.null_words.clone(),
    }
}

fn key_shape(key: &MatchKey, sets: &[SetShape]) -> KeyShape {
    let named = |set: &&SetShape| key.sets.contains(&set.name);
    let types = match key.fields.as_slice() {
        [] => sets.iter().filter(named).map(|set| set.key_type.clone()).collect(),
        fields => vec![fields.join("+")],
    };
    KeyShape {
        name: key.name.clone(),
        types,
        fields: key.fields.clone(),
        any_value: key.values == KeyValues::Any,
        same_family: key.same_family,
        unguarded: key.guard == Guard::None,
    }
}

/// A set whose values no load file writes and no field feeds has no keys to match by.
fn set_shape(entity: &Entity, name: &str) -> Option<SetShape> {
    let set = entity.contract.set(name)?;
    let feeds = || entity.contract.fields.iter().filter(|f| f.set.as_deref() == Some(name));
    let (main, fed) = (feeds().find(|f| f.primary), feeds().next()?);
    let table =
        entity.loads.iter().find(|l| l.mode == LoadMode::ChildSet && l.set.as_deref() == Some(name))?;
    Some(SetShape {
        name: name.to_owned(),
        kind: if fed.field_type.item() == FieldType::Phone { SetKind::Phone } else { SetKind::Email },
        is_key: entity.matching.keys.iter().any(|key| key.sets.iter().any(|set| set == name)),
        key_type: main.unwrap_or(fed).name.clone(),
        patterns: entity.matching.patterns_of(name),
        table: table.table.clone(),
        key_column: set.key.clone(),
        value_column: set.value.clone(),
        primary_column: set.primary.clone(),
        owner_column: table.owner_of(&set.key)?.to_owned(),
        has_tenant: table.has_tenant(),
    })
}
