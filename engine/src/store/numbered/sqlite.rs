//! The view of a numbered table on SQLite: a trigger each for what is inserted, updated and deleted.

use super::super::shape::TableShape;
use super::super::{Dialect, Result, ident};
use super::view::View;

const LITE: Dialect = Dialect::Sqlite;
/// A random UUID of version 4.
const UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/// The statements that make a view. `children` are tables that have the columns of its key.
pub(super) fn view(view: &View<'_>, children: &[&View<'_>], table: &TableShape) -> Result<String> {
    let name = view.sql(LITE);
    let trigger = |what: &str, body: String| {
        let trigger = ident(&format!("{}_{what}", view.name));
        format!("CREATE TRIGGER {trigger} INSTEAD OF {what} ON {name} BEGIN\n{body}\nEND;")
    };
    Ok(format!(
        "{};\n{}\n{}\n{}",
        view.select(LITE),
        trigger("INSERT", inserted(view, table)?),
        trigger("UPDATE", updated(view, children)),
        trigger("DELETE", deleted(view)),
    ))
}

fn inserted(view: &View<'_>, table: &TableShape) -> Result<String> {
    if !view.of.is_made {
        return Ok(view.natural_row(LITE, table));
    }
    let row = view.made_row(LITE, table)?;
    if !view.of.is_core {
        return Ok(row);
    }
    let (_, key) = view.made_column()?;
    let [listed, new] = view.beside_made();
    Ok(format!(
        "INSERT INTO {k} (core_id, {}{listed}) SELECT NEW.{number}, {}{new} WHERE NOT EXISTS (SELECT 1 FROM {k} WHERE core_id = NEW.{number});\n{row}",
        ident(key),
        view.made(table, UUID)?,
        k = view.numbers(LITE),
        number = view.number(),
    ))
}

fn updated(view: &View<'_>, children: &[&View<'_>]) -> String {
    let update = format!("UPDATE {} SET {} WHERE {};", view.table(LITE), view.updated_values(), is_old(view));
    let Some(moved) = view.moved(LITE, children) else { return update };
    // A trigger has no IF: each statement asks for itself.
    let follow = moved.statements.iter().map(|statement| format!("\n{statement} AND ({});", moved.differs));
    format!("{update}{}", follow.collect::<String>())
}

/// The number stays, so that a row that is put back has the key that it had.
fn deleted(view: &View<'_>) -> String {
    format!("DELETE FROM {} WHERE {};", view.table(LITE), is_old(view))
}

/// The row of the table that `OLD` shows. What a trigger changes has no other name there.
fn is_old(view: &View<'_>) -> String {
    let rest = || view.rest.iter().map(|column| ident(column));
    let own: Vec<String> = view.of.joined.iter().map(|(own, _)| ident(own)).chain(rest()).collect();
    let keys = view.of.joined.iter().map(|(_, key)| format!("k.{}", ident(key)));
    let found: Vec<String> = keys.chain(rest().map(|column| format!("OLD.{column}"))).collect();
    format!(
        "({}) IN (SELECT {} FROM {} k WHERE k.core_id = OLD.{})",
        own.join(", "),
        found.join(", "),
        view.numbers(LITE),
        view.number(),
    )
}
