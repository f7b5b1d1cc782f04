//! Columns on the way from a landed file to staged rows, and how those are called that stand beside the fields of a contract.

/// Where the text of a contract field comes from in one file: the columns of `landed`, first one first.
pub type Columns<'a> = [(&'a str, Vec<&'a str>)];

/// The column with what is to be told of a cell beside its value: what was left out, mended or taken apart.
pub(super) fn told_column(field: &str) -> String {
    format!("{field}_told")
}

/// What is told of a cell in one word, which stands in front; see `phone_note`.
pub(super) fn told_kind(told: &str) -> String {
    format!("split_part({told}, ':', 1)")
}

/// The column with the extension with which the telephone number of a cell was written: digits.
pub(super) fn extension_column(field: &str) -> String {
    format!("{}_extension", told_column(field))
}

/// The column that says whether the main cell of a set was filled: a key that stands in for it matches more carefully.
pub(super) fn main_column(set: &str) -> String {
    format!("{set}_main")
}

/// The column with an external id as it stood in the cell, where something was taken off it.
pub(super) fn guarded_column(field: &str) -> String {
    format!("{field}_guarded")
}
