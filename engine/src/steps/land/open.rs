//! Before a run exists: inputs are opened, and their headers matched with the contract.

use importer_connectors::connector::{self, KnownNames, Words};
use importer_connectors::source::{Batch, Confidence, Source, SourceError};
use importer_plans::header::{HeaderChoices, HeaderError, HeaderMatch, KnownHeaders, Samples, match_columns};
use importer_plans::project::{Contract, DateOrder};
use importer_sql::functions::text_columns;

use crate::error::{Error, ErrorKind, Result};
use crate::request::Input;

/// One table of an input that was opened and whose header fits the contract.
pub struct OpenedFile {
    pub name: String,
    /// Which input of the request it comes from, from 0.
    pub input: usize,
    /// The run from whose watermark it reads on.
    pub after_run: Option<i64>,
    content: Content,
    pub samples: Samples,
    pub matched: HeaderMatch,
}

/// What is at hand of a table until its turn comes.
enum Content {
    /// The source, and its beginning, read to know what stands below the header.
    Open(Box<dyn Source>, Vec<Batch>),
    /// Of thousands of files few are open at a time: what to open again, and the header that was found.
    Closed { input: Input, table: usize, how: Box<How>, header: Vec<String> },
}

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct How {
    /// The connector, or [`connector::ANY`].
    pub connector: String,
    pub request: connector::Request,
}

impl How {
    /// A connector and its options. The option `connector` chooses another one.
    pub fn new(connector: &str, words: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut connector = connector.to_owned();
        let mut rest = Vec::new();
        for (name, value) in words {
            if name == "connector" { connector = value } else { rest.push((name, value)) }
        }
        let request = connector::Request { words: Words::from_iter(rest), ..connector::Request::default() };
        Self { connector, request }
    }
}

/// Files that stay open between the look at their headers and their turn.
const OPEN_FILES: usize = 64;

/// What a header is matched with.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub contract: &'a Contract,
    pub choices: &'a HeaderChoices,
    pub order: DateOrder,
}

/// Opens all inputs and matches their headers; the first table that does not fit stops everything.
pub fn open(inputs: &[Input], how: &How, wanted: Wanted<'_>) -> Result<Vec<OpenedFile>> {
    if inputs.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no file was given")
            .with_help("name one with --file, or - for standard input"));
    }
    let mut how = how.clone();
    how.request.names = Some(known_names(wanted.contract, wanted.choices));
    let mut opened = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        for (table, source) in open_sources(input, &how)?.into_iter().enumerate() {
            let file = look_at(source, number, wanted)?;
            opened.push(if opened.len() < OPEN_FILES { file } else { file.closed(input, table, &how) });
        }
    }
    Ok(opened)
}

/// The headers that a contract knows, so that the header is found among what stands around it.
pub fn known_names(contract: &Contract, choices: &HeaderChoices) -> KnownNames {
    let known = KnownHeaders::of(contract, choices);
    KnownNames::new(move |cell| known.field_of(cell))
}

impl OpenedFile {
    /// The headers as they stand in the source.
    pub fn headers(&self) -> &[String] {
        match &self.content {
            Content::Open(source, _) => &source.headers().original,
            Content::Closed { header, .. } => header,
        }
    }

    /// Matches the header anew, where dates are read in another order. Of thousands of files those that are closed again keep
    /// their match: their first rows are not at hand any more.
    pub fn match_again(&mut self, wanted: Wanted<'_>) -> Result<()> {
        let Content::Open(source, _) = &self.content else { return Ok(()) };
        self.matched = matched(source.as_ref(), &self.samples, wanted);
        require_match(source.as_ref(), &self.matched)
    }

    /// The same table, to be opened again; standard input can be read once only.
    fn closed(self, input: &Input, table: usize, how: &How) -> Self {
        match (self.content, input) {
            (Content::Open(source, _), Input::File(_)) => {
                let header = source.headers().original.clone();
                let content =
                    Content::Closed { input: input.clone(), table, how: Box::new(how.clone()), header };
                Self { content, samples: Samples::default(), ..self }
            }
            (content, _) => Self { content, ..self },
        }
    }

    /// The source and what was read of it, and what its header means.
    pub(super) fn begin(self) -> Result<(Box<dyn Source>, Vec<Batch>, HeaderMatch)> {
        let (input, table, how, header) = match self.content {
            Content::Open(source, first) => return Ok((source, first, self.matched)),
            Content::Closed { input, table, how, header } => (input, table, how, header),
        };
        let source = open_sources(&input, &how)?.into_iter().nth(table);
        if let Some(mut source) = source.filter(|source| source.headers().original == header)
            && let Some(first) = source.next_batch().map_err(source_error)?
        {
            return Ok((source, vec![first], self.matched));
        }
        Err(Error::new(ErrorKind::Input, format!("{}: the file has changed since the run began", self.name))
            .with_help("run the files again")
            .with_code("INPUT_CHANGED"))
    }
}

fn look_at(mut source: Box<dyn Source>, input: usize, wanted: Wanted<'_>) -> Result<OpenedFile> {
    let (mut first, mut samples) = (Vec::new(), Samples::default());
    while !samples.is_full()
        && let Some(batch) = source.next_batch().map_err(source_error)?
    {
        add_to(&mut samples, &batch)?;
        first.push(batch);
    }
    require_columns(source.as_ref())?;
    let matched = matched(source.as_ref(), &samples, wanted);
    require_match(source.as_ref(), &matched)?;
    let name = source.name().to_owned();
    if first.is_empty() && source.checkpoint().is_some() {
        return Err(Error::new(ErrorKind::Refused, format!("{name}: there is no new row"))
            .with_help("--again reads everything")
            .with_code(crate::error::NOTHING_NEW));
    }
    if first.is_empty() {
        return Err(Error::new(ErrorKind::Input, format!("{name}: there is nothing below the header"))
            .with_help("check that the export is complete; if the first row is data, say --no-header"));
    }
    Ok(OpenedFile { name, input, after_run: None, content: Content::Open(source, first), samples, matched })
}

/// A JSON file names its columns in its records: without one there is nothing that a person could map.
fn require_columns(source: &dyn Source) -> Result<()> {
    let name = source.name();
    if !source.headers().original.is_empty() {
        return Ok(());
    }
    let (counts, description) = (source.counts(), source.description());
    if counts.preamble_lines > 0 && counts.preamble_lines >= counts.lines {
        let message =
            format!("{name}: all {} {}s of it are skipped", counts.preamble_lines, description.unit.as_str());
        return Err(Error::new(ErrorKind::Input, message).with_help("skip fewer with --skip-lines"));
    }
    let message = match counts.lines {
        0 => format!("{name}: the file holds no records"),
        1 => format!("{name}: the one record of the file has no named values"),
        n => format!("{name}: none of the first {n} records of the file has named values"),
    };
    let help = match description.connector {
        "json" => {
            "check that the export is complete; each record is an object with names for its values, such as {\"name\": \"Ann\"}"
        }
        _ => "check that the export is complete",
    };
    Err(Error::new(ErrorKind::Input, message).with_help(help))
}

/// Adds rows to samples, as the texts that their values are read from.
pub fn add_to(samples: &mut Samples, batch: &Batch) -> Result<()> {
    samples.add(&text_columns(&batch.records)?, batch.line_numbers.values());
    Ok(())
}

fn matched(source: &dyn Source, samples: &Samples, wanted: Wanted<'_>) -> HeaderMatch {
    match_columns(&source.headers().original, samples, wanted.contract, wanted.choices, wanted.order)
}

fn require_match(source: &dyn Source, matched: &HeaderMatch) -> Result<()> {
    let Some(error) = matched.errors.first() else { return Ok(()) };
    Err(no_header(source, matched).unwrap_or_else(|| {
        let all: Vec<String> = matched.errors.iter().map(ToString::to_string).collect();
        Error::new(ErrorKind::Usage, format!("{}: {}", source.name(), all.join("; ")))
            .with_help(error.advice())
            .with_code(error.error_code())
    }))
}

/// The header does not fit because there is none, or because another line was taken for it: mapping the cells of a
/// record to fields would be no help.
fn no_header(source: &dyn Source, matched: &HeaderMatch) -> Option<Error> {
    let (name, described) = (source.name(), source.description());
    let missing = matched.errors.iter().find_map(|e| match e {
        HeaderError::Missing { fields, .. } => Some(fields),
        _ => None,
    })?;
    let evidence = described.evidence.why("header").filter(|e| e.confidence < Confidence::Given)?;
    let (line, unit) = (described.preamble_lines + 1, described.unit.as_str());
    if !described.header {
        let message = format!(
            "{name}: the file has no header: {unit} {line} holds data like the {unit}s below it ({})",
            evidence.why
        );
        let map: String = (1..).zip(missing).map(|(n, m)| format!(" --map column_{n}={}", m.field)).collect();
        return Some(Error::new(ErrorKind::Usage, message).with_code("CSV_NO_HEADER").with_help(format!(
            "name its columns: --no-header{map} …, or add a header line to the file\nif that {unit} is the header all the \
             same, say --header; if {unit}s stand above it, --skip-lines N"
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
        "{}\nif {unit} {line} is not the header: --skip-lines N says how many {unit}s stand above it, --no-header that \
         there is none",
        first.advice()
    );
    let error = Error::new(ErrorKind::Usage, format!("{name}: {}", all.join("; ")));
    Some(error.with_help(help).with_code(first.error_code()))
}

/// Opens the tables of one input.
pub fn open_sources(input: &Input, how: &How) -> Result<Vec<Box<dyn Source>>> {
    let name = input.name();
    let opened = match input {
        Input::Stdin => connector::Input::stream(name, std::io::stdin()),
        Input::Table(name) => connector::Input::nothing(name),
        Input::File(path) => {
            let (name, file) = opened(path)?;
            connector::Input::file(name, file)
        }
        Input::Batches { batches, .. } => {
            let source = importer_connectors::batches::Batches::new(&name, batches.clone());
            return Ok(vec![Box::new(source.map_err(source_error)?)]);
        }
    };
    connector::open(&how.connector, opened, &how.request).map_err(source_error)
}

/// A file with its name in messages.
pub fn opened(path: &std::path::Path) -> Result<(String, std::fs::File)> {
    let said = |e: &std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => format!("{}: there is no such file", path.display()),
        std::io::ErrorKind::PermissionDenied => format!("{}: the file may not be read", path.display()),
        _ => format!("{}: {e}", path.display()),
    };
    let fail = |e: std::io::Error| {
        Error::new(ErrorKind::Usage, said(&e)).with_help("check the path and its permissions").with_source(e)
    };
    let file = std::fs::File::open(path).map_err(fail)?;
    if file.metadata().map_err(fail)?.is_dir() {
        return Err(Error::new(ErrorKind::Usage, format!("{}: this is a folder", path.display()))
            .with_help("name the files in it: --file folder/*.csv"));
    }
    Ok((Input::File(path.to_owned()).name(), file))
}

/// What was wrong with a source, as a failure of the engine.
pub fn source_error(error: SourceError) -> Error {
    let (help, code) = (error.help().to_owned(), error.code());
    let kind = if error.is_about_options() { ErrorKind::Usage } else { ErrorKind::Input };
    Error::new(kind, error.to_string()).with_help(help).with_code(code).with_source(error)
}
