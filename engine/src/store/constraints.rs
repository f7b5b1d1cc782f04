//! What becomes of rows that break a constraint: looked at before the end of a transaction where the databases look at it only
//! then, and what tables say of it themselves.

use super::{
    Dialect, Result, Session, Space, Statement, StoreError, StoreErrorKind, Table, TableAnswers, statement,
};

const IS_PLAIN: Statement = statement!("table_is_plain");

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
        if let Some(known) = self.answers.conflicts.known(table) {
            return Ok(known);
        }
        let sql = "SELECT t.sql FROM main.sqlite_schema t WHERE t.type = 'table' AND t.name = $1 COLLATE NOCASE AND t.sql LIKE '%on%conflict%' AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema g WHERE g.type = 'trigger' AND g.tbl_name = t.name COLLATE NOCASE)";
        let found = self.fetch_optional(sql, &[table.name.as_str().into()]).await?;
        let text = found.as_ref().map(|row| row.text(0)).transpose()?.unwrap_or_default().to_lowercase();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let settled = words.contains("on conflict") && !words.contains("not null on conflict replace");
        Ok(self.answers.conflicts.keep(table, if settled { " OR ABORT" } else { "" }))
    }

    /// Whether a table may pass over a row without a word, or put it elsewhere: by triggers and rules, by what it says of its
    /// constraints, by rows that are hidden from us. What is no plain table may.
    pub async fn may_drop_rows(&mut self, table: &Table) -> Result<bool> {
        if let Some(known) = self.answers.may_drop.known(table) {
            return Ok(known);
        }
        let name = table.in_catalogue(self.dialect());
        let found = self.rows(&IS_PLAIN, &[name.into()]).await?;
        let plain = found.first().map(|row| row.bool(0)).transpose()?.unwrap_or_default();
        Ok(self.answers.may_drop.keep(table, !plain))
    }

    /// Takes the answers of others for its own, and adds to them.
    pub fn share(&mut self, answers: &TableAnswers) {
        self.answers = answers.clone();
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
