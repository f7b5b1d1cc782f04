//! The view of a numbered table on SQLite: a trigger each for what is inserted, updated and deleted.

use super::super::shape::TableShape;
use super::super::{Dialect, Result, ident};
use super::View;

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
    let (of, k, number) = (view.table(LITE), view.numbers(LITE), view.number());
    let (columns, values) = (view.listed(""), view.inserted_values(table));
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

fn updated(view: &View<'_>, children: &[&View<'_>]) -> String {
    let set: Vec<String> =
        view.columns.iter().map(|column| format!("{0} = NEW.{0}", ident(column))).collect();
    let update = format!("UPDATE {} SET {} WHERE {};", view.table(LITE), set.join(", "), is_old(view));
    if !view.of.is_core || view.of.is_made {
        return update;
    }
    let key = view.shown_key();
    let each = |of: &dyn Fn(&String) -> String| key.iter().map(of).collect::<Vec<_>>();
    let same = each(&|column| format!("{column} = NEW.{column}")).join(" AND ");
    let set = each(&|column| format!("{column} = NEW.{column}")).join(", ");
    let (k, number) = (view.numbers(LITE), view.number());
    // The table has just proved that nobody else lives under the key, so another number of it is that of a row that is gone.
    let mut moved = format!(
        "{update}\nDELETE FROM {k} WHERE core_id <> OLD.{number} AND {same};\nUPDATE {k} SET {set} WHERE core_id = OLD.{number};"
    );
    for child in children {
        let part = |of: &dyn Fn(&str, &str) -> String| {
            child.of.joined.iter().map(|(own, key)| of(&ident(own), &ident(key))).collect::<Vec<_>>()
        };
        let differs = each(&|column| format!("NEW.{column} IS NOT OLD.{column}")).join(" OR ");
        moved.push_str(&format!(
            "\nUPDATE {} SET {} WHERE {} AND ({differs});",
            child.table(LITE),
            part(&|own, key| format!("{own} = NEW.{key}")).join(", "),
            part(&|own, key| format!("{own} = OLD.{key}")).join(" AND "),
        ));
    }
    moved
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
