//! A place in a text where something is wrong, and how it is drawn: the sentence, the source line with the place marked
//! by miette, the help. Of a line that is too long for a screen, what stands around the place.

use std::fmt::Write as _;
use std::ops::Range;

use importer_engine::catalogue::QueryError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

/// Characters of a line that are drawn; a longer line is cut to as many, some of them before the place.
const LONG: usize = 120;
const BEFORE: usize = 40;

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

    /// What is drawn of the line of a place, in bytes of the text, where that line or one beside it is long; else all of
    /// them are drawn.
    fn window(&self) -> Option<Range<usize>> {
        let (offset, _) = self.span?;
        let (before, rest) = self.text.split_at_checked(offset)?;
        let line_before = before.rsplit('\n').next().unwrap_or_default();
        let line_rest = rest.split('\n').next().unwrap_or_default();
        let above = before.rsplit('\n').nth(1).unwrap_or_default();
        let below = rest.split('\n').nth(1).unwrap_or_default();
        let length = |text: &str| text.chars().count();
        if length(line_before) + length(line_rest) <= LONG && length(above).max(length(below)) <= LONG {
            return None;
        }
        // A short line is drawn whole; of a long one, what is not needed behind the place goes before it.
        let kept = BEFORE.max(LONG.saturating_sub(length(line_rest)));
        let start =
            line_before.char_indices().rev().take(kept).last().map_or(line_before.len(), |(at, _)| at);
        let shown = length(line_before.get(start..).unwrap_or_default());
        let end =
            line_rest.char_indices().nth(LONG.saturating_sub(shown)).map_or(line_rest.len(), |(at, _)| at);
        Some(offset - (line_before.len() - start)..offset + end)
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
        self.span.map(|(offset, length)| {
            // What is marked ends with what is drawn.
            let drawn = self.window().map_or(length, |window| window.end.saturating_sub(offset).min(length));
            let span = (offset, drawn);
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
        // Without lines around it, the place itself is asked for.
        let window = self.window().filter(|_| before + after > 0).map(|window| window.into());
        let contents = match window {
            Some(window) => self.text.read_span(&window, 0, 0)?,
            None => self.text.read_span(span, before, after)?,
        };
        // Characters, as `place` counts them, not bytes.
        let above = self.text.get(..contents.span().offset()).unwrap_or_default();
        let column = above.rsplit('\n').next().unwrap_or_default().chars().count();
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is drawn of a query in which a stretch is wrong.
    fn draw(text: &str, span: (usize, usize)) -> String {
        let snippet = Snippet {
            code: "SQL0009",
            message: "it is wrong".to_owned(),
            help: None,
            name: "query".to_owned(),
            text: text.to_owned(),
            span: Some(span),
            is_warning: false,
        };
        drawn(&snippet)
    }

    #[test]
    fn a_short_query_is_drawn_whole() {
        let text = "SELECT a\nFROM b\nWHERE c";
        let drawn = draw(text, (14, 1));
        for part in ["SELECT a", "FROM b", "WHERE c", "[query:2:6]"] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
    }

    #[test]
    fn of_a_long_line_the_place_is_drawn() {
        let many = |word: &str| format!("{word}, ").repeat(400);
        let text = format!("SELECT {}WRONG, {}x\nFROM t", many("früh"), many("späť"));
        let at = text.find("WRONG").expect("the place");
        // The mark may be as long as the line, or stand at either end of it.
        for (span, part) in [
            ((at, 5), "WRONG"),
            ((at, text.len() - at), "WRONG"),
            ((0, 6), "SELECT"),
            ((text.len() - 1, 1), "FROM t"),
        ] {
            let drawn = draw(&text, span);
            assert!(drawn.contains(part), "{part} in {drawn}");
            let widest = drawn.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= LONG + 20, "{widest} in {drawn}");
            let marked = drawn.lines().any(|line| line.contains('─') && line.contains('·'));
            assert!(marked || span.1 == 1, "{drawn}");
        }
        let before = text.get(..at).map_or(0, |text| text.chars().count());
        assert!(draw(&text, (at, 5)).contains(&format!("[query:1:{}]", before + 1)));
    }
}
