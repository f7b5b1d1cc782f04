//! One record into the columns, straight from the text.

use std::collections::HashMap;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use jiter::{Jiter, Peek};

use super::code;
use super::tree::{FLATTEN, Id, MAX_COLUMNS, ROOT, Tree};
use super::value::{self, Fault, Kind, MAX_DEPTH};
use crate::source::Note;
use crate::text::Column;

/// Members without a column that are told one by one.
const TOLD: usize = 1000;
/// Of the name of a member, so much is told.
const TOLD_CHARS: usize = 100;
/// What a record may hold in members without a column, with their names.
const MORE_BYTES: usize = 128 << 20;

/// The columns of the batch in progress.
pub(super) struct Table {
    tree: Tree,
    columns: Vec<Column>,
    /// The column of members that have none of their own.
    more: Option<usize>,
    /// What it takes for the record at hand.
    more_text: Vec<u8>,
    /// The finished records of the batch.
    rows: usize,
    /// The columns that the record at hand has filled.
    touched: Vec<usize>,
    /// The columns of members that it has twice.
    again: Vec<usize>,
    /// Members without a column that it has, as places in the notes.
    news: Vec<usize>,
    not_a_number: bool,
    told: HashMap<String, usize>,
    name: String,
    tape: Vec<u8>,
    /// Bytes of a record at most.
    most: usize,
}

/// Why a value goes with the members that have no column.
#[derive(Debug, Clone, Copy)]
enum Lacking {
    /// The member came before in the same record.
    Second(Id),
    /// The member is known as an object only.
    Scalar(Id),
    /// The object has no such member.
    Member(Id),
}

/// What is to be said of a record that was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Bytes of the text.
    pub len: usize,
    /// Columns of members that came twice.
    pub again: Vec<usize>,
}

impl Table {
    /// `columns` without the one for the members that have none.
    pub(super) fn new(tree: Tree, columns: usize, more: bool, most: usize) -> Self {
        Self {
            tree,
            columns: (0..columns + usize::from(more)).map(|_| Column::new()).collect(),
            more: more.then_some(columns),
            more_text: Vec::new(),
            rows: 0,
            touched: Vec::new(),
            again: Vec::new(),
            news: Vec::new(),
            not_a_number: false,
            told: HashMap::new(),
            name: String::new(),
            tape: Vec::new(),
            most,
        }
    }

    /// Reads the value that begins with the text as a record. One that is damaged leaves no trace.
    pub(super) fn record(&mut self, text: &[u8], whole: bool) -> Result<Read, Fault> {
        let mut json = value::reader(text, std::mem::take(&mut self.tape));
        self.more_text.clear();
        let mut result = self.value(&mut json, text);
        if result.is_ok() && whole {
            result = json.finish().map_err(Fault::from);
        }
        let len = json.current_index();
        if result.is_ok() && len > self.most {
            result = Err(Fault::new(0, Kind::TooLarge));
        }
        self.tape = json.into_tape();
        match result {
            Ok(()) => Ok(self.keep(len)),
            Err(fault) => {
                self.take_back();
                Err(fault)
            }
        }
    }

    fn keep(&mut self, len: usize) -> Read {
        if let Some(column) = self.more.and_then(|more| self.columns.get_mut(more))
            && !self.more_text.is_empty()
        {
            self.more_text.push(b'}');
            column.pad(self.rows);
            column.push(&self.more_text);
        }
        self.rows += 1;
        self.touched.clear();
        Read { len, again: std::mem::take(&mut self.again) }
    }

    fn take_back(&mut self) {
        for column in self.touched.drain(..) {
            if let Some(column) = self.columns.get_mut(column) {
                column.truncate(self.rows);
            }
        }
        self.again.clear();
        self.news.clear();
        self.not_a_number = false;
    }

    fn value(&mut self, json: &mut Jiter<'_>, text: &[u8]) -> Result<(), Fault> {
        let peek = json.peek()?;
        if peek == Peek::Object {
            return self.object(json, text, ROOT, 0);
        }
        // What is damaged is told as such, and as no object only what is whole.
        value::pass(json, peek, 0)?;
        Err(Fault::new(0, Kind::NotAnObject))
    }

    fn object(&mut self, json: &mut Jiter<'_>, text: &[u8], node: Id, depth: usize) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(Fault::new(json.current_index(), Kind::TooDeep));
        }
        let mut hint = 0;
        let Some(name) = json.known_object()? else { return Ok(()) };
        let mut member = find(&self.tree, node, name, &mut hint, &mut self.name);
        loop {
            let peek = json.peek()?;
            match member {
                Some(id) if peek == Peek::Object && depth + 1 < FLATTEN => {
                    self.object(json, text, id, depth + 1)?;
                }
                Some(id) => match self.tree.column(id) {
                    Some(column) => self.cell(json, text, column, id, peek, depth)?,
                    None => self.unknown(json, text, Lacking::Scalar(id), peek, depth)?,
                },
                None => self.unknown(json, text, Lacking::Member(node), peek, depth)?,
            }
            let Some(name) = json.next_key()? else { return Ok(()) };
            member = find(&self.tree, node, name, &mut hint, &mut self.name);
        }
    }

    /// A value of a member that has a column.
    #[inline]
    fn cell(
        &mut self,
        json: &mut Jiter<'_>,
        text: &[u8],
        column: usize,
        id: Id,
        peek: Peek,
        depth: usize,
    ) -> Result<(), Fault> {
        let start = json.current_index();
        let rows = self.rows;
        let Some(cells) = self.columns.get_mut(column) else { return Ok(()) };
        if cells.len() > rows {
            return self.second(json, text, column, id, peek, depth);
        }
        cells.pad(rows);
        self.touched.push(column);
        match peek {
            Peek::String => {
                let cell = json.known_str()?;
                let len = cell.len();
                cells.push(cell.as_bytes());
                // Only an escape can stand for the character of number zero.
                let escapes = json.current_index() != start + len + 2;
                if escapes && memchr::memchr(0, cells.last()).is_some() {
                    return Err(Fault::new(start, Kind::Nul));
                }
            }
            Peek::Null => {
                json.known_null()?;
                cells.push(b"");
            }
            Peek::True | Peek::False => cells.push(if json.known_bool(peek)? { b"true" } else { b"false" }),
            Peek::Array | Peek::Object => {
                value::pass(json, peek, depth + 1)?;
                let value = text.get(start..json.current_index()).unwrap_or_default();
                cells.push_with(|out| value::compact(value, out));
            }
            number => {
                let digits = json.known_number_bytes(number)?;
                self.not_a_number |= matches!(digits, [b'N' | b'I', ..] | [b'-', b'I', ..]);
                cells.push(digits);
            }
        }
        Ok(())
    }

    /// A member comes twice in a record: the first value stays, if there is one, and the other one goes with the members
    /// that have no column.
    fn second(
        &mut self,
        json: &mut Jiter<'_>,
        text: &[u8],
        column: usize,
        id: Id,
        peek: Peek,
        depth: usize,
    ) -> Result<(), Fault> {
        if self.again.len() < MAX_COLUMNS && !self.again.contains(&column) {
            self.again.push(column);
        }
        let Some(cells) = self.columns.get_mut(column) else { return Ok(()) };
        if !cells.last().is_empty() {
            return self.unknown(json, text, Lacking::Second(id), peek, depth);
        }
        cells.truncate(self.rows);
        self.cell(json, text, column, id, peek, depth)
    }

    /// A value of a member that has no column.
    fn unknown(
        &mut self,
        json: &mut Jiter<'_>,
        text: &[u8],
        lacking: Lacking,
        peek: Peek,
        depth: usize,
    ) -> Result<(), Fault> {
        let start = json.current_index();
        let (node, name) = match lacking {
            Lacking::Second(id) | Lacking::Scalar(id) => (id, None),
            Lacking::Member(node) => (node, Some(self.name.as_str())),
        };
        value::pass(json, peek, depth + 1)?;
        let value = text.get(start..json.current_index()).unwrap_or_default();
        // As in a column, null and an empty text say nothing.
        if peek == Peek::Null || value == b"\"\"" {
            return Ok(());
        }
        let path_bytes = self.tree.path_bytes(node) + name.map_or(0, str::len);
        if self.more_text.len() + path_bytes + value.len() > MORE_BYTES {
            return Err(Fault::new(start, Kind::TooLarge));
        }
        let path = self.tree.path(node, name);
        self.more_text.push(if self.more_text.is_empty() { b'{' } else { b',' });
        // Writing into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.more_text, &path);
        self.more_text.push(b':');
        value::compact(value, &mut self.more_text);
        if !matches!(lacking, Lacking::Second(_)) {
            self.meet(&path);
        }
        Ok(())
    }

    /// Remembers that a member has no column.
    fn meet(&mut self, path: &str) {
        let path = shortened(path);
        let next = self.told.len();
        let place = match self.told.get(path) {
            Some(place) => *place,
            None if next < TOLD => {
                self.told.insert(path.to_owned(), next);
                next
            }
            None => TOLD,
        };
        self.news.push(place);
    }

    /// Bytes that the record at hand takes beside those of its text.
    pub(super) fn more_bytes(&self) -> usize {
        self.more_text.len()
    }

    /// Tells what the record at hand has that is new.
    pub(super) fn tell(&mut self, notes: &mut Notes, line: u64) {
        if std::mem::take(&mut self.not_a_number) {
            let reason = "NaN or Infinity stands where a number is expected; it was read as text";
            notes.add(code::NOT_A_NUMBER, line, None, || reason.to_owned());
        }
        for place in std::mem::take(&mut self.news) {
            notes.add(code::NEW_MEMBER, line, Some(place), || {
                match self.told.iter().find(|(_, at)| **at == place) {
                    Some((path, _)) => format!("`{path}` has no column of its own"),
                    None => format!("more than {TOLD} different members have no column of their own"),
                }
            });
        }
    }

    /// The arrays of the batch.
    pub(super) fn finish(&mut self, rows: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.rows = 0;
        self.columns.iter_mut().map(|column| column.finish(rows)).collect()
    }
}

/// The member of this name; that of one that is not known is kept in `unknown`.
#[inline]
fn find(tree: &Tree, node: Id, name: &str, hint: &mut usize, unknown: &mut String) -> Option<Id> {
    let found = tree.find(node, name, hint);
    if found.is_none() {
        unknown.clear();
        unknown.push_str(name);
    }
    found
}

/// A name as it is told.
pub(super) fn shortened(name: &str) -> &str {
    name.char_indices().nth(TOLD_CHARS).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

/// What there is to say of the file, each once.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    /// Where the notes of members stand.
    members: HashMap<usize, usize>,
}

impl Notes {
    pub(super) fn all(&self) -> &[Note] {
        &self.notes
    }

    /// `member`: which one it is about, where there is a note for each.
    pub(super) fn add(
        &mut self,
        code: crate::source::Code,
        line: u64,
        member: Option<usize>,
        reason: impl FnOnce() -> String,
    ) {
        let place = match member {
            Some(member) => self.members.get(&member).copied(),
            None => self.notes.iter().position(|note| note.code == code),
        };
        if let Some(note) = place.and_then(|place| self.notes.get_mut(place)) {
            note.count += 1;
            return;
        }
        if let Some(member) = member {
            self.members.insert(member, self.notes.len());
        }
        let line_number = i64::try_from(line).unwrap_or(i64::MAX);
        self.notes.push(Note { code, line_number, count: 1, reason: reason() });
    }
}
