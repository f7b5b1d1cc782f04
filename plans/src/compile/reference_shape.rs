//! The record of another entity that a field names, as the compiler sees it.

use super::kinds::{FieldKind, KindOptions, SetKind, kind_of, kind_options};
use crate::project::{Reference, ReferenceWay, SetPatterns};

/// The record of another entity that a field names.
#[derive(Debug, Clone)]
pub struct ReferenceShape {
    /// The entity.
    pub to: String,
    /// The namespace of its external ids, where it is not that of the row.
    pub system: Option<String>,
    /// Its core table, and the column with the core id there.
    pub table: String,
    pub id_column: String,
    /// Rows of the core table say whose they are.
    pub has_tenant: bool,
    /// In the order in which they are tried, each with its word in the contract.
    pub ways: Vec<(String, WayShape)>,
}

/// How a record is found by a text.
#[derive(Debug, Clone)]
pub enum WayShape {
    ExternalId,
    CoreId,
    /// By a value of a set, in this table.
    Set {
        table: String,
        key_column: String,
        owner_column: String,
        has_tenant: bool,
        kind: SetKind,
        /// Which of its values name nobody, beside the shipped ones.
        patterns: SetPatterns,
    },
    /// By a column of the core table, which holds values of this kind.
    Field {
        column: String,
        kind: FieldKind,
        options: Box<KindOptions>,
    },
}

impl ReferenceShape {
    pub(super) fn of(reference: &Reference) -> Option<Self> {
        let target = reference.target.as_ref()?;
        let ways = reference.by.iter().cloned().zip(target.ways.iter().map(WayShape::of));
        Some(Self {
            to: reference.to.clone(),
            system: reference.system.clone(),
            table: target.table.clone(),
            id_column: target.id_column.clone(),
            has_tenant: target.has_tenant,
            ways: ways.collect(),
        })
    }
}

impl WayShape {
    fn of(way: &ReferenceWay) -> Self {
        match way {
            ReferenceWay::ExternalId => Self::ExternalId,
            ReferenceWay::CoreId => Self::CoreId,
            ReferenceWay::Set { table, key_column, owner_column, has_tenant, is_phone, patterns } => {
                Self::Set {
                    table: table.clone(),
                    key_column: key_column.clone(),
                    owner_column: owner_column.clone(),
                    has_tenant: *has_tenant,
                    kind: if *is_phone { SetKind::Phone } else { SetKind::Email },
                    patterns: patterns.clone(),
                }
            }
            ReferenceWay::Field { column, field_type, options } => Self::Field {
                column: column.clone(),
                kind: kind_of(*field_type),
                options: Box::new(kind_options(options)),
            },
        }
    }
}
