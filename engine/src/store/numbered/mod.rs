//! Tables whose key is no whole number: the numbers of their rows, and the views through which everything else sees them.
//!
//! A table of numbers has one row per core row, with its number and its key, under Importer's own tables. A view joins the
//! two, and triggers of the view turn what is written to it into what the table takes: [`postgres`], [`sqlite`]. The table
//! itself is read, and never changed. Rows that others put in get numbers before a run looks at the table.

mod postgres;
mod sqlite;

use importer_plans::project::{LoadFile, NUMBERED_VIEW, NUMBERS, NumberedTable, TENANT};

use super::shape::{TableColumn, TableShape, shape};
use super::{
    Dialect, Result, Session, Statement, Store, StoreError, StoreErrorKind, Table, ident, statement,
};

const DRAW: Statement = statement!("ids_draw");

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
                session.execute_script(&format!("DROP FUNCTION {}()", written(&view.name))).await?;
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

/// A view, and what it is made of.
struct View<'l> {
    name: &'l str,
    of: &'l NumberedTable,
    /// The columns of the table that it shows: those of the load file, and those that it showed before.
    columns: Vec<String>,
    /// How many of them the load file gives.
    given: usize,
    /// Those of its key that are not found by the number.
    rest: Vec<&'l str>,
}

impl<'l> View<'l> {
    fn of(load: &'l LoadFile) -> Option<Self> {
        let of = load.numbered.as_ref()?;
        let columns: Vec<String> =
            load.columns.iter().flatten().filter(|c| **c != of.number).cloned().collect();
        let found = |column: &&str| *column == TENANT || *column == of.number;
        let rest = load.key.iter().map(String::as_str).filter(|c| !found(c)).collect();
        Some(Self { name: &load.table, of, given: columns.len(), columns, rest })
    }

    fn sql(&self, dialect: Dialect) -> String {
        Table::core(self.name).sql(dialect)
    }

    fn table(&self, dialect: Dialect) -> String {
        Table::core(&self.of.table).sql(dialect)
    }

    fn numbers(&self, dialect: Dialect) -> String {
        Table::core(&self.of.numbers).sql(dialect)
    }

    fn number(&self) -> String {
        ident(&self.of.number)
    }

    /// A row of the table beside its row among the numbers: `t.… = k.…`.
    fn same(&self) -> String {
        let parts: Vec<_> =
            self.of.joined.iter().map(|(own, key)| format!("t.{} = k.{}", ident(own), ident(key))).collect();
        parts.join(" AND ")
    }

    /// The row of the table that `OLD` shows, with its row among the numbers as `k`.
    fn is_old(&self) -> String {
        let rest = self.rest.iter().map(|column| format!("t.{0} = OLD.{0}", ident(column)));
        let found = [format!("k.core_id = OLD.{}", self.number()), self.same()];
        found.into_iter().chain(rest).collect::<Vec<_>>().join(" AND ")
    }

    fn listed(&self, before: &str) -> Vec<String> {
        self.columns.iter().map(|column| format!("{before}{}", ident(column))).collect()
    }

    /// The values of a new row. What the load file does not give is as the table makes it.
    fn inserted_values(&self, table: &TableShape) -> Vec<String> {
        let value = |(n, column): (usize, &String)| {
            let new = format!("NEW.{}", ident(column));
            let default = table.column(column).and_then(|there| there.default.as_ref());
            match default.filter(|default| n >= self.given && *default != "identity") {
                Some(default) => format!("coalesce({new}, ({default}))"),
                None => new,
            }
        };
        self.columns.iter().enumerate().map(value).collect()
    }

    /// Columns of the numbers' key that the view shows, and so can be written through it.
    fn shown_key(&self) -> Vec<String> {
        self.of
            .joined
            .iter()
            .filter(|(own, _)| self.columns.contains(own))
            .map(|(_, key)| ident(key))
            .collect()
    }

    /// The one column of the key that the database fills.
    fn made_column(&self) -> Result<&str> {
        let made = self.of.joined.iter().map(|(_, key)| key.as_str()).find(|key| *key != TENANT);
        made.ok_or_else(|| StoreError::internal("a key without columns"))
    }

    fn select(&self, dialect: Dialect) -> String {
        let columns: Vec<String> =
            std::iter::once(format!("k.core_id AS {}", self.number())).chain(self.listed("t.")).collect();
        format!(
            "CREATE VIEW {} AS SELECT {} FROM {} t JOIN {} k ON {}",
            self.sql(dialect),
            columns.join(", "),
            self.table(dialect),
            self.numbers(dialect),
            self.same()
        )
    }
}

/// The function that writes what is written to a view of Postgres.
fn written(view: &str) -> String {
    Table::core(format!("{view}_write")).sql(Dialect::Postgres)
}

impl Session {
    async fn shape_of(&mut self, table: &str) -> Result<TableShape> {
        let table = Table::core(table);
        let quoted = table.sql(self.dialect());
        let name = if self.dialect() == Dialect::Postgres { quoted.as_str() } else { table.name.as_str() };
        shape(self, name).await
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

    /// Numbers for the rows that have none, in the order of their keys.
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
        let drawn =
            self.rows(&DRAW, &[core.of.numbers.as_str().into(), count.into(), highest.into()]).await?;
        let first = drawn.first().ok_or_else(|| StoreError::internal("the counter gave no row"))?.int(0)?;
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

impl View<'_> {
    fn column<'t>(&self, table: &'t TableShape, column: &str) -> Result<&'t TableColumn> {
        table.column(column).ok_or_else(|| {
            let message = match table.columns.is_empty() {
                true => format!("the database has no table `{}`", self.of.table),
                false => format!("the table `{}` has no column `{column}`", self.of.table),
            };
            StoreError::new(StoreErrorKind::Schema, message)
        })
    }

    /// The table has what the view shows, and rows can be told apart by its key.
    fn fits(&self, table: &TableShape) -> Result<()> {
        for column in &self.columns {
            self.column(table, column)?;
        }
        for (own, _) in &self.of.joined {
            self.column(table, own)?;
        }
        let key: Vec<String> = self.of.joined.iter().map(|(own, _)| own.clone()).collect();
        if self.of.is_core && !table.is_unique_by(&key) {
            let message = format!(
                "no primary key or unique index of the table `{}` is over {}: its rows cannot be told apart",
                self.of.table,
                key.join(", ")
            );
            return Err(StoreError::new(StoreErrorKind::Schema, message));
        }
        for (own, _) in self.of.joined.iter().filter(|_| self.of.is_core) {
            if !self.column(table, own)?.required {
                let message =
                    format!("`{own}` of the table `{}` is part of its key and may be empty", self.of.table);
                return Err(StoreError::new(StoreErrorKind::Schema, message));
            }
        }
        Ok(())
    }

    /// What gives a new row its key: the column's default, or a random UUID.
    fn made(&self, table: &TableShape, uuid: &str) -> Result<String> {
        let column = self.column(table, self.made_column()?)?;
        match &column.default {
            Some(default) => Ok(format!("({default})")),
            None if column.base.eq_ignore_ascii_case("uuid") => Ok(uuid.to_owned()),
            None => Err(StoreError::new(
                StoreErrorKind::Schema,
                format!(
                    "`{}` of the table `{}` is of type {} and has no default that makes the key of a new row",
                    column.name, self.of.table, column.declared
                ),
            )),
        }
    }
}
