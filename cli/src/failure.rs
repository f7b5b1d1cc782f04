//! How a command ends badly: what went wrong, what to do, and the exit code. On stderr it has one shape,
//! `error[CODE]: sentence` and a help line; when JSON was asked for, stdout gets one document with the same.

use std::fmt::Write as _;

use importer_connectors::csv::CsvError;
use importer_engine::catalogue::QueryError;
use importer_engine::store::{StoreError, StoreErrorKind};
use importer_engine::{Error, ErrorKind, OpenError};
use importer_plans::project::ProjectErrors;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde_json::json;

/// Wrong usage, or a wrong project.
pub const WRONG: u8 = 2;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The engine says so.
    Engine(Error),
    /// Files of the project are wrong.
    Project(ProjectErrors),
    /// Something is wrong at a place of a text.
    Snippet(Box<Snippet>),
    /// The command line says so.
    Plain { code: &'static str, message: String, help: Option<String>, exit: u8 },
    /// Nobody reads stdout any more; that is no failure.
    Closed,
}

/// A place in a text where something is wrong.
#[derive(Debug)]
pub struct Snippet {
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
    /// Name of the text: a path, or `query`.
    pub name: String,
    pub text: String,
    /// Offset and length in bytes.
    pub span: Option<(usize, usize)>,
    pub is_warning: bool,
}

impl Failure {
    /// A request that cannot be followed; nothing was done.
    pub fn wrong(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Plain { code: "USAGE", message: message.into(), help: Some(help.into()), exit: WRONG }
    }

    /// Something that did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Plain { code: "FAILED", message: message.into(), help: None, exit: 1 }
    }

    /// A query that cannot be answered.
    pub fn query(error: QueryError, name: &str, text: &str) -> Self {
        Self::Snippet(Box::new(Snippet::query(error, name, text)))
    }

    /// Says it and gives the exit code.
    pub fn report(self, json: bool) -> u8 {
        if matches!(self, Self::Closed) {
            return 0;
        }
        eprintln!("{}", self.text());
        if json {
            println!("{:#}", self.document());
        }
        self.exit_code()
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Engine(error) => match store_kind(error) {
                Some(StoreErrorKind::NotFound | StoreErrorKind::Address) => WRONG,
                _ => error.kind().exit_code(),
            },
            Self::Project(_) | Self::Snippet(_) => WRONG,
            Self::Plain { exit, .. } => *exit,
            Self::Closed => 0,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Engine(error) => plain(code_of(error), &error.to_string(), error.help()),
            Self::Project(errors) => {
                let mut text: String = errors.iter().map(|error| drawn(error)).collect();
                let _ = write!(text, "error[PROJECT]: {errors}");
                text
            }
            Self::Snippet(snippet) => drawn(snippet.as_ref()).trim_end().to_owned(),
            Self::Plain { code, message, help, .. } => plain(code, message, help.as_deref()),
            Self::Closed => String::new(),
        }
    }

    fn document(&self) -> serde_json::Value {
        match self {
            Self::Engine(error) => document(code_of(error), &error.to_string(), error.help()),
            Self::Project(errors) => {
                let mut whole = document("PROJECT", &errors.to_string(), None);
                whole["error"]["errors"] = errors
                    .iter()
                    .map(|e| json!({"code": e.error_code(), "message": e.message(), "place": e.place(), "help": e.advice()}))
                    .collect();
                whole
            }
            Self::Snippet(snippet) => {
                let mut whole = document(snippet.code, &snippet.message, snippet.help.as_deref());
                whole["error"]["place"] = json!(snippet.place());
                whole
            }
            Self::Plain { code, message, help, .. } => document(code, message, help.as_deref()),
            Self::Closed => json!({}),
        }
    }
}

/// `error[CODE]: sentence`, with the help under it.
pub fn plain(code: &str, message: &str, help: Option<&str>) -> String {
    let mut text = format!("error[{code}]: {message}");
    for (n, line) in help.iter().flat_map(|h| h.lines()).enumerate() {
        let _ = write!(text, "\n  {} {line}", if n == 0 { "= help:" } else { "       " });
    }
    text
}

fn document(code: &str, message: &str, help: Option<&str>) -> serde_json::Value {
    json!({ "error": { "code": code, "message": message, "help": help } })
}

/// The stable code of an engine error: its own, that of the file it could not read, or that of its kind.
pub fn code_of(error: &Error) -> &'static str {
    if let Some(code) = error.code() {
        return code;
    }
    let cause = std::error::Error::source(error);
    if let Some(csv) = cause.and_then(|c| c.downcast_ref::<CsvError>()) {
        return csv.code();
    }
    if store_kind(error) == Some(StoreErrorKind::NotFound) {
        return "NOT_FOUND";
    }
    match error.kind() {
        ErrorKind::Usage => "USAGE",
        ErrorKind::Project => "PROJECT",
        ErrorKind::Input => "INPUT",
        ErrorKind::Refused => "REFUSED",
        ErrorKind::Store => "STORE",
        ErrorKind::Lake => "LAKE",
        ErrorKind::Lease => "LEASE",
        ErrorKind::Interrupted => "INTERRUPTED",
        ErrorKind::Internal => "INTERNAL",
    }
}

/// What the database said, when it was the database.
fn store_kind(error: &Error) -> Option<StoreErrorKind> {
    std::error::Error::source(error)?.downcast_ref::<StoreError>().map(StoreError::kind)
}

/// Draws a diagnostic: the sentence, the source line with the place marked, the help.
pub fn drawn(diagnostic: &dyn Diagnostic) -> String {
    let code = diagnostic.code().map_or_else(String::new, |code| format!("[{code}]"));
    let word = if diagnostic.severity() == Some(miette::Severity::Warning) { "warning" } else { "error" };
    let mut text = format!("{word}{code}: {diagnostic}\n");
    text.push_str(&marked(diagnostic));
    let help = diagnostic.help().map(|help| help.to_string());
    for (n, line) in help.iter().flat_map(|h| h.lines()).enumerate() {
        let _ = writeln!(text, "  {} {line}", if n == 0 { "= help:" } else { "       " });
    }
    text
}

/// The source lines of a diagnostic, as miette draws them.
fn marked(diagnostic: &dyn Diagnostic) -> String {
    let theme = if crate::screen::colours(&std::io::stderr()) {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(crate::screen::width()).with_links(false);
    let mut text = String::new();
    if handler.render_report(&mut text, &Place(diagnostic)).is_err() {
        return String::new();
    }
    // The lines before the frame are the head of the report, which has been written already.
    text.lines().skip_while(|line| !line.contains('╭')).map(|line| format!("{line}\n")).collect()
}

/// The place of a diagnostic without its words.
#[derive(Debug)]
struct Place<'a>(&'a dyn Diagnostic);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("-")
    }
}

impl std::error::Error for Place<'_> {}

impl Diagnostic for Place<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

impl Snippet {
    /// An error of a query, or of a file with SQL.
    pub fn query(error: QueryError, name: &str, text: &str) -> Self {
        Self {
            code: error.code,
            message: error.message,
            help: error.help,
            name: name.to_owned(),
            text: text.to_owned(),
            span: error.span.map(|s| (s.offset, s.length)),
            is_warning: false,
        }
    }

    /// `name:line:column`, or the name alone.
    pub fn place(&self) -> String {
        let Some((offset, _)) = self.span else { return self.name.clone() };
        let before = self.text.get(..offset).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{}:{column}", self.name, before.matches('\n').count() + 1)
    }
}

impl std::fmt::Display for Snippet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if self.span.is_none() && self.name != "query" { write!(f, " ({})", self.name) } else { Ok(()) }
    }
}

impl std::error::Error for Snippet {}

/// The snippet's text under its name; miette wants it as a source of its own.
impl Diagnostic for Snippet {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.is_warning { miette::Severity::Warning } else { miette::Severity::Error })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.map(|_| self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.span.map(|span| {
            Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))) as Box<dyn Iterator<Item = _>>
        })
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// What clap refused, in its own words; `--help` and `--version` come this way too.
pub fn usage(error: &clap::Error) -> u8 {
    let _ = error.print();
    let code = u8::try_from(error.exit_code()).unwrap_or(WRONG);
    let wants_json = std::env::args().any(|a| matches!(a.as_str(), "--json" | "--summary-json"));
    if code != 0 && wants_json {
        let text = error.render().to_string();
        let sentence = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        println!("{:#}", document("USAGE", &sentence, Some("see `importer --help`")));
    }
    code
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Engine(error) => Self::Engine(error),
            OpenError::Project(errors) => Self::Project(errors),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::failed(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::failed(format!("a value cannot be shown: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(std::io::ErrorKind::BrokenPipe) => Self::Closed,
            _ => Self::failed(format!("a document cannot be written: {error}")),
        }
    }
}
