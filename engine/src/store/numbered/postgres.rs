//! The view of a numbered table on Postgres: one function writes what is inserted, updated and deleted.

use super::super::shape::TableShape;
use super::super::{Dialect, Result, StoreError, StoreErrorKind, ident};
use super::{View, written};

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
    Ok(format!("DECLARE importer_key {}.{}%TYPE;\n", view.numbers(PG), ident(view.made_column()?)))
}

fn inserted(view: &View<'_>, table: &TableShape) -> Result<String> {
    let (of, number) = (view.table(PG), view.number());
    let (columns, values) = (view.listed(""), view.inserted_values(table));
    if !view.of.is_made {
        let plain = format!("INSERT INTO {of} ({}) VALUES ({});", columns.join(", "), values.join(", "));
        if !view.of.is_core {
            return Ok(plain);
        }
        let key = view.shown_key();
        let same: Vec<String> = key.iter().map(|column| format!("k.{column} = NEW.{column}")).collect();
        let new: Vec<String> = key.iter().map(|column| format!("NEW.{column}")).collect();
        return Ok(format!(
            "{plain}\nDELETE FROM {k} k WHERE k.core_id = NEW.{number} OR ({});\nINSERT INTO {k} (core_id, {}) VALUES (NEW.{number}, {});",
            same.join(" AND "),
            key.join(", "),
            new.join(", "),
            k = view.numbers(PG),
        ));
    }
    let made = ident(view.of.joined.last().map_or("", |(own, _)| own.as_str()));
    if !view.of.is_core {
        return Ok(format!(
            "INSERT INTO {of} ({made}, {}) SELECT k.{key}, {} FROM {} k WHERE k.core_id = NEW.{number};\nIF NOT FOUND THEN RAISE EXCEPTION 'the core row % has no number', NEW.{number}; END IF;",
            columns.join(", "),
            values.join(", "),
            view.numbers(PG),
            key = ident(view.made_column()?),
        ));
    }
    let key = ident(view.made_column()?);
    let shown = view.shown_key();
    let (listed, new): (String, String) =
        shown.iter().map(|column| (format!(", {column}"), format!(", NEW.{column}"))).unzip();
    Ok(format!(
        "SELECT k.{key} INTO importer_key FROM {k} k WHERE k.core_id = NEW.{number};\nIF NOT FOUND THEN\nINSERT INTO {k} AS k (core_id, {key}{listed}) VALUES (NEW.{number}, {}{new}) RETURNING k.{key} INTO importer_key;\nEND IF;\nINSERT INTO {of} ({made}, {}) VALUES (importer_key, {});",
        view.made(table, "gen_random_uuid()")?,
        columns.join(", "),
        values.join(", "),
        k = view.numbers(PG),
    ))
}

fn updated(view: &View<'_>, children: &[&View<'_>]) -> String {
    let set: Vec<String> =
        view.columns.iter().map(|column| format!("{0} = NEW.{0}", ident(column))).collect();
    let update = format!(
        "UPDATE {} t SET {} FROM {k} k WHERE {};\nIF NOT FOUND THEN RETURN NULL; END IF;",
        view.table(PG),
        set.join(", "),
        view.is_old(),
        k = view.numbers(PG),
    );
    let key = view.shown_key();
    if !view.of.is_core || view.of.is_made {
        return update;
    }
    let each = |of: &dyn Fn(&String) -> String| key.iter().map(of).collect::<Vec<_>>();
    let differs = each(&|column| format!("NEW.{column} IS DISTINCT FROM OLD.{column}")).join(" OR ");
    let same = each(&|column| format!("k.{column} = NEW.{column}")).join(" AND ");
    let set = each(&|column| format!("{column} = NEW.{column}")).join(", ");
    let (k, number) = (view.numbers(PG), view.number());
    // The table has just proved that nobody else lives under the key, so another number of it is that of a row that is gone.
    let mut moved = format!(
        "DELETE FROM {k} k WHERE k.core_id <> OLD.{number} AND {same};\nUPDATE {k} k SET {set} WHERE k.core_id = OLD.{number};"
    );
    for child in children {
        let part = |of: &dyn Fn(&str, &str) -> String| {
            child.of.joined.iter().map(|(own, key)| of(&ident(own), &ident(key))).collect::<Vec<_>>()
        };
        moved.push_str(&format!(
            "\nUPDATE {} t SET {} WHERE {};",
            child.table(PG),
            part(&|own, key| format!("{own} = NEW.{key}")).join(", "),
            part(&|own, key| format!("t.{own} = OLD.{key}")).join(" AND "),
        ));
    }
    format!("{update}\nIF {differs} THEN\n{moved}\nEND IF;")
}

/// The number stays, so that a row that is put back has the key that it had.
fn deleted(view: &View<'_>) -> String {
    format!("DELETE FROM {} t USING {} k WHERE {};", view.table(PG), view.numbers(PG), view.is_old())
}
