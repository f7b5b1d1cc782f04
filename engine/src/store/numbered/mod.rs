//! Tables whose key is no whole number: the numbers of their rows, and the views through which everything else sees them.
//!
//! A table of numbers has one row per core row, with its number and its key, under Importer's own tables. A view joins the
//! two, and triggers of the view turn what is written to it into what the table takes: [`postgres`], [`sqlite`]. The table
//! itself is read, and never changed. Rows that others put in get numbers before a run looks at the table.

mod postgres;
mod sqlite;
mod view;

use importer_plans::project::{LoadFile, NUMBERED_VIEW, NUMBERS, TENANT};

use self::view::View;
use super::shape::{TableShape, shape};
use super::{Dialect, Result, Session, Store, StoreError, StoreErrorKind, Table, ident};

/// The column of the tables of numbers that has them.
pub const NUMBER: &str = "core_id";

impl Store {
    /// Makes the tables of numbers and the views of an entity's load files, where they are missing or no longer fit (or
    /// `anew`), and gives numbers to the rows that have none. Nothing happens where no table is numbered.
    ///
    /// # Errors
    /// A table is missing, or its key is none that rows can be found or made by.
    pub async fn number_rows<'l>(
        &self,
        loads: impl IntoIterator<Item = &'l LoadFile>,
        anew: bool,
    ) -> Result<()> {
        let mut views: Vec<View<'_>> = loads.into_iter().filter_map(View::of).collect();
        let Some(core) = views.iter().position(|view| view.of.is_core) else { return Ok(()) };
        let mut session = self.begin().await?;
        session.lock_key(&["numbered", &views[core].of.table]).await?;
        session.make_views(&mut views, core, anew).await?;
        session.number(&views[core]).await?;
        session.commit().await
    }

    /// Takes the views and the numbers away, with the last of Importer's own tables.
    pub(super) async fn forget_numbers(session: &mut Session, relations: &[String]) -> Result<()> {
        let dialect = session.dialect();
        let named = |prefix: &str| -> Vec<Table> {
            relations.iter().filter(|name| name.starts_with(prefix)).map(Table::core).collect()
        };
        for view in named(NUMBERED_VIEW) {
            session.execute_script(&format!("DROP VIEW {}", view.sql(dialect))).await?;
            if dialect == Dialect::Postgres {
                session.execute_script(&format!("DROP FUNCTION {}()", postgres::written(&view.name))).await?;
            }
        }
        for table in named(NUMBERS) {
            session.execute_script(&format!("DROP TABLE {}", table.sql(dialect))).await?;
        }
        Ok(())
    }
}

/// A numbered table with the number of each row and some of its columns, as it stands in FROM; nothing for other tables.
pub fn with_numbers(load: &LoadFile, dialect: Dialect, columns: &[String]) -> Option<String> {
    let view = View::of(load)?;
    let columns = columns.iter().map(|column| format!(", t.{}", ident(column)));
    let tenant = load.has_tenant().then(|| format!(", t.{}", ident(TENANT)));
    let columns: String = tenant.into_iter().chain(columns).collect();
    Some(format!(
        "(SELECT k.core_id AS {}{columns} FROM {} t JOIN {} k ON {})",
        view.number(),
        view.table(dialect),
        view.numbers(dialect),
        view.same()
    ))
}

impl Session {
    async fn shape_of(&mut self, table: &str) -> Result<TableShape> {
        let name = Table::core(table).in_catalogue(self.dialect());
        shape(self, &name).await
    }

    async fn make_views(&mut self, views: &mut [View<'_>], core: usize, anew: bool) -> Result<()> {
        let dialect = self.dialect();
        let mut anew = anew;
        for view in views.iter_mut() {
            // A view whose table is not as it was cannot be read on SQLite.
            let there = self.shape_of(view.name).await.unwrap_or_default();
            let shows = |column: &String| there.column(column).is_some();
            anew |= !(view.columns.iter().all(shows) && shows(&view.of.number));
            // Runs of an older project still read what they showed.
            let more = there.columns.into_iter().map(|column| column.name);
            let more: Vec<String> =
                more.filter(|name| *name != view.of.number && !view.columns.contains(name)).collect();
            view.columns.extend(more);
        }
        if !anew {
            return Ok(());
        }
        // All or none: they hang together by the numbers.
        let mut tables = Vec::with_capacity(views.len());
        for view in views.iter_mut() {
            let table = self.shape_of(&view.of.table).await?;
            let given = view.given;
            let mut n = 0;
            view.columns.retain(|column| {
                n += 1;
                n <= given || table.column(column).is_some()
            });
            view.fits(&table)?;
            self.execute_script(&format!("DROP VIEW IF EXISTS {}", view.sql(dialect))).await?;
            tables.push(table);
        }
        let Some(core) = views.get(core) else { return Ok(()) };
        for (view, table) in views.iter().zip(&tables) {
            if view.of.is_core {
                self.make_numbers(core, table).await?;
            }
            let belongs = |child: &&View<'_>| view.of.is_core && !child.of.is_core && !child.of.is_made;
            let children: Vec<&View<'_>> = views.iter().filter(belongs).collect();
            let script = match dialect {
                Dialect::Postgres => postgres::view(view, &children, table)?,
                Dialect::Sqlite => sqlite::view(view, &children, table)?,
            };
            self.execute_script(&script).await?;
        }
        Ok(())
    }

    /// The table of numbers of a core table, with the types that the key has there now.
    async fn make_numbers(&mut self, core: &View<'_>, table: &TableShape) -> Result<()> {
        let dialect = self.dialect();
        let there = self.shape_of(&core.of.numbers).await?;
        if there.columns.is_empty() {
            return self.execute_script(&numbers(core, table, dialect)?).await;
        }
        for (own, key) in &core.of.joined {
            let declared = &core.column(table, own)?.declared;
            let Some(kept) = there.column(key) else {
                let message = format!(
                    "the key of the table `{}` is another one than its rows were numbered by: `{key}` is new in it",
                    core.of.table
                );
                return Err(StoreError::new(StoreErrorKind::Schema, message));
            };
            if dialect == Dialect::Postgres && kept.declared != *declared {
                let sql = format!(
                    "ALTER TABLE {} ALTER COLUMN {key} TYPE {declared} USING {key}::text::{declared}",
                    core.numbers(dialect),
                    key = ident(key)
                );
                self.execute_script(&sql).await?;
            }
        }
        Ok(())
    }

    /// Numbers for the rows that have none, in the order of their keys. Nothing but their keys tells which rows are new, so all
    /// keys are looked up (ADR 0046).
    async fn number(&mut self, core: &View<'_>) -> Result<()> {
        let dialect = self.dialect();
        let keys: Vec<String> = core.of.joined.iter().map(|(_, key)| ident(key)).collect();
        let own: Vec<String> = core.of.joined.iter().map(|(own, _)| format!("t.{}", ident(own))).collect();
        let whole: Vec<String> = own.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let (numbers, keys, own) = (core.numbers(dialect), keys.join(", "), own.join(", "));
        let missing = format!(
            "FROM {} t WHERE {} AND NOT EXISTS (SELECT 1 FROM {numbers} k WHERE {})",
            core.table(dialect),
            whole.join(" AND "),
            core.same()
        );
        if dialect == Dialect::Postgres {
            let sql = format!("INSERT INTO {numbers} ({keys}) SELECT {own} {missing} ORDER BY {own}");
            self.execute(&sql, &[]).await?;
            return Ok(());
        }
        let count = self.fetch_one(&format!("SELECT count(*) {missing}"), &[]).await?.int(0)?;
        if count == 0 {
            return Ok(());
        }
        let highest = format!("SELECT coalesce(max(core_id), 0) FROM {numbers}");
        let highest = self.fetch_one(&highest, &[]).await?.int(0)?;
        let first = self.raise_counter(&core.of.numbers, count, highest).await?;
        let sql = format!(
            "INSERT INTO {numbers} (core_id, {keys}) SELECT $1 - 1 + row_number() OVER (ORDER BY {own}), {own} {missing}"
        );
        self.execute(&sql, &[first.into()]).await?;
        Ok(())
    }
}

/// The table of numbers of a core table.
fn numbers(core: &View<'_>, table: &TableShape, dialect: Dialect) -> Result<String> {
    let mut columns = vec![match dialect {
        Dialect::Postgres => "core_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY".to_owned(),
        Dialect::Sqlite => "core_id INTEGER PRIMARY KEY".to_owned(),
    }];
    for (own, key) in &core.of.joined {
        let declared = &core.column(table, own)?.declared;
        columns.push(format!("{} {declared} NOT NULL", ident(key)));
    }
    let keys: Vec<String> = core.of.joined.iter().map(|(_, key)| ident(key)).collect();
    Ok(format!(
        "CREATE TABLE {} ({}, UNIQUE ({}))",
        core.numbers(dialect),
        columns.join(", "),
        keys.join(", ")
    ))
}
