//! Names of columns, and their order.

use std::collections::HashSet;

use super::kind::Kind;
use super::table::{Cell, Meant};
use crate::tables::Table;

/// Names are there, each once, even where capitals do not count.
fn sound(table: &Table) {
    let names = &table.headers.unique;
    assert!(names.iter().all(|name| !name.trim().is_empty()), "{names:?}");
    let folded: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), names.len(), "{names:?}");
}

/// Each value of each row stands somewhere in its record.
fn nothing_is_lost(table: &Table, meant: &Meant) {
    assert_eq!(table.records.num_rows(), meant.rows.len());
    for (found, wanted) in table.cells().iter().zip(&meant.rows) {
        for cell in wanted.iter().map(Cell::written).filter(|cell| !cell.is_empty()) {
            assert!(found.iter().any(|text| text.contains(&cell)), "{cell} is not in {found:?}");
        }
    }
}

fn rows(columns: usize) -> Vec<Vec<Cell>> {
    (0..4).map(|i| (0..columns).map(|n| format!("v{i}x{n}").into()).collect()).collect()
}

pub fn duplicates(kind: &Kind) {
    let meant = Meant::new(&["id", "name", "name", "Name", "name_2"], rows(5));
    let table = kind.read(&meant);
    sound(&table);
    nothing_is_lost(&table, &meant);
    assert!(table.headers.unique.iter().any(|name| name == "name_2"), "{:?}", table.headers.unique);
}

pub fn blank(kind: &Kind) {
    let meant = Meant::new(&["id", "", "name", " ", "city"], rows(5));
    let table = kind.read(&meant);
    sound(&table);
    nothing_is_lost(&table, &meant);
    assert_eq!(table.column("city"), ["v0x4", "v1x4", "v2x4", "v3x4"]);
}

/// Composed and decomposed letters are not the same name.
pub fn unicode(kind: &Kind) {
    let meant = Meant::new(&["id", "имя", "e\u{301}", "é", "name 😀", "שם"], rows(6));
    let table = kind.read(&meant);
    assert_eq!(table.headers.unique, meant.header);
    assert_eq!((kind.rows)(&table, &meant), meant.texts());
}

pub fn other_order(kind: &Kind) {
    let meant = Meant::people(20);
    let turned = meant.turned();
    let (one, other) = (kind.read(&meant), kind.read(&turned));
    assert_eq!((kind.rows)(&one, &meant), (kind.rows)(&other, &meant));
}
