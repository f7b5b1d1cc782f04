//! Short sentences of figures for the reports of the steps.

use crate::steps::resolve::CoreCounts;

/// The figures that are not zero.
pub fn note<const N: usize>(parts: [(u64, &str); N]) -> String {
    let some: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    some.join(", ")
}

/// What resolve decided.
pub fn describe(counts: &CoreCounts) -> String {
    note([
        (counts.rows_created, "created"),
        (counts.rows_updated, "updated"),
        (counts.rows_reactivated, "reactivated"),
        (counts.rows_soft_deleted, "soft-deleted"),
        (counts.rows_skipped_duplicates, "duplicates"),
        (counts.rows_skipped_no_change, "unchanged"),
        (counts.rows_skipped_not_found, "not found"),
        (counts.rows_review, "for review"),
    ])
}
