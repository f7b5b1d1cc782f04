//! Provenance of rows that others wrote to since. Its fingerprint says what Importer wrote last, field by field: were it
//! left alone, a value that goes back would look like an edit by the host, and no import could change it any more. So
//! the fields that go back get the part that they had before the run, and the entry of their source.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Int64Builder, RecordBatch, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use importer_plans::compile::undo::PATCHES;
use serde_json::{Map, Value};

use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::steps::lookup::{column, schema};
use crate::tables;

/// Bytes of a fingerprint per field; the first part is its layout.
const PART: usize = 4;

/// Registers `patched`.
pub async fn register(cx: &RunContext) -> Result<()> {
    let wanted = schema(vec![
        column("core_id", DataType::Int64),
        column("fingerprint", DataType::Binary),
        column("fields_json", DataType::Utf8),
    ]);
    let (_, batches) = tables::collect_compact(cx.plan(&format!("SELECT * FROM {PATCHES}")).await?).await?;
    let fields: Vec<&str> = cx.shape.core_fields().map(|f| f.name.as_str()).collect();
    let (mut ids, mut prints, mut documents) =
        (Int64Builder::new(), BinaryBuilder::new(), StringBuilder::new());
    for batch in &batches {
        for row in Rows::of(batch)?.all(batch.num_rows()) {
            ids.append_value(row.core_id);
            prints.append_value(row.fingerprint(&fields));
            documents.append_option(row.document()?);
        }
    }
    let columns: Vec<ArrayRef> =
        vec![Arc::new(ids.finish()), Arc::new(prints.finish()), Arc::new(documents.finish())];
    let batch = RecordBatch::try_new(Arc::clone(&wanted), columns)?;
    tables::register_rows(&cx.session, "patched", wanted, vec![batch])
}

/// One row whose provenance is mended.
#[derive(Debug, Clone, Default)]
struct Patch<'a> {
    core_id: i64,
    found: &'a [u8],
    found_json: Option<&'a str>,
    was: Option<&'a [u8]>,
    was_json: Option<&'a str>,
    was_source: Option<&'a str>,
    was_at: Option<i64>,
    /// The fields that go back.
    fields: Vec<&'a str>,
}

impl Patch<'_> {
    /// The parts of fields that go back as they were before the run; zeros, which no value has, where Importer had
    /// not written the row: then the value is the host's.
    fn fingerprint(&self, fields: &[&str]) -> Vec<u8> {
        let mut mended = self.found.to_vec();
        let was = self.was.filter(|was| was.len() == mended.len() && was.get(..PART) == mended.get(..PART));
        for (place, field) in (1..).zip(fields) {
            if !self.fields.contains(field) {
                continue;
            }
            let part = place * PART..(place + 1) * PART;
            let before = was.and_then(|was| was.get(part.clone())).unwrap_or(&[0; PART]);
            if let Some(target) = mended.get_mut(part) {
                target.copy_from_slice(before);
            }
        }
        mended
    }

    fn document(&self) -> Result<Option<String>> {
        let read = |text: Option<&str>| -> Result<Map<String, Value>> {
            text.map_or_else(|| Ok(Map::new()), |t| Ok(serde_json::from_str(t)?))
        };
        let (mut entries, was) = (read(self.found_json)?, read(self.was_json)?);
        for field in &self.fields {
            match was.get(*field).cloned().or_else(|| self.default_entry()) {
                Some(entry) => entries.insert((*field).to_owned(), entry),
                None => entries.remove(*field),
            };
        }
        Ok((!entries.is_empty()).then(|| Value::Object(entries).to_string()))
    }

    /// What held for a field without an entry of its own.
    fn default_entry(&self) -> Option<Value> {
        self.was?;
        let mut entry = Map::new();
        if let Some(source) = self.was_source {
            entry.insert("source".to_owned(), source.into());
        }
        if let Some(at) = self.was_at.and_then(chrono::DateTime::from_timestamp_micros) {
            entry.insert("at".to_owned(), at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into());
        }
        Some(Value::Object(entry))
    }
}

/// The columns of a batch of patches.
struct Rows<'a> {
    ids: &'a datafusion::arrow::array::Int64Array,
    found: &'a datafusion::arrow::array::BinaryArray,
    was: &'a datafusion::arrow::array::BinaryArray,
    texts: [&'a datafusion::arrow::array::StringArray; 4],
    at: &'a datafusion::arrow::array::TimestampMicrosecondArray,
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let shape = || Error::internal("patches of provenance have an unexpected shape");
        let column = |name: &str| batch.column_by_name(name).ok_or_else(shape);
        let text = |name: &str| column(name)?.as_string_opt::<i32>().ok_or_else(shape);
        Ok(Self {
            ids: column("core_id")?.as_primitive_opt::<Int64Type>().ok_or_else(shape)?,
            found: column("prov_fingerprint")?.as_binary_opt::<i32>().ok_or_else(shape)?,
            was: column("was_fingerprint")?.as_binary_opt::<i32>().ok_or_else(shape)?,
            texts: [text("prov_json")?, text("was_json")?, text("was_source")?, text("fields")?],
            at: column("was_at")?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(shape)?,
        })
    }

    fn all(self, rows: usize) -> impl Iterator<Item = Patch<'a>> {
        (0..rows).map(move |row| {
            let text = |at: usize| self.texts[at].is_valid(row).then(|| self.texts[at].value(row));
            Patch {
                core_id: self.ids.value(row),
                found: if self.found.is_valid(row) { self.found.value(row) } else { &[] },
                found_json: text(0),
                was: self.was.is_valid(row).then(|| self.was.value(row)),
                was_json: text(1),
                was_source: text(2),
                was_at: self.at.is_valid(row).then(|| self.at.value(row)),
                fields: text(3).unwrap_or_default().split(',').filter(|f| !f.is_empty()).collect(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Patch;

    const FIELDS: [&str; 2] = ["city", "phone"];

    #[test]
    fn only_the_fields_that_go_back_are_mended() {
        let found = [9, 9, 9, 9, 1, 1, 1, 1, 2, 2, 2, 2, 7, 7, 7, 7];
        let was = [9, 9, 9, 9, 3, 3, 3, 3, 4, 4, 4, 4, 8, 8, 8, 8];
        let patch = Patch {
            found: &found,
            was: Some(&was),
            fields: vec!["city"],
            found_json: Some(r#"{"phone":{"source":"b"},"city":{"source":"b"}}"#),
            was_source: Some("a"),
            was_at: Some(0),
            ..Patch::default()
        };
        assert_eq!(patch.fingerprint(&FIELDS), [9, 9, 9, 9, 3, 3, 3, 3, 2, 2, 2, 2, 7, 7, 7, 7]);
        let document: serde_json::Value = serde_json::from_str(&patch.document().unwrap().unwrap()).unwrap();
        assert_eq!(
            document,
            serde_json::json!({"phone": {"source": "b"}, "city": {"source": "a", "at": "1970-01-01T00:00:00.000000Z"}})
        );
    }

    #[test]
    fn a_value_of_the_host_looks_like_none_of_ours() {
        let found = [9, 9, 9, 9, 1, 1, 1, 1, 2, 2, 2, 2];
        let patch = Patch { found: &found, fields: vec!["phone"], ..Patch::default() };
        assert_eq!(patch.fingerprint(&FIELDS), [9, 9, 9, 9, 1, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(patch.document().unwrap(), None);
    }
}
