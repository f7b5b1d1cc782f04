//! Edits of rows: what a field or a header means in the row's own file, and what differs afterwards.

use importer_plans::compile::Shape;
use importer_plans::header::fold_header;
use serde_json::{Map, Value, json};

use super::origin::Cells;
use crate::steps::land::LandedFile;
use crate::store::Place;

/// A row with its edits, ready to go again.
#[derive(Debug, Clone)]
pub struct EditedRow {
    pub place: Place,
    pub sequence_number: Option<i64>,
    /// The finding that was named; the audit speaks of it.
    pub violation: i64,
    /// All edits of the row so far: field, before, after.
    pub fields: Map<String, Value>,
    /// The edits of this time.
    pub diff: Map<String, Value>,
    /// The whole row, by column.
    pub cells: Cells,
}

/// What the name of a cell stands for in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The contract field, or the header where no field takes the column.
    pub name: String,
    /// The column that gets the value.
    pub column: String,
    /// Further columns of the field, which are emptied with it.
    pub others: Vec<String>,
}

/// The column that a field gets in a file that has none for it.
pub fn added_column(file: &LandedFile, field: &str) -> String {
    let taken = |name: &str| file.columns.iter().any(|c| c == name);
    if taken(field) { format!("{field} (added)") } else { field.to_owned() }
}

/// The field of a column: the one that it feeds, or the one that it was added for.
pub fn field_of<'a>(shape: &'a Shape, file: &'a LandedFile, column: &str) -> Option<&'a str> {
    let fed = file.assignments.iter().find(|(_, columns)| columns.iter().any(|c| c == column));
    if let Some((field, _)) = fed {
        return Some(field);
    }
    if file.columns.iter().any(|c| c == column) {
        return None;
    }
    let name = column.strip_suffix(" (added)").unwrap_or(column);
    shape.field(name).map(|f| f.name.as_str())
}

/// Finds what a person means: a field of the contract, else a header of the row's file.
pub fn target(shape: &Shape, file: &LandedFile, name: &str) -> Option<Target> {
    if let Some(field) = shape.field(name) {
        let mut columns = file
            .assignments
            .iter()
            .find(|(f, _)| *f == field.name)
            .map(|(_, columns)| columns.clone())
            .unwrap_or_default()
            .into_iter();
        let column = columns.next().unwrap_or_else(|| added_column(file, &field.name));
        return Some(Target { name: field.name.clone(), column, others: columns.collect() });
    }
    let position = |same: &dyn Fn(&str) -> bool| {
        let unique = file.columns.iter().position(|c| same(c));
        unique.or_else(|| file.headers.iter().position(|h| same(h)))
    };
    let folded = fold_header(name);
    let at = position(&|h| h == name)
        .or_else(|| position(&|h| h.trim() == name.trim()))
        .or_else(|| (!folded.is_empty()).then(|| position(&|h| fold_header(h) == folded)).flatten())?;
    let column = file.columns.get(at)?.clone();
    Some(Target { name: spoken_name(shape, file, &column), column, others: Vec::new() })
}

/// How a column is spoken of: by its field, else by itself.
pub fn spoken_name(shape: &Shape, file: &LandedFile, column: &str) -> String {
    field_of(shape, file, column).unwrap_or(column).to_owned()
}

/// The fields and headers that can be named, for an answer that helps.
pub fn names(shape: &Shape, file: &LandedFile) -> (Vec<String>, Vec<String>) {
    let fields = shape.fields.iter().map(|f| f.name.clone()).collect();
    let headers = file.headers.iter().filter(|h| shape.field(h).is_none()).cloned().collect();
    (fields, headers)
}

impl EditedRow {
    /// The row as it stands: landed, with what was edited before.
    pub fn new(
        place: Place,
        sequence_number: Option<i64>,
        violation: i64,
        landed: Cells,
        before: Option<(&Value, &Value)>,
    ) -> Self {
        let mut row =
            Self { place, sequence_number, violation, fields: Map::new(), diff: Map::new(), cells: landed };
        if let Some((fields, payload)) = before {
            row.fields = fields.as_object().cloned().unwrap_or_default();
            row.cells.extend(cells_of(payload));
        }
        row
    }

    /// Sets a cell. `None` empties it. Nothing happens where it says so already.
    pub fn set(&mut self, shape: &Shape, target: &Target, value: Option<&str>) {
        self.put(shape, &target.name, &target.column, value);
        for column in &target.others {
            self.put(shape, &target.name, column, None);
        }
    }

    fn put(&mut self, shape: &Shape, name: &str, column: &str, value: Option<&str>) {
        let before = self.cells.get(column).cloned().flatten();
        if before.as_deref() == value {
            return;
        }
        // A field with several columns has an entry for each; a field with one is spoken of by its name.
        let key = if self.diff.contains_key(name) || shape.field(name).is_none() { column } else { name };
        note(&mut self.diff, key, before.as_deref(), value);
        note(&mut self.fields, key, before.as_deref(), value);
        self.cells.insert(column.to_owned(), value.map(str::to_owned));
    }

    /// Whether anything was edited this time.
    pub fn is_edited(&self) -> bool {
        !self.diff.is_empty()
    }

    /// The whole row as a document.
    pub fn payload(&self) -> Value {
        json!(self.cells)
    }
}

/// Notes an edit; edited twice, the first value before and the last one after count.
fn note(into: &mut Map<String, Value>, key: &str, before: Option<&str>, after: Option<&str>) {
    let first = into.get(key).and_then(|e| e.get("before")).cloned().unwrap_or_else(|| json!(before));
    if first == json!(after) {
        into.remove(key);
    } else {
        into.insert(key.to_owned(), json!({ "before": first, "after": after }));
    }
}

/// The cells of a stored row.
pub fn cells_of(payload: &Value) -> Cells {
    let members = payload.as_object().into_iter().flatten();
    members.map(|(column, value)| (column.clone(), value.as_str().map(str::to_owned))).collect()
}

/// The contract fields that a person gave a value by edits: these outrank every source. A field that was emptied says
/// nothing about the person; a whole name that was edited stands for its parts.
pub fn manual_fields(shape: &Shape, fields: &Map<String, Value>) -> Vec<String> {
    let given = |name: &str| fields.get(name).is_some_and(|e| !e["after"].is_null());
    shape
        .core_fields()
        .filter(|f| given(&f.name) || f.satisfied_by.as_deref().is_some_and(given))
        .map(|f| f.name.clone())
        .collect()
}
