//! rollback: what taking back the changes of a run makes of each core row.
//!
//! The engine registers one chunk of changes and what the store holds of their core rows now:
//!
//! | table | holds |
//! | --- | --- |
//! | `taken` | changes of the run as its data set has them, created rows with their core ids |
//! | `found`, `found_<set>`, `found_links` | the core rows, their sets and links, now |
//! | `taken_links` | links that shall come back, where somebody has them by now |
//! | `blocks` | core rows that people decided on or that rows of other tables refer to |
//! | `patched` | provenance of rows that others wrote since, mended by the engine |
//!
//! and runs these queries over them:
//!
//! - `undo`, `undo_links`: both sides of every change, in one form for imports and rollbacks ([`sides`])
//! - `judged`: may it be taken back, row by row and unit by unit ([`judge`])
//! - `set_items_<set>`, `link_results`, `undone`: what is left in core ([`result`])
//! - `kept`: what is not taken back, and why
//!
//! A unit is what only makes sense together: a field and the time at which it was verified, and for the first value of
//! a set the marks of its members. A unit goes back as a whole or not at all.

mod judge;
mod result;
mod unit;

use super::query::{Keep, Query};
use super::shape::Shape;
use super::typed::null_link;
use unit::{STATE, Unit};

pub use judge::PATCHES;
pub use result::{CHANGE_LOG_FIELDS, change_log_sql, found_items};
pub use unit::Narrow;

/// What kind of run is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// An import: run and time of landing say what it wrote besides the images.
    Import {
        /// Its number.
        run_id: i64,
        /// Its time, microseconds since 1970 UTC.
        landed_at: i64,
    },
    /// A rollback: it wrote everything down.
    Rollback,
}

/// The names that a rollback can be narrowed to.
pub fn field_names(shape: &Shape) -> Vec<String> {
    let fields = shape.core_fields().map(|f| f.name.clone());
    let sets = shape.sets.iter().map(|s| s.name.clone());
    let state = shape.state.iter().map(|_| STATE.to_owned());
    fields.chain(sets).chain(state).collect()
}

/// `undo` and `undo_links`, and what has to be known of the store before anything is judged.
pub fn sides(undone: Undone) -> Vec<Query> {
    let (provenance, has_state, links) = match undone {
        Undone::Import { run_id, landed_at } => {
            let at =
                format!("arrow_cast(CAST({landed_at} AS BIGINT), 'Timestamp(Microsecond, Some(\"UTC\"))')");
            let links = include_str!("../../../../sql/steps/rollback/links_of_run.sql");
            (
                format!(
                    "CASE WHEN fingerprint IS NOT NULL AND (action <> 'unchanged' OR differs) THEN named_struct('fingerprint', fingerprint, 'source', source, 'effective_at', effective_at, 'run_id', CAST({run_id} AS BIGINT), 'sequence_number', lead_sequence_number, 'load_action', CASE WHEN action = 'unchanged' THEN 'no_change' ELSE action END, 'fields_json', CASE WHEN fields_json <> '{{}}' THEN fields_json END) ELSE before_provenance END"
                ),
                "true",
                links.replace("{run}", &run_id.to_string()).replace("{at}", &at),
            )
        }
        Undone::Rollback => (
            "after_provenance".to_owned(),
            "coalesce(after['has_state'], false)",
            include_str!("../../../../sql/steps/rollback/links_of_rollback.sql").to_owned(),
        ),
    };
    vec![
        Query::new(
            "undo",
            Keep::Memory,
            format!(
                "SELECT core_id, lead_sequence_number AS seq, action, before, after, before_provenance,\n       {provenance} AS after_provenance,\n       {has_state} AS left_state\nFROM taken"
            ),
        ),
        Query::new("undo_links", Keep::Memory, links),
    ]
}

/// Which changes may be taken back.
pub fn judge(shape: &Shape, narrow: &Narrow) -> Vec<Query> {
    let mut queries = vec![
        Query::new("link_state", Keep::Memory, include_str!("../../../../sql/steps/rollback/link_state.sql")),
        Query::new(
            "taken_state",
            Keep::Memory,
            include_str!("../../../../sql/steps/rollback/taken_state.sql"),
        ),
    ];
    for set in &shape.sets {
        queries.push(Query::new(format!("members_{}", set.name), Keep::Memory, judge::members(set)));
        queries.push(Query::new(format!("set_state_{}", set.name), Keep::Memory, judge::set_state(set)));
    }
    let units = Unit::of(shape);
    queries.push(Query::new("judged", Keep::Memory, judge::judged(shape, &units, narrow)));
    queries.push(Query::new(PATCHES, Keep::Memory, judge::patches(&units)));
    queries
}

/// What is left in core, and what is not taken back.
pub fn results(shape: &Shape, narrow: &Narrow) -> Vec<Query> {
    let units = Unit::of(shape);
    let mut queries = Vec::new();
    for set in &shape.sets {
        queries.push(Query::new(
            format!("set_items_{}", set.name),
            Keep::Memory,
            result::set_items(set, &units, narrow),
        ));
    }
    let links = include_str!("../../../../sql/steps/rollback/link_results.sql")
        .replace("{wanted}", if narrow.is_whole() { "true" } else { "false" })
        .replace("{found}", &result::link_struct("f"));
    queries.push(Query::new("link_results", Keep::Memory, links));
    let lists = include_str!("../../../../sql/steps/rollback/link_lists.sql")
        .replace("{link}", &null_link())
        .replace("{no_time}", result::NO_TIME);
    queries.push(Query::new("link_lists", Keep::Memory, lists));
    queries.push(Query::new("undone", Keep::Memory, result::undone(shape, &units)));
    queries.push(Query::new("kept", Keep::Memory, result::kept(shape, &units)));
    queries
}
