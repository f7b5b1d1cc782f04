//! Kinds that are text: delimited, at fixed places, JSON, vCards.

use serde_json::{Map, Value};

use super::kind::{Kind, Names, by_name, no_words};
use super::table::{Cell, Meant};
use super::{Case, NO_MARK, NO_NAMES};
use crate::tables::Table;

pub const CSV: Kind = Kind {
    name: "csv",
    connector: "csv",
    shown: "csv",
    word: "delimited text",
    names: Names::File,
    write: csv,
    words: no_words,
    rows: by_name,
    begun: Some(lines_below_header),
    leaves_out: &[],
};

pub const FIXED_WIDTH: Kind = Kind {
    name: "fixed_width",
    connector: "fixed_width",
    shown: "fixed_width",
    word: "delimited text",
    names: Names::Elsewhere,
    write: fixed_width,
    words: layout,
    rows: by_name,
    begun: Some(lines),
    leaves_out: &[
        (Case::HeaderOnly, NO_NAMES),
        (Case::BlankNames, "a column without a name is refused by its layout"),
        (Case::Recognised, "nothing in such a file tells its columns: it is read by name only"),
    ],
};

pub const JSON: Kind = Kind {
    name: "json",
    connector: "json",
    shown: "json",
    word: "JSON",
    names: Names::Records,
    write: json,
    words: no_words,
    rows: by_name,
    begun: None,
    leaves_out: &[],
};

pub const NDJSON: Kind = Kind {
    name: "ndjson",
    write: ndjson,
    begun: Some(lines),
    leaves_out: &[(Case::HeaderOnly, NO_NAMES)],
    ..JSON
};

pub const VCARD: Kind = Kind {
    name: "vcard",
    connector: "vcard",
    shown: "vcard",
    word: "vCard",
    names: Names::Elsewhere,
    write: vcard,
    words: no_words,
    rows: of_cards,
    begun: Some(cards),
    leaves_out: &[
        (Case::HeaderOnly, NO_NAMES),
        (Case::BlankNames, NO_MARK),
        (Case::DuplicateNames, NO_MARK),
        (Case::UnicodeNames, NO_MARK),
    ],
};

pub fn csv(meant: &Meant) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&meant.header).expect("memory");
    for row in &meant.rows {
        writer.write_record(row.iter().map(Cell::written)).expect("memory");
    }
    writer.into_inner().expect("memory")
}

fn lines(cut: &[u8]) -> usize {
    cut.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count()
}

fn lines_below_header(cut: &[u8]) -> usize {
    lines(cut).saturating_sub(1)
}

/// One more character than the longest cell of each column.
fn widths(meant: &Meant) -> Vec<usize> {
    let width =
        |i: usize| meant.rows.iter().map(|row| row[i].written().chars().count()).max().unwrap_or(0) + 1;
    (0..meant.header.len()).map(width).collect()
}

fn layout(meant: &Meant) -> Vec<(&'static str, String)> {
    let columns = meant.header.iter().zip(widths(meant));
    vec![("layout", columns.map(|(name, width)| format!("{name}:{width}")).collect::<Vec<_>>().join(", "))]
}

fn fixed_width(meant: &Meant) -> Vec<u8> {
    let widths = widths(meant);
    let mut text = String::new();
    for row in &meant.rows {
        for (cell, width) in row.iter().zip(&widths) {
            let cell = cell.written();
            text.push_str(&cell);
            text.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
        }
        text.push('\n');
    }
    text.into_bytes()
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(n) => (*n).into(),
        Cell::Number(n) => (*n).into(),
        Cell::Truth(is) => (*is).into(),
        Cell::Text(_) | Cell::Date(_) | Cell::Time(_) => cell.written().into(),
    }
}

/// Written by hand, for names may come twice.
fn objects(meant: &Meant) -> Vec<String> {
    let object = |(i, row): (usize, &Vec<Cell>)| {
        let member = |(name, cell)| format!("{}:{}", Value::from(String::clone(name)), value(cell));
        let mut members: Vec<String> = meant.header.iter().zip(row).map(member).collect();
        if meant.mixed {
            members.rotate_left(i % meant.header.len());
        }
        format!("{{{}}}", members.join(","))
    };
    meant.rows.iter().enumerate().map(object).collect()
}

fn json(meant: &Meant) -> Vec<u8> {
    format!("[\n{}\n]\n", objects(meant).join(",\n")).into_bytes()
}

fn ndjson(meant: &Meant) -> Vec<u8> {
    objects(meant).into_iter().map(|object| object + "\n").collect::<String>().into_bytes()
}

/// The property for a column: what has none of its own goes with the others.
fn property(name: &str) -> String {
    match name {
        "id" => "UID".to_owned(),
        "name" => "FN".to_owned(),
        other => format!("X-{}", other.to_uppercase()),
    }
}

fn vcard(meant: &Meant) -> Vec<u8> {
    let mut text = String::new();
    for row in &meant.rows {
        text.push_str("BEGIN:VCARD\r\nVERSION:3.0\r\n");
        for (name, cell) in meant.header.iter().zip(row).filter(|(_, cell)| **cell != Cell::Null) {
            let written = cell.written().replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
            text.push_str(&format!("{}:{written}\r\n", property(name)));
        }
        text.push_str("END:VCARD\r\n");
    }
    text.into_bytes()
}

fn cards(cut: &[u8]) -> usize {
    cut.windows(11).filter(|word| word == b"BEGIN:VCARD").count()
}

fn of_cards(table: &Table, meant: &Meant) -> Vec<Vec<String>> {
    let (uid, full_name, more) = (table.column("uid"), table.column("full_name"), table.column("_more"));
    let row = |i: usize| {
        let more: Map<String, Value> = serde_json::from_str(&more[i]).unwrap_or_default();
        let other = |name: &str| more.get(&property(name)).and_then(Value::as_str).unwrap_or("~").to_owned();
        let cell = |name: &String| match name.as_str() {
            "id" => uid[i].clone(),
            "name" => full_name[i].clone(),
            name => other(name),
        };
        meant.header.iter().map(cell).collect()
    };
    (0..uid.len()).map(row).collect()
}
