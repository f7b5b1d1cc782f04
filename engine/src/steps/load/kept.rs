//! Whether the tables kept what was written. A trigger can pass over a row without a word (`RETURN NULL`, `RAISE(IGNORE)`),
//! and so can a constraint with ON CONFLICT: such a row must not count as loaded.
//!
//! The databases say how many rows they took, so most chunks cost nothing here. Only where that is fewer than were given is
//! the table asked: a trigger may have put the row elsewhere, where the table shows it all the same. Of a view of a numbered
//! table the counts say nothing, for its triggers write: it is asked where the table behind it may drop rows, which is asked
//! once in a run.

use std::collections::HashSet;

use importer_plans::project::own_name;

use super::beside::Beside;
use super::chunk::TableRows;
use super::statements::Target;
use crate::error::Result;
use crate::store::{Session, StoreError, StoreErrorKind, Table};

/// Makes sure of new rows, of which the database says how many it took.
pub async fn created(session: &mut Session, rows: &TableRows, written: u64) -> Result<()> {
    let (target, given) = (&rows.target, rows.created.count());
    if given == 0 || is_sure(session, target, written >= given).await? {
        return Ok(());
    }
    let keys: Vec<&str> = target.key.iter().map(String::as_str).collect();
    let keys = Beside::of_chunk(session, "kept", target, &rows.created.project(&keys)?).await?;
    none_of(session, target, &keys, &target.not_there(session.dialect(), keys.sql())).await
}

/// Makes sure of the rows of existing core rows, which are `after` in the database.
pub async fn changed(session: &mut Session, rows: &TableRows, after: &Beside, written: u64) -> Result<()> {
    let target = &rows.target;
    let mut counted = written >= rows.after.count();
    if !counted && !is_numbered(target) {
        // Some of them are as they were, and were not to be written.
        let other = rows.after.clone().other_than(&rows.before, target, |_| true)?;
        counted = written >= other.count();
    }
    if is_sure(session, target, counted).await? {
        return Ok(());
    }
    none_of(session, target, after, &target.not_so(session.dialect(), after.sql())).await
}

async fn none_of(session: &mut Session, target: &Target, rows: &Beside, sql: &str) -> Result<()> {
    let mut lost = HashSet::new();
    rows.ids(session, sql, &mut lost).await?;
    if lost.is_empty() {
        return Ok(());
    }
    let error = StoreError::new(StoreErrorKind::NotKept, "the table did not keep a row");
    Err(error.of_table(own_name(&target.table)).into())
}

/// Whether rows are known to be kept without a look: the count says so, or of a view, whose count says nothing, the table behind
/// it, which keeps what it takes.
async fn is_sure(session: &mut Session, target: &Target, counted: bool) -> Result<bool> {
    match is_numbered(target) {
        true => Ok(!session.may_drop_rows(&Table::core(own_name(&target.table))).await?),
        false => Ok(counted),
    }
}

/// The table is written through a view of ours.
fn is_numbered(target: &Target) -> bool {
    own_name(&target.table) != target.table
}
