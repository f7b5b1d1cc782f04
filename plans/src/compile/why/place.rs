//! Which data sets of which run a statement reads.

use super::super::ident::ident;

/// Which run's data sets are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub run_id: i64,
    pub dry: bool,
}

impl Place {
    /// A data set as it is named in a query.
    pub fn table(&self, data_set: &str) -> String {
        let simple = data_set.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let name = if simple { data_set.to_owned() } else { ident(data_set) };
        if self.dry { format!("dry.{name}") } else { name }
    }

    /// The staged rows of an entity.
    pub(super) fn staged(&self, entity: &str) -> String {
        self.table(&format!("staging_{entity}"))
    }

    /// One row of a data set.
    pub(super) fn is_row(&self, row: i64) -> String {
        format!("run_id = {} AND sequence_number = {row}", self.run_id)
    }
}
