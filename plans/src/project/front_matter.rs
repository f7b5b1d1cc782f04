//! SQL files: plain SQL with YAML front matter in a leading `/*--- … ---*/` comment.
//!
//! The text given to the planner is the whole file, comment included, so that its positions are the file's own.

use super::diagnostics::{ProjectError, SourceFile, Span};
use super::yaml::{self, Node};

const OPEN: &str = "/*---";
const CLOSE: &str = "---*/";

/// A SQL file as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile {
    /// Path inside the project.
    pub path: String,
    /// The whole text, front matter included.
    pub text: String,
}

/// Splits off and reads the front matter.
pub(super) fn read(file: &SourceFile, example: &str) -> Result<Node, ProjectError> {
    let text = file.text.as_str();
    let start = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    let Some(body) = text[start..].strip_prefix(OPEN) else {
        let first_line = text[start..].lines().next().unwrap_or_default().len();
        let span = Span { offset: start, len: first_line };
        return Err(ProjectError::at(file, span, "PRJ0007", "the file does not begin with its front matter")
            .label("before this")
            .help(format!("begin the file with\n{OPEN}\n{example}\n{CLOSE}")));
    };
    let Some(length) = body.find(CLOSE) else {
        let span = Span { offset: start, len: OPEN.len() };
        return Err(ProjectError::at(file, span, "PRJ0007", "the front matter is not closed")
            .label("opened here")
            .help(format!("write `{CLOSE}` on a line of its own after the last key")));
    };
    let begin = start + OPEN.len();
    yaml::parse(file, begin, begin + length)
}

impl SqlFile {
    pub(super) fn of(file: &SourceFile) -> Self {
        Self { path: file.path.clone(), text: file.text.as_ref().clone() }
    }
}
