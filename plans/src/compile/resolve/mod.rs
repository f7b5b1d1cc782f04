//! resolve: what a run does to each core row, field by field, with the winner and the reason.
//!
//! Three kinds of target, because most rows are simple:
//! - `changes_created`: a row that is the only one of a new person. Its values are the core row; nothing to decide.
//! - `changes_merged`: a core row or new person with values to choose from. Every field is decided by its group's
//!   preferences (`resolve.yml`): the smallest of the incoming rows and the core row in that order, per field.
//! - `changes_unchanged`: links that were only seen again.
//!
//! Only merged changes have all columns of the data set `changes`. New people lack those that tell of a core row as it was
//! and of values that were chosen from; links that were only seen again lack the values, too. Whoever reads all three takes
//! what is missing for NULL.
//!
//! The core rows come from the store as `core_rows`: every core field `f` with `f_at`, `f_source` and `f_manual`.
//! A target is a core id, or the negated cluster id of a new person.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | the queries, in their order |
//! | `candidates` | the values that a field may get; which of them wins is `survivorship` |
//! | `says` | whether a value says anything at all |
//! | `by_hand` | what people have set |
//! | `tied` | rows that lost to a value as strong as theirs |
//! | `merged` | the fields of `changes_merged` |
//! | `simple` | `changes_created` and `changes_unchanged` |

mod by_hand;
mod candidates;
mod merged;
mod says;
mod simple;
mod tied;

pub use by_hand::{count_by_hand, manual_kept, nothing_by_hand};
pub(super) use says::says_something;

use candidates::candidates;
use merged::{decided, merged, set_union};
use simple::{created, unchanged};
use tied::tied;

use super::ident::ident;
use super::query::{Keep, Query};
use super::shape::Shape;
pub use super::survivorship::Weighing;
use super::survivorship::{NO_TIME, winners, won};
use crate::project::ResolveSpec;

/// Rows whose target has to be looked at, before the store is asked for the core rows.
pub fn touched() -> Vec<Query> {
    vec![
        Query::new("touched", Keep::Memory, include_str!("../../../../sql/steps/resolve/touched.sql")),
        Query::new("again", Keep::Memory, include_str!("../../../../sql/steps/resolve/again.sql")),
    ]
}

/// Counts the rows that come late.
pub const COUNT_LATE: &str = "SELECT count(*) AS n FROM link_hits WHERE late";
/// Counts the rows that say again what was loaded last.
pub const COUNT_AGAIN: &str = "SELECT count(*) AS n FROM again";

/// The queries where there is something to decide, in order, behind [`lead_query`]. Together they give the three
/// `changes_*`, which make up the data set `changes`.
pub fn resolve_queries(shape: &Shape, spec: &ResolveSpec, weighing: &Weighing) -> Vec<Query> {
    let mut queries = vec![
        Query::new("candidates", Keep::View, candidates(shape, weighing)),
        Query::new("winners", Keep::Scratch, winners(shape, spec, weighing)),
        Query::new("won", Keep::View, won(shape, spec)),
        Query::new("tied", Keep::DataSet, tied(shape, spec)),
        Query::new("target_links", Keep::Scratch, with_roles(shape, TARGET_LINKS)),
    ];
    for set in &shape.sets {
        queries.push(Query::new(format!("set_{}", set.name), Keep::Scratch, set_union(shape, spec, set)));
    }
    queries.push(Query::new("decided", Keep::View, decided(shape, spec)));
    queries.push(Query::new("changes_merged", Keep::DataSet, merged(shape, spec)));
    queries
}

/// The strongest row of each target.
pub fn lead_query(shape: &Shape) -> Query {
    Query::new("leads", Keep::Scratch, with_roles(shape, LEADS))
}

/// The queries that read nothing of core and that no other query reads, in order: new people of one row each, links that
/// were only seen again. They can run while the store is asked.
pub fn apart_queries(shape: &Shape, only_retry: bool, edits: bool) -> Vec<Query> {
    let not_simple = include_str!("../../../../sql/steps/resolve/not_simple.sql");
    let seen_lately = include_str!("../../../../sql/steps/resolve/seen_lately.sql");
    vec![
        Query::new("not_simple", Keep::Memory, not_simple),
        Query::new("changes_created", Keep::DataSet, created(shape, only_retry, edits)),
        Query::new("seen_lately", Keep::View, seen_lately),
        Query::new("changes_unchanged", Keep::DataSet, unchanged(shape)),
    ]
}

const LEADS: &str = include_str!("../../../../sql/steps/resolve/leads.sql");
const TARGET_LINKS: &str = include_str!("../../../../sql/steps/resolve/target_links.sql");

/// The role fields of an entity under the names that the shipped SQL uses; an entity without a role has NULL there.
fn with_roles(shape: &Shape, sql: &str) -> String {
    let role = |field: &Option<String>, null: &str| {
        field.as_ref().map_or(null.to_owned(), |x| format!("s.{}", ident(x)))
    };
    sql.replace("{ingest_version}", &role(&shape.roles.ingest_version, "CAST(NULL AS BIGINT)"))
        .replace("{deleted_at}", &role(&shape.roles.deleted_at, NO_TIME))
        .replace("{deleted_reason}", &role(&shape.roles.deleted_reason, "CAST(NULL AS VARCHAR)"))
        .replace("{no_time}", NO_TIME)
}
