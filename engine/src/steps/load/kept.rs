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
    if given == 0 || (written >= given && !drops_in_silence(session, target).await?) {
        return Ok(());
    }
    let keys: Vec<&str> = target.key.iter().map(String::as_str).collect();
    let keys = Beside::of_chunk(session, "kept", target, &rows.created.project(&keys)?).await?;
    none_of(session, target, &keys, &target.not_there(session.dialect(), keys.sql())).await
}

/// Makes sure of the rows of existing core rows, which are `after` in the database.
pub async fn changed(session: &mut Session, rows: &TableRows, after: &Beside, written: u64) -> Result<()> {
    let target = &rows.target;
    if !drops_in_silence(session, target).await? {
        if written >= rows.after.count() {
            return Ok(());
        }
        // Some of them are as they were, and were not to be written.
        let other = rows.after.clone().other_than(&rows.before, target, |_| true)?;
        if written >= other.count() {
            return Ok(());
        }
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

/// Whether the table is written through a view of ours, and may keep fewer rows than were counted there.
async fn drops_in_silence(session: &mut Session, target: &Target) -> Result<bool> {
    let own = own_name(&target.table);
    Ok(own != target.table && session.may_drop_rows(&Table::core(own)).await?)
}
