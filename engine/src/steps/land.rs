//! land: source columns as text under their original headers, with a sequence number and a line number; what cannot
//! be read as a record goes to `rejects`, raw.
//!
//! Files are opened and their headers matched before a run exists ([`open`]), so that a missing header stops
//! everything before anything is written. Reading and splitting is one blocking thread per file, one file after the
//! other; encoding to Parquet runs beside it, one task per partition.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use importer_connectors::csv::{
    Confidence, Counts, CsvBatch, CsvCode, CsvOptions, CsvReader, Dialect, KnownNames, Note,
};
use importer_plans::compile::texts::FileTexts;
use importer_plans::header::{
    HeaderChoices, HeaderError, HeaderMatch, KnownHeaders, Samples, WhyUnmapped, match_columns,
};
use importer_plans::project::{Contract, DateOrder};
use importer_sql::functions::spreadsheet_restore_str;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::rejects::{RejectRows, reject_schema};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataFile, DataSet, DataSetName, DataSetWriter};
use crate::progress::StepProgress;
use crate::request::Input;
use crate::run::RunContext;

/// Rows that go to one part file before the next one has its turn: few, so that also small files give every partition
/// work, but not so few that some hundred rows are torn into parts.
const RUN_OF_ROWS: usize = 8192;

/// An input that was opened and whose header fits the contract.
pub struct OpenedFile {
    pub name: String,
    content: Content,
    pub samples: Samples,
    pub matched: HeaderMatch,
}

/// What is at hand of an input until its turn comes.
enum Content {
    /// The reader, and the beginning of the file, read to know what stands below the header.
    Open(Box<CsvReader>, Vec<CsvBatch>),
    /// Of thousands of files few are open at a time: what to open again, and the header that was found.
    Closed { input: Input, options: Box<CsvOptions>, header: Vec<String> },
}

/// Files that stay open between the look at their headers and their turn.
const OPEN_FILES: usize = 64;

impl Content {
    /// The reader and what it has read.
    fn open(self, name: &str) -> Result<(CsvReader, Vec<CsvBatch>)> {
        let (input, options, header) = match self {
            Self::Open(reader, first) => return Ok((*reader, first)),
            Self::Closed { input, options, header } => (input, options, header),
        };
        let mut reader = open_reader(&input, &options)?;
        let first = reader.next_batch().map_err(csv_error)?;
        match first.filter(|_| reader.headers().original == header) {
            Some(first) => Ok((reader, vec![first])),
            None => {
                Err(Error::new(ErrorKind::Input, format!("{name}: the file has changed since the run began"))
                    .with_help("run the files again")
                    .with_code("INPUT_CHANGED"))
            }
        }
    }
}

/// What land knows of one file afterwards; part of the manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LandedFile {
    pub name: String,
    pub number: i32,
    /// The headers as they stand in the file.
    pub headers: Vec<String>,
    /// The columns in `landed`, made unique.
    pub columns: Vec<String>,
    /// Contract field and the columns that feed it, first one first.
    pub assignments: Vec<(String, Vec<String>)>,
    pub unmapped: Vec<String>,
    /// Columns among them whose header means a field and whose values cannot be its, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubted: Vec<(String, String)>,
    /// The file is an error report of ours: its cells carry a leading apostrophe where a spreadsheet needs it.
    pub is_error_report: bool,
    pub dialect: String,
    pub delimiter: u8,
    /// How the file is written, for the report that is written in its dialect.
    #[serde(default)]
    pub style: FileStyle,
    /// How its texts are read where that is not as the run reads its own: rows of another run keep its reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    pub counts: FileCounts,
    /// What there is to say about the file as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<FileNote>,
    /// How its cells are read, decided from its columns as a whole.
    #[serde(default, skip_serializing_if = "nothing_decided")]
    pub texts: FileTexts,
    pub data_set: DataSet,
}

fn nothing_decided(texts: &FileTexts) -> bool {
    *texts == FileTexts::default()
}

/// Something worth knowing about a file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    pub code: String,
    /// The line where it was met first.
    pub line: i64,
    /// What was seen and done, in one sentence with its line.
    pub text: String,
    pub hint: String,
}

impl FileNote {
    fn of(note: &Note) -> Self {
        Self {
            code: note.code.as_str().to_owned(),
            line: note.line_number,
            text: note.to_string(),
            hint: note.code.hint().to_owned(),
        }
    }
}

/// What the texts of a file mean, as the run that first landed them agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reading {
    pub landed_at: i64,
    pub external_system: String,
    pub default_region: Option<String>,
    pub time_zone: String,
}

/// Where the lines of a file went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileCounts {
    pub records: u64,
    pub rejected: u64,
    pub blank: u64,
    pub repaired: u64,
    /// Lines that are no records: the header again, comments.
    #[serde(default)]
    pub passed: u64,
    pub bytes: u64,
}

/// What land gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Landed {
    pub files: Vec<LandedFile>,
    pub rejects: DataSet,
    pub findings: DataSet,
    /// Where rows were first landed, for rows that another run held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origins: Option<DataSet>,
}

/// How a file is written, in the words of the CSV options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStyle {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub escape: String,
    pub encoding: String,
    pub bom: bool,
    pub line_ending: String,
}

impl Default for FileStyle {
    /// What a new file is written in.
    fn default() -> Self {
        Self::of(&Dialect::default())
    }
}

impl FileStyle {
    fn of(dialect: &Dialect) -> Self {
        // A list of one column has no delimiter; a report of it needs one that people can read.
        let printable = dialect.columns != 1 || matches!(dialect.delimiter, b'\t' | b' '..=b'~');
        Self {
            delimiter: if printable { dialect.delimiter } else { Dialect::default().delimiter },
            quote: dialect.quote,
            escape: dialect.escape.to_string(),
            encoding: dialect.encoding.to_string(),
            bom: dialect.bom,
            line_ending: dialect.line_ending.to_string(),
        }
    }

    /// The dialect that a writer takes; what it does not know any more is written as usual.
    pub fn dialect(&self) -> Dialect {
        let usual = Dialect::default();
        Dialect {
            delimiter: self.delimiter,
            quote: self.quote,
            escape: self.escape.parse().unwrap_or(usual.escape),
            encoding: self.encoding.parse().unwrap_or(usual.encoding),
            bom: self.bom,
            line_ending: self.line_ending.parse().unwrap_or(usual.line_ending),
            ..usual
        }
    }
}

impl Landed {
    /// The landed files of all inputs.
    pub fn data_set(&self) -> DataSet {
        let mut all = DataSet::default();
        for file in &self.files {
            all.extend(file.data_set.clone());
        }
        all
    }

    /// Records over all files.
    pub fn records(&self) -> u64 {
        self.files.iter().map(|f| f.counts.records).sum()
    }

    /// Rejects over all files.
    pub fn rejected(&self) -> u64 {
        self.files.iter().map(|f| f.counts.rejected).sum()
    }

    /// Blank lines over all files.
    pub fn blank(&self) -> u64 {
        self.files.iter().map(|f| f.counts.blank).sum()
    }
}

/// Opens all inputs and matches their headers; the first file that does not fit stops everything.
pub fn open(
    inputs: &[Input],
    options: &CsvOptions,
    contract: &Contract,
    choices: &HeaderChoices,
    order: DateOrder,
) -> Result<Vec<OpenedFile>> {
    if inputs.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no file was given")
            .with_help("name one with --file, or - for standard input"));
    }
    let options = CsvOptions { names: Some(known_names(contract, choices)), ..options.clone() };
    let opened = inputs.iter().enumerate().map(|(n, input)| {
        let file = open_one(input, &options, contract, choices, order)?;
        Ok(if n < OPEN_FILES { file } else { file.closed(input, &options) })
    });
    opened.collect()
}

/// The headers that a contract knows, so that the header line is found among what stands around it.
pub fn known_names(contract: &Contract, choices: &HeaderChoices) -> KnownNames {
    let known = KnownHeaders::of(contract, choices);
    KnownNames::new(move |cells| known.count(cells))
}

impl OpenedFile {
    /// The headers as they stand in the file.
    pub fn headers(&self) -> &[String] {
        match &self.content {
            Content::Open(reader, _) => &reader.headers().original,
            Content::Closed { header, .. } => header,
        }
    }

    /// Matches the header anew, where dates are read in another order. Of thousands of files those that are closed again keep
    /// their match: their first rows are not at hand any more.
    pub fn match_again(
        &mut self,
        contract: &Contract,
        choices: &HeaderChoices,
        order: DateOrder,
    ) -> Result<()> {
        let Content::Open(reader, _) = &self.content else { return Ok(()) };
        self.matched = match_columns(&reader.headers().original, &self.samples, contract, choices, order);
        require_match(&self.name, reader, &self.matched)
    }

    /// The same file, to be opened again; standard input can be read once only.
    fn closed(self, input: &Input, options: &CsvOptions) -> Self {
        match (self.content, input) {
            (Content::Open(reader, _), Input::File(_)) => {
                let header = reader.headers().original.clone();
                let (input, options) = (input.clone(), Box::new(options.clone()));
                let content = Content::Closed { input, options, header };
                Self { content, samples: Samples::default(), ..self }
            }
            (content, _) => Self { content, ..self },
        }
    }
}

fn open_one(
    input: &Input,
    options: &CsvOptions,
    contract: &Contract,
    choices: &HeaderChoices,
    order: DateOrder,
) -> Result<OpenedFile> {
    let name = input.name();
    let mut reader = open_reader(input, options)?;
    let (mut first, mut samples) = (Vec::new(), Samples::default());
    while !samples.is_full()
        && let Some(batch) = reader.next_batch().map_err(csv_error)?
    {
        samples.add(&batch.records, batch.line_numbers.values());
        first.push(batch);
    }
    let matched = match_columns(&reader.headers().original, &samples, contract, choices, order);
    require_match(&name, &reader, &matched)?;
    if first.is_empty() {
        return Err(Error::new(ErrorKind::Input, format!("{name}: there is nothing below the header"))
            .with_help("check that the export is complete; if the first row is data, say --no-header"));
    }
    Ok(OpenedFile { name, content: Content::Open(Box::new(reader), first), samples, matched })
}

fn require_match(name: &str, reader: &CsvReader, matched: &HeaderMatch) -> Result<()> {
    let Some(error) = matched.errors.first() else { return Ok(()) };
    Err(no_header(name, reader, matched).unwrap_or_else(|| {
        let all: Vec<String> = matched.errors.iter().map(ToString::to_string).collect();
        Error::new(ErrorKind::Usage, format!("{name}: {}", all.join("; ")))
            .with_help(error.advice())
            .with_code(error.error_code())
    }))
}

/// The header does not fit because there is none, or because another line was taken for it: mapping the cells of a
/// record to fields would be no help.
fn no_header(name: &str, reader: &CsvReader, matched: &HeaderMatch) -> Option<Error> {
    let dialect = reader.dialect();
    let missing = matched.errors.iter().find_map(|e| match e {
        HeaderError::Missing { fields, .. } => Some(fields),
        _ => None,
    })?;
    let evidence = dialect.why("header").filter(|e| e.confidence < Confidence::Given)?;
    let line = dialect.preamble_lines + 1;
    let code = CsvCode::NoHeader;
    if !dialect.header {
        let message = format!(
            "{name}: the file has no header: line {line} holds data like the lines below it ({})",
            evidence.why
        );
        let map: String = (1..).zip(missing).map(|(n, m)| format!(" --map column_{n}={}", m.field)).collect();
        return Some(Error::new(ErrorKind::Usage, message).with_code(code.as_str()).with_help(format!(
            "name its columns: --no-header{map} …, or add a header line to the file\nif that line is the header all the \
             same, say --header; if lines stand above it, --skip-lines N"
        )));
    }
    let first = matched.errors.first()?;
    // The values below may have shown already what stands there instead.
    if !matched.assignments.is_empty()
        || ["--no-header", "--skip-lines"].iter().any(|flag| first.advice().contains(flag))
    {
        return None;
    }
    let all: Vec<String> = matched.errors.iter().map(ToString::to_string).collect();
    let help = format!(
        "{}\nif line {line} is not the header: --skip-lines N says how many lines stand above it, --no-header that \
         there is none",
        first.advice()
    );
    let error = Error::new(ErrorKind::Usage, format!("{name}: {}", all.join("; ")));
    Some(error.with_help(help).with_code(first.error_code()))
}

/// Opens one input as delimited text.
pub fn open_reader(input: &Input, options: &CsvOptions) -> Result<CsvReader> {
    let name = input.name();
    let bytes: Box<dyn std::io::Read + Send> = match input {
        Input::Stdin => Box::new(std::io::stdin()),
        Input::File(path) => {
            let said = |e: &std::io::Error| match e.kind() {
                std::io::ErrorKind::NotFound => format!("{}: there is no such file", path.display()),
                std::io::ErrorKind::PermissionDenied => {
                    format!("{}: the file may not be read", path.display())
                }
                _ => format!("{}: {e}", path.display()),
            };
            let fail = |e: std::io::Error| {
                Error::new(ErrorKind::Usage, said(&e))
                    .with_help("check the path and its permissions")
                    .with_source(e)
            };
            let file = std::fs::File::open(path).map_err(fail)?;
            if file.metadata().map_err(fail)?.is_dir() {
                return Err(Error::new(ErrorKind::Usage, format!("{}: this is a folder", path.display()))
                    .with_help("name the files in it: --file folder/*.csv"));
            }
            Box::new(file)
        }
    };
    CsvReader::open(bytes, &name, options).map_err(csv_error)
}

/// What was wrong with a file, as a failure of the engine.
pub fn csv_error(error: importer_connectors::csv::CsvError) -> Error {
    let (help, code) = (error.help().to_owned(), error.code());
    Error::new(ErrorKind::Input, error.to_string()).with_help(help).with_code(code).with_source(error)
}

/// Lands all files of a run.
pub async fn land(cx: &RunContext, files: Vec<OpenedFile>, progress: &StepProgress) -> Result<Landed> {
    let mut landed = Vec::new();
    let mut rejects = RejectRows::new(cx, DataSetName::Rejects, reject_schema())?;
    let mut findings = RejectRows::new(cx, DataSetName::Findings, super::rejects::finding_schema())?;
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
    let OpenedFile { name, content, matched, samples: _ } = file;
    let (reader, start) = content.open(&name)?;
    let restore = matched.is_error_report;
    let restored = |names: &[String]| -> Vec<String> {
        names
            .iter()
            .map(|name| if restore { spreadsheet_restore_str(name) } else { name.as_str() }.to_owned())
            .collect()
    };
    let headers = restored(&reader.headers().original);
    let columns = landed_columns(&restored(&reader.headers().unique));
    let encoding = reader.dialect().encoding.to_string();
    let schema = landed_schema(&columns);
    let mut writers = PartWriters::new(cx, number, Arc::clone(&schema));
    let (sender, mut batches) = mpsc::channel::<CsvBatch>(4);
    let reading = tokio::task::spawn_blocking(move || read_all(reader, start, &sender));
    let mut sequence = first;
    while let Some(batch) = batches.recv().await {
        let rows = batch.records.num_rows();
        if rows > 0 {
            writers.write(landed_batch(&schema, &batch, sequence, restore)?).await?;
            sequence += i64::try_from(rows).unwrap_or(i64::MAX);
            progress.advance(rows as u64);
        }
        rejects.add_rejects(number, &name, &encoding, &batch.rejects)?;
        findings.add_findings(number, &batch.findings)?;
    }
    let Read { counts, dialect, notes } = reading.await??;
    let data_set = writers.finish().await?;
    let assignments = assigned(&matched, &columns);
    Ok((
        LandedFile {
            name,
            number,
            headers,
            unmapped: matched.unmapped.iter().filter_map(|u| columns.get(u.index).cloned()).collect(),
            doubted: doubted(&matched, &columns),
            assignments,
            columns,
            is_error_report: matched.is_error_report,
            dialect: dialect.to_string(),
            delimiter: dialect.delimiter,
            style: FileStyle::of(&dialect),
            reading: None,
            counts: FileCounts {
                records: counts.records,
                rejected: counts.rejected,
                blank: counts.blank,
                repaired: counts.repaired,
                passed: counts.passed,
                bytes: counts.bytes_in,
            },
            notes: notes.iter().map(FileNote::of).collect(),
            texts: FileTexts::default(),
            data_set,
        },
        sequence,
    ))
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

/// What is known of a file once it was read.
struct Read {
    counts: Counts,
    dialect: Dialect,
    notes: Vec<Note>,
}

fn read_all(mut reader: CsvReader, start: Vec<CsvBatch>, sender: &mpsc::Sender<CsvBatch>) -> Result<Read> {
    let mut open = true;
    for batch in start {
        open = open && sender.blocking_send(batch).is_ok();
    }
    while open {
        let Some(batch) = reader.next_batch().map_err(csv_error)? else { break };
        open = sender.blocking_send(batch).is_ok();
    }
    Ok(Read { counts: reader.counts(), dialect: reader.dialect().clone(), notes: reader.notes().to_vec() })
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

fn landed_schema(columns: &[String]) -> SchemaRef {
    let mut fields: Vec<Field> = OWN_COLUMNS.iter().map(|c| Field::new(*c, DataType::Int64, true)).collect();
    fields.extend(columns.iter().map(|c| Field::new(c, DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
}

fn landed_batch(schema: &SchemaRef, batch: &CsvBatch, first: i64, restore: bool) -> Result<RecordBatch> {
    let rows = i64::try_from(batch.records.num_rows()).unwrap_or(i64::MAX);
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(first..first + rows)),
        Arc::new(batch.line_numbers.clone()),
    ];
    for column in batch.records.columns() {
        columns.push(if restore { restored(column)? } else { Arc::clone(column) });
    }
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Cells of an error report, without the apostrophe that kept a spreadsheet from reading them as formulas.
fn restored(column: &ArrayRef) -> Result<ArrayRef> {
    use datafusion::arrow::array::{AsArray, StringArray};
    let text = datafusion::arrow::compute::cast(column, &DataType::Utf8)?;
    let cells = text.as_string::<i32>().iter().map(|c| c.map(spreadsheet_restore_str));
    Ok(Arc::new(cells.collect::<StringArray>()))
}

/// The part files of one input: runs of rows go to them in turn, so that every partition has work.
struct PartWriters<'a> {
    cx: &'a RunContext,
    file: i32,
    schema: SchemaRef,
    parts: Vec<Part>,
    current: usize,
    rows: usize,
}

struct Part {
    sender: mpsc::Sender<RecordBatch>,
    task: tokio::task::JoinHandle<Result<DataFile>>,
}

impl<'a> PartWriters<'a> {
    fn new(cx: &'a RunContext, file: i32, schema: SchemaRef) -> Self {
        Self { cx, file, schema, parts: Vec::new(), current: 0, rows: 0 }
    }

    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if self.rows >= RUN_OF_ROWS {
            self.rows = 0;
            self.current = (self.current + 1) % self.cx.settings.partitions.max(1);
        }
        self.rows += batch.num_rows();
        while self.parts.len() <= self.current {
            self.open_part()?;
        }
        if self.parts[self.current].sender.send(batch).await.is_err() {
            // The writer ended early: its own error says why.
            let part = self.parts.swap_remove(self.current);
            return Err(match part.task.await? {
                Err(e) => e,
                Ok(_) => Error::internal("a landed file ended before its rows"),
            });
        }
        Ok(())
    }

    fn open_part(&mut self) -> Result<()> {
        let per_file = self.cx.settings.partitions.max(1);
        let number = usize::try_from(self.file - 1).unwrap_or(0) * per_file + self.parts.len();
        let path = self.cx.paths.part(&DataSetName::Landed, 0, number);
        let mut writer = DataSetWriter::new(&self.cx.lake, path, Arc::clone(&self.schema))?;
        let (sender, mut batches) = mpsc::channel::<RecordBatch>(8);
        let task = tokio::spawn(async move {
            while let Some(batch) = batches.recv().await {
                writer.write(&batch)?;
            }
            writer.finish().await
        });
        self.parts.push(Part { sender, task });
        Ok(())
    }

    /// Closes all parts; a file without rows still leaves one, for its columns.
    async fn finish(mut self) -> Result<DataSet> {
        if self.parts.is_empty() {
            self.open_part()?;
        }
        let mut files = Vec::new();
        for part in self.parts {
            drop(part.sender);
            files.push(part.task.await??);
        }
        Ok(DataSet { files })
    }
}
