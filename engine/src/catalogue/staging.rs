//! `staging_<entity>`: staged rows with what became of them. The files have no status, for it changes after they are
//! written; the view joins it from the findings, the links and the store, set by set.
//!
//! | status | says |
//! | --- | --- |
//! | `LANDED` | staged, not checked: the run stopped before |
//! | `QUARANTINED` | an enforced rule of severity error failed; `last_error` has its message |
//! | `VALIDATED` | passed the rules, and is not in core: a dry run, a run that stopped, review |
//! | `LOADED` | core has it, or had it already |

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::prelude::SessionContext;
use importer_plans::compile::ident;
use importer_plans::compile::why::ROW_STATUS;

use super::names::Names;
use crate::error::Result;
use crate::store::{RunFilter, RunStatus, Table};

/// The view over the staged files of an entity.
pub async fn view(names: &Names, name: &str, dry: bool) -> Result<Arc<dyn TableProvider>> {
    let staged = names.files(name, dry).await?.ok_or_else(|| names.missing(name, dry))?;
    let parts = Parts { planner: &names.planner.0, of: format!("{name}{}", if dry { " (dry)" } else { "" }) };
    let mut joins = vec![
        join(&run_sql(&parts.add("runs", names.store_table(&Table::control("import_runs")).await?)?), "r"),
        join(&checked_sql(&parts.add("steps", names.store_table(&Table::control("run_steps")).await?)?), "c"),
    ];
    let (mut bad, mut last_error) = ("false", "CAST(NULL AS VARCHAR)");
    if let Some(findings) = names.files("dq_violations", dry).await? {
        joins.push(join_row(&errors_sql(&parts.add("findings", findings)?), "e"));
        (bad, last_error) = ("e.sequence_number IS NOT NULL", "e.message");
    }
    let mut loaded = vec!["r.status = 'succeeded'"];
    if let Some(map) = partly_loaded(names, dry).await? {
        joins.push(format!(
            "LEFT JOIN (SELECT external_system, external_id, last_run_id FROM {}) m ON m.external_system = s.link_system AND m.external_id = s.link_id",
            parts.add("id map", map)?
        ));
        loaded.push("r.status = 'partially_failed' AND m.last_run_id >= s.run_id");
    }
    let mut in_core = format!("NOT r.dry_run AND ({})", loaded.join(" OR "));
    if let Some(links) = names.files("links", dry).await? {
        joins.push(join_row(&waiting_sql(&parts.add("links", links)?), "w"));
        in_core.push_str(" AND w.sequence_number IS NULL");
    }
    let own = staged.schema();
    let free = |name: &'static str, other: &'static str| match own.column_with_name(name) {
        Some(_) => other,
        None => name,
    };
    let (status, error) = (free("status", ROW_STATUS), free("last_error", "row_error"));
    let sql = format!(
        "SELECT s.*,\n       CASE WHEN c.run_id IS NULL THEN 'LANDED' WHEN {bad} THEN 'QUARANTINED' WHEN {in_core} THEN 'LOADED' ELSE 'VALIDATED' END AS {status},\n       {last_error} AS {error}\nFROM {} s\n{}",
        parts.add("staged", staged)?,
        joins.join("\n")
    );
    Ok(names.planner.0.sql(&sql).await?.into_view())
}

fn join(sql: &str, alias: &str) -> String {
    format!("LEFT JOIN ({sql}) {alias} ON {alias}.run_id = s.run_id")
}

fn join_row(sql: &str, alias: &str) -> String {
    format!("{} AND {alias}.sequence_number = s.sequence_number", join(sql, alias))
}

fn run_sql(runs: &str) -> String {
    format!("SELECT id AS run_id, status, dry_run FROM {runs}")
}

fn checked_sql(steps: &str) -> String {
    format!("SELECT DISTINCT run_id FROM {steps} WHERE step = 'check' AND status = 'succeeded'")
}

fn errors_sql(findings: &str) -> String {
    format!(
        "SELECT run_id, sequence_number, first_value(message ORDER BY rule_code, field) AS message FROM {findings} WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL GROUP BY run_id, sequence_number"
    )
}

/// Rows that no core row stands for: a person decides, or the policy left them out.
fn waiting_sql(links: &str) -> String {
    format!("SELECT DISTINCT run_id, sequence_number FROM {links} WHERE outcome IN ('review', 'not_found')")
}

/// The id map, when a run ended between two chunks: only it knows which rows of that run are in.
async fn partly_loaded(names: &Names, dry: bool) -> Result<Option<Arc<dyn TableProvider>>> {
    if dry {
        return Ok(None);
    }
    let filter = RunFilter { status: Some(RunStatus::PartiallyFailed), limit: Some(1), ..Default::default() };
    if names.store.list_runs(&names.tenant, &filter).await?.is_empty() {
        return Ok(None);
    }
    names.store_table(&Table::control("external_id_map")).await.map(Some)
}

/// Tables under names that only the view knows.
struct Parts<'a> {
    planner: &'a SessionContext,
    of: String,
}

impl Parts<'_> {
    /// Registers a part and gives its name in SQL.
    fn add(&self, what: &str, table: Arc<dyn TableProvider>) -> Result<String> {
        let name = format!("{what} of {}", self.of);
        self.planner.deregister_table(TableReference::bare(name.clone()))?;
        self.planner.register_table(TableReference::bare(name.clone()), table)?;
        Ok(ident(&name))
    }
}
