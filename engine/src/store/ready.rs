//! A store made ready for runs.

use importer_sql::migrations;

use super::{Result, Store, UpgradeOptions};

impl Store {
    /// The embedded store is brought up to date without asking, as far as the options go; a server's database is changed
    /// by `importer db upgrade` only, and must be up to date already.
    pub async fn make_ready(&self, options: UpgradeOptions) -> Result<()> {
        if !self.url().is_embedded() {
            return self.require_current().await;
        }
        self.upgrade(options).await.map(|_| ())
    }
}

/// Whether an upgrade makes a table of the organisation's. Both databases get the same ones.
pub fn is_made_by_upgrade(table: &str) -> bool {
    let head = format!("-- @table {table} core");
    migrations::SQLITE.iter().any(|migration| migration.up.contains(&head))
}
