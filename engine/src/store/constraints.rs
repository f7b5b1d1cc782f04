//! Constraints that the databases look at only when a transaction ends, looked at before its end.

use super::{Dialect, Result, Session, Space, StoreError, StoreErrorKind, Table};

/// What the end of a transaction would find wrong: a count of rows, where the database counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsettled(Option<i64>);

impl Session {
    /// What stands behind INSERT and UPDATE so that a constraint that is not kept is an error.
    ///
    /// A table of SQLite may say of itself what happens then (`UNIQUE … ON CONFLICT REPLACE`): a row is passed over, or the
    /// rows of others are taken away, and nobody learns of it. The words of a statement go before those of the table, and
    /// before those of statements in its triggers: a table with triggers is left as it is. So is one where an empty cell
    /// shall become the default.
    pub async fn conflicts(&mut self, table: &Table) -> Result<&'static str> {
        if self.dialect() == Dialect::Postgres || table.space != Space::Core {
            return Ok("");
        }
        let sql = "SELECT t.sql FROM main.sqlite_schema t WHERE t.type = 'table' AND t.name = $1 COLLATE NOCASE AND t.sql LIKE '%on%conflict%' AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema g WHERE g.type = 'trigger' AND g.tbl_name = t.name COLLATE NOCASE)";
        let Some(row) = self.fetch_optional(sql, &[table.name.as_str().into()]).await? else { return Ok("") };
        let text = row.text(0)?.to_lowercase();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let settled = words.contains("on conflict") && !words.contains("not null on conflict replace");
        Ok(if settled { " OR ABORT" } else { "" })
    }

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
