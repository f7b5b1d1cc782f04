//! The view of a numbered table on SQLite: a trigger each for what is inserted, updated and deleted.

use super::super::shape::TableShape;
use super::super::{Dialect, Result, ident};
use super::View;

const LITE: Dialect = Dialect::Sqlite;
/// A random UUID of version 4.
const UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/// The statements that make a view, in the place of one that is there.
pub(super) fn view(view: &View<'_>, table: &TableShape, is_there: bool) -> Result<String> {
    let name = view.sql(LITE);
    let gone = if is_there { format!("DROP VIEW {name};\n") } else { String::new() };
    let trigger = |what: &str, body: String| {
        let trigger = ident(&format!("{}_{what}", view.name));
        format!("CREATE TRIGGER {trigger} INSTEAD OF {what} ON {name} BEGIN\n{body}\nEND;")
    };
    Ok(format!(
        "{gone}{};\n{}\n{}\n{}",
        view.select(LITE),
        trigger("INSERT", inserted(view, table)?),
        trigger("UPDATE", updated(view)),
        trigger("DELETE", deleted(view)),
    ))
}

fn inserted(view: &View<'_>, table: &TableShape) -> Result<String> {
    let (of, k, number) = (view.table(LITE), view.numbers(LITE), view.number());
    let (columns, values) = (view.listed(""), view.listed("NEW."));
    if !view.of.is_made {
        let plain = format!("INSERT INTO {of} ({}) VALUES ({});", columns.join(", "), values.join(", "));
        if !view.of.is_core {
            return Ok(plain);
        }
        let key = view.shown_key();
        let same: Vec<String> = key.iter().map(|column| format!("{column} = NEW.{column}")).collect();
        let new: Vec<String> = key.iter().map(|column| format!("NEW.{column}")).collect();
        return Ok(format!(
            "{plain}\nDELETE FROM {k} WHERE core_id = NEW.{number} OR ({});\nINSERT INTO {k} (core_id, {}) VALUES (NEW.{number}, {});",
            same.join(" AND "),
            key.join(", "),
            new.join(", "),
        ));
    }
    let key = ident(view.made_column()?);
    let made = ident(view.of.joined.last().map_or("", |(own, _)| own.as_str()));
    let numbered = match view.of.is_core {
        false => String::new(),
        true => {
            let shown = view.shown_key();
            let (listed, new): (String, String) =
                shown.iter().map(|column| (format!(", {column}"), format!(", NEW.{column}"))).unzip();
            format!(
                "INSERT INTO {k} (core_id, {key}{listed}) SELECT NEW.{number}, {}{new} WHERE NOT EXISTS (SELECT 1 FROM {k} WHERE core_id = NEW.{number});\n",
                view.made(table, UUID)?,
            )
        }
    };
    Ok(format!(
        "{numbered}INSERT INTO {of} ({made}, {}) SELECT k.{key}, {} FROM {k} k WHERE k.core_id = NEW.{number};",
        columns.join(", "),
        values.join(", "),
    ))
}

fn updated(view: &View<'_>) -> String {
    let set: Vec<String> =
        view.columns.iter().map(|column| format!("{0} = NEW.{0}", ident(column))).collect();
    let update = format!("UPDATE {} SET {} WHERE {};", view.table(LITE), set.join(", "), is_old(view));
    if !view.of.is_core || view.of.is_made {
        return update;
    }
    let set: Vec<String> = view.shown_key().iter().map(|column| format!("{column} = NEW.{column}")).collect();
    let numbers = view.numbers(LITE);
    format!("{update}\nUPDATE {numbers} SET {} WHERE core_id = OLD.{};", set.join(", "), view.number())
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
