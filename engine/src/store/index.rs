//! What the match index asks: which runs have loaded what it does not have yet.

use super::json::json_text;
use super::status::RunStatus;
use super::{Result, Statement, Store, statement};

const RUNS: Statement = statement!("index_runs");

/// A run that may have records of core rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedRun {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: RunStatus,
    /// The last round of which it committed a chunk.
    pub round: Option<i64>,
}

impl Store {
    /// Real runs of an entity above a number, and some below it, in order; rollbacks are none of them.
    pub async fn indexed_runs(
        &self,
        tenant: &str,
        entity: &str,
        after: i64,
        open: &[i64],
    ) -> Result<Vec<IndexedRun>> {
        let mut session = self.session().await?;
        let open = json_text(&serde_json::json!(open));
        let rows = session.rows(&RUNS, &[tenant.into(), entity.into(), after.into(), open.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(IndexedRun { id: row.int(0)?, status: row.text(1)?.parse()?, round: row.opt_int(2)? })
            })
            .collect()
    }
}
