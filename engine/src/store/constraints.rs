//! Constraints that the databases look at only when a transaction ends, looked at before its end.

use super::{Dialect, Result, Session, StoreError, StoreErrorKind};

/// What the end of a transaction would find wrong: a count of rows, where the database counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsettled(Option<i64>);

impl Session {
    /// What was wrong before something is written that is to be [settled](Self::settle).
    ///
    /// SQLite alone has to look: at the foreign keys that it will find broken at the end. Only a table that has deferred
    /// ones makes it.
    pub async fn unsettled(&mut self) -> Result<Unsettled> {
        if self.dialect() == Dialect::Postgres || !self.defers() {
            return Ok(Unsettled(None));
        }
        let row = self.fetch_one("SELECT count(*) FROM pragma_foreign_key_check", &[]).await?;
        Ok(Unsettled(Some(row.int(0)?)))
    }

    /// Has the database look at what it would look at when the transaction ends; an error, where more is wrong than before.
    pub async fn settle(&mut self, before: Unsettled) -> Result<()> {
        if self.dialect() == Dialect::Postgres {
            self.execute_script("SET CONSTRAINTS ALL IMMEDIATE").await?;
            return self.execute_script("SET CONSTRAINTS ALL DEFERRED").await;
        }
        if self.unsettled().await? > before {
            let message = "FOREIGN KEY constraint failed";
            return Err(StoreError::new(StoreErrorKind::ForeignKeyViolation, message));
        }
        Ok(())
    }
}
