//! load: one chunk of changes as the rows of each target table.
//!
//! The engine registers a chunk of `changes`, with core ids given to the created ones, as `chunk`. What the tables get
//! is the engineer's own SQL (`load/<table>.sql`) over `resolved`; the same SQL over the image before the change gives
//! the values that must still stand in the table (the value guard).

use super::ident::{ident, literal};
use super::shape::Shape;

/// The time of the load. A parameter has no type of its own where two queries are united, so it is given one.
const NOW: &str = "arrow_cast($loaded_at, 'Timestamp(Microsecond, Some(\"UTC\"))')";

/// The rows that `resolved` shows to the load files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// New core rows.
    Created,
    /// Existing core rows as they shall be.
    After,
    /// Existing core rows as they were read.
    Before,
}

/// The view `resolved`.
pub fn resolved_sql(shape: &Shape, image: Image) -> String {
    let side = if image == Image::Before { "before" } else { "after" };
    let mut columns = vec!["CAST($tenant AS VARCHAR) AS tenant_id".to_owned(), "core_id".to_owned()];
    columns
        .extend(shape.core_fields().map(|f| format!("{side}[{}] AS {}", literal(&f.name), ident(&f.name))));
    columns.extend(shape.sets.iter().map(|s| format!("{side}[{}] AS {}", literal(&s.name), ident(&s.name))));
    columns.push(format!("{side}['is_active'] AS is_active"));
    if image == Image::Before {
        columns.push(format!(
            "CASE WHEN false THEN {NOW} END AS deactivated_at, CAST(NULL AS VARCHAR) AS deleted_reason"
        ));
    } else {
        columns.push(
            "after['deactivated_at'] AS deactivated_at, after['deleted_reason'] AS deleted_reason".into(),
        );
    }
    columns.push(format!("{NOW} AS loaded_at"));
    let filter = match image {
        Image::Created => "action = 'created'",
        Image::After | Image::Before => "action <> 'created' AND after IS NOT NULL",
    };
    format!("SELECT {}\nFROM chunk\nWHERE {filter}", columns.join(",\n       "))
}

/// The image columns a table row can be compared by: the core fields and the state.
pub fn is_image_column(shape: &Shape, column: &str) -> bool {
    column == "is_active" || shape.core_fields().any(|f| f.name == column)
}

/// One row per link of the chunk.
pub fn links_sql() -> &'static str {
    include_str!("../../../sql/steps/load/links.sql")
}

/// One row per core row that was written.
pub fn provenance_sql() -> &'static str {
    include_str!("../../../sql/steps/load/provenance.sql")
}

/// The sets of changed core rows as they were read, one text per core row: what the guard compares children with.
pub fn children_before_sql(shape: &Shape) -> String {
    let sets: Vec<String> = shape
        .sets
        .iter()
        .map(|s| {
            format!(
                "coalesce(array_to_string(set_keys(before[{}]), chr(10)), '') AS {}",
                literal(&s.name),
                ident(&format!("{}_keys", s.name))
            )
        })
        .collect();
    let columns: String = sets.iter().map(|s| format!(",\n       {s}")).collect();
    format!(
        "SELECT CAST($tenant AS VARCHAR) AS tenant_id, core_id{columns}\nFROM chunk\nWHERE action <> 'created' AND after IS NOT NULL"
    )
}

/// Keys that this round adds to existing core rows, and that its new people carry too.
pub fn own_hits_sql(shape: &Shape) -> String {
    let parts: Vec<String> = shape
        .sets
        .iter()
        .map(|set| {
            let keys = |table: &str, side: &str, condition: &str| {
                format!(
                    "SELECT core_id, unnest(set_keys({side}[{}])) AS key FROM {table}{condition}",
                    literal(&set.name)
                )
            };
            let (old, new) = (" WHERE action <> 'created'", " WHERE action = 'created'");
            format!(
                "SELECT DISTINCT {} AS key_type, a.key, a.core_id\nFROM ({}) a\nLEFT ANTI JOIN ({}) b ON b.core_id = a.core_id AND b.key = a.key\nLEFT SEMI JOIN (\n  {}\n  UNION ALL\n  {}\n) n ON n.key = a.key",
                literal(set.key_type()),
                keys("changes_merged", "after", old),
                keys("changes_merged", "before", old),
                keys("changes_created", "after", ""),
                keys("changes_merged", "after", new),
            )
        })
        .collect();
    parts.join("\nUNION ALL\n")
}

/// One row per field that changed on an existing core row, with winner and loser.
pub fn change_log_sql(shape: &Shape) -> String {
    let mut parts: Vec<String> = shape
        .core_fields()
        .map(|f| {
            let name = literal(&f.name);
            change_log_part(
                &name,
                &f.shown(&format!("before[{name}]")),
                &f.shown(&format!("after[{name}]")),
                &format!("winners[{name}]"),
                &format!("before_sources[{name}]"),
            )
        })
        .collect();
    parts.extend(shape.sets.iter().map(|s| {
        let keys = |side: &str| format!("array_to_string(set_keys({side}[{}]), ', ')", literal(&s.name));
        change_log_part(
            &literal(&s.name),
            &keys("before"),
            &keys("after"),
            "'union'",
            "CAST(NULL AS VARCHAR)",
        )
    }));
    parts.push(change_log_part(
        "'is_active'",
        "CAST(before['is_active'] AS VARCHAR)",
        "CAST(after['is_active'] AS VARCHAR)",
        "concat('row:', lead_sequence_number)",
        "CAST(NULL AS VARCHAR)",
    ));
    parts.join("\nUNION ALL\n")
}

/// The rows of one field.
pub(super) fn change_log_part(field: &str, before: &str, after: &str, winner: &str, loser: &str) -> String {
    format!(
        "SELECT CAST($tenant AS VARCHAR) AS tenant_id, CAST($run_id AS BIGINT) AS run_id, CAST($entity AS VARCHAR) AS entity_type, core_id, {field} AS field_name,\n       {before} AS before_value, {after} AS after_value, CAST(source AS VARCHAR) AS winner, {loser} AS loser, {winner} AS reason,\n       CAST($run_id AS BIGINT) AS source_run_id, lead_sequence_number AS sequence_number, ingest_version, {NOW} AS changed_at\nFROM chunk\nWHERE action NOT IN ('created', 'unchanged') AND ({before} IS DISTINCT FROM {after})"
    )
}
