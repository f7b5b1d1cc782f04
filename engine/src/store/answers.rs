//! What was asked of tables, for those who would ask again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Table;

/// What was asked of tables about rows that they do not take. It changes with the tables alone: a run asks once, and its
/// sessions share the answers ([`Session::share`](super::Session::share)).
#[derive(Debug, Clone, Default)]
pub struct TableAnswers {
    pub(super) conflicts: Answers<&'static str>,
    pub(super) may_drop: Answers<bool>,
}

/// Answers by the names of tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers<T>(Arc<Mutex<BTreeMap<String, T>>>);

impl<T: Copy> Answers<T> {
    pub(super) fn known(&self, table: &Table) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&table.name).copied()
    }

    pub(super) fn keep(&self, table: &Table, answer: T) -> T {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(table.name.clone(), answer);
        answer
    }
}
