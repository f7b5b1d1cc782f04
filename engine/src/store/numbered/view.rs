//! A view of a numbered table: what it is made of, and the lists and conditions that its triggers are written with on both
//! databases.

use importer_plans::project::{LoadFile, NumberedTable, TENANT};

use super::super::shape::{TableColumn, TableShape};
use super::super::{Dialect, Result, StoreError, StoreErrorKind, Table, ident};

/// A view, and what it is made of.
pub(super) struct View<'l> {
    pub(super) name: &'l str,
    pub(super) of: &'l NumberedTable,
    /// The columns of the table that it shows: those of the load file, and those that it showed before.
    pub(super) columns: Vec<String>,
    /// How many of them the load file gives.
    pub(super) given: usize,
    /// Those of its key that are not found by the number.
    pub(super) rest: Vec<&'l str>,
}

impl<'l> View<'l> {
    pub(super) fn of(load: &'l LoadFile) -> Option<Self> {
        let of = load.numbered.as_ref()?;
        let columns: Vec<String> =
            load.columns.iter().flatten().filter(|c| **c != of.number).cloned().collect();
        let found = |column: &&str| *column == TENANT || *column == of.number;
        let rest = load.key.iter().map(String::as_str).filter(|c| !found(c)).collect();
        Some(Self { name: &load.table, of, given: columns.len(), columns, rest })
    }

    pub(super) fn sql(&self, dialect: Dialect) -> String {
        Table::core(self.name).sql(dialect)
    }

    pub(super) fn table(&self, dialect: Dialect) -> String {
        Table::core(&self.of.table).sql(dialect)
    }

    pub(super) fn numbers(&self, dialect: Dialect) -> String {
        Table::core(&self.of.numbers).sql(dialect)
    }

    pub(super) fn number(&self) -> String {
        ident(&self.of.number)
    }

    /// A row of the table beside its row among the numbers: `t.… = k.…`.
    pub(super) fn same(&self) -> String {
        let parts: Vec<_> =
            self.of.joined.iter().map(|(own, key)| format!("t.{} = k.{}", ident(own), ident(key))).collect();
        parts.join(" AND ")
    }

    /// The row of the table that `OLD` shows, with its row among the numbers as `k`.
    pub(super) fn is_old(&self) -> String {
        let rest = self.rest.iter().map(|column| format!("t.{0} = OLD.{0}", ident(column)));
        let found = [format!("k.core_id = OLD.{}", self.number()), self.same()];
        found.into_iter().chain(rest).collect::<Vec<_>>().join(" AND ")
    }

    pub(super) fn listed(&self, before: &str) -> Vec<String> {
        self.columns.iter().map(|column| format!("{before}{}", ident(column))).collect()
    }

    /// The values of a new row. What the load file does not give is as the table makes it.
    pub(super) fn inserted_values(&self, table: &TableShape) -> Vec<String> {
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

    /// What is said of each column of the numbers' key that the view shows, and so can be written through it.
    pub(super) fn of_shown_key(&self, say: impl Fn(&str) -> String) -> Vec<String> {
        let shown = self.of.joined.iter().filter(|(own, _)| self.columns.contains(own));
        shown.map(|(_, key)| say(&ident(key))).collect()
    }

    /// The one column of the key that the database fills: its name in the table, and among the numbers.
    pub(super) fn made_column(&self) -> Result<(&str, &str)> {
        let mut joined = self.of.joined.iter().map(|(own, key)| (own.as_str(), key.as_str()));
        joined.find(|(_, key)| *key != TENANT).ok_or_else(|| StoreError::internal("a key without columns"))
    }

    /// What puts a new row where fields are the key: the row, and its number with the key that it has. What
    /// is changed goes by its own name, since SQLite takes no alias for it in a trigger.
    pub(super) fn natural_row(&self, dialect: Dialect, table: &TableShape) -> String {
        let plain = format!(
            "INSERT INTO {} ({}) VALUES ({});",
            self.table(dialect),
            self.listed("").join(", "),
            self.inserted_values(table).join(", ")
        );
        if !self.of.is_core {
            return plain;
        }
        let (k, own, number) = (self.numbers(dialect), ident(&self.of.numbers), self.number());
        format!(
            "{plain}\nDELETE FROM {k} WHERE {own}.core_id = NEW.{number} OR ({});\nINSERT INTO {k} (core_id, {}) VALUES (NEW.{number}, {});",
            self.of_shown_key(|column| format!("{own}.{column} = NEW.{column}")).join(" AND "),
            self.of_shown_key(str::to_owned).join(", "),
            self.of_shown_key(|column| format!("NEW.{column}")).join(", "),
        )
    }

    /// What puts a new row under the key that its number has, where the database made that.
    pub(super) fn made_row(&self, dialect: Dialect, table: &TableShape) -> Result<String> {
        let (own, key) = self.made_column()?;
        Ok(format!(
            "INSERT INTO {} ({}, {}) SELECT k.{}, {} FROM {} k WHERE k.core_id = NEW.{};",
            self.table(dialect),
            ident(own),
            self.listed("").join(", "),
            ident(key),
            self.inserted_values(table).join(", "),
            self.numbers(dialect),
            self.number(),
        ))
    }

    /// The columns of the key beside the one that the database fills, each with a comma before it, and their new values.
    pub(super) fn beside_made(&self) -> [String; 2] {
        [
            self.of_shown_key(|column| format!(", {column}")).concat(),
            self.of_shown_key(|column| format!(", NEW.{column}")).concat(),
        ]
    }

    /// What takes the values of a row that changes: `column = NEW.column`.
    pub(super) fn updated_values(&self) -> String {
        let each = self.columns.iter().map(|column| format!("{0} = NEW.{0}", ident(column)));
        each.collect::<Vec<_>>().join(", ")
    }

    /// What follows a key that changes, if fields are the key: its row among the numbers, and the rows of the tables that have
    /// its columns. Statements without their ends, behind whose conditions more may stand.
    pub(super) fn moved(&self, dialect: Dialect, children: &[&View<'_>]) -> Option<Moved> {
        let key = self.of_shown_key(str::to_owned);
        if !self.of.is_core || self.of.is_made || key.is_empty() {
            return None;
        }
        let differs = match dialect {
            Dialect::Postgres => "IS DISTINCT FROM",
            Dialect::Sqlite => "IS NOT",
        };
        let (k, own, number) = (self.numbers(dialect), ident(&self.of.numbers), self.number());
        let same = self.of_shown_key(|column| format!("{own}.{column} = NEW.{column}"));
        let set = self.of_shown_key(|column| format!("{column} = NEW.{column}"));
        // The table has just proved that nobody else lives under the key, so another number of it is that of a row that is gone.
        let mut statements = vec![
            format!("DELETE FROM {k} WHERE {own}.core_id <> OLD.{number} AND {}", same.join(" AND ")),
            format!("UPDATE {k} SET {} WHERE {own}.core_id = OLD.{number}", set.join(", ")),
        ];
        for child in children {
            let joined = || child.of.joined.iter().map(|(own, key)| (ident(own), ident(key)));
            let set: Vec<String> = joined().map(|(own, key)| format!("{own} = NEW.{key}")).collect();
            let table = ident(&child.of.table);
            let old: Vec<String> = joined().map(|(own, key)| format!("{table}.{own} = OLD.{key}")).collect();
            statements.push(format!(
                "UPDATE {} SET {} WHERE {}",
                child.table(dialect),
                set.join(", "),
                old.join(" AND ")
            ));
        }
        let differs = self.of_shown_key(|column| format!("(NEW.{column} {differs} OLD.{column})"));
        Some(Moved { differs: differs.join(" OR "), statements })
    }

    pub(super) fn select(&self, dialect: Dialect) -> String {
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

/// A key that changes: whether it does, and what follows it.
pub(super) struct Moved {
    pub(super) differs: String,
    pub(super) statements: Vec<String>,
}

impl View<'_> {
    pub(super) fn column<'t>(&self, table: &'t TableShape, column: &str) -> Result<&'t TableColumn> {
        table.column(column).ok_or_else(|| {
            let message = match table.columns.is_empty() {
                true => format!("the database has no table `{}`", self.of.table),
                false => format!("the table `{}` has no column `{column}`", self.of.table),
            };
            StoreError::new(StoreErrorKind::Schema, message)
        })
    }

    /// The table has what the view shows, and rows can be told apart by its key.
    pub(super) fn fits(&self, table: &TableShape) -> Result<()> {
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
    pub(super) fn made(&self, table: &TableShape, uuid: &str) -> Result<String> {
        let (_, key) = self.made_column()?;
        let column = self.column(table, key)?;
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
