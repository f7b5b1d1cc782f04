//! Core rows that must not be removed although nothing in them changed: a person decided on them, or rows of other
//! tables refer to them.

use datafusion::arrow::datatypes::DataType;

use super::found::Keys;
use crate::error::Result;
use crate::run::RunContext;
use crate::steps::lookup::{column, schema, text, time};
use crate::store::{Dialect, Session, Table, ident};
use crate::tables;

/// A column of a table of somebody else that refers to a table of the entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table as it is written in SQL.
    table: String,
    /// The table for people.
    name: String,
    column: String,
    tenant_column: Option<String>,
}

const POSTGRES: &str = include_str!("../../../sql/store/postgres/references.sql");
const SQLITE: &str = include_str!("../../../sql/store/sqlite/references.sql");

/// The foreign keys of other tables that point at the tables of the entity.
pub async fn references(cx: &RunContext) -> Result<Vec<Reference>> {
    let mut session = cx.store.session().await?;
    let own: Vec<&str> = cx.entity.loads.iter().map(|l| l.table.as_str()).collect();
    let mut found: Vec<Reference> = Vec::new();
    for load in &cx.entity.loads {
        let key = load.key.iter().find(|k| *k != "tenant_id").map_or("id", String::as_str);
        let rows = match session.dialect() {
            Dialect::Postgres => {
                let table = Table::core(load.table.as_str()).sql(Dialect::Postgres);
                session.fetch(POSTGRES, &[table.into(), key.into()]).await?
            }
            Dialect::Sqlite => session.fetch(SQLITE, &[load.table.as_str().into(), key.into()]).await?,
        };
        for row in &rows {
            let (space, name) = (row.opt_text(0)?, row.text(1)?);
            let ours = own.contains(&name) && space.is_none_or(|s| s == cx.store.options().core_schema);
            if ours {
                continue;
            }
            found.push(Reference {
                table: match space {
                    Some(space) => format!("{}.{}", ident(space), ident(name)),
                    None => ident(name),
                },
                name: name.to_owned(),
                column: row.text(2)?.to_owned(),
                tenant_column: row.opt_text(3)?.map(str::to_owned),
            });
        }
    }
    Ok(found)
}

/// The first reason per core row.
const FIRST: &str = "SELECT core_id, first_value(reason ORDER BY reason, who) AS reason, first_value(who ORDER BY reason, who) AS who, first_value(at ORDER BY reason, who) AS at\nFROM found_blocks\nGROUP BY core_id";

/// Registers `blocks`.
pub async fn register(
    cx: &RunContext,
    session: &mut Session,
    keys: Option<&Keys>,
    references: &[Reference],
) -> Result<()> {
    let wanted = schema(vec![
        column("core_id", DataType::Int64),
        column("reason", DataType::Utf8),
        column("who", DataType::Utf8),
        column("at", time()),
    ]);
    let dialect = session.dialect();
    let sql = keys.map(|keys| {
        let mut parts = Vec::new();
        for side in ["core_id", "other_core_id"] {
            parts.push(format!(
                "SELECT s.{side}, 'decided', coalesce(s.decided_by, 'a person'), s.decided_at FROM {} s WHERE s.tenant_id = {} AND s.entity_type = {} AND s.decision NOT IN ('pending', 'auto_resolved', 'auto_merged') AND {}",
                Table::control("dedupe_suggestions").sql(dialect),
                text(&cx.tenant),
                text(&cx.entity.name),
                keys.holds(&format!("s.{side}")),
            ));
        }
        for reference in references {
            let tenant = reference
                .tenant_column
                .as_ref()
                .map(|c| format!("r.{} = {} AND ", ident(c), text(&cx.tenant)))
                .unwrap_or_default();
            parts.push(format!(
                "SELECT r.{}, 'referred', {}, NULL FROM {} r WHERE {tenant}{}",
                ident(&reference.column),
                text(&reference.name),
                reference.table,
                keys.holds(&format!("r.{}", ident(&reference.column))),
            ));
        }
        parts.join("\nUNION ALL\n")
    });
    super::found::answer(cx, session, "found_blocks", sql, &wanted).await?;
    let (schema, rows) = tables::collect_compact(cx.plan(FIRST).await?).await?;
    tables::register_rows(&cx.session, "blocks", schema, rows)
}
