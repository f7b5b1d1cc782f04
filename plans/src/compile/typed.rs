//! NULL of a struct type, written as the type's name: one literal for the planner, where a struct of NULLs that are cast
//! one by one is a tree of its own.

/// The Arrow name of the one type of time: microseconds in UTC.
pub(super) const TIME: &str = "Timestamp(µs, \"UTC\")";

/// NULL of a struct with members of these Arrow types.
pub(super) fn null_struct(members: &[(&str, &str)]) -> String {
    format!("arrow_cast(NULL, '{}')", struct_type(members))
}

/// The Arrow name of a struct type.
fn struct_type(members: &[(&str, &str)]) -> String {
    let parts: Vec<String> = members.iter().map(|(name, kind)| format!("\"{name}\": {kind}")).collect();
    format!("Struct({})", parts.join(", "))
}

/// A member of a set.
pub(super) fn null_item() -> String {
    null_struct(&[("key", "Utf8"), ("value", "Utf8"), ("is_primary", "Boolean")])
}

/// A link as it is in core.
pub(super) fn null_link() -> String {
    null_struct(&LINK)
}

/// The columns of a link, with their types.
pub(super) const LINK: [(&str, &str); 12] = [
    ("core_id", "Int64"),
    ("is_active", "Boolean"),
    ("is_synthetic", "Boolean"),
    ("first_seen_at", TIME),
    ("last_seen_at", TIME),
    ("run_id", "Int64"),
    ("last_run_id", "Int64"),
    ("last_checksum", "Binary"),
    ("last_effective_at", TIME),
    ("ingest_version", "Int64"),
    ("deactivated_at", TIME),
    ("upstream_deleted_reason", "Utf8"),
];
