//! Core rows that must not be removed although nothing that Importer writes changed: a person decided on them or made them one, rows of
//! other tables refer to them, or the host filled columns that Importer does not know.

use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::with_tenant;
use importer_plans::project::{LoadFile, TENANT, own_name};

use super::keys::{Keys, answer};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::lookup::{column, schema, text, time};
use crate::store::{Session, Table, ident, with_numbers};
use crate::tables;

/// What is not ours, around the tables of the entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    references: Vec<Reference>,
    columns: Vec<Columns>,
}

/// Columns of one of our tables that no load file writes and that are empty unless somebody fills them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Columns {
    /// The table as it is written in SQL, with the number of each row where it is a numbered one.
    relation: String,
    owner: String,
    names: Vec<String>,
    has_tenant: bool,
}

/// A column of a table of somebody else that refers to a table of the entity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    /// The table as it is written in SQL.
    table: String,
    /// Where what it refers by is no number of a core row: the number of what it refers to, by the table of numbers.
    numbers: Option<(String, String)>,
    /// The table for people.
    name: String,
    column: String,
    tenant_column: Option<String>,
}

/// Looks at the catalogue of the database, once per rollback.
pub async fn foreign(cx: &RunContext) -> Result<Foreign> {
    let mut session = cx.store.session().await?;
    let mut columns = Vec::new();
    for load in &cx.entity.loads {
        let Some(written) = &load.columns else { continue };
        let mut names = session.open_columns(load.own_table()).await?;
        names.retain(|name| !written.contains(name) && !load.own_key().contains(name));
        let set = cx.shape.sets.iter().find(|s| s.table == load.table);
        let owner = match set {
            Some(set) => set.owner_column.clone(),
            None => load.owner_column().to_owned(),
        };
        if !names.is_empty() {
            let dialect = session.dialect();
            let relation = match with_numbers(load, dialect, &names) {
                Some(relation) => relation,
                None => Table::core(load.table.as_str()).sql(dialect),
            };
            columns.push(Columns { relation, owner, names, has_tenant: load.has_tenant() });
        }
    }
    Ok(Foreign { references: references(cx, &mut session).await?, columns })
}

/// The foreign keys of other tables that point at the tables of the entity.
async fn references(cx: &RunContext, session: &mut Session) -> Result<Vec<Reference>> {
    let own: Vec<&str> = cx.entity.loads.iter().map(LoadFile::own_table).collect();
    let mut found: Vec<Reference> = Vec::new();
    for load in &cx.entity.loads {
        let key = match &load.numbered {
            Some(numbered) => numbered.joined.iter().map(|(own, _)| own.as_str()).find(|own| *own != TENANT),
            None => Some(load.owner_column()),
        };
        let Some(key) = key else { continue };
        // What refers to several columns is found by the database itself.
        if load.own_key().iter().filter(|column| *column != TENANT).count() > 1 && load.numbered.is_some() {
            continue;
        }
        for foreign in session.references_to(load.own_table(), key).await? {
            let (space, name) = (foreign.schema.as_deref(), foreign.table.as_str());
            let ours = own.contains(&name) && space.is_none_or(|s| s == cx.store.options().core_schema);
            if ours {
                continue;
            }
            found.push(Reference {
                table: match space {
                    Some(space) => format!("{}.{}", ident(space), ident(name)),
                    None => ident(name),
                },
                numbers: load.numbered.as_ref().and_then(|numbered| {
                    let (_, key) = numbered.joined.iter().find(|(own, _)| own == key)?;
                    Some((Table::core(&numbered.numbers).sql(session.dialect()), ident(key)))
                }),
                name: name.to_owned(),
                column: foreign.column,
                tenant_column: foreign.tenant_column,
            });
        }
    }
    Ok(found)
}

/// The first reason per core row.
const FIRST: &str = "SELECT core_id, first_value(reason ORDER BY reason <> 'merged_since', reason, who) AS reason, first_value(who ORDER BY reason <> 'merged_since', reason, who) AS who, first_value(at ORDER BY reason <> 'merged_since', reason, who) AS at\nFROM found_blocks\nGROUP BY core_id";

/// Registers `blocks`.
pub async fn register(
    cx: &RunContext,
    session: &mut Session,
    keys: Option<&Keys>,
    foreign: &Foreign,
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
        for side in ["winner_id", "loser_id"] {
            parts.push(format!(
                "SELECT m.{side}, 'merged_since', 'merge ' || CAST(m.id AS text), m.merged_at FROM {} m WHERE m.tenant_id = {} AND m.core_table = {} AND m.status = 'merged' AND {}",
                Table::control("merge_log").sql(dialect),
                text(&cx.tenant),
                text(own_name(&cx.shape.core_table)),
                keys.holds(&format!("m.{side}")),
            ));
        }
        for columns in &foreign.columns {
            let filled: Vec<String> =
                columns.names.iter().map(|c| format!("r.{} IS NOT NULL", ident(c))).collect();
            parts.push(format!(
                "SELECT r.{}, 'edited', 'host', NULL FROM {} r WHERE r.tenant_id = {} AND ({}) AND {}",
                ident(&columns.owner),
                with_tenant(&columns.relation, &text(&cx.tenant), columns.has_tenant),
                text(&cx.tenant),
                filled.join(" OR "),
                keys.holds(&format!("r.{}", ident(&columns.owner))),
            ));
        }
        for reference in &foreign.references {
            let tenant = reference
                .tenant_column
                .as_ref()
                .map(|c| format!("r.{} = {} AND ", ident(c), text(&cx.tenant)))
                .unwrap_or_default();
            let column = format!("r.{}", ident(&reference.column));
            let (number, joined) = match &reference.numbers {
                Some((numbers, key)) => ("k.core_id".to_owned(), format!(" JOIN {numbers} k ON k.{key} = {column}")),
                None => (column, String::new()),
            };
            parts.push(format!(
                "SELECT {number}, 'referred', {}, NULL FROM {} r{joined} WHERE {tenant}{}",
                text(&reference.name),
                reference.table,
                keys.holds(&number),
            ));
        }
        parts.join("\nUNION ALL\n")
    });
    answer(cx, session, "found_blocks", sql, &wanted).await?;
    let (schema, rows) = tables::collect_compact(cx.plan(FIRST).await?).await?;
    tables::register_rows(&cx.session, "blocks", schema, rows)
}
