//! `compare`: values made once per record, never per pair.

use super::SqlPlace;

/// One value of a record that pairs are found and compared by.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Its column in the table of records.
    pub name: String,
    /// An expression over the contract's fields and sets alone, with quoted names: values of `compare` that it reads stand
    /// in it in full. A list without values is NULL.
    pub sql: String,
    /// A list: blocking unnests it, one block per value.
    pub is_list: bool,
    /// The fields and sets of the contract that it is made of, sorted.
    pub fields: Vec<String>,
    pub place: SqlPlace,
}
