//! A page of a story: headings, lines, values, and the SQL behind them.

use std::fmt::Write as _;

use importer_engine::why::{Asked, Row};
use serde_json::Value;

use crate::screen::{self, Table, line};

/// Text that grows section by section.
pub struct Page {
    text: String,
    with_sql: bool,
    colours: bool,
}

impl Page {
    /// An empty page, with or without SQL.
    pub fn new(with_sql: bool) -> Self {
        Self { text: String::new(), with_sql, colours: screen::colours(&std::io::stdout()) }
    }

    /// What the page says.
    pub fn finish(self) -> String {
        self.text
    }

    /// The sentence that says it all.
    pub fn title(&mut self, text: &str) {
        let text = line(text);
        let _ = if self.colours {
            writeln!(self.text, "\x1b[1m{text}\x1b[0m")
        } else {
            writeln!(self.text, "{text}")
        };
    }

    /// The beginning of a section: a step, and what it did.
    pub fn section(&mut self, name: &str, what: &str) {
        let (name, what) = (line(name), line(what));
        let _ = if self.colours {
            writeln!(self.text, "\n\x1b[1m{name:<9}\x1b[0m {what}")
        } else {
            writeln!(self.text, "\n{name:<9} {what}")
        };
    }

    /// A line of a section.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {}", line(text));
    }

    /// A line below a line.
    pub fn below(&mut self, text: &str) {
        let _ = writeln!(self.text, "      {}", line(text));
    }

    /// A table, set in.
    pub fn table(&mut self, mut table: Table) {
        for row in table.text().lines() {
            let _ = writeln!(self.text, "  {row}");
        }
    }

    /// One statement, always shown.
    pub fn sql(&mut self, sql: &str) {
        for row in sql.lines() {
            let _ = writeln!(self.text, "      {}", line(row));
        }
    }

    /// The statements of a section, where they were asked for.
    pub fn asked(&mut self, asked: &[Asked]) {
        if !self.with_sql {
            return;
        }
        for one in asked {
            let cut = if one.cut { ", and more rows than are told here" } else { "" };
            let _ = writeln!(self.text, "\n    -- {}{cut}", line(&one.name));
            for row in one.sql.lines() {
                let _ = writeln!(self.text, "    {}", line(row));
            }
        }
    }

    /// Whether SQL is shown.
    pub fn shows_sql(&self) -> bool {
        self.with_sql
    }
}

/// A cell of an answer, empty for NULL.
pub fn cell(row: &Row, name: &str) -> String {
    match row.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A cell between the words around it; nothing at all where it is empty.
pub fn said(before: &str, row: &Row, name: &str, after: &str) -> String {
    match cell(row, name) {
        text if text.is_empty() => text,
        text => format!("{before}{text}{after}"),
    }
}

/// A time of an answer, to the second.
pub fn moment(text: &str) -> String {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    match time.get(..8) {
        Some(time) => format!("{date} {time} UTC"),
        None => text.to_owned(),
    }
}

/// `by anna`, or nothing.
pub fn by(who: Option<&str>) -> String {
    who.filter(|w| !w.is_empty()).map_or_else(String::new, |w| format!(" by {w}"))
}
