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
    /// Makes the tables of numbers and the views of an entity's load files, where they are missing or no longer fit, and
    /// gives numbers to the rows that have none. Nothing happens where no table is numbered.
    ///
    /// # Errors
    /// A table is missing, or its key is none that rows can be found or made by.
    pub async fn number_rows<'l>(&self, loads: impl IntoIterator<Item = &'l LoadFile>) -> Result<()> {
        let numbered: Vec<View<'_>> = loads.into_iter().filter_map(View::of).collect();
        let Some(core) = numbered.iter().find(|view| view.of.is_core) else { return Ok(()) };
        let mut session = self.begin().await?;
        session.lock_key(&["numbered", &core.of.table]).await?;
        for view in &numbered {
            session.make_view(view, core).await?;
        }
        session.number(core).await?;
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
    /// The columns of the table that it shows.
    columns: Vec<&'l str>,
    /// Those of its key that are not found by the number.
    rest: Vec<&'l str>,
}

impl<'l> View<'l> {
    fn of(load: &'l LoadFile) -> Option<Self> {
        let of = load.numbered.as_ref()?;
        let columns = load.columns.iter().flatten().map(String::as_str).filter(|c| *c != of.number).collect();
        let found = |column: &&str| *column == TENANT || *column == of.number;
        let rest = load.key.iter().map(String::as_str).filter(|c| !found(c)).collect();
        Some(Self { name: &load.table, of, columns, rest })
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

    /// Columns of the numbers' key that the view shows, and so can be written through it.
    fn shown_key(&self) -> Vec<String> {
        self.of
            .joined
            .iter()
            .filter(|(own, _)| self.columns.contains(&own.as_str()))
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

    async fn make_view(&mut self, view: &View<'_>, core: &View<'_>) -> Result<()> {
        let dialect = self.dialect();
        let there = self.shape_of(view.name).await?;
        let shows = |column: &&str| there.column(column).is_some();
        if there.columns.len() == view.columns.len() + 1 && view.columns.iter().all(shows) {
            return Ok(());
        }
        let table = self.shape_of(&view.of.table).await?;
        view.fits(&table)?;
        if view.of.is_core && self.shape_of(&view.of.numbers).await?.columns.is_empty() {
            self.execute_script(&numbers(core, &table, dialect)?).await?;
        }
        let script = match dialect {
            Dialect::Postgres => postgres::view(view, &table, !there.columns.is_empty())?,
            Dialect::Sqlite => sqlite::view(view, &table, !there.columns.is_empty())?,
        };
        self.execute_script(&script).await
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
