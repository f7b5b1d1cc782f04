//! What goes back together, and what a rollback is narrowed to.

use super::super::ident::literal;
use super::super::shape::{FieldShape, Shape};

/// What a rollback is narrowed to, beyond single rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// One core field, one set, or `is_active`.
    pub field: Option<String>,
}

impl Narrow {
    pub(super) fn takes(&self, name: &str) -> bool {
        self.field.as_ref().is_none_or(|field| field == name)
    }

    pub(super) fn takes_unit(&self, unit: &Unit) -> bool {
        unit.fields.iter().any(|field| self.takes(field))
    }

    /// Whether whole rows are taken back: links, provenance, created rows.
    pub(super) fn is_whole(&self) -> bool {
        self.field.is_none()
    }
}

/// Fields that go back together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) fields: Vec<String>,
    /// The set whose first value the unit is.
    pub(super) set: Option<String>,
}

impl Unit {
    pub(super) fn of(shape: &Shape) -> Vec<Self> {
        let follows =
            |field: &FieldShape| shape.core_fields().any(|f| f.verified_by.as_deref() == Some(&field.name));
        shape
            .core_fields()
            .filter(|field| !follows(field))
            .map(|field| Self {
                fields: std::iter::once(field.name.clone()).chain(field.verified_by.clone()).collect(),
                set: field.set.clone().filter(|_| field.primary),
            })
            .collect()
    }
}

/// The name of the state in change log and reports.
pub(super) const STATE: &str = "is_active";

/// Why a row stays that was made one with another since.
pub(super) const MERGED: &str = "merged_since";

/// A reason as SQL text.
pub(super) fn reason(name: &str) -> String {
    literal(name)
}
