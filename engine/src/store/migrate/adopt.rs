//! Taking over a core table that is there already: nothing of it is changed or removed, what it lacks is added.
//!
//! What it should look like is read from the migration itself: its section is run in a scratch schema (Postgres, inside
//! the migration's transaction) or a database in memory (SQLite), and the two tables are compared by their catalogues.

use importer_sql::migrations::Migration;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor};
use std::sync::Arc;
use tokio::sync::Semaphore;

use super::sections::Section;
use crate::store::session::Connection;
use crate::store::shape::{TableColumn as Column, TableIndex as Index, TableShape as Shape, shape};
use crate::store::{Dialect, Result, Session, StoreError, StoreErrorKind, ident, ident_list};

const SCRATCH: &str = "importer_adopt";

/// Checks the existing table of this section and adds what it lacks.
pub(super) async fn table(
    session: &mut Session,
    migration: &Migration,
    section: &Section<'_>,
    core_schema: &str,
) -> Result<()> {
    let dialect = session.dialect();
    let wanted = match dialect {
        Dialect::Postgres => postgres_reference(session, section, core_schema).await?,
        Dialect::Sqlite => sqlite_reference(migration, section.name).await?,
    };
    let quoted = match dialect {
        Dialect::Postgres => format!("{}.{}", ident(core_schema), ident(section.name)),
        Dialect::Sqlite => ident(section.name),
    };
    let looked_up = if dialect == Dialect::Postgres { quoted.as_str() } else { section.name };
    let found = shape(session, looked_up).await?;
    for column in &wanted.columns {
        match found.columns.iter().find(|existing| existing.name == column.name) {
            Some(existing) if family(dialect, &existing.base) == family(dialect, &column.base) => {}
            Some(existing) => {
                return Err(refuse(
                    section,
                    format!(
                        "its column {} is {}, {} is needed",
                        column.name, existing.declared, column.declared
                    ),
                ));
            }
            None => add_column(session, section, &quoted, column).await?,
        }
    }
    for extra in &found.columns {
        let known = wanted.columns.iter().any(|column| column.name == extra.name);
        if !known && extra.required && extra.default.is_none() {
            return Err(refuse(
                section,
                format!("its column {} must be filled, and Importer has no value", extra.name),
            ));
        }
    }
    for index in &wanted.indexes {
        let enough =
            |existing: &Index| existing.columns == index.columns && (existing.unique || !index.unique);
        if !found.indexes.iter().any(enough) {
            let name = ident(&format!("importer_{}_{}", section.name, index.columns.join("_")));
            let unique = if index.unique { "UNIQUE " } else { "" };
            let columns = ident_list(&index.columns);
            session.execute_script(&format!("CREATE {unique}INDEX {name} ON {quoted} ({columns})")).await?;
        }
    }
    if dialect == Dialect::Postgres && takes_numbers(&wanted) {
        let sql =
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/adopt_sequence.sql"));
        if session.fetch_one(sql, &[quoted.as_str().into()]).await?.opt_text(0)?.is_none() {
            return Err(refuse(
                section,
                "its column id takes no numbers from a sequence of its own".to_owned(),
            ));
        }
    }
    Ok(())
}

/// Whether the table's id comes from a sequence made in its own section.
fn takes_numbers(wanted: &Shape) -> bool {
    wanted.columns.iter().any(|column| {
        column.name == "id" && column.default.as_deref().is_some_and(|text| text.contains(SCRATCH))
    })
}

async fn add_column(
    session: &mut Session,
    section: &Section<'_>,
    quoted: &str,
    column: &Column,
) -> Result<()> {
    // Every table can be given a tenant; any other part of its key must be there.
    let own_key = column.key && column.name != "tenant_id";
    if own_key || (column.required && column.default.is_none()) {
        return Err(refuse(section, format!("it has no column {}, which cannot be made up", column.name)));
    }
    let name = ident(&column.name);
    let mut sql = format!("ALTER TABLE {quoted} ADD COLUMN {name} {}", column.declared);
    match (&column.default, session.dialect()) {
        // SQLite adds only constant defaults: others are filled once and stay without.
        (Some(default), Dialect::Sqlite) if default.contains('(') => {
            session.execute_script(&format!("{sql}; UPDATE {quoted} SET {name} = ({default});")).await?;
            return Ok(());
        }
        (Some(default), _) => {
            sql.push_str(" DEFAULT ");
            sql.push_str(default);
            if column.required {
                sql.push_str(" NOT NULL");
            }
        }
        (None, _) => {}
    }
    session.execute_script(&sql).await
}

fn refuse(section: &Section<'_>, reason: String) -> StoreError {
    StoreError::new(StoreErrorKind::NotOurs, format!("table {} cannot be adopted: {reason}", section.name))
}

async fn postgres_reference(
    session: &mut Session,
    section: &Section<'_>,
    core_schema: &str,
) -> Result<Shape> {
    let (scratch, core) = (ident(SCRATCH), ident(core_schema));
    session
        .execute_script(&format!("CREATE SCHEMA {scratch}; SET LOCAL search_path TO {scratch}, {core};"))
        .await?;
    session.execute_script(section.sql).await?;
    let wanted = shape(session, &format!("{scratch}.{}", ident(section.name))).await?;
    session
        .execute_script(&format!("SET LOCAL search_path TO {core}; DROP SCHEMA {scratch} CASCADE;"))
        .await?;
    Ok(wanted)
}

async fn sqlite_reference(migration: &Migration, table: &str) -> Result<Shape> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(SqliteConnectOptions::new().in_memory(true))
        .await?;
    (&pool).execute(sqlx::raw_sql(AssertSqlSafe(tables_only(migration.up)?))).await?;
    let mut session = Session::new(Connection::Sqlite(pool.acquire().await?), Arc::new(Semaphore::new(1)));
    shape(&mut session, table).await
}

/// The file without its views, which may name tables of earlier migrations.
fn tables_only(text: &str) -> Result<String> {
    let sections = super::sections::parse(text)?;
    Ok(sections
        .iter()
        .filter(|section| section.kind == super::sections::Kind::Table)
        .map(|section| section.sql)
        .collect())
}

/// Types that hold each other's values as far as Importer writes them.
fn family(dialect: Dialect, base: &str) -> &str {
    match dialect {
        Dialect::Postgres => match base {
            "int2" | "int4" | "int8" => "integer",
            "text" | "varchar" | "bpchar" | "citext" => "text",
            "timestamptz" | "timestamp" => "time",
            other => other,
        },
        // SQLite's own rule of affinity.
        Dialect::Sqlite if base.contains("INT") => "integer",
        Dialect::Sqlite if ["CHAR", "CLOB", "TEXT"].iter().any(|part| base.contains(part)) => "text",
        Dialect::Sqlite => base,
    }
}
