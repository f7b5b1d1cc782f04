//! Errors and warnings of a project: where they stand, and what to write instead.
//!
//! | code | says |
//! | --- | --- |
//! | `PRJ0001` | the YAML cannot be read |
//! | `PRJ0002` | unknown key |
//! | `PRJ0003` | a key is missing |
//! | `PRJ0004` | a value of the wrong kind |
//! | `PRJ0005` | a word that is not one of the choices |
//! | `PRJ0006` | a file that nothing reads, or that lies in the wrong place |
//! | `PRJ0007` | front matter is missing or not closed |
//! | `PRJ0008` | SQL syntax |
//! | `PRJ0009` | names a field, set, rule, source or entity that does not exist |
//! | `PRJ0010` | said twice |
//! | `PRJ0011` | the name inside the file is not the name of the file |
//! | `PRJ0012` | a file is missing |
//! | `PRJ0013` | settings that contradict each other |
//! | `PRJ0014` | a comparison of values of different kinds |
//! | `PRJ0015` | a load file that does not fit its table (found by the engine) |
//! | `PRJ0016` | names a value or comparison that `match.yml` does not have |
//! | `PRJ0017` | sections of `match.yml`, or a blocking rule, that find nothing without others |
//! | `PRJ0018` | levels of a comparison without `else`, or some that can never hold |
//! | `PRJ0019` | thresholds in the wrong order |
//! | `PRJ0020` | a trained model that does not belong to the project |
//! | `PRJ01xx` | warnings of `project check`, see `lint` |

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

/// A stretch of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub offset: usize,
    pub len: usize,
}

/// A file under reading: its path and text, shared by all errors about it.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    pub path: String,
    pub text: Arc<String>,
}

/// One thing wrong, or doubtful, in one file.
#[derive(Debug, Clone)]
pub struct ProjectError(Box<Finding>);

#[derive(Debug, Clone)]
struct Finding {
    code: &'static str,
    severity: miette::Severity,
    message: String,
    label: Option<String>,
    help: Option<String>,
    path: String,
    line: usize,
    column: usize,
    source: Option<NamedSource<Arc<String>>>,
    span: Option<SourceSpan>,
    lately: bool,
}

impl ProjectError {
    /// An error at a place of a file.
    pub(super) fn at(file: &SourceFile, span: Span, code: &'static str, message: impl Into<String>) -> Self {
        let offset = floor_char(&file.text, span.offset);
        let end = floor_char(&file.text, span.offset.saturating_add(span.len)).max(offset);
        let mut error = Self::about(&file.path, code, message);
        error.0.source = Some(NamedSource::new(&file.path, Arc::clone(&file.text)));
        error.0.span = Some(SourceSpan::from((offset, end - offset)));
        (error.0.line, error.0.column) = position(&file.text, offset);
        error
    }

    /// An error about a file that has no place in it, such as a missing one.
    pub(super) fn about(path: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Finding {
            code,
            severity: miette::Severity::Error,
            message: message.into(),
            label: None,
            help: None,
            path: path.to_owned(),
            line: 0,
            column: 0,
            source: None,
            span: None,
            lately: false,
        }))
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.0.label = Some(label.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// An error that was none when older runs were pinned to their project: those can still be read, resumed and taken
    /// back.
    pub(super) fn lately(mut self) -> Self {
        self.0.lately = true;
        self
    }

    /// Whether a project that a run is pinned to may have it.
    pub(super) fn is_lately(&self) -> bool {
        self.0.lately
    }

    pub(super) fn warning(mut self) -> Self {
        self.0.severity = miette::Severity::Warning;
        self
    }

    /// The stable code, `PRJ0002`.
    pub fn error_code(&self) -> &'static str {
        self.0.code
    }

    /// True for a finding of [`Project::check_static`](super::Project::check_static) that does not stop a run.
    pub fn is_warning(&self) -> bool {
        self.0.severity != miette::Severity::Error
    }

    /// Path of the file inside the project.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Line from 1, 0 when the error is about the file as a whole.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// Column from 1 in characters, 0 when the error is about the file as a whole.
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// `sources/csv.yml:3:9`, for output without the source line.
    pub fn place(&self) -> String {
        match self.0.line {
            0 => self.0.path.clone(),
            line => format!("{}:{line}:{}", self.0.path, self.0.column),
        }
    }

    /// What to write instead.
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The sentence without its place.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for ProjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        // With a source line the place is drawn beside it.
        if self.0.source.is_none() { write!(f, " ({})", self.0.path) } else { Ok(()) }
    }
}

impl std::error::Error for ProjectError {}

impl Diagnostic for ProjectError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.0.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.span?;
        let label = LabeledSpan::new_with_span(self.0.label.clone(), span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Every error of every file of a project, sorted by path and line; never empty.
#[derive(Debug, Clone)]
pub struct ProjectErrors {
    errors: Vec<ProjectError>,
}

impl ProjectErrors {
    /// Errors of a project, at least one.
    pub fn new(mut errors: Vec<ProjectError>) -> Self {
        errors.sort_by(|a, b| (&a.0.path, a.0.line, a.0.column).cmp(&(&b.0.path, b.0.line, b.0.column)));
        Self { errors }
    }

    /// The errors, sorted by path and line.
    pub fn iter(&self) -> impl Iterator<Item = &ProjectError> {
        self.errors.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Never true.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl fmt::Display for ProjectErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.len() {
            1 => f.write_str("the project has an error"),
            n => write!(f, "the project has {n} errors"),
        }
    }
}

impl std::error::Error for ProjectErrors {}

impl Diagnostic for ProjectErrors {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("PRJ0000"))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic)))
    }
}

/// The choice most like what was written, when one is close enough to be meant.
pub(crate) fn nearest<'a>(written: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    choices
        .into_iter()
        .map(|choice| {
            let lower = choice.to_lowercase();
            let distance = rapidfuzz::distance::damerau_levenshtein::distance(written.chars(), lower.chars());
            let longest = written.chars().count().max(lower.chars().count());
            (distance, longest, choice)
        })
        .filter(|(distance, longest, _)| *distance * 5 <= longest * 2)
        .min_by_key(|(distance, _, choice)| (*distance, *choice))
        .map(|(_, _, choice)| choice)
}

/// "did you mean `x`?", and the choices when they are few.
pub(super) fn suggestion(written: &str, choices: &[&str]) -> String {
    let list = || choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
    match (nearest(written, choices.iter().copied()), choices) {
        (None, []) => "there is none yet".to_owned(),
        (None, [only]) => format!("write `{only}`"),
        (None, _) => format!("write one of {}", list()),
        (Some(near), _) if choices.len() > 6 || choices.len() == 1 => format!("did you mean `{near}`?"),
        (Some(near), _) => format!("did you mean `{near}`? (possible: {})", list()),
    }
}

/// Line and column, from 1, of a byte of a text.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_char(text, offset)];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// The nearest character boundary at or before a byte of a text.
fn floor_char(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
