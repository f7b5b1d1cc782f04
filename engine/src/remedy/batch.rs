//! The rows of a batch as the landed rows of a run: one landed file for each file that rows come from, with its own
//! columns, header matches and reading, so that the mapping applies as it did. Rows without edits are copied by a
//! query, edited ones are written from their cells; the data set `origins` says where each row was first landed.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use datafusion::dataframe::DataFrame;
use futures::StreamExt;
use futures::future::BoxFuture;
use importer_plans::compile::{Shape, ident};
use importer_plans::header::{HeaderChoices, match_headers};

use super::edit::{cells_of, field_of, manual_fields};
use super::origin::Origin;
use crate::context::{Reading, RunContext};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, DataSetName, DataSetWriter};
use crate::progress::StepProgress;
use crate::run::{KeptRows, LandRows};
use crate::steps::land::{FileCounts, Landed, LandedFile};
use crate::steps::lookup::{column, schema};
use crate::steps::promotions::claim;
use crate::steps::rejects::{RejectRows, finding_schema, reject_schema};
use crate::tables;

const ORIGINS: &str = include_str!("../../../sql/steps/remedy/origins.sql");

/// Between and around the names of fields that outrank every source.
pub const BETWEEN: char = '|';

/// Rows that go again, with their edits.
pub struct Batch {
    pub origins: Vec<Origin>,
    pub kept: KeptRows,
}

/// The columns of the rows that go again.
pub fn held_schema() -> SchemaRef {
    schema(
        ["run_id", "file_number", "line_number", "sequence_number"]
            .map(|c| column(c, DataType::Int64))
            .to_vec(),
    )
}

/// The columns of their edits.
pub fn edit_schema() -> SchemaRef {
    let mut fields = ["run_id", "file_number", "line_number"].map(|c| column(c, DataType::Int64)).to_vec();
    fields
        .extend(["fields_json", "payload_json", "diff_json", "target_id"].map(|c| column(c, DataType::Utf8)));
    schema(fields)
}

impl LandRows for Batch {
    fn land<'a>(
        self: Box<Self>,
        cx: &'a RunContext,
        progress: &'a StepProgress,
    ) -> BoxFuture<'a, Result<Landed>> {
        Box::pin(self.landed(cx, progress))
    }

    fn kept(&self) -> &KeptRows {
        &self.kept
    }
}

impl Batch {
    async fn landed(self: Box<Self>, cx: &RunContext, progress: &StepProgress) -> Result<Landed> {
        tables::register_files(&cx.session, "held", &self.kept.held).await?;
        tables::register_files(&cx.session, "asked_edits", &self.kept.edits).await?;
        write_edits(cx).await?;
        let origins = cx.write_query("origins", ORIGINS, &DataSetName::Origins, 0, |_| ()).await?;
        tables::register_files(&cx.session, "origins", &origins).await?;
        if !cx.settings.dry_run {
            claim(cx).await?;
        }
        let mut files = Vec::new();
        for (number, (run_id, file_number)) in (1..).zip(sources(cx).await?) {
            let origin = self.origins.iter().find(|o| o.run.id == run_id);
            let source = origin.and_then(|o| Some((o, o.file(file_number)?)));
            let (origin, file) =
                source.ok_or_else(|| Error::internal(format!("run {run_id} has no file {file_number}")))?;
            files.push(land_file(cx, origin, file, number, progress).await?);
        }
        let rejects = RejectRows::new(cx, DataSetName::Rejects, reject_schema())?.finish().await?;
        let findings = RejectRows::new(cx, DataSetName::Findings, finding_schema())?.finish().await?;
        Ok(Landed { files, rejects, findings, origins: Some(origins) })
    }
}

/// The edits, with the fields that outrank every source beside them.
async fn write_edits(cx: &RunContext) -> Result<()> {
    let plain = edit_schema();
    let mut fields: Vec<_> = plain.fields().iter().map(|f| f.as_ref().clone()).collect();
    fields.push(column("manual", DataType::Utf8));
    let wide = schema(fields);
    let path = cx.paths.part(&DataSetName::Scratch("edits".into()), 0, 0);
    let mut writer = DataSetWriter::new(&cx.lake, path, Arc::clone(&wide))?;
    let mut stream = cx.plan("SELECT * FROM asked_edits").await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = tables::conform(&batch?, &plain)?;
        let fields = batch.column(3).as_string::<i32>();
        let manual: StringArray = (0..batch.num_rows()).map(|row| manual(&cx.shape, fields, row)).collect();
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(manual));
        writer.write(&RecordBatch::try_new(Arc::clone(&wide), columns)?).await?;
    }
    let edits = DataSet { files: vec![writer.finish().await?] };
    tables::register_files(&cx.session, "edits", &edits).await
}

fn manual(shape: &Shape, fields: &StringArray, row: usize) -> Option<String> {
    let document: serde_json::Value =
        serde_json::from_str(fields.is_valid(row).then(|| fields.value(row))?).ok()?;
    let names = manual_fields(shape, document.as_object()?);
    let between = BETWEEN.to_string();
    (!names.is_empty()).then(|| format!("{BETWEEN}{}{BETWEEN}", names.join(&between)))
}

/// The files that rows come from: run and number, in order.
async fn sources(cx: &RunContext) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT DISTINCT origin_run_id, origin_file_number FROM origins ORDER BY 1, 2";
    let mut found = Vec::new();
    for batch in cx.plan(sql).await?.collect().await? {
        let shape = || Error::internal("an origin has an unexpected shape");
        let runs = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        let files = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
        found.extend(runs.values().iter().copied().zip(files.values().iter().copied()));
    }
    Ok(found)
}

async fn land_file(
    cx: &RunContext,
    origin: &Origin,
    file: &LandedFile,
    number: i32,
    progress: &StepProgress,
) -> Result<LandedFile> {
    let place = format!("o.origin_run_id = {} AND o.origin_file_number = {}", origin.run.id, file.number);
    let added = added_columns(cx, file, &place).await?;
    let mut landed = like(cx, origin, file, number, &added);
    let table = format!("origin_of_{number}");
    file.data_set.require(&cx.lake).await?;
    tables::register_landed(&cx.session, &table, &file.data_set, &file.typed).await?;
    let cells: String = file.columns.iter().map(|c| format!(", l.{}", ident(c))).collect();
    let nulls: String = added.iter().map(|c| format!(", CAST(NULL AS VARCHAR) AS {}", ident(c))).collect();
    let sql = format!(
        "SELECT o.sequence_number, l.line_number{cells}{nulls}\nFROM {} l\nJOIN origins o ON o.origin_sequence_number = l.sequence_number\nWHERE {place} AND o.payload_json IS NULL",
        ident(&table)
    );
    let round = u32::try_from(number).unwrap_or(0);
    let counted = progress.clone();
    let copied =
        cx.write_query(&table, &sql, &DataSetName::Landed, round, move |n| counted.advance(n)).await?;
    let part = copied.files.len();
    landed.data_set = copied;
    landed.data_set.files.push(write_edited(cx, &landed.columns, &place, round, part, progress).await?);
    let wanted = cx.count(&format!("SELECT count(*) AS n FROM origins o WHERE {place}")).await?;
    if landed.data_set.rows() != wanted {
        return Err(Error::new(
            ErrorKind::Lake,
            format!(
                "the lake has {} of {wanted} rows of run {}, file {}",
                landed.data_set.rows(),
                origin.run.id,
                file.name
            ),
        )
        .with_help("restore the lake from a backup, or mend the rows in the source and import them again"));
    }
    landed.counts = FileCounts { records: wanted, ..FileCounts::default() };
    Ok(landed)
}

/// Columns that edits have added to a file.
async fn added_columns(cx: &RunContext, file: &LandedFile, place: &str) -> Result<Vec<String>> {
    let sql = format!("SELECT o.payload_json FROM origins o WHERE {place} AND o.payload_json IS NOT NULL");
    let known: BTreeSet<&str> = file.columns.iter().map(String::as_str).collect();
    let mut added: BTreeSet<String> = BTreeSet::new();
    let mut stream = cx.plan(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = tables::conform(&batch?, &schema(vec![column("payload_json", DataType::Utf8)]))?;
        for payload in batch.column(0).as_string::<i32>().iter().flatten() {
            let cells = cells_of(&serde_json::from_str(payload)?);
            added.extend(cells.into_keys().filter(|c| !known.contains(c.as_str())));
        }
    }
    Ok(added.into_iter().collect())
}

/// The edited rows of a file, from their cells.
async fn write_edited(
    cx: &RunContext,
    columns: &[String],
    place: &str,
    round: u32,
    part: usize,
    progress: &StepProgress,
) -> Result<crate::lake::DataFile> {
    let mut fields = vec![column("sequence_number", DataType::Int64), column("line_number", DataType::Int64)];
    fields.extend(columns.iter().map(|c| column(c, DataType::Utf8)));
    let wide = schema(fields);
    let path = cx.paths.part(&DataSetName::Landed, round, part);
    let mut writer = DataSetWriter::new(&cx.lake, path, Arc::clone(&wide))?;
    let sql = format!(
        "SELECT o.sequence_number, o.origin_line_number, o.payload_json FROM origins o WHERE {place} AND o.payload_json IS NOT NULL"
    );
    let narrow = schema(vec![
        column("sequence_number", DataType::Int64),
        column("line_number", DataType::Int64),
        column("payload_json", DataType::Utf8),
    ]);
    let mut stream = cx.plan(&sql).await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = tables::conform(&batch?, &narrow)?;
        let rows = batch
            .column(2)
            .as_string::<i32>()
            .iter()
            .map(|payload| Ok(cells_of(&serde_json::from_str(payload.unwrap_or("{}"))?)))
            .collect::<Result<Vec<_>>>()?;
        let mut arrays: Vec<ArrayRef> = vec![Arc::clone(batch.column(0)), Arc::clone(batch.column(1))];
        for name in columns {
            let cells = rows.iter().map(|row| row.get(name).cloned().flatten());
            arrays.push(Arc::new(cells.collect::<StringArray>()));
        }
        progress.advance(batch.num_rows() as u64);
        writer.write(&RecordBatch::try_new(Arc::clone(&wide), arrays)?).await?;
    }
    writer.finish().await
}

/// The landed file of a batch: that of the origin, read as the origin's run read it, matched by today's contract. What
/// was matched or left out then stays so; a header that the contract has learnt since is taken in.
fn like(cx: &RunContext, origin: &Origin, file: &LandedFile, number: i32, added: &[String]) -> LandedFile {
    let assigned = |c: &str| file.assignments.iter().find(|(_, columns)| columns.iter().any(|x| x == c));
    let choices = (1..).zip(&file.columns).filter_map(|(place, column)| {
        let field = match assigned(column) {
            Some((field, _)) if cx.shape.field(field).is_some() => field.clone(),
            Some(_) => return None,
            // What its values spoke against once is not taken for its header now.
            None if file.doubted.iter().any(|(doubted, _)| doubted == column) => String::new(),
            None if file.unmapped.contains(column) => return None,
            None => String::new(),
        };
        Some((format!("#{place}"), field))
    });
    let choices = HeaderChoices { command_line: choices.collect(), source_file: cx.source.headers.clone() };
    let matched = match_headers(&file.headers, &cx.entity.contract, &choices);
    let mut assignments: Vec<(String, Vec<String>)> = matched
        .assignments
        .iter()
        .map(|a| {
            let columns: Vec<String> =
                a.columns.iter().filter_map(|&c| file.columns.get(c).cloned()).collect();
            // Several columns of one field keep the order in which they were read.
            let before = file.assignments.iter().find(|(field, _)| *field == a.field).map(|(_, c)| c);
            let same = before.filter(|b| b.len() == columns.len() && b.iter().all(|c| columns.contains(c)));
            (a.field.clone(), same.cloned().unwrap_or(columns))
        })
        .collect();
    for column in added {
        if let Some(field) = field_of(&cx.shape, file, column) {
            match assignments.iter_mut().find(|(name, _)| name == field) {
                Some((_, columns)) => columns.push(column.clone()),
                None => assignments.push((field.to_owned(), vec![column.clone()])),
            }
        }
    }
    let settings = &origin.params.settings;
    LandedFile {
        number,
        headers: file.headers.iter().chain(added).cloned().collect(),
        columns: file.columns.iter().chain(added).cloned().collect(),
        // The cells of a batch are texts, as people edit them.
        typed: Vec::new(),
        unmapped: matched.unmapped.iter().filter_map(|u| file.columns.get(u.index).cloned()).collect(),
        assignments,
        reading: Some(Reading {
            landed_at: settings.landed_at,
            external_system: settings.external_system.clone(),
            default_region: settings.default_region.clone(),
            time_zone: settings.time_zone.clone(),
        }),
        notes: Vec::new(),
        // The run that read them has moved on.
        progress: None,
        data_set: DataSet::default(),
        ..file.clone()
    }
}

/// Rows known one by one, as a frame.
pub fn listed(
    context: &datafusion::prelude::SessionContext,
    rows: &[super::edit::EditedRow],
) -> Result<(DataFrame, DataFrame)> {
    let numbers = |value: &dyn Fn(&super::edit::EditedRow) -> Option<i64>| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<Int64Array>())
    };
    let texts = |value: &dyn Fn(&super::edit::EditedRow) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
    };
    let place: Vec<ArrayRef> = vec![
        numbers(&|r| Some(r.place.run_id)),
        numbers(&|r| Some(r.place.file_number)),
        numbers(&|r| Some(r.place.line_number)),
    ];
    let held = [place.clone(), vec![numbers(&|r| r.sequence_number)]].concat();
    let edits = [
        place,
        vec![
            texts(&|r| serde_json::Value::Object(r.fields.clone()).to_string()),
            texts(&|r| r.payload().to_string()),
            texts(&|r| serde_json::Value::Object(r.diff.clone()).to_string()),
            texts(&|r| r.violation.to_string()),
        ],
    ]
    .concat();
    Ok((
        context.read_batch(RecordBatch::try_new(held_schema(), held)?)?,
        context.read_batch(RecordBatch::try_new(edit_schema(), edits)?)?,
    ))
}
