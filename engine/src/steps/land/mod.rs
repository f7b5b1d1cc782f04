//! land: source columns under their original headers, in the types that the source has, with a sequence number and the place
//! of each record; what cannot be read as a record goes to `rejects`, raw.
//!
//! Inputs are opened and their headers matched before a run exists, so that a missing header stops everything before anything
//! is written. Reading is one blocking thread per source, one source after the other; encoding to Parquet runs beside it.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | [`land`]: from sources to part files |
//! | `open` | inputs, opened and matched |
//! | `landed` | what is known of the files afterwards |
//! | `parts` | the part files that are written beside each other |

mod landed;
mod open;
mod parts;

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use importer_connectors::csv::CsvEncoding;
use importer_connectors::source::{Batch, Checkpoint, Counts, Description, Note, Source};
use importer_plans::compile::texts::FileTexts;
use importer_plans::header::{HeaderMatch, WhyUnmapped};
use importer_sql::functions::spreadsheet_restore_str;
use tokio::sync::mpsc;

pub use landed::{FileCounts, FileNote, FileStyle, Landed, LandedFile, Progress};
pub use open::{How, OpenedFile, Wanted, add_to, known_names, open, open_sources, opened, source_error};

use super::rejects::{RejectRows, finding_schema, reject_schema};
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::DataSetName;
use crate::progress::StepProgress;
use parts::PartWriters;

/// Lands all files of a run.
pub async fn land(cx: &RunContext, files: Vec<OpenedFile>, progress: &StepProgress) -> Result<Landed> {
    let mut landed = Vec::new();
    let mut rejects = RejectRows::new(cx, DataSetName::Rejects, reject_schema())?;
    let mut findings = RejectRows::new(cx, DataSetName::Findings, finding_schema())?;
    let mut next = 1;
    for (number, file) in (1..).zip(files) {
        let (file, after) = land_file(cx, number, file, next, &mut rejects, &mut findings, progress).await?;
        next = after;
        landed.push(file);
    }
    Ok(Landed {
        files: landed,
        rejects: rejects.finish().await?,
        findings: findings.finish().await?,
        origins: None,
    })
}

async fn land_file(
    cx: &RunContext,
    number: i32,
    file: OpenedFile,
    first: i64,
    rejects: &mut RejectRows,
    findings: &mut RejectRows,
    progress: &StepProgress,
) -> Result<(LandedFile, i64)> {
    let (name, after) = (file.name.clone(), file.after_run);
    let (source, start, matched) = file.begin()?;
    let restore = matched.is_error_report;
    let restored = |names: &[String]| -> Vec<String> {
        names
            .iter()
            .map(|name| if restore { spreadsheet_restore_str(name) } else { name.as_str() }.to_owned())
            .collect()
    };
    let headers = restored(&source.headers().original);
    let columns = landed_columns(&restored(&source.headers().unique));
    let encoding = encoding_of(&source.description());
    let schema = landed_schema(&columns, &source.schema());
    let mut writers = PartWriters::new(cx, number, Arc::clone(&schema));
    let (sender, mut batches) = mpsc::channel::<Batch>(4);
    let reading = tokio::task::spawn_blocking(move || read_all(source, start, &sender));
    let mut sequence = first;
    while let Some(batch) = batches.recv().await {
        let rows = batch.records.num_rows();
        if rows > 0 {
            writers.write(landed_batch(&schema, &batch, sequence, restore)?).await?;
            sequence += i64::try_from(rows).unwrap_or(i64::MAX);
            progress.advance(rows as u64);
        }
        rejects.add_rejects(number, &name, &encoding, &batch.rejects).await?;
        findings.add_findings(number, &batch.findings).await?;
    }
    let Read { counts, description, notes, checkpoint } = reading.await??;
    let data_set = writers.finish().await?;
    let file = LandedFile {
        name,
        number,
        headers,
        unmapped: matched.unmapped.iter().filter_map(|u| columns.get(u.index).cloned()).collect(),
        doubted: doubted(&matched, &columns),
        assignments: assigned(&matched, &columns),
        typed: typed(&schema),
        columns,
        is_error_report: matched.is_error_report,
        unit: description.unit.as_str().to_owned(),
        dialect: description.evidence.to_string(),
        style: FileStyle::of_source(&description),
        reading: None,
        counts: FileCounts::of(&counts),
        notes: notes.iter().map(FileNote::of).collect(),
        texts: FileTexts::default(),
        progress: checkpoint.and_then(|checkpoint| Progress::of(&checkpoint, after)),
        data_set,
    };
    Ok((file, sequence))
}

/// In what the raw bytes of rejects stand.
fn encoding_of(description: &Description) -> String {
    description.dialect.as_ref().map_or(CsvEncoding::Utf8, |d| d.encoding).to_string()
}

/// The columns of `landed` behind each field.
fn assigned(matched: &HeaderMatch, columns: &[String]) -> Vec<(String, Vec<String>)> {
    matched
        .assignments
        .iter()
        .map(|a| (a.field.clone(), a.columns.iter().filter_map(|&c| columns.get(c).cloned()).collect()))
        .collect()
}

/// Columns that a header means for a field and values do not.
fn doubted(matched: &HeaderMatch, columns: &[String]) -> Vec<(String, String)> {
    let doubted = matched.unmapped.iter().filter(|u| matches!(u.why, WhyUnmapped::Values(..)));
    doubted.filter_map(|u| Some((columns.get(u.index)?.clone(), u.why.to_string()))).collect()
}

/// Columns that are no text in their source.
fn typed(schema: &Schema) -> Vec<String> {
    let own = schema.fields().iter().skip(OWN_COLUMNS.len());
    own.filter(|f| *f.data_type() != DataType::Utf8).map(|f| f.name().clone()).collect()
}

/// What is known of a source once it was read.
struct Read {
    counts: Counts,
    description: Description,
    notes: Vec<Note>,
    checkpoint: Option<Checkpoint>,
}

fn read_all(mut source: Box<dyn Source>, start: Vec<Batch>, sender: &mpsc::Sender<Batch>) -> Result<Read> {
    let mut open = true;
    for batch in start {
        open = open && sender.blocking_send(batch).is_ok();
    }
    while open {
        let Some(batch) = source.next_batch().map_err(source_error)? else { break };
        open = sender.blocking_send(batch).is_ok();
    }
    Ok(Read {
        counts: source.counts(),
        description: source.description(),
        notes: source.notes().to_vec(),
        checkpoint: source.checkpoint().cloned(),
    })
}

/// The columns that land adds; a source column of that name gets another one.
const OWN_COLUMNS: [&str; 2] = ["sequence_number", "line_number"];
/// The folders of the lake give these columns to whoever reads it.
const FOLDER_COLUMNS: [&str; 2] = ["tenant", "run_id"];

fn landed_columns(unique: &[String]) -> Vec<String> {
    let in_file: HashSet<&str> = unique.iter().map(String::as_str).collect();
    let mut taken: HashSet<String> =
        OWN_COLUMNS.iter().chain(&FOLDER_COLUMNS).map(|c| (*c).to_owned()).collect();
    let mut columns: Vec<String> = Vec::with_capacity(unique.len());
    for name in unique {
        let mut candidate = name.clone();
        let mut n = 2;
        while taken.contains(&candidate) || (candidate != *name && in_file.contains(candidate.as_str())) {
            candidate = format!("{name}_{n}");
            n += 1;
        }
        taken.insert(candidate.clone());
        columns.push(candidate);
    }
    columns
}

fn landed_schema(columns: &[String], source: &Schema) -> SchemaRef {
    let mut fields: Vec<Field> = OWN_COLUMNS.iter().map(|c| Field::new(*c, DataType::Int64, true)).collect();
    let types = source.fields().iter().map(|f| f.data_type().clone());
    fields.extend(columns.iter().zip(types).map(|(c, data_type)| Field::new(c, data_type, true)));
    Arc::new(Schema::new(fields))
}

fn landed_batch(schema: &SchemaRef, batch: &Batch, first: i64, restore: bool) -> Result<RecordBatch> {
    let rows = i64::try_from(batch.records.num_rows()).unwrap_or(i64::MAX);
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(first..first + rows)),
        Arc::new(batch.line_numbers.clone()),
    ];
    for column in batch.records.columns() {
        columns.push(if restore { restored(column) } else { Arc::clone(column) });
    }
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Cells of an error report, without the apostrophe that kept a spreadsheet from reading them as formulas.
fn restored(column: &ArrayRef) -> ArrayRef {
    let Some(text) = column.as_string_opt::<i32>() else { return Arc::clone(column) };
    Arc::new(text.iter().map(|c| c.map(spreadsheet_restore_str)).collect::<StringArray>())
}
