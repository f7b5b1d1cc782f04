//! A place in a text where something is wrong, and how it is drawn: the sentence, the source line with the place marked
//! by miette, the help.

use std::fmt::Write as _;

use importer_engine::catalogue::QueryError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

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
