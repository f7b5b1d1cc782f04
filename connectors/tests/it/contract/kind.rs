//! A kind of source: how a table is written as one, and which cases it leaves out.

use importer_connectors::batches::Batches;
use importer_connectors::connector::{self, Input, Request};
use importer_connectors::source::{Source, SourceError};

use super::order::sound;
use super::table::Meant;
use super::{Case, columnar};
use crate::tables::{Table, drain, request};

/// Where the names of columns come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They stand in the file, also where it has no records.
    File,
    /// The records have them.
    Records,
    /// The caller, or the format.
    Elsewhere,
}

/// A connector with one of its formats, or record batches in memory.
pub struct Kind {
    pub name: &'static str,
    /// In the list of connectors; batches in memory have none.
    pub connector: &'static str,
    /// What the description says: of an archive, the connector of its member.
    pub shown: &'static str,
    /// A word for the format that errors about its files say.
    pub word: &'static str,
    pub names: Names,
    pub write: fn(&Meant) -> Vec<u8>,
    /// Options without which it cannot be read.
    pub words: fn(&Meant) -> Vec<(&'static str, String)>,
    /// The rows that were read, under the names that the table has.
    pub rows: fn(&Table, &Meant) -> Vec<Vec<String>>,
    /// Records that begin in a file that was cut off, where nothing marks its end.
    pub begun: Option<fn(&[u8]) -> usize>,
    /// Cases that do not apply, and why.
    pub leaves_out: &'static [(Case, &'static str)],
}

pub fn no_words(_: &Meant) -> Vec<(&'static str, String)> {
    Vec::new()
}

/// Rows by the names of columns.
pub fn by_name(table: &Table, meant: &Meant) -> Vec<Vec<String>> {
    let names = &table.headers.original;
    let place = |name: &String| names.iter().position(|n| n.trim() == name);
    let found: Option<Vec<usize>> = meant.header.iter().map(place).collect();
    let found = found.unwrap_or_else(|| panic!("{:?} in {names:?}", meant.header));
    table.cells().iter().map(|row| found.iter().map(|i| row[*i].clone()).collect()).collect()
}

impl Kind {
    pub fn is_file(&self) -> bool {
        self.connector != columnar::BATCHES
    }

    /// The options as pairs of words, with others beside them.
    pub fn request(&self, meant: &Meant, rows: usize, others: &[(&str, &str)]) -> Request {
        let words = (self.words)(meant);
        let mut all: Vec<(&str, &str)> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(others);
        request(&all, rows)
    }

    /// Opens an input as this kind.
    pub fn open(
        &self,
        input: Input,
        meant: &Meant,
        rows: usize,
        others: &[(&str, &str)],
    ) -> Result<Vec<Box<dyn Source>>, SourceError> {
        connector::open(self.connector, input, &self.request(meant, rows, others))
    }

    /// The table as an opened source.
    pub fn source(&self, meant: &Meant, rows: usize) -> Result<Box<dyn Source>, SourceError> {
        if !self.is_file() {
            return Ok(Box::new(Batches::new("test.bin", columnar::batches(meant, rows))?));
        }
        let mut sources = self.open(Input::bytes("test.bin", (self.write)(meant)), meant, rows, &[])?;
        assert_eq!(sources.len(), 1);
        Ok(sources.remove(0))
    }

    /// The table read to its end in batches of so many records.
    pub fn try_read(&self, meant: &Meant, rows: usize) -> Result<Table, SourceError> {
        let table = drain(self.source(meant, rows)?.as_mut(), rows);
        sound(&table);
        Ok(table)
    }

    /// The table read to its end, which must go well.
    pub fn read(&self, meant: &Meant) -> Table {
        let table = match self.try_read(meant, 8192) {
            Ok(table) => table,
            Err(e) => panic!("{} {e}: {:?}\n{}", e.code(), std::error::Error::source(&e), e.help()),
        };
        assert!(table.stopped.is_none(), "{:?}", table.stopped);
        assert!(table.rejects.is_empty(), "{:?}", table.rejects);
        table
    }

    pub fn why_not(&self, case: Case) -> Option<&'static str> {
        self.leaves_out.iter().find(|(left, _)| *left == case).map(|(_, why)| *why)
    }
}
