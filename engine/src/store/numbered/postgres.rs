//! The view of a numbered table on Postgres: one function writes what is inserted, updated and deleted.

use super::super::shape::TableShape;
use super::super::{Dialect, Result, StoreError, StoreErrorKind, Table, ident};
use super::view::View;

const PG: Dialect = Dialect::Postgres;
/// What the text of the function stands between.
const QUOTE: &str = "$importer$";

/// The statements that make a view. `children` are tables that have the columns of its key.
pub(super) fn view(view: &View<'_>, children: &[&View<'_>], table: &TableShape) -> Result<String> {
    let body = format!(
        "{}BEGIN\nIF TG_OP = 'INSERT' THEN\n{}\nRETURN NEW;\nELSIF TG_OP = 'UPDATE' THEN\n{}\nRETURN NEW;\nELSE\n{}\nRETURN OLD;\nEND IF;\nEND",
        declared(view)?,
        inserted(view, table)?,
        updated(view, children),
        deleted(view),
    );
    if body.contains(QUOTE) {
        let message = format!("a column of the table `{}` has a name with {QUOTE}", view.of.table);
        return Err(StoreError::new(StoreErrorKind::Schema, message));
    }
    let (name, function) = (view.sql(PG), written(view.name));
    Ok(format!(
        "{};\nCREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {QUOTE}\n{body}\n{QUOTE};\nCREATE TRIGGER importer_write INSTEAD OF INSERT OR UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {function}();",
        view.select(PG),
    ))
}

fn declared(view: &View<'_>) -> Result<String> {
    if !(view.of.is_core && view.of.is_made) {
        return Ok(String::new());
    }
    let (_, key) = view.made_column()?;
    Ok(format!("DECLARE importer_key {}.{}%TYPE;\n", view.numbers(PG), ident(key)))
}

fn inserted(view: &View<'_>, table: &TableShape) -> Result<String> {
    let number = view.number();
    if !view.of.is_made {
        return Ok(view.natural_row(PG, table));
    }
    if !view.of.is_core {
        return Ok(format!(
            "{}\nIF NOT FOUND THEN RAISE EXCEPTION 'the core row % has no number', NEW.{number}; END IF;",
            view.made_row(PG, table)?,
        ));
    }
    let (own, key) = view.made_column()?;
    let key = ident(key);
    let [listed, new] = view.beside_made();
    Ok(format!(
        "SELECT k.{key} INTO importer_key FROM {k} k WHERE k.core_id = NEW.{number};\nIF NOT FOUND THEN\nINSERT INTO {k} AS k (core_id, {key}{listed}) VALUES (NEW.{number}, {}{new}) RETURNING k.{key} INTO importer_key;\nEND IF;\nINSERT INTO {of} ({made}, {}) VALUES (importer_key, {});",
        view.made(table, "gen_random_uuid()")?,
        view.listed("").join(", "),
        view.inserted_values(table).join(", "),
        k = view.numbers(PG),
        of = view.table(PG),
        made = ident(own),
    ))
}

fn updated(view: &View<'_>, children: &[&View<'_>]) -> String {
    let update = format!(
        "UPDATE {} t SET {} FROM {} k WHERE {};\nIF NOT FOUND THEN RETURN NULL; END IF;",
        view.table(PG),
        view.updated_values(),
        view.numbers(PG),
        view.is_old(),
    );
    match view.moved(PG, children) {
        Some(moved) => {
            format!("{update}\nIF {} THEN\n{};\nEND IF;", moved.differs, moved.statements.join(";\n"))
        }
        None => update,
    }
}

/// The number stays, so that a row that is put back has the key that it had.
fn deleted(view: &View<'_>) -> String {
    format!("DELETE FROM {} t USING {} k WHERE {};", view.table(PG), view.numbers(PG), view.is_old())
}

/// The function that writes what is written to a view of Postgres.
pub(super) fn written(view: &str) -> String {
    Table::core(format!("{view}_write")).sql(Dialect::Postgres)
}
